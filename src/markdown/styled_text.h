/*
 * markdown/styled_text.h: words with their look, broken into rows and written as ANSI or plain.
 *
 *     StyledText *text = styled_text_new();
 *     styled_text_append(text, "hello ", -1, (Style){ 0 });
 *     styled_text_append(text, "world", -1, (Style){ .flags = STYLE_BOLD });
 *     for (size_t at = 0; styled_text_next_row(text, 40, &at, &row);)
 *         styled_text_write(text, row, STYLED_ANSI, out);
 *
 * Rows break between words, around wide characters, and never inside a cluster. A newline in the
 * text ends a row.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef enum {
    STYLE_BOLD = 1 << 0,
    STYLE_ITALIC = 1 << 1,
    STYLE_STRIKE = 1 << 2,
    STYLE_CODE = 1 << 3,
    STYLE_DIM = 1 << 4,
    STYLE_UNDERLINE = 1 << 5,
    STYLE_KEYWORD = 1 << 6, /* of code, as those below */
    STYLE_STRING = 1 << 7,
    STYLE_NUMBER = 1 << 8,
    STYLE_REMOVED = 1 << 9,
} StyleFlags;

typedef struct {
    unsigned flags;   /* StyleFlags */
    const char *link; /* http or https, or NULL; interned or static */
} Style;

typedef enum { STYLED_ANSI, STYLED_PLAIN } StyledFormat;

typedef struct {
    size_t start, end; /* bytes */
    size_t n_columns;
} StyledRow;

typedef struct StyledText StyledText;

StyledText *styled_text_new(void);
void styled_text_free(StyledText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StyledText, styled_text_free)

void styled_text_clear(StyledText *text);
/* `length` -1: NUL-terminated. The link is copied. */
void styled_text_append(StyledText *text, const char *words, gssize length, Style style);
size_t styled_text_length(const StyledText *text);
/* Its last `n_bytes` bytes are exactly `words`. */
bool styled_text_has_suffix(const StyledText *text, size_t n_bytes, const char *words);
/* Columns of the widest of its lines. */
size_t styled_text_columns(const StyledText *text);

/* The row that begins at *at, at most `n_columns` wide (at least one cluster); moves *at behind it.
 * false at the end. The space at a break is left out. */
bool styled_text_next_row(const StyledText *text, size_t n_columns, size_t *at, StyledRow *out);
/* The same, breaking anywhere and keeping every space, for code. */
bool styled_text_next_cut(const StyledText *text, size_t n_columns, size_t *at, StyledRow *out);

void styled_text_write(const StyledText *text, StyledRow row, StyledFormat format, GString *out);
