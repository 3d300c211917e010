/* cli/answer_printer.c: the command line's sinks of a turn. */
#include "cli/answer_printer.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/approval_text.h"

#define MAX_DIFF_LINES 40

const char *const answer_format_names[] = { "text", "json", "stream-json", NULL };

typedef struct {
    char *text;
    char *model;
    char *source;
    char *session;
    Usage usage;
    int stop_reason;
    int64_t duration_ms;
    GPtrArray *tools; /* ToolRow */
    char **notices;
} Answer;

/* One tool call of the turn. */
typedef struct {
    char *id;
    char *name;
    char *title;
    bool is_error;
    char *approval;
    char *label;
    int64_t exit_status;
} ToolRow;

/* clang-format off */
static const Field answer_usage_fields[] = {
    { "input",    FIELD_INT(Usage, input_tokens),  .help = "Tokens of the prompt read anew." },
    { "cached",   FIELD_INT(Usage, cache_read_tokens), .help = "Tokens of the prompt that a cache had ready." },
    { "output",   FIELD_INT(Usage, output_tokens), .help = "Tokens written." },
    { "cost_usd", FIELD_DOUBLE(Usage, cost_usd),   .help = "Cost in US dollars; 0 for a local model." },
    { 0 }
};
static const Field tool_row_fields[] = {
    { "name",        FIELD_STRING(ToolRow, name),     .help = "The tool." },
    { "title",       FIELD_STRING(ToolRow, title),    .flags = FIELD_OMIT_EMPTY, .help = "One line on the call." },
    { "is_error",    FIELD_BOOL(ToolRow, is_error),   .help = "It failed." },
    { "exit_status", FIELD_INT(ToolRow, exit_status), .help = "Of a command; -1 for what is none." },
    { "approval",    FIELD_STRING(ToolRow, approval), .flags = FIELD_OMIT_EMPTY, .help = "Who allowed it: mode, rule, once, always, or denied." },
    { "label",       FIELD_STRING(ToolRow, label),    .flags = FIELD_OMIT_EMPTY, .help = "Whether its result may lead to actions." },
    { 0 }
};
static const Field answer_fields[] = {
    { "text",        FIELD_STRING(Answer, text),     .help = "The whole answer." },
    { "model",       FIELD_STRING(Answer, model),    .help = "Who answered, provider/model." },
    { "source",      FIELD_STRING(Answer, source),   .flags = FIELD_OMIT_EMPTY, .help = "Where the answer came from: computed, memory, file, manual, tiny model, ..." },
    { "session",     FIELD_STRING(Answer, session),  .help = "Id of the session; continue it with --session." },
    { "usage",       FIELD_STRUCT(Answer, usage, answer_usage_fields), .help = "Tokens used." },
    { "stop_reason", FIELD_ENUM(Answer, stop_reason, stop_reason_names), .help = "Why the answer ended." },
    { "ms",          FIELD_INT(Answer, duration_ms), .help = "Time the turn took." },
    { "tools",       FIELD_STRUCTS(Answer, tools, ToolRow, tool_row_fields), .flags = FIELD_OMIT_EMPTY, .help = "What was done." },
    { "notices",     FIELD_STRINGS(Answer, notices), .help = "What the person should know." },
    { 0 }
};
/* clang-format on */

struct AnswerPrinter {
    App *app;            /* borrowed */
    const char *speaker; /* borrowed; said before the first words of an answer, or NULL */
    AnswerFormat format;
    /* owned */
    TextStripper *stripper;
    GString *safe;
    GError *output_error;
    Answer answer;
    GPtrArray *notices;
    GPtrArray *tools; /* ToolRow, owned */
    /* state */
    bool has_progress_line;
    bool has_text;
    bool ends_with_newline;
    bool is_done;
};

static void free_tool_row(void *data) {
    ToolRow *row = data;
    g_free(row->id);
    g_free(row->name);
    g_free(row->title);
    g_free(row->approval);
    g_free(row->label);
    g_free(row);
}

AnswerPrinter *answer_printer_new(App *app, AnswerFormat format) {
    AnswerPrinter *printer = g_new0(AnswerPrinter, 1);
    printer->app = app;
    printer->format = format;
    printer->stripper = text_stripper_new();
    printer->safe = g_string_new(NULL);
    printer->notices = g_ptr_array_new_with_free_func(g_free);
    printer->tools = g_ptr_array_new_with_free_func(free_tool_row);
    return printer;
}

void answer_printer_name_speaker(AnswerPrinter *printer, const char *speaker) {
    printer->speaker = speaker;
}

void answer_printer_free(AnswerPrinter *printer) {
    if (printer == NULL) return;
    text_stripper_free(printer->stripper);
    g_string_free(printer->safe, TRUE);
    g_clear_error(&printer->output_error);
    field_clear(answer_fields, &printer->answer);
    g_ptr_array_unref(printer->notices);
    g_ptr_array_unref(printer->tools);
    g_free(printer);
}

/* The first failure of stdout stops the turn: nobody reads any more. */
static void output(AnswerPrinter *printer, const char *text) {
    if (printer->output_error != NULL) return;
    if (!app_print(printer->app, &printer->output_error, "%s", text))
        cancel_trigger(printer->app->cancel, CANCEL_BY_USER);
}

static bool shows_progress(const AnswerPrinter *printer) {
    const App *app = printer->app;
    return !app->is_quiet && !app->is_plain && printer->format == ANSWER_TEXT &&
           isatty(STDERR_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static void write_stderr(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0) g_debug("stderr is gone");
}

static void clear_progress(AnswerPrinter *printer) {
    if (printer->has_progress_line) write_stderr("\r\033[K");
    printer->has_progress_line = false;
}

static void show_progress(AnswerPrinter *printer, const AgentEvent *event) {
    if (!shows_progress(printer)) return;
    g_autofree char *safe = text_strip_terminal(event->text, strlen(event->text));
    g_autofree char *line = event->fraction >= 0 ? g_strdup_printf("\r\033[K%s %d %%", safe,
                                                                   (int)(event->fraction * 100))
                                                 : g_strdup_printf("\r\033[K%s ...", safe);
    write_stderr(line);
    printer->has_progress_line = true;
}

static void show_text(AnswerPrinter *printer, const char *piece) {
    clear_progress(printer);
    g_string_truncate(printer->safe, 0);
    text_stripper_feed(printer->stripper, piece, strlen(piece), printer->safe);
    /* A model often begins with a space or an empty line; an answer does not. */
    const char *text = printer->safe->str;
    if (!printer->has_text)
        while (g_ascii_isspace(*text)) text++;
    if (*text == '\0') return;
    if (!printer->has_text && printer->speaker != NULL) output(printer, printer->speaker);
    printer->has_text = true;
    printer->ends_with_newline = g_str_has_suffix(text, "\n");
    output(printer, text);
}

static void keep_answer(AnswerPrinter *printer, const AgentEvent *event) {
    Answer *answer = &printer->answer;
    field_clear(answer_fields, answer);
    answer->text = g_strdup(event->text);
    g_strstrip(answer->text);
    answer->model = g_strdup(event->model);
    answer->source = g_strdup(event->source);
    answer->session = g_strdup(event->session);
    answer->usage = event->usage;
    answer->stop_reason = event->stop_reason;
    answer->duration_ms = event->duration_ms;
    printer->is_done = true;
}

static void begin_tool(AnswerPrinter *printer, const AgentEvent *event) {
    ToolRow *row = g_new0(ToolRow, 1);
    row->id = g_strdup(event->tool_id);
    row->name = g_strdup(event->tool_name);
    row->title = g_strdup(event->text);
    g_ptr_array_add(printer->tools, row);
    /* What comes after the tool is a new paragraph. */
    if (printer->format == ANSWER_TEXT && printer->has_text && !printer->ends_with_newline)
        show_text(printer, "\n\n");
}

static ToolRow *find_tool(const AnswerPrinter *printer, const char *id) {
    for (unsigned i = printer->tools->len; i > 0; i--) {
        ToolRow *row = g_ptr_array_index(printer->tools, i - 1);
        if (g_strcmp0(row->id, id) == 0) return row;
    }
    return NULL;
}

/* The lines of a diff in what a tool said: a person wants to see what was changed. */
static void show_diff(const AnswerPrinter *printer, const char *text) {
    const char *diff = approval_text_find_diff(text);
    if (diff == NULL) return;
    g_auto(GStrv) lines = g_strsplit(diff, "\n", MAX_DIFF_LINES + 1);
    for (unsigned i = 0; i < MAX_DIFF_LINES && lines[i] != NULL; i++)
        if (lines[i][0] != '\0') app_note(printer->app, "  %s", lines[i]);
}

static void end_tool(AnswerPrinter *printer, const AgentEvent *event) {
    ToolRow *row = find_tool(printer, event->tool_id);
    if (row == NULL) return;
    row->is_error = event->is_error;
    row->exit_status = event->exit_status;
    row->approval = g_strdup(event->approval);
    row->label = g_strdup(event->label);
    if (printer->format != ANSWER_TEXT) return;
    clear_progress(printer);
    g_autofree char *end = event->exit_status > 0
                               ? g_strdup_printf(": exit status %d", (int)event->exit_status)
                               : g_strdup(event->is_error ? ": failed" : "");
    app_note(printer->app, "%s%s", row->title != NULL ? row->title : row->name, end);
    if (!event->is_error) show_diff(printer, event->text);
}

void answer_printer_on_event(const AgentEvent *event, void *user_data) {
    AnswerPrinter *printer = user_data;
    if (printer->format == ANSWER_STREAM_JSON) {
        g_autofree char *line = agent_event_encode(event);
        g_autofree char *safe = secret_redact(printer->app->secrets, line);
        output(printer, safe);
        output(printer, "\n");
        return;
    }
    switch ((AgentEventKind)event->kind) {
    case EVENT_TEXT:
        if (printer->format == ANSWER_TEXT) show_text(printer, event->text);
        break;
    case EVENT_PROGRESS: show_progress(printer, event); break;
    case EVENT_COMPACTION:
    case EVENT_NOTICE:
        clear_progress(printer);
        g_ptr_array_add(printer->notices, g_strdup(event->text));
        app_note(printer->app, "%s", event->text);
        break;
    case EVENT_DONE: keep_answer(printer, event); break;
    case EVENT_TOOL_START: begin_tool(printer, event); break;
    case EVENT_TOOL_END: end_tool(printer, event); break;
    case EVENT_START:
    case EVENT_THINKING:
    case EVENT_ERROR:
    case EVENT_N_KINDS: break;
    }
}

static void finish_text(AnswerPrinter *printer) {
    g_string_truncate(printer->safe, 0);
    text_stripper_finish(printer->stripper, printer->safe);
    if (printer->safe->len > 0) output(printer, printer->safe->str);
    if (printer->has_text && !(printer->ends_with_newline && printer->safe->len == 0))
        output(printer, "\n");
}

/* One quiet word on where the answer came from, for who reads along. */
static void tell_source(const AnswerPrinter *printer) {
    const char *source = printer->answer.source;
    bool is_seen = printer->is_done && source != NULL && strcmp(source, "model") != 0 &&
                   !printer->app->is_quiet && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
    if (!is_seen) return;
    g_autofree char *line = printer->app->is_plain
                                ? g_strdup_printf("(%s)\n", source)
                                : g_strdup_printf("\033[2m· %s\033[0m\n", source);
    write_stderr(line);
}

bool answer_printer_finish(AnswerPrinter *printer, GError **error) {
    clear_progress(printer);
    if (printer->format == ANSWER_TEXT) {
        finish_text(printer);
        tell_source(printer);
    }
    if (printer->format == ANSWER_JSON && printer->is_done) {
        g_ptr_array_add(printer->notices, NULL);
        printer->answer.tools = g_ptr_array_ref(printer->tools);
        printer->answer.notices = g_strdupv((char **)printer->notices->pdata);
        if (!app_print_json(printer->app, answer_fields, &printer->answer, &printer->output_error))
            g_debug("printing the answer failed");
        g_clear_pointer(&printer->answer.tools, g_ptr_array_unref);
    }
    g_ptr_array_set_size(printer->tools, 0);
    g_ptr_array_set_size(printer->notices, 0);
    printer->has_text = printer->ends_with_newline = printer->is_done = false;
    if (printer->output_error == NULL) return true;
    g_propagate_error(error, g_steal_pointer(&printer->output_error));
    return false;
}
