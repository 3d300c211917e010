/* provider/model_pull.c: room, download, a look at what came, a name, a record. */
#include "provider/model_pull.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "provider/model_catalog.h"

#define SPARE_BYTES (INT64_C(64) * 1024 * 1024)

/* Not yet a model: a name that model_store_list() does not show. */
static char *new_path(const Paths *paths, const char *file) {
    g_autofree char *folder = model_store_folder(paths);
    g_autofree char *name = g_strdup_printf(".%s.new", file);
    return g_build_filename(folder, name, NULL);
}

int64_t model_pull_partial_bytes(const Paths *paths, const char *file) {
    g_autofree char *path = new_path(paths, file);
    return http_download_partial_bytes(path);
}

char *model_pull_file_name(const char *url, const char *name, GError **error) {
    g_autofree char *path = g_strndup(url, strcspn(url, "?#"));
    g_autofree char *last = g_path_get_basename(path);
    g_autofree char *file =
        g_str_has_suffix(last, ".gguf") ? g_strdup(last) : g_strconcat(name, ".gguf", NULL);
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";
    if (file[0] != '.' && file[0] != '-' && strlen(file) < 200 &&
        strspn(file, allowed) == strlen(file))
        return g_steal_pointer(&file);
    error_set(error, ERR_USAGE,
              "'%s' is no name for a model's file; use letters, digits, '.', '-' and '_'", file);
    return NULL;
}

static bool check_room(const char *folder, int64_t needed, GError **error) {
    struct statvfs status;
    if (needed <= 0 || statvfs(folder, &status) != 0) return true; /* the download will tell */
    int64_t available = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    if (available >= needed + SPARE_BYTES) return true;
    g_autofree char *wanted = text_format_size((unsigned long long)needed);
    g_autofree char *there = text_format_size((unsigned long long)available);
    error_set(error, ERR_IO, "the disk is too full: %s are needed in '%s', %s are free", wanted,
              folder, there);
    return false;
}

static bool is_loopback(const char *url) {
    static const char *const hosts[] = { "http://127.0.0.1:", "http://127.0.0.1/",
                                         "http://localhost:", "http://localhost/", "http://[::1]" };
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++)
        if (g_ascii_strncasecmp(url, hosts[i], strlen(hosts[i])) == 0) return true;
    return false;
}

/* Without TLS anybody on the way could put another file in its place, unless the hash is known. */
static bool check_address(const ModelPull *pull, GError **error) {
    bool is_plain = g_ascii_strncasecmp(pull->url, "http://", strlen("http://")) == 0;
    if (!is_plain || pull->expected_sha256 != NULL || is_loopback(pull->url)) return true;
    error_set_with_hint(error, ERR_DENIED, "Use an https address, or give the hash with --sha256.",
                        "an address without TLS can be changed on the way");
    return false;
}

/* What an earlier download recorded: for a model of the catalog from wherever it came, so that a
 * mirror cannot give other bytes; for any other one from the same address. */
static char *recorded_hash(const ModelPull *pull) {
    const CatalogModel *row = model_catalog_find(pull->name);
    bool is_of_catalog = row != NULL && strcmp(row->file, pull->file) == 0;
    g_autoptr(GPtrArray) models = model_store_list(pull->paths, NULL);
    for (guint i = 0; models != NULL && i < models->len; i++) {
        const StoredModel *model = g_ptr_array_index(models, i);
        if (!model->has_record || strcmp(model->file, pull->file) != 0) continue;
        bool counts = is_of_catalog ? strcmp(model->source, MODEL_STORE_FOUND) != 0
                                    : strcmp(model->source, pull->source) == 0;
        if (counts && hash_is_sha256_hex(model->sha256)) return g_strdup(model->sha256);
    }
    return NULL;
}

/* A person knows the file by the name that it will have, and the hash by where it was written. */
static void explain(const ModelPull *pull, const char *target, bool is_recorded, GError **error) {
    if (error == NULL || *error == NULL || (*error)->domain != ERR) return;
    ErrorCode code = (ErrorCode)(*error)->code;
    bool is_changed = is_recorded && code == ERR_INTEGRITY;
    g_autoptr(GString) message = g_string_new((*error)->message);
    g_autofree char *hint = g_strdup(error_hint(*error));
    g_string_replace(message, target, pull->file, 0);
    if (is_changed) {
        g_string_append(message, " (recorded by an earlier download)");
        g_free(hint);
        hint = g_strdup_printf("If the publisher changed it and you trust that: localgpt model "
                               "remove %s, then pull again.",
                               pull->name);
    }
    g_clear_error(error);
    error_set_with_hint(error, code, hint, "%s", message->str);
}

static bool download(const ModelPull *pull, const char *target, Cancel *cancel, char **out_sha256,
                     GError **error) {
    g_autofree char *recorded = pull->expected_sha256 == NULL ? recorded_hash(pull) : NULL;
    HttpRetry retry = { .max_attempts = 5 };
    HttpDownload request = {
        .url = pull->url,
        .target = target,
        .expected_sha256 = recorded != NULL ? recorded : pull->expected_sha256,
        .retry = &retry,
        .on_progress = pull->on_progress,
        .user_data = pull->user_data,
    };
    if (http_download(pull->client, &request, cancel, out_sha256, error)) return true;
    explain(pull, target, /* is_recorded= */ recorded != NULL, error);
    return false;
}

static void set_text(char **member, const char *value) {
    g_free(*member);
    *member = g_strdup(value);
}

/* The bytes are right; are they a model? */
static StoredModel *take(const ModelPull *pull, const char *target, const char *sha256,
                         GError **error) {
    g_autoptr(StoredModel) model = model_store_describe(target, error);
    if (model == NULL) {
        unlink(target);
        g_prefix_error(error, "what came from the address is no usable model and was removed: ");
        return NULL;
    }
    g_autofree char *folder = model_store_folder(pull->paths);
    g_autofree char *path = g_build_filename(folder, pull->file, NULL);
    if (rename(target, path) != 0) {
        error_set_errno(error, errno, "naming '%s'", path);
        return NULL;
    }
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    set_text(&model->path, path);
    set_text(&model->file, pull->file);
    set_text(&model->name, pull->name);
    set_text(&model->sha256, sha256);
    set_text(&model->source, pull->source);
    if (pull->licence != NULL) set_text(&model->licence, pull->licence);
    g_free(model->installed_at);
    model->installed_at = g_date_time_format_iso8601(now);
    model->has_record = true;
    if (!model_store_record(pull->paths, model, error)) return NULL;
    return g_steal_pointer(&model);
}

StoredModel *model_pull(const ModelPull *pull, Cancel *cancel, GError **error) {
    g_autofree char *folder = model_store_folder(pull->paths);
    g_autofree char *target = new_path(pull->paths, pull->file);
    g_autofree char *sha256 = NULL;
    if (!check_address(pull, error) || !file_make_folders(folder, error)) return NULL;
    int64_t there = http_download_partial_bytes(target);
    if (!check_room(folder, pull->expected_bytes - there, error)) return NULL;
    if (!download(pull, target, cancel, &sha256, error)) return NULL;
    return take(pull, target, sha256, error);
}
