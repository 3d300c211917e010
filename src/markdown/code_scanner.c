/* markdown/code_scanner.c: see the header. */
#include "markdown/code_scanner.h"

#include <string.h>

#include <glib.h>

enum { MAX_WORD_BYTES = 40 };

typedef struct {
    CodeScanner *scanner;
    const CodeLanguage *language;
    const char *line;
    size_t length;
} Line;

CodeScanner code_scanner_for(const char *info) {
    return (CodeScanner){ .language = code_language_find(info) };
}

static bool has(const Line *line, unsigned flag) {
    return (line->language->flags & flag) != 0;
}

static bool begins(const Line *line, size_t at, const char *text, size_t n_bytes) {
    return n_bytes > 0 && line->length - at >= n_bytes &&
           memcmp(line->line + at, text, n_bytes) == 0;
}

/* Bytes of the word of `words` (by spaces) that stands at `at`; 0 = none. *out: where it is. */
static size_t begins_with_any(const Line *line, size_t at, const char *words, const char **out) {
    for (const char *word = words; word != NULL && *word != '\0';) {
        size_t n_bytes = strcspn(word, " ");
        if (begins(line, at, word, n_bytes)) {
            *out = word;
            return n_bytes;
        }
        word += n_bytes + strspn(word + n_bytes, " ");
    }
    return 0;
}

static bool is_letter(char byte) {
    return g_ascii_isalpha(byte) || byte == '_' || byte == '$' || (unsigned char)byte >= 0x80;
}

static size_t word_end(const Line *line, size_t at) {
    while (at < line->length && (is_letter(line->line[at]) || g_ascii_isdigit(line->line[at])))
        at++;
    return at;
}

static size_t skip_spaces(const Line *line, size_t at) {
    while (at < line->length && (line->line[at] == ' ' || line->line[at] == '\t')) at++;
    return at;
}

/* To the end of what is open, or of the line. */
static size_t open_end(const Line *line, size_t at) {
    CodeScanner *scanner = line->scanner;
    for (; at < line->length; at++) {
        if (line->line[at] == '\\' && !scanner->is_comment) {
            at++;
        } else if (begins(line, at, scanner->open, scanner->n_open)) {
            at += scanner->n_open;
            scanner->open = NULL;
            return at;
        }
    }
    return line->length;
}

static size_t string_end(const Line *line, size_t at) {
    char quote = line->line[at++];
    for (; at < line->length; at++) {
        if (line->line[at] == '\\' && !has(line, CODE_DOUBLED_QUOTES))
            at++;
        else if (line->line[at] == quote)
            return at + 1;
    }
    return line->length;
}

static bool is_comment(const Line *line, size_t at) {
    const char *word;
    bool may_begin =
        !has(line, CODE_SPACED_COMMENT) || at == 0 || g_ascii_isspace(line->line[at - 1]);
    return may_begin && begins_with_any(line, at, line->language->line_comments, &word) > 0;
}

static bool is_keyword(const Line *line, size_t start, size_t end) {
    if (end - start > MAX_WORD_BYTES) return false;
    char wanted[MAX_WORD_BYTES + 3] = " ";
    memcpy(wanted + 1, line->line + start, end - start);
    wanted[end - start + 1] = ' ';
    wanted[end - start + 2] = '\0';
    if (has(line, CODE_IGNORES_CASE))
        for (char *at = wanted; *at != '\0'; at++) *at = g_ascii_tolower(*at);
    return strstr(line->language->keywords, wanted) != NULL;
}

/* What is written in front of the sign of a mapping is a key. */
static bool is_key(const Line *line, size_t end) {
    size_t at = skip_spaces(line, end);
    if (at >= line->length) return false;
    if (has(line, CODE_KEYS_EQUALS)) return line->line[at] == '=';
    return has(line, CODE_KEYS_COLON) && line->line[at] == ':' &&
           (at + 1 == line->length || line->line[at + 1] == ' ' || line->line[at + 1] == '\t' ||
            line->line[at + 1] == '"');
}

/* "some-key: " may have more than letters in it. */
static size_t long_word_end(const Line *line, size_t at) {
    size_t end = word_end(line, at);
    if (!has(line, CODE_KEYS_COLON | CODE_KEYS_EQUALS)) return end;
    while (end < line->length &&
           (line->line[end] == '-' || line->line[end] == '.' || line->line[end] == '/'))
        end = word_end(line, end + 1);
    return end;
}

static size_t number_end(const Line *line, size_t at) {
    while (at < line->length &&
           (g_ascii_isalnum(line->line[at]) || line->line[at] == '.' || line->line[at] == '_'))
        at++;
    return at;
}

static CodeToken scan_word(const Line *line, size_t at, size_t *out_end) {
    size_t end = long_word_end(line, at);
    bool is_mapped = is_key(line, end);
    if (!is_mapped) end = word_end(line, at);
    *out_end = end;
    if (is_mapped) return CODE_KEY;
    return is_keyword(line, at, end) ? CODE_KEYWORD : CODE_PLAIN;
}

static CodeToken scan_open(const Line *line, size_t at, size_t *out_end) {
    *out_end = open_end(line, at);
    return line->scanner->is_comment ? CODE_COMMENT : CODE_STRING;
}

static CodeToken open_and_scan(const Line *line, size_t at, CodeScanner open, size_t *out_end) {
    size_t n_begin = open.is_comment ? strlen(line->language->block_begin) : open.n_open;
    *line->scanner = open;
    return scan_open(line, at + n_begin, out_end);
}

/* "#include" and "[section]" at the start of a line. */
static bool scan_start(const Line *line, size_t at, size_t *out_end) {
    if (skip_spaces(line, 0) != at) return false;
    if (has(line, CODE_DIRECTIVES) && line->line[at] == '#') {
        *out_end = word_end(line, skip_spaces(line, at + 1));
        return true;
    }
    if (has(line, CODE_KEYS_EQUALS) && line->line[at] == '[') {
        const char *end = memchr(line->line + at, ']', line->length - at);
        *out_end = end != NULL ? (size_t)(end - line->line) + 1 : line->length;
        return true;
    }
    return false;
}

/* The token at `at`; *out_end is behind it. */
static CodeToken scan(const Line *line, size_t at, size_t *out_end) {
    const CodeLanguage *language = line->language;
    const char *word = NULL;
    if (scan_start(line, at, out_end)) return CODE_KEYWORD;
    if (is_comment(line, at)) {
        *out_end = line->length;
        return CODE_COMMENT;
    }
    CodeScanner open = { .language = language };
    if (language->block_begin != NULL &&
        begins(line, at, language->block_begin, strlen(language->block_begin))) {
        open.open = language->block_end;
        open.n_open = strlen(language->block_end);
        open.is_comment = true;
        return open_and_scan(line, at, open, out_end);
    }
    open.n_open = begins_with_any(line, at, language->long_quotes, &word);
    open.open = word;
    if (open.n_open > 0) return open_and_scan(line, at, open, out_end);
    char byte = line->line[at];
    if (byte != '\0' && strchr(language->quotes, byte) != NULL) {
        *out_end = string_end(line, at);
        return is_key(line, *out_end) ? CODE_KEY : CODE_STRING;
    }
    if (is_letter(byte)) return scan_word(line, at, out_end);
    *out_end = g_ascii_isdigit(byte) ? number_end(line, at) : at + 1;
    return g_ascii_isdigit(byte) ? CODE_NUMBER : CODE_PLAIN;
}

static CodeToken diff_token(const char *line, size_t length) {
    if (length >= 3 && (memcmp(line, "+++", 3) == 0 || memcmp(line, "---", 3) == 0))
        return CODE_KEYWORD;
    if (length > 0 && line[0] == '+') return CODE_ADDED;
    if (length > 0 && line[0] == '-') return CODE_REMOVED;
    return length > 0 && line[0] == '@' ? CODE_NUMBER : CODE_PLAIN;
}

bool code_scanner_next(CodeScanner *scanner, const char *line, size_t length, size_t *at,
                       CodePiece *out) {
    if (*at >= length) return false;
    size_t start = *at, end = length;
    const Line view = { scanner, scanner->language, line, length };
    CodeToken token = CODE_PLAIN;
    if (scanner->language != NULL && has(&view, CODE_DIFF)) {
        token = diff_token(line, length);
    } else if (scanner->language != NULL) {
        token = scanner->open != NULL ? scan_open(&view, start, &end) : scan(&view, start, &end);
        /* Plain parts in a row are one piece; a look ahead changes nothing. */
        for (size_t next = end; token == CODE_PLAIN && end < length; end = next) {
            CodeScanner ahead = *scanner;
            const Line look = { &ahead, ahead.language, line, length };
            if (scan(&look, end, &next) != CODE_PLAIN) break;
        }
    }
    end = MIN(end, length);
    *out = (CodePiece){ start, end - start, token };
    *at = end;
    return true;
}
