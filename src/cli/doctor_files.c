/* cli/doctor_files.c: checks of files and folders. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/config_sections.h"
#include "cli/doctor.h"

#define MIB ((uint64_t)1024 * 1024)
#define MIN_FREE_BYTES (100 * MIB)
#define LOW_FREE_BYTES (1024 * MIB)

enum { LEFTOVER_SECONDS = 3600, MAX_DEPTH = 6, LIMIT_LEFTOVERS = 10000 };

/* Our four folders; NULL-terminated, borrowed. */
static void folders_of(const Paths *paths, const char *out[5]) {
    out[0] = paths->config;
    out[1] = paths->data;
    out[2] = paths->state;
    out[3] = paths->cache;
    out[4] = NULL;
}

/* What a person may type: "~/.config/localgpt", in quotes when it must be. */
static char *shown(const Doctor *doctor, const char *path) {
    return paths_shorten_home(doctor->app->paths, path);
}

/* config */

typedef struct {
    unsigned count;
    char *first; /* owned */
} Warnings;

static void on_warning(const char *message, void *user_data) {
    Warnings *warnings = user_data;
    if (warnings->count++ == 0) warnings->first = g_strdup(message);
}

/* The first line of a diagnostic says where and what; the others draw it. The path is shown as
 * the other checks show it. */
static char *first_line(const Doctor *doctor, const char *text) {
    const char *path = doctor->app->config_path;
    g_autofree char *line = g_strndup(text, strcspn(text, "\n"));
    if (!g_str_has_prefix(line, path)) return g_steal_pointer(&line);
    g_autofree char *name = shown(doctor, path);
    return g_strconcat(name, line + strlen(path), NULL);
}

static unsigned count_keys(const Config *config) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    unsigned count = 0;
    for (guint i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        if (strchr(key->key, '<') == NULL && config_is_set(config, key->key)) count++;
    }
    return count;
}

void doctor_check_config(Doctor *doctor, DoctorFinding *out) {
    const char *path = doctor->app->config_path;
    g_autofree char *name = shown(doctor, path);
    g_autofree char *edit = g_strdup_printf("edit %s", name);
    g_autoptr(GError) error = NULL;
    Warnings warnings = { 0 };
    App *app = doctor->app;
    g_clear_pointer(&app->config, config_free);
    app->config = config_load(path, config_sections, on_warning, &warnings, &error);
    g_autofree char *warning = warnings.first;
    if (app->config == NULL) {
        g_autofree char *line = first_line(doctor, error->message);
        doctor_found(out, DOCTOR_PROBLEM, edit, "%s", line);
        return;
    }
    config_add_secrets(app->config, app->secrets);
    if (!config_file_exists(app->config)) {
        doctor_found(out, DOCTOR_OK, NULL, "no %s, the defaults are in force", name);
        return;
    }
    unsigned count = count_keys(app->config);
    if (warning == NULL) {
        doctor_found(out, DOCTOR_OK, NULL, "%s, %u %s", name, count, count == 1 ? "key" : "keys");
        return;
    }
    g_autofree char *line = first_line(doctor, warning);
    if (warnings.count > 1)
        doctor_found(out, DOCTOR_WARNING, edit, "%s (and %u more)", line, warnings.count - 1);
    else
        doctor_found(out, DOCTOR_WARNING, edit, "%s", line);
}

/* permissions */

/* What others may do that they should not: bits of the mode. */
static unsigned loose_bits(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return 0;
    unsigned wrong = S_ISDIR(info.st_mode) ? S_IWGRP | S_IWOTH : S_IRWXG | S_IRWXO;
    return info.st_mode & wrong;
}

static unsigned mode_of(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 07777 : 0;
}

void doctor_check_permissions(Doctor *doctor, DoctorFinding *out) {
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    const char *path = doctor->app->config_path;
    bool is_folder = false;
    for (size_t i = 0; loose_bits(path) == 0 && folders[i] != NULL; i++) {
        path = folders[i];
        is_folder = true;
    }
    if (loose_bits(path) == 0) {
        doctor_found(out, DOCTOR_OK, NULL, "only you can read the configuration");
        return;
    }
    g_autofree char *name = shown(doctor, path);
    g_autofree char *fix = g_strdup_printf("chmod %s %s", is_folder ? "700" : "600", name);
    doctor_found(out, DOCTOR_PROBLEM, fix, "%s has mode %04o: others can %s", name, mode_of(path),
                 is_folder ? "write there" : "read or write it");
}

static bool tighten(const char *path, mode_t mode, GError **error) {
    if (loose_bits(path) == 0 || chmod(path, mode) == 0) return true;
    error_set_errno(error, errno, "changing the mode of '%s'", path);
    return false;
}

bool doctor_mend_permissions(Doctor *doctor, GError **error) {
    if (!tighten(doctor->app->config_path, 0600, error)) return false;
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    for (size_t i = 0; folders[i] != NULL; i++)
        if (!tighten(folders[i], 0700, error)) return false;
    return true;
}

/* folders */

/* A look that root's powers do not answer for: a file is made and removed. */
static bool can_write(const char *folder) {
    g_autofree char *probe = g_build_filename(folder, ".doctor.XXXXXX.tmp", NULL);
    int descriptor = g_mkstemp_full(probe, O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    close(descriptor);
    g_unlink(probe);
    return true;
}

static bool find_missing(const char *const *folders, GString *names, const Doctor *doctor) {
    for (; *folders != NULL; folders++) {
        if (g_file_test(*folders, G_FILE_TEST_EXISTS)) continue;
        g_autofree char *name = shown(doctor, *folders);
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
    }
    return names->len > 0;
}

void doctor_check_folders(Doctor *doctor, DoctorFinding *out) {
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    for (size_t i = 0; folders[i] != NULL; i++) {
        g_autofree char *name = shown(doctor, folders[i]);
        g_autofree char *move = g_strdup_printf("mv %s %s.old", name, name);
        g_autofree char *own = g_strdup_printf("chmod u+rwx %s", name);
        if (!g_file_test(folders[i], G_FILE_TEST_EXISTS)) continue;
        if (!g_file_test(folders[i], G_FILE_TEST_IS_DIR)) {
            doctor_found(out, DOCTOR_PROBLEM, move, "%s is not a folder", name);
            return;
        }
        if (can_write(folders[i])) continue;
        doctor_found(out, DOCTOR_PROBLEM, own, "%s cannot be written: %s", name, g_strerror(errno));
        return;
    }
    g_autoptr(GString) missing = g_string_new(NULL);
    if (find_missing(folders, missing, doctor))
        doctor_found(out, DOCTOR_WARNING, "localgpt doctor --fix", "not there yet: %s",
                     missing->str);
    else
        doctor_found(out, DOCTOR_OK, NULL, "config, data, state and cache can be written");
}

bool doctor_mend_folders(Doctor *doctor, GError **error) {
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    for (size_t i = 0; folders[i] != NULL; i++)
        if (!g_file_test(folders[i], G_FILE_TEST_EXISTS) && !file_make_folders(folders[i], error))
            return false;
    return true;
}

/* disk */

/* The nearest folder above that exists. */
static char *existing_part(const char *path) {
    g_autofree char *at = g_strdup(path);
    while (!g_file_test(at, G_FILE_TEST_EXISTS)) {
        char *parent = g_path_get_dirname(at);
        g_free(at);
        at = parent;
    }
    return g_steal_pointer(&at);
}

void doctor_check_disk(Doctor *doctor, DoctorFinding *out) {
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    uint64_t least = UINT64_MAX;
    const char *where = folders[0];
    for (size_t i = 0; folders[i] != NULL; i++) {
        g_autofree char *path = existing_part(folders[i]);
        struct statvfs info;
        if (statvfs(path, &info) != 0) continue;
        uint64_t free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
        if (free_bytes >= least) continue;
        least = free_bytes;
        where = folders[i];
    }
    g_autofree char *name = shown(doctor, where);
    g_autofree char *size = text_format_size(least);
    g_autofree char *fix = g_strdup_printf("df -h %s", name);
    DoctorStatus status = least < MIN_FREE_BYTES   ? DOCTOR_PROBLEM
                          : least < LOW_FREE_BYTES ? DOCTOR_WARNING
                                                   : DOCTOR_OK;
    doctor_found(out, status, status == DOCTOR_OK ? NULL : fix, "%s free in %s", size, name);
}

/* leftovers */

typedef bool (*LeftoverFn)(const char *path, void *user_data);

/* Names as file_replace() makes them, untouched for an hour. */
static bool is_leftover(const char *folder, const char *name) {
    if (name[0] != '.' || !g_str_has_suffix(name, ".tmp")) return false;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           time(NULL) - info.st_mtime > LEFTOVER_SECONDS;
}

static void find_leftovers(const char *folder, int depth, GPtrArray *out) {
    GDir *entries = g_dir_open(folder, 0, NULL);
    const char *name;
    while (entries != NULL && out->len < LIMIT_LEFTOVERS &&
           (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (is_leftover(folder, name))
            g_ptr_array_add(out, g_steal_pointer(&path));
        else if (depth < MAX_DEPTH && g_file_test(path, G_FILE_TEST_IS_DIR) &&
                 !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            find_leftovers(path, depth + 1, out);
    }
    if (entries != NULL) g_dir_close(entries);
}

static GPtrArray *all_leftovers(const Doctor *doctor) {
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const char *folders[5];
    folders_of(doctor->app->paths, folders);
    for (size_t i = 0; folders[i] != NULL; i++) find_leftovers(folders[i], 0, found);
    return found;
}

void doctor_check_leftovers(Doctor *doctor, DoctorFinding *out) {
    g_autoptr(GPtrArray) found = all_leftovers(doctor);
    if (found->len == 0) {
        doctor_found(out, DOCTOR_OK, NULL, "no temporary file was left behind");
        return;
    }
    g_autofree char *name = shown(doctor, g_ptr_array_index(found, 0));
    doctor_found(out, DOCTOR_WARNING, "localgpt doctor --fix", "%u temporary %s left behind: %s%s",
                 found->len, found->len == 1 ? "file was" : "files were", name,
                 found->len > 1 ? ", ..." : "");
}

bool doctor_mend_leftovers(Doctor *doctor, GError **error) {
    g_autoptr(GPtrArray) found = all_leftovers(doctor);
    for (guint i = 0; i < found->len; i++) {
        const char *path = g_ptr_array_index(found, i);
        if (g_unlink(path) == 0 || errno == ENOENT) continue;
        error_set_errno(error, errno, "removing '%s'", path);
        return false;
    }
    return true;
}
