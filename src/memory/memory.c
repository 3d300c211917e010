/* memory/memory.c: opening, searching with a look at the files first, reading lines, appending. */
#include "memory/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "memory/memory-private.h"
#include "memory/note_text.h"
#include "memory/sync.h"
#include "memory/watch.h"

/* How long a search waits for another process that is indexing, before it makes do with what there
 * is. */
#define SEARCH_BUSY_MS 250

/* A second's worth. */
#define MAX_FILL_OF_SEARCH 20000

static void free_root(void *data) {
    MemoryRoot *root = data;
    g_free(root->folder);
    g_free(root->prefix);
    g_free(root->pattern);
    g_free(root);
}

static void add_root(Memory *memory, const char *folder, const char *prefix, const char *pattern) {
    MemoryRoot *root = g_new(MemoryRoot, 1);
    *root = (MemoryRoot){ g_strdup(folder), g_strdup(prefix), g_strdup(pattern) };
    g_ptr_array_add(memory->roots, root);
}

static char *expand_folder(const Memory *memory, const char *home, const char *path) {
    g_autofree char *expanded = NULL;
    if (home != NULL && path[0] == '~' && (path[1] == '/' || path[1] == '\0'))
        expanded = g_strconcat(home, path + 1, NULL);
    const char *shown = expanded != NULL ? expanded : path;
    return g_canonicalize_filename(shown, memory->workspace);
}

static void add_roots(Memory *memory, const char *home) {
    add_root(memory, memory->workspace, "", "**/*.md");
    g_autofree char *inside = g_strconcat(memory->workspace, "/", NULL);
    const GPtrArray *paths = memory->config->paths;
    for (unsigned i = 0; paths != NULL && i < paths->len; i++) {
        const MemoryPathConfig *path = g_ptr_array_index(paths, i);
        g_autofree char *folder = expand_folder(memory, home, path->path);
        bool is_inside = g_str_has_prefix(folder, inside);
        bool is_covered = is_inside && g_str_equal(path->pattern, "**/*.md");
        if (is_covered || g_str_equal(folder, memory->workspace)) continue;
        g_autofree char *prefix =
            g_strconcat(is_inside ? folder + strlen(inside) : folder, "/", NULL);
        add_root(memory, folder, prefix, path->pattern);
    }
}

void memory_note(Memory *memory, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (memory->notice->len > 0) g_string_append_c(memory->notice, '\n');
    g_string_append_vprintf(memory->notice, format, arguments);
    va_end(arguments);
}

char *memory_take_notice(Memory *memory) {
    if (memory->notice->len == 0) return NULL;
    char *notice = g_strdup(memory->notice->str);
    g_string_truncate(memory->notice, 0);
    return notice;
}

char *memory_absolute_path(const Memory *memory, IndexSource source, const char *path) {
    if (source == INDEX_SESSIONS) return g_build_filename(memory->sessions, path, NULL);
    if (path[0] == '/') return g_strdup(path);
    return g_build_filename(memory->workspace, path, NULL);
}

static void close_index(Memory *memory) {
    g_clear_pointer(&memory->terms, term_table_free);
    g_clear_pointer(&memory->plane, vector_plane_close);
    g_clear_pointer(&memory->index, index_close);
}

void memory_close(Memory *memory) {
    if (memory == NULL) return;
    memory_watch_stop(memory);
    close_index(memory);
    embedder_close(memory->embedder);
    daily_log_free(memory->log);
    word_scores_clear(&memory->chunk_scores);
    word_scores_clear(&memory->file_scores);
    if (memory->defaults != NULL) field_clear(memory_config_fields, memory->defaults);
    g_free(memory->defaults);
    g_ptr_array_unref(memory->roots);
    g_ptr_array_unref(memory->stale);
    g_string_free(memory->notice, TRUE);
    g_free(memory->workspace);
    g_free(memory->database);
    g_free(memory->sessions);
    g_free(memory);
}

static bool open_index(Memory *memory, GError **error) {
    const IndexSettings settings = {
        .database = memory->database,
        .workspace = memory->workspace,
        .limits = { memory->config->chunk_size, memory->config->chunk_overlap },
    };
    g_autofree char *problem = NULL;
    memory->index = index_open(&settings, &memory->is_new, &problem, error);
    if (memory->index == NULL) return false;
    if (problem != NULL)
        memory_note(memory, "the index was damaged and is made again from the notes: %s", problem);
    return true;
}

Memory *memory_open(const MemoryPlace *place, GError **error) {
    g_autoptr(Memory) memory = g_new0(Memory, 1);
    memory->notice = g_string_new(NULL);
    memory->stale = g_ptr_array_new_with_free_func(g_free);
    memory->roots = g_ptr_array_new_with_free_func(free_root);
    memory->workspace = g_canonicalize_filename(place->workspace, "/");
    memory->database = g_strdup(place->database);
    memory->sessions = g_strdup(place->sessions);
    memory->log = daily_log_new(memory->workspace);
    memory->embedder_settings = place->embedder;
    memory->config = place->config;
    if (memory->config == NULL) {
        memory->defaults = g_new0(MemoryConfig, 1);
        field_set_defaults(memory_config_fields, memory->defaults);
        memory->config = memory->defaults;
    }
    memory->indexes_sessions = memory->config->indexes_sessions;
    add_roots(memory, place->home);
    return open_index(memory, error) ? g_steal_pointer(&memory) : NULL;
}

void memory_on_progress(Memory *memory, MemoryProgressFn on_progress, void *user_data) {
    memory->on_progress = on_progress;
    memory->progress_data = user_data;
}

/* What is damaged is made again, and told. */
static bool start_over(Memory *memory, GError **problem, GError **error) {
    memory_note(memory, "the index was damaged and is made again from the notes: %s",
                (*problem)->message);
    g_clear_error(problem);
    close_index(memory);
    return store_remove(memory->database, error) && open_index(memory, error);
}

/* Another process that is indexing is waited for only when there is nothing to search in yet. */
static bool look_before_search(Memory *memory, Cancel *cancel, GError **error) {
    bool is_told = memory->watch != NULL && !memory->is_new && !memory->indexes_sessions;
    sqlite3 *handle = store_sqlite(index_store(memory->index));
    g_autoptr(GError) problem = NULL;
    sqlite3_busy_timeout(handle, memory->is_new ? STORE_BUSY_MS : SEARCH_BUSY_MS);
    bool is_ok = is_told ? memory_watch_apply(memory, cancel, NULL, &problem)
                         : memory_sync(memory, SYNC_QUICK, cancel, NULL, &problem);
    sqlite3_busy_timeout(handle, STORE_BUSY_MS);
    if (is_ok) return true;
    if (error_is(problem, ERR_TIMEOUT) && !cancel_is_triggered(cancel)) {
        memory_note(memory, "another process is indexing: the newest changes may be missing");
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

/* Vectors that a kill or another embedder left missing: at once when that is quick, else by whoever
 * runs memory_fill_vectors() in the background. */
static void fill_before_search(Memory *memory, Cancel *cancel) {
    if (memory->is_reconciled || !memory_open_vectors(memory, NULL)) return;
    if (!embedder_has(memory->embedder, EMBEDDER_INSTANT)) return;
    VectorPlaneFacts facts;
    IndexFacts known;
    vector_plane_facts(memory->plane, &facts);
    if (!index_facts(memory->index, &known, NULL)) return;
    memory->is_reconciled = (int64_t)facts.n_rows >= known.n_chunks + known.n_messages;
    size_t n_missing;
    if (memory->is_reconciled) return;
    if (!memory_fill_vectors(memory, MAX_FILL_OF_SEARCH, cancel, &n_missing, NULL))
        g_debug("vectors are missing");
}

static MemoryAnswer *search_once(Memory *memory, const MemoryRequest *request, Cancel *cancel,
                                 GError **error) {
    if (!look_before_search(memory, cancel, error)) return NULL;
    if (request->mode != SEARCH_WORDS) fill_before_search(memory, cancel);
    MemoryAnswer *answer = memory_search_index(memory, request, cancel, error);
    if (answer == NULL || memory->stale->len == 0) return answer;
    /* A file that no look had found yet: its new text may even be the better answer. */
    g_ptr_array_add(memory->stale, NULL);
    bool is_ok =
        memory_sync_paths(memory, (const char *const *)memory->stale->pdata, cancel, NULL, NULL);
    g_ptr_array_set_size(memory->stale, 0);
    if (!is_ok) return answer;
    memory_answer_free(answer);
    answer = memory_search_index(memory, request, cancel, error);
    g_ptr_array_set_size(memory->stale, 0);
    return answer;
}

MemoryAnswer *memory_search(Memory *memory, const MemoryRequest *request, Cancel *cancel,
                            GError **error) {
    int64_t started = g_get_monotonic_time();
    g_autoptr(GError) problem = NULL;
    memory->indexes_sessions =
        memory->config->indexes_sessions || (request->flags & SEARCH_SESSIONS) != 0;
    MemoryAnswer *answer = search_once(memory, request, cancel, &problem);
    if (answer == NULL && store_is_damaged(problem)) {
        if (!start_over(memory, &problem, error)) return NULL;
        answer = search_once(memory, request, cancel, &problem);
    }
    if (answer == NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    answer->took_ms = (double)(g_get_monotonic_time() - started) / 1000;
    return answer;
}

bool memory_reindex(Memory *memory, bool is_forced, Cancel *cancel, SyncReport *out_report,
                    GError **error) {
    SyncMode mode = is_forced ? SYNC_FORCED : SYNC_WHOLE;
    g_autoptr(GError) problem = NULL;
    size_t n_missing = 0;
    bool is_ok = store_check(index_store(memory->index), &problem);
    if (!is_ok && store_is_damaged(problem)) is_ok = start_over(memory, &problem, error);
    if (problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    return is_ok && memory_sync(memory, mode, cancel, out_report, error) &&
           memory_fill_vectors(memory, 0, cancel, &n_missing, error);
}

/* Lines. */

/* "path#L10-20" */
static void take_citation(char *path, int64_t *start_line, int64_t *end_line) {
    char *mark = strrchr(path, '#');
    if (mark == NULL || mark[1] != 'L' || !g_ascii_isdigit(mark[2])) return;
    char *end = NULL;
    int64_t first = g_ascii_strtoll(mark + 2, &end, 10), last = first;
    if (*end == '-') last = g_ascii_strtoll(end + 1 + (end[1] == 'L'), &end, 10);
    if (*end != '\0') return;
    *mark = '\0';
    *start_line = first;
    *end_line = last;
}

static char *cut_lines(const NoteText *note, int64_t start_line, int64_t end_line) {
    const char *at = note->text, *end = note->text + note->length;
    for (int64_t line = 1; line < start_line && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    const char *stop = end_line > 0 ? at : end;
    for (int64_t line = MAX(start_line, 1); line <= end_line && stop < end; line++) {
        const char *newline = memchr(stop, '\n', (size_t)(end - stop));
        stop = newline != NULL ? newline + 1 : end;
    }
    return g_strndup(at, (gsize)(stop - at));
}

char *memory_get(Memory *memory, const char *path, int64_t start_line, int64_t end_line,
                 GError **error) {
    g_autofree char *name = g_strdup(path);
    take_citation(name, &start_line, &end_line);
    SyncFile file;
    g_autofree char *absolute = memory_absolute_path(memory, INDEX_NOTES, name);
    if (!sync_look(memory, name, &file)) {
        bool is_there = g_file_test(absolute, G_FILE_TEST_EXISTS);
        error_set_with_hint(error, is_there ? ERR_DENIED : ERR_NOT_FOUND,
                            "'localgpt memory stats' lists the notes.",
                            is_there ? "'%s' is no note" : "there is no note '%s'", name);
        return NULL;
    }
    g_free(file.path);
    NoteText note;
    if (!note_text_read(absolute, &note, error)) {
        g_prefix_error(error, "the note '%s': ", name);
        return NULL;
    }
    char *lines = cut_lines(&note, start_line, end_line);
    note_text_clear(&note);
    return lines;
}

char *memory_note_path(const Memory *memory, const NoteOrigin *origin) {
    return daily_log_path(memory->log, origin);
}

bool memory_append(Memory *memory, const NoteOrigin *origin, const char *text, char **out_citation,
                   GError **error) {
    return daily_log_append(memory->log, origin, text, out_citation, error);
}
