/* undo/record.c: see record.h. */
#include "undo/record.h"

#include <string.h>

#include "base/field.h"
#include "undo/hex.h"

/* " #" and eight digits. */
enum { CHECKSUM_LENGTH = 10, MAX_LINE = 1 << 20 };

static const char *const verbs[UNDO_N_RECORDS] = {
    "turn", "step", "before", "after",    "same", "lost",   "withheld", "commit",   "finish",
    "drop", "end",  "revert", "reverted", "redo", "redone", "settle",   "unsettle", "killed",
};

static const char *const kinds[UNDO_N_KINDS] = { "absent", "file", "folder", "link", "other" };

typedef enum { VALUE_INT, VALUE_OCTAL, VALUE_KIND, VALUE_HEX, VALUE_WORD } ValueType;

typedef struct {
    const char *key;
    ValueType type;
    size_t offset;
} Column;

#define COLUMN(member, T) FIELD_AT(UndoRecord, member, T)
#define INTEGER(member) COLUMN(member, int64_t)

/* clang-format off */
static const Column columns[] = {
    { "number",     VALUE_INT,   INTEGER(number) },
    { "time",       VALUE_INT,   INTEGER(time_ms) },
    { "step",       VALUE_INT,   INTEGER(step) },
    { "how",        VALUE_INT,   INTEGER(step_kind) },
    { "clock",      VALUE_INT,   INTEGER(clock_ns) },
    { "path",       VALUE_HEX,   COLUMN(path, char *) },
    { "session",    VALUE_HEX,   COLUMN(session, char *) },
    { "text",       VALUE_HEX,   COLUMN(text, char *) },
    { "kind",       VALUE_KIND,  COLUMN(image.kind, int) },
    { "mode",       VALUE_OCTAL, INTEGER(image.mode) },
    { "owner",      VALUE_INT,   INTEGER(image.owner) },
    { "group",      VALUE_INT,   INTEGER(image.group) },
    { "device",     VALUE_INT,   INTEGER(image.device) },
    { "inode",      VALUE_INT,   INTEGER(image.inode) },
    { "links",      VALUE_INT,   INTEGER(image.n_links) },
    { "size",       VALUE_INT,   INTEGER(image.size_bytes) },
    { "modified",   VALUE_INT,   INTEGER(image.modified_ns) },
    { "changed",    VALUE_INT,   INTEGER(image.changed_ns) },
    { "target",     VALUE_HEX,   COLUMN(image.target, char *) },
    { "attributes", VALUE_WORD,  COLUMN(image.attributes, char *) },
    { "sha256",     VALUE_WORD,  COLUMN(image.sha256, char *) },
    { "content",    VALUE_INT,   INTEGER(has_content) },
};
/* clang-format on */

void undo_record_clear(UndoRecord *record) {
    g_free(record->path);
    g_free(record->session);
    g_free(record->text);
    undo_image_clear(&record->image);
    *record = (UndoRecord){ 0 };
}

/* FNV-1a: enough to tell a torn line from a whole one; nobody else writes here. */
static uint32_t checksum(const char *text, size_t length) {
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < length; i++) sum = (sum ^ (unsigned char)text[i]) * 16777619u;
    return sum;
}

static void format_number(GString *out, const Column *column, int64_t number) {
    if (number == 0) return;
    if (column->type == VALUE_KIND)
        g_string_append_printf(out, " %s=%s", column->key, kinds[number]);
    else if (column->type == VALUE_OCTAL)
        g_string_append_printf(out, " %s=%" G_GINT64_MODIFIER "o", column->key, (guint64)number);
    else
        g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, column->key, (gint64)number);
}

static void format_text(GString *out, const Column *column, const char *text) {
    if (text == NULL) return;
    g_string_append_printf(out, " %s=", column->key);
    if (column->type == VALUE_HEX)
        undo_hex_append(out, text, strlen(text));
    else
        g_string_append(out, text);
}

void undo_record_format(const UndoRecord *record, GString *out) {
    size_t start = out->len;
    g_string_append(out, verbs[record->verb]);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        const void *member = (const char *)record + columns[i].offset;
        switch (columns[i].type) {
        case VALUE_INT:
        case VALUE_OCTAL: format_number(out, &columns[i], *(const int64_t *)member); break;
        case VALUE_KIND: format_number(out, &columns[i], *(const int *)member); break;
        case VALUE_HEX:
        case VALUE_WORD: format_text(out, &columns[i], *(char *const *)member); break;
        }
    }
    g_string_append_printf(out, " #%08x\n", checksum(out->str + start, out->len - start));
}

static int find_word(const char *const *words, int n_words, const char *text, size_t length) {
    for (int i = 0; i < n_words; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0) return i;
    return -1;
}

static bool parse_number(const char *text, size_t length, unsigned base, int64_t *out) {
    char digits[32];
    if (length == 0 || length >= sizeof digits) return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    gint64 number;
    if (!g_ascii_string_to_signed(digits, base, G_MININT64, G_MAXINT64, &number, NULL))
        return false;
    *out = number;
    return true;
}

/* Words that were written as they are: hex, '=' and ','. */
static bool parse_word(const char *text, size_t length, char **out) {
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isxdigit(text[i]) && strchr("=,-", text[i]) == NULL) return false;
    *out = g_strndup(text, length);
    return true;
}

static bool parse_value(UndoRecord *record, const Column *column, const char *text, size_t length) {
    void *member = (char *)record + column->offset;
    char **string = member;
    switch (column->type) {
    case VALUE_INT: return parse_number(text, length, 10, member);
    case VALUE_OCTAL: return parse_number(text, length, 8, member);
    case VALUE_KIND:
        *(int *)member = find_word(kinds, UNDO_N_KINDS, text, length);
        return *(int *)member >= 0;
    case VALUE_HEX:
        g_free(*string);
        *string = undo_hex_decode(text, length, NULL);
        return *string != NULL;
    case VALUE_WORD: g_clear_pointer(string, g_free); return parse_word(text, length, string);
    }
    return false;
}

static bool parse_column(UndoRecord *record, const char *text, size_t length) {
    const char *equals = memchr(text, '=', length);
    if (equals == NULL) return false;
    size_t key_length = (size_t)(equals - text);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        if (strlen(columns[i].key) == key_length && memcmp(columns[i].key, text, key_length) == 0)
            return parse_value(record, &columns[i], equals + 1, length - key_length - 1);
    return true; /* of a later version */
}

static bool parse_words(UndoRecord *record, const char *line, size_t length) {
    const char *end = line + length;
    const char *space = memchr(line, ' ', length);
    record->verb =
        find_word(verbs, UNDO_N_RECORDS, line, space != NULL ? (size_t)(space - line) : length);
    if (record->verb < 0) return false;
    while (space != NULL) {
        const char *word = space + 1;
        space = memchr(word, ' ', (size_t)(end - word));
        if (!parse_column(record, word, (size_t)((space != NULL ? space : end) - word)))
            return false;
    }
    return true;
}

bool undo_record_parse(const char *line, size_t length, UndoRecord *out_record) {
    if (length <= CHECKSUM_LENGTH || length > MAX_LINE || memchr(line, '\0', length) != NULL)
        return false;
    size_t body = length - CHECKSUM_LENGTH;
    char expected[CHECKSUM_LENGTH + 1];
    g_snprintf(expected, sizeof expected, " #%08x", checksum(line, body));
    if (memcmp(line + body, expected, CHECKSUM_LENGTH) != 0) return false;
    UndoRecord record = { 0 };
    if (!parse_words(&record, line, body)) {
        undo_record_clear(&record);
        return false;
    }
    *out_record = record;
    return true;
}
