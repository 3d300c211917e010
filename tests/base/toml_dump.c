/* The reader and editor of TOML behind a pipe, for tests/base/toml_oracle.py.
 *
 * With no argument: one document on stdin, its JSON or its error on stdout; exit 1 on an error.
 * With --serve: one request a line, the fields in hexadecimal (so that any byte can travel), one
 * answer a line:
 *
 *     parse TEXT              ok JSON
 *     set TEXT PATH VALUE     ok NEW_TEXT
 *     unset TEXT PATH         ok NEW_TEXT
 *                             error MESSAGE
 */
#include "base/toml.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static GString *from_hex(const char *hex) {
    GString *out = g_string_new(NULL);
    for (; g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]); hex += 2)
        g_string_append_c(out,
                          (char)(g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1])));
    return out;
}

static void answer(const char *status, const char *text) {
    printf("%s ", status);
    for (; *text != '\0'; text++) printf("%02x", (unsigned char)*text);
    printf("\n");
}

static char *json_text(TomlDocument *document) {
    return json_dumps(toml_json(document), JSON_COMPACT | JSON_REAL_PRECISION(17));
}

static bool run(char **fields, TomlDocument *document, GError **error) {
    if (g_str_equal(fields[0], "parse")) {
        char *json = json_text(document);
        answer("ok", json);
        free(json);
        return true;
    }
    GString *path = from_hex(fields[2]);
    GString *value = from_hex(fields[3] != NULL ? fields[3] : "");
    bool ok = g_str_equal(fields[0], "set") ? toml_set(document, path->str, value->str, error)
                                            : toml_unset(document, path->str, error);
    if (ok) answer("ok", toml_text(document));
    g_string_free(path, true);
    g_string_free(value, true);
    return ok;
}

static void serve_line(char *line) {
    g_auto(GStrv) fields = g_strsplit(g_strdelimit(line, "\n", '\0'), " ", -1);
    GString *text = from_hex(fields[1]);
    g_autoptr(GError) error = NULL;
    g_autoptr(TomlDocument) document = toml_parse("test.toml", text->str, text->len, &error);
    g_string_free(text, true);
    if (document == NULL || !run(fields, document, &error)) answer("error", error->message);
    fflush(stdout);
}

static int serve(void) {
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) serve_line(line);
    free(line);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && g_str_equal(argv[1], "--serve")) return serve();
    GString *text = g_string_new(NULL);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, stdin)) > 0;)
        g_string_append_len(text, chunk, (gssize)n);
    g_autoptr(GError) error = NULL;
    g_autoptr(TomlDocument) document = toml_parse("stdin", text->str, text->len, &error);
    g_string_free(text, true);
    if (document == NULL) {
        printf("%s\n", error->message);
        return 1;
    }
    char *json = json_text(document);
    printf("%s\n", json);
    free(json);
    return 0;
}
