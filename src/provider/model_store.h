/*
 * provider/model_store.h: the models a person has: files in <data>/models, and files elsewhere that
 * they named.
 *
 * Beside each model lies its record, "<file>.json": name, size, hash, licence, where it came from.
 * A file without a record (put there by hand, or by `make run`) is a model all the same; adopting
 * it computes its hash once and writes the record. Size and time of change are part of the record,
 * so that no start-up ever hashes a file again; a file that has changed counts as new.
 *
 *     g_autoptr(StoredModel) model = model_store_resolve(paths, "smollm2", error);
 *     if (model == NULL) return false;             // ERR_NOT_FOUND: what to pull
 *     engine_load(model->path);
 *
 * Looking up never hashes, never writes and reads only headers: a few milliseconds. Errors:
 * ERR_NOT_FOUND (with "did you mean" and the command that gets it), ERR_DATA (a broken file),
 * ERR_NO_PROVIDER (no model at all).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/field.h"
#include "base/hash.h"
#include "base/paths.h"

typedef struct {
    /* owned; what the record says */
    char *name;   /* "smollm2-135m", or the file's name without ".gguf" */
    char *file;   /* in <data>/models; an absolute path for one that lies elsewhere */
    char *sha256; /* "" = not computed yet */
    char *architecture;
    char *quantisation;
    char *licence;
    char *source;       /* "Python package ...", an address, "found in the models folder" */
    char *installed_at; /* UTC, ISO 8601 */
    int64_t size_bytes;
    int64_t modified_us; /* of the file, since 1970 */
    int64_t n_parameters;
    int64_t context_tokens;
    bool is_embedder;
    /* owned; found by looking */
    char *path;    /* absolute */
    char *problem; /* why it cannot be used, or NULL */
    bool has_record;
} StoredModel;

/* The source of a model that nobody pulled. */
#define MODEL_STORE_FOUND "found in the models folder"

extern const Field stored_model_fields[];

void stored_model_free(StoredModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoredModel, stored_model_free)

/* "<data>/models". New string. */
char *model_store_folder(const Paths *paths);

/* Every model, smallest first; StoredModel, owned by the array. Files that cannot be used are there
 * with their problem. A folder that does not exist holds nothing. */
GPtrArray *model_store_list(const Paths *paths, GError **error);

/* By name, alias, file name or path to a GGUF file ("/x.gguf", "./x.gguf", "~/x.gguf"). "" is the
 * default model. */
StoredModel *model_store_resolve(const Paths *paths, const char *name, GError **error);

/* The model that answers when nobody chose: of the usable ones the one with the most parameters
 * whose file fits into three quarters of the memory, else the smallest. */
StoredModel *model_store_default(const Paths *paths, GError **error);

/* Facts of any GGUF file, not recorded; the name is the catalog's when file name and size are. */
StoredModel *model_store_describe(const char *path, GError **error);

/* Computes the missing hash of a model, takes over the catalog row that has it, and writes the
 * record. Nothing to do when the record is whole. */
bool model_store_adopt(const Paths *paths, StoredModel *model, const HashProgress *progress,
                       Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the record, atomically. */
bool model_store_record(const Paths *paths, const StoredModel *model,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes file and record; of a model that lies elsewhere only the record. */
bool model_store_remove(const Paths *paths, const StoredModel *model,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
