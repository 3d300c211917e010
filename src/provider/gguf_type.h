/*
 * provider/gguf_type.h: how GGUF files store numbers: one row per tensor type, one name per
 * mixture.
 *
 * The numbers are part of the file format. A type that is missing here is newer than the table; its
 * tensors are counted, only their size in the file is not checked.
 *
 *     bytes = elements / gguf_types[type].block_elements * gguf_types[type].block_bytes;
 */
#pragma once

#include <stdint.h>

enum { GGUF_N_TYPES = 43 };

typedef struct {
    const char *name;
    uint16_t block_elements; /* 0 = no such type */
    uint16_t block_bytes;
} GgufType;

extern const GgufType gguf_types[GGUF_N_TYPES];

/* Of general.file_type: "Q4_K_M"; NULL for an unknown number. */
const char *gguf_file_type_name(uint64_t file_type);
