/* memory/session_source.c: see the header. */
#include "memory/session_source.h"

#include <string.h>

#include "session/transcript_entry.h"
#include "session/transcript_lines.h"

void session_text_clear(SessionText *session) {
    if (session->messages != NULL) g_array_unref(session->messages);
    if (session->strings != NULL) g_ptr_array_unref(session->strings);
    g_free(session->date);
    *session = (SessionText){ 0 };
}

static NoteLabel label_of(const Message *message) {
    Label label = message_label(message);
    bool is_trusted = label.integrity == INTEGRITY_TRUSTED;
    label_clear(&label);
    if (!is_trusted) return NOTE_UNTRUSTED;
    return message->role == ROLE_USER ? NOTE_OWNER : NOTE_AGENT;
}

/* NULL when the line is no message that was said. */
static Message *parse_line(const char *text, size_t length, char **out_id) {
    TranscriptHead head;
    if (!transcript_entry_scan(text, length, &head) || head.kind != TRANSCRIPT_MESSAGE) return NULL;
    json_t *entry = transcript_entry_parse(text, length);
    g_autoptr(Message) message = entry != NULL ? transcript_entry_message(entry) : NULL;
    json_decref(entry);
    if (message == NULL || (message->role != ROLE_USER && message->role != ROLE_ASSISTANT))
        return NULL;
    if (out_id != NULL && head.id.start != NULL) *out_id = g_strndup(head.id.start, head.id.length);
    return g_steal_pointer(&message);
}

static char *date_of(const Message *message) {
    if (message->timestamp_ms <= 0) return NULL;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(message->timestamp_ms / 1000);
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d") : NULL;
}

static void take_line(SessionText *out, const TranscriptLine *line, int64_t number) {
    char *id = NULL;
    g_autoptr(Message) message = parse_line(line->text, line->length, &id);
    if (id != NULL) g_ptr_array_add(out->strings, id);
    if (message == NULL) return;
    char *text = message_text(message);
    g_ptr_array_add(out->strings, text);
    if (text[strspn(text, " \t\r\n")] == '\0') return;
    if (out->date == NULL) out->date = date_of(message);
    const IndexMessage found = { .text = text,
                                 .entry = id,
                                 .line = number,
                                 .offset = (size_t)line->offset,
                                 .length = line->length,
                                 .label = label_of(message) };
    g_array_append_val(out->messages, found);
}

bool session_source_read(const char *path, SessionText *out, GError **error) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, error)) return false;
    *out = (SessionText){ .messages = g_array_new(FALSE, FALSE, sizeof(IndexMessage)),
                          .strings = g_ptr_array_new_with_free_func(g_free) };
    TranscriptLine line;
    for (int64_t number = 1; transcript_lines_next(&lines, &line); number++)
        if (line.text != NULL) take_line(out, &line, number);
    transcript_lines_close(&lines);
    return true;
}

char *session_source_message(const char *path, int64_t offset, size_t length) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, NULL)) return NULL;
    g_autofree char *line = transcript_lines_read_at(&lines, offset, length);
    transcript_lines_close(&lines);
    g_autoptr(Message) message = line != NULL ? parse_line(line, strlen(line), NULL) : NULL;
    return message != NULL ? message_text(message) : NULL;
}
