/* memory/index-private.h: what memory/index.c and memory/index_put.c share. */
#pragma once

#include "memory/index.h"
#include "memory/word_index.h"

struct Index {
    /* owned */
    Store *store;
    char *owner;
    GArray *added_texts;    /* IndexedText */
    GArray *removed_chunks; /* int64_t */
    /* state */
    ChunkerLimits limits;
    bool keeps_texts;
    /* of the batch; NULL outside of one */
    TermTable *terms;
    WordBatch *words;
    GArray *file_terms, *chunk_terms; /* uint32_t */
    int64_t next_file, next_chunk;
    size_t text_bytes;
};

void index_clear_text(void *text);
