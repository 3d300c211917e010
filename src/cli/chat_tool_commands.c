/* cli/chat_tool_commands.c: see the header. */
#include "cli/chat_tool_commands.h"

#include "base/error.h"
#include "sandbox/sandbox.h"

const char *chat_mode_name(const Chat *chat) {
    const ConversationTools *tools = conversation_tools(chat->conversation);
    return tools != NULL ? approval_mode_names[conversation_tools_mode(tools)] : NULL;
}

const char *chat_mode_cycle(const Chat *chat) {
    ConversationTools *tools = conversation_tools(chat->conversation);
    if (tools == NULL) return NULL;
    ApprovalMode next = approval_mode_next(conversation_tools_mode(tools));
    conversation_tools_set_mode(tools, next);
    return approval_mode_summaries[next];
}

static bool list_modes(const Chat *chat, ApprovalMode current, GError **error) {
    for (int i = 0; i < APPROVAL_N_MODES; i++)
        if (!app_print(chat->app, error, "%s %-6s %s\n", i == (int)current ? "*" : " ",
                       approval_mode_names[i], approval_mode_summaries[i]))
            return false;
    return app_print(chat->app, error, "Use /mode <name> to change it%s.\n",
                     chat->has_screen ? ", or Shift-Tab" : "");
}

static ConversationTools *tools_of(const Chat *chat, GError **error) {
    ConversationTools *tools = conversation_tools(chat->conversation);
    if (tools == NULL) error_set(error, ERR_USAGE, "this chat has no tools");
    return tools;
}

bool chat_mode(Chat *chat, const char *argument, GError **error) {
    ConversationTools *tools = tools_of(chat, error);
    if (tools == NULL) return false;
    if (*argument == '\0') return list_modes(chat, conversation_tools_mode(tools), error);
    ApprovalMode mode = APPROVAL_ASK;
    if (!approval_mode_parse(argument, &mode, error)) return false;
    conversation_tools_set_mode(tools, mode);
    return app_print(chat->app, error, "Mode %s: %s.\n", approval_mode_names[mode],
                     approval_mode_summaries[mode]);
}

bool chat_tools(Chat *chat, const char *argument, GError **error) {
    static const char *const verdicts[] = { [VERDICT_ALLOW] = "runs",
                                            [VERDICT_PREVIEW] = "is tried first",
                                            [VERDICT_ASK] = "asks",
                                            [VERDICT_REFUSE] = "is refused" };
    (void)argument;
    const ConversationTools *tools = tools_of(chat, error);
    if (tools == NULL) return false;
    ApprovalMode mode = conversation_tools_mode(tools);
    if (!app_print(chat->app, error, "In mode %s, in %s:\n", approval_mode_names[mode],
                   conversation_tools_directory(tools)))
        return false;
    for (unsigned i = 0; tool_registry[i] != NULL; i++) {
        const ToolOps *ops = tool_registry[i];
        if (!app_print(chat->app, error, "  %-14s %-15s %s\n", ops->name,
                       verdicts[approval_verdict(mode, ops->risk)], ops->summary))
            return false;
    }
    return true;
}

bool chat_sandbox(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    const ConversationTools *tools = tools_of(chat, error);
    if (tools == NULL) return false;
    const SandboxProfile *profile = tool_runner_profile(conversation_tools_runner(tools), error);
    if (profile == NULL) return false;
    g_autofree char *grants = sandbox_profile_print(profile);
    return app_print(chat->app, error, "Commands run at level %s. What they reach:\n%s",
                     sandbox_level_name(sandbox_profile_level(profile)), grants);
}
