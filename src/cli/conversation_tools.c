/* cli/conversation_tools.c: sections of the configuration to one ToolRunner. */
#include "cli/conversation_tools.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/memory_access.h"

struct ConversationTools {
    App *app; /* borrowed */
    /* owned */
    char *directory;
    char *transcripts;
    ToolRunner *runner;
    SandboxConfig *sandbox; /* expanded; the runner reads it */
    MemoryAccess *memory;   /* NULL until a tool wants it */
    ToolRunnerSettings settings;
};

#define NO_ONE_HINT                                                                                \
    "Tell the user what you would do and that 'localgpt ask --mode edits' (files) or '--mode "     \
    "auto' (files and commands, in the sandbox) allows it, and a terminal asks."

/* The original's levels: safe asks, elevated edits, admin does all that the sandbox allows. */
static ApprovalMode configured_mode(const AgentConfig *agent) {
    static const ApprovalMode modes[] = { [PERMISSION_SAFE] = APPROVAL_ASK,
                                          [PERMISSION_ELEVATED] = APPROVAL_EDITS,
                                          [PERMISSION_ADMIN] = APPROVAL_AUTO };
    return modes[agent->permission_level];
}

static char *choose_directory(const ConversationToolsSetup *setup, GError **error) {
    if (setup->directory == NULL) {
        if (!file_make_folders(setup->workspace, error)) return NULL;
    } else if (!g_file_test(setup->directory, G_FILE_TEST_IS_DIR)) {
        error_set_with_hint(error, ERR_USAGE, "Give a folder that exists: -C DIR.",
                            "'%s' is not a folder", setup->directory);
        return NULL;
    }
    const char *chosen = setup->directory != NULL ? setup->directory : setup->workspace;
    char *resolved = realpath(chosen, NULL);
    if (resolved == NULL) error_set(error, ERR_NOT_FOUND, "'%s' cannot be opened", chosen);
    char *directory = g_strdup(resolved);
    free(resolved);
    return directory;
}

static Memory *open_memory(void *user_data, GError **error) {
    ConversationTools *tools = user_data;
    tools->memory = memory_access_open(tools->app, error);
    return tools->memory != NULL ? tools->memory->memory : NULL;
}

static bool fill_settings(ConversationTools *tools, const ConversationToolsSetup *setup,
                          GError **error) {
    const Config *config = setup->app->config;
    const AgentConfig *agent = config_section(config, "agent");
    ApprovalMode mode = configured_mode(agent);
    if (setup->mode != NULL && !approval_mode_parse(setup->mode, &mode, error)) return false;
    tools->sandbox = config_section_expand(config, "sandbox", setup->app->secrets, error);
    if (tools->sandbox == NULL) return false;
    const ToolConfig *tool = config_section(config, "tools");
    tools->settings = (ToolRunnerSettings){
        .paths = setup->app->paths,
        .workspace = tools->directory,
        .tools = tool,
        .sandbox = tools->sandbox,
        .undo = config_section(config, "undo"),
        .agent = agent,
        .approval = { .mode = mode,
                      .paths = setup->app->paths,
                      .require_approval = (const char *const *)tool->require_approval,
                      .no_one_hint = NO_ONE_HINT },
        .transcripts = tools->transcripts,
        .open_memory = open_memory,
        .user_data = tools,
        .on_event = setup->on_event,
        .event_data = setup->user_data,
    };
    return true;
}

ConversationTools *conversation_tools_new(const ConversationToolsSetup *setup, GError **error) {
    g_autoptr(ConversationTools) tools = g_new0(ConversationTools, 1);
    tools->app = setup->app;
    tools->directory = choose_directory(setup, error);
    if (tools->directory == NULL) return NULL;
    tools->transcripts = g_build_filename(setup->sessions, "subagents", NULL);
    if (!fill_settings(tools, setup, error)) return NULL;
    tools->runner = tool_runner_new(&tools->settings, error);
    return tools->runner != NULL ? g_steal_pointer(&tools) : NULL;
}

void conversation_tools_free(ConversationTools *tools) {
    if (tools == NULL) return;
    tool_runner_free(tools->runner);
    if (tools->sandbox != NULL) config_section_free(tools->app->config, "sandbox", tools->sandbox);
    memory_access_close(tools->memory);
    g_free(tools->directory);
    g_free(tools->transcripts);
    g_free(tools);
}

ToolRunner *conversation_tools_runner(const ConversationTools *tools) {
    return tools->runner;
}

void conversation_tools_ask_with(ConversationTools *tools, ApprovalFn ask, void *user_data) {
    if (tools != NULL) approvals_ask_with(tool_runner_approvals(tools->runner), ask, user_data);
}

ApprovalMode conversation_tools_mode(const ConversationTools *tools) {
    return approvals_mode(tool_runner_approvals(tools->runner));
}

void conversation_tools_set_mode(ConversationTools *tools, ApprovalMode mode) {
    approvals_set_mode(tool_runner_approvals(tools->runner), mode);
}

const char *conversation_tools_directory(const ConversationTools *tools) {
    return tools->directory;
}
