/* base/line_splitter.c: lines of a stream. */
#include "base/line_splitter.h"

#include <string.h>

#include "base/error.h"

void line_splitter_init(LineSplitter *splitter, size_t max_bytes) {
    *splitter = (LineSplitter){ .pending = g_string_new(NULL), .max_bytes = max_bytes };
}

void line_splitter_clear(LineSplitter *splitter) {
    if (splitter->pending != NULL) g_string_free(splitter->pending, TRUE);
    *splitter = (LineSplitter){ 0 };
}

static bool check_length(const LineSplitter *splitter, size_t more, GError **error) {
    if (splitter->pending->len + more <= splitter->max_bytes) return true;
    error_set(error, ERR_LIMIT, "a line has more than %zu bytes", splitter->max_bytes);
    return false;
}

static size_t find_end(const char *bytes, size_t length) {
    size_t i = 0;
    while (i < length && bytes[i] != '\n' && bytes[i] != '\r') i++;
    return i;
}

/* A line that lies whole in the piece goes as it is. */
static bool give_line(LineSplitter *splitter, const char *bytes, size_t length, LineFn on_line,
                      void *user_data, GError **error) {
    if (splitter->pending->len == 0) return on_line(bytes, length, user_data, error);
    g_string_append_len(splitter->pending, bytes, (gssize)length);
    bool goes_on = on_line(splitter->pending->str, splitter->pending->len, user_data, error);
    g_string_truncate(splitter->pending, 0);
    return goes_on;
}

bool line_splitter_feed(LineSplitter *splitter, const char *bytes, size_t length, LineFn on_line,
                        void *user_data, GError **error) {
    while (length > 0) {
        if (splitter->follows_cr && *bytes == '\n') {
            bytes++;
            length--;
        }
        splitter->follows_cr = false;
        size_t end = find_end(bytes, length);
        if (!check_length(splitter, end, error)) return false;
        if (end == length) {
            g_string_append_len(splitter->pending, bytes, (gssize)length);
            return true;
        }
        splitter->follows_cr = bytes[end] == '\r';
        if (!give_line(splitter, bytes, end, on_line, user_data, error)) return false;
        bytes += end + 1;
        length -= end + 1;
    }
    return true;
}

bool line_splitter_finish(LineSplitter *splitter, LineFn on_line, void *user_data, GError **error) {
    if (splitter->pending->len == 0) return true;
    return give_line(splitter, "", 0, on_line, user_data, error);
}
