/*
 * base/line_splitter.h: whole lines out of bytes that arrive in any pieces.
 *
 * A line ends with LF, CR or CRLF, wherever the pieces are cut. A piece that holds whole lines is
 * not copied; only the beginning of an unfinished line is kept.
 *
 *     LineSplitter lines;
 *     line_splitter_init(&lines, 1 << 20);
 *     if (!line_splitter_feed(&lines, bytes, length, on_line, reader, error)) ...
 *     if (!line_splitter_finish(&lines, on_line, reader, error)) ...   // a last line without its
 * end line_splitter_clear(&lines);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* One line without its end; not NUL-terminated. false with *error ends the feeding. */
typedef bool (*LineFn)(const char *line, size_t length, void *user_data, GError **error);

typedef struct {
    GString *pending; /* owned: the beginning of a line */
    size_t max_bytes; /* of one line */
    bool follows_cr;  /* an LF now belongs to the line before */
} LineSplitter;

void line_splitter_init(LineSplitter *splitter, size_t max_bytes);
void line_splitter_clear(LineSplitter *splitter);

/* ERR_LIMIT when a line is longer than max_bytes. */
bool line_splitter_feed(LineSplitter *splitter, const char *bytes, size_t length, LineFn on_line,
                        void *user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The end of the stream: what stands there without a line end is a line, unless it is empty. */
bool line_splitter_finish(LineSplitter *splitter, LineFn on_line, void *user_data,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
