/* cli/approval_prompt.c: see the header. */
#include "cli/approval_prompt.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/approval_text.h"

/* A line on stderr as it is: app_note() would name the program before each. */
static void tell(const ApprovalPrompt *prompt, const char *text) {
    g_autofree char *redacted = secret_redact(prompt->app->secrets, text);
    g_autofree char *safe = text_strip_terminal(redacted, strlen(redacted));
    g_printerr("%s", safe);
}

static void tell_row(const ApprovalPrompt *prompt, const char *name, const char *text) {
    if (text == NULL) return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        if (i > 0 && lines[i][0] == '\0' && lines[i + 1] == NULL) break;
        g_autofree char *row = g_strdup_printf("  %-9s %s\n", i == 0 ? name : "", lines[i]);
        tell(prompt, row);
    }
}

static void tell_request(const ApprovalPrompt *prompt, const ApprovalRequest *request) {
    g_autofree char *question = approval_text_question(request);
    g_autofree char *subject = approval_text_subject(request);
    g_autofree char *diff = request->diff != NULL ? approval_text_visible(request->diff) : NULL;
    g_autofree char *folder = request->directory != NULL
                                  ? paths_shorten_home(prompt->app->paths, request->directory)
                                  : NULL;
    g_autofree char *shown = folder != NULL ? approval_text_visible(folder) : NULL;
    g_autofree char *head = g_strdup_printf("%s\n", question);
    tell(prompt, head);
    if (request->diff != NULL) tell_row(prompt, "what:", request->title);
    tell_row(prompt, request->command != NULL ? "command:" : "with:", subject);
    tell_row(prompt, "output:", request->output);
    tell_row(prompt, "diff:", diff);
    tell_row(prompt, "folder:", shown);
    tell_row(prompt, "sandbox:", request->level);
    tell_row(prompt, "network:", request->network);
    tell_row(prompt, "why:", request->why);
}

/* "y", "yes", "Yes": the whole word or its first letter. */
static bool is_word(const char *line, const char *word) {
    return g_ascii_strcasecmp(line, word) == 0 ||
           (g_ascii_tolower(line[0]) == word[0] && line[1] == '\0');
}

static bool understand(const char *line, const ApprovalRequest *request, ApprovalAnswer *out) {
    if (line[0] == '\0') return false;
    if (is_word(line, "yes"))
        *out = (ApprovalAnswer){ ANSWER_ONCE, NULL };
    else if (is_word(line, "always") && request->may_always)
        *out = (ApprovalAnswer){ ANSWER_ALWAYS, NULL };
    else if (is_word(line, "no"))
        *out = (ApprovalAnswer){ ANSWER_DENY, NULL };
    else if (strlen(line) < 4)
        return false; /* a slip of the finger is no reason */
    else
        *out = (ApprovalAnswer){ ANSWER_DENY, g_strdup(line) };
    return true;
}

bool approval_prompt_ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                         void *user_data, GError **error) {
    const ApprovalPrompt *prompt = user_data;
    line_reader_discard(prompt->reader);
    tell_request(prompt, request);
    for (;;) {
        tell(prompt, request->may_always
                         ? "(y)es, (a)lways for exactly this, (n)o, or what to do instead: "
                         : "(y)es, (n)o, or what to do instead: ");
        g_autofree char *line = NULL;
        switch (line_reader_next(prompt->reader, cancel, &line, error)) {
        case LINE_READ: break;
        case LINE_END:
            tell(prompt, "\n");
            *out = (ApprovalAnswer){ ANSWER_DENY, NULL };
            return true;
        case LINE_INTERRUPTED: tell(prompt, "\n"); return cancel_check(cancel, error);
        case LINE_ERROR: return false;
        }
        if (understand(g_strstrip(line), request, out)) return true;
    }
}

bool approval_terminal_open(ApprovalTerminal *terminal, const App *app) {
    *terminal = (ApprovalTerminal){ .fd = -1 };
    if (isatty(STDERR_FILENO) != 1) return false;
    terminal->fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (terminal->fd < 0) return false;
    terminal->prompt = (ApprovalPrompt){ .app = app, .reader = line_reader_new(terminal->fd) };
    return true;
}

void approval_terminal_close(ApprovalTerminal *terminal) {
    line_reader_free(terminal->prompt.reader);
    if (terminal->fd >= 0) close(terminal->fd);
    *terminal = (ApprovalTerminal){ .fd = -1 };
}
