/* base/diff.c: lines to numbers, Myers over the numbers, runs to hunks. */
#include "base/diff.h"

#include <string.h>

#define CONTEXT 3
/* Edits looked for; the memory is the square of it. Beyond, the rest is one block. */
#define MAX_EDITS 1200
#define SNIFFED_BYTES 8000

typedef struct {
    const char *start;
    size_t length; /* with its newline, if it has one */
} Line;

typedef struct {
    GArray *lines; /* Line */
    int *ids;      /* equal lines have equal ids */
} Side;

typedef struct {
    int old_start, old_count; /* lines out */
    int new_start, new_count; /* lines in */
} Change;

bool diff_is_binary(const char *text, size_t length) {
    return memchr(text, '\0', MIN(length, SNIFFED_BYTES)) != NULL;
}

static GArray *split(const char *text, size_t length) {
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));
    for (const char *at = text, *end = text + length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline != NULL ? newline + 1 : end;
        Line line = { at, (size_t)(next - at) };
        g_array_append_val(lines, line);
        at = next;
    }
    return lines;
}

/* The number of a line in `seen` (GBytes to number). */
static int *number(const GArray *lines, GHashTable *seen) {
    int *ids = g_new(int, lines->len + 1);
    for (unsigned i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        GBytes *key = g_bytes_new_static(line->start, line->length);
        void *id = g_hash_table_lookup(seen, key);
        if (id == NULL) {
            id = GINT_TO_POINTER((int)g_hash_table_size(seen) + 1);
            g_hash_table_insert(seen, key, id);
        } else {
            g_bytes_unref(key);
        }
        ids[i] = GPOINTER_TO_INT(id);
    }
    return ids;
}

/* ---- the shortest edit script ---- */

typedef struct {
    const int *a, *b;
    int n, m;
    GPtrArray *trace; /* int *, owned: the furthest x of each diagonal after d edits */
} Search;

static bool goes_down(const int *v, int k, int d) {
    return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* The number of edits, or -1 beyond the bound. */
static int search(Search *search) {
    int bound = MIN(search->n + search->m, MAX_EDITS);
    g_autofree int *store = g_new0(int, 2 * bound + 3);
    int *v = store + bound + 1;
    for (int d = 0; d <= bound; d++) {
        int *kept = g_new(int, 2 * d + 3);
        memcpy(kept, v - d - 1, sizeof(int) * (size_t)(2 * d + 3));
        g_ptr_array_add(search->trace, kept);
        for (int k = -d; k <= d; k += 2) {
            int x = goes_down(v, k, d) ? v[k + 1] : v[k - 1] + 1;
            int y = x - k;
            while (x < search->n && y < search->m && search->a[x] == search->b[y]) x++, y++;
            v[k] = x;
            if (x >= search->n && y >= search->m) return d;
        }
    }
    return -1;
}

/* Marks the lines that go and come, walking back from the end. */
static void walk_back(const Search *search, int edits, bool *is_out, bool *is_in) {
    int x = search->n;
    int y = search->m;
    for (int d = edits; d > 0; d--) {
        const int *v = (const int *)g_ptr_array_index(search->trace, d) + d + 1;
        int k = x - y;
        bool is_down = goes_down(v, k, d);
        int from_k = is_down ? k + 1 : k - 1;
        int from_x = v[from_k];
        int from_y = from_x - from_k;
        if (is_down)
            is_in[from_y] = true;
        else
            is_out[from_x] = true;
        x = from_x;
        y = from_y;
    }
}

static void mark(const Side *old, const Side *new, bool *is_out, bool *is_in) {
    int n = (int)old->lines->len;
    int m = (int)new->lines->len;
    int head = 0;
    while (head < n && head < m && old->ids[head] == new->ids[head]) head++;
    int tail = 0;
    while (tail < n - head && tail < m - head && old->ids[n - 1 - tail] == new->ids[m - 1 - tail])
        tail++;
    Search middle = { .a = old->ids + head,
                      .b = new->ids + head,
                      .n = n - head - tail,
                      .m = m - head - tail,
                      .trace = g_ptr_array_new_with_free_func(g_free) };
    int edits = search(&middle);
    if (edits >= 0) {
        walk_back(&middle, edits, is_out + head, is_in + head);
    } else {
        for (int i = 0; i < middle.n; i++) is_out[head + i] = true;
        for (int i = 0; i < middle.m; i++) is_in[head + i] = true;
    }
    g_ptr_array_unref(middle.trace);
}

/* ---- printing ---- */

static GArray *changes_of(const bool *is_out, int n, const bool *is_in, int m) {
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(Change));
    for (int i = 0, j = 0; i < n || j < m;) {
        if (!(i < n && is_out[i]) && !(j < m && is_in[j])) {
            i++, j++;
            continue;
        }
        Change change = { .old_start = i, .new_start = j };
        while (i < n && is_out[i]) i++;
        while (j < m && is_in[j]) j++;
        change.old_count = i - change.old_start;
        change.new_count = j - change.new_start;
        g_array_append_val(changes, change);
    }
    return changes;
}

static void print_lines(GString *out, char sign, const Side *side, int start, int end) {
    for (int i = start; i < end; i++) {
        const Line *line = &g_array_index(side->lines, Line, i);
        g_string_append_c(out, sign);
        g_string_append_len(out, line->start, (gssize)line->length);
        if (line->start[line->length - 1] != '\n')
            g_string_append(out, "\n\\ No newline at end of file\n");
    }
}

/* "12,3": a range that is empty names the line before it. */
static void print_range(GString *out, int start, int count) {
    if (count == 1)
        g_string_append_printf(out, "%d", start + 1);
    else
        g_string_append_printf(out, "%d,%d", count == 0 ? start : start + 1, count);
}

/* Changes first..last, which are closer than twice the context. */
static void print_hunk(GString *out, const Side *old, const Side *new, const Change *first,
                       const Change *last) {
    int before = MIN(CONTEXT, first->old_start);
    int old_start = first->old_start - before;
    int new_start = first->new_start - before;
    int after = MIN(CONTEXT, (int)old->lines->len - (last->old_start + last->old_count));
    int old_end = last->old_start + last->old_count + after;
    int new_end = last->new_start + last->new_count + after;
    g_string_append(out, "@@ -");
    print_range(out, old_start, old_end - old_start);
    g_string_append(out, " +");
    print_range(out, new_start, new_end - new_start);
    g_string_append(out, " @@\n");
    int at = old_start;
    for (const Change *change = first; change <= last; change++) {
        print_lines(out, ' ', old, at, change->old_start);
        print_lines(out, '-', old, change->old_start, change->old_start + change->old_count);
        print_lines(out, '+', new, change->new_start, change->new_start + change->new_count);
        at = change->old_start + change->old_count;
    }
    print_lines(out, ' ', old, at, old_end);
}

static void print(GString *out, const Side *old, const Side *new, const GArray *changes) {
    for (unsigned i = 0; i < changes->len;) {
        const Change *first = &g_array_index(changes, Change, i);
        const Change *last = first;
        while (++i < changes->len) {
            const Change *next = &g_array_index(changes, Change, i);
            if (next->old_start - (last->old_start + last->old_count) > 2 * CONTEXT) break;
            last = next;
        }
        print_hunk(out, old, new, first, last);
    }
}

char *diff_unified(const DiffInput *input) {
    if (input->old_length == input->new_length &&
        memcmp(input->old_text, input->new_text, input->old_length) == 0)
        return g_strdup("");
    if (diff_is_binary(input->old_text, input->old_length) ||
        diff_is_binary(input->new_text, input->new_length))
        return g_strdup_printf("Binary files %s and %s differ\n", input->old_name, input->new_name);
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    Side old = { .lines = split(input->old_text, input->old_length) };
    Side new = { .lines = split(input->new_text, input->new_length) };
    old.ids = number(old.lines, seen);
    new.ids = number(new.lines, seen);
    g_autofree bool *is_out = g_new0(bool, old.lines->len + 1);
    g_autofree bool *is_in = g_new0(bool, new.lines->len + 1);
    mark(&old, &new, is_out, is_in);
    GArray *changes = changes_of(is_out, (int)old.lines->len, is_in, (int)new.lines->len);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "--- %s\n+++ %s\n", input->old_name, input->new_name);
    print(out, &old, &new, changes);
    g_array_unref(changes);
    g_array_unref(old.lines);
    g_array_unref(new.lines);
    g_free(old.ids);
    g_free(new.ids);
    return g_string_free(out, FALSE);
}
