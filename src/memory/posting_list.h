/*
 * memory/posting_list.h: in which documents a term stands, packed: about three bytes each.
 *
 *     PostingWriter writer = { 0 };
 *     posting_writer_add(&writer, &(Posting){ .document = 7, .count = 2, .length_code = c });
 *     ... store writer.bytes->data ...
 *     PostingReader reader = posting_reader_new(bytes, length);
 *     for (Posting posting; posting_reader_next(&reader, &posting);) ...
 *
 * A posting is the distance to the document before (a varint), how often the term stands there (at
 * most 255), and how long the document is, in steps of 4 % (posting_length_code). Documents ascend.
 * Reading stops at the first byte that cannot be right: damage shortens a list, and is_damaged
 * tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t document;
    uint8_t count;
    uint8_t length_code;
} Posting;

typedef struct {
    uint8_t *bytes; /* owned: free() */
    uint32_t length, allocated;
    uint32_t n_postings;
    int64_t last;
} PostingWriter;

void posting_writer_add(PostingWriter *writer, const Posting *posting);
void posting_writer_clear(PostingWriter *writer);

typedef struct {
    const uint8_t *at, *end; /* borrowed */
    int64_t last;
    bool is_damaged;
} PostingReader;

static inline PostingReader posting_reader_new(const void *bytes, size_t length) {
    return (PostingReader){ .at = bytes, .end = (const uint8_t *)bytes + length };
}

static inline bool posting_reader_next(PostingReader *reader, Posting *out) {
    uint64_t distance = 0;
    unsigned shift = 0;
    const uint8_t *at = reader->at;
    if (at == reader->end) return false;
    while (at < reader->end && shift < 63) {
        distance |= (uint64_t)(*at & 0x7f) << shift;
        shift += 7;
        if ((*at++ & 0x80) == 0) break;
    }
    if (at + 2 > reader->end || (at[-1] & 0x80) != 0 || distance == 0) {
        reader->is_damaged = true;
        reader->at = reader->end;
        return false;
    }
    reader->last += (int64_t)distance;
    *out = (Posting){ reader->last, at[0], at[1] };
    reader->at = at + 2;
    return true;
}

/* Terms of a document as one byte, and back. */
uint8_t posting_length_code(uint32_t n_terms);
float posting_length(uint8_t code);
