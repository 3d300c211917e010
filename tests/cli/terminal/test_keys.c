/* Tests of cli/terminal/keys.c: each way a terminal spells a key. */
#include "cli/terminal/keys.h"

#include <string.h>

typedef struct {
    const char *bytes;
    Key key;
} Row;

static void keys_are_told_by_their_bytes(void) {
    static const Row table[] = {
        { "a", { KEY_CHARACTER, 0, 'a', NULL } },
        { "\xC3\xA9", { KEY_CHARACTER, 0, 0xE9, NULL } },
        { "\r", { KEY_ENTER, 0, 0, NULL } },
        { "\n", { KEY_CHARACTER, KEY_CTRL, 'j', NULL } },
        { "\x03", { KEY_CHARACTER, KEY_CTRL, 'c', NULL } },
        { "\x1f", { KEY_CHARACTER, KEY_CTRL, '_', NULL } },
        { "\x7f", { KEY_BACKSPACE, 0, 0, NULL } },
        { "\033\r", { KEY_ENTER, KEY_ALT, 0, NULL } },
        { "\033b", { KEY_CHARACTER, KEY_ALT, 'b', NULL } },
        { "\033[A", { KEY_UP, 0, 0, NULL } },
        { "\033OB", { KEY_DOWN, 0, 0, NULL } },
        { "\033[1;5C", { KEY_RIGHT, KEY_CTRL, 0, NULL } },
        { "\033[1;3D", { KEY_LEFT, KEY_ALT, 0, NULL } },
        { "\033[3~", { KEY_DELETE, 0, 0, NULL } },
        { "\033[Z", { KEY_TAB, KEY_SHIFT, 0, NULL } },
        { "\033[13;2u", { KEY_ENTER, KEY_SHIFT, 0, NULL } },
        { "\033[27;2;13~", { KEY_ENTER, KEY_SHIFT, 0, NULL } },
        { "\033[99;5u", { KEY_CHARACTER, KEY_CTRL, 'c', NULL } },
        /* What is not known is swallowed whole, and the next key is told. */
        { "\033[?1;2c\033[200x", { KEY_CHARACTER, 0, 'z', NULL } },
        { "\xFF\xC3", { KEY_CHARACTER, 0, 'z', NULL } },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(KeyReader) reader = key_reader_new();
        Key key = { 0 };
        key_reader_feed(reader, table[i].bytes, strlen(table[i].bytes));
        key_reader_feed(reader, "z", 1);
        g_assert_true(key_reader_next(reader, &key));
        g_assert_cmpint(key.code, ==, table[i].key.code);
        g_assert_cmpuint(key.modifiers, ==, table[i].key.modifiers);
        g_assert_cmpuint(key.character, ==, table[i].key.character);
    }
}

static void escape_alone_is_told_after_a_wait(void) {
    g_autoptr(KeyReader) reader = key_reader_new();
    Key key;
    key_reader_feed(reader, "\033", 1);
    g_assert_false(key_reader_next(reader, &key));
    g_assert_true(key_reader_is_waiting(reader));
    key_reader_expire(reader);
    g_assert_true(key_reader_next(reader, &key));
    g_assert_cmpint(key.code, ==, KEY_ESCAPE);
    g_assert_false(key_reader_is_waiting(reader));
}

static void a_paste_is_one_key_and_harmless(void) {
    g_autoptr(KeyReader) reader = key_reader_new();
    Key key;
    static const char bytes[] = "\033[200~one\r\ntwo\033[2J\rthree\033[20";
    key_reader_feed(reader, bytes, strlen(bytes));
    g_assert_false(key_reader_next(reader, &key));
    g_assert_false(key_reader_is_waiting(reader)); /* for as long as it takes */
    key_reader_feed(reader, "1~x", 3);
    g_assert_true(key_reader_next(reader, &key));
    g_assert_cmpint(key.code, ==, KEY_PASTE);
    g_assert_cmpstr(key.text, ==, "one\ntwo\nthree");
    g_assert_true(key_reader_next(reader, &key));
    g_assert_cmpuint(key.character, ==, 'x');
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/terminal/keys/are_told_by_their_bytes", keys_are_told_by_their_bytes);
    g_test_add_func("/terminal/keys/escape_alone_is_told_after_a_wait",
                    escape_alone_is_told_after_a_wait);
    g_test_add_func("/terminal/keys/a_paste_is_one_key_and_harmless",
                    a_paste_is_one_key_and_harmless);
    return g_test_run();
}
