/*
 * Times what bench/bench_vectors prints.
 *
 *     vectors_bench embed FILE...         the static embedder over pieces of these texts
 *     vectors_bench scan VEC0 N...        the ten nearest of N vectors, beside sqlite-vec (VEC0:
 * its library, "" = without it); 256 dimensions
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "embed/embedder.h"
#include "memory/vector_plane.h"

#define PIECE_BYTES 1600
#define N_DIMENSIONS 256
#define N_CENTRES 500
#define K 10
#define PER_WRITE 4096
#define PER_TURN 20

static double now_ms(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int fail(const char *what, const char *why) {
    fprintf(stderr, "vectors_bench: %s: %s\n", what, why);
    return 1;
}

static int compare_doubles(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* ---- embed ---- */

static EmbedText *cut_pieces(const GString *text, size_t *out_n) {
    *out_n = text->len / PIECE_BYTES;
    EmbedText *pieces = g_new(EmbedText, MAX(*out_n, 1));
    for (size_t i = 0; i < *out_n; i++)
        pieces[i] = (EmbedText){ text->str + i * PIECE_BYTES, PIECE_BYTES };
    return pieces;
}

static double best_ms(Embedder *embedder, const EmbedRequest *request, int rounds) {
    g_auto(EmbedVectors) vectors = { 0 };
    double best = INFINITY;
    for (int i = 0; i < rounds; i++) {
        double start = now_ms(CLOCK_THREAD_CPUTIME_ID);
        if (!embedder_embed(embedder, request, &vectors, NULL, NULL)) return NAN;
        best = fmin(best, now_ms(CLOCK_THREAD_CPUTIME_ID) - start);
    }
    return best;
}

static int bench_embed(char **files) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    for (; *files != NULL; files++) {
        g_autofree char *content = NULL;
        gsize length = 0;
        if (!g_file_get_contents(*files, &content, &length, &error))
            return fail(*files, error->message);
        g_string_append_len(text, content, (gssize)length);
    }
    double start = now_ms(CLOCK_THREAD_CPUTIME_ID);
    EmbedderSettings settings = { .provider = "static" };
    g_autoptr(Embedder) embedder = embedder_open(&settings, &error);
    if (embedder == NULL) return fail("static", error->message);
    const char *question = "where did we park the blue car";
    EmbedText query = { question, strlen(question) };
    EmbedRequest request = { .texts = &query, .n = 1 };
    double first = best_ms(embedder, &request, 1);
    first = now_ms(CLOCK_THREAD_CPUTIME_ID) - start;
    double one = best_ms(embedder, &request, 1000);
    size_t n;
    g_autofree EmbedText *pieces = cut_pieces(text, &n);
    EmbedRequest all = { .texts = pieces, .n = n };
    double ms = best_ms(embedder, &all, 9);
    printf("static embedder, 1 thread, %zu pieces of %d bytes: %.0f a second (%.0f MB/s); goal "
           "60000\n",
           n, PIECE_BYTES, (double)n / ms * 1e3, (double)n * PIECE_BYTES / ms / 1e3);
    printf("  a question: %.1f us; opened and asked the first one: %.2f ms\n", one * 1e3, first);
    return 0;
}

/* ---- vectors ---- */

static uint64_t next_number(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Near to a normal distribution: the sum of the bytes of a number. */
static float next_component(uint64_t *state) {
    uint64_t number = next_number(state);
    int sum = 0;
    for (int i = 0; i < 8; i++) sum += (int)(number >> (8 * i) & 0xff);
    return (float)(sum - 1020) / 209.0F;
}

static void normalise(float *vector) {
    double sum = 0;
    for (size_t d = 0; d < N_DIMENSIONS; d++) sum += (double)vector[d] * vector[d];
    for (size_t d = 0; d < N_DIMENSIONS; d++) vector[d] = (float)(vector[d] / sqrt(sum));
}

/* Around a few hundred centres, as texts lie around their subjects; without centres of random
 * direction, which is the hardest case. */
static void make_vector(uint64_t *state, const float *centres, float *out) {
    for (size_t d = 0; d < N_DIMENSIONS; d++) out[d] = next_component(state);
    if (centres != NULL) {
        const float *centre = centres + next_number(state) % N_CENTRES * N_DIMENSIONS;
        for (size_t d = 0; d < N_DIMENSIONS; d++) out[d] = out[d] / sqrtf(N_DIMENSIONS) + centre[d];
    }
    normalise(out);
}

typedef struct {
    size_t n;
    float *vectors; /* owned */
    float *centres; /* owned; NULL = random directions */
    uint64_t state;
    VectorPlane *plane;
    sqlite3 *database; /* NULL = without sqlite-vec */
    sqlite3_stmt *select;
} Ground;

static bool fill_plane(Ground *ground, const char *path) {
    GError *error = NULL;
    ground->plane = vector_plane_open(path, "bench", &error);
    int64_t ids[PER_WRITE];
    for (size_t first = 0; ground->plane != NULL && first < ground->n; first += PER_WRITE) {
        size_t n = MIN(PER_WRITE, ground->n - first);
        for (size_t i = 0; i < n; i++) ids[i] = (int64_t)(first + i) + 1;
        VectorChange change = { .put_ids = ids,
                                .vectors = ground->vectors + first * N_DIMENSIONS,
                                .n_put = n,
                                .n_dimensions = N_DIMENSIONS };
        if (!vector_plane_write(ground->plane, &change, &error)) break;
    }
    if (error == NULL) return true;
    fail("plane", error->message);
    g_error_free(error);
    return false;
}

static bool fill_database(Ground *ground, const char *library) {
    char *message = NULL;
    sqlite3_stmt *insert = NULL;
    if (sqlite3_open(":memory:", &ground->database) != SQLITE_OK) return false;
    sqlite3_enable_load_extension(ground->database, 1);
    if (sqlite3_load_extension(ground->database, library, NULL, &message) != SQLITE_OK) {
        fail(library, message != NULL ? message : "not loaded");
        return false;
    }
    sqlite3_exec(ground->database,
                 "BEGIN; CREATE VIRTUAL TABLE v USING vec0(e float[256] distance_metric=cosine)",
                 NULL, NULL, NULL);
    sqlite3_prepare_v2(ground->database, "INSERT INTO v(rowid, e) VALUES(?, ?)", -1, &insert, NULL);
    for (size_t i = 0; i < ground->n; i++) {
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)i + 1);
        sqlite3_bind_blob(insert, 2, ground->vectors + i * N_DIMENSIONS,
                          N_DIMENSIONS * sizeof(float), SQLITE_STATIC);
        sqlite3_step(insert);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    sqlite3_exec(ground->database, "COMMIT", NULL, NULL, NULL);
    if (sqlite3_prepare_v2(ground->database,
                           "SELECT rowid FROM v WHERE e MATCH ? AND k = 10 ORDER BY distance", -1,
                           &ground->select, NULL) == SQLITE_OK)
        return true;
    fail("sqlite-vec", sqlite3_errmsg(ground->database));
    return false;
}

static size_t ask_sqlite(const Ground *ground, const float *vector, int64_t out[K]) {
    size_t n = 0;
    sqlite3_bind_blob(ground->select, 1, vector, N_DIMENSIONS * sizeof(float), SQLITE_STATIC);
    while (sqlite3_step(ground->select) == SQLITE_ROW && n < K)
        out[n++] = sqlite3_column_int64(ground->select, 0);
    sqlite3_reset(ground->select);
    return n;
}

/* The ten nearest by floats, one after the other. */
static void ask_floats(const Ground *ground, const float *vector, int64_t out[K]) {
    float scores[K];
    size_t n = 0;
    for (size_t i = 0; i < ground->n; i++) {
        const float *row = ground->vectors + i * N_DIMENSIONS;
        float score = 0;
        for (size_t d = 0; d < N_DIMENSIONS; d++) score += vector[d] * row[d];
        if (n == K && score <= scores[K - 1]) continue;
        size_t at = n < K ? n++ : K - 1;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            out[at] = out[at - 1];
        }
        scores[at] = score;
        out[at] = (int64_t)i + 1;
    }
}

static size_t n_shared(const int64_t a[K], const VectorHit *hits, size_t n_hits) {
    size_t n = 0;
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < n_hits; j++) n += a[i] == hits[j].id;
    return n;
}

/* Both are asked in turn, some questions at a time: each then has the caches to itself, as a
 * program that searches has. */
static void ask(Ground *ground, size_t n_queries, const char *label) {
    g_autofree double *ours = g_new(double, n_queries);
    g_autofree double *theirs = g_new(double, n_queries);
    g_autofree float *vectors = g_new(float, n_queries *N_DIMENSIONS);
    size_t n_found = 0;
    size_t n_judged = MIN(n_queries, 20);
    for (size_t q = 0; q < n_queries; q++)
        make_vector(&ground->state, ground->centres, vectors + q * N_DIMENSIONS);
    for (size_t first = 0; first < n_queries; first += PER_TURN) {
        for (size_t q = first; q < MIN(first + PER_TURN, n_queries); q++) {
            VectorHit hits[K];
            int64_t ids[K];
            VectorQuery query = { .vector = vectors + q * N_DIMENSIONS,
                                  .n_dimensions = N_DIMENSIONS,
                                  .k = K };
            double start = now_ms(CLOCK_MONOTONIC);
            size_t n_hits = vector_plane_search(ground->plane, &query, hits);
            ours[q] = now_ms(CLOCK_MONOTONIC) - start;
            if (q >= n_judged) continue;
            ask_floats(ground, query.vector, ids);
            n_found += n_shared(ids, hits, n_hits);
        }
        for (size_t q = first; q < MIN(first + PER_TURN, n_queries); q++) {
            int64_t ids[K];
            double start = now_ms(CLOCK_MONOTONIC);
            if (ground->select != NULL) ask_sqlite(ground, vectors + q * N_DIMENSIONS, ids);
            theirs[q] = now_ms(CLOCK_MONOTONIC) - start;
        }
    }
    qsort(ours, n_queries, sizeof(double), compare_doubles);
    qsort(theirs, n_queries, sizeof(double), compare_doubles);
    size_t middle = n_queries / 2;
    printf("  %8zu %-10s %8.3f %8.3f", ground->n, label, ours[0], ours[middle]);
    if (ground->select != NULL)
        printf(" %10.2f %8.2f %7.0fx %7.0fx", theirs[0], theirs[middle], theirs[0] / ours[0],
               theirs[middle] / ours[middle]);
    else
        printf(" %10s %8s %8s %8s", "", "", "", "");
    printf("   %.3f\n", (double)n_found / (double)(n_judged * K));
    fflush(stdout);
}

typedef enum { VECTORS_OF_TEXTS, VECTORS_OF_CHANCE } VectorKind;

static bool bench_scan(const char *library, size_t n, VectorKind kind) {
    Ground ground = { .n = n, .state = UINT64_C(88172645463325252) };
    g_autofree char *path = g_strdup_printf("%s/vectors_bench.%d", g_get_tmp_dir(), getpid());
    g_autofree char *lock = g_strconcat(path, ".lock", NULL);
    if (kind == VECTORS_OF_TEXTS) {
        ground.centres = g_new(float, (size_t)N_CENTRES *N_DIMENSIONS);
        for (size_t i = 0; i < N_CENTRES; i++)
            make_vector(&ground.state, NULL, ground.centres + i * N_DIMENSIONS);
    }
    ground.vectors = g_new(float, n *N_DIMENSIONS);
    for (size_t i = 0; i < n; i++)
        make_vector(&ground.state, ground.centres, ground.vectors + i * N_DIMENSIONS);
    bool is_ok = fill_plane(&ground, path);
    if (is_ok && library[0] != '\0') is_ok = fill_database(&ground, library);
    if (is_ok)
        ask(&ground, n <= 100000 ? 200 : 40, kind == VECTORS_OF_TEXTS ? "like texts" : "random");
    sqlite3_finalize(ground.select);
    sqlite3_close(ground.database);
    vector_plane_close(ground.plane);
    unlink(path);
    unlink(lock);
    g_free(ground.vectors);
    g_free(ground.centres);
    return is_ok;
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "embed") == 0) return bench_embed(argv + 2);
    if (argc < 4 || strcmp(argv[1], "scan") != 0) {
        fprintf(stderr, "usage: vectors_bench embed FILE... | scan VEC0 N...\n");
        return 2;
    }
    printf("the %d nearest, ms, 1 thread, 256 dimensions\n", K);
    printf("  %8s %-10s %8s %8s %10s %8s %8s %8s   recall@10\n", "vectors", "", "min", "median",
           "sqlite-vec", "median", "x min", "x median");
    for (int i = 3; i < argc; i++) {
        size_t n = (size_t)g_ascii_strtoull(argv[i], NULL, 10);
        /* sqlite-vec does the same work for any vectors: it is asked once for each size. */
        if (!bench_scan(argv[2], n, VECTORS_OF_TEXTS) || !bench_scan("", n, VECTORS_OF_CHANCE))
            return 1;
    }
    return 0;
}
