/*
 * base/diagnostic.h: an error in a text file, told with line, column and caret.
 *
 *     config.toml:7:12: expected a duration like "30m", got 30
 *       |
 *     7 | interval = 30
 *       |            ^^ write "30m"
 */
#pragma once

#include <stddef.h>

#include <glib.h>

typedef struct {
    size_t line;   /* 1-based */
    size_t column; /* 1-based, in characters */
    size_t length; /* characters to underline, at least 1 */
} SourceSpan;

/* The span of the bytes [start, end) of a text, cut at the end of its first line. An ill-formed
 * byte counts as one character; a byte order mark at the start of the text is not counted. */
SourceSpan diagnostic_span(const char *source, size_t source_length, size_t start, size_t end);

/* `file` is shown as given; `source` is the whole text (may be any bytes); `note` stands beside the
 * caret, may be NULL. Long lines are cut around the caret; terminal controls are stripped. New
 * string, no final newline. */
char *diagnostic_format(const char *file, const char *source, size_t source_length, SourceSpan span,
                        const char *message, const char *note);
