/* memory/vector_plane.c: opening a plane and keeping up with its file. */
#include "memory/vector_plane.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "memory/vector_plane-private.h"

/* ---- layout ---- */

void plane_layout_init(PlaneLayout *layout, size_t n_dimensions) {
    size_t stride = vector_row_stride(n_dimensions);
    layout->stride = stride;
    layout->scales = PLANE_BLOCK_ROWS * sizeof(int64_t);
    layout->checks = layout->scales + PLANE_BLOCK_ROWS * sizeof(float);
    layout->signs = layout->checks + PLANE_BLOCK_ROWS * sizeof(uint32_t);
    layout->high = layout->signs + PLANE_BLOCK_ROWS * stride / 8;
    layout->low = layout->high + PLANE_BLOCK_ROWS * stride;
    layout->block_bytes = layout->low + PLANE_BLOCK_ROWS * stride;
}

PlaneBlock plane_block(const VectorPlane *plane, size_t block) {
    const uint8_t *at = plane->map + plane_block_offset(plane, block);
    const PlaneLayout *layout = &plane->layout;
    return (PlaneBlock){
        .ids = (const int64_t *)(const void *)at,
        .scales = (const float *)(const void *)(at + layout->scales),
        .checks = (const uint32_t *)(const void *)(at + layout->checks),
        .signs = at + layout->signs,
        .high = at + layout->high,
        .low = (const int8_t *)(at + layout->low),
    };
}

/* ---- checks ---- */

static uint64_t hash_bytes(const void *bytes, size_t length, uint64_t hash) {
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

uint64_t plane_header_check(const PlaneHeader *header) {
    return hash_bytes(header, offsetof(PlaneHeader, check), UINT64_C(0xCBF29CE484222325));
}

uint64_t plane_slot_check(const PlaneSlot *slot, const PlaneHeader *header) {
    return hash_bytes(slot, offsetof(PlaneSlot, check), header->check);
}

uint64_t plane_boot_number(void) {
    g_autofree char *text = NULL;
    size_t length = 0;
    /* No /proc: every start looks alike, and an unsynced plane is trusted after a power loss. */
    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, &length, NULL)) return 1;
    return hash_bytes(text, length, UINT64_C(0xCBF29CE484222325));
}

/* ---- opening ---- */

void plane_forget(VectorPlane *plane) {
    if (plane->map != NULL) munmap(plane->map, plane->map_length);
    if (plane->fd >= 0) close(plane->fd);
    plane->map = NULL;
    plane->map_length = 0;
    plane->fd = -1;
    plane->device = 0;
    plane->inode = 0;
    plane->header = (PlaneHeader){ 0 };
    plane->layout = (PlaneLayout){ 0 };
    plane->slot = (PlaneSlot){ 0 };
    plane->is_dirty = false;
}

static bool is_header_ours(const VectorPlane *plane, const PlaneHeader *header) {
    return memcmp(header->magic, PLANE_MAGIC, sizeof header->magic) == 0 &&
           header->check == plane_header_check(header) && header->block_rows == PLANE_BLOCK_ROWS &&
           header->n_dimensions > 0 && header->n_dimensions <= VECTOR_MAX_DIMENSIONS &&
           memcmp(header->owner, plane->owner, PLANE_OWNER_BYTES) == 0;
}

/* Maps as much as the file has now. */
static bool map_file(VectorPlane *plane) {
    struct stat status;
    if (fstat(plane->fd, &status) != 0 || status.st_size < PLANE_HEADER_BYTES) return false;
    size_t length = (size_t)status.st_size;
    void *map = plane->map == NULL ? mmap(NULL, length, PROT_READ, MAP_SHARED, plane->fd, 0)
                                   : mremap(plane->map, plane->map_length, length, MREMAP_MAYMOVE);
    if (map == MAP_FAILED) return false;
    plane->map = map;
    plane->map_length = length;
    return true;
}

/* The newest whole slot of the mapped file; false when there is none. */
static bool read_slot(const VectorPlane *plane, PlaneSlot *out) {
    bool has_one = false;
    for (size_t i = 0; i < 2; i++) {
        PlaneSlot slot;
        memcpy(&slot, plane->map + PLANE_SLOT_OFFSET(i), sizeof slot);
        if (slot.check != plane_slot_check(&slot, &plane->header)) continue;
        if (has_one && slot.sequence < out->sequence) continue;
        *out = slot;
        has_one = true;
    }
    return has_one;
}

/* Takes over what the file says now; false when it cannot be used. */
static bool take_slot(VectorPlane *plane) {
    PlaneSlot slot;
    if (!read_slot(plane, &slot)) return false;
    if (slot.sequence == plane->slot.sequence) return true;
    uint64_t n_blocks = (slot.n_rows + PLANE_BLOCK_ROWS - 1) / PLANE_BLOCK_ROWS;
    if (n_blocks > SIZE_MAX / 2 / plane->layout.block_bytes) return false;
    size_t needed = PLANE_HEADER_BYTES + (size_t)n_blocks * plane->layout.block_bytes;
    if (needed > plane->map_length && (!map_file(plane) || needed > plane->map_length))
        return false;
    plane->slot = slot;
    return true;
}

/* Read-only is enough until a write. */
static int open_file(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd;
}

/* Opens what is at the path; what cannot be used stays closed, but is remembered by its inode. */
static void open_anew(VectorPlane *plane, const struct stat *status) {
    plane_forget(plane);
    plane->fd = S_ISREG(status->st_mode) ? open_file(plane->path) : -1;
    bool is_usable = plane->fd >= 0 && map_file(plane);
    if (is_usable) {
        memcpy(&plane->header, plane->map, sizeof plane->header);
        is_usable = is_header_ours(plane, &plane->header);
    }
    if (is_usable) {
        plane_layout_init(&plane->layout, plane->header.n_dimensions);
        is_usable = take_slot(plane);
    }
    if (!is_usable) plane_forget(plane);
    plane->device = status->st_dev;
    plane->inode = status->st_ino;
}

void plane_refresh(VectorPlane *plane) {
    struct stat status;
    if (stat(plane->path, &status) != 0) {
        plane_forget(plane);
        return;
    }
    if (status.st_ino != plane->inode || status.st_dev != plane->device)
        open_anew(plane, &status);
    else if (plane->map != NULL && !take_slot(plane))
        plane_forget(plane);
}

VectorPlane *vector_plane_open(const char *path, const char *owner, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (access(folder, F_OK) == 0 && access(folder, R_OK | X_OK) != 0) {
        error_set_errno(error, errno, "reading the folder '%s'", folder);
        return NULL;
    }
    VectorPlane *plane = g_new0(VectorPlane, 1);
    plane->path = g_strdup(path);
    plane->lock_path = g_strconcat(path, ".lock", NULL);
    g_autofree char *hash = hash_sha256_of(owner, strlen(owner));
    memcpy(plane->owner, hash, PLANE_OWNER_BYTES);
    plane->fd = -1;
    plane->kernel = vector_kernel_choose();
    plane_refresh(plane);
    if (plane_needs_verify(plane) && !plane_verify(plane, error)) {
        vector_plane_close(plane);
        return NULL;
    }
    return plane;
}

void vector_plane_close(VectorPlane *plane) {
    if (plane == NULL) return;
    g_autoptr(GError) failure = NULL;
    if (plane->is_dirty && !vector_plane_sync(plane, &failure))
        g_debug("vectors: %s, ignoring", failure->message);
    plane_forget(plane);
    g_free(plane->path);
    g_free(plane->lock_path);
    g_free(plane);
}

void vector_plane_facts(VectorPlane *plane, VectorPlaneFacts *out) {
    plane_refresh(plane);
    *out = (VectorPlaneFacts){ .needs_reconcile = true };
    if (plane->map == NULL) return;
    struct stat status;
    out->n_rows = (size_t)(plane->slot.n_rows - plane->slot.n_dead);
    out->n_vectors = out->n_rows - (size_t)plane->slot.n_empty;
    out->n_dimensions = plane->header.n_dimensions;
    out->generation = plane->header.file_number + plane->slot.sequence;
    out->needs_reconcile = plane->slot.reconciled_boot != plane_boot_number();
    if (fstat(plane->fd, &status) == 0) out->size_bytes = (int64_t)status.st_blocks * 512;
}
