/*
 * cli/conversation_tools.h: the tools of a conversation, set up from the configuration and the
 * command line.
 *
 *     const ConversationToolsSetup setup = { .app = app, .workspace = folder, .mode = "edits", ...
 * }; g_autoptr(ConversationTools) tools = conversation_tools_new(&setup, error);
 *     conversation_tools_ask_with(tools, approval_prompt_ask, &prompt);
 *     turn.tools = tool_runner_tools(conversation_tools_runner(tools), turn.tier);
 *
 * Options that `ask` and `chat` share are CONVERSATION_TOOL_OPTIONS.
 */
#pragma once

#include "agent/tool_runner.h"
#include "cli/app.h"
#include "cli/command.h"

typedef struct ConversationTools ConversationTools;

/* All borrowed for the call, but `app`, which must outlive the tools. */
typedef struct {
    App *app;
    const char *workspace; /* the agent's own; made when it is not there and `directory` is NULL */
    const char *directory; /* of -C; NULL = the workspace */
    const char *mode;      /* of --mode; NULL = agent.permission_level */
    const char *sessions;  /* folder of the sessions; those of sub-agents go below it */
    AgentEventFn on_event; /* notices */
    void *user_data;
} ConversationToolsSetup;

ConversationTools *conversation_tools_new(const ConversationToolsSetup *setup, GError **error);
void conversation_tools_free(ConversationTools *tools);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConversationTools, conversation_tools_free)

ToolRunner *conversation_tools_runner(const ConversationTools *tools);

/* Who is asked from now on; NULL = nobody, so what needs a yes is refused. Only between turns. */
void conversation_tools_ask_with(ConversationTools *tools, ApprovalFn ask, void *user_data);

ApprovalMode conversation_tools_mode(const ConversationTools *tools);
/* Also while a turn runs. */
void conversation_tools_set_mode(ConversationTools *tools, ApprovalMode mode);

/* Where the tools work. Borrowed. */
const char *conversation_tools_directory(const ConversationTools *tools);

/* clang-format off */
#define CONVERSATION_TOOL_OPTIONS \
    { "directory", 'C', OPTION_STRING, .argument = "DIR", .complete = "file", .help = "Let the tools work in this folder instead of the workspace" }, \
    { "mode",       0,  OPTION_CHOICE, .argument = "MODE", .choices = approval_mode_names, .help = "What tools may do without asking: plan, ask, edits or auto" }
/* clang-format on */
