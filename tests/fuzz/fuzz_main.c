/*
 * Runs a fuzz target without libFuzzer, so that every `make check` exercises it: each seed of its
 * corpus, then a fixed number of mutations of them. The mutations come from a generator with a
 * fixed start, so that a failure comes back; the input at hand lies in a file while it runs, and
 * stays there when the target crashes.
 *
 *     fuzz_toml tests/fuzz/corpus/toml 20000
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_INPUT_BYTES = 64 * 1024, MAX_EDITS = 8, MAX_COPY_BYTES = 64 };

/* What the signal handler may touch: the input that is being tried. */
static GByteArray *current;
static const char *crash_path;

static void on_crash(int signal_number) {
    FILE *file = fopen(crash_path, "wb");
    if (file != NULL) {
        fwrite(current->data, 1, current->len, file);
        fclose(file);
    }
    printf("# the input that did it: %s\n", crash_path);
    fflush(stdout);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void try_input(const uint8_t *data, size_t size) {
    g_byte_array_set_size(current, 0);
    g_byte_array_append(current, data, (guint)size);
    /* An exact heap copy: AddressSanitizer sees a read past its end. */
    g_autofree uint8_t *copy = g_memdup2(data, size);
    static const uint8_t none[1];
    LLVMFuzzerTestOneInput(copy != NULL ? copy : none, size);
}

static int compare_names(gconstpointer left, gconstpointer right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static GPtrArray *load_seeds(const char *folder) {
    GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;)
        g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        char *text = NULL;
        gsize length = 0;
        if (g_file_get_contents(g_ptr_array_index(names, i), &text, &length, NULL))
            g_ptr_array_add(seeds, g_bytes_new_take(text, length));
    }
    return seeds;
}

/* One small change: flip a bit, set a byte, insert bytes, cut a stretch, or copy a stretch of
 * another seed. */
static void mutate(GByteArray *input, GRand *random, GBytes *other) {
    guint at = input->len > 0 ? (guint)g_rand_int_range(random, 0, (gint32)input->len) : 0;
    gsize other_size = 0;
    const uint8_t *other_data = g_bytes_get_data(other, &other_size);
    switch (g_rand_int_range(random, 0, 5)) {
    case 0:
        if (input->len > 0) input->data[at] ^= (uint8_t)(1u << g_rand_int_range(random, 0, 8));
        break;
    case 1:
        if (input->len > 0) input->data[at] = (uint8_t)g_rand_int(random);
        break;
    case 2: {
        uint8_t bytes[4];
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)g_rand_int(random);
        g_byte_array_append(input, bytes, (guint)g_rand_int_range(random, 1, 5));
        break;
    }
    case 3:
        if (input->len > 0)
            g_byte_array_remove_range(
                input, at, (guint)g_rand_int_range(random, 0, (gint32)(input->len - at)));
        break;
    default:
        if (other_size > 0) {
            gsize from = (gsize)g_rand_int_range(random, 0, (gint32)other_size);
            gsize size = MIN(other_size - from, (gsize)MAX_COPY_BYTES);
            g_autofree uint8_t *tail = g_memdup2(input->data + at, input->len - at);
            guint tail_size = input->len - at;
            g_byte_array_set_size(input, at);
            g_byte_array_append(input, other_data + from, (guint)size);
            if (tail_size > 0) g_byte_array_append(input, tail, tail_size);
        }
    }
}

static void run_mutations(GPtrArray *seeds, int n_mutations) {
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autoptr(GByteArray) input = g_byte_array_new();
    for (int i = 0; i < n_mutations; i++) {
        GBytes *seed = seeds->pdata[g_rand_int_range(random, 0, (gint32)seeds->len)];
        g_byte_array_set_size(input, 0);
        g_byte_array_append(input, g_bytes_get_data(seed, NULL), (guint)g_bytes_get_size(seed));
        for (int edits = g_rand_int_range(random, 1, MAX_EDITS + 1); edits > 0; edits--)
            mutate(input, random, seeds->pdata[g_rand_int_range(random, 0, (gint32)seeds->len)]);
        if (input->len <= MAX_INPUT_BYTES) try_input(input->data, input->len);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER N_MUTATIONS\n", argv[0]);
        return 2;
    }
    g_autofree char *path = g_strdup_printf("%s.crash", argv[0]);
    crash_path = path;
    current = g_byte_array_new();
    signal(SIGSEGV, on_crash);
    signal(SIGABRT, on_crash);
    signal(SIGBUS, on_crash);
    signal(SIGFPE, on_crash);

    g_autoptr(GPtrArray) seeds = load_seeds(argv[1]);
    printf("1..3\n%sok 1 the corpus has seeds (%u)\n", seeds->len > 0 ? "" : "not ", seeds->len);
    if (seeds->len == 0) return 1;
    for (guint i = 0; i < seeds->len; i++) {
        gsize size = 0;
        const uint8_t *data = g_bytes_get_data(seeds->pdata[i], &size);
        try_input(data, size);
    }
    printf("ok 2 every seed is survived\n");
    fflush(stdout);
    run_mutations(seeds, (int)g_ascii_strtoll(argv[2], NULL, 10));
    printf("ok 3 %s mutations are survived\n", argv[2]);
    g_byte_array_unref(current);
    return 0;
}
