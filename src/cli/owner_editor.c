/* cli/owner_editor.c: see the header. */
#include "cli/owner_editor.h"

#include <sys/wait.h>

#include "base/error.h"

enum { SHELL_FOUND_NOTHING = 127 };

static const char *choose(const char *fallback) {
    static const char *const variables[] = { "VISUAL", "EDITOR" };
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *editor = g_getenv(variables[i]);
        if (editor != NULL && editor[0] != '\0') return editor;
    }
    return fallback;
}

bool owner_editor_run(const char *path, const char *fallback, GError **error) {
    const char *editor = choose(fallback);
    g_autofree char *script = g_strdup_printf("exec %s \"$1\"", editor);
    const char *arguments[] = { "sh", "-c", script, "sh", path, NULL };
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN;
    int status = 0;
    g_autoptr(GError) problem = NULL;
    bool has_run = g_spawn_sync(NULL, (char **)arguments, NULL, flags, NULL, NULL, NULL, NULL,
                                &status, &problem);
    if (has_run && g_spawn_check_wait_status(status, &problem)) return true;
    bool is_found = has_run && !(WIFEXITED(status) && WEXITSTATUS(status) == SHELL_FOUND_NOTHING);
    error_set_with_hint(error, is_found ? ERR_FAILED : ERR_NOT_FOUND,
                        "Set EDITOR to an editor that is installed.", "the editor '%s' %s: %s",
                        editor, is_found ? "failed" : "does not start", problem->message);
    return false;
}
