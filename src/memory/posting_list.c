/* memory/posting_list.c: see the header. */
#include "memory/posting_list.h"

#include <math.h>
#include <stdlib.h>

#include <glib.h>

/* Steps of 2^(1/STEPS): 255 of them reach 2^16 and beyond. */
#define STEPS 16.0F

void posting_writer_clear(PostingWriter *writer) {
    free(writer->bytes);
    *writer = (PostingWriter){ 0 };
}

static void reserve(PostingWriter *writer, uint32_t n) {
    if (writer->length + n <= writer->allocated) return;
    /* Most terms are rare: the first room is for two postings. */
    uint32_t allocated = MAX(8, writer->allocated + writer->allocated / 2 + n);
    writer->bytes = realloc(writer->bytes, allocated);
    if (writer->bytes == NULL) g_error("out of memory");
    writer->allocated = allocated;
}

void posting_writer_add(PostingWriter *writer, const Posting *posting) {
    g_assert(posting->document > writer->last);
    uint64_t distance = (uint64_t)(posting->document - writer->last);
    reserve(writer, 12);
    uint8_t *at = writer->bytes + writer->length;
    for (; distance >= 0x80; distance >>= 7) *at++ = (uint8_t)(distance | 0x80);
    *at++ = (uint8_t)distance;
    *at++ = posting->count;
    *at++ = posting->length_code;
    writer->length = (uint32_t)(at - writer->bytes);
    writer->last = posting->document;
    writer->n_postings++;
}

uint8_t posting_length_code(uint32_t n_terms) {
    float code = roundf(STEPS * log2f(1.0F + (float)n_terms));
    return (uint8_t)CLAMP(code, 0.0F, 255.0F);
}

float posting_length(uint8_t code) {
    return exp2f((float)code / STEPS) - 1.0F;
}
