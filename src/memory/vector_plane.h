/*
 * memory/vector_plane.h: the vectors of an index in one file beside its database, and the exact
 * search through them.
 *
 * The database is the truth, the plane is a copy of work: a set of (id, vector). Its rules:
 * - Ids are positive, and an id is never used again for another text (AUTOINCREMENT), as long as
 *   the `owner` stays the same. A hit whose id the database no longer has is dropped by the caller.
 * - Write to the plane after the database has committed. A crash between the two (or any loss of
 *   the plane) is mended by vector_plane_reconcile(): it drops what the database no longer has and
 *   names what is missing.
 * - `owner` names the database (a random id kept in it) and the embedder (its fingerprint). A plane
 *   of another owner, a damaged one, or one of another format counts as empty and is replaced by
 *   the first write: after a change of model everything is missing, and that is all.
 *
 *     g_autoptr(VectorPlane) plane = vector_plane_open(path, owner, error);
 *     VectorChange change = { .put_ids = ids, .vectors = &vectors.values[0], .n_put = n,
 *                             .n_dimensions = vectors.n_dimensions,
 *                             .deleted_ids = gone, .n_deleted = n_gone };
 *     if (!vector_plane_write(plane, &change, error)) ...
 *     VectorQuery query = { .vector = vector, .n_dimensions = 256, .k = 200 };
 *     VectorHit hits[200];
 *     size_t n = vector_plane_search(plane, &query, hits);
 *
 * Any number of processes may read and write: a write takes a lock for its own duration only, a
 * search takes none and sees whole writes or nothing of them. kill -9 at any point leaves the last
 * whole write. Power loss too: what was not yet synced is checked row by row at the next open.
 *
 * Threads: a VectorPlane is used by one thread at a time; open one per thread (it is cheap, the
 * pages are shared). Numbers: 16-bit components (two planes of 8 bits: the first is scanned, the
 * second only read for the best candidates), so that the order is that of the floats.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct VectorPlane VectorPlane;

/* Opens, or prepares to create on the first write: a missing file is an empty plane. ERR_IO when
 * the file or its folder cannot be read. A file that cannot be written is fine until a write. */
VectorPlane *vector_plane_open(const char *path, const char *owner, GError **error);
/* Syncs what this handle wrote. */
void vector_plane_close(VectorPlane *plane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VectorPlane, vector_plane_close)

/* What is there now, writes of other processes included. */
typedef struct {
    size_t n_rows;       /* texts that were embedded, those without a vector included */
    size_t n_vectors;    /* of these, with a vector */
    size_t n_dimensions; /* 0 = nothing was ever written */
    uint64_t generation; /* another number after every write */
    int64_t size_bytes;  /* on the disk */
    /* The machine started anew since the last reconcile (a power loss may have taken the database
     * back to ids it will give out again), or nothing was ever written: reconcile before the
     * database gets new rows. Also do so whenever n_rows is not the database's number of texts. */
    bool needs_reconcile;
} VectorPlaneFacts;

void vector_plane_facts(VectorPlane *plane, VectorPlaneFacts *out);

/* One write: all of it or, after a crash, a part that reconcile finds. */
typedef struct {
    const int64_t *put_ids; /* new, or replacing */
    const float *vectors;   /* n_put x n_dimensions as an embedder gives them: an all-zero row means
                               "embedded, has no vector" and is remembered as such */
    size_t n_put;
    size_t n_dimensions;        /* of a plane's first write; later ones must agree (ERR_DATA) */
    const int64_t *deleted_ids; /* unknown ones are ignored */
    size_t n_deleted;
} VectorChange;

/* ERR_IO (disk full: nothing of the write counts), ERR_DATA. */
bool vector_plane_write(VectorPlane *plane, const VectorChange *change,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the plane agree with the database: rows of ids that are not in `ids` (ascending) are
 * deleted; *out_missing (int64_t, the caller's, appended in ascending order) gets the ids that have
 * no row. Gives back the room of deleted rows when that is worth a rewrite. */
bool vector_plane_reconcile(VectorPlane *plane, const int64_t *ids, size_t n, GArray *out_missing,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Everything is on the disk when it returns; close does it too. */
bool vector_plane_sync(VectorPlane *plane, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Empties the plane and its file (for "forget": nothing of a vector stays on the disk). */
bool vector_plane_erase(VectorPlane *plane, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t id;
    float score; /* cosine, -1 to 1 */
} VectorHit;

typedef struct {
    const float *vector; /* any length but zero: it is the direction that counts */
    size_t n_dimensions; /* other than the plane's: nothing is found */
    size_t k;            /* at most so many hits */
    /* NULL, or which ids may be hits; asked only about those good enough to be among the best. */
    bool (*accepts)(int64_t id, void *user_data);
    void *user_data;
    /* Also tell the scores of these ids, hits or not: out_scores[i] for wanted_ids[i], 0 for one
     * that has no vector. The order is the caller's. */
    const int64_t *wanted_ids;
    size_t n_wanted;
    float *out_scores;
} VectorQuery;

/* The best hits, best first (equal scores: smaller id first). `out_hits` has room for k. */
size_t vector_plane_search(VectorPlane *plane, const VectorQuery *query, VectorHit *out_hits);
