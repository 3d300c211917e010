/* cli/standard_input.c: poll() beside the Cancel, then read(). */
#include "cli/standard_input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.h"

#define PATIENCE_MS 2000

static bool wait_for_bytes(StandardInput *input, GError **error) {
    App *app = input->app;
    for (;;) {
        if (!cancel_check(app->cancel, error)) return false;
        struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
                                { cancel_fd(app->cancel), POLLIN, 0 } };
        int patience = input->has_told ? -1 : PATIENCE_MS;
        int n = poll(fds, G_N_ELEMENTS(fds), cancel_poll_timeout_ms(app->cancel, patience));
        if (n < 0 && errno != EINTR) {
            error_set_errno(error, errno, "waiting for standard input");
            return false;
        }
        if (n > 0 && fds[0].revents != 0) return true;
        if (n == 0 && !input->has_told) {
            app_note(app, "waiting for standard input; Ctrl-D ends it, or use </dev/null");
            input->has_told = true;
        }
    }
}

ssize_t standard_input_read(StandardInput *input, char *buffer, size_t size, GError **error) {
    ssize_t n;
    do {
        if (!wait_for_bytes(input, error)) return -1;
        n = read(STDIN_FILENO, buffer, size);
    } while (n < 0 && errno == EINTR);
    if (n < 0) error_set_errno(error, errno, "reading standard input");
    return n;
}

GString *standard_input_read_all(App *app, size_t max_bytes, GError **error) {
    StandardInput input = { .app = app };
    g_autoptr(GString) text = g_string_new(NULL);
    char block[65536];
    for (;;) {
        ssize_t n = standard_input_read(&input, block, sizeof block, error);
        if (n < 0) return NULL;
        if (n == 0) return g_steal_pointer(&text);
        g_string_append_len(text, block, n);
        if (text->len > max_bytes) {
            error_set_with_hint(error, ERR_LIMIT, "Send the part that matters.",
                                "standard input has more than %zu MB", max_bytes >> 20);
            return NULL;
        }
    }
}
