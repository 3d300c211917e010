/* agent/event.c: the table of events and their encoding. */
#include "agent/event.h"

#include <string.h>

/* clang-format off */
static const Field start_fields[] = {
    { "session", FIELD_STRING(AgentEvent, session), .help = "Id of the session." },
    { "model",   FIELD_STRING(AgentEvent, model),   .help = "Who answers, provider/model." },
    { 0 }
};
static const Field progress_fields[] = {
    { "text",     FIELD_STRING(AgentEvent, text),     .help = "What is being done." },
    { "fraction", FIELD_DOUBLE(AgentEvent, fraction), .help = "How far, 0 to 1; below 0 when it is not known." },
    { 0 }
};
static const Field text_fields[] = {
    { "delta", FIELD_STRING(AgentEvent, text), .help = "The next piece of the answer, whole characters." },
    { 0 }
};
static const Field thinking_fields[] = {
    { "delta", FIELD_STRING(AgentEvent, text), .help = "The next piece of the model's reasoning." },
    { 0 }
};
static const Field tool_start_fields[] = {
    { "id",        FIELD_STRING(AgentEvent, tool_id),   .help = "Pairs the start with its end." },
    { "name",      FIELD_STRING(AgentEvent, tool_name), .help = "The tool." },
    { "title",     FIELD_STRING(AgentEvent, text),      .flags = FIELD_OMIT_EMPTY, .help = "One line on it, for people." },
    { "arguments", FIELD_JSON(AgentEvent, arguments),   .help = "What it is given." },
    { 0 }
};
static const Field tool_end_fields[] = {
    { "id",       FIELD_STRING(AgentEvent, tool_id),   .help = "Pairs the end with its start." },
    { "name",     FIELD_STRING(AgentEvent, tool_name), .help = "The tool." },
    { "result",   FIELD_STRING(AgentEvent, text),      .help = "What the model is told of it." },
    { "is_error", FIELD_BOOL(AgentEvent, is_error),    .help = "The tool failed." },
    { "label",    FIELD_STRING(AgentEvent, label),     .flags = FIELD_OMIT_EMPTY, .help = "Whether the result may lead to actions: trusted or untrusted." },
    { "approval", FIELD_STRING(AgentEvent, approval),  .flags = FIELD_OMIT_EMPTY, .help = "Who allowed it: mode, rule, once, always, or denied." },
    { "exit_status", FIELD_INT(AgentEvent, exit_status), .help = "Of a command; -1 for what is none." },
    { 0 }
};
static const Field compaction_fields[] = {
    { "text",          FIELD_STRING(AgentEvent, text),       .help = "What was summed up, for the person." },
    { "tokens_before", FIELD_INT(AgentEvent, tokens_before), .help = "Tokens of the conversation before." },
    { "tokens_after",  FIELD_INT(AgentEvent, tokens_after),  .help = "Tokens of it now." },
    { 0 }
};
static const Field notice_fields[] = {
    { "text", FIELD_STRING(AgentEvent, text), .help = "One line for the person that is no part of the answer." },
    { 0 }
};
static const Field done_fields[] = {
    { "text",           FIELD_STRING(AgentEvent, text),     .help = "The whole answer." },
    { "session",        FIELD_STRING(AgentEvent, session),  .help = "Id of the session." },
    { "model",          FIELD_STRING(AgentEvent, model),    .help = "Who answered." },
    { "source",         FIELD_STRING(AgentEvent, source),   .flags = FIELD_OMIT_EMPTY, .help = "Where the answer came from: computed, memory, file, command, web, manual, sessions, status, tiny model, model." },
    { "usage",          FIELD_STRUCT(AgentEvent, usage, usage_fields), .help = "Tokens used." },
    { "stop_reason",    FIELD_ENUM(AgentEvent, stop_reason, stop_reason_names), .help = "Why the answer ended." },
    { "ms",             FIELD_INT(AgentEvent, duration_ms), .help = "Time the turn took." },
    { "first_token_ms", FIELD_INT(AgentEvent, first_token_ms), .help = "Time to the first piece; -1 when none came." },
    { 0 }
};
static const Field error_fields[] = {
    { "code",    FIELD_STRING(AgentEvent, code), .help = "Name of the kind of error." },
    { "message", FIELD_STRING(AgentEvent, text), .help = "What went wrong." },
    { "hint",    FIELD_STRING(AgentEvent, hint), .help = "The next step.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
const AgentEventKindRow agent_events[EVENT_N_KINDS] = {
    [EVENT_START]    = { "start",    "A turn begins.", start_fields },
    [EVENT_PROGRESS] = { "progress", "Work before the first word, such as loading the model.", progress_fields },
    [EVENT_TEXT]     = { "text",     "A piece of the answer.", text_fields },
    [EVENT_THINKING] = { "thinking", "A piece of the model's reasoning.", thinking_fields },
    [EVENT_TOOL_START] = { "tool_start", "A tool is about to run.", tool_start_fields },
    [EVENT_TOOL_END] = { "tool_end", "A tool has run.", tool_end_fields },
    [EVENT_COMPACTION] = { "compaction", "Older messages were summed up to make room; the session keeps them.", compaction_fields },
    [EVENT_NOTICE]   = { "notice",   "Something the person should know.", notice_fields },
    [EVENT_DONE]     = { "done",     "The answer is complete and kept; always the last event of a turn that worked.", done_fields },
    [EVENT_ERROR]    = { "error",    "The turn failed; always the last event of a turn that did not work.", error_fields },
};
/* clang-format on */

static const FieldCase *event_cases(FieldCase cases[EVENT_N_KINDS + 1]) {
    for (int i = 0; i < EVENT_N_KINDS; i++)
        cases[i] = (FieldCase){ agent_events[i].name, agent_events[i].fields };
    cases[EVENT_N_KINDS] = (FieldCase){ 0 };
    return cases;
}

char *agent_event_encode(const AgentEvent *event) {
    FieldCase cases[EVENT_N_KINDS + 1];
    const Field rows[] = { { "type", FIELD_UNION(AgentEvent, kind, event_cases(cases)) }, { 0 } };
    return field_encode(rows, event, FIELD_COMPACT);
}
