/* memory/vector_plane_write.c: adding, deleting and rewriting rows, under the lock. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "memory/id_set.h"
#include "memory/vector_plane-private.h"

/* Rows are encoded and written in runs of at most so many. */
#define RUN_ROWS 256
/* Deleted rows that make a rewrite worth its time, beside a quarter (reconcile) or a half (write)
 * of all. */
#define MIN_DEAD_ROWS 1024

/* ---- the lock ---- */

static int lock_plane(const VectorPlane *plane, GError **error) {
    g_autofree char *folder = g_path_get_dirname(plane->path);
    if (!file_make_folders(folder, error)) return -1;
    int fd = open(plane->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_set_errno(error, errno, "locking '%s'", plane->path);
        return -1;
    }
    while (flock(fd, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        error_set_errno(error, errno, "locking '%s'", plane->path);
        close(fd);
        return -1;
    }
    return fd;
}

static void unlock_plane(int *fd) {
    if (*fd >= 0) close(*fd);
}

/* ---- bytes ---- */

static bool write_at(int fd, const void *bytes, size_t length, off_t offset) {
    for (size_t done = 0; done < length;) {
        ssize_t n = pwrite(fd, (const char *)bytes + done, length - done, offset + (off_t)done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return true;
}

static bool set_write_error(const VectorPlane *plane, GError **error) {
    error_set_errno(error, errno, "writing '%s'", plane->path);
    return false;
}

/* Makes `slot` what counts: it goes over the older of the two. */
static bool publish(VectorPlane *plane, PlaneSlot slot) {
    slot.sequence = plane->slot.sequence + 1;
    slot.boot = plane_boot_number();
    slot.check = plane_slot_check(&slot, &plane->header);
    if (!write_at(plane->fd, &slot, sizeof slot, (off_t)PLANE_SLOT_OFFSET(slot.sequence)))
        return false;
    plane->is_dirty = slot.is_synced == 0;
    return true;
}

static bool publish_and_refresh(VectorPlane *plane, PlaneSlot slot, GError **error) {
    if (!publish(plane, slot)) return set_write_error(plane, error);
    bool is_dirty = plane->is_dirty;
    plane_refresh(plane);
    plane->is_dirty = is_dirty;
    return true;
}

/* ---- a new file ---- */

/* Makes an empty plane under `name` and lets the handle have it; the file is not yet at its path.
 */
static bool create_file(VectorPlane *plane, const char *name, size_t n_dimensions, GError **error) {
    plane_forget(plane);
    plane->fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (plane->fd < 0) {
        error_set_errno(error, errno, "writing '%s'", name);
        return false;
    }
    PlaneHeader header = { .block_rows = PLANE_BLOCK_ROWS, .n_dimensions = (uint32_t)n_dimensions };
    memcpy(header.magic, PLANE_MAGIC, sizeof header.magic);
    memcpy(header.owner, plane->owner, PLANE_OWNER_BYTES);
    header.file_number = (uint64_t)g_random_int() << 32 | g_random_int();
    header.check = plane_header_check(&header);
    plane->header = header;
    plane_layout_init(&plane->layout, n_dimensions);
    plane->slot = (PlaneSlot){ 0 };
    /* An empty plane agrees with every database. */
    PlaneSlot first = { .reconciled_boot = plane_boot_number() };
    if (ftruncate(plane->fd, PLANE_HEADER_BYTES) == 0 &&
        write_at(plane->fd, &header, sizeof header, 0) && publish(plane, first))
        return true;
    error_set_errno(error, errno, "writing '%s'", name);
    return false;
}

static char *name_of_next(const VectorPlane *plane) {
    return g_strconcat(plane->path, ".next", NULL);
}

/* Puts the file that create_file() made at its path. */
static bool install_file(VectorPlane *plane, const char *name, GError **error) {
    if (fdatasync(plane->fd) == 0 && rename(name, plane->path) == 0) {
        plane_forget(plane);
        plane_refresh(plane);
        plane->is_dirty = plane->map != NULL;
        return true;
    }
    set_write_error(plane, error);
    unlink(name);
    plane_forget(plane);
    return false;
}

static bool start_file(VectorPlane *plane, size_t n_dimensions, GError **error) {
    g_autofree char *name = name_of_next(plane);
    if (!create_file(plane, name, n_dimensions, error)) {
        unlink(name);
        plane_forget(plane);
        return false;
    }
    return install_file(plane, name, error);
}

/* ---- rows ---- */

/* Rows on their way into one block, part by part. */
typedef struct {
    int64_t ids[RUN_ROWS];
    float scales[RUN_ROWS];
    uint32_t checks[RUN_ROWS];
    uint8_t *signs; /* owned, as the next two */
    uint8_t *high;
    int8_t *low;
    size_t n;
    size_t n_empty;
} Run;

static void run_init(Run *run, const PlaneLayout *layout) {
    run->signs = g_malloc(RUN_ROWS * layout->stride / 8);
    run->high = g_malloc(RUN_ROWS * layout->stride);
    run->low = g_malloc(RUN_ROWS * layout->stride);
    run->n = 0;
    run->n_empty = 0;
}

static void run_clear(Run *run) {
    g_free(run->signs);
    g_free(run->high);
    g_free(run->low);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static VectorRowParts run_parts(const Run *run, size_t row, size_t stride) {
    return (VectorRowParts){ .high = run->high + row * stride,
                             .low = run->low + row * stride,
                             .signs = run->signs + row * stride / 8 };
}

/* Writes the run as the rows from `first` on; they lie in one block. */
static bool write_run(const VectorPlane *plane, const Run *run, size_t first) {
    const PlaneLayout *layout = &plane->layout;
    off_t block = plane_block_offset(plane, first / PLANE_BLOCK_ROWS);
    size_t row = first % PLANE_BLOCK_ROWS;
    size_t stride = layout->stride;
    size_t n = run->n;
    const struct {
        const void *bytes;
        size_t size, offset;
    } parts[] = {
        { run->low, stride, layout->low },
        { run->high, stride, layout->high },
        { run->signs, stride / 8, layout->signs },
        { run->checks, sizeof(uint32_t), layout->checks },
        { run->scales, sizeof(float), layout->scales },
        { run->ids, sizeof(int64_t), 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!write_at(plane->fd, parts[i].bytes, n * parts[i].size,
                      block + (off_t)(parts[i].offset + row * parts[i].size)))
            return false;
    return true;
}

/* The file must have whole blocks before rows of the last one count: a mapping reads all of it. */
static bool make_room(const VectorPlane *plane, size_t n_rows) {
    size_t n_blocks = (n_rows + PLANE_BLOCK_ROWS - 1) / PLANE_BLOCK_ROWS;
    off_t needed = plane_block_offset(plane, n_blocks);
    struct stat status;
    if (fstat(plane->fd, &status) != 0) return false;
    return status.st_size >= needed || ftruncate(plane->fd, needed) == 0;
}

static void encode_run(Run *run, const VectorChange *change, size_t first, size_t stride) {
    run->n_empty = 0;
    for (size_t i = 0; i < run->n; i++) {
        VectorRowParts parts = run_parts(run, i, stride);
        run->ids[i] = change->put_ids[first + i];
        run->scales[i] = vector_row_encode(change->vectors + (first + i) * change->n_dimensions,
                                           change->n_dimensions, &parts);
        run->checks[i] =
            vector_row_check(run->ids[i], run->scales[i], parts.high, parts.low, stride);
        run->n_empty += run->scales[i] == 0;
    }
}

static bool append_rows(VectorPlane *plane, const VectorChange *change, PlaneSlot *slot) {
    if (!make_room(plane, (size_t)slot->n_rows + change->n_put)) return false;
    g_auto(Run) run = { 0 };
    run_init(&run, &plane->layout);
    for (size_t first = 0; first < change->n_put; first += run.n) {
        size_t row = (size_t)slot->n_rows;
        run.n =
            MIN(MIN(RUN_ROWS, change->n_put - first), PLANE_BLOCK_ROWS - row % PLANE_BLOCK_ROWS);
        encode_run(&run, change, first, plane->layout.stride);
        if (!write_run(plane, &run, row)) return false;
        slot->n_rows += run.n;
        slot->n_empty += run.n_empty;
    }
    return true;
}

/* ---- deleting ---- */

/* The id goes first: a row without one is no row, whatever else of it is left. */
static bool delete_row(const VectorPlane *plane, size_t row, const uint8_t *zeros) {
    const PlaneLayout *layout = &plane->layout;
    off_t block = plane_block_offset(plane, row / PLANE_BLOCK_ROWS);
    size_t at = row % PLANE_BLOCK_ROWS;
    size_t stride = layout->stride;
    const struct {
        size_t size, offset;
    } parts[] = {
        { sizeof(int64_t), 0 },
        { sizeof(float), layout->scales },
        { sizeof(uint32_t), layout->checks },
        { stride / 8, layout->signs },
        { stride, layout->high },
        { stride, layout->low },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!write_at(plane->fd, zeros, parts[i].size,
                      block + (off_t)(parts[i].offset + at * parts[i].size)))
            return false;
    return true;
}

/* Deletes the rows whose ids are in `set` (or, inverted, are not). */
typedef enum { DELETE_LISTED, DELETE_UNLISTED } DeleteRule;

static bool delete_rows(const VectorPlane *plane, const IdSet *set, DeleteRule rule,
                        PlaneSlot *slot) {
    g_autofree uint8_t *zeros = g_malloc0(plane->layout.stride);
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        size_t n = plane_block_rows(plane, block);
        for (size_t i = 0; i < n; i++) {
            int64_t id = parts.ids[i];
            if (id == 0 || id_set_has(set, id) != (rule == DELETE_LISTED)) continue;
            bool is_empty = parts.scales[i] == 0;
            if (!delete_row(plane, block * PLANE_BLOCK_ROWS + i, zeros)) return false;
            slot->n_dead++;
            slot->n_empty -= is_empty && slot->n_empty > 0;
        }
    }
    return true;
}

/* ---- rewriting ---- */

static void copy_row(const PlaneBlock *from, size_t at, Run *run, size_t stride) {
    VectorRowParts parts = run_parts(run, run->n, stride);
    run->ids[run->n] = from->ids[at];
    run->scales[run->n] = from->scales[at];
    run->checks[run->n] = from->checks[at];
    memcpy(parts.signs, from->signs + at * stride / 8, stride / 8);
    memcpy(parts.high, from->high + at * stride, stride);
    memcpy(parts.low, from->low + at * stride, stride);
    run->n_empty += from->scales[at] == 0;
    run->n++;
}

/* Runs are full but for the last, and a block is a number of full runs. */
static bool flush_run(VectorPlane *to, Run *run) {
    size_t first = (size_t)to->slot.n_rows;
    if (run->n > 0 && (!make_room(to, first + run->n) || !write_run(to, run, first))) return false;
    to->slot.n_rows += run->n;
    to->slot.n_empty += run->n_empty;
    run->n = 0;
    run->n_empty = 0;
    return true;
}

static bool copy_rows(const VectorPlane *from, VectorPlane *to) {
    g_auto(Run) run = { 0 };
    run_init(&run, &to->layout);
    for (size_t block = 0; block < plane_n_blocks(from); block++) {
        PlaneBlock parts = plane_block(from, block);
        for (size_t i = 0; i < plane_block_rows(from, block); i++) {
            if (parts.ids[i] == 0) continue;
            copy_row(&parts, i, &run, to->layout.stride);
            if (run.n == RUN_ROWS && !flush_run(to, &run)) return false;
        }
    }
    return flush_run(to, &run);
}

/* Writes the rows that live into a new file. A crash, or a full disk, leaves the old one as it is.
 */
static void rewrite(VectorPlane *plane) {
    g_autofree char *name = name_of_next(plane);
    VectorPlane next = { .path = plane->path, .fd = -1 };
    memcpy(next.owner, plane->owner, PLANE_OWNER_BYTES);
    bool is_ok = create_file(&next, name, plane->header.n_dimensions, NULL);
    next.slot.sequence = 1;
    next.slot.reconciled_boot = plane->slot.reconciled_boot;
    is_ok = is_ok && copy_rows(plane, &next) && publish(&next, next.slot) &&
            install_file(&next, name, NULL);
    if (!is_ok) unlink(name);
    plane_forget(&next);
    bool is_dirty = plane->is_dirty || is_ok;
    plane_refresh(plane);
    plane->is_dirty = is_dirty;
}

static bool is_worth_rewriting(const VectorPlane *plane, uint64_t part) {
    return plane->map != NULL && plane->slot.n_dead > MIN_DEAD_ROWS &&
           plane->slot.n_dead > plane->slot.n_rows / part;
}

/* ---- the calls ---- */

static bool check_change(const VectorPlane *plane, const VectorChange *change, GError **error) {
    if (change->n_put == 0) return true;
    size_t n = plane->header.n_dimensions;
    if (change->n_dimensions == 0 || change->n_dimensions > VECTOR_MAX_DIMENSIONS ||
        (n != 0 && n != change->n_dimensions)) {
        error_set(error, ERR_DATA,
                  "a vector of %zu dimensions does not fit the index, whose vectors have %zu",
                  change->n_dimensions, n);
        return false;
    }
    for (size_t i = 0; i < change->n_put; i++) {
        if (change->put_ids[i] > 0) continue;
        error_set(error, ERR_DATA, "the id %" G_GINT64_FORMAT " is not positive",
                  change->put_ids[i]);
        return false;
    }
    return true;
}

static bool write_change(VectorPlane *plane, const VectorChange *change, GError **error) {
    if (!check_change(plane, change, error)) return false;
    if (plane->map == NULL) {
        if (change->n_put == 0) return true;
        if (!start_file(plane, change->n_dimensions, error)) return false;
    }
    g_auto(IdSet) gone = { 0 };
    id_set_init(&gone, change->n_put + change->n_deleted);
    for (size_t i = 0; i < change->n_put; i++) id_set_add(&gone, change->put_ids[i]);
    for (size_t i = 0; i < change->n_deleted; i++) id_set_add(&gone, change->deleted_ids[i]);
    PlaneSlot slot = plane->slot;
    slot.is_synced = 0;
    /* New rows first: they do not count yet, so that a full disk changes nothing. */
    if (!append_rows(plane, change, &slot) || !delete_rows(plane, &gone, DELETE_LISTED, &slot))
        return set_write_error(plane, error);
    return publish_and_refresh(plane, slot, error);
}

bool vector_plane_write(VectorPlane *plane, const VectorChange *change, GError **error) {
    __attribute__((cleanup(unlock_plane))) int lock = lock_plane(plane, error);
    if (lock < 0) return false;
    plane_refresh(plane);
    if (!write_change(plane, change, error)) return false;
    if (is_worth_rewriting(plane, 2)) rewrite(plane);
    return true;
}

static void find_missing(const VectorPlane *plane, const int64_t *ids, size_t n,
                         GArray *out_missing) {
    g_auto(IdSet) there = { 0 };
    id_set_init(&there, (size_t)plane->slot.n_rows);
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        for (size_t i = 0; i < plane_block_rows(plane, block); i++)
            if (parts.ids[i] != 0) id_set_add(&there, parts.ids[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (!id_set_has(&there, ids[i])) g_array_append_val(out_missing, ids[i]);
}

/* A write that was killed may have deleted rows that no slot has counted. */
static void count_rows(const VectorPlane *plane, PlaneSlot *slot) {
    slot->n_dead = 0;
    slot->n_empty = 0;
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        for (size_t i = 0; i < plane_block_rows(plane, block); i++) {
            slot->n_dead += parts.ids[i] == 0;
            slot->n_empty += parts.ids[i] != 0 && parts.scales[i] == 0;
        }
    }
}

bool vector_plane_reconcile(VectorPlane *plane, const int64_t *ids, size_t n, GArray *out_missing,
                            GError **error) {
    __attribute__((cleanup(unlock_plane))) int lock = lock_plane(plane, error);
    if (lock < 0) return false;
    plane_refresh(plane);
    if (plane->map != NULL) {
        g_auto(IdSet) known = { 0 };
        id_set_init(&known, n);
        for (size_t i = 0; i < n; i++) id_set_add(&known, ids[i]);
        PlaneSlot slot = plane->slot;
        if (!delete_rows(plane, &known, DELETE_UNLISTED, &slot))
            return set_write_error(plane, error);
        count_rows(plane, &slot);
        slot.is_synced = 0;
        slot.reconciled_boot = plane_boot_number();
        bool is_changed = slot.n_dead != plane->slot.n_dead ||
                          slot.reconciled_boot != plane->slot.reconciled_boot;
        if (is_changed && !publish_and_refresh(plane, slot, error)) return false;
    }
    find_missing(plane, ids, n, out_missing);
    if (is_worth_rewriting(plane, 4)) rewrite(plane);
    return true;
}

bool vector_plane_sync(VectorPlane *plane, GError **error) {
    __attribute__((cleanup(unlock_plane))) int lock = lock_plane(plane, error);
    if (lock < 0) return false;
    plane_refresh(plane);
    if (plane->map == NULL || plane->slot.is_synced != 0) return true;
    PlaneSlot slot = plane->slot;
    slot.is_synced = 1;
    if (fdatasync(plane->fd) != 0) return set_write_error(plane, error);
    if (!publish_and_refresh(plane, slot, error)) return false;
    return fdatasync(plane->fd) == 0 || set_write_error(plane, error);
}

bool vector_plane_erase(VectorPlane *plane, GError **error) {
    __attribute__((cleanup(unlock_plane))) int lock = lock_plane(plane, error);
    if (lock < 0) return false;
    plane_forget(plane);
    if (unlink(plane->path) == 0 || errno == ENOENT) return true;
    error_set_errno(error, errno, "removing '%s'", plane->path);
    return false;
}

bool plane_verify(VectorPlane *plane, GError **error) {
    __attribute__((cleanup(unlock_plane))) int lock = lock_plane(plane, error);
    if (lock < 0) return false;
    plane_refresh(plane);
    if (!plane_needs_verify(plane)) return true;
    size_t stride = plane->layout.stride;
    g_autofree uint8_t *zeros = g_malloc0(stride);
    PlaneSlot slot = plane->slot;
    slot.n_dead = 0;
    slot.n_empty = 0;
    slot.is_synced = 1;
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        for (size_t i = 0; i < plane_block_rows(plane, block); i++) {
            bool is_whole = parts.ids[i] > 0 &&
                            parts.checks[i] == vector_row_check(parts.ids[i], parts.scales[i],
                                                                parts.high + i * stride,
                                                                parts.low + i * stride, stride);
            slot.n_empty += is_whole && parts.scales[i] == 0;
            if (is_whole) continue;
            slot.n_dead++;
            if (!delete_row(plane, block * PLANE_BLOCK_ROWS + i, zeros))
                return set_write_error(plane, error);
        }
    }
    if (fdatasync(plane->fd) != 0 || !publish(plane, slot) || fdatasync(plane->fd) != 0)
        return set_write_error(plane, error);
    plane_refresh(plane);
    return true;
}
