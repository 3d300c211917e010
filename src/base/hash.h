/*
 * base/hash.h: SHA-256 of bytes and of files.
 *
 *     g_autofree char *hex = NULL;
 *     if (!hash_file_sha256(path, NULL, cancel, &hex, error)) return false;
 *     if (!hash_is_equal(hex, expected)) ...
 *
 * Bytes that arrive in pieces go through a HashSha256, which lives on the caller's stack:
 *
 *     HashSha256 hash;
 *     hash_sha256_init(&hash);
 *     hash_sha256_update(&hash, data, length);
 *     g_autofree char *hex = hash_sha256_finish(&hash);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"

#define HASH_SHA256_HEX_LENGTH 64

/* State of one running hash; plain bytes, nothing to free. */
typedef struct {
    uint64_t opaque[16];
} HashSha256;

void hash_sha256_init(HashSha256 *hash);
void hash_sha256_update(HashSha256 *hash, const void *data, size_t length);
/* 64 lower-case hex digits; new string. The state must be initialised again before it is reused. */
char *hash_sha256_finish(HashSha256 *hash);

/* Of bytes in memory; new string. */
char *hash_sha256_of(const void *data, size_t length);

typedef struct {
    void (*report)(int64_t done_bytes, int64_t total_bytes, void *user_data);
    void *user_data;
} HashProgress;

/* Of a whole regular file. `progress` may be NULL. *out_hex is a new string, untouched on failure.
 */
bool hash_file_sha256(const char *path, const HashProgress *progress, Cancel *cancel,
                      char **out_hex, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* True for 64 hex digits of either case. */
bool hash_is_sha256_hex(const char *text);

/* Compares hex digits without regard to case. */
bool hash_is_equal(const char *hex, const char *other_hex);
