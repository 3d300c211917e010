/* session/transcript.c: creating, opening and appending to a session file. */
#include "session/transcript.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "session/transcript_context.h"

enum { FORMAT_VERSION = 3 };

struct Transcript {
    /* owned */
    char *id;
    char *path;
    GPtrArray *messages; /* Message, owned */
    GHashTable *ids;     /* keys of transcript_index_key() */
    char *newest_id;     /* NULL: the newest entry has none */
    FileLog *log;        /* NULL until the first append to an existing file */
    GString *unwritten;  /* header and model changes before the first message; NULL once written */
    /* state */
    bool is_empty;          /* no entry yet: the next one is the root */
    int64_t whole_tail_end; /* see TranscriptIndex */
    TranscriptDamage damage;
};

void transcript_free(Transcript *transcript) {
    if (transcript == NULL) return;
    file_log_close(transcript->log);
    if (transcript->unwritten != NULL) g_string_free(transcript->unwritten, TRUE);
    g_clear_pointer(&transcript->messages, g_ptr_array_unref);
    g_clear_pointer(&transcript->ids, g_hash_table_unref);
    g_free(transcript->newest_id);
    g_free(transcript->path);
    g_free(transcript->id);
    g_free(transcript);
}

const GPtrArray *transcript_messages(const Transcript *transcript) {
    return transcript->messages;
}

const char *transcript_id(const Transcript *transcript) {
    return transcript->id;
}

const char *transcript_path(const Transcript *transcript) {
    return transcript->path;
}

TranscriptDamage transcript_damage(const Transcript *transcript) {
    return transcript->damage;
}

Transcript *transcript_create(const char *folder, const char *cwd, GError **error) {
    if (!file_make_folders(folder, error)) return NULL;
    Transcript *transcript = g_new0(Transcript, 1);
    transcript->id = g_uuid_string_random();
    g_autofree char *name = g_strconcat(transcript->id, ".jsonl", NULL);
    transcript->path = g_build_filename(folder, name, NULL);
    transcript->messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    transcript->ids = g_hash_table_new(NULL, NULL);
    transcript->is_empty = true;
    g_autofree char *type = g_strdup("session");
    g_autofree char *timestamp = transcript_entry_timestamp(g_get_real_time() / 1000);
    g_autofree char *cwd_copy = g_strdup(cwd);
    const TranscriptHeader header = { .type = type,
                                      .version = FORMAT_VERSION,
                                      .id = transcript->id,
                                      .timestamp = timestamp,
                                      .cwd = cwd_copy };
    g_autofree char *line = field_encode(transcript_header_fields, &header, FIELD_COMPACT);
    transcript->unwritten = g_string_new(line);
    g_string_append_c(transcript->unwritten, '\n');
    return transcript;
}

/* The id of the header when it can be part of a file name, else what the file is named. */
static char *read_id(const char *header, const char *path) {
    json_t *json = transcript_entry_parse(header, strlen(header));
    const char *id = json_string_value(json_object_get(json, "id"));
    bool is_plain = id != NULL && id[0] != '\0' && strlen(id) <= 128 &&
                    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-_") == strlen(id);
    char *copy = is_plain ? g_strdup(id) : g_path_get_basename(path);
    json_decref(json);
    if (!is_plain && g_str_has_suffix(copy, ".jsonl")) copy[strlen(copy) - strlen(".jsonl")] = '\0';
    return copy;
}

static Transcript *load(TranscriptLines *lines, const char *path, GError **error) {
    g_autoptr(TranscriptIndex) index = transcript_index_build(lines);
    if (lines->read_errno != 0) {
        error_set_errno(error, lines->read_errno, "reading '%s'", path);
        return NULL;
    }
    if (index->header == NULL) {
        error_set_with_hint(error, ERR_DATA, "The file is left as it is.",
                            "'%s' is no session: it has no line of type \"session\"", path);
        return NULL;
    }
    Transcript *transcript = g_new0(Transcript, 1);
    transcript->path = g_strdup(path);
    transcript->id = read_id(index->header, path);
    TranscriptContextCounts counts;
    transcript->messages = transcript_context_build(index, lines, &counts);
    transcript->is_empty = index->places->len == 0;
    transcript->whole_tail_end = index->whole_tail_end;
    transcript->ids = g_steal_pointer(&index->ids);
    transcript->newest_id = g_steal_pointer(&index->newest_id);
    transcript->damage = (TranscriptDamage){ .torn_bytes = lines->torn_bytes,
                                             .n_bad_lines = index->n_bad_lines + counts.n_bad_lines,
                                             .n_mended_tool_results = counts.n_mended_tool_results,
                                             .n_stray_tool_results = counts.n_stray_tool_results };
    return transcript;
}

Transcript *transcript_open(const char *path, GError **error) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, error)) return NULL;
    Transcript *transcript = load(&lines, path, error);
    transcript_lines_close(&lines);
    return transcript;
}

/* Eight hex digits that no entry of the file has. New string. */
static char *choose_id(const Transcript *transcript) {
    for (;;) {
        g_autofree char *uuid = g_uuid_string_random();
        char *id = g_strndup(uuid, 8);
        if (!g_hash_table_contains(transcript->ids, transcript_index_key(id, 8))) return id;
        g_free(id);
    }
}

/* Where a new entry goes; free with link_clear(). */
static TranscriptLink choose_link(const Transcript *transcript) {
    TranscriptLink link = { .id = choose_id(transcript), .time_ms = g_get_real_time() / 1000 };
    if (transcript->is_empty)
        link.parent_id = json_null();
    else if (transcript->newest_id != NULL)
        link.parent_id = json_string(transcript->newest_id);
    return link;
}

static void link_clear(TranscriptLink *link) {
    g_free(link->id);
    json_decref(link->parent_id);
}

/* The first message makes the file, whole or not at all. */
static bool write_first(Transcript *transcript, const char *line, GError **error) {
    g_autofree char *content = g_strconcat(transcript->unwritten->str, line, "\n", NULL);
    g_autofree char *folder = g_path_get_dirname(transcript->path);
    file_remove_stale(folder);
    if (!file_replace(transcript->path, content, strlen(content), 0600, error)) return false;
    g_string_free(g_steal_pointer(&transcript->unwritten), TRUE);
    return true;
}

/* Opens the log of a file that is there already. */
static bool open_log(Transcript *transcript, GError **error) {
    if (transcript->log != NULL) return true;
    if (!g_file_test(transcript->path, G_FILE_TEST_EXISTS)) {
        error_set(error, ERR_NOT_FOUND, "'%s' was removed while it was in use", transcript->path);
        return false;
    }
    if (transcript->whole_tail_end > 0 &&
        !file_log_end_line(transcript->path, transcript->whole_tail_end, error))
        return false;
    transcript->log = file_log_open(transcript->path, NULL, error);
    return transcript->log != NULL;
}

static bool write_line(Transcript *transcript, const char *line, GError **error) {
    if (strlen(line) > TRANSCRIPT_MAX_LINE_BYTES) {
        error_set(error, ERR_LIMIT, "a message of %zu bytes is too long to be kept", strlen(line));
        return false;
    }
    if (transcript->unwritten != NULL) return write_first(transcript, line, error);
    return open_log(transcript, error) && file_log_append(transcript->log, line, error);
}

/* The entry is part of the session now; the next one goes below it. */
static void advance(Transcript *transcript, const char *id) {
    g_hash_table_add(transcript->ids, transcript_index_key(id, strlen(id)));
    g_free(transcript->newest_id);
    transcript->newest_id = g_strdup(id);
    transcript->is_empty = false;
}

bool transcript_append(Transcript *transcript, const Message *message, GError **error) {
    TranscriptLink link = choose_link(transcript);
    g_autofree char *line = transcript_entry_encode_message(&link, message);
    bool is_ok = write_line(transcript, line, error);
    if (is_ok) {
        advance(transcript, link.id);
        g_ptr_array_add(transcript->messages, message_copy(message));
    }
    link_clear(&link);
    return is_ok;
}

bool transcript_append_model(Transcript *transcript, const char *provider, const char *model,
                             GError **error) {
    TranscriptLink link = choose_link(transcript);
    g_autofree char *line = transcript_entry_encode_model(&link, provider, model);
    bool is_ok = true;
    if (transcript->unwritten != NULL)
        g_string_append_printf(transcript->unwritten, "%s\n", line);
    else
        is_ok = write_line(transcript, line, error);
    if (is_ok) advance(transcript, link.id);
    link_clear(&link);
    return is_ok;
}
