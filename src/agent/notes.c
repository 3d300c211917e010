/* agent/notes.c: see the header. */
#include "agent/notes.h"

#include <string.h>

#include "agent/workspace.h"
#include "memory/provenance.h"

#define MAX_NOTE_TOKENS 400
#define NOTHING "NO_REPLY"

/* The facts, "" when there are none; NULL with *error only when the user stopped it. */
static char *find_facts(const ConversationText *conversation, Cancel *cancel, GError **error) {
    g_autofree char *facts = conversation_ask(conversation, "notes", MAX_NOTE_TOKENS, cancel, NULL);
    if (!cancel_check(cancel, error)) return NULL;
    if (facts == NULL)
        facts = conversation_sentences(conversation, SENTENCES_OF_OWNER, MAX_NOTE_TOKENS);
    if (g_str_has_prefix(facts, NOTHING)) return g_strdup("");
    return provenance_clean_text(facts);
}

static char *file_name(const NotesPlace *place, const Label *label) {
    if (label->integrity == INTEGRITY_TRUSTED)
        return g_date_time_format(place->now, "memory/%Y-%m-%d.md");
    return g_strdup_printf("memory/inbox/%s.md", place->session);
}

bool notes_flush(const ConversationText *conversation, const NotesPlace *place, Cancel *cancel,
                 char **out_name, GError **error) {
    g_autofree char *facts = find_facts(conversation, cancel, error);
    if (facts == NULL) return false;
    *out_name = NULL;
    if (facts[0] == '\0') return true;
    Label label = conversation_label(conversation);
    bool is_trusted = label.integrity == INTEGRITY_TRUSTED;
    g_autofree char *name = file_name(place, &label);
    label_clear(&label);
    g_autofree char *begin =
        g_strdup_printf("<!-- localgpt: session %s up to %s, %s -->", place->session,
                        place->last_entry, is_trusted ? "trusted" : "untrusted");
    g_autofree char *end =
        g_strdup_printf("<!-- end of %s %s -->", place->session, place->last_entry);
    g_autofree char *time = g_date_time_format(place->now, "%H:%M");
    g_autofree char *note =
        g_strdup_printf("\n## %s from a conversation\n\n%s\n%s\n\n%s\n", time, begin, facts, end);
    if (!workspace_append(place->workspace, name, end, note, error)) return false;
    *out_name = g_steal_pointer(&name);
    return true;
}
