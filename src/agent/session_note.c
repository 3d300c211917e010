/* agent/session_note.c: see the header. */
#include "agent/session_note.h"

#include <string.h>

#include "agent/reflex.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "memory/provenance.h"

#define SLUG_WORDS 4
#define SLUG_CHARACTERS 30
#define MAX_NOTE_BYTES ((size_t)64 << 20)
/* So many conversations of one day that begin alike are enough. */
#define MAX_NUMBER 1000

static bool was_said(const Message *message) {
    return message->role == ROLE_USER || message->role == ROLE_ASSISTANT;
}

/* What a reflex answered is a sum, a date or a note that is kept already: neither that nor the
 * question is worth a note of its own. */
static bool is_of_reflex(const GPtrArray *all, unsigned index) {
    const Message *message = g_ptr_array_index(all, index);
    if (message->role == ROLE_USER && index + 1 < all->len)
        message = g_ptr_array_index(all, index + 1);
    return message->role == ROLE_ASSISTANT && g_strcmp0(message->provider, REFLEX_PROVIDER) == 0;
}

/* Messages with words, the newest `max_messages` of them; borrowed. */
static GPtrArray *choose_messages(const SessionNote *note, bool *out_has_owner) {
    const GPtrArray *all = transcript_messages(note->transcript);
    GPtrArray *chosen = g_ptr_array_new();
    *out_has_owner = false;
    for (unsigned i = 0; i < all->len; i++) {
        Message *message = g_ptr_array_index(all, i);
        g_autofree char *text = message_text(message);
        if (!was_said(message) || text[strspn(text, " \t\r\n")] == '\0') continue;
        if (is_of_reflex(all, i)) continue;
        *out_has_owner = *out_has_owner || message->role == ROLE_USER;
        g_ptr_array_add(chosen, message);
    }
    int64_t n_most = note->max_messages;
    if (n_most > 0 && chosen->len > n_most)
        g_ptr_array_remove_range(chosen, 0, chosen->len - (unsigned)n_most);
    return chosen;
}

static char *first_words(const Transcript *transcript) {
    const GPtrArray *all = transcript_messages(transcript);
    for (unsigned i = 0; i < all->len; i++) {
        const Message *message = g_ptr_array_index(all, i);
        if (message->role == ROLE_USER) return message_text(message);
    }
    return g_strdup("");
}

/* "Plan the trip, to Vienna!" to "plan-the-trip-to". New string. */
static char *make_slug(const Transcript *transcript) {
    g_autofree char *words = first_words(transcript);
    g_autofree char *lower = g_utf8_strdown(words, -1);
    GString *slug = g_string_new(NULL);
    int n_words = 0, n_characters = 0;
    bool is_in_word = false;
    for (const char *at = lower; *at != '\0' && n_characters < SLUG_CHARACTERS;
         at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (!g_unichar_isalnum(character)) {
            /* "don't" is one word. */
            is_in_word = is_in_word && !g_unichar_isspace(character);
            continue;
        }
        if (!is_in_word && ++n_words > SLUG_WORDS) break;
        if (!is_in_word && slug->len > 0) {
            g_string_append_c(slug, '-');
            n_characters++;
        }
        g_string_append_unichar(slug, character);
        is_in_word = true;
        n_characters++;
    }
    if (slug->len == 0) g_string_append(slug, "session");
    return g_string_free(slug, FALSE);
}

static bool is_untrusted(const GPtrArray *messages) {
    for (unsigned i = 0; i < messages->len; i++) {
        Label label = message_label(g_ptr_array_index(messages, i));
        bool is_trusted = label.integrity == INTEGRITY_TRUSTED;
        label_clear(&label);
        if (!is_trusted) return true;
    }
    return false;
}

static char *format_note(const SessionNote *note, const GPtrArray *messages, const char *mark) {
    g_autofree char *title = g_date_time_format(note->now, "# Session: %Y-%m-%d %H:%M\n\n");
    GString *text = g_string_new(title);
    g_string_append_printf(text, "%s\n- **Session ID**: %s\n\n## Conversation\n", mark,
                           transcript_id(note->transcript));
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_autofree char *words = message_text(message);
        g_autofree char *clean = provenance_clean_text(words);
        g_autofree char *cut = note->max_characters > 0
                                   ? text_ellipsize(clean, (size_t)note->max_characters)
                                   : g_steal_pointer(&clean);
        g_string_append_printf(text, "\n**%s**: %s\n",
                               message->role == ROLE_USER ? "User" : "Assistant", cut);
    }
    return g_string_free(text, FALSE);
}

/* The first name that is free, or has this conversation's mark. NULL with *error. */
static char *choose_name(const SessionNote *note, const char *folder, const char *mark,
                         GError **error) {
    g_autofree char *slug = make_slug(note->transcript);
    g_autofree char *day = g_date_time_format(note->now, "%Y-%m-%d");
    for (int number = 1; number < MAX_NUMBER; number++) {
        g_autofree char *suffix = number > 1 ? g_strdup_printf("-%d", number) : g_strdup("");
        char *name = g_strdup_printf("%s/%s-%s%s.md", folder, day, slug, suffix);
        g_autofree char *path = g_build_filename(note->workspace, name, NULL);
        g_autofree char *text = NULL;
        g_autoptr(GError) problem = NULL;
        bool is_there = file_read(path, MAX_NOTE_BYTES, &text, NULL, &problem);
        if (error_is(problem, ERR_NOT_FOUND)) return name;
        if (is_there && strstr(text, mark) != NULL) return name;
        g_free(name);
    }
    error_set(error, ERR_EXISTS, "there are too many notes like '%s/%s-%s.md'", folder, day, slug);
    return NULL;
}

bool session_note_write(const SessionNote *note, char **out_name, GError **error) {
    bool has_owner = false;
    g_autoptr(GPtrArray) messages = choose_messages(note, &has_owner);
    *out_name = NULL;
    if (!has_owner) return true;
    bool is_foreign = is_untrusted(messages);
    const NoteOrigin origin = { .session = transcript_id(note->transcript),
                                .label = is_foreign ? NOTE_UNTRUSTED : NOTE_AGENT };
    g_autofree char *mark = provenance_format(&origin);
    g_autofree char *name = choose_name(note, is_foreign ? "memory/inbox" : "memory", mark, error);
    if (name == NULL) return false;
    g_autofree char *path = g_build_filename(note->workspace, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *text = format_note(note, messages, mark);
    if (!file_make_folders(folder, error) || !file_replace(path, text, strlen(text), 0600, error))
        return false;
    *out_name = g_steal_pointer(&name);
    return true;
}
