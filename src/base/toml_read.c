/* base/toml_read.c: sections, keys and the rules of what may be defined again. */
#include "base/toml-private.h"

#include <string.h>

bool toml_fail(TomlReader *reader, TomlRange at, const char *note, const char *format, ...) {
    if (reader->error == NULL) return false;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    SourceSpan span = diagnostic_span(reader->text, reader->length, at.start, at.end);
    g_autofree char *text =
        diagnostic_format(reader->file, reader->text, reader->length, span, message, note);
    error_set(reader->error, reader->error_code, "%s", text);
    return false;
}

size_t toml_text_start(const char *text) {
    return g_str_has_prefix(text, "\xEF\xBB\xBF") ? 3 : 0;
}

size_t toml_line_of(const TomlReader *reader, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++) line += reader->text[i] == '\n';
    return line;
}

bool toml_is_bare(char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

size_t toml_word_end(const TomlReader *reader, size_t start) {
    size_t end = start + strcspn(reader->text + start, " \t\r\n,]}=#");
    return MAX(end, MIN(start + 1, reader->length));
}

bool toml_check_text(TomlReader *reader) {
    if (reader->length > TOML_MAX_SIZE) {
        error_set(reader->error, reader->error_code, "%s: the file is larger than %d MiB",
                  reader->file, TOML_MAX_SIZE >> 20);
        return false;
    }
    const char *end;
    if (g_utf8_validate_len(reader->text, reader->length, &end)) return true;
    size_t at = (size_t)(end - reader->text);
    if (*end == '\0')
        return toml_fail(reader, TOML_RANGE(at, at + 1), NULL, "a NUL byte is not allowed");
    return toml_fail(reader, TOML_RANGE(at, at + 1), "save the file as UTF-8",
                     "this byte (0x%02X) is not UTF-8", (unsigned char)*end);
}

void toml_skip_blanks(TomlReader *reader) {
    while (reader->text[reader->at] == ' ' || reader->text[reader->at] == '\t') reader->at++;
}

bool toml_take_newline(TomlReader *reader) {
    const char *c = reader->text + reader->at;
    size_t length = c[0] == '\n' ? 1 : c[0] == '\r' && c[1] == '\n' ? 2 : 0;
    reader->at += length;
    return length > 0;
}

/* A comment up to its newline, which stays. */
static bool skip_comment(TomlReader *reader) {
    if (reader->text[reader->at] != '#') return true;
    for (;; reader->at++) {
        const char *c = reader->text + reader->at;
        if (c[0] == '\0' || c[0] == '\n' || (c[0] == '\r' && c[1] == '\n')) return true;
        if (*c != '\t' && g_ascii_iscntrl(*c))
            return toml_fail(reader, TOML_RANGE(reader->at, reader->at + 1), "remove it",
                             "a control character (0x%02X) is not allowed in a comment",
                             (unsigned char)*c);
    }
}

bool toml_skip_lines(TomlReader *reader) {
    do {
        toml_skip_blanks(reader);
        if (!skip_comment(reader)) return false;
    } while (toml_take_newline(reader));
    return true;
}

/* What the writer may have meant by the sign that follows a finished value, or NULL. */
static const char *guess_after_value(const TomlReader *reader) {
    const char *c = reader->text + reader->at;
    switch (*c) {
    case ',': return "TOML needs no comma here: remove it";
    case ';': return "TOML needs no semicolon: remove it";
    case '\r': return "a lone carriage return; end lines with LF or CRLF";
    case '/': return c[1] == '/' ? "comments start with #" : NULL;
    default: break;
    }
    if (reader->at > 0 && c[-1] == '\'') return "put text that holds a ' in \"...\"";
    size_t before = reader->at;
    while (before > 0 && strchr(" \t", reader->text[before - 1]) != NULL) before--;
    if (before > 0 && reader->text[before - 1] == '"') return "write \\\" for a quote in a text";
    return NULL;
}

/* After a header or an entry: nothing but a comment up to the end of the line. */
static bool read_line_end(TomlReader *reader, const char *after) {
    toml_skip_blanks(reader);
    if (!skip_comment(reader)) return false;
    if (reader->at == reader->length || toml_take_newline(reader)) return true;
    size_t end = toml_word_end(reader, reader->at);
    return toml_fail(reader, TOML_RANGE(reader->at, end), guess_after_value(reader),
                     "expected the end of the line after the %s", after);
}

/* Why a key cannot start here. */
static bool fail_key(TomlReader *reader) {
    size_t at = reader->at;
    char c = reader->text[at];
    TomlRange here = { at, at + 1 };
    if (c == '=') return toml_fail(reader, here, "write a name before it", "expected a key");
    if (c == '\r')
        return toml_fail(reader, here, "end lines with LF or CRLF", "a lone carriage return");
    if (c == '\0' || c == '\n') return toml_fail(reader, here, NULL, "expected a key");
    if (g_ascii_isprint(c) && !toml_is_bare(c)) {
        const char *note = c == '{'                  ? "this is TOML, not JSON: write key = value"
                           : strchr(";/", c) != NULL ? "comments start with #"
                                                     : NULL;
        return toml_fail(reader, here, note, "expected a key, got '%c'", c);
    }
    size_t end = MAX(at + strcspn(reader->text + at, " \t\r\n=.]"), at + 1);
    g_autofree char *word = g_strndup(reader->text + at, end - at);
    g_autofree char *quoted = toml_quote(word);
    g_autofree char *note = g_strdup_printf("quote it: %s", quoted);
    return toml_fail(reader, TOML_RANGE(at, end), note,
                     "a bare key may hold letters A-Z a-z, digits, _ and - only");
}

static bool read_key_part(TomlReader *reader, TomlKeyPart *out) {
    char c = reader->text[reader->at];
    out->start = reader->at;
    if (c == '"' || c == '\'') {
        GString *key = g_string_new(NULL);
        bool ok = toml_read_string(reader, TOML_STRING_KEY, key);
        out->end = reader->at;
        out->key.length = key->len;
        out->key.text = g_string_free(key, !ok);
        return ok;
    }
    while (toml_is_bare(reader->text[reader->at])) reader->at++;
    out->end = reader->at;
    if (out->end == out->start) return fail_key(reader);
    if ((unsigned char)reader->text[out->end] >= 0x80) {
        reader->at = out->start;
        return fail_key(reader);
    }
    out->key.length = out->end - out->start;
    out->key.text = g_strndup(reader->text + out->start, out->key.length);
    return true;
}

GArray *toml_read_key(TomlReader *reader) {
    GArray *parts = g_array_new(false, true, sizeof(TomlKeyPart));
    for (;;) {
        toml_skip_blanks(reader);
        TomlKeyPart part = { 0 };
        if (!read_key_part(reader, &part)) break;
        g_array_append_val(parts, part);
        toml_skip_blanks(reader);
        if (reader->text[reader->at] != '.') return parts;
        reader->at++;
        if (parts->len < TOML_MAX_DEPTH) continue;
        toml_fail(reader, TOML_RANGE(part.start, part.end), NULL, "more than %d levels",
                  TOML_MAX_DEPTH);
        break;
    }
    toml_key_parts_free(parts);
    return NULL;
}

/* Moves the part's key into a new node. */
static TomlNode *node_for_part(TomlKind kind, TomlNode *parent, TomlKeyPart *part) {
    TomlNode *node = toml_node_new(kind, parent);
    node->key = part->key;
    part->key.text = NULL;
    node->key_start = part->start;
    node->key_end = part->end;
    return node;
}

static bool check_depth(TomlReader *reader, const TomlNode *parent, const TomlKeyPart *part) {
    if (parent->depth < TOML_MAX_DEPTH) return true;
    return toml_fail(reader, TOML_RANGE(part->start, part->end), NULL, "more than %d levels",
                     TOML_MAX_DEPTH);
}

static bool fail_defined(TomlReader *reader, const TomlKeyPart *part, const TomlNode *first) {
    g_autofree char *name = toml_key_text(part->key);
    g_autofree char *note =
        g_strdup_printf("first set on line %zu", toml_line_of(reader, first->key_start));
    return toml_fail(reader, TOML_RANGE(part->start, part->end), note, "duplicate key '%s'", name);
}

/* A key goes through something that takes no further keys. */
static bool fail_closed(TomlReader *reader, const TomlKeyPart *part, const TomlNode *first) {
    g_autofree char *name = toml_key_text(part->key);
    size_t line = toml_line_of(reader, first->key_start);
    g_autofree char *note = g_strdup_printf("set on line %zu", line);
    const char *why = "is not a table";
    switch (first->kind) {
    case TOML_INLINE: why = "is an inline table: add the key between its braces"; break;
    case TOML_ARRAY: why = "is a list of values; keys cannot be added to it from outside"; break;
    case TOML_TABLES: why = "is a list of tables; a dotted key cannot add to it"; break;
    case TOML_HEADER:
    case TOML_ITEM: why = "has its own header: set the key there"; break;
    default: break;
    }
    return toml_fail(reader, TOML_RANGE(part->start, part->end), note, "'%s' %s", name, why);
}

/* The table that a dotted key's inner part names; made when it is missing. */
static TomlNode *enter_dotted(TomlReader *reader, TomlNode *table, TomlKeyPart *part) {
    TomlNode *next = toml_node_member(table, part->key.text, part->key.length);
    if (next == NULL) {
        if (!check_depth(reader, table, part)) return NULL;
        next = node_for_part(TOML_DOTTED, table, part);
        toml_node_attach(next);
        return next;
    }
    if (next->kind == TOML_IMPLICIT) next->kind = TOML_DOTTED;
    if (next->kind == TOML_DOTTED) return next;
    fail_closed(reader, part, next);
    return NULL;
}

static bool fail_equals(TomlReader *reader, const TomlKeyPart *last) {
    size_t at = reader->at;
    char c = reader->text[at];
    g_autofree char *name = toml_key_text(last->key);
    if (c == ':') {
        g_autofree char *note = g_strdup_printf("write %s = ...", name);
        return toml_fail(reader, TOML_RANGE(at, at + 1), note,
                         "expected '=' after the key, got ':'");
    }
    if (toml_is_bare(c) || (unsigned char)c >= 0x80)
        return toml_fail(reader, TOML_RANGE(at, toml_word_end(reader, at)),
                         "write '=' before the value, or quote a key that has blanks",
                         "expected '=' after the key '%s'", name);
    g_autofree char *note = g_strdup_printf("write %s = ...", name);
    return toml_fail(reader, TOML_RANGE(at, at + 1), note, "expected '=' after the key '%s'", name);
}

static bool read_assignment(TomlReader *reader, TomlNode *scope, GArray *parts) {
    TomlNode *table = scope;
    for (unsigned i = 0; i + 1 < parts->len; i++) {
        table = enter_dotted(reader, table, &g_array_index(parts, TomlKeyPart, i));
        if (table == NULL) return false;
    }
    TomlKeyPart *last = &g_array_index(parts, TomlKeyPart, parts->len - 1);
    TomlNode *first = toml_node_member(table, last->key.text, last->key.length);
    if (first != NULL) return fail_defined(reader, last, first);
    if (!check_depth(reader, table, last)) return false;
    if (reader->text[reader->at] != '=') return fail_equals(reader, last);
    reader->at++;
    toml_skip_blanks(reader);
    g_autoptr(TomlNode) leaf = node_for_part(TOML_SCALAR, table, last);
    if (!toml_read_value(reader, leaf)) return false;
    if (reader->document != NULL) {
        TomlEntry entry = { scope, leaf, g_array_index(parts, TomlKeyPart, 0).start, last->end };
        g_array_append_val(reader->document->entries, entry);
    }
    toml_node_attach(g_steal_pointer(&leaf));
    return true;
}

bool toml_read_entry(TomlReader *reader, TomlNode *scope) {
    GArray *parts = toml_read_key(reader);
    if (parts == NULL) return false;
    bool ok = read_assignment(reader, scope, parts);
    toml_key_parts_free(parts);
    return ok;
}

/* The table that a header's inner part names: the last item of a list of tables. */
static TomlNode *enter_header(TomlReader *reader, TomlNode *table, TomlKeyPart *part) {
    TomlNode *next = toml_node_member(table, part->key.text, part->key.length);
    if (next == NULL) {
        if (!check_depth(reader, table, part)) return NULL;
        next = node_for_part(TOML_IMPLICIT, table, part);
        toml_node_attach(next);
        return next;
    }
    if (next->kind == TOML_TABLES) return toml_node_item(next, next->children->len - 1);
    if (toml_node_is_table(next) && next->kind != TOML_INLINE) return next;
    fail_closed(reader, part, next);
    return NULL;
}

static TomlNode *define_table(TomlReader *reader, TomlNode *parent, TomlKeyPart *part) {
    TomlNode *node = toml_node_member(parent, part->key.text, part->key.length);
    if (node == NULL) {
        if (!check_depth(reader, parent, part)) return NULL;
        node = node_for_part(TOML_HEADER, parent, part);
        toml_node_attach(node);
        return node;
    }
    if (node->kind == TOML_IMPLICIT) {
        node->kind = TOML_HEADER;
        node->key_start = part->start;
        node->key_end = part->end;
        return node;
    }
    g_autofree char *name = toml_key_text(part->key);
    size_t line = toml_line_of(reader, node->key_start);
    if (node->kind == TOML_HEADER || node->kind == TOML_DOTTED) {
        g_autofree char *note = g_strdup_printf("first set on line %zu", line);
        toml_fail(reader, TOML_RANGE(part->start, part->end), note,
                  "the table '%s' is defined twice", name);
    } else if (node->kind == TOML_TABLES) {
        g_autofree char *note = g_strdup_printf("write [[%s]] to add one more", name);
        toml_fail(reader, TOML_RANGE(part->start, part->end), note,
                  "'%s' is a list of tables since line %zu", name, line);
    } else {
        fail_defined(reader, part, node);
    }
    return NULL;
}

static TomlNode *define_item(TomlReader *reader, TomlNode *parent, TomlKeyPart *part) {
    TomlNode *list = toml_node_member(parent, part->key.text, part->key.length);
    if (!check_depth(reader, parent, part)) return NULL;
    if (list == NULL) {
        list = node_for_part(TOML_TABLES, parent, part);
        toml_node_attach(list);
    }
    if (list->kind != TOML_TABLES) {
        fail_defined(reader, part, list);
        return NULL;
    }
    if (!check_depth(reader, list, part)) return NULL;
    TomlNode *item = toml_node_new(TOML_ITEM, list);
    item->key_start = part->start;
    item->key_end = part->end;
    toml_node_attach(item);
    return item;
}

static TomlNode *define_section(TomlReader *reader, GArray *parts, bool is_item) {
    TomlNode *table = reader->document->root;
    for (unsigned i = 0; i + 1 < parts->len; i++) {
        table = enter_header(reader, table, &g_array_index(parts, TomlKeyPart, i));
        if (table == NULL) return NULL;
    }
    TomlKeyPart *last = &g_array_index(parts, TomlKeyPart, parts->len - 1);
    return is_item ? define_item(reader, table, last) : define_table(reader, table, last);
}

static bool read_brackets_end(TomlReader *reader, bool is_item) {
    const char *c = reader->text + reader->at;
    size_t length = is_item ? 2 : 1;
    if (strncmp(c, "]]", length) == 0) {
        reader->at += length;
        return true;
    }
    size_t at = reader->at;
    if (is_item && *c == ']')
        return toml_fail(reader, TOML_RANGE(at, at + 1), "write ]]",
                         "expected ']]' after the table's name");
    if (*c == '\0' || *c == '\n' || *c == '\r' || *c == '#' || *c == '=')
        return toml_fail(reader, TOML_RANGE(at, at + 1), is_item ? "write ]]" : "write ]",
                         "expected '%s' after the table's name", is_item ? "]]" : "]");
    return toml_fail(reader, TOML_RANGE(at, toml_word_end(reader, at)),
                     "quote a name that has blanks or signs",
                     "expected '.' or '%s' in the table's name", is_item ? "]]" : "]");
}

/* [a.b] or [[a.b]]; returns its table. */
static TomlNode *read_header(TomlReader *reader) {
    size_t start = reader->at;
    bool is_item = reader->text[start + 1] == '[';
    reader->at += is_item ? 2 : 1;
    GArray *parts = toml_read_key(reader);
    if (parts == NULL) return NULL;
    TomlNode *table = NULL;
    if (read_brackets_end(reader, is_item)) table = define_section(reader, parts, is_item);
    toml_key_parts_free(parts);
    if (table == NULL) return NULL;
    table->value_start = start;
    table->value_end = reader->at;
    TomlSection section = { table, start, reader->at };
    g_array_append_val(reader->document->sections, section);
    return read_line_end(reader, "table's header") ? table : NULL;
}

bool toml_read_document(TomlReader *reader) {
    reader->at = toml_text_start(reader->text);
    TomlNode *table = reader->document->root;
    TomlSection first = { table, reader->at, reader->at };
    g_array_append_val(reader->document->sections, first);
    for (;;) {
        if (!toml_skip_lines(reader)) return false;
        if (reader->at == reader->length) return true;
        if (reader->text[reader->at] == '[') {
            table = read_header(reader);
            if (table == NULL) return false;
            continue;
        }
        if (!toml_read_entry(reader, table)) return false;
        if (!read_line_end(reader, "value")) return false;
    }
}
