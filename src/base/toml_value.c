/* base/toml_value.c: a value of any type; lists and inline tables. */
#include "base/toml-private.h"

#include <string.h>

static const struct {
    const char *word; /* in lower case */
    const char *meant;
} boolean_words[] = {
    { "true", "true" }, { "yes", "true" },     { "on", "true" }, { "false", "false" },
    { "no", "false" },  { "off", "false" },    { "none", NULL }, { "null", NULL },
    { "nil", NULL },    { "undefined", NULL },
};

/* Up to the end of what was probably meant as one unquoted text. */
static size_t text_end(const TomlReader *reader, size_t start, bool is_nested) {
    size_t end = start + strcspn(reader->text + start, is_nested ? ",]}#\r\n" : "#\r\n");
    while (end > start && strchr(" \t,", reader->text[end - 1]) != NULL) end--;
    return MAX(end, start + 1);
}

static bool fail_boolean(TomlReader *reader, size_t end, size_t row) {
    size_t start = reader->at;
    g_autofree char *word = g_strndup(reader->text + start, end - start);
    if (boolean_words[row].meant == NULL)
        return toml_fail(reader, TOML_RANGE(start, end), "remove the line, or write \"\"",
                         "TOML has no '%s'", word);
    g_autofree char *note = g_strdup_printf("did you mean %s?", boolean_words[row].meant);
    return toml_fail(reader, TOML_RANGE(start, end), note, "expected a value, got '%s'", word);
}

static bool fail_curly_quote(TomlReader *reader) {
    return toml_fail(reader, TOML_RANGE(reader->at, reader->at + 3), "use straight quotes: \"...\"",
                     "this is not a quotation mark of TOML");
}

/* A bare word, or something that no value begins with. */
static bool fail_word(TomlReader *reader, const TomlNode *node) {
    size_t start = reader->at;
    const char *c = reader->text + start;
    if (*c == '\0' || strchr("\r\n#,]}=", *c) != NULL) {
        const char *note = *c == '=' ? "one = is enough" : NULL;
        return toml_fail(reader, TOML_RANGE(start, start + 1), note, "expected a value");
    }
    if (strncmp(c, "\xE2\x80\x98", 3) == 0 || strncmp(c, "\xE2\x80\x99", 3) == 0 ||
        strncmp(c, "\xE2\x80\x9C", 3) == 0 || strncmp(c, "\xE2\x80\x9D", 3) == 0)
        return fail_curly_quote(reader);
    size_t end = toml_word_end(reader, start);
    for (size_t i = 0; i < G_N_ELEMENTS(boolean_words); i++) {
        const char *word = boolean_words[i].word;
        if (strlen(word) == end - start && g_ascii_strncasecmp(c, word, end - start) == 0)
            return fail_boolean(reader, end, i);
    }
    bool is_nested = node->parent != NULL &&
                     (node->parent->kind == TOML_ARRAY || node->parent->kind == TOML_INLINE);
    end = text_end(reader, start, is_nested);
    g_autofree char *text = g_strndup(c, end - start);
    g_autofree char *quoted = toml_quote(text);
    g_autofree char *note = g_strdup_printf("write %s", quoted);
    return toml_fail(reader, TOML_RANGE(start, end), note, "expected a value; text needs quotes");
}

static bool is_token(char c) {
    return toml_is_bare(c) || c == '+' || c == '.' || c == ':';
}

static bool set_json(TomlNode *node, json_t *json) {
    node->json = json;
    return json != NULL;
}

static bool read_date(TomlReader *reader, TomlNode *node, size_t end) {
    const char *text = reader->text;
    size_t start = reader->at;
    if (end - start == 10 && text[end] == ' ' && g_ascii_isdigit(text[end + 1])) {
        end++;
        while (is_token(text[end])) end++;
    }
    if (!toml_check_date(reader, start, end)) return false;
    reader->at = end;
    return set_json(node, json_stringn_nocheck(text + start, end - start));
}

/* true, numbers, dates: everything that is neither quoted nor bracketed. */
static bool read_bare(TomlReader *reader, TomlNode *node) {
    const char *start = reader->text + reader->at;
    size_t length = 0;
    while (is_token(start[length])) length++;
    if (length == 4 && strncmp(start, "true", 4) == 0) {
        reader->at += length;
        return set_json(node, json_true());
    }
    if (length == 5 && strncmp(start, "false", 5) == 0) {
        reader->at += length;
        return set_json(node, json_false());
    }
    if (toml_looks_like_date(start, length)) return read_date(reader, node, reader->at + length);
    bool is_special =
        length == 3 && (strncmp(start, "inf", 3) == 0 || strncmp(start, "nan", 3) == 0);
    if (length > 0 && (is_special || g_ascii_isdigit(*start) || strchr("+-.", *start) != NULL)) {
        json_t *json = toml_read_number(reader, reader->at, reader->at + length);
        reader->at += length;
        return set_json(node, json);
    }
    return fail_word(reader, node);
}

static bool read_quoted(TomlReader *reader, TomlNode *node) {
    GString *text = g_string_new(NULL);
    bool ok = toml_read_string(reader, TOML_STRING_VALUE, text);
    if (ok) node->json = json_stringn_nocheck(text->str, text->len);
    g_string_free(text, true);
    return ok;
}

static bool check_room(TomlReader *reader, const TomlNode *node) {
    if (node->depth < TOML_MAX_DEPTH) return true;
    return toml_fail(reader, TOML_RANGE(reader->at, reader->at + 1), NULL, "more than %d levels",
                     TOML_MAX_DEPTH);
}

static bool read_item(TomlReader *reader, TomlNode *list) {
    g_autoptr(TomlNode) item = toml_node_new(TOML_SCALAR, list);
    if (!toml_read_value(reader, item)) return false;
    item->key_start = item->value_start;
    item->key_end = item->value_end;
    toml_node_attach(g_steal_pointer(&item));
    return true;
}

static bool fail_unclosed(TomlReader *reader, size_t open) {
    size_t at = reader->at;
    if (at == reader->length)
        return toml_fail(reader, TOML_RANGE(open, open + 1), "add the closing ]",
                         "this list is not closed");
    size_t line = toml_line_of(reader, open);
    g_autofree char *note = line == toml_line_of(reader, at)
                                ? g_strdup("put a comma between the items")
                                : g_strdup_printf("the list was opened on line %zu", line);
    return toml_fail(reader, TOML_RANGE(at, toml_word_end(reader, at)), note,
                     "expected ',' or ']'");
}

static bool read_list(TomlReader *reader, TomlNode *node) {
    if (!check_room(reader, node)) return false;
    size_t open = reader->at++;
    node->kind = TOML_ARRAY;
    node->json = json_array();
    for (;;) {
        if (!toml_skip_lines(reader)) return false;
        if (reader->text[reader->at] == ']') break;
        if (reader->at == reader->length) return fail_unclosed(reader, open);
        if (!read_item(reader, node)) return false;
        if (!toml_skip_lines(reader)) return false;
        if (reader->text[reader->at] == ']') break;
        if (reader->text[reader->at] != ',') return fail_unclosed(reader, open);
        reader->at++;
    }
    reader->at++;
    return true;
}

static bool fail_inline(TomlReader *reader, size_t open) {
    size_t at = reader->at;
    char c = reader->text[at];
    if (c == '\0' || c == '\n' || c == '\r' || c == '#')
        return toml_fail(reader, TOML_RANGE(open, at), "close it with } on the same line",
                         "an inline table must stand on one line");
    return toml_fail(reader, TOML_RANGE(at, toml_word_end(reader, at)), NULL,
                     "expected ',' or '}'");
}

/* After a comma: a key must follow. */
static bool check_next_key(TomlReader *reader, size_t open, size_t comma) {
    toml_skip_blanks(reader);
    char c = reader->text[reader->at];
    if (c == '}')
        return toml_fail(reader, TOML_RANGE(comma, comma + 1), "remove it",
                         "an inline table takes no comma before its '}'");
    if (c == '\0' || c == '\n' || c == '\r' || c == '#') return fail_inline(reader, open);
    return true;
}

static bool read_inline(TomlReader *reader, TomlNode *node) {
    if (!check_room(reader, node)) return false;
    size_t open = reader->at++;
    node->kind = TOML_INLINE;
    node->json = json_object();
    toml_skip_blanks(reader);
    char c = reader->text[reader->at];
    if (c == '}') {
        reader->at++;
        return true;
    }
    if (c == '\0' || c == '\n' || c == '\r' || c == '#') return fail_inline(reader, open);
    for (;;) {
        if (!toml_read_entry(reader, node)) return false;
        toml_skip_blanks(reader);
        size_t at = reader->at;
        if (reader->text[at] != ',' && reader->text[at] != '}') return fail_inline(reader, open);
        reader->at++;
        if (reader->text[at] == '}') return true;
        if (!check_next_key(reader, open, at)) return false;
    }
}

bool toml_read_value(TomlReader *reader, TomlNode *node) {
    node->value_start = reader->at;
    bool ok;
    switch (reader->text[reader->at]) {
    case '"':
    case '\'': ok = read_quoted(reader, node); break;
    case '[': ok = read_list(reader, node); break;
    case '{': ok = read_inline(reader, node); break;
    default: ok = read_bare(reader, node); break;
    }
    node->value_end = reader->at;
    return ok;
}
