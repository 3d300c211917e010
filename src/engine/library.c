/* engine/library.c: the table of libllama's functions and the checks before it is trusted. */
#include "engine/library.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/lazy_library.h"

/* The release whose headers this was built with; structs are passed by value, so it must fit. */
#define HEADERS_VERSION "0.5."

#define FUNCTION(name)                                                                             \
    { #name, offsetof(EngineLibrary, name) }
static const LazySymbol symbols[] = {
    FUNCTION(ggml_backend_dev_count),
    FUNCTION(ggml_backend_dev_get),
    FUNCTION(ggml_backend_dev_name),
    FUNCTION(ggml_backend_dev_type),
    FUNCTION(ggml_backend_load_all_from_path),
    FUNCTION(llama_backend_init),
    FUNCTION(llama_chat_apply_template),
    FUNCTION(llama_context_default_params),
    FUNCTION(llama_decode),
    FUNCTION(llama_detokenize),
    FUNCTION(llama_free),
    FUNCTION(llama_get_embeddings_ith),
    FUNCTION(llama_get_embeddings_seq),
    FUNCTION(llama_get_logits_ith),
    FUNCTION(llama_get_memory),
    FUNCTION(llama_init_from_model),
    FUNCTION(llama_log_set),
    FUNCTION(llama_memory_clear),
    FUNCTION(llama_memory_seq_rm),
    FUNCTION(llama_model_chat_template),
    FUNCTION(llama_model_default_params),
    FUNCTION(llama_model_desc),
    FUNCTION(llama_model_free),
    FUNCTION(llama_model_get_vocab),
    FUNCTION(llama_model_load_from_file),
    FUNCTION(llama_model_meta_val_str),
    FUNCTION(llama_model_n_ctx_train),
    FUNCTION(llama_model_n_embd),
    FUNCTION(llama_model_n_layer),
    FUNCTION(llama_model_n_params),
    FUNCTION(llama_model_size),
    FUNCTION(llama_n_ctx),
    FUNCTION(llama_pooling_type),
    FUNCTION(llama_sampler_accept),
    FUNCTION(llama_sampler_apply),
    FUNCTION(llama_sampler_chain_add),
    FUNCTION(llama_sampler_chain_default_params),
    FUNCTION(llama_sampler_chain_init),
    FUNCTION(llama_sampler_free),
    FUNCTION(llama_sampler_init_dist),
    FUNCTION(llama_sampler_init_grammar),
    FUNCTION(llama_sampler_init_greedy),
    FUNCTION(llama_sampler_init_min_p),
    FUNCTION(llama_sampler_init_penalties),
    FUNCTION(llama_sampler_init_temp),
    FUNCTION(llama_sampler_init_top_k),
    FUNCTION(llama_sampler_init_top_p),
    FUNCTION(llama_sampler_sample),
    FUNCTION(llama_set_n_threads),
    FUNCTION(llama_state_seq_get_data),
    FUNCTION(llama_state_seq_get_size),
    FUNCTION(llama_state_seq_set_data),
    FUNCTION(llama_token_to_piece),
    FUNCTION(llama_tokenize),
    FUNCTION(llama_version),
    FUNCTION(llama_vocab_bos),
    FUNCTION(llama_vocab_eos),
    FUNCTION(llama_vocab_eot),
    FUNCTION(llama_vocab_get_attr),
    FUNCTION(llama_vocab_get_text),
    FUNCTION(llama_vocab_is_eog),
    FUNCTION(llama_vocab_n_tokens),
    { 0 },
};
#undef FUNCTION

/* libllama.so, libllama.v0.5.0.so, ...; not libllama-common.so. The last by name when there are
 * several. New string or NULL. */
static char *find_library(const char *folder, GError **error) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autofree char *best = NULL;
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_prefix(name, "libllama.") || strstr(name, ".so") == NULL) continue;
        if (best != NULL && strcmp(name, best) <= 0) continue;
        g_free(best);
        best = g_strdup(name);
    }
    if (best == NULL) {
        error_set_with_hint(error, ERR_NOT_FOUND, "Get it with 'localgpt model pull'.",
                            "there is no engine library (libllama*.so) in '%s'", folder);
        return NULL;
    }
    return g_build_filename(folder, best, NULL);
}

/* The defaults of a release whose structs are laid out otherwise do not read like this. */
static bool has_our_layout(const EngineLibrary *library) {
    struct llama_context_params context = library->llama_context_default_params();
    struct llama_model_params model = library->llama_model_default_params();
    return context.n_ctx == 512 && context.n_batch == 2048 && context.n_seq_max == 1 &&
           context.yarn_ext_factor == -1.0f && context.type_v == GGML_TYPE_F16 &&
           context.samplers == NULL && model.progress_callback == NULL && !model.vocab_only;
}

bool engine_library_open(EngineLibrary *library, const char *folder, GError **error) {
    g_autofree char *path = find_library(folder, error);
    if (path == NULL) return false;
    if (!lazy_library_load(path, NULL, symbols, library, NULL, error)) return false;
    const char *version = library->llama_version();
    if (!g_str_has_prefix(version, HEADERS_VERSION) || !has_our_layout(library)) {
        error_set_with_hint(error, ERR_PROVIDER,
                            "Get the one that fits with 'localgpt model pull --engine'.",
                            "the engine library '%s' is version %s; this program needs %sx", path,
                            version, HEADERS_VERSION);
        return false;
    }
    return true;
}

bool engine_library_load_backends(const EngineLibrary *library, const char *folder,
                                  GError **error) {
    library->llama_backend_init();
    library->ggml_backend_load_all_from_path(folder);
    if (library->ggml_backend_dev_count() > 0) return true;
    error_set(error, ERR_NOT_FOUND, "no back end (libggml-cpu-*.so) in '%s' runs on this processor",
              folder);
    return false;
}
