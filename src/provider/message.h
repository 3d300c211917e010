/*
 * provider/message.h: a conversation as every layer sees it: messages made of labelled parts.
 *
 * The shapes follow the OpenClaw/Pi transcript (version 3), so that a session file is an encoding
 * of these structs. A Message owns its parts; a Part owns its strings.
 *
 *     Message *message = message_new(ROLE_USER);
 *     message_add_text(message, label_new(ORIGIN_OWNER, NULL), "hello", -1);
 */
#pragma once

#include <stdint.h>

#include "base/field.h"
#include "policy/label.h"

typedef enum { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT, ROLE_TOOL_RESULT } Role;

typedef enum { PART_TEXT, PART_THINKING, PART_TOOL_CALL, PART_IMAGE } PartKind;

typedef struct {
    int kind;           /* PartKind */
    char *text;         /* PART_TEXT */
    char *thinking;     /* PART_THINKING */
    char *signature;    /* PART_THINKING: opaque, sent back as it came */
    bool is_redacted;   /* PART_THINKING: only the signature, the words are hidden */
    char *call_id;      /* PART_TOOL_CALL */
    char *call_name;    /* PART_TOOL_CALL */
    json_t *arguments;  /* PART_TOOL_CALL: an object */
    char *call_problem; /* PART_TOOL_CALL: why what the model wrote is no call; not kept on disk */
    char *image_base64; /* PART_IMAGE */
    char *mime_type;    /* PART_IMAGE */
    Label label;
} Part;

typedef enum {
    STOP_NONE,
    STOP_END,
    STOP_TOOL_USE,
    STOP_LENGTH,
    STOP_ERROR,
    STOP_ABORTED
} StopReason;

typedef struct {
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t cache_read_tokens;
    int64_t cache_write_tokens;
    double cost_usd;
    int64_t total_tokens; /* of the four; filled in where a session file is written */
    /* shares of cost_usd, only in session files; 0 when the prices are not known */
    double input_usd;
    double output_usd;
    double cache_read_usd;
    double cache_write_usd;
} Usage;

typedef struct {
    int role;         /* Role */
    GPtrArray *parts; /* Part, owned */
    /* ROLE_ASSISTANT */
    char *provider; /* "local" */
    char *model;    /* "SmolLM2-135M-Instruct.Q4_1" */
    char *api;      /* "openai-completions"; filled in where a session file is written */
    Usage usage;
    int stop_reason;     /* StopReason */
    char *error_message; /* STOP_ERROR */
    /* ROLE_TOOL_RESULT */
    char *tool_call_id;
    char *tool_name;
    bool is_error;
    int64_t timestamp_ms; /* since 1970, UTC */
} Message;

extern const Field part_fields[];
extern const Field usage_fields[];
extern const Field message_fields[];

extern const char *const role_names[]; /* by Role: "system", "user", "assistant", "toolResult" */
extern const char
    *const stop_reason_names[]; /* by StopReason; "" "stop" "toolUse" "length" "error" "aborted" */

/* Tokens and cost_usd; no shares. */
void usage_add(Usage *sum, const Usage *more);

/* All that a model was given: read anew, from a cache, and read to be written to one. */
int64_t usage_read_tokens(const Usage *usage);

/* timestamp_ms is now. */
Message *message_new(Role role);
Message *message_copy(const Message *message);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

/* Appends a text part; takes `label`. `length` -1: NUL-terminated. The part is borrowed. */
Part *message_add_text(Message *message, Label label, const char *text, gssize length);

/* All text parts joined with blank lines. New string, "" when there is none. */
char *message_text(const Message *message);

/* The join of the labels of all parts. New. */
Label message_label(const Message *message);
