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

int32_t transcript_index_find(const TranscriptIndex *index, TranscriptSlice id) {
    if (id.start == NULL) return -1;
    void *found = g_hash_table_lookup(index->ids, transcript_index_key(id.start, id.length));
    return GPOINTER_TO_INT(found) - 1;
}

static void add_entry(TranscriptIndex *index, const TranscriptLine *line,
                      const TranscriptHead *head) {
    int32_t before = (int32_t)index->places->len - 1;
    bool is_root = head->has_parent_id && head->parent_id.start == NULL;
    int32_t parent = is_root ? -1 : transcript_index_find(index, head->parent_id);
    bool is_linear = !head->has_parent_id && before >= 0;
    bool is_lost = parent < 0 && !is_root && !is_linear;
    if (parent < 0 && !is_root) parent = before;
    const TranscriptPlace place = { .offset = line->offset,
                                    .length = (uint32_t)line->length,
                                    .parent = parent,
                                    .kind = (uint8_t)head->kind,
                                    .is_lost = is_lost };
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

TranscriptIndex *transcript_index_build(TranscriptLines *lines, int64_t from) {
    TranscriptIndex *index = g_new0(TranscriptIndex, 1);
    index->from = from;
    index->places = g_array_new(FALSE, FALSE, sizeof(TranscriptPlace));
    index->ids = g_hash_table_new(NULL, NULL);
    TranscriptLine line;
    while (transcript_lines_next(lines, &line)) index_line(index, &line);
    index_tail(index, lines);
    index->leaf = (int32_t)index->places->len - 1;
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
    TranscriptView view;
    TranscriptContext *context;
    GPtrArray *messages; /* Message, owned; before they are paired */
    GPtrArray *ids;      /* char *, owned */
    bool is_undecided;   /* the index begins too late */
} Walk;

static const TranscriptPlace *place_at(const TranscriptIndex *index, int32_t at) {
    return &g_array_index(index->places, TranscriptPlace, at);
}

/* New reference, or NULL after counting. */
static json_t *load_entry(const Walk *walk, int32_t at) {
    const TranscriptPlace *place = place_at(walk->index, at);
    g_autofree char *line = transcript_lines_read_at(walk->lines, place->offset, place->length);
    json_t *entry = line != NULL ? transcript_entry_parse(line, place->length) : NULL;
    if (entry == NULL) walk->context->n_bad_lines++;
    return entry;
}

/* The entry from which a compaction keeps what was said, or -1 when it keeps nothing. Version 1
 * counted lines, with the header as number 0. */
static int32_t first_kept(Walk *walk, const json_t *compaction) {
    const char *id = json_string_value(json_object_get(compaction, "firstKeptEntryId"));
    json_int_t line = json_integer_value(json_object_get(compaction, "firstKeptEntryIndex"));
    bool is_window = walk->index->from > 0;
    if (id != NULL) {
        int32_t kept = transcript_index_find(walk->index, (TranscriptSlice){ id, strlen(id) });
        if (kept < 0 && is_window) walk->is_undecided = true;
        return kept;
    }
    if (line > 0 && is_window) walk->is_undecided = true;
    return line > 0 && line <= G_MAXINT32 ? (int32_t)line - 1 : -1;
}

/* Whether the entry is a compaction that can be used; *out_kept is where it keeps from. */
static bool read_compaction(Walk *walk, int32_t at, int32_t *out_kept) {
    json_t *entry = load_entry(walk, at);
    const char *summary = json_string_value(json_object_get(entry, "summary"));
    bool is_usable = summary != NULL && summary[0] != '\0';
    if (is_usable) *out_kept = first_kept(walk, entry);
    json_decref(entry);
    return is_usable;
}

/* The entry above `at`, or -1. In an index that begins in the middle of the file, the first entry
 * is where the context is cut, and any other whose parent is not there leaves the matter open. */
static int32_t step_up(Walk *walk, int32_t at) {
    const TranscriptPlace *place = place_at(walk->index, at);
    /* Where the context was cleared, the history goes on with what was said before. */
    if (walk->view == TRANSCRIPT_HISTORY && place->parent < 0 && place->kind == TRANSCRIPT_OTHER)
        return at - 1;
    if (walk->index->from == 0 || !place->is_lost) return place->parent;
    if (at == 0)
        walk->context->is_cut = true;
    else
        walk->is_undecided = true;
    return -1;
}

/* The indexes of the context from the newest to the oldest; the last compaction, which speaks for
 * all above it, comes at the end, behind what it keeps. */
static GArray *walk_to_root(Walk *walk) {
    GArray *path = g_array_new(FALSE, FALSE, sizeof(int32_t));
    int32_t compaction = -1, kept = -1;
    unsigned n_after = 0; /* entries since the compaction */
    int32_t at = walk->index->leaf;
    for (; at >= kept && at >= 0; at = step_up(walk, at)) {
        bool is_compaction = place_at(walk->index, at)->kind == TRANSCRIPT_COMPACTION;
        bool is_read = is_compaction && compaction < 0 && walk->view == TRANSCRIPT_CONTEXT;
        if (is_read && read_compaction(walk, at, &kept)) {
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
    walk->context->is_cut = false;
    return path;
}

static void add_message(Walk *walk, int32_t at) {
    const TranscriptPlace *place = place_at(walk->index, at);
    if (place->kind == TRANSCRIPT_OTHER) return;
    json_t *entry = load_entry(walk, at);
    Message *message = entry != NULL ? transcript_entry_message(entry) : NULL;
    if (message != NULL) {
        /* Only an id that leads back to this entry is one to keep from; a summary is never read
         * again. */
        const char *id = json_string_value(json_object_get(entry, "id"));
        const TranscriptSlice slice = { id, id != NULL ? strlen(id) : 0 };
        bool is_usable =
            place->kind != TRANSCRIPT_COMPACTION && transcript_index_find(walk->index, slice) == at;
        g_ptr_array_add(walk->messages, message);
        g_ptr_array_add(walk->ids, is_usable ? g_strdup(id) : NULL);
    }
    json_decref(entry);
}

/* Mending. */

static bool is_call(const Part *part) {
    return part->kind == PART_TOOL_CALL;
}

/* Where in messages[from..] the result of `call_id` is; -1 when there is none. A second call with
 * the same id ends the search: a result below it is its own. */
static int find_result(const GPtrArray *messages, unsigned from, const char *call_id) {
    for (unsigned i = from; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        if (message == NULL) continue;
        if (message->role == ROLE_TOOL_RESULT && g_strcmp0(message->tool_call_id, call_id) == 0)
            return (int)i;
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            if (is_call(part) && g_strcmp0(part->call_id, call_id) == 0) return -1;
        }
    }
    return -1;
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

/* Moves messages[i] of the walk, with its id, to the end of the context. */
static const Message *move_to_context(Walk *walk, unsigned i) {
    Message *message = g_ptr_array_index(walk->messages, i);
    walk->messages->pdata[i] = NULL;
    g_ptr_array_add(walk->context->messages, message);
    g_ptr_array_add(walk->context->ids, g_strdup(g_ptr_array_index(walk->ids, i)));
    return message;
}

static void add_result(Walk *walk, unsigned from, const Part *call, const Message *asked) {
    int at = find_result(walk->messages, from, call->call_id);
    if (at >= 0) {
        move_to_context(walk, (unsigned)at);
        return;
    }
    g_ptr_array_add(walk->context->messages, missing_result(call, asked));
    g_ptr_array_add(walk->context->ids, NULL);
    walk->context->n_mended_tool_results++;
}

/* Moves the messages of the walk so that every call has its result right behind it. */
static void pair_tool_results(Walk *walk) {
    for (unsigned i = 0; i < walk->messages->len; i++) {
        const Message *message = g_ptr_array_index(walk->messages, i);
        if (message == NULL) continue;
        if (message->role == ROLE_TOOL_RESULT) {
            walk->context->n_stray_tool_results++;
            continue;
        }
        move_to_context(walk, i);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            if (is_call(part)) add_result(walk, i + 1, part, message);
        }
    }
}

/* A context that is cut begins with a question, never with half of an exchange. */
static void begin_with_question(Walk *walk) {
    unsigned n = 0;
    while (n < walk->messages->len &&
           ((const Message *)g_ptr_array_index(walk->messages, n))->role != ROLE_USER)
        n++;
    if (n == walk->messages->len) walk->is_undecided = true;
    if (n == 0) return;
    g_ptr_array_remove_range(walk->messages, 0, n);
    g_ptr_array_remove_range(walk->ids, 0, n);
}

static void free_message(void *message) {
    message_free(message);
}

bool transcript_context_build(const TranscriptIndex *index, const TranscriptLines *lines,
                              TranscriptView view, TranscriptContext *out) {
    TranscriptContext context = { .messages = g_ptr_array_new_with_free_func(free_message),
                                  .ids = g_ptr_array_new_with_free_func(g_free) };
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(free_message);
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    Walk walk = { .index = index,
                  .lines = lines,
                  .view = view,
                  .context = &context,
                  .messages = messages,
                  .ids = ids };
    g_autoptr(GArray) path = walk_to_root(&walk);
    for (unsigned i = path->len; !walk.is_undecided && i > 0; i--)
        add_message(&walk, g_array_index(path, int32_t, i - 1));
    if (context.is_cut) begin_with_question(&walk);
    if (walk.is_undecided) {
        transcript_context_clear(&context);
        return false;
    }
    pair_tool_results(&walk);
    *out = context;
    return true;
}

void transcript_context_clear(TranscriptContext *context) {
    g_clear_pointer(&context->messages, g_ptr_array_unref);
    g_clear_pointer(&context->ids, g_ptr_array_unref);
}
