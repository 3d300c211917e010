/*
 * tools/docgen/man.c: man pages: localgpt.1 and one per command with its subcommands, in the man(7)
 * macros, clean under `mandoc -T lint`.
 */
#include <string.h>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/config_sections.h"
#include "cli/config_topic.h"
#include "cli/help.h"
#include "cli/topic.h"
#include "docgen.h"

/* Pages must not change from one day to the next. */
#define MANUAL_DATE "2026-11-24"

enum { MAX_LINE_BYTES = 78 };

/* One line of running text: hyphens are hyphens, and no line is a request. */
static char *escape(const char *text) {
    GString *out = g_string_new(NULL);
    if (text[0] == '.' || text[0] == '\'') g_string_append(out, "\\&");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\')
            g_string_append(out, "\\e");
        else if (*at == '-')
            g_string_append(out, "\\-");
        else
            g_string_append_c(out, *at);
        if (*at == '\n' && (at[1] == '.' || at[1] == '\'')) g_string_append(out, "\\&");
    }
    return g_string_free(out, FALSE);
}

/* Wrapped: mandoc finds lines of more than 80 bytes too long. */
static void append_line(GString *out, const char *text) {
    g_autofree char *safe = escape(text);
    g_auto(GStrv) words = g_strsplit(safe, " ", -1);
    size_t at = 0;
    for (char **word = words; *word != NULL; word++) {
        size_t length = strlen(*word);
        if (length == 0) continue;
        bool is_new_line = at > 0 && at + 1 + length > MAX_LINE_BYTES;
        if (at > 0) g_string_append_c(out, is_new_line ? '\n' : ' ');
        if (is_new_line && ((*word)[0] == '.' || (*word)[0] == '\'')) g_string_append(out, "\\&");
        g_string_append(out, *word);
        at = is_new_line ? length : at + length + (at > 0 ? 1 : 0);
    }
    g_string_append_c(out, '\n');
}

/* mandoc wants each sentence on a line of its own. */
static void append_sentences(GString *out, const char *text) {
    g_auto(GStrv) sentences = g_strsplit(text, ". ", -1);
    for (char **sentence = sentences; *sentence != NULL; sentence++) {
        g_autofree char *line = g_strconcat(*sentence, sentence[1] != NULL ? "." : "", NULL);
        append_line(out, line);
    }
}

static void paragraph(GString *out, const char *text) {
    bool is_first = g_str_has_suffix(out->str, "\n.SH DESCRIPTION\n");
    if (!is_first) g_string_append(out, ".PP\n");
    append_sentences(out, text);
}

static void block(GString *out, const char *lines) {
    g_autofree char *safe = escape(lines);
    g_string_append_printf(out, ".PP\n.nf\n%s.fi\n", safe);
}

static const DocgenText man_text = { paragraph, block };

static void append_header(GString *out, const char *title, int section, const char *summary) {
    g_autofree char *upper = g_ascii_strup(title, -1);
    g_autofree char *safe_title = escape(title);
    g_autofree char *first = g_strdup_printf("%c%s", g_ascii_tolower(summary[0]), summary + 1);
    /* A proper name stays as it is. */
    g_autofree char *safe = escape(g_str_has_prefix(summary, "LocalGPT") ? summary : first);
    g_string_append_printf(out,
                           ".\\\" Made by tools/docgen; 'make docs' makes it anew.\n"
                           ".TH %s %d %s \"LocalGPT " LOCALGPT_VERSION "\" \"LocalGPT manual\"\n"
                           ".SH NAME\n%s \\- %s\n",
                           upper, section, MANUAL_DATE, safe_title, safe);
}

static void append_usage(GString *out, const Command *const *path) {
    g_autofree char *name = command_path_text(path);
    g_autofree char *usage = command_usage(path);
    g_autofree char *safe_name = escape(name);
    g_autofree char *safe_rest = escape(usage + strlen(path[0] != NULL ? name : ""));
    g_string_append_printf(out, ".B localgpt%s%s\n%s\n", name[0] != '\0' ? " " : "", safe_name,
                           g_strchug(safe_rest));
}

static void append_options(GString *out, const Option *options) {
    for (const Option *option = options; option != NULL && option->name != NULL; option++) {
        g_autofree char *spelling = help_option_spelling(option);
        g_autofree char *help = help_option_text(option);
        g_autofree char *safe = escape(g_strstrip(spelling));
        g_string_append_printf(out, ".TP\n.B %s\n", safe);
        append_sentences(out, help);
    }
}

static void append_examples(GString *out, const Example *examples) {
    for (const Example *example = examples; example != NULL && example->line != NULL; example++) {
        g_autofree char *line = escape(example->line);
        g_string_append_printf(out, ".TP\n.B localgpt %s\n", line);
        append_sentences(out, example->comment);
    }
}

static void append_subcommand(GString *out, const Command *const *path) {
    const Command *command = command_last(path);
    g_autofree char *name = command_path_text(path);
    g_autofree char *safe_name = escape(name);
    g_string_append_printf(out, ".SS localgpt %s\n", safe_name);
    append_usage(out, path);
    docgen_text(out, command->description, &man_text);
    append_options(out, command->options);
    append_examples(out, command->examples);
}

static void append_exit_status(GString *out) {
    g_string_append(out, ".SH EXIT STATUS\n.TP\n.B 0\nSuccess.\n");
    for (int status = 1; status < 256; status++) {
        bool is_first = true;
        for (int code = 0; code < ERR_N_CODES; code++) {
            if (error_kinds[code].exit_status != status) continue;
            if (is_first) g_string_append_printf(out, ".TP\n.B %d\n", status);
            is_first = false;
            append_sentences(out, error_kinds[code].summary);
        }
    }
}

/* Another page, in bold, at the end of a list. */
static void append_reference(GString *out, const char *name, int section, const char *after) {
    g_autofree char *safe = escape(name);
    g_string_append_printf(out, ".BR %s (%d)%s\n", safe, section, after);
}

static void append_command_list(GString *out) {
    for (const Command *command = commands; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_autofree char *page = g_strconcat("localgpt-", command->name, NULL);
        g_string_append(out, ".TP\n");
        append_reference(out, page, 1, "");
        g_autofree char *summary = g_strconcat(command->summary, ".", NULL);
        append_sentences(out, summary);
    }
}

char *man_program(void) {
    GString *out = g_string_new(NULL);
    static const Command *const nothing[] = { NULL };
    append_header(out, "localgpt", 1, "A private AI assistant on your own machine");
    g_string_append(out, ".SH SYNOPSIS\n");
    append_usage(out, nothing);
    g_string_append(out, ".SH DESCRIPTION\n");
    docgen_text(out,
                "LocalGPT answers questions with a model that runs on this machine, or with a "
                "provider that you configure. It needs no account and, once a model is there, no "
                "network.\n\nWithout a command, on a terminal, a conversation begins.",
                &man_text);
    g_string_append(out, ".SH COMMANDS\n");
    append_command_list(out);
    g_string_append(out, ".SH OPTIONS\nEvery command takes these, anywhere on the line.\n");
    append_options(out, global_options);
    append_exit_status(out);
    static const char *const sections[][2] = {
        { "environment", ".SH ENVIRONMENT\n" },
        { "files", ".SH FILES\n" },
        { "json", ".SH JSON\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
        const Topic *topic = topic_find(sections[i][0]);
        g_string_append(out, sections[i][1]);
        g_string_append_printf(out, "%s.\n", topic->summary);
        GString *text = g_string_new(topic->text);
        if (topic->render != NULL) topic->render(text, NULL, NULL);
        docgen_text(out, text->str, &man_text);
        g_string_free(text, TRUE);
    }
    return g_string_free(out, FALSE);
}

char *man_command(const Command *command) {
    GString *out = g_string_new(NULL);
    const Command *const path[] = { command, NULL };
    g_autofree char *title = g_strconcat("localgpt-", command->name, NULL);
    append_header(out, title, 1, command->summary);
    g_string_append(out, ".SH SYNOPSIS\n");
    append_usage(out, path);
    g_string_append(out, ".SH DESCRIPTION\n");
    docgen_text(out, command->description, &man_text);
    bool has_header = false;
    for (const Command *sub = command->subcommands; sub != NULL && sub->name != NULL; sub++) {
        if (sub->flags & COMMAND_HIDDEN) continue;
        if (!has_header) g_string_append(out, ".SH COMMANDS\n");
        has_header = true;
        const Command *const sub_path[] = { command, sub, NULL };
        append_subcommand(out, sub_path);
    }
    if (command->options != NULL) {
        g_string_append(out, ".SH OPTIONS\n");
        append_options(out, command->options);
    }
    if (command->examples != NULL) {
        g_string_append(out, ".SH EXAMPLES\n");
        append_examples(out, command->examples);
    }
    g_string_append(out, ".SH SEE ALSO\n");
    append_reference(out, "localgpt", 1, ",");
    append_reference(out, "localgpt.toml", 5, "");
    return g_string_free(out, FALSE);
}

char *man_config(void) {
    GString *out = g_string_new(NULL);
    append_header(out, "localgpt.toml", 5, "Configuration file of LocalGPT");
    g_string_append(out, ".SH DESCRIPTION\n");
    docgen_text(out,
                "The file is config.toml in ~/.config/localgpt, or where --config or "
                "LOCALGPT_CONFIG say. It is TOML; every key may be left out. In every string, "
                "${NAME} and $NAME stand for a variable of the environment, and $$ for a dollar. "
                "They are looked up when the value is used.",
                &man_text);
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    for (const ConfigSection *section = config_sections; section->name != NULL; section++) {
        g_string_append_printf(out, ".SH [%s]\n", section->name);
        append_sentences(out, section->summary);
        for (guint i = 0; i < keys->len; i++) {
            const ConfigKey *key = g_ptr_array_index(keys, i);
            if (key->section != section) continue;
            g_autofree char *facts = config_topic_facts(key);
            g_autofree char *name = escape(key->key);
            g_string_append_printf(out, ".TP\n.B %s\n", name);
            append_sentences(out, key->field->help);
            g_string_append(out, ".br\n");
            append_line(out, facts);
        }
    }
    g_string_append(out, ".SH SEE ALSO\n");
    append_reference(out, "localgpt-config", 1, ",");
    append_reference(out, "localgpt", 1, "");
    return g_string_free(out, FALSE);
}
