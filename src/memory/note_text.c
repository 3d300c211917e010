/* memory/note_text.c: see the header. */
#include "memory/note_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* The characters of Windows-1252 that Latin-1 does not have; 0: none. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* As much of a file as decides whether it is text. */
#define PROBE_BYTES 8192

void note_text_clear(NoteText *note) {
    g_free(note->text);
    *note = (NoteText){ 0 };
}

static char *from_windows_1252(const char *bytes, size_t length, size_t *out_length) {
    GString *text = g_string_sized_new(length + length / 8);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        gunichar character = byte;
        if (byte >= 0x80 && byte < 0xa0) character = windows_1252[byte - 0x80];
        if (character < 0x80)
            g_string_append_c(text, (char)character);
        else
            g_string_append_unichar(text, character);
    }
    *out_length = text->len;
    return g_string_free(text, FALSE);
}

static char *from_utf16(const char *bytes, size_t length, bool is_big_endian, size_t *out_length) {
    size_t n_units = length / 2;
    g_autofree gunichar2 *units = g_new(gunichar2, n_units + 1);
    for (size_t i = 0; i < n_units; i++) {
        unsigned char first = (unsigned char)bytes[2 * i], second = (unsigned char)bytes[2 * i + 1];
        units[i] = (gunichar2)(is_big_endian ? first << 8 | second : second << 8 | first);
    }
    glong n_bytes = 0;
    char *text = g_utf16_to_utf8(units, (glong)n_units, NULL, &n_bytes, NULL);
    *out_length = (size_t)n_bytes;
    return text;
}

/* Whether a character of more than one byte is well-formed somewhere: then it is UTF-8 with flaws.
 */
static bool has_utf8_character(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)bytes[i] < 0xc2) continue;
        gunichar character = g_utf8_get_char_validated(bytes + i, (gssize)MIN(length - i, 6));
        if (character != (gunichar)-1 && character != (gunichar)-2) return true;
    }
    return false;
}

static char *decode(const char *bytes, size_t length, size_t *out_length) {
    if (length >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
        return from_utf16(bytes + 2, length - 2, false, out_length);
    if (length >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0)
        return from_utf16(bytes + 2, length - 2, true, out_length);
    if (memchr(bytes, '\0', MIN(length, PROBE_BYTES)) != NULL) return NULL;
    if (!has_utf8_character(bytes, length)) return from_windows_1252(bytes, length, out_length);
    char *text = text_make_valid(bytes, length);
    *out_length = strlen(text);
    return text;
}

bool note_text_decode(char *bytes, size_t length, NoteText *out, GError **error) {
    *out = (NoteText){ 0 };
    if (g_utf8_validate(bytes, (gssize)length, NULL)) {
        *out = (NoteText){ .text = bytes, .length = length, .is_raw = true };
        return true;
    }
    char *text = decode(bytes, length, &out->length);
    g_free(bytes);
    if (text == NULL) {
        error_set(error, ERR_DATA, "not text");
        return false;
    }
    for (size_t i = 0; i < out->length; i++)
        if (text[i] == '\0') text[i] = ' ';
    out->text = text;
    return true;
}

static bool read_bytes(int fd, char *bytes, size_t size, size_t *out_length) {
    size_t length = 0;
    while (length < size) {
        ssize_t n = read(fd, bytes + length, size - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) break;
        length += (size_t)n;
    }
    bytes[length] = '\0';
    *out_length = length;
    return true;
}

static bool check_file(const struct stat *info, GError **error) {
    if (!S_ISREG(info->st_mode)) {
        error_set(error, ERR_DATA, "not a regular file");
        return false;
    }
    if ((uint64_t)info->st_size <= NOTE_MAX_BYTES) return true;
    g_autofree char *size = text_format_size((unsigned long long)info->st_size);
    g_autofree char *limit = text_format_size(NOTE_MAX_BYTES);
    error_set(error, ERR_LIMIT, "%s, more than the %s that are read of a note", size, limit);
    return false;
}

static bool read_open_file(int fd, NoteText *out, GError **error) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        error_set_errno(error, errno, "looking at it");
        return false;
    }
    if (!check_file(&info, error)) return false;
    size_t size = (size_t)info.st_size, length = 0;
    char *bytes = g_malloc(size + 1);
    if (!read_bytes(fd, bytes, size, &length)) {
        error_set_errno(error, errno, "reading it");
        g_free(bytes);
        return false;
    }
    if (!note_text_decode(bytes, length, out, error)) return false;
    out->mtime_ns = info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    out->size_bytes = info.st_size;
    out->inode = info.st_ino;
    return true;
}

bool note_text_read(const char *path, NoteText *out, GError **error) {
    *out = (NoteText){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_set_errno(error, errno, "opening it");
        return false;
    }
    bool is_ok = read_open_file(fd, out, error);
    close(fd);
    return is_ok;
}
