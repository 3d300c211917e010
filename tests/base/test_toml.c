/* Tests of reading in base/toml.h: what users see of errors, and where things stand. What the
 * language is, tests/base/toml_oracle.py holds to other readers. */
#include "base/toml.h"

#include <string.h>

#include "base/error.h"

/* A broken text, the place of the error, its message and the note beside the caret. */
static const struct {
    const char *text;
    const char *place;
    const char *message;
    const char *note; /* NULL: none */
} errors[] = {
    { "a = True\n", "1:5", "expected a value, got 'True'", "did you mean true?" },
    { "a = [ 1, FALSE ]\n", "1:10", "expected a value, got 'FALSE'", "did you mean false?" },
    { "a = yes", "1:5", "expected a value, got 'yes'", "did you mean true?" },
    { "a = null\n", "1:5", "TOML has no 'null'", "remove the line, or write \"\"" },
    { "a = hello world # c\n", "1:5", "expected a value; text needs quotes",
      "write \"hello world\"" },
    { "a = [x, y]\n", "1:6", "expected a value; text needs quotes", "write \"x\"" },
    { "a = C:\\x\n", "1:5", "expected a value; text needs quotes", "write \"C:\\\\x\"" },
    { "a = \xE2\x80\x9Cx\xE2\x80\x9D\n", "1:5", "this is not a quotation mark of TOML",
      "use straight quotes: \"...\"" },
    { "a =\n", "1:4", "expected a value", NULL },
    { "a == 1\n", "1:4", "expected a value", "one = is enough" },
    { "a\n", "1:2", "expected '=' after the key 'a'", "write a = ..." },
    { "a: 1\n", "1:2", "expected '=' after the key, got ':'", "write a = ..." },
    { "my key = 1\n", "1:4", "expected '=' after the key 'my'",
      "write '=' before the value, or quote a key that has blanks" },
    { "= 1\n", "1:1", "expected a key", "write a name before it" },
    { "{ \"a\": 1 }", "1:1", "expected a key, got '{'",
      "this is TOML, not JSON: write key = value" },
    { "; x\n", "1:1", "expected a key, got ';'", "comments start with #" },
    { "é = 1\n", "1:1", "a bare key may hold letters A-Z a-z, digits, _ and - only",
      "quote it: \"é\"" },
    { "a = \"x\n", "1:5", "unterminated string", "add the closing \"" },
    { "a = 'x", "1:5", "unterminated string", "add the closing '" },
    { "a = \"\"\"x\n\n", "1:5", "unterminated string", "add the closing \"\"\"" },
    { "a = 'it's'\n", "1:9", "expected the end of the line after the value",
      "put text that holds a ' in \"...\"" },
    { "a = \"x\" y\"\n", "1:9", "expected the end of the line after the value",
      "write \\\" for a quote in a text" },
    { "a = \"C:\\Users\"\n", "1:8", "expected 8 hexadecimal digits",
      "write \\\\ for a backslash, or use '...'" },
    { "a = \"\\q\"\n", "1:6", "unknown escape", "write \\\\ for a backslash, or use '...'" },
    { "a = \"x\x01y\"\n", "1:7", "a control character (0x01) is not allowed in a string",
      "write \\u0001" },
    { "a = \"\\ud800\"\n", "1:6", "this escape is not a Unicode character", NULL },
    { "\xEF\xBB\xBF"
      "a = \"\xff\"\n",
      "1:6", "this byte (0xFF) is not UTF-8", "save the file as UTF-8" },
    { "a = 1,\n", "1:6", "expected the end of the line after the value",
      "TOML needs no comma here: remove it" },
    { "a = 1 // x\n", "1:7", "expected the end of the line after the value",
      "comments start with #" },
    { "a = 1\rb = 2\n", "1:6", "expected the end of the line after the value",
      "a lone carriage return; end lines with LF or CRLF" },
    { "every = 30m\n", "1:9", "this is not a number", "write \"30m\" if it is text" },
    { "a = 007\n", "1:5", "a number must not begin with zeros",
      "remove the zeros, or quote it if it is text" },
    { "a = .5\n", "1:5", "a decimal dot must stand between digits",
      "write a digit before the dot, like 0.5" },
    { "a = 9223372036854775808\n", "1:5",
      "the integer does not fit in 64 bits (at most about 9.2e18)", NULL },
    { "a = 2023-02-29\n", "1:5", "this month has no such day",
      "write \"2023-02-29\" if it is text" },
    { "a = 10:30\n", "1:5", "a time is written HH:MM:SS", "write \"10:30\" if it is text" },
    { "a = 1\nb = 2\n\"a\" = 3\n", "3:1", "duplicate key 'a'", "first set on line 1" },
    { "[a]\n[b]\n[a]\n", "3:2", "the table 'a' is defined twice", "first set on line 1" },
    { "[[a]]\n[a]\n", "2:2", "'a' is a list of tables since line 1",
      "write [[a]] to add one more" },
    { "a = {}\na.b = 2\n", "2:1", "'a' is an inline table: add the key between its braces",
      "set on line 1" },
    { "a = 1\n[a.b]\n", "2:2", "'a' is not a table", "set on line 1" },
    { "[a.b]\n[a]\nb.c = 1\n", "3:1", "'b' has its own header: set the key there",
      "set on line 1" },
    { "[agent\n", "1:7", "expected ']' after the table's name", "write ]" },
    { "[[a]\n", "1:4", "expected ']]' after the table's name", "write ]]" },
    { "a = [\n  1,\n  2\nb = 3\n", "4:1", "expected ',' or ']'", "the list was opened on line 1" },
    { "a = [1 2]\n", "1:8", "expected ',' or ']'", "put a comma between the items" },
    { "\n a = [ 1, [ 2 ]", "2:6", "this list is not closed", "add the closing ]" },
    { "a = { b = 1,\n", "1:5", "an inline table must stand on one line",
      "close it with } on the same line" },
    { "a = { b = 1, }\n", "1:12", "an inline table takes no comma before its '}'", "remove it" },
};

static void errors_say_where_and_what_to_do(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(toml_parse("c.toml", errors[i].text, strlen(errors[i].text), &error));
        g_assert_true(error_is(error, ERR_CONFIG));
        g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
        g_autofree char *first =
            g_strdup_printf("c.toml:%s: %s", errors[i].place, errors[i].message);
        g_assert_cmpstr(lines[0], ==, first);
        g_assert_cmpint(g_strv_length(lines), ==, 4);
        const char *after_caret = strrchr(lines[3], '^') + 1;
        if (errors[i].note == NULL)
            g_assert_cmpstr(after_caret, ==, "");
        else
            g_assert_cmpstr(after_caret + 1, ==, errors[i].note);
    }
}

static void an_error_is_a_whole_diagnostic(void) {
    static const char text[] = "[heartbeat]\nenabled = on # really\n";
    g_autoptr(GError) error = NULL;
    g_assert_null(toml_parse("config.toml", text, strlen(text), &error));
    g_assert_cmpstr(error->message, ==,
                    "config.toml:2:11: expected a value, got 'on'\n"
                    "  |\n"
                    "2 | enabled = on # really\n"
                    "  |           ^^ did you mean true?");
}

static TomlDocument *parse(const char *text) {
    g_autoptr(GError) error = NULL;
    TomlDocument *document = toml_parse("c.toml", text, strlen(text), &error);
    g_assert_no_error(error);
    return document;
}

static void nothing_of_a_nul_is_read(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(toml_parse("c.toml", "a = 1\n\0b", 8, &error));
    g_assert_true(g_str_has_prefix(error->message, "c.toml:2:1: a NUL byte is not allowed\n"));
}

static void values_read_as_json(void) {
    g_autoptr(TomlDocument) document = parse("i = 0xff\nf = 2.5\nt = true\ns = \"\\u00e9\"\n"
                                             "d = 1979-05-27 07:32:00Z\ninf = -inf\nn = +nan\n"
                                             "[[l]]\nx.y = [ 1, 'z' ]\n");
    g_assert_cmpint(json_integer_value(toml_get(document, "i")), ==, 255);
    g_assert_cmpfloat(json_real_value(toml_get(document, "f")), ==, 2.5);
    g_assert_true(json_is_true(toml_get(document, "t")));
    g_assert_cmpstr(json_string_value(toml_get(document, "s")), ==, "é");
    g_assert_cmpstr(json_string_value(toml_get(document, "d")), ==, "1979-05-27 07:32:00Z");
    g_assert_cmpstr(json_string_value(toml_get(document, "inf")), ==, "-inf");
    g_assert_cmpstr(json_string_value(toml_get(document, "n")), ==, "nan");
    g_assert_cmpstr(json_string_value(toml_get(document, "l[0].x.y[1]")), ==, "z");
    g_assert_true(
        toml_get(document, "l[0].x.y") ==
        json_object_get(
            json_object_get(json_array_get(json_object_get(toml_json(document), "l"), 0), "x"),
            "y"));
    g_assert_null(toml_get(document, "l[1]"));
    g_assert_null(toml_get(document, "i.x"));
    g_assert_null(toml_get(document, "no such"));
}

static void check_span(bool found, SourceSpan span, size_t line, size_t column, size_t length) {
    g_assert_true(found);
    g_assert_cmpint((int)span.line, ==, (int)line);
    g_assert_cmpint((int)span.column, ==, (int)column);
    g_assert_cmpint((int)span.length, ==, (int)length);
}

static void spans_point_at_keys_and_values(void) {
    g_autoptr(TomlDocument) document = parse(
        "z = 1\n\"a b\".c = [ 10, { d = 'x' } ]\n[t.\"u\"]\n  v = \"\"\"\nx\"\"\"\n[[w]]\n[[w]]\n");
    SourceSpan span;
    g_assert_false(toml_key_span(document, "zz", &span));
    bool found = toml_key_span(document, "\"a b\".c", &span);
    check_span(found, span, 2, 7, 1);
    found = toml_key_span(document, "\"a b\"", &span);
    check_span(found, span, 2, 1, 5);
    found = toml_value_span(document, "\"a b\".c[0]", &span);
    check_span(found, span, 2, 13, 2);
    found = toml_value_span(document, "\"a b\".c[1].d", &span);
    check_span(found, span, 2, 23, 3);
    found = toml_key_span(document, "\"a b\".c[1].d", &span);
    check_span(found, span, 2, 19, 1);
    found = toml_key_span(document, "t.u", &span);
    check_span(found, span, 3, 4, 3);
    found = toml_value_span(document, "t.u", &span);
    check_span(found, span, 3, 1, 7);
    found = toml_value_span(document, "t.u.v", &span);
    check_span(found, span, 4, 7, 3);
    found = toml_value_span(document, "w[1]", &span);
    check_span(found, span, 7, 1, 5);
}

static void depth_and_size_are_limited(void) {
    for (int depth = 60; depth <= 70; depth++) {
        GString *text = g_string_new("a = ");
        for (int i = 0; i < depth; i++) g_string_append_c(text, '[');
        for (int i = 0; i < depth; i++) g_string_append_c(text, ']');
        g_autoptr(GError) error = NULL;
        g_autoptr(TomlDocument) document = toml_parse("c.toml", text->str, text->len, &error);
        /* the root is a level too */
        g_assert_true((document != NULL) == (depth < 64));
        if (document == NULL) g_assert_nonnull(strstr(error->message, ": more than 64 levels\n"));
        g_string_free(text, true);
    }
    g_autofree char *large = g_strnfill((4 << 20) + 1, '\n');
    g_autoptr(GError) error = NULL;
    g_assert_null(toml_parse("c.toml", large, (4 << 20) + 1, &error));
    g_assert_cmpstr(error->message, ==, "c.toml: the file is larger than 4 MiB");
    g_autoptr(TomlDocument) full = toml_parse("c.toml", large, 4 << 20, NULL);
    g_assert_nonnull(full);
}

static void many_keys_are_read_in_linear_time(void) {
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 100000; i++) g_string_append_printf(text, "k%d = %d\n", i, i);
    g_autoptr(TomlDocument) document = parse(text->str);
    g_assert_cmpint(json_integer_value(toml_get(document, "k99999")), ==, 99999);
    g_string_free(text, true);
}

static void quoted_strings_read_back(void) {
    static const char value[] = "\"a\\b\"\n\t\r\x01\x7f é 'x' #";
    g_autofree char *quoted = toml_quote(value);
    g_autofree char *text = g_strdup_printf("a = %s\n", quoted);
    g_autoptr(TomlDocument) document = parse(text);
    g_assert_cmpstr(json_string_value(toml_get(document, "a")), ==, value);
}

static void paths_split_into_parts(void) {
    g_auto(GStrv) parts = toml_split_path("a.\"b.c\".'d'.e-1[12].f", NULL);
    g_autofree char *joined = g_strjoinv("|", parts);
    g_assert_cmpstr(joined, ==, "a|b.c|d|e-1|[12]|f");
}

static void bad_paths_are_told(void) {
    static const char *const bad[] = {
        "",    ".",    "a.",      ".a",          "a..b",           "a b", "a.b c", "é",    "a[",
        "a[]", "a[x]", "[0]",     "a[1",         "a.[1]",          "\"a", "a]",    "'a'b", "a[-1]",
        "a=",  "a\n",  "\"\\q\"", "\"\\u0000\"", "a[99999999999]", "\xff"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(toml_split_path(bad[i], &error));
        g_assert_true(error_is(error, ERR_USAGE));
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(toml_split_path("agent..model", &error));
    g_assert_cmpstr(error->message, ==,
                    "'agent..model' is not a key: expected a name at character 7");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/toml/errors_say_where_and_what_to_do", errors_say_where_and_what_to_do);
    g_test_add_func("/base/toml/an_error_is_a_whole_diagnostic", an_error_is_a_whole_diagnostic);
    g_test_add_func("/base/toml/nothing_of_a_nul_is_read", nothing_of_a_nul_is_read);
    g_test_add_func("/base/toml/values_read_as_json", values_read_as_json);
    g_test_add_func("/base/toml/spans_point_at_keys_and_values", spans_point_at_keys_and_values);
    g_test_add_func("/base/toml/depth_and_size_are_limited", depth_and_size_are_limited);
    g_test_add_func("/base/toml/many_keys_are_read_in_linear_time",
                    many_keys_are_read_in_linear_time);
    g_test_add_func("/base/toml/quoted_strings_read_back", quoted_strings_read_back);
    g_test_add_func("/base/toml/paths_split_into_parts", paths_split_into_parts);
    g_test_add_func("/base/toml/bad_paths_are_told", bad_paths_are_told);
    return g_test_run();
}
