/* config/config_set.c: changes one key of the file and leaves every other byte alone. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "config/config-private.h"

/* Two programs that set a key at the same time must not lose one: the folder is locked from reading
 * to writing. The descriptor to close, or -1. */
static int lock_folder(const char *path, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (!file_make_folders(folder, error)) return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        int saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    if (fd < 0) error_set_errno(error, errno, "locking the folder '%s'", folder);
    return fd;
}

static bool is_among(GPtrArray *problems, const ConfigProblem *wanted) {
    for (unsigned i = 0; i < problems->len; i++) {
        const ConfigProblem *problem = g_ptr_array_index(problems, i);
        if (strcmp(problem->path, wanted->path) == 0 &&
            strcmp(problem->message, wanted->message) == 0)
            return true;
    }
    return false;
}

/* The problem that the new value brings, or NULL; older ones elsewhere in the file do not count:
 * this change may be the first of several that repair it. */
static const ConfigProblem *find_new_problem(GPtrArray *before, GPtrArray *after,
                                             const ConfigTarget *target) {
    for (unsigned i = 0; i < after->len; i++) {
        const ConfigProblem *problem = g_ptr_array_index(after, i);
        if (strcmp(problem->path, target->key) == 0 || !is_among(before, problem)) return problem;
    }
    return NULL;
}

static void set_problem(const ConfigSection *sections, const ConfigTarget *target,
                        const ConfigProblem *problem, GError **error) {
    bool is_below = strcmp(problem->path, target->key) != 0;
    bool names_itself = !is_below || problem->is_unknown;
    g_autofree char *hint = config_hint(sections, target->key);
    error_set_with_hint(error, ERR_CONFIG, hint, "cannot set '%s': %s%s%s", target->key,
                        names_itself ? "" : problem->path, names_itself ? "" : ": ",
                        problem->message);
}

/* A list of tables written as [[name]] blocks is replaced as a whole. */
static bool replace_value(TomlDocument *document, const ConfigTarget *target, const char *value,
                          GError **error) {
    g_autoptr(GError) problem = NULL;
    if (toml_set(document, target->key, value, &problem)) return true;
    bool is_table = target->type == FIELD_TYPE_STRUCTS || target->type == FIELD_TYPE_STRUCT ||
                    target->type == FIELD_TYPE_MAP || target->type == FIELD_TYPE_STRUCT_MAP;
    if (is_table && toml_get(document, target->key) != NULL &&
        toml_unset(document, target->key, NULL)) {
        g_clear_error(&problem);
        if (toml_set(document, target->key, value, &problem)) return true;
    }
    error_set(error, ERR_CONFIG, "cannot set '%s': %s", target->key, problem->message);
    return false;
}

static bool edit(TomlDocument *document, const ConfigSection *sections, const ConfigTarget *target,
                 const char *value, GError **error) {
    g_autofree char *toml = config_value_to_toml(target, value, error);
    if (toml == NULL) {
        g_prefix_error(error, "cannot set '%s': ", target->key);
        return false;
    }
    g_autoptr(GPtrArray) before = config_decode(document, sections, NULL);
    if (!replace_value(document, target, toml, error)) return false;
    g_autoptr(GPtrArray) after = config_decode(document, sections, NULL);
    const ConfigProblem *problem = find_new_problem(before, after, target);
    if (problem == NULL) return true;
    set_problem(sections, target, problem, error);
    return false;
}

static bool write_document(const char *path, TomlDocument *document, GError **error) {
    const char *text = toml_text(document);
    return file_replace(path, text, strlen(text), 0600, error);
}

bool config_set(const char *path, const ConfigSection *sections, const char *key, const char *value,
                GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(sections, key, &target, error)) return false;
    int lock = lock_folder(path, error);
    if (lock < 0) return false;
    bool is_there;
    g_autoptr(TomlDocument) document = config_read(path, sections, &is_there, error);
    bool is_ok = document != NULL && edit(document, sections, &target, value, error) &&
                 write_document(path, document, error);
    close(lock);
    return is_ok;
}

/* A key that no row knows can still be removed: that is how a warning goes away. */
static bool find_in_file(TomlDocument *document, const ConfigSection *sections, const char *path,
                         const char *key, GError **error) {
    if (toml_get(document, key) != NULL) return true;
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(sections, key, &target, error)) return false;
    error_set(error, ERR_NOT_FOUND, "'%s' is not set in '%s'", key, path);
    return false;
}

bool config_unset(const char *path, const ConfigSection *sections, const char *key,
                  GError **error) {
    int lock = lock_folder(path, error);
    if (lock < 0) return false;
    bool is_there;
    g_autoptr(TomlDocument) document = config_read(path, sections, &is_there, error);
    bool is_ok = document != NULL && find_in_file(document, sections, path, key, error) &&
                 toml_unset(document, key, error) && write_document(path, document, error);
    close(lock);
    return is_ok;
}
