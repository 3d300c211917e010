/* cli/terminal/terminal.c: termios, modes, and the signals that must not leave them behind. */
#include "cli/terminal/terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"

/* Bracketed paste and focus reports on; off again with the cursor shown and colours at rest. */
#define MODES_ON "\033[?2004h\033[?1004h"
#define MODES_OFF "\033[?1004l\033[?2004l\033[?7h\033[?25h\033[0m"

/* Signals that end the program unless somebody takes them. */
static const int ending_signals[] = { SIGINT,  SIGTERM, SIGHUP, SIGQUIT, SIGABRT,
                                      SIGSEGV, SIGBUS,  SIGFPE, SIGILL };

struct Terminal {
    struct termios cooked;
    struct termios raw;
    int signal_fd;        /* owned */
    GString *typed_ahead; /* owned */
    bool reflows;
    bool is_raw;
    struct sigaction old_resize;
    struct sigaction old_continue;
    struct sigaction old_endings[G_N_ELEMENTS(ending_signals)];
};

static Terminal *open_terminal; /* global: a signal handler has no other way to it */

bool terminal_is_capable(void) {
    const char *term = g_getenv("TERM");
    bool is_named = term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
    return is_named && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

/* Async-signal-safe. */
static void leave_raw(Terminal *terminal) {
    if (!terminal->is_raw) return;
    terminal->is_raw = false;
    (void)!write(STDOUT_FILENO, MODES_OFF, sizeof MODES_OFF - 1);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->cooked);
}

static void enter_raw(Terminal *terminal) {
    if (terminal->is_raw) return;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->raw);
    (void)!write(STDOUT_FILENO, MODES_ON, sizeof MODES_ON - 1);
    terminal->is_raw = true;
}

static void on_notice(int number) {
    (void)number;
    int saved_errno = errno;
    uint64_t one = 1;
    if (open_terminal != NULL) (void)!write(open_terminal->signal_fd, &one, sizeof one);
    errno = saved_errno;
}

/* The terminal is put back first; then the signal does what it did before we came. */
static void on_ending(int number) {
    int saved_errno = errno;
    if (open_terminal != NULL) {
        leave_raw(open_terminal);
        for (size_t i = 0; i < G_N_ELEMENTS(ending_signals); i++)
            if (ending_signals[i] == number)
                sigaction(number, &open_terminal->old_endings[i], NULL);
    }
    raise(number); /* delivered when this handler returns */
    errno = saved_errno;
}

static void take_signals(Terminal *terminal) {
    struct sigaction notice = { .sa_handler = on_notice, .sa_flags = SA_RESTART };
    sigemptyset(&notice.sa_mask);
    sigaction(SIGWINCH, &notice, &terminal->old_resize);
    sigaction(SIGCONT, &notice, &terminal->old_continue);
    struct sigaction ending = { .sa_handler = on_ending, .sa_flags = SA_RESTART };
    sigemptyset(&ending.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(ending_signals); i++) {
        struct sigaction *old = &terminal->old_endings[i];
        sigaction(ending_signals[i], &ending, old);
        /* nohup and its like: what was ignored ends nothing. */
        if (old->sa_handler == SIG_IGN) sigaction(ending_signals[i], old, NULL);
    }
}

static void give_signals_back(Terminal *terminal) {
    sigaction(SIGWINCH, &terminal->old_resize, NULL);
    sigaction(SIGCONT, &terminal->old_continue, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ending_signals); i++)
        sigaction(ending_signals[i], &terminal->old_endings[i], NULL);
}

/* Output processing stays on, so that a plain newline of anybody else does what it should. */
static void make_raw(struct termios *mode) {
    mode->c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    mode->c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    mode->c_cflag |= CS8;
    mode->c_cc[VMIN] = 1;
    mode->c_cc[VTIME] = 0;
}

/* What was typed before the mode changed waits in the kernel with a newline for each Enter. */
static GString *read_typed_ahead(void) {
    GString *typed = g_string_new(NULL);
    int n_waiting = 0;
    char block[4096];
    if (ioctl(STDIN_FILENO, FIONREAD, &n_waiting) != 0 || n_waiting <= 0) return typed;
    ssize_t n = read(STDIN_FILENO, block, MIN((size_t)n_waiting, sizeof block));
    if (n > 0) g_string_append_len(typed, block, n);
    for (gsize i = 0; i < typed->len; i++)
        if (typed->str[i] == '\n') typed->str[i] = '\r';
    return typed;
}

Terminal *terminal_open(GError **error) {
    g_assert(open_terminal == NULL);
    struct termios cooked;
    if (isatty(STDOUT_FILENO) != 1 || tcgetattr(STDIN_FILENO, &cooked) != 0) {
        error_set(error, ERR_IO, "standard input or output is not a terminal");
        return NULL;
    }
    int signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (signal_fd < 0) {
        error_set_errno(error, errno, "opening the terminal");
        return NULL;
    }
    Terminal *terminal = g_new0(Terminal, 1);
    terminal->cooked = terminal->raw = cooked;
    terminal->signal_fd = signal_fd;
    terminal->reflows = g_getenv("XTERM_VERSION") == NULL || g_getenv("TMUX") != NULL;
    make_raw(&terminal->raw);
    open_terminal = terminal;
    take_signals(terminal);
    enter_raw(terminal);
    terminal->typed_ahead = read_typed_ahead();
    return terminal;
}

void terminal_close(Terminal *terminal) {
    if (terminal == NULL) return;
    leave_raw(terminal);
    give_signals_back(terminal);
    open_terminal = NULL;
    close(terminal->signal_fd);
    g_string_free(terminal->typed_ahead, TRUE);
    g_free(terminal);
}

const GString *terminal_typed_ahead(const Terminal *terminal) {
    return terminal->typed_ahead;
}

int terminal_signal_fd(const Terminal *terminal) {
    return terminal->signal_fd;
}

void terminal_take_signals(Terminal *terminal) {
    uint64_t count;
    (void)!read(terminal->signal_fd, &count, sizeof count);
}

TerminalSize terminal_size(const Terminal *terminal) {
    (void)terminal;
    struct winsize size = { 0 };
    TerminalSize out = { 80, 24 };
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return out;
    if (size.ws_col > 0) out.n_columns = MAX(size.ws_col, 10);
    if (size.ws_row > 0) out.n_rows = MAX(size.ws_row, 2);
    return out;
}

bool terminal_reflows(const Terminal *terminal) {
    return terminal->reflows;
}

void terminal_suspend(Terminal *terminal) {
    leave_raw(terminal);
}

void terminal_resume(Terminal *terminal) {
    enter_raw(terminal);
}

bool terminal_write(Terminal *terminal, const char *text, gssize length, GError **error) {
    (void)terminal;
    size_t n_bytes = length < 0 ? strlen(text) : (size_t)length;
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = write(STDOUT_FILENO, text + done, n_bytes - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            error_set_errno(error, errno, "writing to the terminal");
            return false;
        }
        done += (size_t)n;
    }
    return true;
}
