/* Tests of provider/surrogate_halves.c: halves in two pieces of a stream become one character. */
#include "provider/surrogate_halves.h"

#include <string.h>

#include "base/field.h"

/* Each row is a list of JSON strings, as the pieces of a stream. */
static void halves_become_characters(void) {
    static const struct {
        const char *pieces[4];
        const char *text;
    } cases[] = {
        { { "\"a\\ud83d\"", "\"\\ude00b\"" },
          "a\xF0\x9F\x98\x80"
          "b" },
        { { "\"\\uD83D\"", "\"\\uDE00\\ud83d\"", "\"\\ude00\"" },
          "\xF0\x9F\x98\x80\xF0\x9F\x98\x80" },
        { { "\"\\ud83d\\ude00\\ud83d\"", "\"\\ude00\"" }, "\xF0\x9F\x98\x80\xF0\x9F\x98\x80" },
        { { "\"\\ud83d\"", "\"x\"" }, "\xEF\xBF\xBDx" },
        { { "\"\\ude00\"" }, "\xEF\xBF\xBD" },
        { { "\"\\ud83d\\ud83d\"", "\"\\ude00\"" }, "\xEF\xBF\xBD\xF0\x9F\x98\x80" },
        { { "\"\\\\ud83d \\n\\u00fc\"" }, "\\ud83d \n\xC3\xBC" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        gunichar half = 0;
        for (size_t k = 0; cases[i].pieces[k] != NULL; k++) {
            const char *piece = cases[i].pieces[k];
            g_autofree char *marked = surrogate_halves_mark(piece, strlen(piece));
            json_t *json = field_json_parse(marked, strlen(marked), NULL);
            g_assert_nonnull(json);
            surrogate_halves_join(&half, json_string_value(json), out);
            json_decref(json);
        }
        g_assert_cmpstr(out->str, ==, cases[i].text);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/surrogate_halves/halves_become_characters",
                    halves_become_characters);
    return g_test_run();
}
