/*
 * session/transcript_lines.h: the whole lines of a file, one after the other, in bounded memory.
 *
 *     TranscriptLines lines;
 *     if (!transcript_lines_open(&lines, path, error)) ...
 *     TranscriptLine line;
 *     while (transcript_lines_next(&lines, &line)) ... line.text, line.length, line.offset
 *     lines.torn_bytes      bytes after the last newline
 *     transcript_lines_close(&lines);
 *
 * Reads in blocks and never maps the file, so that a file that shrinks meanwhile is a short read.
 * Nothing but a regular file is opened, and opening never blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* A longer line is no entry of ours (transcript_append refuses to write one) and is passed over. */
enum { TRANSCRIPT_MAX_LINE_BYTES = 64 << 20 };

typedef struct {
    int fd;
    GString *block;     /* owned: what was read and not yet handed out */
    size_t used;        /* of it, handed out already */
    int64_t offset;     /* in the file, of block->str[used] */
    int64_t torn_bytes; /* after the last newline, known at the end */
    bool is_too_long;   /* the line at hand is being passed over */
    int64_t size_bytes; /* of the file when it was opened */
    int read_errno;     /* 0, or why reading ended early */
} TranscriptLines;

typedef struct {
    const char *text; /* borrowed until the next call, not NUL-terminated; NULL: line too long */
    size_t length;    /* without the newline */
    int64_t offset;
} TranscriptLine;

bool transcript_lines_open(TranscriptLines *lines, const char *path,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool transcript_lines_next(TranscriptLines *lines, TranscriptLine *out_line);
void transcript_lines_close(TranscriptLines *lines);

/* Goes on with the first whole line behind `offset`. */
bool transcript_lines_seek(TranscriptLines *lines, int64_t offset,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* At the end: what stands after the last newline, whatever it is. False when nothing does. */
bool transcript_lines_tail(const TranscriptLines *lines, TranscriptLine *out_line);

/* One line again, by its place. Its text is NUL-terminated. NULL when it is no longer there. */
char *transcript_lines_read_at(const TranscriptLines *lines, int64_t offset, size_t length);
