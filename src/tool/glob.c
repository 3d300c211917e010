/* tool/glob.c: files by the pattern of their names. */
#include <string.h>

#include "base/text.h"
#include "tool/glob_pattern.h"
#include "tool/tools.h"
#include "tool/walk.h"

typedef struct {
    char *pattern;
    char *path;
    bool with_hidden;
    bool with_ignored;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "pattern",   FIELD_STRING(Arguments, pattern),    .flags = FIELD_REQUIRED, .help = "Like \"*.c\" (in any folder), \"src/*.c\" or \"src/**/*.{c,h}\"." },
    { "path",      FIELD_STRING(Arguments, path),       .default_text = ".", .help = "The folder to look in." },
    { "hidden",    FIELD_BOOL(Arguments, with_hidden),  .default_text = "false", .help = "Also names that begin with a dot." },
    { "no_ignore", FIELD_BOOL(Arguments, with_ignored), .default_text = "false", .help = "Also what .gitignore leaves out." },
    { 0 }
};
/* clang-format on */

#define MAX_MATCHES 1000

typedef struct {
    char **patterns;
    GString *text;
    unsigned n_matches;
} Search;

static bool on_entry(const WalkEntry *entry, void *user_data) {
    Search *search = user_data;
    bool is_match = false;
    for (char **pattern = search->patterns; !is_match && *pattern != NULL; pattern++) {
        bool is_path = strchr(*pattern, '/') != NULL;
        const char *anchored = **pattern == '/' ? *pattern + 1 : *pattern;
        const char *slash = strrchr(entry->inner, '/');
        const char *name = slash != NULL ? slash + 1 : entry->inner;
        is_match = glob_pattern_match(anchored, is_path ? entry->inner : name);
    }
    if (!is_match) return true;
    if (search->n_matches++ == MAX_MATCHES) return false;
    g_autofree char *path = text_make_valid(entry->path, strlen(entry->path));
    g_string_append_printf(search->text, "%s\n", path);
    return true;
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    (void)request;
    const Arguments *arguments = data;
    g_auto(GStrv) patterns = glob_patterns_expand(arguments->pattern, error);
    if (patterns == NULL) return false;
    g_autoptr(GString) text = g_string_new(NULL);
    Search search = { .patterns = patterns, .text = text };
    Walk walk = { .path = arguments->path,
                  .with_hidden = arguments->with_hidden,
                  .with_ignored = arguments->with_ignored,
                  .on_entry = on_entry,
                  .user_data = &search };
    if (!walk_run(&walk, error)) return false;
    if (search.n_matches == 0)
        g_string_append_printf(text, "No file matches '%s'.\n", arguments->pattern);
    if (search.n_matches > MAX_MATCHES)
        g_string_append(text, "[there are more; use a narrower pattern]\n");
    out->text = g_strdup(text->str);
    out->source = g_strdup(arguments->path);
    return true;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    return g_strdup_printf("find %s in %s", arguments->pattern, arguments->path);
}

const ToolOps tool_glob = {
    .name = "glob",
    .summary = "Find files by the pattern of their names",
    .description = "Finds files by name. Hidden and ignored files are left out unless asked for.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_PARALLEL,
    .origin = ORIGIN_FILE,
    .title = title,
    .work = work,
};
