/*
 * markdown/stream.h: Markdown that is still being written: finished blocks once, the rest as often
 * as one likes.
 *
 *     markdown_stream_feed(stream, piece, -1);
 *     markdown_stream_take_rows(stream, rows);       // complete: never change any more
 *     markdown_stream_tail_rows(stream, rows);       // unfinished: may look different next time
 *     ...
 *     markdown_stream_finish(stream); markdown_stream_take_rows(stream, rows);
 *
 * A paragraph, a list item, a quote or a heading is complete with the line that ends it; a
 * paragraph of many lines, after some of them; code, line by line; a table at its end or after
 * twelve rows, the later ones lined up with those. The text must be safe for a terminal.
 */
#pragma once

#include "markdown/markdown.h"

typedef struct MarkdownStream MarkdownStream;

MarkdownStream *markdown_stream_new(StyledFormat format, size_t n_columns);
void markdown_stream_free(MarkdownStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MarkdownStream, markdown_stream_free)

/* From here on; what has been taken stays as it is. */
void markdown_stream_set_columns(MarkdownStream *stream, size_t n_columns);

void markdown_stream_feed(MarkdownStream *stream, const char *text, gssize length);
/* The end of the text completes everything; ready for another one after. */
void markdown_stream_finish(MarkdownStream *stream);

/* Appends to `rows` (new strings). */
void markdown_stream_take_rows(MarkdownStream *stream, GPtrArray *rows);
void markdown_stream_tail_rows(const MarkdownStream *stream, GPtrArray *rows);
