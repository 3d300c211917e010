/* cli/terminal/live_zone.c: see the header. */
#include "cli/terminal/live_zone.h"

#include <string.h>

#include "base/text_cluster.h"

#define FRAME_BEGIN "\033[?2026h\033[?25l"
#define FRAME_END "\033[?25h\033[?2026l"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define ERASE_ROW "\033[2K"
#define ERASE_BELOW "\033[J"
#define DELETE_ROW "\033[M"
#define INSERT_ROW "\033[L"
#define SAVE_CURSOR "\0337"
#define RESTORE_CURSOR "\0338"

/* What is so short is on the screen before anybody could see half of it. */
enum { MAX_LOOSE_BYTES = 200 };

struct LiveZone {
    Terminal *terminal;  /* borrowed */
    GPtrArray *finished; /* char *, owned: rows to be written above */
    GPtrArray *wanted;   /* char *, owned */
    size_t wanted_row, wanted_column;
    /* what the terminal shows */
    GPtrArray *shown; /* char *, owned; no rows: nothing is drawn */
    size_t shown_row, shown_column;
    int n_columns; /* when it was drawn */
    bool is_stale;
    size_t n_written; /* bytes, ever */
};

LiveZone *live_zone_new(Terminal *terminal) {
    LiveZone *zone = g_new0(LiveZone, 1);
    zone->terminal = terminal;
    zone->finished = g_ptr_array_new_with_free_func(g_free);
    zone->wanted = g_ptr_array_new_with_free_func(g_free);
    zone->shown = g_ptr_array_new_with_free_func(g_free);
    zone->n_columns = terminal_size(terminal).n_columns;
    return zone;
}

void live_zone_free(LiveZone *zone) {
    if (zone == NULL) return;
    g_ptr_array_unref(zone->finished);
    g_ptr_array_unref(zone->wanted);
    g_ptr_array_unref(zone->shown);
    g_free(zone);
}

void live_zone_print(LiveZone *zone, const char *row) {
    g_ptr_array_add(zone->finished, g_strdup(row));
}

size_t live_zone_written_bytes(const LiveZone *zone) {
    return zone->n_written;
}

bool live_zone_has_finished(const LiveZone *zone) {
    return zone->finished->len > 0;
}

void live_zone_set(LiveZone *zone, GPtrArray *rows, size_t cursor_row, size_t cursor_column) {
    g_ptr_array_unref(zone->wanted);
    zone->wanted = rows;
    zone->wanted_row = MIN(cursor_row, rows->len > 0 ? rows->len - 1 : 0);
    zone->wanted_column = cursor_column;
}

void live_zone_invalidate(LiveZone *zone) {
    zone->is_stale = true;
}

/* Bytes of the escape sequence at `text`; 0 when there is none. */
static size_t sequence_length(const char *text) {
    if (text[0] != '\033') return 0;
    size_t n = 2;
    if (text[1] == '[') {
        while (text[n] != '\0' && ((unsigned char)text[n] < 0x40 || (unsigned char)text[n] > 0x7E))
            n++;
        return text[n] != '\0' ? n + 1 : n;
    }
    if (text[1] == ']') {
        while (text[n] != '\0' && !(text[n] == '\033' && text[n + 1] == '\\') && text[n] != '\a')
            n++;
        return text[n] == '\0' ? n : text[n] == '\a' ? n + 1 : n + 2;
    }
    return text[1] != '\0' ? 2 : 1;
}

size_t live_zone_row_columns(const char *row) {
    size_t n_columns = 0;
    while (*row != '\0') {
        size_t n = sequence_length(row);
        if (n == 0) {
            TextCluster cluster = text_cluster_at(row, strlen(row));
            n_columns += cluster.n_columns;
            n = cluster.n_bytes;
        }
        row += n;
    }
    return n_columns;
}

static void move_up(GString *out, size_t n) {
    if (n > 0) g_string_append_printf(out, "\033[%zuA", n);
}

static void move_down(GString *out, size_t n) {
    if (n > 0) g_string_append_printf(out, "\033[%zuB", n);
}

static void go_to_column(GString *out, size_t column) {
    if (column == 0)
        g_string_append_c(out, '\r');
    else
        g_string_append_printf(out, "\033[%zuG", column + 1);
}

static void move_right(GString *out, size_t n) {
    if (n > 0) g_string_append_printf(out, "\033[%zuC", n);
}

/* Screen rows that a drawn row takes now, if the terminal broke it anew. */
static size_t broken_rows(const LiveZone *zone, size_t n_used, int n_columns) {
    if (n_columns >= zone->n_columns || !terminal_reflows(zone->terminal)) return 1;
    return n_used == 0 ? 1 : (n_used + (size_t)n_columns - 1) / (size_t)n_columns;
}

/* Screen rows from the zone's first row to the cursor. */
static size_t rows_above_cursor(const LiveZone *zone, int n_columns) {
    size_t n = 0;
    for (size_t i = 0; i < zone->shown_row && i < zone->shown->len; i++)
        n += broken_rows(zone, live_zone_row_columns(zone->shown->pdata[i]), n_columns);
    if (zone->shown->len > 0 && n_columns < zone->n_columns && terminal_reflows(zone->terminal))
        n += zone->shown_column / (size_t)n_columns;
    return n;
}

/* To the start of the zone's first row. */
static void go_to_origin(const LiveZone *zone, int n_columns, GString *out) {
    if (zone->shown->len == 0) return;
    g_string_append_c(out, '\r');
    move_up(out, rows_above_cursor(zone, n_columns));
}

/* Row `i` of what the terminal is to show: the finished ones, then the zone. */
static const char *next_row(const LiveZone *zone, guint i) {
    guint n = zone->finished->len;
    return i < n ? zone->finished->pdata[i] : zone->wanted->pdata[i - n];
}

/* Rows at the top that stand there already: a paragraph that is finished as it was shown. */
static guint count_standing(const LiveZone *zone) {
    guint n = 0, n_rows = zone->finished->len + zone->wanted->len;
    while (n < zone->shown->len && n < n_rows &&
           strcmp(zone->shown->pdata[n], next_row(zone, n)) == 0)
        n++;
    return MIN(n, n_rows - 1);
}

static void write_finished(LiveZone *zone, guint from, GString *out) {
    for (guint i = from; i < zone->finished->len; i++) {
        g_string_append(out, ERASE_ROW);
        g_string_append(out, zone->finished->pdata[i]);
        g_string_append(out, "\r\n");
    }
    g_ptr_array_set_size(zone->finished, 0);
}

static void place_cursor(const LiveZone *zone, size_t from_row, GString *out) {
    if (from_row > zone->wanted_row) move_up(out, from_row - zone->wanted_row);
    if (from_row < zone->wanted_row) move_down(out, zone->wanted_row - from_row);
    g_string_append_c(out, '\r');
    move_right(out, zone->wanted_column);
}

static void draw_all(LiveZone *zone, bool is_resized, int n_columns, GString *out) {
    guint n_finished = zone->finished->len;
    guint n_standing = is_resized ? 0 : count_standing(zone);
    g_string_append(out, FRAME_BEGIN);
    go_to_origin(zone, n_columns, out);
    if (is_resized) g_string_append(out, ERASE_BELOW);
    /* Below the last row that is drawn, only a newline makes room. */
    bool is_below = n_standing > 0 && n_standing == zone->shown->len;
    move_down(out, is_below ? n_standing - 1 : n_standing);
    if (is_below) g_string_append(out, "\r\n");
    write_finished(zone, n_standing, out);
    g_string_append(out, WRAP_OFF);
    guint first = n_standing > n_finished ? n_standing - n_finished : 0;
    for (guint i = first; i < zone->wanted->len; i++) {
        if (i > first) g_string_append(out, "\r\n");
        g_string_append(out, ERASE_ROW);
        g_string_append(out, zone->wanted->pdata[i]);
    }
    g_string_append(out, WRAP_ON ERASE_BELOW);
    place_cursor(zone, zone->wanted->len - 1, out);
    g_string_append(out, FRAME_END);
}

/* What differs between two rows: the bytes [start, old_end) became [start, new_end). */
typedef struct {
    size_t start, old_end, new_end;
    size_t start_column;
    bool is_same_width; /* what follows stays where it is */
} RowChange;

/* Styles that are set at `end` of a row, so that what is written there looks right. */
static void append_styles(const char *row, size_t end, GString *out) {
    for (size_t at = 0; at < end;) {
        size_t n = sequence_length(row + at);
        if (n > 0) g_string_append_len(out, row + at, (gssize)n);
        at += MAX(n, 1);
    }
}

static RowChange compare_rows(const char *old_row, const char *new_row) {
    RowChange change = { .is_same_width = false };
    size_t old_length = strlen(old_row), new_length = strlen(new_row);
    for (;;) {
        const char *old_at = old_row + change.start, *new_at = new_row + change.start;
        size_t n = sequence_length(new_at), columns = 0;
        if (n == 0) {
            TextCluster cluster = text_cluster_at(new_at, new_length - change.start);
            n = cluster.n_bytes;
            columns = cluster.n_columns;
            TextCluster other = text_cluster_at(old_at, old_length - change.start);
            if (other.n_bytes != n) break;
        }
        if (n == 0 || change.start + n > old_length || memcmp(old_at, new_at, n) != 0) break;
        change.start += n;
        change.start_column += columns;
    }
    change.old_end = old_length;
    change.new_end = new_length;
    /* A common end without styles, such as "⠙ 3 s ..." after "⠹ 3 s ...". */
    while (change.old_end > change.start && change.new_end > change.start &&
           old_row[change.old_end - 1] == new_row[change.new_end - 1] &&
           (unsigned char)new_row[change.new_end - 1] < 0x7F &&
           new_row[change.new_end - 1] != 'm' && new_row[change.new_end - 1] != '\\') {
        change.old_end--;
        change.new_end--;
    }
    bool has_styles = memchr(new_row + change.start, '\033', new_length - change.start) != NULL ||
                      memchr(old_row + change.start, '\033', old_length - change.start) != NULL;
    size_t old_columns =
        text_cluster_columns(old_row + change.start, change.old_end - change.start);
    size_t new_columns =
        text_cluster_columns(new_row + change.start, change.new_end - change.start);
    change.is_same_width = !has_styles && old_columns == new_columns;
    return change;
}

static void draw_change(const char *old_row, const char *new_row, GString *out) {
    RowChange change = compare_rows(old_row, new_row);
    go_to_column(out, change.start_column);
    bool has_styles = memchr(new_row, '\033', change.start) != NULL;
    append_styles(new_row, change.start, out);
    if (change.is_same_width) {
        g_string_append_len(out, new_row + change.start, (gssize)(change.new_end - change.start));
    } else {
        g_string_append(out, new_row + change.start);
        if (live_zone_row_columns(old_row) > live_zone_row_columns(new_row))
            g_string_append(out, "\033[K");
    }
    if (has_styles) g_string_append(out, "\033[0m");
}

/* From one row of the zone to another. */
static void go_to_row(GString *out, size_t from, size_t to) {
    if (to < from) move_up(out, from - to);
    if (to > from) move_down(out, to - from);
}

/* Rows that moved up by one, as those of a long paragraph do: how many. */
static guint count_moved(const LiveZone *zone) {
    guint n = 0;
    while (n + 1 < zone->wanted->len &&
           strcmp(zone->wanted->pdata[n], zone->shown->pdata[n + 1]) == 0)
        n++;
    bool is_worth_it = n >= 2 && strcmp(zone->wanted->pdata[0], zone->shown->pdata[0]) != 0;
    return is_worth_it ? n : 0;
}

/* Has the terminal move them: the first row goes, an empty one comes below them. */
static void move_rows(LiveZone *zone, guint n_moved, size_t *row, GString *out) {
    go_to_row(out, *row, 0);
    g_string_append(out, DELETE_ROW);
    go_to_row(out, 0, n_moved);
    g_string_append(out, INSERT_ROW);
    *row = n_moved;
    char *gone = g_ptr_array_steal_index(zone->shown, 0);
    g_free(gone);
    g_ptr_array_insert(zone->shown, (int)n_moved, g_strdup(""));
}

/* Only the rows that changed; the zone has as many as before. While a person reads, the cursor
 * stays where it is: it is kept and put back. */
static void draw_changes(LiveZone *zone, GString *out) {
    size_t row = zone->shown_row;
    bool is_cursor_right =
        zone->shown_row == zone->wanted_row && zone->shown_column == zone->wanted_column;
    g_autoptr(GString) changes = g_string_new(NULL);
    guint n_moved = count_moved(zone);
    if (n_moved > 0) move_rows(zone, n_moved, &row, changes);
    for (size_t i = 0; i < zone->wanted->len; i++) {
        if (strcmp(zone->shown->pdata[i], zone->wanted->pdata[i]) == 0) continue;
        go_to_row(changes, row, i);
        row = i;
        draw_change(zone->shown->pdata[i], zone->wanted->pdata[i], changes);
    }
    bool is_frame = changes->len > MAX_LOOSE_BYTES || n_moved > 0;
    if (is_frame) g_string_append(out, FRAME_BEGIN);
    if (is_cursor_right && changes->len > 0)
        g_string_append_printf(out, SAVE_CURSOR "%s" RESTORE_CURSOR, changes->str);
    else
        g_string_append(out, changes->str);
    if (!is_cursor_right) place_cursor(zone, row, out);
    if (is_frame) g_string_append(out, FRAME_END);
}

/* Cut to what fits: a row that is too long must not push the others. */
static char *cut_row(const char *row, size_t n_columns) {
    if (live_zone_row_columns(row) <= n_columns) return g_strdup(row);
    GString *out = g_string_new(NULL);
    size_t used = 0;
    bool is_full = false;
    while (*row != '\0') {
        size_t n = sequence_length(row);
        if (n == 0) {
            TextCluster cluster = text_cluster_at(row, strlen(row));
            n = cluster.n_bytes;
            is_full |= used + cluster.n_columns > n_columns;
            if (!is_full) {
                used += cluster.n_columns;
                g_string_append_len(out, row, (gssize)n);
            }
        } else {
            g_string_append_len(out, row, (gssize)n);
        }
        row += n;
    }
    return g_string_free(out, FALSE);
}

static void remember_shown(LiveZone *zone, int n_columns) {
    g_ptr_array_set_size(zone->shown, 0);
    for (guint i = 0; i < zone->wanted->len; i++)
        g_ptr_array_add(zone->shown, g_strdup(zone->wanted->pdata[i]));
    zone->shown_row = zone->wanted_row;
    zone->shown_column = zone->wanted_column;
    zone->n_columns = n_columns;
    zone->is_stale = false;
}

static void fit_wanted(LiveZone *zone, int n_columns) {
    for (guint i = 0; i < zone->wanted->len; i++) {
        char *cut = cut_row(zone->wanted->pdata[i], (size_t)n_columns - 1);
        g_free(zone->wanted->pdata[i]);
        zone->wanted->pdata[i] = cut;
    }
    zone->wanted_column = MIN(zone->wanted_column, (size_t)n_columns - 1);
}

static bool write_out(LiveZone *zone, const GString *out, GError **error) {
    zone->n_written += out->len;
    return out->len == 0 || terminal_write(zone->terminal, out->str, (gssize)out->len, error);
}

bool live_zone_flush(LiveZone *zone, GError **error) {
    if (zone->wanted->len == 0) return true;
    int n_columns = terminal_size(zone->terminal).n_columns;
    bool is_resized = n_columns != zone->n_columns;
    fit_wanted(zone, n_columns);
    g_autoptr(GString) out = g_string_new(NULL);
    bool needs_all = is_resized || zone->is_stale || zone->finished->len > 0 ||
                     zone->shown->len != zone->wanted->len;
    if (needs_all)
        draw_all(zone, is_resized || zone->is_stale, n_columns, out);
    else
        draw_changes(zone, out);
    remember_shown(zone, n_columns);
    return write_out(zone, out, error);
}

bool live_zone_hide(LiveZone *zone, GError **error) {
    int n_columns = terminal_size(zone->terminal).n_columns;
    g_autoptr(GString) out = g_string_new(NULL);
    go_to_origin(zone, n_columns, out);
    if (zone->shown->len > 0) g_string_append(out, ERASE_BELOW);
    write_finished(zone, 0, out);
    g_ptr_array_set_size(zone->shown, 0);
    zone->shown_row = zone->shown_column = 0;
    zone->n_columns = n_columns;
    return write_out(zone, out, error);
}
