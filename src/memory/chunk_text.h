/*
 * memory/chunk_text.h: the text of a chunk, read from its file.
 *
 *     ChunkReader reader = { .memory = memory };
 *     char *text = chunk_reader_read(&reader, &place);     // NULL: not there any more
 *     chunk_reader_clear(&reader);
 *
 * The file read last is kept: hits often come from the same one.
 */
#pragma once

#include "memory/memory-private.h"

typedef struct {
    int64_t id, file;
    int64_t start_line, end_line;
    size_t offset, length;
    IndexSource source;
    bool is_raw;
    int label; /* NoteLabel */
    int64_t mtime_ns, size_bytes;
    bool is_stale; /* set by reading: the file is another one than was indexed */
    /* owned */
    char *path, *date, *heading, *entry;
} ChunkPlace;

void chunk_place_clear(ChunkPlace *place);
/* False without *error when there is no such chunk. */
bool chunk_place_find(Memory *memory, int64_t id, ChunkPlace *out, GError **error);

typedef struct {
    Memory *memory; /* borrowed */
    char *path;     /* owned: of the note that is kept */
    NoteText note;  /* owned */
} ChunkReader;

/* NULL when it is not there any more. */
char *chunk_reader_read(ChunkReader *reader, ChunkPlace *place);
void chunk_reader_clear(ChunkReader *reader);
