/* provider/tool_images.c: out of the results, into a message of their own. */
#include "provider/tool_images.h"

static bool is_result_with_image(const Message *message) {
    bool has_image = false;
    for (unsigned i = 0; i < message->parts->len; i++)
        has_image |= ((const Part *)g_ptr_array_index(message->parts, i))->kind == PART_IMAGE;
    return has_image && message->role == ROLE_TOOL_RESULT;
}

static bool has_any(const GPtrArray *messages) {
    bool is_there = false;
    for (unsigned i = 0; messages != NULL && i < messages->len; i++)
        is_there |= is_result_with_image(g_ptr_array_index(messages, i));
    return is_there;
}

/* A copy of the result without its images, which go to the end of *images (made when needed). */
static Message *without_images(const Message *result, Message **images) {
    Message *copy = message_copy(result);
    for (unsigned i = copy->parts->len; i > 0; i--) {
        Part *part = g_ptr_array_index(copy->parts, i - 1);
        if (part->kind != PART_IMAGE) continue;
        g_ptr_array_remove_index(copy->parts, i - 1);
        if (*images == NULL) {
            *images = message_new(ROLE_USER);
            message_add_text(*images, label_copy(&part->label),
                             "(What the tool above returned as an image:)", -1);
        }
        g_ptr_array_add((*images)->parts, part);
    }
    return copy;
}

GPtrArray *tool_images_lift(const GPtrArray *messages, bool takes_images) {
    if (!has_any(messages)) return NULL;
    GPtrArray *lifted = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    Message *images = NULL;
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        bool has_image = is_result_with_image(message);
        Message *copy = has_image ? without_images(message, &images) : message_copy(message);
        if (has_image && !takes_images) {
            g_clear_pointer(&images, message_free);
            message_add_text(copy, label_new(ORIGIN_SYSTEM, NULL),
                             "[the image is not shown: this model takes no images]", -1);
        }
        g_ptr_array_add(lifted, copy);
        const Message *next = i + 1 < messages->len ? g_ptr_array_index(messages, i + 1) : NULL;
        bool is_last_result = next == NULL || next->role != ROLE_TOOL_RESULT;
        if (images != NULL && is_last_result) g_ptr_array_add(lifted, g_steal_pointer(&images));
    }
    return lifted;
}
