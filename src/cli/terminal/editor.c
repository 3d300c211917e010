/* cli/terminal/editor.c: see the header. Everything works on bytes between cluster boundaries. */
#include "cli/terminal/editor.h"

#include <string.h>

#include "base/text_cluster.h"

enum { MAX_UNDO = 200, MAX_TEXT_BYTES = 8 << 20, PASTE_LINES = 3, PASTE_BYTES = 1000 };

#define MARK_BYTES (sizeof EDITOR_PASTE_MARK - 1)

/* One state of the text; pastes are shared between states. */
typedef struct {
    char *text;
    size_t cursor;
    GPtrArray *pastes; /* GRefString, owned */
} Snapshot;

typedef enum { CHANGE_NONE, CHANGE_TYPING, CHANGE_KILL, CHANGE_OTHER } Change;

struct Editor {
    GString *text;
    size_t cursor;
    GPtrArray *pastes; /* GRefString, owned: one for each mark in the text, in order */
    GString *killed;
    GQueue undo; /* Snapshot, owned; newest at the head */
    Change last_change;
};

static void release_paste(void *paste) {
    g_ref_string_release(paste);
}

static GPtrArray *copy_pastes(const GPtrArray *pastes) {
    GPtrArray *copy = g_ptr_array_new_with_free_func(release_paste);
    for (unsigned i = 0; i < pastes->len; i++)
        g_ptr_array_add(copy, g_ref_string_acquire(g_ptr_array_index(pastes, i)));
    return copy;
}

static void snapshot_free(void *data) {
    Snapshot *snapshot = data;
    g_free(snapshot->text);
    g_ptr_array_unref(snapshot->pastes);
    g_free(snapshot);
}

Editor *editor_new(void) {
    Editor *editor = g_new0(Editor, 1);
    editor->text = g_string_new(NULL);
    editor->killed = g_string_new(NULL);
    editor->pastes = g_ptr_array_new_with_free_func(release_paste);
    g_queue_init(&editor->undo);
    return editor;
}

void editor_free(Editor *editor) {
    if (editor == NULL) return;
    g_string_free(editor->text, TRUE);
    g_string_free(editor->killed, TRUE);
    g_ptr_array_unref(editor->pastes);
    g_queue_clear_full(&editor->undo, snapshot_free);
    g_free(editor);
}

const char *editor_text(const Editor *editor) {
    return editor->text->str;
}

size_t editor_cursor(const Editor *editor) {
    return editor->cursor;
}

bool editor_is_empty(const Editor *editor) {
    return editor->text->len == 0;
}

const char *editor_paste(const Editor *editor, size_t index) {
    return index < editor->pastes->len ? g_ptr_array_index(editor->pastes, index) : NULL;
}

char *editor_dup_text(const Editor *editor) {
    GString *out = g_string_sized_new(editor->text->len);
    size_t n_marks = 0;
    const char *at = editor->text->str;
    for (const char *mark; (mark = strstr(at, EDITOR_PASTE_MARK)) != NULL; at = mark + MARK_BYTES) {
        g_string_append_len(out, at, mark - at);
        g_string_append(out, editor_paste(editor, n_marks++));
    }
    g_string_append(out, at);
    return g_string_free(out, FALSE);
}

/* Before a change: what there is can be had back. Typing a word is one step. */
static void remember(Editor *editor, Change change) {
    bool is_same_step = change == CHANGE_TYPING && editor->last_change == CHANGE_TYPING;
    editor->last_change = change;
    if (is_same_step) return;
    Snapshot *snapshot = g_new0(Snapshot, 1);
    snapshot->text = g_strdup(editor->text->str);
    snapshot->cursor = editor->cursor;
    snapshot->pastes = copy_pastes(editor->pastes);
    g_queue_push_head(&editor->undo, snapshot);
    if (editor->undo.length > MAX_UNDO) snapshot_free(g_queue_pop_tail(&editor->undo));
}

void editor_undo(Editor *editor) {
    Snapshot *snapshot = g_queue_pop_head(&editor->undo);
    if (snapshot == NULL) return;
    g_string_assign(editor->text, snapshot->text);
    editor->cursor = snapshot->cursor;
    g_ptr_array_unref(editor->pastes);
    editor->pastes = g_ptr_array_ref(snapshot->pastes);
    editor->last_change = CHANGE_NONE;
    snapshot_free(snapshot);
}

static size_t marks_before(const Editor *editor, size_t offset) {
    size_t n = 0;
    const char *end = editor->text->str + offset;
    const char *at = editor->text->str;
    while ((at = strstr(at, EDITOR_PASTE_MARK)) != NULL && at < end) {
        n++;
        at += MARK_BYTES;
    }
    return n;
}

static void erase(Editor *editor, size_t start, size_t end) {
    size_t first = marks_before(editor, start), last = marks_before(editor, end);
    if (last > first) g_ptr_array_remove_range(editor->pastes, (guint)first, (guint)(last - first));
    g_string_erase(editor->text, (gssize)start, (gssize)(end - start));
    editor->cursor = start;
}

/* What may stand in the text: valid, no marks, no controls but newline; a tab is four spaces. */
static char *clean(const char *text, size_t length) {
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    GString *out = g_string_sized_new(length);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character == '\t')
            g_string_append(out, "    ");
        else if (character == '\n' || (!g_unichar_iscntrl(character) && character != 0xFFFC))
            g_string_append_unichar(out, character);
    }
    return g_string_free(out, FALSE);
}

void editor_set_text(Editor *editor, const char *text) {
    remember(editor, CHANGE_OTHER);
    g_autofree char *cleaned = clean(text, MIN(strlen(text), MAX_TEXT_BYTES));
    g_string_assign(editor->text, cleaned);
    g_ptr_array_set_size(editor->pastes, 0);
    editor->cursor = editor->text->len;
}

static void insert_clean(Editor *editor, const char *text) {
    size_t length = strlen(text);
    if (editor->text->len + length > MAX_TEXT_BYTES) return;
    g_string_insert_len(editor->text, (gssize)editor->cursor, text, (gssize)length);
    editor->cursor += length;
}

void editor_insert(Editor *editor, const char *text, gssize length) {
    g_autofree char *cleaned = clean(text, length < 0 ? strlen(text) : (size_t)length);
    bool is_word = strlen(cleaned) <= 4 && !g_ascii_isspace(cleaned[0]);
    remember(editor, is_word ? CHANGE_TYPING : CHANGE_OTHER);
    insert_clean(editor, cleaned);
}

void editor_insert_paste(Editor *editor, const char *text) {
    size_t n_newlines = 0, length = strlen(text);
    for (size_t i = 0; i < length; i++) n_newlines += text[i] == '\n';
    if (n_newlines < PASTE_LINES && length <= PASTE_BYTES) {
        editor_insert(editor, text, -1);
        return;
    }
    remember(editor, CHANGE_OTHER);
    g_autofree char *kept = g_strndup(text, length);
    g_ptr_array_insert(editor->pastes, (int)marks_before(editor, editor->cursor),
                       g_ref_string_new(kept));
    insert_clean(editor, EDITOR_PASTE_MARK);
}

void editor_replace_before(Editor *editor, size_t start, const char *text) {
    if (start > editor->cursor) return;
    remember(editor, CHANGE_OTHER);
    erase(editor, start, editor->cursor);
    g_autofree char *cleaned = clean(text, strlen(text));
    insert_clean(editor, cleaned);
}

static size_t line_start(const Editor *editor, size_t at) {
    while (at > 0 && editor->text->str[at - 1] != '\n') at--;
    return at;
}

static size_t line_end(const Editor *editor, size_t at) {
    while (at < editor->text->len && editor->text->str[at] != '\n') at++;
    return at;
}

static size_t next_cluster(const Editor *editor, size_t at) {
    return at + text_cluster_at(editor->text->str + at, editor->text->len - at).n_bytes;
}

static bool is_word_at(const Editor *editor, size_t at) {
    gunichar character = g_utf8_get_char(editor->text->str + at);
    return g_unichar_isalnum(character) || character == '_';
}

static size_t word_left(const Editor *editor) {
    size_t at = editor->cursor;
    bool was_word = false;
    while (at > 0) {
        size_t before = text_cluster_before(editor->text->str, at);
        bool is_word = is_word_at(editor, before);
        if (was_word && !is_word) break;
        was_word = is_word;
        at = before;
    }
    return at;
}

static size_t word_right(const Editor *editor) {
    size_t at = editor->cursor;
    bool was_word = false;
    while (at < editor->text->len) {
        bool is_word = is_word_at(editor, at);
        if (was_word && !is_word) break;
        was_word = is_word;
        at = next_cluster(editor, at);
    }
    return at;
}

/* The place on the line that begins at `start` nearest to `column`. */
static size_t place_in_line(const Editor *editor, size_t start, size_t column) {
    size_t at = start, end = line_end(editor, start), seen = 0;
    while (at < end) {
        TextCluster cluster = text_cluster_at(editor->text->str + at, end - at);
        if (seen + cluster.n_columns > column) break;
        seen += cluster.n_columns;
        at += cluster.n_bytes;
    }
    return at;
}

static size_t line_above(const Editor *editor, size_t start, size_t column) {
    if (start == 0) return editor->cursor;
    return place_in_line(editor, line_start(editor, start - 1), column);
}

static size_t line_below(const Editor *editor, size_t column) {
    size_t end = line_end(editor, editor->cursor);
    return end == editor->text->len ? editor->cursor : place_in_line(editor, end + 1, column);
}

static size_t target(const Editor *editor, EditorMove move) {
    size_t at = editor->cursor, start = line_start(editor, at);
    size_t column = text_cluster_columns(editor->text->str + start, at - start);
    switch (move) {
    case EDITOR_LEFT: return text_cluster_before(editor->text->str, at);
    case EDITOR_RIGHT: return next_cluster(editor, at);
    case EDITOR_WORD_LEFT: return word_left(editor);
    case EDITOR_WORD_RIGHT: return word_right(editor);
    case EDITOR_LINE_START: return start;
    case EDITOR_LINE_END: return line_end(editor, at);
    case EDITOR_UP: return line_above(editor, start, column);
    case EDITOR_DOWN: return line_below(editor, column);
    case EDITOR_START: return 0;
    case EDITOR_END: return editor->text->len;
    }
    return at;
}

bool editor_move(Editor *editor, EditorMove move) {
    size_t at = target(editor, move);
    bool has_moved = at != editor->cursor;
    editor->cursor = at;
    editor->last_change = CHANGE_NONE;
    return has_moved;
}

static void delete_to(Editor *editor, EditorMove move, Change change) {
    size_t at = target(editor, move);
    /* At the end of a line its newline goes. */
    if (at == editor->cursor && move == EDITOR_LINE_END) at = next_cluster(editor, at);
    if (at == editor->cursor) return;
    bool adds_up = change == CHANGE_KILL && editor->last_change == CHANGE_KILL;
    remember(editor, change);
    size_t start = MIN(at, editor->cursor), end = MAX(at, editor->cursor);
    if (change == CHANGE_KILL) {
        g_autofree char *gone = g_strndup(editor->text->str + start, end - start);
        if (!adds_up) g_string_truncate(editor->killed, 0);
        if (at < editor->cursor)
            g_string_prepend(editor->killed, gone);
        else
            g_string_append(editor->killed, gone);
    }
    erase(editor, start, end);
}

void editor_delete(Editor *editor, EditorMove move) {
    delete_to(editor, move, CHANGE_OTHER);
}

void editor_kill(Editor *editor, EditorMove move) {
    delete_to(editor, move, CHANGE_KILL);
}

void editor_yank(Editor *editor) {
    if (editor->killed->len > 0) editor_insert(editor, editor->killed->str, -1);
}
