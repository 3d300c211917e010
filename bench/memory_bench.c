/*
 * Times what bench/bench_memory prints.
 *
 *     memory_bench subset SOURCE TARGET CHUNKS       notes for about so many chunks, by hard links;
 * of more than SOURCE has, copies with their lines rotated memory_bench index WORKSPACE DATABASE
 * words|static      one cold indexing memory_bench ask WORKSPACE DATABASE            questions out
 * of the notes: p50 and p99 memory_bench change WORKSPACE DATABASE         one file changed until
 * it is found; notes added memory_bench fts5 WORKSPACE FILE CHUNKS        FTS5 done badly: one
 * transaction for each chunk
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "memory/memory-private.h"
#include "memory/watch.h"

/* A chunk of these notes is about so long, its overlap not counted. */
#define BYTES_PER_CHUNK 1250
#define MAX_NOTE_BYTES (16 << 20)
#define N_QUESTIONS 300
#define WORDS_PER_QUESTION 4

static const EmbedderSettings static_embedder = { .provider = "static" };

static void stop(const char *what, const GError *error) {
    fprintf(stderr, "memory_bench: %s: %s\n", what, error != NULL ? error->message : "failed");
    exit(1);
}

static double now_ms(void) {
    return (double)g_get_monotonic_time() / 1000;
}

static int compare_doubles(const void *a, const void *b) {
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every note, in the order of the names. */
static void list_below(const char *folder, GPtrArray *out) {
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;)
        g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, compare_strings);
    for (guint i = 0; i < names->len; i++) {
        const char *path = names->pdata[i];
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            list_below(path, out);
        else if (g_str_has_suffix(path, ".md"))
            g_ptr_array_add(out, g_strdup(path));
    }
}

static GPtrArray *list_notes(const char *folder) {
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    list_below(folder, notes);
    return notes;
}

static char *read_note(const char *path, size_t *out_length) {
    GError *error = NULL;
    char *text;
    if (!file_read(path, MAX_NOTE_BYTES, &text, out_length, &error)) stop(path, error);
    return text;
}

/* ---- subset ---- */

static void make_folder_of(const char *path) {
    g_autofree char *folder = g_path_get_dirname(path);
    GError *error = NULL;
    if (!file_make_folders(folder, &error)) stop(folder, error);
}

/* The same text with its first part at the end: other chunks. */
static void write_rotated(const char *from, const char *to, int round) {
    size_t length;
    g_autofree char *text = read_note(from, &length);
    size_t at = length * (size_t)round / 7;
    while (at < length && text[at] != '\n') at++;
    g_autoptr(GString) out = g_string_new_len(text + at, (gssize)(length - at));
    g_string_append_len(out, text, (gssize)at);
    if (!g_file_set_contents(to, out->str, (gssize)out->len, NULL)) stop(to, NULL);
}

static void make_subset(const char *source, const char *target, int64_t n_chunks) {
    g_autoptr(GPtrArray) notes = list_notes(source);
    int64_t n_left = n_chunks * BYTES_PER_CHUNK;
    for (int round = 0; n_left > 0 && round < 7; round++) {
        for (guint i = 0; i < notes->len && n_left > 0; i++) {
            /* Every part of the source in the small subsets too. */
            const char *path = notes->pdata[(guint64)i * 7919 % notes->len];
            struct stat status;
            g_autofree char *name = g_strdup_printf("%d%s", round, path + strlen(source));
            g_autofree char *to = g_build_filename(target, name, NULL);
            make_folder_of(to);
            if (stat(path, &status) != 0) stop(path, NULL);
            n_left -= status.st_size;
            if (round > 0)
                write_rotated(path, to, round);
            else if (link(path, to) != 0)
                stop(to, NULL);
        }
    }
}

/* ---- index ---- */

static Memory *open_memory(const char *workspace, const char *database, bool has_vectors) {
    GError *error = NULL;
    const MemoryPlace place = { .workspace = workspace,
                                .database = database,
                                .embedder = has_vectors ? &static_embedder : NULL };
    Memory *memory = memory_open(&place, &error);
    if (memory == NULL) stop(database, error);
    return memory;
}

static double size_mb(const char *database) {
    static const char *const parts[] = { "", "-wal", ".vectors" };
    double sum = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_strconcat(database, parts[i], NULL);
        struct stat status;
        if (stat(path, &status) == 0) sum += (double)status.st_blocks * 512 / 1e6;
    }
    return sum;
}

static void bench_index(const char *workspace, const char *database, const char *kind) {
    GError *error = NULL;
    double start = now_ms();
    Memory *memory = open_memory(workspace, database, strcmp(kind, "static") == 0);
    SyncReport report = { 0 };
    if (!memory_reindex(memory, /* is_forced= */ false, NULL, &report, &error))
        stop("reindex", error);
    g_autofree char *notice = memory_take_notice(memory);
    if (notice != NULL) printf("  %s\n", notice);
    memory_close(memory);
    double seconds = (now_ms() - start) / 1e3;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                 (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
    double megabytes = (double)report.n_bytes / 1e6;
    printf("  %-7s %6" G_GINT64_FORMAT " notes %8" G_GINT64_FORMAT
           " chunks %6.0f MB %7.1f MB/s %8.0f chunks/s %6.1f MB per CPU-s  disk %5.0f MB  peak RSS "
           "%4.0f MB\n",
           kind, report.n_seen, report.n_chunks, megabytes, megabytes / seconds,
           (double)report.n_chunks / seconds, megabytes / cpu, size_mb(database),
           (double)usage.ru_maxrss / 1024);
}

/* ---- ask ---- */

/* Some words in a row, from the middle of a note: what a person remembers of it. */
static char *make_question(const GPtrArray *notes, GRand *random) {
    for (;;) {
        const char *path = notes->pdata[g_rand_int_range(random, 0, (int)notes->len)];
        size_t length;
        g_autofree char *text = read_note(path, &length);
        const char *at = text + (size_t)g_rand_double_range(random, 0, (double)length);
        g_auto(GStrv) words = g_strsplit_set(at, " \n\t|", 200);
        g_autoptr(GString) question = g_string_new(NULL);
        int n = 0;
        for (char **word = words; *word != NULL && n < WORDS_PER_QUESTION; word++) {
            if (word == words || strlen(*word) < 4 || strlen(*word) > 20) continue;
            if (strspn(*word, "abcdefghijklmnopqrstuvwxyz") < strlen(*word)) continue;
            g_string_append_printf(question, "%s%s", n++ > 0 ? " " : "", *word);
        }
        if (n == WORDS_PER_QUESTION) return g_string_free(g_steal_pointer(&question), FALSE);
    }
}

static void ask_mode(Memory *memory, const GPtrArray *questions, int mode) {
    double times[N_QUESTIONS];
    GError *error = NULL;
    size_t n_hits = 0;
    for (guint i = 0; i < questions->len; i++) {
        const MemoryRequest request = { .query = questions->pdata[i], .mode = mode };
        double start = now_ms();
        MemoryAnswer *answer = memory_search_index(memory, &request, NULL, &error);
        times[i] = now_ms() - start;
        if (answer == NULL) stop("search", error);
        n_hits += answer->hits->len;
        memory_answer_free(answer);
    }
    qsort(times, questions->len, sizeof(double), compare_doubles);
    printf("  %-8s %8.2f %8.2f %8.2f   %zu hits\n", search_mode_names[mode], times[0],
           times[questions->len / 2], times[questions->len * 99 / 100], n_hits);
}

static void bench_ask(const char *workspace, const char *database) {
    GError *error = NULL;
    Memory *memory = open_memory(workspace, database, /* has_vectors= */ true);
    g_autoptr(GPtrArray) notes = list_notes(workspace);
    g_autoptr(GPtrArray) questions = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    for (int i = 0; i < N_QUESTIONS; i++) g_ptr_array_add(questions, make_question(notes, random));
    /* The first search looks at all files and opens what is needed. */
    const MemoryRequest warm_up = { .query = questions->pdata[0] };
    double start = now_ms();
    MemoryAnswer *answer = memory_search(memory, &warm_up, NULL, &error);
    if (answer == NULL) stop("search", error);
    printf("  %" G_GINT64_FORMAT " chunks of %" G_GINT64_FORMAT
           " notes; the first search of a process, which looks at the files: %.1f ms\n",
           answer->n_chunks, answer->n_files, now_ms() - start);
    memory_answer_free(answer);
    printf("  ms       %8s %8s %8s\n", "min", "p50", "p99");
    for (int mode = SEARCH_WORDS; mode <= SEARCH_MEANING; mode++) ask_mode(memory, questions, mode);
    ask_mode(memory, questions, SEARCH_HYBRID);
    memory_close(memory);
}

/* ---- change ---- */

static void bench_change(const char *workspace, const char *database) {
    enum { N_CHANGES = 25, N_NOTES = 2000 };
    GError *error = NULL;
    double times[N_CHANGES];
    Memory *memory = open_memory(workspace, database, /* has_vectors= */ true);
    if (!memory_watch_start(memory, NULL, &error)) stop("watch", error);
    g_autofree char *path = g_build_filename(workspace, "changing.md", NULL);
    g_autoptr(GString) text = g_string_new("# A note that changes\n");
    for (int i = 0; i < 14; i++) {
        for (int k = 0; k < 40; k++)
            g_string_append_printf(text, "In paragraph %d stands sentence number %d. ", i, k);
        g_string_append(text, "\n\n");
    }
    for (int i = 0; i < N_CHANGES; i++) {
        g_autofree char *word = g_strdup_printf("zebrafinch%d", i);
        g_string_append_printf(text, "Now also %s.\n", word);
        if (!g_file_set_contents(path, text->str, -1, &error)) stop(path, error);
        double start = now_ms();
        const MemoryRequest request = { .query = word, .mode = SEARCH_WORDS };
        MemoryAnswer *answer = memory_search(memory, &request, NULL, &error);
        times[i] = now_ms() - start;
        const MemoryHit *hit =
            answer != NULL && answer->hits->len > 0 ? answer->hits->pdata[0] : NULL;
        if (hit == NULL || strstr(hit->text, word) == NULL)
            stop(hit != NULL ? hit->text : "the changed note is not found", error);
        memory_answer_free(answer);
    }
    qsort(times, N_CHANGES, sizeof(double), compare_doubles);
    printf("  a file of 14 chunks changed until it is found: min %.1f ms, median %.1f ms; goal 5\n",
           times[0], times[N_CHANGES / 2]);
    const NoteOrigin origin = { 0 };
    double start = now_ms();
    for (int i = 0; i < N_NOTES; i++) {
        g_autofree char *note = g_strdup_printf("The parcel number %d is at the neighbour's.", i);
        if (!memory_append(memory, &origin, note, NULL, &error)) stop("append", error);
    }
    printf("  notes stored one by one, each synced: %.0f a second; goal 1300\n",
           N_NOTES / (now_ms() - start) * 1e3);
    memory_close(memory);
    unlink(path);
}

/* ---- FTS5, done badly ---- */

static void run_sql(sqlite3 *database, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) == SQLITE_OK) return;
    fprintf(stderr, "memory_bench: %s: %s\n", sql, message);
    exit(1);
}

static void bench_fts5(const char *workspace, const char *file, int64_t n_most) {
    g_autoptr(GPtrArray) notes = list_notes(workspace);
    sqlite3 *database = NULL;
    sqlite3_stmt *insert = NULL;
    if (sqlite3_open(file, &database) != SQLITE_OK) stop(file, NULL);
    run_sql(database, "CREATE VIRTUAL TABLE chunks USING fts5(text, tokenize='porter unicode61')");
    sqlite3_prepare_v2(database, "INSERT INTO chunks(text) VALUES(?)", -1, &insert, NULL);
    int64_t n_chunks = 0;
    int64_t n_bytes = 0;
    double start = now_ms();
    for (guint i = 0; i < notes->len && n_chunks < n_most; i++) {
        size_t length;
        g_autofree char *text = read_note(notes->pdata[i], &length);
        for (size_t at = 0; at < length && n_chunks < n_most; at += BYTES_PER_CHUNK, n_chunks++) {
            size_t n = MIN(BYTES_PER_CHUNK, length - at);
            sqlite3_bind_text(insert, 1, text + at, (int)n, SQLITE_STATIC);
            sqlite3_step(insert);
            sqlite3_reset(insert);
            n_bytes += (int64_t)n;
        }
    }
    double seconds = (now_ms() - start) / 1e3;
    sqlite3_finalize(insert);
    sqlite3_close(database);
    printf("  FTS5, one transaction for each of %" G_GINT64_FORMAT
           " chunks: %.2f MB/s, %.0f chunks/s\n",
           n_chunks, (double)n_bytes / 1e6 / seconds, (double)n_chunks / seconds);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 5 && strcmp(what, "subset") == 0)
        make_subset(argv[2], argv[3], g_ascii_strtoll(argv[4], NULL, 10));
    else if (argc == 5 && strcmp(what, "index") == 0)
        bench_index(argv[2], argv[3], argv[4]);
    else if (argc == 4 && strcmp(what, "ask") == 0)
        bench_ask(argv[2], argv[3]);
    else if (argc == 4 && strcmp(what, "change") == 0)
        bench_change(argv[2], argv[3]);
    else if (argc == 5 && strcmp(what, "fts5") == 0)
        bench_fts5(argv[2], argv[3], g_ascii_strtoll(argv[4], NULL, 10));
    else {
        fprintf(stderr, "usage: see the head of bench/memory_bench.c\n");
        return 2;
    }
    return 0;
}
