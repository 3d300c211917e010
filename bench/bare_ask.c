/*
 * What one answer costs at least: loads the library and the model, evaluates a prompt in ChatML,
 * and prints greedy tokens. No session, no confinement, no second process. bench/bench_ask times it
 * beside `localgpt ask`.
 *
 *     bare_ask LIBRARY_FOLDER MODEL THREADS TOKENS SYSTEM_PROMPT QUESTION
 */
#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "engine/library.h"

enum { CONTEXT = 2048, BATCH = 512 };

typedef struct {
    EngineLibrary library;
    struct llama_context *context;
    const struct llama_vocab *vocab;
} Bare;

static void silence(enum ggml_log_level level, const char *text, void *user_data) {
    (void)level;
    (void)text;
    (void)user_data;
}

static bool bare_open(Bare *bare, const char *folder, const char *path, int n_threads) {
    EngineLibrary *library = &bare->library;
    if (!engine_library_open(library, folder, NULL)) return false;
    library->llama_log_set(silence, NULL);
    if (!engine_library_load_backends(library, folder, NULL)) return false;
    struct llama_model *model =
        library->llama_model_load_from_file(path, library->llama_model_default_params());
    if (model == NULL) return false;
    struct llama_context_params params = library->llama_context_default_params();
    params.n_ctx = CONTEXT;
    params.n_batch = params.n_ubatch = BATCH;
    params.n_threads = params.n_threads_batch = n_threads;
    bare->context = library->llama_init_from_model(model, params);
    bare->vocab = library->llama_model_get_vocab(model);
    return bare->context != NULL;
}

static bool decode(Bare *bare, llama_token *tokens, int32_t n) {
    struct llama_batch batch = { .n_tokens = n, .token = tokens };
    return bare->library.llama_decode(bare->context, batch) == 0;
}

static bool answer(Bare *bare, const char *prompt, int n_wanted) {
    llama_token tokens[BATCH];
    int32_t n = bare->library.llama_tokenize(bare->vocab, prompt, (int32_t)strlen(prompt), tokens,
                                             BATCH, false, true);
    if (n <= 0 || !decode(bare, tokens, n)) return false;
    struct llama_sampler *sampler = bare->library.llama_sampler_init_greedy();
    for (int i = 0; i < n_wanted; i++) {
        llama_token token = bare->library.llama_sampler_sample(sampler, bare->context, -1);
        char piece[256];
        int32_t length =
            bare->library.llama_token_to_piece(bare->vocab, token, piece, sizeof piece, 0, false);
        fwrite(piece, 1, length > 0 ? (size_t)length : 0, stdout);
        fflush(stdout);
        if (!decode(bare, &token, 1)) return false;
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: bare_ask LIBRARY_FOLDER MODEL THREADS TOKENS SYSTEM QUESTION\n");
        return 2;
    }
    Bare bare = { 0 };
    if (!bare_open(&bare, argv[1], argv[2], (int)g_ascii_strtoll(argv[3], NULL, 10))) return 1;
    g_autofree char *prompt =
        g_strdup_printf("<|im_start|>system\n%s<|im_end|>\n<|im_start|>user\n%s<|im_end|>\n"
                        "<|im_start|>assistant\n",
                        argv[5], argv[6]);
    return answer(&bare, prompt, (int)g_ascii_strtoll(argv[4], NULL, 10)) ? 0 : 1;
}
