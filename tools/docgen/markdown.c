/* tools/docgen/markdown.c: the pages of docs/reference/. */
#include <string.h>

#include "agent/approval.h"
#include "agent/event.h"
#include "base/error.h"
#include "cli/command_line.h"
#include "cli/config_sections.h"
#include "cli/config_topic.h"
#include "cli/help.h"
#include "docgen.h"

static const char made_by[] =
    "<!-- Made by tools/docgen from the tables of the program; `make docs` makes it anew. -->\n\n";

/* Text inside a table: a bar would end the cell, and angle brackets are tags. */
static char *cell(const char *text) {
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|') g_string_append_c(out, '\\');
        if (*at == '<')
            g_string_append(out, "&lt;");
        else if (*at == '\n')
            g_string_append_c(out, ' ');
        else
            g_string_append_c(out, *at);
    }
    return g_string_free(out, FALSE);
}

static void paragraph(GString *out, const char *text) {
    g_string_append_printf(out, "%s\n\n", text);
}

static void block(GString *out, const char *lines) {
    g_string_append_printf(out, "```\n%s```\n\n", lines);
}

static const DocgenText markdown_text = { paragraph, block };

static void append_options(GString *out, const Option *options) {
    if (options == NULL || options->name == NULL) return;
    g_string_append(out, "| option | what it does |\n|---|---|\n");
    for (const Option *option = options; option->name != NULL; option++) {
        g_autofree char *spelling = help_option_spelling(option);
        g_autofree char *help = help_option_text(option);
        g_autofree char *shown = cell(help);
        g_string_append_printf(out, "| `%s` | %s |\n", g_strstrip(spelling), shown);
    }
    g_string_append_c(out, '\n');
}

static void append_examples(GString *out, const Example *examples) {
    if (examples == NULL || examples->line == NULL) return;
    g_string_append(out, "```sh\n");
    for (const Example *example = examples; example->line != NULL; example++)
        g_string_append_printf(out, "localgpt %s    # %s\n", example->line, example->comment);
    g_string_append(out, "```\n\n");
}

static void append_command(GString *out, const Command *const *path) {
    const Command *command = command_last(path);
    g_autofree char *name = command_path_text(path);
    g_autofree char *usage = command_usage(path);
    g_string_append_printf(out, "%s localgpt %s\n\n%s.\n\n```\nlocalgpt %s\n```\n\n",
                           path[1] != NULL ? "###" : "##", name, command->summary, usage);
    docgen_text(out, command->description, &markdown_text);
    append_options(out, command->options);
    append_examples(out, command->examples);
}

char *markdown_commands(void) {
    GString *out = g_string_new("# Commands\n\n");
    g_string_append(out, made_by);
    g_string_append(out, "```\nlocalgpt [OPTIONS] COMMAND [ARGUMENTS]\n```\n\n"
                         "Every command takes these options, anywhere on the line:\n\n");
    append_options(out, global_options);
    docgen_walk(commands, append_command, out);
    g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

char *config_example_file(void) {
    return config_example(config_sections);
}

char *markdown_config(void) {
    GString *out = g_string_new("# Configuration\n\n");
    g_string_append(out, made_by);
    g_string_append(
        out, "One TOML file, `~/.config/localgpt/config.toml`; `localgpt config path` prints where "
             "it is. `config.example.toml` beside this page is the same as a file.\n\nIn every "
             "string, `${NAME}` and `$NAME` stand for a variable of the environment, `$$` for a "
             "dollar. They are looked up when the value is used.\n");
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    for (const ConfigSection *section = config_sections; section->name != NULL; section++) {
        g_string_append_printf(out,
                               "\n## `[%s]`\n\n%s\n\n| key | what it is | type and default "
                               "|\n|---|---|---|\n",
                               section->name, section->summary);
        for (guint i = 0; i < keys->len; i++) {
            const ConfigKey *key = g_ptr_array_index(keys, i);
            if (key->section != section) continue;
            g_autofree char *facts = config_topic_facts(key);
            g_autofree char *shown_facts = cell(facts);
            g_autofree char *help = cell(key->field->help);
            g_string_append_printf(out, "| `%s` | %s | %s |\n", key->key, help, shown_facts);
        }
    }
    return g_string_free(out, FALSE);
}

char *markdown_errors(void) {
    GString *out = g_string_new("# Errors\n\n");
    g_string_append(out, made_by);
    g_string_append(out,
                    "One row per kind of error: the exit status of the program, the HTTP status of "
                    "the daemon, and whether the same thing may work when it is tried again.\n\n"
                    "| code | exit | HTTP | again | what it means | next step |\n"
                    "|---|---|---|---|---|---|\n");
    for (int code = 0; code < ERR_N_CODES; code++) {
        const ErrorKind *kind = &error_kinds[code];
        g_autofree char *summary = cell(kind->summary);
        g_autofree char *hint = cell(kind->hint != NULL ? kind->hint : "");
        g_string_append_printf(out, "| `%s` | %d | %d | %s | %s | %s |\n", kind->name,
                               kind->exit_status, kind->http_status,
                               kind->is_retryable ? "yes" : "no", summary, hint);
    }
    return g_string_free(out, FALSE);
}

char *markdown_events(void) {
    GString *out = g_string_new("# Events\n\n");
    g_string_append(out, made_by);
    g_string_append(out,
                    "What a turn tells while it runs: `localgpt ask -f stream-json` prints one "
                    "JSON document per line, with the kind in `type`.\n");
    for (int kind = 0; kind < EVENT_N_KINDS; kind++) {
        const AgentEventKindRow *row = &agent_events[kind];
        g_string_append_printf(out,
                               "\n## `%s`\n\n%s\n\n| member | type | what it is |\n|---|---|---|\n",
                               row->name, row->summary);
        for (const Field *field = row->fields; field->type != FIELD_TYPE_END; field++) {
            g_autofree char *type = field_type_text(field);
            g_autofree char *shown_type = cell(type);
            g_autofree char *help = cell(field->help);
            g_string_append_printf(out, "| `%s` | %s | %s |\n", field->name, shown_type, help);
        }
    }
    return g_string_free(out, FALSE);
}

static void append_argument(GString *out, const Field *field) {
    g_autofree char *type = field_type_text(field);
    g_autofree char *shown_type = cell(type);
    g_autofree char *help = cell(field->help);
    const char *fallback = field->flags & FIELD_REQUIRED ? "required" : field->default_text;
    g_string_append_printf(out, "| `%s` | %s | %s | %s |\n", field->name, shown_type,
                           fallback != NULL ? fallback : "", help);
}

/* What each mode does with a risk: "allow", "ask", ... */
static void append_modes(GString *out) {
    static const char *const verdicts[] = { [VERDICT_ALLOW] = "runs",
                                            [VERDICT_PREVIEW] = "tried in an overlay, then asked",
                                            [VERDICT_ASK] = "asks",
                                            [VERDICT_REFUSE] = "refused" };
    g_string_append(out, "| mode |");
    for (int risk = 0; risk < TOOL_N_RISKS; risk++)
        g_string_append_printf(out, " %s |", tool_risk_names[risk]);
    g_string_append(out, "\n|---|---|---|---|---|---|\n");
    for (int mode = 0; mode < APPROVAL_N_MODES; mode++) {
        g_string_append_printf(out, "| `%s`: %s |", approval_mode_names[mode],
                               approval_mode_summaries[mode]);
        for (int risk = 0; risk < TOOL_N_RISKS; risk++)
            g_string_append_printf(out, " %s |",
                                   verdicts[approval_verdict((ApprovalMode)mode, (ToolRisk)risk)]);
        g_string_append_c(out, '\n');
    }
}

char *markdown_tools(void) {
    GString *out = g_string_new("# Tools\n\n");
    g_string_append(out, made_by);
    g_string_append(out,
                    "What the agent can do. The mode (`--mode`, `agent.permission_level`) and the "
                    "risk of a tool decide whether you are asked; `tools.require_approval` asks "
                    "in every mode. Whatever touches files or processes runs in the sandbox.\n\n");
    append_modes(out);
    for (const ToolOps *const *at = tool_registry; *at != NULL; at++) {
        const ToolOps *ops = *at;
        g_string_append_printf(out, "\n## `%s`\n\n%s. Risk: %s.\n\n", ops->name, ops->summary,
                               tool_risk_names[ops->risk]);
        g_string_append(out, "| argument | type | default | what it is |\n|---|---|---|---|\n");
        for (const Field *field = ops->arguments; field->type != FIELD_TYPE_END; field++)
            append_argument(out, field);
    }
    return g_string_free(out, FALSE);
}
