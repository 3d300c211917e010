/* engine/state.c: header, tokens, library bytes; checked before any of it is used. */
#include "engine/state.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "engine/prompt.h"

#define STATE_MAGIC "LGPTKV1\n"
#define STATE_MAX_BYTES ((size_t)1 << 32)

typedef struct {
    char magic[8];
    char fingerprint[HASH_SHA256_HEX_LENGTH];
    uint64_t n_tokens;
    uint64_t library_bytes;
    char checksum[HASH_SHA256_HEX_LENGTH]; /* of everything else */
} StateHeader;

size_t engine_state_file_bytes(size_t n_tokens, size_t library_bytes) {
    return sizeof(StateHeader) + n_tokens * sizeof(llama_token) + library_bytes;
}

/* Over the header without the checksum, then the rest. */
static void compute_checksum(const StateHeader *header, const char *rest, size_t length,
                             char out[HASH_SHA256_HEX_LENGTH]) {
    HashSha256 hash;
    hash_sha256_init(&hash);
    hash_sha256_update(&hash, header, offsetof(StateHeader, checksum));
    hash_sha256_update(&hash, rest, length);
    g_autofree char *hex = hash_sha256_finish(&hash);
    memcpy(out, hex, HASH_SHA256_HEX_LENGTH);
}

static bool check_fingerprint(const char *fingerprint, GError **error) {
    if (hash_is_sha256_hex(fingerprint)) return true;
    error_set(error, ERR_USAGE, "a state's fingerprint is 64 hex digits");
    return false;
}

bool engine_state_save(EngineModel *model, const char *fingerprint, int fd, EngineState *out,
                       GError **error) {
    if (!check_fingerprint(fingerprint, error)) return false;
    size_t library_bytes = model->library.llama_state_seq_get_size(model->context, 0);
    size_t tokens_bytes = model->cached->len * sizeof(llama_token);
    size_t total = engine_state_file_bytes(model->cached->len, library_bytes);
    struct stat status;
    if (fstat(fd, &status) != 0 || (size_t)MAX(status.st_size, 0) < total) {
        error_set(error, ERR_LIMIT, "the state needs a file of %zu bytes", total);
        return false;
    }
    /* Written through memory: the engine's limit on file sizes forbids write(). */
    char *bytes = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        error_set_errno(error, errno, "mapping the state's file");
        return false;
    }
    StateHeader header = { .n_tokens = model->cached->len, .library_bytes = library_bytes };
    memcpy(header.magic, STATE_MAGIC, sizeof header.magic);
    memcpy(header.fingerprint, fingerprint, sizeof header.fingerprint);
    char *rest = bytes + sizeof header;
    memcpy(rest, model->cached->data, tokens_bytes);
    size_t written = model->library.llama_state_seq_get_data(
        model->context, (uint8_t *)rest + tokens_bytes, library_bytes, 0);
    compute_checksum(&header, rest, tokens_bytes + library_bytes, header.checksum);
    memcpy(bytes, &header, sizeof header);
    munmap(bytes, total);
    if (written != library_bytes) {
        error_set(error, ERR_PROVIDER, "the engine library did not give its state");
        return false;
    }
    *out = (EngineState){ .n_tokens = model->cached->len, .n_bytes = (int64_t)total };
    return true;
}

static char *read_file(int fd, size_t *out_length, GError **error) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
        (uint64_t)status.st_size > STATE_MAX_BYTES) {
        error_set(error, ERR_DATA, "the state's file has no usable size");
        return NULL;
    }
    size_t length = (size_t)status.st_size;
    g_autofree char *bytes = g_try_malloc(length);
    if (bytes == NULL) {
        error_set(error, ERR_LIMIT, "no memory for a state of %zu bytes", length);
        return NULL;
    }
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(fd, bytes + done, length - done, (off_t)done);
        if (n <= 0) {
            error_set(error, ERR_DATA, "the state's file ends early");
            return NULL;
        }
        done += (size_t)n;
    }
    *out_length = length;
    return g_steal_pointer(&bytes);
}

/* Everything about the file that can be wrong. */
static bool check_state(const EngineModel *model, const char *fingerprint, const char *bytes,
                        size_t length, GError **error) {
    StateHeader header;
    if (length < sizeof header) {
        error_set(error, ERR_DATA, "the state's file is too short");
        return false;
    }
    memcpy(&header, bytes, sizeof header);
    size_t rest = length - sizeof header;
    bool fits = header.n_tokens < engine_model_context_tokens(model) &&
                header.n_tokens * sizeof(llama_token) <= rest &&
                header.library_bytes == rest - header.n_tokens * sizeof(llama_token);
    if (memcmp(header.magic, STATE_MAGIC, sizeof header.magic) != 0 || !fits ||
        memcmp(header.fingerprint, fingerprint, sizeof header.fingerprint) != 0) {
        error_set(error, ERR_DATA, "the state belongs to something else");
        return false;
    }
    char checksum[HASH_SHA256_HEX_LENGTH];
    compute_checksum(&header, bytes + sizeof header, rest, checksum);
    if (memcmp(checksum, header.checksum, sizeof checksum) == 0) return true;
    error_set(error, ERR_INTEGRITY, "the state's file is damaged");
    return false;
}

bool engine_state_restore(EngineModel *model, const char *fingerprint, int fd, EngineState *out,
                          GError **error) {
    if (!check_fingerprint(fingerprint, error)) return false;
    size_t length = 0;
    g_autofree char *bytes = read_file(fd, &length, error);
    if (bytes == NULL) return false;
    if (!check_state(model, fingerprint, bytes, length, error)) return false;
    StateHeader header;
    memcpy(&header, bytes, sizeof header);
    engine_model_cut(model, 0);
    const char *tokens = bytes + sizeof header;
    const char *data = tokens + header.n_tokens * sizeof(llama_token);
    if (model->library.llama_state_seq_set_data(model->context, (const uint8_t *)data,
                                                header.library_bytes, 0) == 0) {
        engine_model_cut(model, 0);
        error_set(error, ERR_DATA, "the engine library does not take this state");
        return false;
    }
    g_array_append_vals(model->cached, tokens, (guint)header.n_tokens);
    *out = (EngineState){ .n_tokens = (int64_t)header.n_tokens, .n_bytes = (int64_t)length };
    return true;
}
