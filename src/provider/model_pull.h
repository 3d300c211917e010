/*
 * provider/model_pull.h: one model file from an address into <data>/models.
 *
 *     ModelPull pull = { .paths = paths, .client = client, .url = url, .file = row->file,
 *                        .name = row->name, .source = row->source, .expected_bytes =
 * row->size_bytes }; g_autoptr(StoredModel) model = model_pull(&pull, cancel, error);
 *
 * The room on the disk is looked at first. The download goes on where an earlier one stopped, its
 * hash is checked against `expected_sha256` or, when there is none, against what an earlier
 * download of the same address recorded. Only a file that is a whole GGUF gets its name; then it is
 * recorded. ERR_INTEGRITY for other bytes than expected, ERR_DATA for something that is no model,
 * ERR_IO for a full disk, ERR_DENIED for an address without TLS and hash; else as http_download().
 */
#pragma once

#include <stdbool.h>

#include "http/download.h"
#include "provider/model_store.h"

/* All borrowed. */
typedef struct {
    const Paths *paths;
    HttpClient *client;
    const char *url;
    const char *file;            /* its name in the models folder, "x.gguf" */
    const char *name;            /* what a person types */
    const char *source;          /* for the record */
    const char *licence;         /* NULL = what the file says */
    const char *expected_sha256; /* NULL = any, or what was recorded */
    int64_t expected_bytes;      /* for the room on the disk; 0 = unknown */
    void (*on_progress)(const HttpDownloadProgress *progress, void *user_data);
    void *user_data;
} ModelPull;

StoredModel *model_pull(const ModelPull *pull, Cancel *cancel, GError **error);

/* Bytes that an earlier call left; 0 when none. */
int64_t model_pull_partial_bytes(const Paths *paths, const char *file);

/* The file name for an address: its last part, or `name`, with ".gguf". ERR_USAGE when that makes
 * no sane file name. New string. */
char *model_pull_file_name(const char *url, const char *name, GError **error);
