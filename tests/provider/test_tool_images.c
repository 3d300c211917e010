/* Tests of provider/tool_images.c: images stand behind all results of one answer, or are named. */
#include "provider/tool_images.h"

#include <string.h>

static Message *result(const char *text, const char *image) {
    Message *message = message_new(ROLE_TOOL_RESULT);
    message_add_text(message, label_new(ORIGIN_TOOL, NULL), text, -1);
    if (image == NULL) return message;
    Part *part = g_new0(Part, 1);
    part->kind = PART_IMAGE;
    part->image_base64 = g_strdup(image);
    part->mime_type = g_strdup("image/png");
    part->label = label_new(ORIGIN_FILE, "a.png");
    g_ptr_array_add(message->parts, part);
    return message;
}

static Message *words(Role role, const char *text) {
    Message *message = message_new(role);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    return message;
}

/* "user:hi; assistant:a; toolResult:r; user:(...)+AAA;" */
static char *spell(const GPtrArray *messages) {
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_string_append_printf(text, "%s:", role_names[message->role]);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            g_string_append(text, part->kind == PART_IMAGE ? "+" : "");
            g_string_append(text, part->kind == PART_IMAGE ? part->image_base64 : part->text);
        }
        g_string_append_c(text, ';');
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *conversation(void) {
    GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    g_ptr_array_add(messages, words(ROLE_USER, "hi"));
    g_ptr_array_add(messages, words(ROLE_ASSISTANT, "calls"));
    g_ptr_array_add(messages, result("one", "AAA"));
    g_ptr_array_add(messages, result("two", NULL));
    g_ptr_array_add(messages, result("three", "BBB"));
    g_ptr_array_add(messages, words(ROLE_ASSISTANT, "end"));
    return messages;
}

static void images_stand_behind_all_results(void) {
    g_autoptr(GPtrArray) messages = conversation();
    g_autoptr(GPtrArray) lifted = tool_images_lift(messages, true);
    g_autofree char *seen = spell(lifted);
    g_assert_cmpstr(seen, ==,
                    "user:hi;assistant:calls;toolResult:one;toolResult:two;toolResult:three;"
                    "user:(What the tool above returned as an image:)+AAA+BBB;assistant:end;");
    const Part *image = g_ptr_array_index(((Message *)g_ptr_array_index(lifted, 5))->parts, 1);
    g_assert_cmpint(image->label.integrity, ==, INTEGRITY_UNTRUSTED);
}

static void a_model_without_eyes_is_told(void) {
    g_autoptr(GPtrArray) messages = conversation();
    g_autoptr(GPtrArray) lifted = tool_images_lift(messages, false);
    g_autofree char *seen = spell(lifted);
    g_assert_null(strstr(seen, "AAA"));
    g_assert_nonnull(strstr(seen, "toolResult:one[the image is not shown"));
    g_assert_cmpuint(lifted->len, ==, messages->len);
}

static void without_images_nothing_is_copied(void) {
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    g_ptr_array_add(messages, words(ROLE_USER, "hi"));
    g_assert_null(tool_images_lift(messages, true));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/tool_images/images_stand_behind_all_results",
                    images_stand_behind_all_results);
    g_test_add_func("/provider/tool_images/a_model_without_eyes_is_told",
                    a_model_without_eyes_is_told);
    g_test_add_func("/provider/tool_images/without_images_nothing_is_copied",
                    without_images_nothing_is_copied);
    return g_test_run();
}
