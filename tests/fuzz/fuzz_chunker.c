/* Any bytes as a note: decoding, front matter, cutting. */
#include <stdint.h>
#include <string.h>

#include "memory/chunker.h"
#include "memory/forget.h"
#include "memory/front_matter.h"
#include "memory/note_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_chunks(const char *text, size_t length, const ChunkerLimits *limits) {
    g_autoptr(ChunkList) list = chunker_split(text, length, limits);
    for (unsigned i = 0; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        g_assert_true(chunk->length > 0 && chunk->offset + chunk->length <= length);
        g_assert_true(chunk->start_line >= 1 && chunk->start_line <= chunk->end_line);
        g_assert_true(chunk->end_line <= list->n_lines);
        g_assert_true(g_utf8_validate(text + chunk->offset, (gssize)chunk->length, NULL));
        g_assert_cmpint(chunk->heading, <, list->headings->len);
        g_assert_cmpint(chunk->provenance, <, list->provenances->len);
        const char *heading = g_ptr_array_index(list->headings, chunk->heading);
        g_assert_true(g_utf8_validate(heading, -1, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *bytes = g_malloc(size + 1);
    if (size > 0) memcpy(bytes, data, size);
    bytes[size] = '\0';
    g_autofree char *name = note_date_find(bytes);
    NoteText note;
    if (!note_text_decode(bytes, size, &note, NULL)) return 0;
    g_assert_true(g_utf8_validate(note.text, (gssize)note.length, NULL));
    check_chunks(note.text, note.length, &(ChunkerLimits){ 400, 80 });
    check_chunks(note.text, note.length, &(ChunkerLimits){ 16, 64 });
    g_autofree char *clean = provenance_clean_text(note.text);
    g_assert_null(strstr(clean, "<!--"));
    int64_t n_places = 0;
    g_autofree char *rest = forget_in_text(note.text, "a", &n_places);
    g_assert_true((rest != NULL) == (n_places > 0));
    note_text_clear(&note);
    return 0;
}
