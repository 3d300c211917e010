/*
 * agent/event.h: everything a turn does, told to whoever listens through one callback.
 *
 * The rows of events[] describe each kind's members; stream-json, SSE and WebSocket are encodings
 * of them.
 *
 *     static void on_event(const AgentEvent *event, void *user_data) {
 *         if (event->kind == EVENT_TEXT) fputs(event->text, stdout);
 *     }
 *
 * An event and its strings are borrowed for the duration of the call. The callback runs on the
 * turn's thread.
 */
#pragma once

#include "provider/provider.h"

typedef enum {
    EVENT_START,      /* session, model */
    EVENT_PROGRESS,   /* text, fraction */
    EVENT_TEXT,       /* text: the next piece */
    EVENT_THINKING,   /* text */
    EVENT_TOOL_START, /* tool_id, tool_name, text: one line on it or NULL, arguments */
    EVENT_TOOL_END, /* tool_id, tool_name, text: the result, is_error, label, approval, exit_status
                     */
    EVENT_COMPACTION, /* text: what was summed up, tokens_before, tokens_after */
    EVENT_NOTICE, /* text: one line to the user that is not part of the answer (tiny model, retry,
                     mended session) */
    EVENT_DONE,   /* text: whole answer, session, model, source, usage, stop_reason, duration_ms,
                     first_token_ms */
    EVENT_ERROR,  /* code, text, hint */
    EVENT_N_KINDS
} AgentEventKind;

typedef struct {
    int kind; /* AgentEventKind */
    char *text;
    char *session;   /* id */
    char *model;     /* "local/NAME" */
    char *source;    /* static: where the answer came from, one quiet word */
    double fraction; /* 0 to 1; < 0 unknown */
    Usage usage;
    int stop_reason; /* StopReason */
    int64_t duration_ms;
    int64_t first_token_ms;
    char *tool_id;
    char *tool_name;
    json_t *arguments;   /* an object */
    bool is_error;       /* of the tool */
    char *label;         /* static: "trusted", "untrusted" */
    char *approval;      /* static: how the call was allowed, or NULL */
    int64_t exit_status; /* of a command; -1 = none */
    int64_t tokens_before;
    int64_t tokens_after;
    char *code; /* ErrorKind.name */
    char *hint;
} AgentEvent;

typedef void (*AgentEventFn)(const AgentEvent *event, void *user_data);

typedef struct {
    const char *name; /* "text" */
    const char *summary;
    const Field *fields; /* its members besides "type" */
} AgentEventKindRow;

/* EVENT_N_KINDS rows. */
extern const AgentEventKindRow agent_events[EVENT_N_KINDS];

/* {"type":"text","text":"..."} on one line. New string. */
char *agent_event_encode(const AgentEvent *event);
