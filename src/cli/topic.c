/* cli/topic.c: the table of topics and those that are rendered from other tables. */
#include "cli/topic.h"

#include <string.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/config_topic.h"
#include "cli/layout.h"
#include "cli/models_topic.h"

enum { STATUS_COLUMN = 8, VARIABLE_COLUMN = 26 };

typedef struct {
    const char *name;
    const char *help;
} Variable;

/* Variables that are not the value of an option. */
/* clang-format off */
static const Variable variables[] = {
    { "LOCALGPT_CONFIG_DIR", "Folder of config.toml; an absolute path. Default: $XDG_CONFIG_HOME/localgpt" },
    { "LOCALGPT_DATA_DIR",   "Folder of workspace, models, engine. Default: $XDG_DATA_HOME/localgpt" },
    { "LOCALGPT_STATE_DIR",  "Folder of sessions and logs. Default: $XDG_STATE_HOME/localgpt" },
    { "LOCALGPT_CACHE_DIR",  "Folder of what can be made again. Default: $XDG_CACHE_HOME/localgpt" },
    { "XDG_CONFIG_HOME",     "The same folders of all programs; also XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME" },
    { "XDG_RUNTIME_DIR",     "Folder of what lives until you log out" },
    { "NO_COLOR",            "When set and not empty: no colours" },
    { "CLICOLOR_FORCE",      "When set and not 0: colours also when stdout is not a terminal" },
    { "TERM",                "When 'dumb': the same as --plain" },
    { 0 }
};
/* clang-format on */

/* One line for each kind of error, by exit status. */
static bool render_exit_codes(GString *out, const char *argument, GError **error) {
    (void)argument;
    (void)error;
    layout_row(out, "  0", "Success.", STATUS_COLUMN);
    for (int status = 1; status < 256; status++) {
        bool is_first = true;
        for (int code = 0; code < ERR_N_CODES; code++) {
            if (error_kinds[code].exit_status != status) continue;
            g_autofree char *left = is_first ? g_strdup_printf("  %d", status) : g_strdup("");
            g_autofree char *right =
                g_strdup_printf("%s: %s", error_kinds[code].name, error_kinds[code].summary);
            layout_row(out, left, right, STATUS_COLUMN);
            is_first = false;
        }
    }
    g_string_append_c(out, '\n');
    layout_text(out, "With --json the name stands in {\"error\":{\"code\":...}}.", 0);
    return true;
}

static bool render_environment(GString *out, const char *argument, GError **error) {
    (void)argument;
    (void)error;
    for (const Option *option = global_options; option->name != NULL; option++) {
        if (option->environment == NULL) continue;
        g_autofree char *left = g_strconcat("  ", option->environment, NULL);
        g_autofree char *right = g_strdup_printf("%s; --%s goes first", option->help, option->name);
        layout_row(out, left, right, VARIABLE_COLUMN);
    }
    for (const Variable *variable = variables; variable->name != NULL; variable++) {
        g_autofree char *left = g_strconcat("  ", variable->name, NULL);
        layout_row(out, left, variable->help, VARIABLE_COLUMN);
    }
    return true;
}

/* clang-format off */
const Topic topics[] = {
    { "config",      "The keys of the configuration", .render = config_topic_render, .takes_argument = true },
    { "environment", "Variables that are read", .render = render_environment },
    { "exit-codes",  "What the exit status means", .render = render_exit_codes },
    { "files",       "What is kept where, and how to move it",
      "LocalGPT keeps everything in four folders, as the XDG Base Directory Specification asks. 'localgpt paths' "
      "prints them as they are for you.\n\n"
      "  ~/.config/localgpt        config.toml\n"
      "  ~/.local/share/localgpt   workspace, skills, engine, models\n"
      "  ~/.local/state/localgpt   sessions, logs\n"
      "  ~/.cache/localgpt         what can be made again\n\n"
      "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME and XDG_CACHE_HOME move them with those of all other "
      "programs; LOCALGPT_CONFIG_DIR, LOCALGPT_DATA_DIR, LOCALGPT_STATE_DIR and LOCALGPT_CACHE_DIR move only ours. "
      "A profile (--profile NAME) has folders of its own: ~/.config/localgpt-NAME and so on.\n\n"
      "Folders are made with mode 0700 and files with 0600: they are yours alone. Nothing is written anywhere else." },
    { "json",        "What --json promises",
      "With --json, stdout is exactly one JSON document on one line, also on failure; everything else goes to stderr.\n\n"
      "  {\"ok\":true,...}\n"
      "  {\"ok\":false,\"error\":{\"code\":\"not_found\",\"message\":\"...\",\"hint\":\"...\"}}\n\n"
      "The exit status is that of the error: 'localgpt help exit-codes' lists the codes. 'hint' is the next step and "
      "may be absent. Members may be added later, never renamed." },
    { "models",      "How models are named, and which can be had", .render = models_topic_render },
    { 0 }
};
/* clang-format on */

const Topic *topic_find(const char *name) {
    for (const Topic *topic = topics; topic->name != NULL; topic++)
        if (strcmp(topic->name, name) == 0) return topic;
    return NULL;
}

char *topic_text(const Topic *topic, const char *argument, GError **error) {
    GString *out = g_string_new(NULL);
    if (argument == NULL) g_string_append_printf(out, "%s.\n\n", topic->summary);
    if (topic->text != NULL) layout_text(out, topic->text, 0);
    if (topic->render != NULL && !topic->render(out, argument, error)) {
        g_string_free(out, TRUE);
        return NULL;
    }
    return g_string_free(out, FALSE);
}

char *topic_list(void) {
    GString *out = g_string_new(NULL);
    layout_heading(out, "Topics");
    for (const Topic *topic = topics; topic->name != NULL; topic++) {
        g_autofree char *left = g_strconcat("  ", topic->name, NULL);
        layout_row(out, left, topic->summary, LAYOUT_COLUMN / 2);
    }
    g_string_append(out, "\n'localgpt help TOPIC' tells about one.\n");
    return g_string_free(out, FALSE);
}
