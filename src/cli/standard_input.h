/*
 * cli/standard_input.h: standard input read without deafness: Ctrl-C and --timeout end the wait,
 * and after two seconds of nothing a note tells what is waited for.
 *
 *     g_autoptr(GString) text = standard_input_read_all(app, 16 << 20, error);
 */
#pragma once

#include "cli/app.h"

typedef struct {
    App *app;      /* borrowed */
    bool has_told; /* what it waits for */
} StandardInput;

/* Waits for bytes and reads at most `size` of them: their count, 0 at the end, -1 with *error. */
ssize_t standard_input_read(StandardInput *input, char *buffer, size_t size, GError **error);

/* To its end, any bytes. ERR_LIMIT beyond `max_bytes`. */
GString *standard_input_read_all(App *app, size_t max_bytes, GError **error);
