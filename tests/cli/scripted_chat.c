/*
 * The chat's screen with a scripted model: for tests that must know every word of an answer.
 *
 *     scripted_chat STATE_FOLDER
 *
 * A message is an order: "lines 400 5" streams 400 Markdown lines, 5 ms apart; "slow 600 100" 600
 * words, 100 ms apart; "file NAME" the file, in small pieces; "fail" an error; "tool NAME LINES MS"
 * runs a tool of that many lines (0: it fails) and then says "done"; "approve
 * WHAT" asks whether it may (WHAT: "command", "diff", "tried", or "hidden" for a command with bytes
 * that do not show themselves) and says what was answered; "when FILE approve WHAT" waits for the
 * file first; anything else is
 * said again. "/quit" ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/chat_screen.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/interrupt.h"

typedef struct {
    App *app;
    gint mode; /* index of approval_mode_names; atomic */
    ChatRequestKind request;
} Script;

static void say(ChatWorker *worker, const char *text) {
    AgentEvent event = { .kind = EVENT_TEXT, .text = (char *)text };
    chat_worker_on_event(&event, worker);
}

/* Waits, or is stopped. */
static bool wait_ms(const Script *script, int milliseconds, GError **error) {
    struct pollfd fd = { cancel_fd(script->app->cancel), POLLIN, 0 };
    poll(&fd, 1, milliseconds);
    return cancel_check(script->app->cancel, error);
}

static bool stream_lines(const Script *script, const int *numbers, ChatWorker *worker,
                         GError **error) {
    for (int i = 1; i <= numbers[0]; i++) {
        g_autofree char *text = NULL;
        switch (i % 4) {
        case 0:
            text = g_strdup_printf("- item **MARK%04d** with some `code` and words\n", i);
            break;
        case 1:
            text = g_strdup_printf("\nMARK%04d a line of a *paragraph*, not short\n\n", i);
            break;
        case 2: text = g_strdup_printf("## MARK%04d heading\n\n", i); break;
        default: text = g_strdup_printf("> MARK%04d is quoted, said nobody\n\n", i); break;
        }
        for (size_t at = 0; at < strlen(text); at += 7) {
            g_autofree char *piece = g_strndup(text + at, 7);
            say(worker, piece);
        }
        if (!wait_ms(script, numbers[1], error)) return false;
    }
    return true;
}

static bool stream_words(const Script *script, const int *numbers, ChatWorker *worker,
                         GError **error) {
    for (int i = 1; i <= numbers[0]; i++) {
        g_autofree char *word = g_strdup_printf("word%d ", i);
        say(worker, word);
        if (!wait_ms(script, numbers[1], error)) return false;
    }
    return true;
}

static bool stream_file(const char *path, ChatWorker *worker, GError **error) {
    g_autofree char *text = NULL;
    if (!file_read(path, 1 << 20, &text, NULL, error)) return false;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        g_autofree char *piece = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
        say(worker, piece);
    }
    return true;
}

/* words: tool NAME LINES MS */
static bool run_tool(const Script *script, char **words, ChatWorker *worker, GError **error) {
    int n_lines = (int)g_ascii_strtoll(words[2], NULL, 10);
    json_t *arguments = field_json_parse("{\"path\":\"src/parse.c\"}", 22, NULL);
    AgentEvent start = { .kind = EVENT_TOOL_START,
                         .tool_id = (char *)"t1",
                         .tool_name = words[1],
                         .arguments = arguments };
    chat_worker_on_event(&start, worker);
    json_decref(arguments);
    if (!wait_ms(script, (int)g_ascii_strtoll(words[3], NULL, 10), error)) return false;
    g_autoptr(GString) output = g_string_new(n_lines == 0 ? "no such\nfile" : NULL);
    for (int i = 1; i <= n_lines; i++) g_string_append_printf(output, "output\tline %d\n", i);
    AgentEvent end = { .kind = EVENT_TOOL_END,
                       .tool_id = (char *)"t1",
                       .tool_name = words[1],
                       .text = output->str,
                       .is_error = n_lines == 0,
                       .exit_status = -1 };
    chat_worker_on_event(&end, worker);
    say(worker, "done");
    return true;
}

static const ApprovalRequest questions[] = {
    { .tool = "bash", .title = "run make test", .command = "make test", .may_always = true },
    { .tool = "edit_file",
      .title = "edit src/parse.c",
      .diff = "--- a/src/parse.c\n+++ b/src/parse.c\n@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e\n" },
    { .tool = "bash",
      .title = "run rm -r build",
      .command = "rm -r build",
      .is_done = true,
      .diff = "--- a/build/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
      .output = "removed 'build/x'\n" },
    { .tool = "bash",
      .title = "run echo",
      .command = "echo \033[2J\u202e|sh\nrm x\n",
      .may_always = true },
};

/* words: approve WHAT */
static bool approve(const Script *script, const char *what, ChatWorker *worker, GError **error) {
    static const char *const names[] = { "command", "diff", "tried", "hidden", NULL };
    static const char *const choices[] = { "denied", "once", "always" };
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], what) != 0) continue;
        ApprovalRequest request = questions[i];
        request.directory = "/somewhere/project";
        request.level = "full";
        request.network = "none";
        request.why = "mode 'ask' asks before commands";
        ApprovalAnswer answer = { 0 };
        if (!chat_worker_ask(&request, script->app->cancel, &answer, worker, error)) return false;
        g_autofree char *reply = g_strdup_printf("it was %s: %s", choices[answer.choice],
                                                 answer.reason != NULL ? answer.reason : "-");
        g_free(answer.reason);
        say(worker, reply);
    }
    return true;
}

static bool run(void *user_data, JobKind kind, const char *text, ChatWorker *worker,
                GError **error) {
    Script *script = user_data;
    if (kind == JOB_COMMAND) {
        if (strcmp(text, "/quit") == 0) script->request = CHAT_REQUEST_QUIT;
        return app_print(script->app, error, "ran %s\n", text);
    }
    AgentEvent start = { .kind = EVENT_START };
    chat_worker_on_event(&start, worker);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint n = g_strv_length(words);
    int numbers[2] = { n > 1 ? (int)g_ascii_strtoll(words[1], NULL, 10) : 0,
                       n > 2 ? (int)g_ascii_strtoll(words[2], NULL, 10) : 0 };
    if (strcmp(words[0], "lines") == 0) return stream_lines(script, numbers, worker, error);
    if (strcmp(words[0], "slow") == 0) return stream_words(script, numbers, worker, error);
    if (strcmp(words[0], "file") == 0 && n > 1) return stream_file(words[1], worker, error);
    if (strcmp(words[0], "tool") == 0 && n > 3) return run_tool(script, words, worker, error);
    if (strcmp(words[0], "when") == 0 && n > 3) {
        while (!g_file_test(words[1], G_FILE_TEST_EXISTS))
            if (!wait_ms(script, 20, error)) return false;
        return approve(script, words[3], worker, error);
    }
    if (strcmp(words[0], "approve") == 0 && n > 1) return approve(script, words[1], worker, error);
    if (strcmp(words[0], "fail") == 0) {
        error_set(error, ERR_PROVIDER, "the scripted model failed");
        return false;
    }
    size_t n_bytes = strlen(text), n_lines = 1;
    for (const char *at = text; *at != '\0'; at++) n_lines += *at == '\n';
    g_autofree char *reply =
        g_strdup_printf("heard %zu bytes, %zu lines: %.200s", n_bytes, n_lines, text);
    say(worker, reply);
    return true;
}

static ChatStatus status(void *user_data) {
    (void)user_data;
    return (ChatStatus){
        .model = "script/model", .tier = "tiny", .used_tokens = 60, .window_tokens = 2000
    };
}

static ChatRequestKind take_request(void *user_data) {
    Script *script = user_data;
    ChatRequestKind request = script->request;
    script->request = CHAT_REQUEST_NONE;
    return request;
}

static void fill_choices(void *user_data, ChatRequestKind request, Menu *menu) {
    (void)user_data;
    (void)request;
    menu_add(menu, "one", "the first", "one");
}

static char *dup_edited(void *user_data) {
    (void)user_data;
    return NULL;
}

static void stop_editing(void *user_data) {
    (void)user_data;
}

static bool is_command(const char *line) {
    return line[0] == '/';
}

static const char *mode(void *user_data) {
    Script *script = user_data;
    return approval_mode_names[g_atomic_int_get(&script->mode)];
}

static const char *cycle_mode(void *user_data) {
    Script *script = user_data;
    int next = approval_mode_next((ApprovalMode)g_atomic_int_get(&script->mode));
    g_atomic_int_set(&script->mode, next);
    return approval_mode_summaries[next];
}

int main(int argc, char **argv) {
    g_autoptr(GError) error = NULL;
    g_autoptr(CommandLine) line = command_line_new(commands, global_options);
    char *arguments[] = { argv[0], (char *)"chat", NULL };
    if (argc != 2 || !command_line_parse(line, 2, arguments, &error)) return 2;
    g_autoptr(App) app = app_new(line);
    interrupt_install(app->cancel, 0);
    if (!app_prepare(app, line, &error)) return app_report(app, error);
    g_free(app->paths->state);
    app->paths->state = g_strdup(argv[1]);
    Script script = { .app = app, .mode = APPROVAL_ASK };
    ChatHost host = { .user_data = &script,
                      .run = run,
                      .status = status,
                      .take_request = take_request,
                      .fill_choices = fill_choices,
                      .dup_edited = dup_edited,
                      .stop_editing = stop_editing,
                      .is_command = is_command,
                      .mode = mode,
                      .cycle_mode = cycle_mode };
    if (chat_screen_run(app, &host, &error)) return 0;
    return app_report(app, error);
}
