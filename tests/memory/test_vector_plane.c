/* Tests of the vector plane: what is written is found, in the order of the floats, across
 * processes' handles, deletions, crashes and damage. */
#include "memory/vector_plane.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
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
    return g_test_run();
}
