/* cli/terminal/history.c: see the header. */
#include "cli/terminal/history.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum { MAX_ENTRIES = 2000, MAX_ENTRY_BYTES = 64 << 10, MAX_FILE_BYTES = 64 << 20 };

struct History {
    GPtrArray *entries; /* char *, owned; newest last */
    FileLog *log;       /* NULL: in memory only */
};

static char *escape(const char *text) {
    GString *out = g_string_sized_new(strlen(text));
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            g_string_append(out, "\\n");
        else if (*text == '\\')
            g_string_append(out, "\\\\");
        else if ((unsigned char)*text >= 0x20)
            g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

static char *unescape(const char *line) {
    GString *out = g_string_sized_new(strlen(line));
    for (; *line != '\0'; line++) {
        if (*line == '\\' && line[1] != '\0') {
            line++;
            g_string_append_c(out, *line == 'n' ? '\n' : *line);
        } else {
            g_string_append_c(out, *line);
        }
    }
    return g_string_free(out, FALSE);
}

static bool is_blank(const char *text) {
    while (g_ascii_isspace(*text)) text++;
    return *text == '\0';
}

/* Every text once, where it was typed last. */
static void load(History *history, const char *content) {
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = g_strv_length(lines); i > 0; i--) {
        const char *line = lines[i - 1];
        if (history->entries->len >= MAX_ENTRIES) break;
        if (is_blank(line) || !g_utf8_validate(line, -1, NULL)) continue;
        if (!g_hash_table_add(seen, (char *)line)) continue;
        g_ptr_array_add(history->entries, unescape(line));
    }
    for (guint i = 0; i < history->entries->len / 2; i++) {
        void **items = history->entries->pdata;
        void *other = items[history->entries->len - 1 - i];
        items[history->entries->len - 1 - i] = items[i];
        items[i] = other;
    }
}

/* Written anew from what is kept, when most of the file is repetition or too old. */
static bool shorten(const History *history, const char *path, const char *content, GError **error) {
    size_t n_lines = 0;
    for (const char *at = content; (at = strchr(at, '\n')) != NULL; at++) n_lines++;
    if (n_lines <= 2 * MAX_ENTRIES) return true;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < history->entries->len; i++) {
        g_autofree char *line = escape(g_ptr_array_index(history->entries, i));
        g_string_append_printf(text, "%s\n", line);
    }
    return file_replace(path, text->str, text->len, 0600, error);
}

static bool open_file(History *history, const char *path, GError **error) {
    g_autofree char *content = NULL;
    g_autoptr(GError) problem = NULL;
    if (file_read(path, MAX_FILE_BYTES, &content, NULL, &problem)) {
        load(history, content);
        if (!shorten(history, path, content, error)) return false;
    } else if (!error_is(problem, ERR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    if (!file_make_folders(folder, error)) return false;
    history->log = file_log_open(path, NULL, error);
    return history->log != NULL;
}

History *history_open(const char *path, GError **error) {
    History *history = g_new0(History, 1);
    history->entries = g_ptr_array_new_with_free_func(g_free);
    if (!open_file(history, path, error)) g_debug("the history is kept in memory");
    return history;
}

void history_close(History *history) {
    if (history == NULL) return;
    file_log_close(history->log);
    g_ptr_array_unref(history->entries);
    g_free(history);
}

void history_add(History *history, const char *text) {
    if (is_blank(text) || strlen(text) > MAX_ENTRY_BYTES) return;
    const char *newest = history_get(history, 0);
    if (newest != NULL && strcmp(newest, text) == 0) return;
    for (guint i = 0; i < history->entries->len; i++) {
        if (strcmp(g_ptr_array_index(history->entries, i), text) != 0) continue;
        g_ptr_array_remove_index(history->entries, i);
        break;
    }
    g_ptr_array_add(history->entries, g_strdup(text));
    if (history->entries->len > MAX_ENTRIES) g_ptr_array_remove_index(history->entries, 0);
    g_autofree char *line = escape(text);
    g_autoptr(GError) problem = NULL;
    if (history->log != NULL && !file_log_append(history->log, line, &problem))
        g_debug("the history was not written: %s", problem->message);
}

size_t history_length(const History *history) {
    return history->entries->len;
}

const char *history_get(const History *history, size_t age) {
    if (age >= history->entries->len) return NULL;
    return g_ptr_array_index(history->entries, history->entries->len - 1 - age);
}

gssize history_find(const History *history, const char *words, size_t from) {
    g_autofree char *wanted = g_utf8_casefold(words, -1);
    for (size_t age = from; age < history->entries->len; age++) {
        g_autofree char *folded = g_utf8_casefold(history_get(history, age), -1);
        if (strstr(folded, wanted) != NULL) return (gssize)age;
    }
    return -1;
}
