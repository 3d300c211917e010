/*
 * provider/tool_format.h: how models of one family are told of tools, how they call them, and how
 * they get the results. One row per family; local models only, because remote providers have a
 * protocol of their own.
 *
 *     const ToolFormat *format = tool_format_for(architecture, chat_template);
 *     system prompt  += tool_format_describe(format, tools, n_tools);
 *     request.grammar = tool_format_grammar(format, tools, n_tools, error);
 *     request.grammar_trigger = format->trigger;
 *     ... the model answers ...
 *     g_auto(ToolFormatReply) reply = { 0 };
 *     if (!tool_format_parse(format, answer, &set, &reply, error)) // ERR_DATA: tell the model
 *     message = tool_format_result(format, name, output);          // as format->result_role
 *
 * A grammar that starts at the trigger makes every call parse; it guarantees the shape, never the
 * sense. A model that writes a call without the grammar (another engine) is read just as strictly.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "provider/provider.h"

typedef enum {
    TOOL_BODY_OBJECT,  /* {"name": ..., "arguments": ...}, once for each call */
    TOOL_BODY_ARRAY,   /* a list of such objects */
    TOOL_BODY_WRAPPED, /* {"tool_call": {...}} */
} ToolBody;

typedef struct {
    const char *name;
    const char *summary;
    const char *const *architectures;  /* of GGUF files; NULL-terminated */
    const char *const *template_marks; /* texts in a chat template; any of them decides */
    ToolBody body;
    const char *call_start;    /* stands before the JSON of a call; "" = the JSON stands alone */
    const char *call_end;      /* stands after it; may be "" */
    const char *arguments_key; /* "arguments" or "parameters" */
    const char *trigger; /* pattern over the whole answer; its group is where the grammar starts */
    const char *instructions; /* told after the list of tools */
    const char *result_role;  /* role of the message with a result */
    const char *result_start;
    const char *result_end;
    bool has_json_results; /* the result stands as {"name": ..., "content": ...} */
} ToolFormat;

/* Ended by a row with name NULL; the last one before it fits every model. */
extern const ToolFormat tool_formats[];

/* By what a model file says; both may be NULL. Never NULL. */
const ToolFormat *tool_format_for(const char *architecture, const char *chat_template);
const ToolFormat *tool_format_find(const char *name);

/* The tools of one request. Borrowed. */
typedef struct {
    const ToolSpec *tools;
    size_t n_tools;
} ToolSet;

/* What the system prompt says about the tools. New string. */
char *tool_format_describe(const ToolFormat *format, const ToolSet *set);

/* GBNF for one to eight calls, to apply from format->trigger on. ERR_DATA and ERR_LIMIT name the
 * tool whose schema makes no grammar. New string. */
char *tool_format_grammar(const ToolFormat *format, const ToolSet *set, GError **error);

typedef struct {
    char *name;
    json_t *arguments; /* an object */
} ToolFormatCall;

typedef struct {
    char *text;       /* what stands outside of the calls, trimmed */
    GPtrArray *calls; /* ToolFormatCall, owned; may be empty */
} ToolFormatReply;

/* Splits an answer. ERR_DATA when it holds a call that does not parse or names a tool that is not
 * there; the message is meant for the model as well. */
bool tool_format_parse(const ToolFormat *format, const char *answer, const ToolSet *set,
                       ToolFormatReply *out_reply, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void tool_format_reply_clear(ToolFormatReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolFormatReply, tool_format_reply_clear)

/* How much of an unfinished answer is surely plain text, and may be shown: all before a call or
 * before what may become the start of one. */
size_t tool_format_plain_length(const ToolFormat *format, const char *answer, size_t length);

/* A call as the model would have written it, for the history. New string. */
char *tool_format_call(const ToolFormat *format, const char *name, const json_t *arguments);

/* A result, for a message of format->result_role. A result cannot end its own frame. New string. */
char *tool_format_result(const ToolFormat *format, const char *name, const char *output);
