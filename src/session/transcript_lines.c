/* session/transcript_lines.c: whole lines out of blocks. */
#include "session/transcript_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { BLOCK_BYTES = 256 << 10 };

bool transcript_lines_open(TranscriptLines *lines, const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, errno, "reading '%s'", path);
        return false;
    }
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        error_set(error, ERR_DATA, "'%s' is not a regular file", path);
        return false;
    }
    *lines = (TranscriptLines){ .fd = fd,
                                .block = g_string_sized_new(BLOCK_BYTES),
                                .size_bytes = info.st_size };
    return true;
}

/* Appends the next block. False at the end of the file. */
static bool read_more(TranscriptLines *lines) {
    if (lines->used > 0) g_string_erase(lines->block, 0, (gssize)lines->used);
    lines->used = 0;
    size_t kept = lines->block->len;
    g_string_set_size(lines->block, kept + BLOCK_BYTES);
    ssize_t n;
    do n = read(lines->fd, lines->block->str + kept, BLOCK_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0) lines->read_errno = errno;
    g_string_truncate(lines->block, kept + (size_t)MAX(n, 0));
    return n > 0;
}

static void drop(TranscriptLines *lines, size_t length) {
    lines->used += length;
    lines->offset += (int64_t)length;
}

bool transcript_lines_next(TranscriptLines *lines, TranscriptLine *out_line) {
    size_t searched = 0;
    for (;;) {
        const char *start = lines->block->str + lines->used;
        size_t available = lines->block->len - lines->used;
        const char *newline = memchr(start + searched, '\n', available - searched);
        if (newline != NULL) {
            size_t length = (size_t)(newline - start);
            *out_line =
                (TranscriptLine){ .text = start, .length = length, .offset = lines->offset };
            if (lines->is_too_long) out_line->text = NULL;
            lines->is_too_long = false;
            drop(lines, length + 1);
            return true;
        }
        searched = available;
        if (available > TRANSCRIPT_MAX_LINE_BYTES) {
            lines->is_too_long = true;
            drop(lines, available);
            searched = 0;
        }
        if (!read_more(lines)) break;
    }
    lines->torn_bytes = (int64_t)(lines->block->len - lines->used);
    return false;
}

bool transcript_lines_seek(TranscriptLines *lines, int64_t offset, GError **error) {
    if (lseek(lines->fd, (off_t)offset, SEEK_SET) < 0) {
        error_set_errno(error, errno, "reading a session");
        return false;
    }
    g_string_truncate(lines->block, 0);
    lines->used = 0;
    lines->offset = offset;
    lines->torn_bytes = 0;
    lines->is_too_long = false;
    TranscriptLine rest;
    /* The end of the line that `offset` is in; without one there is nothing to go on with. */
    if (offset > 0) (void)transcript_lines_next(lines, &rest);
    return true;
}

bool transcript_lines_tail(const TranscriptLines *lines, TranscriptLine *out_line) {
    if (lines->torn_bytes == 0 || lines->is_too_long || lines->read_errno != 0) return false;
    *out_line = (TranscriptLine){ .text = lines->block->str + lines->used,
                                  .length = (size_t)lines->torn_bytes,
                                  .offset = lines->offset };
    return true;
}

void transcript_lines_close(TranscriptLines *lines) {
    close(lines->fd);
    g_string_free(lines->block, TRUE);
}

char *transcript_lines_read_at(const TranscriptLines *lines, int64_t offset, size_t length) {
    g_autofree char *text = g_malloc(length + 1);
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(lines->fd, text + done, length - done, (off_t)offset + (off_t)done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return NULL;
        done += (size_t)n;
    }
    text[length] = '\0';
    return g_steal_pointer(&text);
}
