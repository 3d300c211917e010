/* provider/engine_state_cache.c: keys, files, and how few of them stay. */
#include "provider/engine_state_cache.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

/* A shorter fixed part is evaluated faster than it is worth a file. */
enum { MIN_FIXED_TOKENS = 16, MAX_FILES = 8 };
#define MAX_TOTAL_BYTES ((int64_t)512 * 1000 * 1000)
#define MAX_STATE_BYTES ((int64_t)256 * 1000 * 1000)
#define STATE_SUFFIX ".state"

/* Path, size and time of change: what tells one file from the next without reading it. */
static void describe_file(GString *text, const char *path) {
    struct stat status = { 0 };
    if (stat(path, &status) != 0) status.st_size = -1;
    g_string_append_printf(text, "%s %lld %lld.%09ld\n", path, (long long)status.st_size,
                           (long long)status.st_mtim.tv_sec, (long)status.st_mtim.tv_nsec);
}

static char *make_key(EngineClient *client, const GArray *fixed) {
    g_autoptr(GString) text = g_string_new("engine state 1\n");
    describe_file(text, client->model_path);
    describe_file(text, client->library_folder);
    g_string_append_printf(text, "%s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                           client->loaded.library_version, client->loaded.device,
                           client->loaded.context_tokens, client->load.n_gpu_layers);
    g_string_append_len(text, fixed->data, (gssize)(fixed->len * sizeof(int32_t)));
    return hash_sha256_of(text->str, text->len);
}

/* The fixed part's tokens; empty when there is none. NULL with *error when the worker ended. */
static GArray *fixed_tokens(EngineClient *client, const EnginePrompt *prompt, Cancel *cancel,
                            GError **error) {
    g_auto(EngineFrame) text = ENGINE_FRAME_INIT, all = ENGINE_FRAME_INIT,
                        fixed = ENGINE_FRAME_INIT;
    EngineRender message = { .prompt = *prompt };
    g_autofree char *payload = field_encode(engine_render_fields, &message, FIELD_COMPACT);
    EngineCall call = { ENGINE_RENDER,       payload, strlen(payload), -1, ENGINE_BYTES,
                        "rendering a prompt" };
    if (!engine_client_call(client, &call, NULL, cancel, &text, error)) return NULL;
    call.last = ENGINE_TOKENS;
    if (!engine_client_next(client, &call, NULL, cancel, &all, error) ||
        !engine_client_next(client, &call, NULL, cancel, &fixed, error))
        return NULL;
    return engine_tokens_decode(&fixed, error);
}

typedef struct {
    EngineFrameType type;
    const char *key;
    int fd;
} StateCall;

static bool state_call(EngineClient *client, StateCall what, Cancel *cancel, EngineState *out_state,
                       GError **error) {
    EngineStateRequest message = { .fingerprint = (char *)(uintptr_t)what.key };
    g_autofree char *payload = field_encode(engine_state_request_fields, &message, FIELD_COMPACT);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    EngineCall call = { what.type, payload,      strlen(payload),
                        what.fd,   ENGINE_STATE, "handling a saved state" };
    return engine_client_call(client, &call, NULL, cancel, &reply, error) &&
           engine_message_decode(&reply, out_state, error);
}

/* true: the worker holds the fixed part now. */
static bool restore(EngineClient *client, const char *path, const char *key, Cancel *cancel) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    EngineState state = { 0 };
    g_autoptr(GError) error = NULL;
    bool is_ok =
        state_call(client, (StateCall){ ENGINE_STATE_RESTORE, key, fd }, cancel, &state, &error);
    close(fd);
    if (is_ok) return true;
    g_debug("the saved state '%s' is made again: %s", path, error->message);
    if (client->process != NULL && !cancel_is_triggered(cancel)) unlink(path);
    return false;
}

/* Has the fixed part evaluated; *out_bytes: what its state takes. */
static bool evaluate_fixed(EngineClient *client, const EnginePrompt *prompt, Cancel *cancel,
                           int64_t *out_bytes, GError **error) {
    EngineGenerate message = { .prompt = *prompt, .fixed_only = true, .n_choices = -1 };
    g_autofree char *payload = field_encode(engine_generate_fields, &message, FIELD_COMPACT);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    EngineCall call = { ENGINE_GENERATE,     payload, strlen(payload), -1, ENGINE_DONE,
                        "reading the prompt" };
    EngineDone done = { 0 };
    if (!engine_client_call(client, &call, NULL, cancel, &reply, error) ||
        !engine_message_decode(&reply, &done, error))
        return false;
    *out_bytes = done.state_bytes;
    return true;
}

/* Takes the state into memory, to be written when the answer is out. */
static void take_state(EngineClient *client, const char *key, int64_t n_bytes, Cancel *cancel,
                       EngineStateWrite *write) {
    if (n_bytes <= 0 || n_bytes > MAX_STATE_BYTES) return;
    int fd = memfd_create("engine-state", MFD_CLOEXEC);
    if (fd < 0) return;
    EngineState state = { 0 };
    g_autoptr(GError) error = NULL;
    if (ftruncate(fd, n_bytes) == 0 &&
        state_call(client, (StateCall){ ENGINE_STATE_SAVE, key, fd }, cancel, &state, &error) &&
        state.n_bytes == n_bytes) {
        write->fd = fd;
        write->length = (size_t)n_bytes;
        return;
    }
    g_debug("the state cannot be saved: %s", error != NULL ? error->message : "no memory");
    close(fd);
}

bool engine_state_cache_prepare(EngineClient *client, const EnginePrompt *prompt, Cancel *cancel,
                                EngineStateWrite *out_write, GError **error) {
    if (client->state_folder == NULL || prompt->n_fixed <= 0) return true;
    g_autoptr(GArray) fixed = fixed_tokens(client, prompt, cancel, error);
    if (fixed == NULL) return false;
    if (fixed->len < MIN_FIXED_TOKENS || fixed->len >= client->loaded.context_tokens) return true;
    g_autofree char *key = make_key(client, fixed);
    if (g_strcmp0(key, client->fixed_key) == 0) return true;
    g_autofree char *name = g_strconcat(key, STATE_SUFFIX, NULL);
    g_autofree char *path = g_build_filename(client->state_folder, name, NULL);
    if (!restore(client, path, key, cancel)) {
        int64_t n_bytes = 0;
        if (client->process == NULL || cancel_is_triggered(cancel)) {
            if (cancel_check(cancel, error))
                error_set(error, ERR_PROVIDER, "the local engine stopped over a saved state");
            return false;
        }
        if (!evaluate_fixed(client, prompt, cancel, &n_bytes, error)) return false;
        take_state(client, key, n_bytes, cancel, out_write);
        if (client->process == NULL) {
            error_set(error, ERR_PROVIDER, "the local engine stopped while saving its state");
            return false;
        }
        if (out_write->fd >= 0) out_write->path = g_steal_pointer(&path);
    }
    g_free(client->fixed_key);
    client->fixed_key = g_steal_pointer(&key);
    return true;
}

typedef struct {
    char *path;
    int64_t size, modified;
} StateFile;

static void state_file_free(void *data) {
    StateFile *file = data;
    g_free(file->path);
    g_free(file);
}

static int newest_first(const void *a, const void *b) {
    const StateFile *left = *(StateFile *const *)a, *right = *(StateFile *const *)b;
    return left->modified < right->modified ? 1 : left->modified > right->modified ? -1 : 0;
}

static void remove_old(const char *folder) {
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(state_file_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_suffix(name, STATE_SUFFIX)) continue;
        StateFile *file = g_new0(StateFile, 1);
        file->path = g_build_filename(folder, name, NULL);
        struct stat status = { 0 };
        if (lstat(file->path, &status) == 0) {
            file->size = status.st_size;
            file->modified =
                (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
        }
        g_ptr_array_add(files, file);
    }
    g_ptr_array_sort(files, newest_first);
    int64_t total = 0;
    for (guint i = 0; i < files->len; i++) {
        StateFile *file = g_ptr_array_index(files, i);
        total += file->size;
        if (i >= MAX_FILES || total > MAX_TOTAL_BYTES) unlink(file->path);
    }
}

void engine_state_cache_finish(const char *state_folder, EngineStateWrite *write) {
    g_autofree char *path = g_steal_pointer(&write->path);
    if (path != NULL) {
        g_autoptr(GError) error = NULL;
        char *bytes = mmap(NULL, write->length, PROT_READ, MAP_SHARED, write->fd, 0);
        bool is_ok = bytes != MAP_FAILED && file_make_folders(state_folder, &error) &&
                     file_replace(path, bytes, write->length, 0600, &error);
        if (bytes != MAP_FAILED) munmap(bytes, write->length);
        if (!is_ok) g_debug("saving '%s': %s", path, error != NULL ? error->message : "no memory");
        remove_old(state_folder);
    }
    if (write->fd >= 0) close(write->fd);
    *write = (EngineStateWrite)ENGINE_STATE_WRITE_INIT;
}
