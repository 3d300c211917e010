/*
 * markdown/line_kind.h: what a single line of Markdown begins, as far as one line can tell.
 *
 *     LineKind line = line_kind_of("  - item", 8);
 *     line.kind == LINE_ITEM; line.n_indent == 2; line.n_content == 4;
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    LINE_BLANK,
    LINE_TEXT,
    LINE_HEADING,
    LINE_RULE, /* also what makes the line above a heading */
    LINE_ITEM,
    LINE_QUOTE,
    LINE_FENCE,
} LineType;

typedef struct {
    LineType type;
    size_t n_indent;  /* columns before its first sign */
    size_t n_content; /* LINE_ITEM: columns before its text */
    char fence;       /* LINE_FENCE: '`' or '~' */
    size_t n_fence;   /* LINE_FENCE: how many */
    bool has_info;    /* LINE_FENCE: words follow, so it can only open */
} LineKind;

/* `line` without its newline. */
LineKind line_kind_of(const char *line, size_t length);

/* "|---|:--:|": the line below a table's header. */
bool line_is_table_rule(const char *line, size_t length);
