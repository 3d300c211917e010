/*
 * cli/line_reader.h: lines of standard input, with a wait that Ctrl-C can end.
 *
 *     LineReader *reader = line_reader_new(STDIN_FILENO);
 *     switch (line_reader_next(reader, cancel, &line, error)) { ... }
 */
#pragma once

#include "base/cancel.h"

typedef struct LineReader LineReader;

typedef enum { LINE_READ, LINE_END, LINE_INTERRUPTED, LINE_ERROR } LineResult;

/* `fd` is borrowed. */
LineReader *line_reader_new(int fd);
void line_reader_free(LineReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineReader, line_reader_free)

/* *out_line: valid UTF-8 without its line end; owned by the caller. A last line without an end
 * counts. A line is at most 1 MiB (ERR_LIMIT). LINE_INTERRUPTED: `cancel` was triggered; nothing
 * that was typed is lost. */
LineResult line_reader_next(LineReader *reader, Cancel *cancel, char **out_line, GError **error);

/* Forgets what was typed so far: nobody could know then what would be asked. */
void line_reader_discard(LineReader *reader);
