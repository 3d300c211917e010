/* Tests of the colours of code: each letter of `parts` says what the byte above it is. */
#include "markdown/code_scanner.h"

#include <string.h>

#include <glib.h>

typedef struct {
    const char *language;
    const char *lines; /* by "|" */
    const char *parts; /* K keyword, S string, C comment, N number, Y key, + and - of a diff, . */
} Case;

/* clang-format off */
static const Case cases[] = {
    { "c",          "#include <a.h>|int n = 0x1F; /* a|b */ return \"x\\\"y\"; // if",
                    "KKKKKKKK......|KKK.....NNNN..CCCC|CCCC.KKKKKK.SSSSSS..CCCCC" },
    { "cpp",        "auto s = nullptr;",            "KKKK.....KKKKKKK." },
    { "diff",       "--- a|+++ b|@@ -1 @@|-x|+y| z", "KKKKK|KKKKK|NNNNNNNN|--|++|.." },
    { "go",         "func f() { x := `a|b` + 1 }",  "KKKK............SS|SS...N.." },
    { "java",       "class A { int b = 'c'; }",     "KKKKK.....KKK.....SSS..." },
    { "js",         "const a = `x|${y}`; // t",     "KKKKK.....SS|SSSSS..CCCC" },
    { "json",       "{\"a\": [1.5, true, \"b\"]}",  ".YYY...NNN..KKKK..SSS.." },
    { "Python",     "def f(): \"\"\"a # b|c\"\"\" # d", "KKK......SSSSSSSS|SSSS.CCC" },
    { "rust",       "fn f<'a>(x: u8) {}",           "KK..........KK...." },
    { "sh",         "if [ $# = 1 ]; then # x#y",    "KK........N....KKKK.CCCCC" },
    { "SQL",        "select 'it''s' FROM t -- x",   "KKKKKK.SSSSSSS.KKKK...CCCC" },
    { "toml",       "[a.b]|key-x = \"v\" # c|n = 3", "KKKKK|YYYYY...SSS.CCC|Y...N" },
    { "yaml",       "a-b: true # c|url: http://x#y", "YYY..KKKK.CCC|YYY............" },
    { "{.c .numbers}", "if (x)",                     "KK...." },
    { "c",          "ifx _if9 x2",                   "..........." },
    { "brainfuck",  "if \"x\" // y",                 "..........." },
    { "",           "if",                            ".." },
};
/* clang-format on */

static char letter_of(CodeToken token) {
    static const char letters[] = ".KSCNY+-";
    return letters[token];
}

static char *parts_of(const Case *row) {
    CodeScanner scanner = code_scanner_for(row->language);
    g_auto(GStrv) lines = g_strsplit(row->lines, "|", -1);
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (i > 0) g_string_append_c(out, '|');
        size_t length = strlen(lines[i]), expected = 0;
        CodePiece piece;
        for (size_t at = 0; code_scanner_next(&scanner, lines[i], length, &at, &piece);) {
            g_assert_cmpuint(piece.start, ==, expected);
            g_assert_cmpuint(piece.length, >, 0);
            expected = piece.start + piece.length;
            for (size_t k = 0; k < piece.length; k++)
                g_string_append_c(out, letter_of(piece.token));
        }
        g_assert_cmpuint(expected, ==, length);
    }
    return g_string_free(out, FALSE);
}

static void every_language_is_told_apart(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *parts = parts_of(&cases[i]);
        if (strcmp(parts, cases[i].parts) != 0)
            g_test_message("%s: %s", cases[i].language, cases[i].lines);
        g_assert_cmpstr(parts, ==, cases[i].parts);
    }
}

static void a_copy_looks_ahead_and_changes_nothing(void) {
    CodeScanner scanner = code_scanner_for("c");
    CodeScanner copy = scanner;
    CodePiece piece;
    size_t at = 0;
    g_assert_true(code_scanner_next(&copy, "/* x", 4, &at, &piece));
    g_assert_nonnull(copy.open);
    g_assert_null(scanner.open);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/markdown/code_scanner/every_language_is_told_apart",
                    every_language_is_told_apart);
    g_test_add_func("/markdown/code_scanner/a_copy_looks_ahead_and_changes_nothing",
                    a_copy_looks_ahead_and_changes_nothing);
    return g_test_run();
}
