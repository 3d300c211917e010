/*
 * Tokens per CPU-second through localgpt-engine and in a bare loop around the same library: same
 * model, context, batch, threads, greedy choice. The bare loop runs in a process of its own (this
 * program, started with "bare"), confined by nothing, talking to nobody. Rounds alternate, so that
 * whatever else the machine does hits both; each side's best round counts.
 *
 *     engine_bench LIBRARY_FOLDER MODEL ROUNDS
 *     engine_bench LIBRARY_FOLDER MODEL bare THREADS      (what it starts itself)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "engine/library.h"
#include "provider/engine_client.h"

enum { N_PROMPT_WORDS = 150, N_GENERATED = 64, CONTEXT = 2048, BATCH = 512 };

typedef struct {
    double prompt_cpu_rate, generation_cpu_rate; /* tokens per CPU-second */
    double prompt_rate, generation_rate;         /* per second */
} Speed;

static double clock_seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Text without structure, always the same. */
static char *make_prompt(void) {
    static const char *const words[] = { "time",  "year", "people", "way",   "day",  "man",
                                         "thing", "life", "child",  "world", "hand", "part" };
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < N_PROMPT_WORDS; i++)
        g_string_append_printf(text, "%s ", words[(i * 7 + i / 5) % G_N_ELEMENTS(words)]);
    return g_string_free(text, FALSE);
}

/* ---- the bare loop ---- */

typedef struct {
    EngineLibrary library;
    struct llama_model *model;
    struct llama_context *context;
    const struct llama_vocab *vocab;
} Bare;

static void silence(enum ggml_log_level level, const char *text, void *user_data) {
    (void)level;
    (void)text;
    (void)user_data;
}

static bool bare_open(Bare *bare, const char *folder, const char *path, int n_threads) {
    g_autoptr(GError) error = NULL;
    if (!engine_library_open(&bare->library, folder, &error)) {
        fprintf(stderr, "engine_bench: %s\n", error->message);
        return false;
    }
    bare->library.llama_log_set(silence, NULL);
    if (!engine_library_load_backends(&bare->library, folder, NULL)) return false;
    bare->model =
        bare->library.llama_model_load_from_file(path, bare->library.llama_model_default_params());
    if (bare->model == NULL) return false;
    struct llama_context_params params = bare->library.llama_context_default_params();
    params.n_ctx = CONTEXT;
    params.n_batch = params.n_ubatch = BATCH;
    params.n_threads = params.n_threads_batch = n_threads;
    bare->context = bare->library.llama_init_from_model(bare->model, params);
    bare->vocab = bare->library.llama_model_get_vocab(bare->model);
    return bare->context != NULL;
}

static void bare_decode(Bare *bare, llama_token *tokens, int32_t n) {
    for (int32_t done = 0; done < n; done += BATCH) {
        struct llama_batch batch = { .n_tokens = MIN(BATCH, n - done), .token = tokens + done };
        if (bare->library.llama_decode(bare->context, batch) != 0) exit(1);
    }
}

static int run_bare(const char *folder, const char *path, int n_threads) {
    Bare bare = { 0 };
    if (!bare_open(&bare, folder, path, n_threads)) return 1;
    g_autofree char *text = make_prompt();
    llama_token tokens[CONTEXT];
    int32_t n = bare.library.llama_tokenize(bare.vocab, text, (int32_t)strlen(text), tokens,
                                            CONTEXT, true, true);
    struct llama_sampler *sampler = bare.library.llama_sampler_init_greedy();
    double cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID), wall = clock_seconds(CLOCK_MONOTONIC);
    bare_decode(&bare, tokens, n);
    llama_token token = bare.library.llama_sampler_sample(sampler, bare.context, -1);
    double prompt_cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double prompt_wall = clock_seconds(CLOCK_MONOTONIC) - wall;
    cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    wall = clock_seconds(CLOCK_MONOTONIC);
    char piece[256];
    for (int i = 0; i < N_GENERATED; i++) {
        bare_decode(&bare, &token, 1);
        token = bare.library.llama_sampler_sample(sampler, bare.context, -1);
        bare.library.llama_token_to_piece(bare.vocab, token, piece, sizeof piece, 0, false);
    }
    double generation_cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double generation_wall = clock_seconds(CLOCK_MONOTONIC) - wall;
    printf("%d %f %f %f %f\n", n, n / prompt_cpu, N_GENERATED / generation_cpu, n / prompt_wall,
           N_GENERATED / generation_wall);
    return 0;
}

static bool start_bare(char **arguments, int n_threads, Speed *best, int *n_prompt) {
    g_autofree char *threads = g_strdup_printf("%d", n_threads);
    char word[] = "bare";
    char *command[] = { arguments[0], arguments[1], arguments[2], word, threads, NULL };
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    Speed speed = { 0 };
    if (!g_spawn_sync(NULL, command, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL,
                      &error) ||
        sscanf(output, "%d %lf %lf %lf %lf", n_prompt, &speed.prompt_cpu_rate,
               &speed.generation_cpu_rate, &speed.prompt_rate, &speed.generation_rate) != 5) {
        fprintf(stderr, "engine_bench: the bare loop failed\n");
        return false;
    }
    best->prompt_cpu_rate = MAX(best->prompt_cpu_rate, speed.prompt_cpu_rate);
    best->generation_cpu_rate = MAX(best->generation_cpu_rate, speed.generation_cpu_rate);
    best->prompt_rate = MAX(best->prompt_rate, speed.prompt_rate);
    best->generation_rate = MAX(best->generation_rate, speed.generation_rate);
    return true;
}

/* ---- the engine ---- */

static EngineOptions options_for(char **arguments, int n_threads) {
    return (EngineOptions){ .library_folder = arguments[1],
                            .model_path = arguments[2],
                            .n_threads = n_threads,
                            .context_tokens = CONTEXT };
}

static bool must(bool is_ok, const GError *error) {
    if (!is_ok) fprintf(stderr, "engine_bench: %s\n", error != NULL ? error->message : "failed");
    return is_ok;
}

/* The same work in two requests: the prompt and one token; then the rest, of which the prompt's
 * last token is evaluated again, as in the bare loop's count. */
static bool run_engine(char **arguments, int n_threads, Speed *best) {
    EngineOptions options = options_for(arguments, n_threads);
    g_autoptr(EngineClient) client = engine_client_new(&options);
    g_autoptr(GError) error = NULL;
    if (!must(engine_client_start(client, NULL, NULL, NULL, &error), error)) return false;
    g_autofree char *text = make_prompt();
    EngineGenerate request;
    engine_generate_init(&request);
    request.temperature = 0;
    request.prompt.text = text;
    request.max_tokens = 1;
    EngineDone done = { 0 };
    if (!must(engine_client_generate(client, &request, NULL, &done, NULL, &error), error))
        return false;
    best->prompt_cpu_rate = MAX(best->prompt_cpu_rate, (double)done.n_prompt / (done.cpu_ms / 1e3));
    best->prompt_rate = MAX(best->prompt_rate, (double)done.n_prompt / (done.prompt_ms / 1e3));
    request.max_tokens = N_GENERATED;
    if (!must(engine_client_generate(client, &request, NULL, &done, NULL, &error), error))
        return false;
    double seconds = (done.prompt_ms + done.generation_ms) / 1e3;
    best->generation_cpu_rate =
        MAX(best->generation_cpu_rate, (double)done.n_generated / (done.cpu_ms / 1e3));
    best->generation_rate = MAX(best->generation_rate, (double)done.n_generated / seconds);
    return true;
}

static void print_row(const char *what, double bare, double engine) {
    printf("  %-34s %10.1f %10.1f %8.2f\n", what, bare, engine, engine / bare);
}

static bool compare_speed(char **arguments, int n_threads, int n_rounds) {
    Speed bare = { 0 }, engine = { 0 };
    int n_prompt = 0;
    for (int i = 0; i < n_rounds; i++)
        if (!start_bare(arguments, n_threads, &bare, &n_prompt) ||
            !run_engine(arguments, n_threads, &engine))
            return false;
    printf("engine: %d thread%s, %d prompt and %d generated tokens, best of %d rounds\n", n_threads,
           n_threads == 1 ? "" : "s", n_prompt, N_GENERATED, n_rounds);
    printf("  %-34s %10s %10s %8s\n", "", "bare loop", "engine", "ratio");
    print_row("prompt tokens per CPU-second", bare.prompt_cpu_rate, engine.prompt_cpu_rate);
    print_row("generated tokens per CPU-second", bare.generation_cpu_rate,
              engine.generation_cpu_rate);
    print_row("prompt tokens per second", bare.prompt_rate, engine.prompt_rate);
    print_row("generated tokens per second", bare.generation_rate, engine.generation_rate);
    return true;
}

/* ---- the first token ---- */

static void on_text(const char *text, size_t length, void *user_data) {
    (void)text;
    (void)length;
    double *first = user_data;
    if (*first == 0) *first = clock_seconds(CLOCK_MONOTONIC);
}

typedef struct {
    const char *what;
    const char *state_folder; /* NULL = none */
    bool is_loaded;           /* before the clock starts */
} FirstToken;

static bool measure_first_token(char **arguments, const FirstToken *row, double *out_ms) {
    static const char system_text[] =
        "You are LocalGPT, a helpful assistant that runs on the owner's own machine and keeps what "
        "it is told to itself. Answer in one or two short sentences, in plain words, without "
        "lists. Say that you do not know when you do not know. Never invent names, numbers, dates "
        "or quotations. When the question is not clear, ask one short question back.";
    char role_system[] = "system", role_user[] = "user", question[] = "What is 2+2?";
    EngineChatMessage messages[] = { { role_system, (char *)(uintptr_t)system_text },
                                     { role_user, question } };
    g_autoptr(GPtrArray) conversation = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) g_ptr_array_add(conversation, &messages[i]);
    EngineOptions options = options_for(arguments, 0);
    options.state_folder = row->state_folder;
    g_autoptr(EngineClient) client = engine_client_new(&options);
    g_autoptr(GError) error = NULL;
    if (row->is_loaded && !must(engine_client_start(client, NULL, NULL, NULL, &error), error))
        return false;
    EngineGenerate request;
    engine_generate_init(&request);
    request.temperature = 0;
    request.max_tokens = 8;
    request.prompt.messages = conversation;
    request.prompt.n_fixed = 1;
    EngineDone done = { 0 };
    double first = 0, start = clock_seconds(CLOCK_MONOTONIC);
    EngineListener listener = { .on_text = on_text, .user_data = &first };
    if (!must(engine_client_generate(client, &request, &listener, &done, NULL, &error), error))
        return false;
    double taken_ms = (first - start) * 1e3;
    *out_ms = *out_ms == 0 ? taken_ms : MIN(*out_ms, taken_ms);
    return true;
}

static void remove_folder(const char *folder) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static bool compare_first_token(char **arguments, int n_rounds) {
    g_autofree char *folder = g_dir_make_tmp("engine-bench-XXXXXX", NULL);
    const FirstToken rows[] = {
        { "loaded, no saved state", NULL, true },
        { "loaded, saved state", folder, true },
        { "cold start, no saved state", NULL, false },
        { "cold start, saved state", folder, false },
    };
    double warm_up = 0, times[G_N_ELEMENTS(rows)] = { 0 };
    bool is_ok = measure_first_token(arguments, &rows[1], &warm_up);
    for (int i = 0; is_ok && i < n_rounds; i++)
        for (size_t k = 0; is_ok && k < G_N_ELEMENTS(rows); k++)
            is_ok = measure_first_token(arguments, &rows[k], &times[k]);
    remove_folder(folder);
    if (!is_ok) return false;
    printf("first token of a short question behind a fixed prompt, best of %d, free cores\n",
           n_rounds);
    printf("  %-34s %10s %10s\n", "", "ms", "goal");
    for (size_t k = 0; k < G_N_ELEMENTS(rows); k++)
        printf("  %-34s %10.0f %10s\n", rows[k].what, times[k], rows[k].is_loaded ? "300" : "");
    return true;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 5 && strcmp(argv[3], "bare") == 0)
        return run_bare(argv[1], argv[2], (int)g_ascii_strtoll(argv[4], NULL, 10));
    if (argc != 4) {
        fprintf(stderr, "usage: engine_bench LIBRARY_FOLDER MODEL ROUNDS\n");
        return 2;
    }
    int n_rounds = (int)CLAMP(g_ascii_strtoll(argv[3], NULL, 10), 1, 100);
    if (!compare_speed(argv, 1, n_rounds)) return 1;
    /* Threads that spin for a core they do not get measure the machine's load, nothing else. */
    double load = 0;
    if (getloadavg(&load, 1) == 1 && load < 1.2) {
        if (!compare_speed(argv, 2, n_rounds)) return 1;
    } else {
        printf("2 threads: not measured, the machine is busy (load %.1f)\n", load);
    }
    return compare_first_token(argv, n_rounds) ? 0 : 1;
}
