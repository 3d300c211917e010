/* cli/chat_screen_tools.c: what the tools do: one row each when it is done, its output on demand.
 */
#include <string.h>

#include "cli/approval_text.h"
#include "cli/chat_screen-private.h"

enum { MAX_CARD_COLUMNS = 100, MAX_OUTPUT_ROWS = 2000, MAX_DIFF_ROWS = 40 };

#define DIM "\033[2m"
#define RED "\033[31m"

typedef struct {
    char *id;
    char *title;
    int64_t start_us;
} RunningTool;

static void running_tool_free(void *data) {
    RunningTool *tool = data;
    g_free(tool->id);
    g_free(tool->title);
    g_free(tool);
}

/* The words it was given, for a tool that does not say what it does. */
static char *title_of_arguments(const AgentEvent *event) {
    GString *title = g_string_new(event->tool_name);
    const char *key;
    json_t *value;
    json_object_foreach (event->arguments, key, value) {
        if (!json_is_string(value)) continue;
        g_autofree char *word = text_ellipsize(json_string_value(value), 60);
        g_string_append_printf(title, " %s", word);
    }
    return g_string_free(title, FALSE);
}

/* One line, safe for a terminal. */
static char *title_of(const ChatScreen *screen, const AgentEvent *event) {
    bool is_told = event->text != NULL && event->text[0] != '\0';
    g_autofree char *title = is_told ? g_strdup(event->text) : title_of_arguments(event);
    g_autofree char *redacted = secret_redact(screen->app->secrets, title);
    g_autofree char *safe = text_strip_terminal(redacted, strlen(redacted));
    return g_strdelimit(g_steal_pointer(&safe), "\n\t", ' ');
}

void chat_screen_begin_tool(ChatScreen *screen, const AgentEvent *event) {
    if (screen->running_tools == NULL)
        screen->running_tools = g_ptr_array_new_with_free_func(running_tool_free);
    RunningTool *tool = g_new0(RunningTool, 1);
    tool->id = g_strdup(event->tool_id != NULL ? event->tool_id : "");
    tool->title = title_of(screen, event);
    tool->start_us = g_get_monotonic_time();
    g_ptr_array_add(screen->running_tools, tool);
    g_free(screen->progress);
    screen->progress = g_strdup(tool->title);
}

static RunningTool *take_running(ChatScreen *screen, const char *id) {
    for (guint i = 0; screen->running_tools != NULL && i < screen->running_tools->len; i++) {
        RunningTool *tool = g_ptr_array_index(screen->running_tools, i);
        if (g_strcmp0(tool->id, id) == 0) return g_ptr_array_steal_index(screen->running_tools, i);
    }
    return NULL;
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (const char *at = text; *at != '\0'; at++) n += *at == '\n' || at[1] == '\0';
    return n;
}

static char *format_duration(int64_t milliseconds) {
    if (milliseconds < 1000) return g_strdup_printf("%d ms", (int)milliseconds);
    if (milliseconds < 60000) return g_strdup_printf("%.1f s", (double)milliseconds / 1000);
    return g_strdup_printf("%d min %d s", (int)(milliseconds / 60000),
                           (int)(milliseconds / 1000 % 60));
}

/* The unified diff of a tool that did what it should, or NULL. */
static const char *diff_of(const AgentEvent *event) {
    return event->is_error ? NULL : approval_text_find_diff(event->text);
}

static bool is_denied(const AgentEvent *event) {
    return g_strcmp0(event->approval, approved_by_names[NOT_APPROVED]) == 0;
}

/* "212 lines · 3 ms", "+1 −1 · 3 ms", "exit 2 · 1.2 s", "✗ failed · 3 ms" */
static char *facts_of(const AgentEvent *event, int64_t milliseconds) {
    g_autofree char *duration = format_duration(milliseconds);
    const char *diff = diff_of(event);
    if (is_denied(event)) return g_strdup("not allowed");
    if (event->exit_status > 0)
        return g_strdup_printf("exit %d · %s", (int)event->exit_status, duration);
    if (event->is_error) return g_strdup_printf("✗ failed · %s", duration);
    if (diff != NULL) {
        g_autofree char *counts = approval_text_counts(diff);
        return g_strdup_printf("%s · %s", counts, duration);
    }
    size_t n_lines = count_lines(event->text != NULL ? event->text : "");
    return g_strdup_printf("%zu line%s · %s", n_lines, n_lines == 1 ? "" : "s", duration);
}

/* At most that many columns of it. */
static char *cut_title(const char *title, size_t n_columns) {
    for (size_t n = n_columns;; n--) {
        g_autofree char *cut = text_ellipsize(title, n);
        if (text_width(cut) <= n_columns || n == 1) return g_steal_pointer(&cut);
    }
}

/* The title on the left, the facts on the right. */
static void print_card(ChatScreen *screen, const char *title, const char *facts, bool is_error) {
    size_t n_columns = (size_t)terminal_size(screen->terminal).n_columns - 1;
    n_columns = MIN(n_columns, (size_t)MAX_CARD_COLUMNS);
    size_t n_facts = text_width(facts);
    size_t n_title = n_columns > n_facts + 14 ? n_columns - n_facts - 4 : 10;
    g_autofree char *shown = cut_title(title, n_title);
    size_t n_pad = n_title - MIN(n_title, text_width(shown));
    g_autofree char *row =
        g_strdup_printf("%s⎿ %s%*s  %s\033[0m", is_error ? RED : DIM, shown, (int)n_pad, "", facts);
    live_zone_print(screen->zone, row);
}

static void print_output(ChatScreen *screen) {
    g_autofree char *output = g_strchomp(g_strdup(screen->tool_output));
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    guint n = g_strv_length(lines);
    for (guint i = 0; i < MIN(n, (guint)MAX_OUTPUT_ROWS); i++)
        chat_screen_print_code(screen, DIM, "  │ ", lines[i]);
    g_autofree char *rest =
        n > MAX_OUTPUT_ROWS ? g_strdup_printf("... and %u more lines", n - MAX_OUTPUT_ROWS) : NULL;
    if (rest != NULL) chat_screen_print_code(screen, DIM, "  │ ", rest);
    screen->is_output_shown = true;
}

/* What was changed is shown without being asked for, once: with the question or with the card. */
static void print_diff(ChatScreen *screen, const AgentEvent *event) {
    const char *diff = diff_of(event);
    bool was_asked = g_strcmp0(event->approval, approved_by_names[APPROVED_ONCE]) == 0 ||
                     g_strcmp0(event->approval, approved_by_names[APPROVED_ALWAYS]) == 0;
    if (diff == NULL || was_asked) return;
    g_autofree char *copy = g_strchomp(g_strdup(diff));
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    guint n = g_strv_length(lines);
    for (guint i = 2; i < MIN(n, (guint)MAX_DIFF_ROWS + 2); i++)
        chat_screen_print_code(screen, approval_text_diff_style(lines[i]), "  │ ", lines[i]);
    g_autofree char *rest =
        n > MAX_DIFF_ROWS + 2
            ? g_strdup_printf("... and %u more lines · Ctrl-O shows them", n - MAX_DIFF_ROWS - 2)
            : NULL;
    if (rest != NULL) chat_screen_print_code(screen, DIM, "  │ ", rest);
}

/* Why a tool failed, in short. */
static void print_problem(ChatScreen *screen, const AgentEvent *event) {
    if (!event->is_error || is_denied(event)) return;
    g_autofree char *words = text_ellipsize(screen->tool_output, 200);
    g_autofree char *row = g_strdup_printf("  %s", g_strdelimit(words, "\n", ' '));
    chat_screen_print(screen, RED, row);
}

void chat_screen_end_tool(ChatScreen *screen, const AgentEvent *event) {
    RunningTool *tool = take_running(screen, event->tool_id != NULL ? event->tool_id : "");
    int64_t start_us = tool != NULL ? tool->start_us : g_get_monotonic_time();
    g_autofree char *facts = facts_of(event, (g_get_monotonic_time() - start_us) / 1000);
    print_card(screen, tool != NULL ? tool->title : event->tool_name, facts,
               event->is_error || event->exit_status > 0);
    if (tool != NULL) running_tool_free(tool);
    g_clear_pointer(&screen->progress, g_free);
    if (screen->running_tools != NULL && screen->running_tools->len > 0) {
        const RunningTool *other = g_ptr_array_index(screen->running_tools, 0);
        screen->progress = g_strdup(other->title);
    }
    g_free(screen->tool_output);
    screen->tool_output = g_strdup(event->text != NULL ? event->text : "");
    screen->is_output_shown = false;
    if (screen->shows_output) {
        print_output(screen);
    } else {
        print_diff(screen, event);
        print_problem(screen, event);
    }
}

void chat_screen_restart_tools(ChatScreen *screen) {
    for (guint i = 0; screen->running_tools != NULL && i < screen->running_tools->len; i++)
        ((RunningTool *)screen->running_tools->pdata[i])->start_us = g_get_monotonic_time();
}

void chat_screen_show_due_output(ChatScreen *screen) {
    bool is_due = screen->shows_output && !screen->is_output_shown && screen->tool_output != NULL;
    if (is_due && !screen->has_text) print_output(screen);
}

void chat_screen_toggle_output(ChatScreen *screen) {
    screen->shows_output = !screen->shows_output;
    /* What is written stays written: it is the next ones that are short again. */
    chat_screen_set_notice(screen, screen->shows_output
                                       ? "the output of tools is shown · Ctrl-O: one row each"
                                       : "tools are one row each · Ctrl-O: with their output");
    chat_screen_show_due_output(screen);
}

void chat_screen_stop_tools(ChatScreen *screen) {
    for (guint i = 0; screen->running_tools != NULL && i < screen->running_tools->len; i++) {
        const RunningTool *tool = g_ptr_array_index(screen->running_tools, i);
        g_autofree char *duration =
            format_duration((g_get_monotonic_time() - tool->start_us) / 1000);
        g_autofree char *facts = g_strdup_printf("stopped · %s", duration);
        print_card(screen, tool->title, facts, /* is_error= */ true);
    }
    chat_screen_forget_tools(screen);
}

void chat_screen_forget_tools(ChatScreen *screen) {
    g_clear_pointer(&screen->running_tools, g_ptr_array_unref);
}
