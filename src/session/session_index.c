/* session/session_index.c: see the header. */
#include "session/session_index.h"

#include <string.h>

#include "base/file.h"

#define NAME ".sessions.index"
#define FIRST_LINE "localgpt sessions 1"
#define MAX_INDEX_BYTES ((size_t)64 << 20)

enum { N_COLUMNS = 5 };

typedef struct {
    SessionRow row;
    bool is_used;
} Slot;

struct SessionIndex {
    char *text;       /* owned: what was read; ids and titles of old rows point into it */
    GHashTable *rows; /* owned: id to Slot */
    GPtrArray *owned; /* owned: ids and titles that were put */
    unsigned n_used;
    bool is_changed;
};

/* Splits the line at `at` in place; the next line, or NULL at the end. */
static char *split(char *at, char *columns[N_COLUMNS]) {
    char *end = strchr(at, '\n');
    if (end == NULL) return NULL;
    *end = '\0';
    memset(columns, 0, N_COLUMNS * sizeof *columns);
    for (int i = 0; i < N_COLUMNS && at != NULL; i++) {
        columns[i] = at;
        at = strchr(at, '\t');
        if (at != NULL) *at++ = '\0';
    }
    return end + 1;
}

static bool is_printable(const char *text) {
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F) return false;
    return g_utf8_validate(text, -1, NULL);
}

static void read_rows(SessionIndex *index) {
    if (!g_str_has_prefix(index->text, FIRST_LINE "\n")) return;
    char *columns[N_COLUMNS];
    for (char *at = index->text + strlen(FIRST_LINE "\n"); at != NULL && *at != '\0';) {
        at = split(at, columns);
        if (at == NULL || columns[N_COLUMNS - 1] == NULL) continue;
        if (!is_printable(columns[0]) || !is_printable(columns[4])) continue;
        Slot *slot = g_new0(Slot, 1);
        slot->row = (SessionRow){ .changed_ns = g_ascii_strtoll(columns[1], NULL, 10),
                                  .size_bytes = g_ascii_strtoll(columns[2], NULL, 10),
                                  .n_messages = g_ascii_strtoll(columns[3], NULL, 10),
                                  .title = columns[4] };
        g_hash_table_replace(index->rows, columns[0], slot);
    }
}

SessionIndex *session_index_load(const char *folder) {
    SessionIndex *index = g_new0(SessionIndex, 1);
    index->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    index->owned = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = g_build_filename(folder, NAME, NULL);
    if (file_read(path, MAX_INDEX_BYTES, &index->text, NULL, NULL)) read_rows(index);
    return index;
}

void session_index_free(SessionIndex *index) {
    if (index == NULL) return;
    g_hash_table_unref(index->rows);
    g_ptr_array_unref(index->owned);
    g_free(index->text);
    g_free(index);
}

const SessionRow *session_index_find(SessionIndex *index, const char *id, int64_t changed_ns,
                                     int64_t size_bytes) {
    Slot *slot = g_hash_table_lookup(index->rows, id);
    if (slot == NULL || slot->row.changed_ns != changed_ns || slot->row.size_bytes != size_bytes)
        return NULL;
    index->n_used += !slot->is_used;
    slot->is_used = true;
    return &slot->row;
}

const SessionRow *session_index_put(SessionIndex *index, const char *id, const SessionRow *row) {
    char *key = g_strdup(id), *title = g_strdup(row->title);
    g_strdelimit(title, "\t\r\n", ' ');
    g_ptr_array_add(index->owned, key);
    g_ptr_array_add(index->owned, title);
    Slot *slot = g_new0(Slot, 1);
    slot->row = *row;
    slot->row.title = title;
    slot->is_used = true;
    index->n_used++;
    index->is_changed = true;
    g_hash_table_replace(index->rows, key, slot);
    return &slot->row;
}

void session_index_save(SessionIndex *index, const char *folder) {
    if (!index->is_changed && index->n_used == g_hash_table_size(index->rows)) return;
    g_autoptr(GString) text = g_string_new(FIRST_LINE "\n");
    GHashTableIter iter;
    void *id, *value;
    g_hash_table_iter_init(&iter, index->rows);
    while (g_hash_table_iter_next(&iter, &id, &value)) {
        const Slot *slot = value;
        if (!slot->is_used) continue;
        g_string_append_printf(
            text, "%s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%s\n",
            (const char *)id, (gint64)slot->row.changed_ns, (gint64)slot->row.size_bytes,
            (gint64)slot->row.n_messages, slot->row.title);
    }
    g_autofree char *path = g_build_filename(folder, NAME, NULL);
    if (!file_replace(path, text->str, text->len, 0600, NULL))
        g_debug("the index of the sessions could not be kept");
}
