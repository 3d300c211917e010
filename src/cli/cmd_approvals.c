/* cli/cmd_approvals.c: `localgpt approvals list|remove`: what was allowed "always for exactly
 * this". */
#include <string.h>

#include "agent/approval.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/approval_text.h"
#include "cli/commands.h"

/* clang-format off */
static const Option remove_options[] = {
    { "all", 0, OPTION_FLAG, .help = "Remove all of them, also from a file that is damaged" },
    { 0 }
};
static const Example list_examples[] = {
    { "approvals list", "Each with its id, tool, folder and the exact bytes." },
    { 0 }
};
static const Example remove_examples[] = {
    { "approvals remove 3f2a9c", "The beginning of the id is enough." },
    { "approvals remove --all",  "Ask about everything again." },
    { 0 }
};

const Command cmd_approvals_subcommands[] = {
    { "list", .summary = "List what tools may do without asking again",
      .description = "Each line is one call that you allowed \"always for exactly this\": it holds for these bytes in this "
                     "folder and for nothing else.",
      .examples = list_examples, .run = cmd_approvals_list_run },
    { "remove", .arguments = "[ID...]", .summary = "Ask again about a call",
      .description = "The next time the same call is asked about as any other.",
      .examples = remove_examples, .options = remove_options, .max_arguments = -1, .run = cmd_approvals_remove_run },
    { 0 }
};

typedef struct {
    GPtrArray *rules; /* ApprovalRule */
} ListReply;
static const Field list_fields[] = {
    { "approvals", FIELD_STRUCTS(ListReply, rules, ApprovalRule, approval_rule_fields), .help = "Oldest first." },
    { 0 }
};
typedef struct {
    int64_t n_removed;
} RemoveReply;
static const Field remove_fields[] = {
    { "removed", FIELD_INT(RemoveReply, n_removed), .help = "How many." },
    { 0 }
};
/* clang-format on */

static bool print_rule(const App *app, const ApprovalRule *rule, GError **error) {
    g_autofree char *exact = approval_text_visible(rule->exact);
    g_auto(GStrv) lines = g_strsplit(exact, "\n", -1);
    g_autofree char *indented = g_strjoinv("\n    ", lines);
    g_autofree char *folder = paths_shorten_home(app->paths, rule->directory);
    g_autofree char *day = g_strndup(rule->created_at != NULL ? rule->created_at : "", 10);
    return app_print(app, error, "%s  %s in %s, since %s\n    %s\n", rule->id, rule->tool, folder,
                     day, indented);
}

bool cmd_approvals_list_run(App *app, const CommandLine *line, GError **error) {
    (void)line;
    g_autoptr(GPtrArray) rules = approval_rules_load(app->paths, error);
    if (rules == NULL) return false;
    if (app->is_json) {
        ListReply reply = { rules };
        return app_print_json(app, list_fields, &reply, error);
    }
    if (rules->len == 0)
        return app_print(app, error, "Nothing is allowed for good; every call is asked about.\n");
    for (unsigned i = 0; i < rules->len; i++)
        if (!print_rule(app, g_ptr_array_index(rules, i), error)) return false;
    return true;
}

static bool remove_all(const App *app, int64_t *n_removed, GError **error) {
    g_autoptr(GPtrArray) rules = approval_rules_load(app->paths, NULL);
    *n_removed = rules != NULL ? (int64_t)rules->len : 0;
    return approval_rules_remove_all(app->paths, error);
}

bool cmd_approvals_remove_run(App *app, const CommandLine *line, GError **error) {
    const char *const *ids = command_line_arguments(line);
    bool is_all = command_line_flag(line, "all");
    if (is_all == (ids[0] != NULL)) {
        error_set_with_hint(error, ERR_USAGE, "See 'localgpt approvals list'.",
                            "remove takes ids, or --all");
        return false;
    }
    RemoveReply reply = { 0 };
    if (is_all && !remove_all(app, &reply.n_removed, error)) return false;
    for (; *ids != NULL; ids++, reply.n_removed++)
        if (!approval_rules_remove(app->paths, *ids, error)) return false;
    if (app->is_json) return app_print_json(app, remove_fields, &reply, error);
    return app_print(app, error, "Removed %d.\n", (int)reply.n_removed);
}
