/*
 * cli/terminal/terminal.h: the terminal itself: raw mode, size, and everything as it was at the
 * end.
 *
 *     g_autoptr(Terminal) terminal = terminal_open(error);
 *     terminal_write(terminal, "hello\r\n", -1, error);
 *
 * While it is open keys come one by one and unechoed, pastes are marked, and focus is
 * reported.
 * The old state is put back by terminal_close(), by a signal that ends the program, and by a crash.
 * There is at most one open terminal in a process.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct Terminal Terminal;

typedef struct {
    int n_columns; /* at least 10 */
    int n_rows;    /* at least 2 */
} TerminalSize;

/* stdin and stdout are terminals, and TERM names one that can move its cursor. */
bool terminal_is_capable(void);

/* ERR_IO when stdin or stdout is no terminal. */
Terminal *terminal_open(GError **error);
void terminal_close(Terminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Terminal, terminal_close)

/* What was typed before it was opened, as the keys send it now (Enter is a carriage return). Nobody
 * reads it twice: feed it to the key reader first. Borrowed. */
const GString *terminal_typed_ahead(const Terminal *terminal);

/* Readable when the window changed its size or the program went on after a stop; then call
 * terminal_take_signals(). */
int terminal_signal_fd(const Terminal *terminal);
void terminal_take_signals(Terminal *terminal);

/* Asked of the system each time; 80 x 24 when it does not know. */
TerminalSize terminal_size(const Terminal *terminal);

/* A terminal that breaks its lines anew when it becomes narrower, as most do; xterm does not. */
bool terminal_reflows(const Terminal *terminal);

/* Puts the old state back for another program (an editor, the shell after Ctrl-Z), and takes the
 * terminal over again. */
void terminal_suspend(Terminal *terminal);
void terminal_resume(Terminal *terminal);

/* All of it. `length` -1: NUL-terminated. ERR_PIPE_CLOSED or ERR_IO when the terminal is gone. */
bool terminal_write(Terminal *terminal, const char *text, gssize length,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
