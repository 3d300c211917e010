/* cli/chat_tool_commands.c: see the header. */
#include "cli/chat_tool_commands.h"

#include "base/error.h"

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

bool chat_mode(Chat *chat, const char *argument, GError **error) {
    ConversationTools *tools = conversation_tools(chat->conversation);
    if (tools == NULL) {
        error_set(error, ERR_USAGE, "this chat has no tools, so it has no modes");
        return false;
    }
    if (*argument == '\0') return list_modes(chat, conversation_tools_mode(tools), error);
    ApprovalMode mode = APPROVAL_ASK;
    if (!approval_mode_parse(argument, &mode, error)) return false;
    conversation_tools_set_mode(tools, mode);
    return app_print(chat->app, error, "Mode %s: %s.\n", approval_mode_names[mode],
                     approval_mode_summaries[mode]);
}
