/* Tests of the vector plane: what is written is found, in the order of the floats, across
 * processes' handles, deletions, crashes and damage. */
#include "memory/vector_plane.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "memory/vector_plane-private.h"
#include "scratch_folder.h"

#define N_DIMENSIONS 96

typedef struct {
    ScratchFolder *folder;
    char *path;
} Ground;

static void set_up(Ground *ground, gconstpointer data) {
    (void)data;
    ground->folder = scratch_folder_new();
    ground->path = g_build_filename(ground->folder->path, "vectors.plane", NULL);
}

static void tear_down(Ground *ground, gconstpointer data) {
    (void)data;
    g_free(ground->path);
    scratch_folder_free(ground->folder);
}

static VectorPlane *open_plane(const Ground *ground, const char *owner) {
    GError *error = NULL;
    VectorPlane *plane = vector_plane_open(ground->path, owner, &error);
    g_assert_no_error(error);
    return plane;
}

/* The same number gives the same unit vector. */
static void make_vector(uint32_t number, float *out, size_t n) {
    g_autoptr(GRand) random = g_rand_new_with_seed(number);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double value = 0;
        for (int j = 0; j < 12; j++) value += g_rand_double(random);
        out[i] = (float)(value - 6);
        sum += (double)out[i] * out[i];
    }
    for (size_t i = 0; i < n; i++) out[i] = (float)(out[i] / sqrt(sum));
}

static float *make_vectors(const int64_t *ids, size_t n) {
    float *vectors = g_new(float, n *N_DIMENSIONS);
    for (size_t i = 0; i < n; i++)
        make_vector((uint32_t)ids[i], vectors + i * N_DIMENSIONS, N_DIMENSIONS);
    return vectors;
}

static void put(VectorPlane *plane, const int64_t *ids, size_t n) {
    GError *error = NULL;
    g_autofree float *vectors = make_vectors(ids, n);
    VectorChange change = {
        .put_ids = ids, .vectors = vectors, .n_put = n, .n_dimensions = N_DIMENSIONS
    };
    g_assert_true(vector_plane_write(plane, &change, &error));
    g_assert_no_error(error);
}

static void put_range(VectorPlane *plane, int64_t first, int64_t last) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int64_t id = first; id <= last; id++) g_array_append_val(ids, id);
    put(plane, (const int64_t *)(const void *)ids->data, ids->len);
}

static void delete (VectorPlane *plane, const int64_t *ids, size_t n) {
    GError *error = NULL;
    VectorChange change = { .deleted_ids = ids, .n_deleted = n };
    g_assert_true(vector_plane_write(plane, &change, &error));
    g_assert_no_error(error);
}

/* The nearest id to the vector of a number, or 0. */
static int64_t nearest(VectorPlane *plane, uint32_t number) {
    float vector[N_DIMENSIONS];
    make_vector(number, vector, N_DIMENSIONS);
    VectorQuery query = { .vector = vector, .n_dimensions = N_DIMENSIONS, .k = 1 };
    VectorHit hit = { 0 };
    return vector_plane_search(plane, &query, &hit) == 1 ? hit.id : 0;
}

static void what_is_put_is_found(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    g_assert_cmpint(nearest(plane, 1), ==, 0);
    put_range(plane, 1, 3000);
    for (uint32_t id = 1; id <= 3000; id += 97) g_assert_cmpint(nearest(plane, id), ==, id);
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 3000);
    g_assert_cmpuint(facts.n_vectors, ==, 3000);
    g_assert_cmpuint(facts.n_dimensions, ==, N_DIMENSIONS);
    g_assert_false(facts.needs_reconcile);
}

static void other_handles_see_writes(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) reader = open_plane(ground, "a");
    g_autoptr(VectorPlane) writer = open_plane(ground, "a");
    VectorPlaneFacts before;
    VectorPlaneFacts after;
    vector_plane_facts(reader, &before);
    put_range(writer, 1, 10);
    g_assert_cmpint(nearest(reader, 7), ==, 7);
    put_range(reader, 11, 2000);
    g_assert_cmpint(nearest(writer, 1999), ==, 1999);
    vector_plane_facts(reader, &after);
    g_assert_cmpuint(before.generation, !=, after.generation);
}

static void deleted_is_gone(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 100);
    const int64_t ids[] = { 5, 50, 100, 7777 };
    delete (plane, ids, G_N_ELEMENTS(ids));
    for (size_t i = 0; i < 3; i++) g_assert_cmpint(nearest(plane, (uint32_t)ids[i]), !=, ids[i]);
    g_assert_cmpint(nearest(plane, 51), ==, 51);
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 97);
    g_autoptr(VectorPlane) again = open_plane(ground, "a");
    g_assert_cmpint(nearest(again, 50), !=, 50);
}

static void replaced_counts_once(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 20);
    put_range(plane, 5, 15);
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 20);
    float vector[N_DIMENSIONS];
    make_vector(9, vector, N_DIMENSIONS);
    VectorQuery query = { .vector = vector, .n_dimensions = N_DIMENSIONS, .k = 30 };
    VectorHit hits[30];
    g_assert_cmpuint(vector_plane_search(plane, &query, hits), ==, 20);
    g_assert_cmpint(hits[0].id, ==, 9);
    g_assert_cmpfloat_with_epsilon(hits[0].score, 1, 1e-4);
}

static void another_owner_is_empty(Ground *ground, gconstpointer data) {
    (void)data;
    {
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        put_range(plane, 1, 20);
    }
    g_autoptr(VectorPlane) other = open_plane(ground, "b");
    g_assert_cmpint(nearest(other, 3), ==, 0);
    put_range(other, 3, 3);
    g_assert_cmpint(nearest(other, 8), ==, 3);
    g_autoptr(VectorPlane) first = open_plane(ground, "a");
    g_assert_cmpint(nearest(first, 3), ==, 0);
}

static void reconcile_names_what_is_missing(Ground *ground, gconstpointer data) {
    (void)data;
    GError *error = NULL;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 10);
    const int64_t ids[] = { 2, 4, 11, 12 };
    g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_assert_true(vector_plane_reconcile(plane, ids, 4, missing, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(missing->len, ==, 2);
    g_assert_cmpint(g_array_index(missing, int64_t, 0), ==, 11);
    g_assert_cmpint(g_array_index(missing, int64_t, 1), ==, 12);
    g_assert_cmpint(nearest(plane, 4), ==, 4);
    g_assert_cmpint(nearest(plane, 5), !=, 5);
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 2);
}

static void texts_without_vector_are_remembered(Ground *ground, gconstpointer data) {
    (void)data;
    GError *error = NULL;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    const float zero[N_DIMENSIONS] = { 0 };
    const int64_t id = 5;
    VectorChange change = {
        .put_ids = &id, .vectors = zero, .n_put = 1, .n_dimensions = N_DIMENSIONS
    };
    g_assert_true(vector_plane_write(plane, &change, &error));
    g_assert_cmpint(nearest(plane, 5), ==, 0);
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 1);
    g_assert_cmpuint(facts.n_vectors, ==, 0);
    g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_assert_true(vector_plane_reconcile(plane, &id, 1, missing, &error));
    g_assert_cmpuint(missing->len, ==, 0);
}

static bool is_even(int64_t id, void *user_data) {
    (void)user_data;
    return id % 2 == 0;
}

static void filter_and_wanted(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 50);
    float vector[N_DIMENSIONS];
    make_vector(7, vector, N_DIMENSIONS);
    const int64_t wanted[] = { 7, 99, 3, 7 };
    float scores[4];
    VectorQuery query = { .vector = vector,
                          .n_dimensions = N_DIMENSIONS,
                          .k = 50,
                          .accepts = is_even,
                          .wanted_ids = wanted,
                          .n_wanted = 4,
                          .out_scores = scores };
    VectorHit hits[50];
    g_assert_cmpuint(vector_plane_search(plane, &query, hits), ==, 25);
    for (size_t i = 0; i < 25; i++) g_assert_cmpint(hits[i].id % 2, ==, 0);
    g_assert_cmpfloat_with_epsilon(scores[0], 1, 1e-4);
    g_assert_cmpfloat(scores[1], ==, 0);
    g_assert_cmpfloat(fabsf(scores[2]), <, 0.5F);
    g_assert_cmpfloat(scores[3], ==, scores[0]);
}

static void wrong_dimensions(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 2);
    const float vector[3] = { 1, 0, 0 };
    const int64_t id = 9;
    VectorChange change = { .put_ids = &id, .vectors = vector, .n_put = 1, .n_dimensions = 3 };
    g_assert_false(vector_plane_write(plane, &change, &error));
    g_assert_true(error_is(error, ERR_DATA));
    VectorQuery query = { .vector = vector, .n_dimensions = 3, .k = 1 };
    VectorHit hit;
    g_assert_cmpuint(vector_plane_search(plane, &query, &hit), ==, 0);
}

static void erased_is_empty(Ground *ground, gconstpointer data) {
    (void)data;
    GError *error = NULL;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 2);
    g_assert_true(vector_plane_erase(plane, &error));
    g_assert_cmpint(nearest(plane, 1), ==, 0);
    g_assert_false(g_file_test(ground->path, G_FILE_TEST_EXISTS));
    put_range(plane, 1, 2);
    g_assert_cmpint(nearest(plane, 1), ==, 1);
}

static void room_of_deleted_rows_comes_back(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    g_autoptr(VectorPlane) reader = open_plane(ground, "a");
    VectorPlaneFacts before;
    VectorPlaneFacts after;
    put_range(plane, 1, 6000);
    vector_plane_facts(plane, &before);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int64_t id = 1; id <= 5000; id++) g_array_append_val(ids, id);
    delete (plane, (const int64_t *)(const void *)ids->data, ids->len);
    vector_plane_facts(plane, &after);
    g_assert_cmpuint(after.n_rows, ==, 1000);
    g_assert_cmpint(after.size_bytes, <, before.size_bytes / 3);
    g_assert_cmpint(nearest(plane, 5500), ==, 5500);
    g_assert_cmpint(nearest(reader, 5500), ==, 5500);
    g_assert_cmpint(nearest(reader, 500), !=, 500);
    put_range(reader, 1, 500);
    g_assert_cmpint(nearest(plane, 500), ==, 500);
}

/* ---- the order of the floats ---- */

typedef struct {
    float *vectors; /* n x N_DIMENSIONS */
    size_t n;
} Collection;

/* Of n random directions, or around a few centres, as texts are. */
static void fill_collection(Collection *out, size_t n, size_t n_centres) {
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    out->vectors = g_new(float, n *N_DIMENSIONS);
    out->n = n;
    g_autofree float *centres = g_new0(float, MAX(n_centres, 1) * N_DIMENSIONS);
    for (size_t i = 0; i < n_centres; i++)
        make_vector((uint32_t)(1000000 + i), centres + i * N_DIMENSIONS, N_DIMENSIONS);
    for (size_t i = 0; i < n; i++) {
        float *vector = out->vectors + i * N_DIMENSIONS;
        const float *centre =
            centres + (size_t)g_rand_int_range(random, 0, (int)MAX(n_centres, 1)) * N_DIMENSIONS;
        double sum = 0;
        for (size_t d = 0; d < N_DIMENSIONS; d++) {
            double value = 0;
            for (int j = 0; j < 6; j++) value += g_rand_double(random);
            vector[d] = (float)((value - 3) / sqrt(N_DIMENSIONS)) + centre[d];
            sum += (double)vector[d] * vector[d];
        }
        for (size_t d = 0; d < N_DIMENSIONS; d++) vector[d] = (float)(vector[d] / sqrt(sum));
    }
}

static void put_collection(VectorPlane *plane, const Collection *from) {
    GError *error = NULL;
    g_autofree int64_t *ids = g_new(int64_t, from->n);
    for (size_t i = 0; i < from->n; i++) ids[i] = (int64_t)i + 1;
    VectorChange change = {
        .put_ids = ids, .vectors = from->vectors, .n_put = from->n, .n_dimensions = N_DIMENSIONS
    };
    g_assert_true(vector_plane_write(plane, &change, &error));
    g_assert_no_error(error);
}

#define TOP 10

/* The best ten by floats. */
static void exact_top(const Collection *from, const float *query, int64_t out[TOP]) {
    float scores[TOP];
    size_t n = 0;
    for (size_t i = 0; i < from->n; i++) {
        float score = 0;
        for (size_t d = 0; d < N_DIMENSIONS; d++)
            score += query[d] * from->vectors[i * N_DIMENSIONS + d];
        if (n == TOP && score <= scores[TOP - 1]) continue;
        size_t at = n < TOP ? n++ : TOP - 1;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            out[at] = out[at - 1];
        }
        scores[at] = score;
        out[at] = (int64_t)i + 1;
    }
}

/* Which part of the best ten is found; *out_same: and in how many queries in the same order. */
static double recall(VectorPlane *plane, const Collection *from, size_t n_queries,
                     size_t *out_same) {
    size_t n_found = 0;
    *out_same = 0;
    for (size_t q = 0; q < n_queries; q++) {
        float vector[N_DIMENSIONS];
        int64_t expected[TOP];
        VectorHit hits[TOP];
        make_vector((uint32_t)(5000000 + q), vector, N_DIMENSIONS);
        exact_top(from, vector, expected);
        VectorQuery query = { .vector = vector, .n_dimensions = N_DIMENSIONS, .k = TOP };
        g_assert_cmpuint(vector_plane_search(plane, &query, hits), ==, TOP);
        size_t n_same = 0;
        for (size_t i = 0; i < TOP; i++) {
            n_same += hits[i].id == expected[i];
            for (size_t j = 0; j < TOP; j++) n_found += hits[i].id == expected[j];
        }
        *out_same += n_same == TOP;
    }
    return (double)n_found / (double)(n_queries * TOP);
}

static void check_recall(Ground *ground, size_t n, size_t n_centres, double least) {
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    Collection collection;
    fill_collection(&collection, n, n_centres);
    put_collection(plane, &collection);
    size_t n_same;
    double found = recall(plane, &collection, 60, &n_same);
    g_test_message("%zu vectors: recall@10 %.4f, same order in %zu of 60", n, found, n_same);
    g_assert_cmpfloat(found, >=, least);
    g_free(collection.vectors);
}

static void order_of_the_floats(Ground *ground, gconstpointer data) {
    (void)data;
    check_recall(ground, 20000, 0, 0.999);
}

static void order_of_the_floats_behind_signs(Ground *ground, gconstpointer data) {
    (void)data;
    check_recall(ground, 110000, 0, 0.99);
}

static void order_of_the_floats_around_centres(Ground *ground, gconstpointer data) {
    (void)data;
    check_recall(ground, 110000, 300, 0.99);
}

/* Every kernel finds the same ids with the same scores, to the bit. */
static void kernels_find_the_same(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    Collection collection;
    fill_collection(&collection, 101000, 50);
    put_collection(plane, &collection);
    for (uint32_t q = 0; q < 10; q++) {
        float vector[N_DIMENSIONS];
        make_vector(q, vector, N_DIMENSIONS);
        VectorHit expected[50];
        VectorQuery query = { .vector = vector, .n_dimensions = N_DIMENSIONS, .k = 50 };
        plane->kernel = vector_kernel_choose();
        size_t n = vector_plane_search(plane, &query, expected);
        g_assert_cmpuint(n, ==, 50);
        for (const VectorKernel *const *kernel = vector_kernels; *kernel != NULL; kernel++) {
            if (!(*kernel)->is_supported()) continue;
            VectorHit hits[50];
            plane->kernel = *kernel;
            g_assert_cmpuint(vector_plane_search(plane, &query, hits), ==, n);
            for (size_t i = 0; i < n; i++) {
                g_assert_cmpint(hits[i].id, ==, expected[i].id);
                g_assert_cmpmem(&hits[i].score, sizeof(float), &expected[i].score, sizeof(float));
            }
        }
    }
    g_free(collection.vectors);
}

/* ---- crashes and damage ---- */

static void write_for_ever(const Ground *ground) {
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    /* Every round puts new ids, replaces some and deletes some; now and then it rewrites. */
    for (int64_t first = 1 + (int64_t)facts.n_rows;; first += 40) {
        put_range(plane, first, first + 59);
        g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
        for (int64_t id = first; id < first + 40; id += 2) g_array_append_val(ids, id);
        delete (plane, (const int64_t *)(const void *)ids->data, ids->len);
        if (first % 600 == 1) g_assert_true(vector_plane_sync(plane, NULL));
    }
}

/* What is there answers rightly: each row's own vector finds it with a cosine of 1. */
static void check_rows(VectorPlane *plane) {
    plane_refresh(plane);
    size_t n_checked = 0;
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        for (size_t i = 0; i < plane_block_rows(plane, block); i += 7) {
            if (parts.ids[i] == 0) continue;
            int64_t id = parts.ids[i];
            g_assert_cmpint(nearest(plane, (uint32_t)id), ==, id);
            n_checked++;
        }
    }
    g_test_message("%zu rows checked", n_checked);
}

static void killed_at_any_moment(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    for (int round = 0; round < 25; round++) {
        pid_t child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
            write_for_ever(ground);
            _exit(1);
        }
        g_usleep((gulong)g_rand_int_range(random, 100, 20000));
        kill(child, SIGKILL);
        int status;
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFSIGNALED(status));
        GError *error = NULL;
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        check_rows(plane);
        /* The database would have all of 1 to 100: the rest goes, what lacks is named and put. */
        g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
        for (int64_t id = 1; id <= 100; id++) g_array_append_val(ids, id);
        g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_assert_true(vector_plane_reconcile(plane, (const int64_t *)(const void *)ids->data,
                                             ids->len, missing, &error));
        put(plane, (const int64_t *)(const void *)missing->data, missing->len);
        for (uint32_t id = 1; id <= 100; id += 9) g_assert_cmpint(nearest(plane, id), ==, id);
        VectorPlaneFacts facts;
        vector_plane_facts(plane, &facts);
        g_assert_cmpuint(facts.n_rows, ==, 100);
    }
}

/* Overwrites bytes of the file. */
static void spoil(const Ground *ground, off_t offset, const void *bytes, size_t length) {
    int fd = open(ground->path, O_RDWR);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(pwrite(fd, bytes, length, offset), ==, (gssize)length);
    close(fd);
}

/* As the file looks after a power loss: the newest slot is of another start of the machine. */
static void pretend_power_loss(const Ground *ground, const VectorPlane *plane) {
    PlaneSlot slot = plane->slot;
    slot.sequence += 1;
    slot.boot ^= 1;
    slot.reconciled_boot ^= 1;
    slot.is_synced = 0;
    slot.check = plane_slot_check(&slot, &plane->header);
    spoil(ground, (off_t)PLANE_SLOT_OFFSET(slot.sequence), &slot, sizeof slot);
}

static void rows_lost_with_the_power(Ground *ground, gconstpointer data) {
    (void)data;
    {
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        put_range(plane, 1, 50);
        plane->is_dirty = false;
        pretend_power_loss(ground, plane);
        const uint8_t zeros[200] = { 0 };
        spoil(ground, plane_block_offset(plane, 0) + (off_t)plane->layout.high + 3 * 128, zeros,
              sizeof zeros); /* two rows, 4 and 5 */
    }
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 48);
    g_assert_true(facts.needs_reconcile);
    g_assert_cmpint(nearest(plane, 3), ==, 3);
    g_assert_cmpint(nearest(plane, 4), !=, 4);
    g_assert_cmpint(nearest(plane, 6), ==, 6);
}

static void torn_slot_gives_the_one_before(Ground *ground, gconstpointer data) {
    (void)data;
    uint64_t sequence;
    {
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        put_range(plane, 1, 10);
        put_range(plane, 11, 20);
        sequence = plane->slot.sequence;
        plane->is_dirty = false;
    }
    spoil(ground, (off_t)PLANE_SLOT_OFFSET(sequence) + 9, "xxx", 3);
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    g_assert_cmpint(nearest(plane, 7), ==, 7);
    g_assert_cmpint(nearest(plane, 17), !=, 17);
}

static void damage_is_an_empty_plane(Ground *ground, gconstpointer data) {
    (void)data;
    const off_t places[] = { 0, 10, 20, 40, 90, 515, -1, -2 };
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GError) error = NULL;
        {
            g_autoptr(VectorPlane) plane = open_plane(ground, "a");
            put_range(plane, 1, 5);
        }
        if (places[i] == -1)
            g_assert_cmpint(truncate(ground->path, 5000), ==, 0);
        else if (places[i] == -2)
            g_assert_true(g_file_set_contents(ground->path, "", 0, NULL));
        else
            spoil(ground, places[i], "\xff\xff\xff\xff\xff\xff", 6);
        if (places[i] == 515) spoil(ground, 1024 + 3, "\xff\xff\xff\xff\xff\xff", 6);
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        g_assert_cmpint(nearest(plane, 3), ==, 0);
        put_range(plane, 1, 5);
        g_assert_cmpint(nearest(plane, 3), ==, 3);
    }
}

static void not_a_file(Ground *ground, gconstpointer data) {
    (void)data;
    g_assert_cmpint(mkdir(ground->path, 0700), ==, 0);
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    g_assert_cmpint(nearest(plane, 3), ==, 0);
    g_autoptr(GError) error = NULL;
    const float vector[1] = { 1 };
    const int64_t id = 1;
    VectorChange change = { .put_ids = &id, .vectors = vector, .n_put = 1, .n_dimensions = 1 };
    g_assert_false(vector_plane_write(plane, &change, &error));
    g_assert_true(error_is(error, ERR_IO));
}

static void two_processes_write_at_once(Ground *ground, gconstpointer data) {
    (void)data;
    pid_t children[2];
    for (int c = 0; c < 2; c++) {
        children[c] = fork();
        if (children[c] != 0) continue;
        g_autoptr(VectorPlane) plane = open_plane(ground, "a");
        for (int64_t i = 0; i < 50; i++)
            put_range(plane, c * 1000 + i * 10 + 1, c * 1000 + i * 10 + 10);
        vector_plane_close(g_steal_pointer(&plane));
        _exit(0);
    }
    for (int c = 0; c < 2; c++) {
        int status;
        g_assert_cmpint(waitpid(children[c], &status, 0), ==, children[c]);
        g_assert_cmpint(status, ==, 0);
    }
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    VectorPlaneFacts facts;
    vector_plane_facts(plane, &facts);
    g_assert_cmpuint(facts.n_rows, ==, 1000);
    for (uint32_t id = 1; id <= 500; id += 37) {
        g_assert_cmpint(nearest(plane, id), ==, id);
        g_assert_cmpint(nearest(plane, 1000 + id), ==, 1000 + id);
    }
}

static void full_disk_changes_nothing(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(VectorPlane) plane = open_plane(ground, "a");
    put_range(plane, 1, 100);
    /* A limit on the size of files stands for the full disk. */
    struct rlimit before;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    struct rlimit limit = { 400000, before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int64_t id = 50; id < 3000; id++) g_array_append_val(ids, id);
    const int64_t *list = (const int64_t *)(const void *)ids->data;
    g_autofree float *vectors = make_vectors(list, ids->len);
    VectorChange change = {
        .put_ids = list, .vectors = vectors, .n_put = ids->len, .n_dimensions = N_DIMENSIONS
    };
    g_autoptr(GError) error = NULL;
    bool is_written = vector_plane_write(plane, &change, &error);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_false(is_written);
    g_assert_true(error_is(error, ERR_IO));
    g_assert_cmpint(nearest(plane, 60), ==, 60);
    g_assert_cmpint(nearest(plane, 1000), <=, 100);
    put_range(plane, 101, 1500);
    g_assert_cmpint(nearest(plane, 1000), ==, 1000);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add("/memory/vector_plane/" #name, Ground, NULL, set_up, name, tear_down)
    ADD(what_is_put_is_found);
    ADD(other_handles_see_writes);
    ADD(deleted_is_gone);
    ADD(replaced_counts_once);
    ADD(another_owner_is_empty);
    ADD(reconcile_names_what_is_missing);
    ADD(texts_without_vector_are_remembered);
    ADD(filter_and_wanted);
    ADD(wrong_dimensions);
    ADD(erased_is_empty);
    ADD(room_of_deleted_rows_comes_back);
    ADD(order_of_the_floats);
    ADD(order_of_the_floats_behind_signs);
    ADD(order_of_the_floats_around_centres);
    ADD(kernels_find_the_same);
    ADD(killed_at_any_moment);
    ADD(rows_lost_with_the_power);
    ADD(torn_slot_gives_the_one_before);
    ADD(damage_is_an_empty_plane);
    ADD(not_a_file);
    ADD(two_processes_write_at_once);
    ADD(full_disk_changes_nothing);
    return g_test_run();
}
