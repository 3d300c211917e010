/* memory/forget.c: see the header; memory_forget() is at the end. */
#include "memory/forget.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "markdown/line_kind.h"
#include "memory/memory-private.h"
#include "memory/note_text.h"
#include "memory/provenance.h"

/* In one case, every run of spaces and line ends as one space. New string. */
static char *flatten(const char *text, size_t length) {
    g_autofree char *folded = g_utf8_casefold(text, (gssize)length);
    GString *flat = g_string_new(NULL);
    for (const char *at = folded; *at != '\0'; at++) {
        if (!g_ascii_isspace(*at))
            g_string_append_c(flat, *at);
        else if (flat->len > 0 && flat->str[flat->len - 1] != ' ')
            g_string_append_c(flat, ' ');
    }
    return g_strchomp(g_string_free(flat, FALSE));
}

typedef enum { UNIT_LINES, UNIT_HEADING, UNIT_MARK, UNIT_BLANK } UnitKind;

typedef struct {
    size_t start, end; /* bytes, with the last newline */
    UnitKind kind;
    bool is_gone;
} Unit;

typedef struct {
    bool is_in_fence, is_in_front_matter;
    LineKind fence;
    unsigned n_lines;
} Reading;

/* Whether the line begins a unit of its own, and what kind it is. */
static bool begins_unit(Reading *reading, const char *line, size_t length, UnitKind *out_kind) {
    LineKind kind = line_kind_of(line, length);
    bool is_first = reading->n_lines++ == 0;
    bool is_dashes = length >= 3 && memcmp(line, "---", 3) == 0;
    *out_kind = kind.type == LINE_BLANK ? UNIT_BLANK : UNIT_LINES;
    if (is_first && is_dashes) reading->is_in_front_matter = true;
    if (reading->is_in_front_matter) {
        if (!is_first && is_dashes) reading->is_in_front_matter = false;
        return true;
    }
    if (reading->is_in_fence) {
        bool is_end = kind.type == LINE_FENCE && kind.fence == reading->fence.fence &&
                      !kind.has_info && kind.n_fence >= reading->fence.n_fence;
        if (is_end) reading->is_in_fence = false;
        return true;
    }
    if (kind.type == LINE_FENCE) {
        reading->is_in_fence = true;
        reading->fence = kind;
    }
    Provenance mark = { 0 };
    if (provenance_parse(line, length, &mark)) *out_kind = UNIT_MARK;
    provenance_clear(&mark);
    if (kind.type == LINE_HEADING) *out_kind = UNIT_HEADING;
    bool is_row = length > 0 && line[kind.n_indent < length ? kind.n_indent : 0] == '|';
    return *out_kind != UNIT_LINES || kind.type == LINE_ITEM || kind.type == LINE_FENCE || is_row;
}

static GArray *split_units(const char *note) {
    GArray *units = g_array_new(FALSE, FALSE, sizeof(Unit));
    Reading reading = { 0 };
    size_t length = strlen(note);
    bool is_closed = true;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(note + at, '\n', length - at);
        size_t end = newline != NULL ? (size_t)(newline - note) + 1 : length;
        Unit unit = { .start = at, .end = end };
        bool is_new = begins_unit(&reading, note + at, end - at - (newline != NULL), &unit.kind);
        Unit *last = units->len > 0 ? &g_array_index(units, Unit, units->len - 1) : NULL;
        if (is_new || is_closed || last == NULL)
            g_array_append_val(units, unit);
        else
            last->end = end;
        is_closed = unit.kind != UNIT_LINES || reading.is_in_fence || reading.is_in_front_matter;
        at = end;
    }
    return units;
}

/* Sections that lost something and have no words left. */
static void drop_empty_sections(GArray *units) {
    for (unsigned i = 0; i < units->len; i++) {
        Unit *heading = &g_array_index(units, Unit, i);
        if (heading->kind != UNIT_HEADING) continue;
        bool has_words = false, has_gone = false, has_mark = false;
        unsigned end = i + 1;
        for (; end < units->len; end++) {
            const Unit *unit = &g_array_index(units, Unit, end);
            if (unit->kind == UNIT_HEADING) break;
            has_words = has_words || (unit->kind == UNIT_LINES && !unit->is_gone);
            has_gone = has_gone || unit->is_gone;
            has_mark = has_mark || unit->kind == UNIT_MARK;
        }
        if (has_words || !has_gone || !has_mark) continue;
        for (unsigned k = i; k < end; k++) g_array_index(units, Unit, k).is_gone = true;
    }
}

char *forget_in_text(const char *note, const char *text, int64_t *out_n_places) {
    g_autofree char *wanted = flatten(text, strlen(text));
    *out_n_places = 0;
    if (wanted[0] == '\0') return NULL;
    g_autoptr(GArray) units = split_units(note);
    for (unsigned i = 0; i < units->len; i++) {
        Unit *unit = &g_array_index(units, Unit, i);
        if (unit->kind == UNIT_BLANK || unit->kind == UNIT_MARK) continue;
        g_autofree char *flat = flatten(note + unit->start, unit->end - unit->start);
        unit->is_gone = strstr(flat, wanted) != NULL;
        *out_n_places += unit->is_gone;
    }
    if (*out_n_places == 0) return NULL;
    drop_empty_sections(units);
    GString *rest = g_string_new(NULL);
    for (unsigned i = 0; i < units->len; i++) {
        const Unit *unit = &g_array_index(units, Unit, i);
        if (!unit->is_gone)
            g_string_append_len(rest, note + unit->start, (gssize)(unit->end - unit->start));
    }
    return g_string_free(rest, FALSE);
}

/* In the files. */

static GPtrArray *read_paths(Memory *memory, GError **error) {
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    StoreQuery query;
    store_query(&query, index_store(memory->index),
                "SELECT path FROM files WHERE source = 0 ORDER BY path");
    while (store_next(&query)) g_ptr_array_add(paths, g_strdup(store_text(&query, 0)));
    return store_end(&query, error) ? g_steal_pointer(&paths) : NULL;
}

static bool forget_in_file(Memory *memory, const char *path, const char *text, bool is_dry_run,
                           ForgetReport *report, GError **error) {
    g_autofree char *absolute = memory_absolute_path(memory, INDEX_NOTES, path);
    NoteText note;
    if (!note_text_read(absolute, &note, NULL)) return true;
    int64_t n_places = 0;
    g_autofree char *rest = forget_in_text(note.text, text, &n_places);
    note_text_clear(&note);
    if (rest == NULL) return true;
    report->n_files++;
    report->n_places += n_places;
    return is_dry_run || file_replace(absolute, rest, strlen(rest), 0644, error);
}

/* Nothing of it is left in what was made of the notes: neither terms nor vectors nor old pages. */
static bool purge_index(Memory *memory, GError **error) {
    size_t n_missing = 0;
    Store *store = index_store(memory->index);
    if (!word_index_merge(store, /* is_whole= */ true, NULL, error)) return false;
    bool has_vectors = memory_open_vectors(memory, NULL);
    if (has_vectors && embedder_has(memory->embedder, EMBEDDER_INSTANT) &&
        !vector_plane_erase(memory->plane, error))
        return false;
    memory->is_reconciled = false;
    return memory_fill_vectors(memory, 0, NULL, &n_missing, error) &&
           store_run(store, "PRAGMA wal_checkpoint(TRUNCATE)", error);
}

static bool count_remaining(Memory *memory, const char *text, ForgetReport *report,
                            GError **error) {
    g_autofree char *plain = g_strdup(text);
    g_strdelimit(plain, "\"", ' ');
    g_autofree char *phrase = g_strdup_printf("\"%s\"", plain);
    const MemoryRequest request = { .query = phrase, .limit = 1000, .mode = SEARCH_WORDS };
    g_autoptr(MemoryAnswer) answer = memory_search(memory, &request, NULL, error);
    if (answer == NULL) return false;
    g_autofree char *wanted = flatten(text, strlen(text));
    for (unsigned i = 0; i < answer->hits->len; i++) {
        const MemoryHit *hit = g_ptr_array_index(answer->hits, i);
        g_autofree char *flat = flatten(hit->text, strlen(hit->text));
        if (hit->session[0] == '\0' && strstr(flat, wanted) != NULL) report->n_remaining++;
    }
    return true;
}

bool memory_forget(Memory *memory, const char *text, bool is_dry_run, ForgetReport *out_report,
                   GError **error) {
    ForgetReport report = { 0 };
    if (text[strspn(text, " \t\r\n")] == '\0') {
        error_set(error, ERR_USAGE, "there is nothing to forget in an empty text");
        return false;
    }
    if (!memory_sync(memory, SYNC_WHOLE, NULL, NULL, error)) return false;
    g_autoptr(GPtrArray) paths = read_paths(memory, error);
    if (paths == NULL) return false;
    for (unsigned i = 0; i < paths->len; i++)
        if (!forget_in_file(memory, g_ptr_array_index(paths, i), text, is_dry_run, &report, error))
            return false;
    if (!is_dry_run && report.n_files > 0) {
        if (!memory_sync(memory, SYNC_WHOLE, NULL, NULL, error) || !purge_index(memory, error) ||
            !count_remaining(memory, text, &report, error))
            return false;
    }
    *out_report = report;
    return true;
}
