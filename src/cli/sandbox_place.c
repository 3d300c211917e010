/* cli/sandbox_place.c: configuration, workspace and level of the sandbox commands. */
#include "cli/sandbox_place.h"

#include "base/error.h"
#include "base/file.h"
#include "cli/memory_access.h"

/* In the order of SandboxLevel. */
const char *const sandbox_level_choices[] = { "auto", "full", "standard", "minimal", "none", NULL };

static char *choose_workspace(const App *app, const char *asked, GError **error) {
    if (asked == NULL) return memory_access_workspace(app, error);
    g_autofree char *path = paths_expand_home(app->paths, asked);
    return g_canonicalize_filename(path, NULL);
}

bool sandbox_place_configure(App *app, const CommandLine *line, SandboxPlace *out, GError **error) {
    out->owner = app->config;
    out->config = config_section_expand(app->config, "sandbox", app->secrets, error);
    if (out->config == NULL) return false;
    out->config->level = command_line_choice(line, "level", out->config->level);
    const char *asked = command_line_string(line, "workspace");
    out->workspace = choose_workspace(app, asked, error);
    if (out->workspace == NULL) return false;
    if (g_file_test(out->workspace, G_FILE_TEST_IS_DIR)) return true;
    if (asked == NULL) return file_make_folders(out->workspace, error);
    error_set(error, ERR_NOT_FOUND, "there is no folder '%s'", out->workspace);
    return false;
}

bool sandbox_place_open(App *app, const CommandLine *line, SandboxPlace *out, GError **error) {
    if (!sandbox_place_configure(app, line, out, error)) return false;
    out->profile = sandbox_profile_new(out->config, app->paths, out->workspace, error);
    return out->profile != NULL;
}

void sandbox_place_clear(SandboxPlace *place) {
    sandbox_profile_unref(place->profile);
    if (place->config != NULL) config_section_free(place->owner, "sandbox", place->config);
    g_free(place->workspace);
    *place = (SandboxPlace){ 0 };
}
