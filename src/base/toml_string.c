/* base/toml_string.c: the four kinds of strings, read and written. */
#include "base/toml-private.h"

#include <string.h>

/* A string being read: where it opened and how it closes. */
typedef struct {
    size_t open;
    char quote;
    bool is_multi_line;
} Quoting;

static bool fail_unterminated(TomlReader *reader, const Quoting *quoting) {
    const char *close = quoting->quote == '"'    ? quoting->is_multi_line ? "\"\"\"" : "\""
                        : quoting->is_multi_line ? "'''"
                                                 : "'";
    g_autofree char *note = g_strdup_printf("add the closing %s", close);
    return toml_fail(reader, TOML_RANGE(quoting->open, reader->at), note, "unterminated string");
}

static bool fail_control(TomlReader *reader, const Quoting *quoting, unsigned char c) {
    const char *note = quoting->quote == '"' ? NULL : "use a \"basic\" string with an escape";
    g_autofree char *escape = g_strdup_printf("write \\u%04X", c);
    return toml_fail(reader, TOML_RANGE(reader->at, reader->at + 1), note != NULL ? note : escape,
                     "a control character (0x%02X) is not allowed in a string", c);
}

static const char backslash_note[] = "write \\\\ for a backslash, or use '...'";

static bool read_unicode(TomlReader *reader, size_t digits, GString *out) {
    size_t start = reader->at - 2;
    gunichar character = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = g_ascii_xdigit_value(reader->text[reader->at]);
        if (digit < 0)
            return toml_fail(reader, TOML_RANGE(start, reader->at), backslash_note,
                             "expected %zu hexadecimal digits", digits);
        if (character > 0x10FFFF) break;
        character = character << 4 | (gunichar)digit;
        reader->at++;
    }
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return toml_fail(reader, TOML_RANGE(start, start + 2 + digits), NULL,
                         "this escape is not a Unicode character");
    g_string_append_unichar(out, character);
    return true;
}

/* A backslash at the end of a line: skips all blanks and newlines after it. */
static bool skip_folded_lines(TomlReader *reader) {
    size_t start = reader->at;
    toml_skip_blanks(reader);
    if (!toml_take_newline(reader)) {
        reader->at = start;
        return false;
    }
    do toml_skip_blanks(reader);
    while (toml_take_newline(reader));
    return true;
}

static bool read_escape(TomlReader *reader, const Quoting *quoting, GString *out) {
    size_t start = reader->at++;
    if (quoting->is_multi_line && skip_folded_lines(reader)) return true;
    char c = reader->text[reader->at];
    if (c == '\0' || c == '\n' || c == '\r') return fail_unterminated(reader, quoting);
    static const char names[] = "btnfr\"\\";
    static const char values[] = "\b\t\n\f\r\"\\";
    reader->at++;
    if (c == 'u') return read_unicode(reader, 4, out);
    if (c == 'U') return read_unicode(reader, 8, out);
    const char *found = strchr(names, c);
    if (found == NULL)
        return toml_fail(reader, TOML_RANGE(start, reader->at), backslash_note, "unknown escape");
    g_string_append_c(out, values[found - names]);
    return true;
}

static bool is_closed(const TomlReader *reader, const Quoting *quoting) {
    const char *c = reader->text + reader->at;
    if (c[0] != quoting->quote) return false;
    return !quoting->is_multi_line || (c[1] == c[0] && c[2] == c[0]);
}

/* The closing quotes; one or two more before them belong to a multi-line string. */
static void take_closing(TomlReader *reader, const Quoting *quoting, GString *out) {
    reader->at += quoting->is_multi_line ? 3 : 1;
    for (int extra = 0; quoting->is_multi_line && extra < 2; extra++) {
        if (reader->text[reader->at] != quoting->quote) return;
        g_string_append_c(out, quoting->quote);
        reader->at++;
    }
}

static bool read_body(TomlReader *reader, const Quoting *quoting, GString *out) {
    while (!is_closed(reader, quoting)) {
        char c = reader->text[reader->at];
        if (reader->at == reader->length) return fail_unterminated(reader, quoting);
        if (c == '\\' && quoting->quote == '"') {
            if (!read_escape(reader, quoting, out)) return false;
            continue;
        }
        if (toml_take_newline(reader)) {
            /* CRLF reads as LF: the file's line ends are not part of the value. */
            if (!quoting->is_multi_line) {
                reader->at--;
                return fail_unterminated(reader, quoting);
            }
            g_string_append_c(out, '\n');
            continue;
        }
        if (g_ascii_iscntrl(c) && c != '\t') return fail_control(reader, quoting, (unsigned char)c);
        g_string_append_c(out, c);
        reader->at++;
    }
    take_closing(reader, quoting, out);
    return true;
}

bool toml_read_string(TomlReader *reader, TomlStringUse use, GString *out) {
    const char *c = reader->text + reader->at;
    Quoting quoting = { .open = reader->at, .quote = c[0] };
    quoting.is_multi_line = c[1] == c[0] && c[2] == c[0];
    if (quoting.is_multi_line && use == TOML_STRING_KEY)
        return toml_fail(reader, TOML_RANGE(reader->at, reader->at + 3),
                         "use one quote on each side", "a key cannot be a multi-line string");
    reader->at += quoting.is_multi_line ? 3 : 1;
    if (quoting.is_multi_line) toml_take_newline(reader);
    return read_body(reader, &quoting, out);
}

static char *quote(const char *value, size_t length) {
    GString *out = g_string_new("\"");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        switch (c) {
        case '"': g_string_append(out, "\\\""); break;
        case '\\': g_string_append(out, "\\\\"); break;
        case '\n': g_string_append(out, "\\n"); break;
        case '\r': g_string_append(out, "\\r"); break;
        case '\t': g_string_append(out, "\\t"); break;
        default:
            if (g_ascii_iscntrl((char)c))
                g_string_append_printf(out, "\\u%04X", c);
            else
                g_string_append_c(out, (char)c);
        }
    }
    g_string_append_c(out, '"');
    return g_string_free(out, false);
}

char *toml_quote(const char *value) {
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    return quote(valid, strlen(valid));
}

char *toml_key_text(TomlKey key) {
    bool is_bare = key.length > 0;
    for (size_t i = 0; i < key.length; i++) is_bare = is_bare && toml_is_bare(key.text[i]);
    return is_bare ? g_strndup(key.text, key.length) : quote(key.text, key.length);
}
