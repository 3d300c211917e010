/*
 * cli/approval_prompt.h: a question of agent/approval.h put as plain lines: for `ask` on a terminal
 * and for a chat that draws nothing.
 *
 *     ApprovalPrompt prompt = { .app = app, .reader = reader };
 *     settings.ask = approval_prompt_ask; settings.user_data = &prompt;
 *
 * The question goes to stderr: stdout is the answer's alone.
 */
#pragma once

#include "agent/approval.h"
#include "cli/app.h"
#include "cli/line_reader.h"

typedef struct {
    const App *app;     /* borrowed */
    LineReader *reader; /* borrowed: where the person types */
} ApprovalPrompt;

/* An ApprovalFn; user_data is the ApprovalPrompt. The end of what is typed is a no. */
bool approval_prompt_ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                         void *user_data, GError **error);

/* The person in front of the terminal, also when standard input is a pipe. */
typedef struct {
    ApprovalPrompt prompt;
    int fd; /* owned */
} ApprovalTerminal;

/* false when nobody is there: no terminal, or stderr is none. Ended with
 * approval_terminal_close(), also then; `app` is borrowed until then. */
bool approval_terminal_open(ApprovalTerminal *terminal, const App *app);
void approval_terminal_close(ApprovalTerminal *terminal);
