/* cli/line_reader.c: see the header. */
#include "cli/line_reader.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>

#include "base/error.h"
#include "base/text.h"

#define MAX_LINE_BYTES ((size_t)1 << 20)

struct LineReader {
    int fd;
    GString *pending; /* read, but not yet given out */
    bool is_at_end;
};

LineReader *line_reader_new(int fd) {
    LineReader *reader = g_new0(LineReader, 1);
    reader->fd = fd;
    reader->pending = g_string_new(NULL);
    return reader;
}

void line_reader_free(LineReader *reader) {
    if (reader == NULL) return;
    g_string_free(reader->pending, TRUE);
    g_free(reader);
}

/* A whole line out of what is pending, or NULL. */
static char *take_line(LineReader *reader) {
    char *end = memchr(reader->pending->str, '\n', reader->pending->len);
    if (end == NULL && !(reader->is_at_end && reader->pending->len > 0)) return NULL;
    size_t length = end != NULL ? (size_t)(end - reader->pending->str) : reader->pending->len;
    size_t kept = length > 0 && reader->pending->str[length - 1] == '\r' ? length - 1 : length;
    char *line = text_make_valid(reader->pending->str, kept);
    g_string_erase(reader->pending, 0, (gssize)(length + (end != NULL ? 1 : 0)));
    return line;
}

static LineResult fill(LineReader *reader, Cancel *cancel, GError **error) {
    struct pollfd fds[] = { { reader->fd, POLLIN, 0 }, { cancel_fd(cancel), POLLIN, 0 } };
    int n = poll(fds, G_N_ELEMENTS(fds), cancel_poll_timeout_ms(cancel, -1));
    if (cancel_is_triggered(cancel) || (n == 0)) return LINE_INTERRUPTED;
    if (n < 0 && errno != EINTR) {
        error_set_errno(error, errno, "waiting for a line");
        return LINE_ERROR;
    }
    if (n < 0 || fds[0].revents == 0) return LINE_READ;
    char block[4096];
    ssize_t count = read(reader->fd, block, sizeof block);
    if (count < 0 && errno != EINTR && errno != EAGAIN) {
        error_set_errno(error, errno, "reading a line");
        return LINE_ERROR;
    }
    if (count == 0) reader->is_at_end = true;
    if (count > 0) g_string_append_len(reader->pending, block, count);
    return LINE_READ;
}

LineResult line_reader_next(LineReader *reader, Cancel *cancel, char **out_line, GError **error) {
    for (;;) {
        char *line = take_line(reader);
        if (line != NULL) {
            *out_line = line;
            return LINE_READ;
        }
        if (reader->is_at_end) return LINE_END;
        if (reader->pending->len > MAX_LINE_BYTES) {
            error_set(error, ERR_LIMIT, "a line of more than 1 MiB");
            return LINE_ERROR;
        }
        LineResult result = fill(reader, cancel, error);
        if (result != LINE_READ) return result;
    }
}

void line_reader_discard(LineReader *reader) {
    g_string_truncate(reader->pending, 0);
    if (isatty(reader->fd) == 1) tcflush(reader->fd, TCIFLUSH);
}
