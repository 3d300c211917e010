/* session/session_export.c: see the header. */
#include "session/session_export.h"

#include <string.h>

static const char *const titles[] = { "System", "User", "Assistant", "Tool" };

/* Text that cannot open a comment. */
static void add_text(GString *out, const char *text) {
    g_auto(GStrv) pieces = g_strsplit(text, "<!--", -1);
    g_autofree char *safe = g_strjoinv("&lt;!--", pieces);
    g_string_append_printf(out, "%s\n", safe);
}

static bool is_expected(const Message *message, const Label *label) {
    static const Origin of_role[] = { ORIGIN_SYSTEM, ORIGIN_OWNER, ORIGIN_AGENT, ORIGIN_TOOL };
    return label->origin == (int)of_role[message->role] && label->integrity == INTEGRITY_TRUSTED &&
           label->secrecy == SECRECY_PUBLIC;
}

static void add_label(GString *out, const Message *message, const Label *label) {
    if (is_expected(message, label)) return;
    g_autofree char *source = g_strdup(label->source != NULL ? label->source : "");
    /* Two hyphens or '>' would end the comment. */
    for (char *at = source; *at != '\0'; at++)
        if (*at == '>' || *at == '\n' || (*at == '-' && at[1] == '-')) *at = '_';
    g_string_append_printf(out, "<!-- origin: %s, %s%s%s%s -->\n", label_origin_name(label),
                           label->integrity == INTEGRITY_TRUSTED ? "trusted" : "untrusted",
                           label->secrecy == SECRECY_SECRET ? ", secret" : "",
                           source[0] != '\0' ? ", " : "", source);
}

static void add_part(GString *out, const Message *message, const Part *part) {
    if (part->kind == PART_THINKING) return;
    add_label(out, message, &part->label);
    switch ((PartKind)part->kind) {
    case PART_TEXT: add_text(out, part->text); break;
    case PART_IMAGE: g_string_append_printf(out, "[a picture, %s]\n", part->mime_type); break;
    case PART_TOOL_CALL: {
        g_autofree char *arguments = field_json_text(part->arguments, FIELD_COMPACT);
        g_autofree char *call = g_strdup_printf("Calls `%s` with `%s`", part->call_name, arguments);
        add_text(out, call);
        break;
    }
    case PART_THINKING: break;
    }
}

static const char *model_of(const GPtrArray *messages) {
    for (unsigned i = messages->len; i > 0; i--) {
        const Message *message = g_ptr_array_index(messages, i - 1);
        if (message->model != NULL) return message->model;
    }
    return "unknown";
}

char *session_export_markdown(const char *path, GError **error) {
    g_autoptr(Transcript) transcript = transcript_open_recent(path, error);
    if (transcript == NULL) return NULL;
    g_autoptr(GPtrArray) messages = transcript_read_history(path, error);
    if (messages == NULL) return NULL;
    GString *out = g_string_new("# LocalGPT Session Export\n\n");
    g_string_append_printf(out, "Model: %s\nSession ID: %s\n\n---\n\n", model_of(messages),
                           transcript_id(transcript));
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_string_append_printf(out, "**%s**\n\n", titles[message->role]);
        for (unsigned k = 0; k < message->parts->len; k++)
            add_part(out, message, g_ptr_array_index(message->parts, k));
        g_string_append(out, "\n---\n\n");
    }
    return g_string_free(out, FALSE);
}
