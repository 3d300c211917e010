/* session/transcript_context.c: the walk from the newest entry to the root. */
#include "session/transcript_context.h"

#include <string.h>

/* Index. */

void *transcript_index_key(const char *id, size_t length) {
    /* FNV-1a: the files are ours, nobody gains by a collision. */
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)id[i]) * 0x100000001B3u;
    return (void *)(uintptr_t)hash;
}

static int32_t find_id(const TranscriptIndex *index, TranscriptSlice id) {
    if (id.start == NULL) return -1;
    void *found = g_hash_table_lookup(index->ids, transcript_index_key(id.start, id.length));
    return GPOINTER_TO_INT(found) - 1;
}

static void add_entry(TranscriptIndex *index, const TranscriptLine *line,
                      const TranscriptHead *head) {
    int32_t before = (int32_t)index->places->len - 1;
    bool is_root = head->has_parent_id && head->parent_id.start == NULL;
    int32_t parent = is_root ? -1 : find_id(index, head->parent_id);
    if (parent < 0 && !is_root) parent = before;
    const TranscriptPlace place = { .offset = line->offset,
                                    .length = (uint32_t)line->length,
                                    .parent = parent,
                                    .kind = (uint8_t)head->kind };
    g_array_append_val(index->places, place);
    g_clear_pointer(&index->newest_id, g_free);
    if (head->id.start == NULL) return;
    g_hash_table_insert(index->ids, transcript_index_key(head->id.start, head->id.length),
                        GINT_TO_POINTER(before + 2));
    index->newest_id = g_strndup(head->id.start, head->id.length);
}

static bool is_blank(const TranscriptLine *line) {
    for (size_t i = 0; i < line->length; i++)
        if (!g_ascii_isspace(line->text[i])) return false;
    return true;
}

static void index_line(TranscriptIndex *index, const TranscriptLine *line) {
    if (line->text != NULL && is_blank(line)) return;
    TranscriptHead head;
    if (line->text == NULL || !transcript_entry_scan(line->text, line->length, &head) ||
        head.type.start == NULL || index->places->len == G_MAXINT32) {
        index->n_bad_lines++;
        return;
    }
    if (head.kind != TRANSCRIPT_SESSION)
        add_entry(index, line, &head);
    else if (index->header == NULL)
        index->header = g_strndup(line->text, line->length);
}

/* A last line without its newline counts when it is JSON to its end: other programs write it so.
 * The beginning of a line that is being written, or was torn, never is. */
static void index_tail(TranscriptIndex *index, TranscriptLines *lines) {
    TranscriptLine line;
    if (!transcript_lines_tail(lines, &line)) return;
    json_t *entry = transcript_entry_parse(line.text, line.length);
    if (entry != NULL) {
        index_line(index, &line);
        index->whole_tail_end = line.offset + (int64_t)line.length;
        lines->torn_bytes = 0;
    }
    json_decref(entry);
}

TranscriptIndex *transcript_index_build(TranscriptLines *lines) {
    TranscriptIndex *index = g_new0(TranscriptIndex, 1);
    index->places = g_array_new(FALSE, FALSE, sizeof(TranscriptPlace));
    index->ids = g_hash_table_new(NULL, NULL);
    TranscriptLine line;
    while (transcript_lines_next(lines, &line)) index_line(index, &line);
    index_tail(index, lines);
    return index;
}

void transcript_index_free(TranscriptIndex *index) {
    if (index == NULL) return;
    g_array_unref(index->places);
    g_clear_pointer(&index->ids, g_hash_table_unref);
    g_free(index->newest_id);
    g_free(index->header);
    g_free(index);
}

/* Walk. */

typedef struct {
    const TranscriptIndex *index;
    const TranscriptLines *lines;
    TranscriptContextCounts *counts;
} Walk;

static const TranscriptPlace *place_at(const TranscriptIndex *index, int32_t at) {
    return &g_array_index(index->places, TranscriptPlace, at);
}

/* New reference, or NULL after counting. */
static json_t *load_entry(const Walk *walk, int32_t at) {
    const TranscriptPlace *place = place_at(walk->index, at);
    g_autofree char *line = transcript_lines_read_at(walk->lines, place->offset, place->length);
    json_t *entry = line != NULL ? transcript_entry_parse(line, place->length) : NULL;
    if (entry == NULL) walk->counts->n_bad_lines++;
    return entry;
}

/* The entry from which a compaction keeps what was said, or -1 when it keeps nothing. Version 1
 * counted lines, with the header as number 0. */
static int32_t first_kept(const Walk *walk, const json_t *compaction) {
    const char *id = json_string_value(json_object_get(compaction, "firstKeptEntryId"));
    if (id != NULL) return find_id(walk->index, (TranscriptSlice){ id, strlen(id) });
    const json_t *number = json_object_get(compaction, "firstKeptEntryIndex");
    json_int_t line = json_integer_value(number);
    return line > 0 && line <= G_MAXINT32 ? (int32_t)line - 1 : -1;
}

/* Whether the entry is a compaction that can be used; *out_kept is where it keeps from. */
static bool read_compaction(const Walk *walk, int32_t at, int32_t *out_kept) {
    json_t *entry = load_entry(walk, at);
    const char *summary = json_string_value(json_object_get(entry, "summary"));
    bool is_usable = summary != NULL && summary[0] != '\0';
    if (is_usable) *out_kept = first_kept(walk, entry);
    json_decref(entry);
    return is_usable;
}

/* The indexes of the context from the newest to the oldest; the last compaction, which speaks for
 * all above it, comes at the end, behind what it keeps. */
static GArray *walk_to_root(const Walk *walk) {
    GArray *path = g_array_new(FALSE, FALSE, sizeof(int32_t));
    int32_t compaction = -1, kept = -1;
    unsigned n_after = 0; /* entries since the compaction */
    int32_t at = (int32_t)walk->index->places->len - 1;
    for (; at >= kept && at >= 0; at = place_at(walk->index, at)->parent) {
        bool is_compaction = place_at(walk->index, at)->kind == TRANSCRIPT_COMPACTION;
        if (is_compaction && compaction < 0 && read_compaction(walk, at, &kept)) {
            compaction = at;
            n_after = path->len;
            if (kept < 0) break;
            continue;
        }
        if (!is_compaction) g_array_append_val(path, at);
        if (compaction >= 0 && at == kept) break;
    }
    if (compaction < 0) return path;
    /* What is to be kept from is on another branch: the summary alone stands for it. */
    if (at != kept) g_array_set_size(path, n_after);
    g_array_append_val(path, compaction);
    return path;
}

/* Mending. */

static bool is_call(const Part *part) {
    return part->kind == PART_TOOL_CALL;
}

/* Takes the result of `call_id` out of messages[from..]; NULL when there is none. A second call
 * with the same id ends the search: a result below it is its own. */
static Message *take_result(GPtrArray *messages, unsigned from, const char *call_id) {
    for (unsigned i = from; i < messages->len; i++) {
        Message *message = g_ptr_array_index(messages, i);
        if (message == NULL) continue;
        if (message->role == ROLE_TOOL_RESULT && g_strcmp0(message->tool_call_id, call_id) == 0) {
            messages->pdata[i] = NULL;
            return message;
        }
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            if (is_call(part) && g_strcmp0(part->call_id, call_id) == 0) return NULL;
        }
    }
    return NULL;
}

static Message *missing_result(const Part *call, const Message *asked) {
    Message *result = message_new(ROLE_TOOL_RESULT);
    result->timestamp_ms = asked->timestamp_ms;
    result->tool_call_id = g_strdup(call->call_id);
    result->tool_name = g_strdup(call->call_name);
    result->is_error = true;
    message_add_text(result, label_new(ORIGIN_SYSTEM, NULL),
                     "The result was not recorded: the program stopped while the tool ran. It may "
                     "or may not have taken effect.",
                     -1);
    return result;
}

/* Moves `messages` into a new array in which every call has its result right behind it. */
static GPtrArray *pair_tool_results(GPtrArray *messages, TranscriptContextCounts *counts) {
    GPtrArray *paired = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    for (unsigned i = 0; i < messages->len; i++) {
        Message *message = g_ptr_array_index(messages, i);
        if (message == NULL) continue;
        messages->pdata[i] = NULL;
        if (message->role == ROLE_TOOL_RESULT) {
            counts->n_stray_tool_results++;
            message_free(message);
            continue;
        }
        g_ptr_array_add(paired, message);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            if (!is_call(part)) continue;
            Message *result = take_result(messages, i + 1, part->call_id);
            if (result == NULL) {
                result = missing_result(part, message);
                counts->n_mended_tool_results++;
            }
            g_ptr_array_add(paired, result);
        }
    }
    g_ptr_array_unref(messages);
    return paired;
}

static void add_message(const Walk *walk, int32_t at, GPtrArray *messages) {
    if (place_at(walk->index, at)->kind == TRANSCRIPT_OTHER) return;
    json_t *entry = load_entry(walk, at);
    Message *message = entry != NULL ? transcript_entry_message(entry) : NULL;
    if (message != NULL) g_ptr_array_add(messages, message);
    json_decref(entry);
}

GPtrArray *transcript_context_build(const TranscriptIndex *index, const TranscriptLines *lines,
                                    TranscriptContextCounts *out_counts) {
    *out_counts = (TranscriptContextCounts){ 0 };
    const Walk walk = { .index = index, .lines = lines, .counts = out_counts };
    g_autoptr(GArray) path = walk_to_root(&walk);
    GPtrArray *messages = g_ptr_array_new();
    for (unsigned i = path->len; i > 0; i--)
        add_message(&walk, g_array_index(path, int32_t, i - 1), messages);
    return pair_tool_results(messages, out_counts);
}
