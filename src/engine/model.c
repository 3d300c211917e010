/* engine/model.c: library, confinement, model, context, in this order; then the prefix cache. */
#include "engine/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/worker_confinement.h"

enum { DEFAULT_CONTEXT = 4096, BATCH_TOKENS = 512, MIN_CONTEXT = 64 };

/* The library's callback: keeps the first error line of a request, which says what is wrong; the
 * ones behind it say only that something failed. Its own function's name in front is of no use. */
static void on_library_log(enum ggml_log_level level, const char *text, void *user_data) {
    EngineModel *model = user_data;
    if (level != GGML_LOG_LEVEL_ERROR || model->complaint->len > 0) return;
    const char *colon = strstr(text, ": ");
    if (colon != NULL && strcspn(text, " ") > (size_t)(colon - text)) text = colon + 2;
    g_autofree char *valid = text_make_valid(text, strlen(text));
    g_string_assign(model->complaint, g_strstrip(valid));
}

static bool on_abort_check(void *user_data) {
    EngineModel *model = user_data;
    if (!model->is_stopped && model->hooks.should_stop(model->hooks.user_data))
        model->is_stopped = true;
    return model->is_stopped;
}

static bool on_load_progress(float fraction, void *user_data) {
    EngineModel *model = user_data;
    model->hooks.on_progress(fraction, model->hooks.user_data);
    return !on_abort_check(model);
}

/* Is it a file, and does it say GGUF? Spares the library what cannot be a model. */
static bool check_file(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, errno, "opening the model '%s'", path);
        return false;
    }
    struct stat status;
    char magic[4] = "";
    bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    bool is_gguf = is_file && read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
                   memcmp(magic, "GGUF", sizeof magic) == 0;
    close(fd);
    if (is_gguf) return true;
    error_set_with_hint(error, ERR_DATA, "See the models with 'localgpt model list'.",
                        "'%s' is not a model: %s", path,
                        is_file ? "it does not begin with GGUF" : "it is not a file");
    return false;
}

static void set_load_error(const EngineModel *model, const char *path, const char *what,
                           GError **error) {
    if (model->is_stopped) {
        error_set(error, ERR_CANCELLED, "interrupted while reading the model");
        return;
    }
    error_set_with_hint(error, ERR_DATA,
                        "The file may be damaged: check it with 'localgpt model info'.",
                        "%s '%s' failed%s%s", what, path, model->complaint->len > 0 ? ": " : "",
                        model->complaint->str);
}

static bool load_weights(EngineModel *model, const EngineLoad *request, GError **error) {
    struct llama_model_params params = model->library.llama_model_default_params();
    params.n_gpu_layers = (int32_t)request->n_gpu_layers;
    params.progress_callback = on_load_progress;
    params.progress_callback_user_data = model;
    model->model = model->library.llama_model_load_from_file(request->model_path, params);
    if (model->model == NULL) {
        set_load_error(model, request->model_path, "reading the model", error);
        return false;
    }
    model->vocab = model->library.llama_model_get_vocab(model->model);
    return true;
}

static bool make_context(EngineModel *model, const EngineLoad *request, GError **error) {
    const EngineLibrary *library = &model->library;
    int64_t trained = library->llama_model_n_ctx_train(model->model);
    int64_t wanted = request->context_tokens > 0 ? request->context_tokens : DEFAULT_CONTEXT;
    if (trained > 0) wanted = MIN(wanted, trained);
    struct llama_context_params params = library->llama_context_default_params();
    params.n_ctx = (uint32_t)MAX(wanted, MIN_CONTEXT);
    params.n_batch = BATCH_TOKENS;
    params.n_ubatch = BATCH_TOKENS;
    params.n_threads = model->n_threads;
    params.n_threads_batch = model->n_threads;
    params.abort_callback = on_abort_check;
    params.abort_callback_data = model;
    model->context = library->llama_init_from_model(model->model, params);
    if (model->context == NULL) {
        set_load_error(model, request->model_path, "making the context of", error);
        return false;
    }
    return true;
}

static char *token_text(const EngineModel *model, llama_token token) {
    if (token < 0 || token >= model->library.llama_vocab_n_tokens(model->vocab))
        return g_strdup("");
    const char *text = model->library.llama_vocab_get_text(model->vocab, token);
    return text != NULL ? text_make_valid(text, strlen(text)) : g_strdup("");
}

/* A string of the GGUF's metadata, cut at `max_bytes`; "" when it is not there. */
static char *metadata_text(const EngineModel *model, const char *key, size_t max_bytes) {
    g_autofree char *buffer = g_malloc0(max_bytes + 1);
    int32_t length =
        model->library.llama_model_meta_val_str(model->model, key, buffer, max_bytes + 1);
    if (length < 0) return g_strdup("");
    return text_make_valid(buffer, strlen(buffer));
}

/* "CUDA0" when there is a GPU, else "CPU". */
static char *device_name(const EngineLibrary *library, bool uses_gpu) {
    for (size_t i = 0; uses_gpu && i < library->ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t device = library->ggml_backend_dev_get(i);
        if (library->ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_GPU)
            return g_strdup(library->ggml_backend_dev_name(device));
    }
    return g_strdup("CPU");
}

/* The library renders the templates it knows; others fall back to ChatML. */
static void choose_template(EngineModel *model, EngineLoaded *loaded) {
    const char *text = model->library.llama_model_chat_template(model->model, NULL);
    struct llama_chat_message probe = { "user", "x" };
    loaded->chat_template =
        text_make_valid(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    loaded->is_template_known = text != NULL && model->library.llama_chat_apply_template(
                                                    text, &probe, 1, true, NULL, 0) > 0;
    model->template_text = g_strdup(loaded->is_template_known ? text : "chatml");
}

static void fill_loaded(EngineModel *model, bool uses_gpu, EngineLoaded *loaded) {
    const EngineLibrary *library = &model->library;
    char description[256] = "";
    library->llama_model_desc(model->model, description, sizeof description);
    loaded->name = metadata_text(model, "general.name", 256);
    loaded->architecture = metadata_text(model, "general.architecture", 64);
    loaded->description = text_make_valid(description, strlen(description));
    loaded->n_parameters = (int64_t)library->llama_model_n_params(model->model);
    loaded->size_bytes = (int64_t)library->llama_model_size(model->model);
    loaded->context_tokens = (int64_t)engine_model_context_tokens(model);
    loaded->training_context = library->llama_model_n_ctx_train(model->model);
    loaded->n_vocabulary = library->llama_vocab_n_tokens(model->vocab);
    loaded->n_embedding = library->llama_model_n_embd(model->model);
    loaded->n_layers = library->llama_model_n_layer(model->model);
    loaded->can_generate = library->llama_get_memory(model->context) != NULL;
    loaded->begin_text = token_text(model, library->llama_vocab_bos(model->vocab));
    loaded->end_text = token_text(model, library->llama_vocab_eos(model->vocab));
    loaded->end_of_turn_text = token_text(model, library->llama_vocab_eot(model->vocab));
    loaded->library_version = g_strdup(library->llama_version());
    loaded->device = device_name(library, uses_gpu);
    loaded->n_threads = model->n_threads;
    choose_template(model, loaded);
}

static bool confine(EngineModel *model, const EngineLoad *request, EngineLoaded *loaded,
                    GError **error) {
    EngineConfinementNeeds needs = {
        .library_folder = request->library_folder,
        .model_path = request->model_path,
        .uses_gpu = request->n_gpu_layers > 0,
        .descriptors = model->hooks.descriptors,
        .n_descriptors = model->hooks.n_descriptors,
    };
    g_autofree int *kept = g_new(int, needs.n_descriptors + 1);
    memcpy(kept, needs.descriptors, needs.n_descriptors * sizeof(int));
    needs.descriptors = kept;
    if (model->threads.load_fd >= 0) kept[needs.n_descriptors++] = model->threads.load_fd;
    return engine_confinement_apply(&needs, &loaded->landlock_abi, error);
}

bool engine_model_load(EngineModel *model, const EngineLoad *request, const EngineHooks *hooks,
                       EngineLoaded *loaded, GError **error) {
    int64_t start_us = g_get_monotonic_time();
    model->hooks = *hooks;
    model->cached = g_array_new(FALSE, FALSE, sizeof(llama_token));
    model->complaint = g_string_new(NULL);
    if (!check_file(request->model_path, error)) return false;
    if (!engine_library_open(&model->library, request->library_folder, error)) return false;
    model->library.llama_log_set(on_library_log, model);
    if (!engine_library_load_backends(&model->library, request->library_folder, error))
        return false;
    engine_threads_init(&model->threads, (int)request->n_threads);
    model->n_threads = engine_threads_choose(&model->threads);
    if (!confine(model, request, loaded, error)) return false;
    if (!load_weights(model, request, error)) return false;
    if (!make_context(model, request, error)) return false;
    fill_loaded(model, request->n_gpu_layers > 0, loaded);
    loaded->load_ms = (g_get_monotonic_time() - start_us) / 1000;
    return true;
}

void engine_model_clear(EngineModel *model) {
    if (model->embedding_context != NULL) model->library.llama_free(model->embedding_context);
    if (model->context != NULL) model->library.llama_free(model->context);
    if (model->model != NULL) model->library.llama_model_free(model->model);
    if (model->cached != NULL) g_array_unref(model->cached);
    if (model->complaint != NULL) g_string_free(model->complaint, TRUE);
    g_free(model->template_text);
    memset(model, 0, sizeof *model);
}

void engine_model_begin(EngineModel *model) {
    model->is_stopped = false;
    g_string_truncate(model->complaint, 0);
    int n_threads = engine_threads_choose(&model->threads);
    if (n_threads == model->n_threads) return;
    model->n_threads = n_threads;
    model->library.llama_set_n_threads(model->context, n_threads, n_threads);
}

size_t engine_model_context_tokens(const EngineModel *model) {
    return model->library.llama_n_ctx(model->context);
}

bool engine_model_check_generates(const EngineModel *model, GError **error) {
    if (model->library.llama_get_memory(model->context) != NULL) return true;
    error_set(error, ERR_USAGE, "this model makes vectors, not text");
    return false;
}

void engine_model_cut(EngineModel *model, size_t n) {
    llama_memory_t memory = model->library.llama_get_memory(model->context);
    if (n >= model->cached->len && n > 0) return;
    /* A recurrent model has one state and cannot go back to an earlier one. */
    if (n == 0 || !model->library.llama_memory_seq_rm(memory, 0, (llama_pos)n, -1)) {
        model->library.llama_memory_clear(memory, false);
        n = 0;
    }
    g_array_set_size(model->cached, (guint)n);
}

/* Evaluates `n` tokens behind the cached ones. */
static bool evaluate_batch(EngineModel *model, const llama_token *tokens, size_t n,
                           GError **error) {
    struct llama_batch batch = { .n_tokens = (int32_t)n,
                                 .token = (llama_token *)(uintptr_t)tokens };
    int32_t result = model->library.llama_decode(model->context, batch);
    if (result == 0) {
        g_array_append_vals(model->cached, tokens, (guint)n);
        return true;
    }
    /* Part of the batch may be in; what we know stays. */
    size_t known = model->cached->len;
    g_array_set_size(model->cached, (guint)(known + 1));
    engine_model_cut(model, known);
    if (model->is_stopped || result == 2)
        error_set(error, ERR_CANCELLED, "interrupted");
    else if (result == 1)
        error_set(error, ERR_LIMIT, "the context of %zu tokens is full",
                  engine_model_context_tokens(model));
    else
        error_set(error, ERR_PROVIDER, "the engine library failed to evaluate (%d)%s%s", result,
                  model->complaint->len > 0 ? ": " : "", model->complaint->str);
    return false;
}

static size_t common_length(const GArray *a, const GArray *b) {
    size_t n = 0, most = MIN(a->len, b->len);
    while (n < most && g_array_index(a, llama_token, n) == g_array_index(b, llama_token, n)) n++;
    return n;
}

bool engine_model_evaluate(EngineModel *model, const GArray *tokens, size_t *out_n_cached,
                           GError **error) {
    g_assert(tokens->len > 0);
    size_t n_same = MIN(common_length(model->cached, tokens), (size_t)tokens->len - 1);
    engine_model_cut(model, n_same);
    n_same = model->cached->len;
    for (size_t done = n_same; done < tokens->len;) {
        size_t n = MIN((size_t)BATCH_TOKENS, tokens->len - done);
        if (on_abort_check(model)) {
            error_set(error, ERR_CANCELLED, "interrupted");
            return false;
        }
        if (!evaluate_batch(model, &g_array_index(tokens, llama_token, done), n, error))
            return false;
        done += n;
    }
    if (out_n_cached != NULL) *out_n_cached = n_same;
    return true;
}

bool engine_model_append(EngineModel *model, llama_token token, GError **error) {
    return evaluate_batch(model, &token, 1, error);
}
