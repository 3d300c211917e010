/* cli/cmd_completion.c: `localgpt completion SHELL`, and the values that its scripts ask for. */
#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/completion.h"

typedef struct {
    char *text;
} TextReply;

static const Field script_fields[] = {
    { "script", FIELD_STRING(TextReply, text), .help = "What the shell reads." },
    { 0 },
};
static const Field values_fields[] = {
    { "values", FIELD_STRING(TextReply, text), .help = "One value per line, a tab, what it is." },
    { 0 },
};

static void unknown_shell(const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const CompletionShell *shell = completion_shells; shell->name != NULL; shell++)
        g_ptr_array_add(names, (char *)shell->name);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    g_autofree char *all = g_strjoinv(", ", (char **)names->pdata);
    if (suggestion != NULL)
        error_set(error, ERR_USAGE, "unknown shell '%s', did you mean '%s'?", name, suggestion);
    else
        error_set(error, ERR_USAGE, "unknown shell '%s': it is one of %s", name, all);
}

bool cmd_completion_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    const CompletionShell *shell = completion_shell_find(name);
    if (shell == NULL) {
        unknown_shell(name, error);
        return false;
    }
    g_autofree char *script = completion_script(shell);
    TextReply reply = { script };
    return app->is_json ? app_print_json(app, script_fields, &reply, error)
                        : app_print_text(app, script, error);
}

bool cmd_completion_values_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    const CompletionKind *kind = completion_kind_find(name);
    if (kind == NULL) {
        error_set(error, ERR_USAGE, "unknown kind of values '%s'", name);
        return false;
    }
    GString *out = g_string_new(NULL);
    kind->list(app, out);
    g_autofree char *text = g_string_free(out, FALSE);
    TextReply reply = { text };
    return app->is_json ? app_print_json(app, values_fields, &reply, error)
                        : app_print_text(app, text, error);
}
