/*
 * markdown/code_scanner.h: what the parts of a line of code are, for their colours.
 *
 *     CodeScanner scanner = code_scanner_for("python");
 *     CodePiece piece;
 *     for (size_t at = 0; code_scanner_next(&scanner, line, length, &at, &piece);)
 *         ... line + piece.start, piece.length, piece.token ...
 *
 * A scanner goes from line to line: it remembers an open comment or string. It is plain data: a
 * copy of it looks ahead. It guesses from one row of a table (code_language.h) and knows no
 * grammar; nothing depends on it but colours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "markdown/code_language.h"

typedef enum {
    CODE_PLAIN,
    CODE_KEYWORD,
    CODE_STRING,
    CODE_COMMENT,
    CODE_NUMBER,
    CODE_KEY,   /* of a mapping */
    CODE_ADDED, /* a line of a diff */
    CODE_REMOVED,
} CodeToken;

typedef struct {
    const CodeLanguage *language; /* NULL: not known, everything is plain */
    const char *open;             /* what ends the open comment or string; NULL: none is */
    size_t n_open;                /* its bytes */
    bool is_comment;              /* what is open */
} CodeScanner;

typedef struct {
    size_t start, length;
    CodeToken token;
} CodePiece;

/* `info` is what stands behind a fence; may be NULL. */
CodeScanner code_scanner_for(const char *info);

/* The next piece of the line from *at on, and moves *at behind it; false at the end. `line` needs
 * no NUL, and has no newline. */
bool code_scanner_next(CodeScanner *scanner, const char *line, size_t length, size_t *at,
                       CodePiece *out);
