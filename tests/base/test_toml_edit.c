/* Tests of editing in base/toml.h, byte for byte: what is not the key stays as it was. */
#include "base/toml.h"

#include <string.h>

#include "base/error.h"

typedef struct {
    const char *before;
    const char *path;
    const char *value; /* NULL: unset */
    const char *after; /* of a failing edit: the message */
} Edit;

/* clang-format off */
static const Edit edits[] = {
    /* a value is replaced in place */
    { "# c\na   =  1   # why\n\nb = 2\n", "a", "\"x\"", "# c\na   =  \"x\"   # why\n\nb = 2\n" },
    { "a = [\n  1, # one\n  2,\n]\nb = 1\n", "a", "[ 3 ]", "a = [ 3 ]\nb = 1\n" },
    { "a = { b = 1 } # c\n", "a", "[]", "a = [] # c\n" },
    { "a = { b = 1, c = [ 2 ] } # c\n", "a.c", "3", "a = { b = 1, c = 3 } # c\n" },
    { "a = \"\"\"\n# not a comment\n[x]\n\"\"\" # c\nb = 1\n", "a", "1", "a = 1 # c\nb = 1\n" },
    { "a = '''x''' # c", "a", "\"\"\"\ny\n\"\"\"", "a = \"\"\"\ny\n\"\"\" # c" },
    { "[t]\n\"a b\" . c = 1\n", "t.\"a b\".c", " 2\n", "[t]\n\"a b\" . c = 2\n" },
    { "a = [ 1, { b = 2 }, [ 3 ] ]\n", "a[1].b", "9", "a = [ 1, { b = 9 }, [ 3 ] ]\n" },
    { "a = [ 1, { b = 2 }, [ 3 ] ]\n", "a[2][0]", "9", "a = [ 1, { b = 2 }, [ 9 ] ]\n" },
    { "[[a]]\nx = 1\n[[a]]\nx = 2\n", "a[1].x", "9", "[[a]]\nx = 1\n[[a]]\nx = 9\n" },
    { "a = 1\r\nb = 2\r\n", "a", "\"\"\"\nx\n\"\"\"", "a = \"\"\"\r\nx\r\n\"\"\"\r\nb = 2\r\n" },

    /* a key is added to its table */
    { "a = 1\n", "b", "2", "a = 1\nb = 2\n" },
    { "a = 1", "b", "2", "a = 1\nb = 2" },
    { "a=1\n", "b", "2", "a=1\nb=2\n" },
    { "a = 1 # c\n\n# about t\n[t]\n", "b", "2", "a = 1 # c\nb = 2\n\n# about t\n[t]\n" },
    { "[t]\na = 1\n\n# about u\n[u]\nb = 1\n", "t.c", "2", "[t]\na = 1\nc = 2\n\n# about u\n[u]\nb = 1\n" },
    { "[t]\na = 1\n# more to come\n\n[u]\n", "t.c", "2", "[t]\na = 1\nc = 2\n# more to come\n\n[u]\n" },
    { "[t]\n  a = [\n    1\n  ] # c\n[u]\n", "t.b", "2", "[t]\n  a = [\n    1\n  ] # c\n  b = 2\n[u]\n" },
    { "  [t]\n\n[u]\n", "t.b", "2", "  [t]\n  b = 2\n\n[u]\n" },
    { "[t] # c\n", "t.\"b c\"", "2", "[t] # c\n\"b c\" = 2\n" },
    { "[t]", "t.b", "2", "[t]\nb = 2" },
    { "[t]\r\na = 1\r\n\r\n[u]\r\n", "t.b", "2", "[t]\r\na = 1\r\nb = 2\r\n\r\n[u]\r\n" },
    { "[t]\n[t.u]\na = 1\n", "t.b", "2", "[t]\nb = 2\n[t.u]\na = 1\n" },
    { "[[a]]\nx = 1\n\n[[a]]\nx = 2\n", "a[0].y", "3", "[[a]]\nx = 1\ny = 3\n\n[[a]]\nx = 2\n" },
    { "[[a]]\nx = 1\n[[a]]\n", "a[0].y.z", "3", "[[a]]\nx = 1\ny.z = 3\n[[a]]\n" },

    /* a setting that waits in a comment shows where its key belongs */
    { "[t]\na = 1\n# b = 5\n# c\n\n[u]\n", "t.b", "2", "[t]\na = 1\n# b = 5\nb = 2\n# c\n\n[u]\n" },
    { "# a = 1\n# b = 1\n\n[u]\n", "a", "2", "# a = 1\na = 2\n# b = 1\n\n[u]\n" },
    { "[t]\n  #b=5\n[u]\n#b = 1\n", "t.b", "2", "[t]\n  #b=5\n  b = 2\n[u]\n#b = 1\n" },
    { "[t]\n# b = 5", "t.b", "2", "[t]\n# b = 5\nb = 2" },
    { "[t]\na = '''\n# b = 5\n'''\n", "t.b", "2", "[t]\na = '''\n# b = 5\n'''\nb = 2\n" },

    { "[t]\na = 1\n\n# [u]\n# b = 5\n", "t.b", "2", "[t]\na = 1\nb = 2\n\n# [u]\n# b = 5\n" },
    { "[t]\n# b is a letter\n# bb = 1\n", "t.b", "2", "[t]\nb = 2\n# b is a letter\n# bb = 1\n" },

    /* the first key of the root */
    { "", "a", "1", "a = 1\n" },
    { "\n", "a", "1", "\na = 1\n" },
    { "\xEF\xBB\xBF", "a", "1", "\xEF\xBB\xBF" "a = 1\n" },
    { "\xEF\xBB\xBF[t]\n", "a", "1", "\xEF\xBB\xBF" "a = 1\n\n[t]\n" },
    { "# only a comment\n", "a", "1", "# only a comment\n\na = 1\n" },
    { "# only a comment", "a", "1", "# only a comment\n\na = 1\n" },
    { "# my file\n\n# about t\n[t]\n", "a", "1", "# my file\n\na = 1\n\n# about t\n[t]\n" },
    { "# about t\r\n[t]\r\n", "a", "1", "a = 1\r\n\r\n# about t\r\n[t]\r\n" },

    /* a missing table is made */
    { "", "t.a", "1", "[t]\na = 1\n" },
    { "a = 1", "t.u.b", "1", "a = 1\n\n[t.u]\nb = 1\n" },
    { "a = 1\n\n", "t.b", "1", "a = 1\n\n[t]\nb = 1\n" },
    { "a = 1\r\n", "t.b", "1", "a = 1\r\n\r\n[t]\r\nb = 1\r\n" },
    { "[t]\na = 1\n[u]\n", "t.\"v w\".b", "1", "[t]\na = 1\n[u]\n\n[t.\"v w\"]\nb = 1\n" },
    { "# c\n", "t.b", "1", "# c\n\n[t]\nb = 1\n" },

    /* a table that only its sub-tables name */
    { "x = 1\n\n# about a.b\n[a.b]\ny = 1\n", "a.c", "2", "x = 1\n\n[a]\nc = 2\n\n# about a.b\n[a.b]\ny = 1\n" },
    { "s = '''\n# x'''\n[a.b]\n", "a.c", "2", "s = '''\n# x'''\n[a]\nc = 2\n\n[a.b]\n" },
    { "[[a.b]]\n[[a.b]]\n", "a.c", "2", "[a]\nc = 2\n\n[[a.b]]\n[[a.b]]\n" },
    { "[a.b]\nx = 1\n", "a.c.d", "2", "[a.b]\nx = 1\n\n[a.c]\nd = 2\n" },
    { "[[l]]\n[l.a.b]\n[[l]]\n", "l[0].a.c", "2", "[[l]]\n[l.a]\nc = 2\n\n[l.a.b]\n[[l]]\n" },

    /* a table made by dotted keys, or an inline one, grows in its own style */
    { "a.b = 1\nx = 2\n", "a.c", "2", "a.b = 1\na.c = 2\nx = 2\n" },
    { "\"a\" . b = 1\n\n[t]\n", "a.c.d", "2", "\"a\" . b = 1\n\"a\".c.d = 2\n\n[t]\n" },
    { "[t]\n  a.b=[\n1]\n  x = 1\n", "t.a.c", "2", "[t]\n  a.b=[\n1]\n  a.c=2\n  x = 1\n" },
    { "a = { b = 1 }\n", "a.c", "2", "a = { b = 1, c = 2 }\n" },
    { "a = {b=1}\n", "a.c", "2", "a = {b=1, c=2}\n" },
    { "a = {} # c\n", "a.c", "2", "a = { c = 2 } # c\n" },
    { "a = { }\n", "a.c.d", "2", "a = { c.d = 2 }\n" },
    { "a = { b.c = 1, x = 2 }\n", "a.b.d", "2", "a = { b.c = 1, b.d = 2, x = 2 }\n" },
    { "a = { b = {} }\n", "a.b.d", "2", "a = { b = { d = 2 } }\n" },
    { "a = [ { }, { b = 1 } ]\n", "a[0].b", "2", "a = [ { b = 2 }, { b = 1 } ]\n" },

    /* a key goes with its line */
    { "a = 1\nb = 2 # c\nd = 3\n", "b", NULL, "a = 1\nd = 3\n" },
    { "# about a\na = [\n 1,\n] # c\n\n# d\n", "a", NULL, "# about a\n\n# d\n" },
    { "a = 1\nb = 2", "b", NULL, "a = 1\n" },
    { "\xEF\xBB\xBF" "a = 1\r\nb = 2\r\n", "a", NULL, "\xEF\xBB\xBF" "b = 2\r\n" },
    { "[t]\na = 1\n", "t.a", NULL, "[t]\n" },
    { "a.b = 1\na.c = 2\n", "a.b", NULL, "a.c = 2\n" },
    { "a.b = 1\nx = 2\n", "a.b", NULL, "x = 2\n" },
    { "a.b = 1\nx = 2\na.c = 1\n[a.d]\ne = 1\n", "a", NULL, "x = 2\n" },
    { "a = { b = 1, c = 2, d = 3 }\n", "a.b", NULL, "a = { c = 2, d = 3 }\n" },
    { "a = { b = 1, c = 2, d = 3 }\n", "a.c", NULL, "a = { b = 1, d = 3 }\n" },
    { "a = { b = 1, c = 2, d = 3 }\n", "a.d", NULL, "a = { b = 1, c = 2 }\n" },
    { "a = { b = 1 }\n", "a.b", NULL, "a = {}\n" },
    { "a = { b.x = 1, c = 2, b.y = 3 }\n", "a.b", NULL, "a = { c = 2 }\n" },

    /* a table goes with all its sections */
    { "x = 1\n\n[a] # c\nb = 1\n# more\nc = 2\n\n# about d\n[d]\n\n[a.e]\n", "a", NULL, "x = 1\n\n# about d\n[d]\n\n" },
    { "[[l]]\nx = 1\n[l.m]\n[[l]]\nx = 2\n", "l[0]", NULL, "[[l]]\nx = 2\n" },
    { "[[l]]\nx = 1\n[[l]]\nx = 2\n[z]\n", "l", NULL, "[z]\n" },
    { "[a.b]\nx = 1\n[z]\n", "a.b", NULL, "[z]\n" },
};

static const Edit refusals[] = {
    { "a = 1\n", "a.b", "2", "cannot set 'a.b': 'a' is an integer, not a table" },
    { "a = 'x'\n", "a.b.c", "2", "cannot set 'a.b.c': 'a' is a string, not a table" },
    { "[a]\nb = 1\n", "a", "2", "cannot set 'a': it is a table" },
    { "a.b = 1\n", "a", "{}", "cannot set 'a': it is a table" },
    { "[[a]]\n", "a", "[]", "cannot set 'a': it is a list of tables" },
    { "[[a]]\n", "a.b", "2", "cannot set 'a.b': 'a' is a list of tables; name one item: a[0]" },
    { "a = [ 1 ]\n", "a[1]", "2", "cannot set 'a[1]': 'a' has 1 items" },
    { "[[a]]\n", "a[1].b", "2", "cannot set 'a[1].b': 'a' has 1 items" },
    { "[a]\n", "a[0]", "2", "cannot set 'a[0]': 'a' is a table, not a list" },
    { "[a]\n", "a.b[0].c", "2", "cannot set 'a.b[0].c': there is no list 'a.b'" },
    { "a = 1\n", "a", "x", "cannot set 'a': value:1:1: expected a value; text needs quotes\n  |\n1 | x\n  | ^ write \"x\"" },
    { "a = 1\n", "a", "1\nb = 2", "cannot set 'a': value:1:2: expected one value, got more\n  |\n1 | 1\n  |  ^" },
    { "a = 1\n", "a", "1 # c", "cannot set 'a': value:1:2: expected one value, got more\n  |\n1 | 1 # c\n  |  ^^^^" },
    { "a = 1\n", "a", "", "cannot set 'a': value:1:1: expected a value\n  |\n1 | \n  | ^" },
    { "a = 1\n", "a..b", "1", "'a..b' is not a key: expected a name at character 3" },
    { "a = 1\n", "b", NULL, "there is no 'b' in 'c.toml'" },
    { "a = 1\n", "a.b", NULL, "there is no 'a.b' in 'c.toml'" },
    { "a = [ 1 ]\n", "a[0]", NULL, "cannot remove 'a[0]' alone: set 'a' to the new list" },
};
/* clang-format on */

static bool apply(TomlDocument *document, const Edit *edit, GError **error) {
    return edit->value != NULL ? toml_set(document, edit->path, edit->value, error)
                               : toml_unset(document, edit->path, error);
}

static void edits_change_their_bytes_only(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
        const char *text = edits[i].before;
        g_autoptr(GError) error = NULL;
        g_autoptr(TomlDocument) document = toml_parse("c.toml", text, strlen(text), &error);
        g_assert_no_error(error);
        bool ok = apply(document, &edits[i], &error);
        g_assert_no_error(error);
        g_assert_true(ok);
        g_assert_cmpstr(toml_text(document), ==, edits[i].after);
    }
}

static void refused_edits_change_nothing(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        const char *text = refusals[i].before;
        g_autoptr(GError) error = NULL;
        g_autoptr(TomlDocument) document = toml_parse("c.toml", text, strlen(text), NULL);
        const json_t *tree = toml_json(document);
        g_assert_false(apply(document, &refusals[i], &error));
        g_assert_cmpstr(error->message, ==, refusals[i].after);
        bool is_missing = g_str_has_prefix(error->message, "there is no");
        g_assert_cmpint(error->code, ==, is_missing ? ERR_NOT_FOUND : ERR_USAGE);
        g_assert_cmpstr(toml_text(document), ==, text);
        g_assert_true(toml_json(document) == tree);
    }
}

static void an_edit_that_breaks_a_limit_is_taken_back(void) {
    g_autofree char *large = g_strnfill(4 << 20, '\n');
    g_autoptr(TomlDocument) document = toml_parse("c.toml", large, 4 << 20, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(toml_set(document, "a", "1", &error));
    g_assert_true(g_str_has_prefix(error->message, "'c.toml' is left as it was"));
    g_assert_cmpuint(strlen(toml_text(document)), ==, 4 << 20);
}

static void a_large_document_is_edited_in_linear_time(void) {
    GString *text = g_string_new("[t]\n");
    for (int i = 0; i < 20000; i++) g_string_append_printf(text, "k%d = { x = %d }\n", i, i);
    g_autoptr(TomlDocument) document = toml_parse("c.toml", text->str, text->len, NULL);
    g_string_free(text, true);
    g_autoptr(GError) error = NULL;
    g_assert_true(toml_set(document, "t.new", "1", &error));
    g_assert_true(toml_set(document, "t.k5.y", "1", &error));
    g_assert_true(toml_unset(document, "t.k17777", &error));
    g_assert_true(toml_unset(document, "t", &error));
    g_assert_cmpstr(toml_text(document), ==, "");
}

static void tree_and_spans_follow_the_edits(void) {
    static const char text[] = "[t]\na = 1\nb = 2\n";
    g_autoptr(TomlDocument) document = toml_parse("c.toml", text, strlen(text), NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(toml_set(document, "t.a", "[\n1,\n2 ]", &error));
    g_assert_cmpint((int)json_array_size(toml_get(document, "t.a")), ==, 2);
    SourceSpan span;
    g_assert_true(toml_key_span(document, "t.b", &span));
    g_assert_cmpint((int)span.line, ==, 5);
    g_assert_true(toml_unset(document, "t.a", &error));
    g_assert_null(toml_get(document, "t.a"));
    g_assert_cmpstr(toml_text(document), ==, "[t]\nb = 2\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/toml/edits_change_their_bytes_only", edits_change_their_bytes_only);
    g_test_add_func("/base/toml/refused_edits_change_nothing", refused_edits_change_nothing);
    g_test_add_func("/base/toml/an_edit_that_breaks_a_limit_is_taken_back",
                    an_edit_that_breaks_a_limit_is_taken_back);
    g_test_add_func("/base/toml/a_large_document_is_edited_in_linear_time",
                    a_large_document_is_edited_in_linear_time);
    g_test_add_func("/base/toml/tree_and_spans_follow_the_edits", tree_and_spans_follow_the_edits);
    return g_test_run();
}
