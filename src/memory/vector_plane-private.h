/*
 * memory/vector_plane-private.h: the file of a plane, for vector_plane.c (opening and reading),
 * vector_plane_write.c and vector_plane_search.c.
 *
 * A header of 4 KiB, then blocks of 1,024 rows. The header has two slots that say how many rows
 * count; a write puts its rows behind the last that counts and then fills the older slot, so that
 * at every moment one slot is whole. A block holds, one after the other, the ids, scales, checks,
 * signs, high bytes and low bytes of its rows: a scan runs through memory in order and never
 * touches the low bytes. A deleted row has id 0 and zero bytes.
 */
#pragma once

#include <sys/types.h>

#include "memory/vector_kernel.h"
#include "memory/vector_plane.h"
#include "memory/vector_row.h"

#define PLANE_MAGIC "LGPLANE1"
#define PLANE_HEADER_BYTES 4096
#define PLANE_BLOCK_ROWS 1024
#define PLANE_OWNER_BYTES 64

/* At the start of the file. */
typedef struct {
    char magic[8];
    uint32_t block_rows;
    uint32_t n_dimensions;
    uint64_t file_number;          /* random */
    char owner[PLANE_OWNER_BYTES]; /* SHA-256 of the owner, in hex */
    uint64_t check;
} PlaneHeader;

/* At 512 and 1,024. */
typedef struct {
    uint64_t sequence;
    uint64_t n_rows;          /* the deleted included */
    uint64_t n_dead;          /* deleted */
    uint64_t n_empty;         /* without a vector, the deleted not included */
    uint64_t boot;            /* since when the machine ran */
    uint64_t reconciled_boot; /* the same, at the last reconcile */
    uint64_t is_synced;
    uint64_t check;
} PlaneSlot;

#define PLANE_SLOT_OFFSET(sequence) (512 + 512 * ((sequence) % 2))

/* The parts of one mapped block. */
typedef struct {
    const int64_t *ids;
    const float *scales;
    const uint32_t *checks;
    const uint8_t *signs;
    const uint8_t *high;
    const int8_t *low;
} PlaneBlock;

/* Where they begin in a block. */
typedef struct {
    size_t stride;
    size_t scales, checks, signs, high, low;
    size_t block_bytes;
} PlaneLayout;

struct VectorPlane {
    /* owned */
    char *path;
    char *lock_path;
    char owner[PLANE_OWNER_BYTES];
    uint8_t *map; /* the whole file, read-only; NULL = empty */
    int fd;       /* -1 = empty */
    /* borrowed */
    const VectorKernel *kernel;
    /* state */
    size_t map_length;
    dev_t device; /* of what is open, or of a file that was refused */
    ino_t inode;
    PlaneHeader header;
    PlaneLayout layout;
    PlaneSlot slot; /* what counts for this handle */
    bool is_dirty;  /* this handle wrote and did not sync */
};

void plane_layout_init(PlaneLayout *layout, size_t n_dimensions);

static inline off_t plane_block_offset(const VectorPlane *plane, size_t block) {
    return (off_t)(PLANE_HEADER_BYTES + block * plane->layout.block_bytes);
}

PlaneBlock plane_block(const VectorPlane *plane, size_t block);

/* Rows of a block that count. */
static inline size_t plane_block_rows(const VectorPlane *plane, size_t block) {
    size_t rest = (size_t)plane->slot.n_rows - block * PLANE_BLOCK_ROWS;
    return rest < PLANE_BLOCK_ROWS ? rest : PLANE_BLOCK_ROWS;
}

static inline size_t plane_n_blocks(const VectorPlane *plane) {
    return ((size_t)plane->slot.n_rows + PLANE_BLOCK_ROWS - 1) / PLANE_BLOCK_ROWS;
}

uint64_t plane_header_check(const PlaneHeader *header);
uint64_t plane_slot_check(const PlaneSlot *slot, const PlaneHeader *header);

/* A number of this start of the machine. */
uint64_t plane_boot_number(void);

/* Looks at the file again: a new one in its place, more rows. What cannot be used is empty; never
 * fails. */
void plane_refresh(VectorPlane *plane);

/* Lets go of the file. */
void plane_forget(VectorPlane *plane);

/* After a crash of the machine rows may not have reached the disk: deletes those whose check is
 * wrong, then syncs. */
bool plane_verify(VectorPlane *plane, GError **error);

static inline bool plane_needs_verify(const VectorPlane *plane) {
    return plane->map != NULL && plane->slot.is_synced == 0 &&
           plane->slot.boot != plane_boot_number();
}
