/*
 * memory/chunker.h: a Markdown note cut into the pieces that are found.
 *
 *     g_autoptr(ChunkList) list = chunker_split(text, length, &limits);
 *     for (unsigned i = 0; i < list->chunks->len; i++) {
 *         const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
 *         text + chunk->offset, chunk->length; chunk->start_line; chunk->heading ...
 *     }
 *
 * A heading begins a new piece, unless nothing stands between it and the heading above; headings
 * are the context of what stands below them. Within a section, paragraphs, list items, fences and
 * tables are put together up to the size, and the end of a piece is repeated at the beginning of
 * the next up to the overlap. A fence, a table or an item stays whole up to twice the size; a line
 * that is longer than that is cut at words. Lines are counted from 1. The pieces cover every line
 * that is not blank.
 *
 * A token is four bytes of ASCII, half a two-byte character or one longer character.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "memory/provenance.h"

typedef struct {
    int64_t size_tokens, overlap_tokens;
} ChunkerLimits;

typedef struct {
    size_t offset, length; /* bytes of the text */
    int64_t start_line, end_line;
    unsigned heading;    /* index of ChunkList.headings */
    unsigned provenance; /* index of ChunkList.provenances */
} Chunk;

typedef struct {
    /* owned */
    GArray *chunks;         /* Chunk */
    GPtrArray *headings;    /* char *: "Trips > Vienna", "" for none */
    GPtrArray *provenances; /* Provenance *; the first is the owner's */
    char *title;            /* of the front matter, or NULL */
    char *date;             /* of the front matter, "2026-11-24", or NULL */
    /* state */
    int64_t n_lines;
} ChunkList;

ChunkList *chunker_split(const char *text, size_t length, const ChunkerLimits *limits);
void chunk_list_free(ChunkList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChunkList, chunk_list_free)
