/* Tests of provider/tool_pairs.c: a table of conversations, one letter per message or call. */
#include "provider/tool_pairs.h"

#include <string.h>

/* "u" user, "aXY" an answer that calls X and Y, "rX" the result of X; separated by blanks. */
static GPtrArray *conversation(const char *text) {
    GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word != NULL && **word != '\0'; word++) {
        Message *message = message_new(**word == 'u'   ? ROLE_USER
                                       : **word == 'a' ? ROLE_ASSISTANT
                                                       : ROLE_TOOL_RESULT);
        message_add_text(message, label_new(ORIGIN_OWNER, NULL), *word, -1);
        if (**word == 'r') message->tool_call_id = g_strdup(*word + 1);
        for (const char *call = *word + 1; **word == 'a' && *call != '\0'; call++) {
            Part *part = g_new0(Part, 1);
            part->kind = PART_TOOL_CALL;
            part->label = label_new(ORIGIN_AGENT, NULL);
            part->call_id = g_strndup(call, 1);
            part->call_name = g_strdup("tool");
            g_ptr_array_add(message->parts, part);
        }
        g_ptr_array_add(messages, message);
    }
    return messages;
}

static char *spell(const GPtrArray *messages) {
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_string_append(text, i > 0 ? " " : "");
        g_string_append(text, message->role == ROLE_USER        ? "u"
                              : message->role == ROLE_ASSISTANT ? "a"
                                                                : "r");
        if (message->role == ROLE_TOOL_RESULT) g_string_append(text, message->tool_call_id);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            if (part->kind == PART_TOOL_CALL) g_string_append(text, part->call_id);
        }
    }
    return g_string_free(text, FALSE);
}

static void pairs_are_whole(void) {
    static const struct {
        const char *before;
        const char *after; /* NULL: all is well */
    } cases[] = {
        { "u a u a", NULL },
        { "u a1 r1 a", NULL },
        { "u a12 r2 r1 a", NULL },
        { "", NULL },
        { "r1 u a", "u a" },
        { "u a1 u", "u a u" },
        { "u a12 r1 u", "u a1 r1 u" },
        { "u a1 r1 r2 u", "u a1 r1 u" },
        { "u a1 r1 r1 u", "u a1 r1 u" },
        { "u a1 u r1", "u a u" },
        { "u a1 r2 u", "u a u" },
        { "u r1 a1 r1", "u a1 r1" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) messages = conversation(cases[i].before);
        g_autoptr(GPtrArray) mended = tool_pairs_mend(messages);
        g_autofree char *seen = mended != NULL ? spell(mended) : NULL;
        g_assert_cmpstr(seen, ==, cases[i].after);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/tool_pairs/pairs_are_whole", pairs_are_whole);
    return g_test_run();
}
