/*
 * base/hash.c: SHA-256 through libcrypto's own block functions.
 *
 * The SHA256_ functions instead of EVP: linked statically, EVP drags every provider of OpenSSL
 * with it (3.8 MB against 35 KB, at the same 1.4 GB/s), and the whole program has to fit 4 MB.
 */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/error.h"

#define READ_BYTES (256 * 1024)

G_STATIC_ASSERT(sizeof(SHA256_CTX) <= sizeof(HashSha256));
G_STATIC_ASSERT(SHA256_DIGEST_LENGTH * 2 == HASH_SHA256_HEX_LENGTH);

void hash_sha256_init(HashSha256 *hash) {
    SHA256_Init((SHA256_CTX *)hash->opaque);
}

void hash_sha256_update(HashSha256 *hash, const void *data, size_t length) {
    SHA256_Update((SHA256_CTX *)hash->opaque, data, length);
}

char *hash_sha256_finish(HashSha256 *hash) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_Final(digest, (SHA256_CTX *)hash->opaque);
    static const char digits[] = "0123456789abcdef";
    char *hex = g_malloc(HASH_SHA256_HEX_LENGTH + 1);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[HASH_SHA256_HEX_LENGTH] = '\0';
    return hex;
}

char *hash_sha256_of(const void *data, size_t length) {
    HashSha256 hash;
    hash_sha256_init(&hash);
    hash_sha256_update(&hash, data, length);
    return hash_sha256_finish(&hash);
}

static bool hash_descriptor(int fd, const HashProgress *progress, Cancel *cancel, HashSha256 *hash,
                            GError **error) {
    struct stat status;
    if (fstat(fd, &status) < 0) {
        error_set_errno(error, errno, "looking at it");
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(error, ERR_DATA, "not a regular file");
        return false;
    }
    g_autofree char *buffer = g_malloc(READ_BYTES);
    int64_t done_bytes = 0;
    while (cancel_check(cancel, error)) {
        ssize_t n_read = read(fd, buffer, READ_BYTES);
        if (n_read == 0) return true;
        if (n_read < 0 && errno == EINTR) continue;
        if (n_read < 0) {
            error_set_errno(error, errno, "reading it");
            return false;
        }
        hash_sha256_update(hash, buffer, (size_t)n_read);
        done_bytes += n_read;
        if (progress != NULL && progress->report != NULL)
            progress->report(done_bytes, status.st_size, progress->user_data);
    }
    return false;
}

bool hash_file_sha256(const char *path, const HashProgress *progress, Cancel *cancel,
                      char **out_hex, GError **error) {
    /* O_NONBLOCK: a FIFO in the place of the file must be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return false;
    }
    HashSha256 hash;
    hash_sha256_init(&hash);
    bool is_done = hash_descriptor(fd, progress, cancel, &hash, error);
    close(fd);
    if (!is_done) {
        g_prefix_error(error, "checking '%s': ", path);
        return false;
    }
    *out_hex = hash_sha256_finish(&hash);
    return true;
}

bool hash_is_sha256_hex(const char *text) {
    return text != NULL && strlen(text) == HASH_SHA256_HEX_LENGTH &&
           strspn(text, "0123456789abcdefABCDEF") == HASH_SHA256_HEX_LENGTH;
}

bool hash_is_equal(const char *hex, const char *other_hex) {
    return hash_is_sha256_hex(hex) && hash_is_sha256_hex(other_hex) &&
           g_ascii_strcasecmp(hex, other_hex) == 0;
}
