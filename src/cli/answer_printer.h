/*
 * cli/answer_printer.h: shows a turn's events on a terminal, in a pipe, or as JSON.
 *
 *     g_autoptr(AnswerPrinter) printer = answer_printer_new(app, ANSWER_TEXT);
 *     turn.on_event = answer_printer_on_event; turn.user_data = printer;
 *     ... turn_run(&turn, ...) ...
 *     if (!answer_printer_finish(printer, error)) ...
 *
 * Only the answer goes to stdout; notices and progress go to stderr. All model text is made safe
 * for a terminal. When stdout goes away the turn is stopped through app->cancel.
 */
#pragma once

#include "agent/event.h"
#include "cli/app.h"

typedef struct AnswerPrinter AnswerPrinter;

typedef enum {
    ANSWER_TEXT,        /* the words as they come */
    ANSWER_JSON,        /* one document at the end */
    ANSWER_STREAM_JSON, /* one event a line */
} AnswerFormat;

extern const char *const answer_format_names[]; /* "text", "json", "stream-json", NULL */

AnswerPrinter *answer_printer_new(App *app, AnswerFormat format);
/* Begins every answer with these words ("Assistant: "), for those who do not see colours. Borrowed.
 */
void answer_printer_name_speaker(AnswerPrinter *printer, const char *speaker);

void answer_printer_free(AnswerPrinter *printer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AnswerPrinter, answer_printer_free)

/* An AgentEventFn; user_data is the AnswerPrinter. */
void answer_printer_on_event(const AgentEvent *event, void *user_data);

/* After a turn, also a failed one: ends the line, prints the JSON document of a turn that worked.
 * Fails when stdout could not take everything (ERR_PIPE_CLOSED, ERR_IO). Ready for the next turn
 * afterwards. */
bool answer_printer_finish(AnswerPrinter *printer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
