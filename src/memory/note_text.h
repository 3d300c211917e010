/*
 * memory/note_text.h: a file of notes as text: any encoding is read, what is no text is named.
 *
 *     NoteText note;
 *     if (!note_text_read(AT_FDCWD, path, &note, error)) return false;   // ERR_DATA: "not text"
 *     ... note.text, note.length, NUL-terminated valid UTF-8 ...
 *     note_text_clear(&note);
 *
 * UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252; a file that is UTF-8 but for a few
 * bytes keeps its characters and gets U+FFFD for those bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* A larger file is named and left out. */
#define NOTE_MAX_BYTES ((size_t)64 << 20)

typedef struct {
    /* owned */
    char *text;
    /* state */
    size_t length;
    bool is_raw; /* the text is the file byte for byte */
    int64_t mtime_ns, size_bytes;
    uint64_t inode;
} NoteText;

/* Never blocks on a FIFO or device. ERR_LIMIT, ERR_DATA (not text, no regular file), ERR_IO,
 * ERR_NOT_FOUND. */
bool note_text_read(const char *path, NoteText *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From bytes; takes `bytes` (NUL-terminated at `length`, g_malloc'ed), also on failure. */
bool note_text_decode(char *bytes, size_t length, NoteText *out,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void note_text_clear(NoteText *note);
