/* cli/chat_screen_draw.c: what stands in the live zone. */
#include <string.h>

#include "base/error.h"
#include "cli/chat_screen-private.h"

#define DIM "\033[2m"
#define REST "\033[0m"

void chat_screen_print(ChatScreen *screen, const char *sgr, const char *text) {
    g_autofree char *redacted = secret_redact(screen->app->secrets, text);
    g_autofree char *safe = text_strip_terminal(redacted, strlen(redacted));
    g_strdelimit(safe, "\t", ' ');
    g_autoptr(StyledText) words = styled_text_new();
    styled_text_append(words, safe, -1, (Style){ 0 });
    size_t n_columns = (size_t)terminal_size(screen->terminal).n_columns - 1;
    StyledRow row;
    for (size_t at = 0; styled_text_next_row(words, n_columns, &at, &row);) {
        g_autoptr(GString) out = g_string_new(sgr);
        styled_text_write(words, row, STYLED_PLAIN, out);
        if (sgr[0] != '\0') g_string_append(out, REST);
        live_zone_print(screen->zone, out->str);
    }
    screen->is_dirty = true;
}

void chat_screen_print_code(ChatScreen *screen, const char *sgr, const char *prefix,
                            const char *text) {
    g_autofree char *redacted = secret_redact(screen->app->secrets, text);
    g_autofree char *safe = text_strip_terminal(redacted, strlen(redacted));
    g_auto(GStrv) parts = g_strsplit(g_strdelimit(safe, "\n", ' '), "\t", -1);
    g_autofree char *spaced = g_strjoinv("    ", parts);
    g_autoptr(StyledText) words = styled_text_new();
    styled_text_append(words, spaced[0] != '\0' ? spaced : " ", -1, (Style){ 0 });
    size_t n_columns = (size_t)terminal_size(screen->terminal).n_columns - 1;
    size_t n_prefix = text_width(prefix);
    n_columns = n_columns > n_prefix + 8 ? n_columns - n_prefix : n_columns;
    StyledRow part;
    for (size_t at = 0; styled_text_next_cut(words, n_columns, &at, &part);) {
        g_autoptr(GString) row = g_string_new(DIM);
        g_string_append_printf(row, "%s" REST "%s", prefix, sgr);
        styled_text_write(words, part, STYLED_PLAIN, row);
        if (sgr[0] != '\0') g_string_append(row, REST);
        live_zone_print(screen->zone, row->str);
    }
    screen->is_dirty = true;
}

void chat_screen_print_error(ChatScreen *screen, const GError *problem) {
    chat_screen_print(screen, "\033[31m", problem->message);
    const char *hint = error_hint(problem);
    if (hint == NULL) return;
    g_autofree char *text = g_strdup_printf("  %s", hint);
    chat_screen_print(screen, DIM, text);
}

/* The last rows of what is still being written. */
static void add_tail(const ChatScreen *screen, GPtrArray *rows) {
    g_autoptr(GPtrArray) tail = g_ptr_array_new_with_free_func(g_free);
    if (screen->is_busy) markdown_stream_tail_rows(screen->markdown, tail);
    guint first = tail->len > MAX_TAIL_ROWS ? tail->len - MAX_TAIL_ROWS : 0;
    for (guint i = first; i < tail->len; i++) g_ptr_array_add(rows, g_strdup(tail->pdata[i]));
}

static void add_busy_row(const ChatScreen *screen, GPtrArray *rows) {
    static const char *const spinner[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
    int64_t elapsed_ms = (g_get_monotonic_time() - screen->job_start_us) / 1000;
    GString *row = g_string_new(DIM);
    /* Words that come are a sign of life themselves. */
    int64_t step_ms = screen->has_text ? 1000 : SPINNER_MS;
    g_string_append(row, spinner[(elapsed_ms / step_ms) % G_N_ELEMENTS(spinner)]);
    const char *doing = screen->is_stopping         ? "stopping"
                        : screen->question != NULL  ? "waiting for your answer"
                        : screen->progress != NULL  ? screen->progress
                        : screen->has_text          ? "answering"
                        : screen->thinking->len > 0 ? "thinking"
                                                    : "waiting for the model";
    g_autofree char *safe = text_strip_terminal(doing, strlen(doing));
    g_string_append_printf(row, " %s · %d s", safe, (int)(elapsed_ms / 1000));
    if (screen->queue.length > 0)
        g_string_append_printf(row, " · ↵ queued (%u) · Esc to send now", screen->queue.length);
    else if (!screen->is_stopping)
        g_string_append(row, " · Esc to stop");
    g_string_append(row, REST);
    g_ptr_array_add(rows, g_string_free(row, FALSE));
}

static char *format_tokens(int64_t n) {
    if (n < 1000) return g_strdup_printf("%d", (int)n);
    return g_strdup_printf(n % 1000 >= 100 && n < 10000 ? "%.1f k" : "%.0f k", (double)n / 1000);
}

static void add_status_row(const ChatScreen *screen, GPtrArray *rows) {
    if (screen->notice != NULL) {
        g_ptr_array_add(rows, g_strdup_printf(DIM "%s" REST, screen->notice));
        return;
    }
    const ChatStatus *status = &screen->status;
    GString *row = g_string_new(DIM);
    if (screen->is_editing)
        g_string_append(row, "editing an earlier message: Enter says it anew · Esc: not · ");
    const ChatHost *host = screen->host;
    const char *mode = host->mode != NULL ? host->mode(host->user_data) : NULL;
    if (mode != NULL) g_string_append_printf(row, "%s mode ⇧⇥ · ", mode);
    g_string_append_printf(row, "%s · %s", status->model, status->tier);
    if (status->window_tokens > 0) {
        g_autofree char *window = format_tokens(status->window_tokens);
        int percent = (int)(status->used_tokens * 100 / status->window_tokens);
        g_string_append_printf(row, " · %d %% of %s", MIN(percent, 100), window);
    }
    g_string_append(row, " · ? help" REST);
    g_ptr_array_add(rows, g_string_free(row, FALSE));
}

static void add_help(GPtrArray *rows) {
    static const char *const lines[] = {
        "Enter send · Ctrl-J or \\ Enter new line · Esc stop the answer",
        "↑ ↓ what was sent before · Ctrl-R search in it · Esc Esc say one anew",
        "/ commands · @ attach a file · ! run a command · # remember · Tab complete",
        "Shift-Tab mode of tools · Ctrl-O their output · Ctrl-T thinking",
        "Ctrl-G write in $EDITOR · Ctrl-L redraw · Ctrl-Z to the shell · Ctrl-D leave",
        "Ctrl-A Ctrl-E line · Alt-B Alt-F word · Ctrl-W Ctrl-U Ctrl-K kill · Ctrl-Y yank",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        g_ptr_array_add(rows, g_strdup_printf(DIM "%s" REST, lines[i]));
}

static void add_below(const ChatScreen *screen, size_t n_columns, GPtrArray *rows) {
    bool has_menu = screen->menu != NULL && menu_length(screen->menu) > 0;
    /* While it streams every row here is written again and again: one says what matters now. */
    bool is_busy_shown = screen->is_busy && screen->notice == NULL;
    if (is_busy_shown) add_busy_row(screen, rows);
    if (has_menu)
        menu_append_rows(screen->menu, MAX_MENU_ROWS, n_columns, rows);
    else if (screen->shows_help)
        add_help(rows);
    else if (!is_busy_shown)
        add_status_row(screen, rows);
}

/* "(reverse-i-search) 'off-by' : fix the off-by-one in @src/parse.c" */
static char *search_row(const ChatScreen *screen, size_t *out_column) {
    const char *found =
        screen->search_age >= 0 ? history_get(screen->history, (size_t)screen->search_age) : "";
    g_autofree char *one_line = g_strdup(found);
    g_strdelimit(one_line, "\n", ' ');
    const char *name = screen->search_age < 0 && screen->search->len > 0 ? "failed reverse-i-search"
                                                                         : "reverse-i-search";
    g_autofree char *head = g_strdup_printf("(%s) '%s", name, screen->search->str);
    *out_column = text_width(head);
    return g_strdup_printf("%s' : %s", head, one_line);
}

/* Where the person writes. */
static ComposerView lay_out(const ChatScreen *screen, TerminalSize size) {
    /* A question takes rows of its own. */
    size_t max_rows = screen->question != NULL ? 1 : (size_t)CLAMP(size.n_rows / 2 - 2, 1, 10);
    return composer_layout(screen->editor, screen->is_reasoning ? "│ › " : "› ",
                           (size_t)size.n_columns - 1, max_rows);
}

void chat_screen_draw(ChatScreen *screen) {
    TerminalSize size = terminal_size(screen->terminal);
    size_t n_columns = (size_t)size.n_columns - 1;
    GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);
    add_tail(screen, rows);
    if (screen->question != NULL) chat_screen_add_question(screen, rows);
    size_t cursor_row = rows->len, cursor_column = 0;
    if (screen->search != NULL) {
        g_ptr_array_add(rows, search_row(screen, &cursor_column));
    } else {
        ComposerView view = lay_out(screen, size);
        cursor_row += view.cursor_row;
        cursor_column = view.cursor_column;
        for (guint i = 0; i < view.rows->len; i++)
            g_ptr_array_add(rows, g_strdup(view.rows->pdata[i]));
        g_ptr_array_unref(view.rows);
    }
    add_below(screen, n_columns, rows);
    /* A frame never has more rows than the terminal: what is furthest from the cursor goes. */
    while (rows->len > (guint)size.n_rows && rows->len > 1) {
        bool is_top = cursor_row > 0;
        g_ptr_array_remove_index(rows, is_top ? 0 : rows->len - 1);
        if (is_top) cursor_row--;
    }
    live_zone_set(screen->zone, rows, cursor_row, cursor_column);
}
