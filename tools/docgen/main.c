/* tools/docgen/main.c: which file gets what. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/completion.h"
#include "docgen.h"

typedef struct {
    const char *path;
    char *(*render)(void);
} Page;

static const Page pages[] = {
    { "docs/man/man1/localgpt.1", man_program },
    { "docs/man/man5/localgpt.toml.5", man_config },
    { "docs/reference/cli.md", markdown_commands },
    { "docs/reference/config.example.toml", config_example_file },
    { "docs/reference/config.md", markdown_config },
    { "docs/reference/errors.md", markdown_errors },
    { "docs/reference/events.md", markdown_events },
    { "docs/reference/tools.md", markdown_tools },
};

void docgen_walk(const Command *table, DocgenVisitFn visit, GString *out) {
    for (const Command *command = table; command != NULL && command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        const Command *const path[] = { command, NULL };
        visit(out, path);
        for (const Command *sub = command->subcommands; sub != NULL && sub->name != NULL; sub++) {
            if (sub->flags & COMMAND_HIDDEN) continue;
            const Command *const sub_path[] = { command, sub, NULL };
            visit(out, sub_path);
        }
    }
}

void docgen_text(GString *out, const char *text, const DocgenText *form) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *block = g_string_new(NULL);
    for (char **line = lines; *line != NULL; line++) {
        if ((*line)[0] == ' ') {
            g_string_append_printf(block, "%s\n", *line);
            continue;
        }
        if (block->len > 0) form->block(out, block->str);
        g_string_truncate(block, 0);
        if ((*line)[0] != '\0') form->paragraph(out, *line);
    }
    if (block->len > 0) form->block(out, block->str);
    g_string_free(block, TRUE);
}

static bool write_page(const char *root, const char *path, const char *text, GError **error) {
    g_autofree char *whole = g_build_filename(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);
    if (g_mkdir_with_parents(folder, 0755) != 0) {
        error_set(error, ERR_IO, "cannot make '%s'", folder);
        return false;
    }
    return g_file_set_contents(whole, text, -1, error);
}

static bool write_all(const char *root, GError **error) {
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *text = pages[i].render();
        if (!write_page(root, pages[i].path, text, error)) return false;
    }
    for (const Command *command = commands; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_autofree char *path = g_strdup_printf("docs/man/man1/localgpt-%s.1", command->name);
        g_autofree char *text = man_command(command);
        if (!write_page(root, path, text, error)) return false;
    }
    for (const CompletionShell *shell = completion_shells; shell->name != NULL; shell++) {
        g_autofree char *path = g_build_filename("data/completions", shell->file, NULL);
        g_autofree char *text = completion_script(shell);
        if (!write_page(root, path, text, error)) return false;
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: docgen FOLDER\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    if (write_all(argv[1], &error)) return 0;
    fprintf(stderr, "docgen: %s\n", error->message);
    return 1;
}
