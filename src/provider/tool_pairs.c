/* provider/tool_pairs.c: calls and their results. */
#include "provider/tool_pairs.h"

static const Message *message_at(const GPtrArray *messages, unsigned at) {
    return g_ptr_array_index(messages, at);
}

static const Part *part_at(const Message *message, unsigned at) {
    return g_ptr_array_index(message->parts, at);
}

/* The end of the results that begin at `from`. */
static unsigned end_of_results(const GPtrArray *messages, unsigned from) {
    while (from < messages->len && message_at(messages, from)->role == ROLE_TOOL_RESULT) from++;
    return from;
}

static const Message *find_result(const GPtrArray *messages, unsigned from, const char *call_id) {
    unsigned end = end_of_results(messages, from);
    for (unsigned i = from; i < end; i++)
        if (g_strcmp0(message_at(messages, i)->tool_call_id, call_id) == 0)
            return message_at(messages, i);
    return NULL;
}

/* Whether the calls of message `at` and the results behind it answer each other one to one. */
static bool is_paired(const GPtrArray *messages, unsigned at) {
    const Message *message = message_at(messages, at);
    unsigned n_calls = 0;
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = part_at(message, i);
        if (part->kind != PART_TOOL_CALL) continue;
        if (find_result(messages, at + 1, part->call_id) == NULL) return false;
        n_calls++;
    }
    return end_of_results(messages, at + 1) - (at + 1) == n_calls;
}

static bool is_whole(const GPtrArray *messages) {
    for (unsigned i = 0; i < messages->len; i++)
        if (message_at(messages, i)->role == ROLE_TOOL_RESULT ? i == 0 : !is_paired(messages, i))
            return false;
    return true;
}

static void free_part(Part *part) {
    label_clear(&part->label);
    g_free(part->call_problem);
    field_clear(part_fields, part);
    g_free(part);
}

/* The message without the calls that nothing answers. */
static Message *copy_answered(const GPtrArray *messages, unsigned at) {
    Message *copy = message_copy(message_at(messages, at));
    for (unsigned i = copy->parts->len; i > 0; i--) {
        Part *part = g_ptr_array_index(copy->parts, i - 1);
        if (part->kind != PART_TOOL_CALL || find_result(messages, at + 1, part->call_id) != NULL)
            continue;
        g_ptr_array_remove_index(copy->parts, i - 1);
        free_part(part);
    }
    return copy;
}

GPtrArray *tool_pairs_mend(const GPtrArray *messages) {
    if (messages == NULL || is_whole(messages)) return NULL;
    GPtrArray *mended = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    for (unsigned i = 0; i < messages->len; i++) {
        if (message_at(messages, i)->role == ROLE_TOOL_RESULT) continue;
        Message *copy = copy_answered(messages, i);
        g_ptr_array_add(mended, copy);
        for (unsigned k = 0; k < copy->parts->len; k++) {
            const Part *part = part_at(copy, k);
            if (part->kind != PART_TOOL_CALL) continue;
            g_ptr_array_add(mended, message_copy(find_result(messages, i + 1, part->call_id)));
        }
    }
    return mended;
}
