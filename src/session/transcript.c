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
    GPtrArray *messages;  /* Message, owned */
    GPtrArray *entry_ids; /* char *, owned: of each message's entry; NULL: see TranscriptContext */
    GHashTable *ids;      /* keys of transcript_index_key() */
    char *newest_id;      /* NULL: the newest entry has none */
    FileLog *log;         /* NULL until the first append to an existing file */
    GString *unwritten;   /* header and model changes before the first message; NULL once written */
    /* state */
    bool is_cut;            /* older messages were left unread */
    bool is_empty;          /* no entry yet: the next one is the root */
    int64_t whole_tail_end; /* see TranscriptIndex */
    TranscriptDamage damage;
};

void transcript_free(Transcript *transcript) {
    if (transcript == NULL) return;
    file_log_close(transcript->log);
    if (transcript->unwritten != NULL) g_string_free(transcript->unwritten, TRUE);
    g_clear_pointer(&transcript->messages, g_ptr_array_unref);
    g_clear_pointer(&transcript->entry_ids, g_ptr_array_unref);
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

bool transcript_is_cut(const Transcript *transcript) {
    return transcript->is_cut;
}

TranscriptDamage transcript_damage(const Transcript *transcript) {
    return transcript->damage;
}

/* `parent` may be NULL. */
static Transcript *create(const char *folder, const char *cwd, const char *parent, GError **error) {
    if (!file_make_folders(folder, error)) return NULL;
    Transcript *transcript = g_new0(Transcript, 1);
    transcript->id = g_uuid_string_random();
    g_autofree char *name = g_strconcat(transcript->id, ".jsonl", NULL);
    transcript->path = g_build_filename(folder, name, NULL);
    transcript->messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    transcript->entry_ids = g_ptr_array_new_with_free_func(g_free);
    transcript->ids = g_hash_table_new(NULL, NULL);
    transcript->is_empty = true;
    g_autofree char *type = g_strdup("session");
    g_autofree char *timestamp = transcript_entry_timestamp(g_get_real_time() / 1000);
    g_autofree char *cwd_copy = g_strdup(cwd);
    g_autofree char *parent_copy = g_strdup(parent);
    const TranscriptHeader header = { .type = type,
                                      .version = FORMAT_VERSION,
                                      .id = transcript->id,
                                      .timestamp = timestamp,
                                      .cwd = cwd_copy,
                                      .parent_session = parent_copy };
    g_autofree char *line = field_encode(transcript_header_fields, &header, FIELD_COMPACT);
    transcript->unwritten = g_string_new(line);
    g_string_append_c(transcript->unwritten, '\n');
    return transcript;
}

Transcript *transcript_create(const char *folder, const char *cwd, GError **error) {
    return create(folder, cwd, NULL, error);
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

static Transcript *take(TranscriptIndex *index, TranscriptContext *context,
                        const TranscriptLines *lines, const char *path) {
    Transcript *transcript = g_new0(Transcript, 1);
    transcript->path = g_strdup(path);
    transcript->id = read_id(index->header, path);
    transcript->messages = g_steal_pointer(&context->messages);
    transcript->entry_ids = g_steal_pointer(&context->ids);
    transcript->is_cut = context->is_cut;
    transcript->is_empty = index->places->len == 0;
    transcript->whole_tail_end = index->whole_tail_end;
    transcript->ids = g_steal_pointer(&index->ids);
    transcript->newest_id = g_steal_pointer(&index->newest_id);
    transcript->damage =
        (TranscriptDamage){ .torn_bytes = lines->torn_bytes,
                            .n_bad_lines = index->n_bad_lines + context->n_bad_lines,
                            .n_mended_tool_results = context->n_mended_tool_results,
                            .n_stray_tool_results = context->n_stray_tool_results };
    return transcript;
}

/* The index of the whole file, with its header. */
static TranscriptIndex *index_file(TranscriptLines *lines, const char *path, GError **error) {
    g_autoptr(TranscriptIndex) index = transcript_index_build(lines, 0);
    if (lines->read_errno != 0) {
        error_set_errno(error, lines->read_errno, "reading '%s'", path);
        return NULL;
    }
    if (index->header == NULL) {
        error_set_with_hint(error, ERR_DATA, "The file is left as it is.",
                            "'%s' is no session: it has no line of type \"session\"", path);
        return NULL;
    }
    return g_steal_pointer(&index);
}

static Transcript *load(TranscriptLines *lines, const char *path, GError **error) {
    g_autoptr(TranscriptIndex) index = index_file(lines, path, error);
    if (index == NULL) return NULL;
    TranscriptContext context;
    bool is_built = transcript_context_build(index, lines, TRANSCRIPT_CONTEXT, &context);
    g_assert(is_built); /* nothing stands in front of a whole file */
    return take(index, &context, lines, path);
}

/* The first line when it is the header. New string or NULL. */
static char *read_header(TranscriptLines *lines) {
    TranscriptLine line;
    TranscriptHead head;
    bool is_header = transcript_lines_next(lines, &line) && line.text != NULL &&
                     transcript_entry_scan(line.text, line.length, &head) &&
                     head.kind == TRANSCRIPT_SESSION;
    return is_header ? g_strndup(line.text, line.length) : NULL;
}

/* What the file from `from` on tells; NULL when that is not enough. */
static Transcript *load_from(TranscriptLines *lines, const char *path, int64_t from,
                             const char *header) {
    if (!transcript_lines_seek(lines, from, NULL)) return NULL;
    g_autoptr(TranscriptIndex) index = transcript_index_build(lines, from);
    TranscriptContext context;
    if (lines->read_errno != 0 || index->places->len == 0 ||
        !transcript_context_build(index, lines, TRANSCRIPT_CONTEXT, &context))
        return NULL;
    g_free(index->header);
    index->header = g_strdup(header);
    return take(index, &context, lines, path);
}

static Transcript *load_recent(TranscriptLines *lines, const char *path, GError **error) {
    g_autofree char *header = read_header(lines);
    for (int64_t bytes = TRANSCRIPT_RECENT_BYTES; header != NULL && bytes < lines->size_bytes;
         bytes *= 4) {
        Transcript *transcript = load_from(lines, path, lines->size_bytes - bytes, header);
        if (transcript != NULL) return transcript;
    }
    return transcript_lines_seek(lines, 0, error) ? load(lines, path, error) : NULL;
}

Transcript *transcript_open(const char *path, GError **error) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, error)) return NULL;
    Transcript *transcript = load(&lines, path, error);
    transcript_lines_close(&lines);
    return transcript;
}

Transcript *transcript_open_recent(const char *path, GError **error) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, error)) return NULL;
    Transcript *transcript = load_recent(&lines, path, error);
    transcript_lines_close(&lines);
    return transcript;
}

GPtrArray *transcript_read_history(const char *path, GError **error) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, path, error)) return NULL;
    g_autoptr(TranscriptIndex) index = index_file(&lines, path, error);
    GPtrArray *messages = NULL;
    TranscriptContext context;
    if (index != NULL && transcript_context_build(index, &lines, TRANSCRIPT_HISTORY, &context)) {
        messages = g_steal_pointer(&context.messages);
        transcript_context_clear(&context);
    }
    transcript_lines_close(&lines);
    return messages;
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
        g_ptr_array_add(transcript->entry_ids, g_strdup(link.id));
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

bool transcript_can_keep_from(const Transcript *transcript, unsigned index) {
    if (index == transcript->messages->len) return true;
    const Message *message = g_ptr_array_index(transcript->messages, index);
    return message->role != ROLE_TOOL_RESULT &&
           g_ptr_array_index(transcript->entry_ids, index) != NULL;
}

const char *transcript_entry_id(const Transcript *transcript, unsigned index) {
    return index < transcript->entry_ids->len ? g_ptr_array_index(transcript->entry_ids, index)
                                              : NULL;
}

/* The context becomes what reading the file again would make of it. */
static void apply_compaction(Transcript *transcript, const char *line, unsigned n_summed_up) {
    json_t *entry = transcript_entry_parse(line, strlen(line));
    g_ptr_array_remove_range(transcript->messages, 0, n_summed_up);
    g_ptr_array_remove_range(transcript->entry_ids, 0, n_summed_up);
    g_ptr_array_insert(transcript->messages, 0, transcript_entry_message(entry));
    g_ptr_array_insert(transcript->entry_ids, 0, NULL);
    transcript->is_cut = false;
    json_decref(entry);
}

bool transcript_append_compaction(Transcript *transcript, const TranscriptCompaction *compaction,
                                  GError **error) {
    unsigned n = compaction->n_summed_up;
    bool is_possible = transcript->unwritten == NULL && n > 0 && n <= transcript->messages->len &&
                       compaction->summary[0] != '\0' && transcript_can_keep_from(transcript, n);
    if (!is_possible) {
        error_set(error, ERR_USAGE, "there is nothing to sum up");
        return false;
    }
    TranscriptLink link = choose_link(transcript);
    bool keeps_any = n < transcript->messages->len;
    const TranscriptSummary summary = {
        .summary = compaction->summary,
        .first_kept_id = keeps_any ? g_ptr_array_index(transcript->entry_ids, n) : NULL,
        .tokens_before = compaction->tokens_before,
        .label = &compaction->label
    };
    g_autofree char *line = transcript_entry_encode_compaction(&link, &summary);
    bool is_ok = write_line(transcript, line, error);
    if (is_ok) {
        advance(transcript, link.id);
        apply_compaction(transcript, line, n);
    }
    link_clear(&link);
    return is_ok;
}

bool transcript_append_clear(Transcript *transcript, GError **error) {
    if (transcript->unwritten != NULL) return true;
    TranscriptLink link = choose_link(transcript);
    json_decref(link.parent_id);
    link.parent_id = json_null();
    g_autofree char *line = transcript_entry_encode_clear(&link);
    bool is_ok = write_line(transcript, line, error);
    if (is_ok) {
        advance(transcript, link.id);
        g_ptr_array_set_size(transcript->messages, 0);
        g_ptr_array_set_size(transcript->entry_ids, 0);
        transcript->is_cut = false;
    }
    link_clear(&link);
    return is_ok;
}

const char *transcript_leaf(const Transcript *transcript) {
    return transcript->newest_id;
}

/* What the whole file tells with the entry as the newest one. */
static Transcript *load_at(TranscriptLines *lines, const char *path, const char *entry_id,
                           GError **error) {
    g_autoptr(TranscriptIndex) index = index_file(lines, path, error);
    if (index == NULL) return NULL;
    const TranscriptSlice id = { entry_id, entry_id != NULL ? strlen(entry_id) : 0 };
    index->leaf = transcript_index_find(index, id);
    if (entry_id != NULL && index->leaf < 0) {
        error_set(error, ERR_NOT_FOUND, "'%s' has no entry '%s'", path, entry_id);
        return NULL;
    }
    g_free(index->newest_id);
    index->newest_id = g_strdup(entry_id);
    TranscriptContext context;
    bool is_built = transcript_context_build(index, lines, TRANSCRIPT_CONTEXT, &context);
    g_assert(is_built); /* nothing stands in front of a whole file */
    return take(index, &context, lines, path);
}

#define SWAP(a, b, member)                                                                         \
    do {                                                                                           \
        typeof((a)->member) swapped = (a)->member;                                                 \
        (a)->member = (b)->member;                                                                 \
        (b)->member = swapped;                                                                     \
    } while (0)

bool transcript_go_to(Transcript *transcript, const char *entry_id, GError **error) {
    if (transcript->unwritten != NULL) {
        error_set(error, ERR_NOT_FOUND, "nothing was said in this session yet");
        return false;
    }
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, transcript->path, error)) return false;
    g_autoptr(Transcript) there = load_at(&lines, transcript->path, entry_id, error);
    transcript_lines_close(&lines);
    if (there == NULL) return false;
    /* The log goes on: what it knows of the end of the file holds. */
    SWAP(transcript, there, messages);
    SWAP(transcript, there, entry_ids);
    SWAP(transcript, there, ids);
    SWAP(transcript, there, newest_id);
    transcript->is_cut = false;
    transcript->is_empty = entry_id == NULL;
    return true;
}

bool transcript_switch_to(Transcript *transcript, const char *entry_id, GError **error) {
    g_autofree char *before = g_strdup(transcript->newest_id);
    if (!transcript_go_to(transcript, entry_id, error)) return false;
    TranscriptLink link = choose_link(transcript);
    g_autofree char *line = transcript_entry_encode_branch(&link);
    bool is_ok = write_line(transcript, line, error);
    if (is_ok) advance(transcript, link.id);
    link_clear(&link);
    if (!is_ok && !transcript_go_to(transcript, before, NULL)) g_debug("the branch stays");
    return is_ok;
}

Transcript *transcript_branch(const Transcript *transcript, const char *folder, unsigned n_messages,
                              GError **error) {
    g_autofree char *cwd = g_get_current_dir();
    g_autoptr(Transcript) branch = create(folder, cwd, transcript->path, error);
    if (branch == NULL) return NULL;
    n_messages = MIN(n_messages, transcript->messages->len);
    for (unsigned i = 0; i < n_messages; i++) {
        const Message *message = g_ptr_array_index(transcript->messages, i);
        TranscriptLink link = choose_link(branch);
        g_autofree char *line = transcript_entry_encode_message(&link, message);
        if (i + 1 == n_messages) {
            if (!write_first(branch, line, error)) {
                link_clear(&link);
                return NULL;
            }
        } else {
            g_string_append_printf(branch->unwritten, "%s\n", line);
        }
        advance(branch, link.id);
        g_ptr_array_add(branch->messages, message_copy(message));
        g_ptr_array_add(branch->entry_ids, g_strdup(link.id));
        link_clear(&link);
    }
    return g_steal_pointer(&branch);
}
