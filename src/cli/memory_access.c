/* cli/memory_access.c: see the header. */
#include "cli/memory_access.h"

#include "agent/workspace.h"
#include "memory/seeds.h"
#include "session/session_store.h"

char *memory_access_workspace(const App *app, GError **error) {
    g_autofree char *configured = NULL;
    if (app->config != NULL && config_is_set(app->config, "memory.workspace")) {
        configured = config_get_expanded(app->config, "memory.workspace", error);
        if (configured == NULL) return NULL;
    }
    return workspace_folder(app->paths, configured);
}

void memory_access_close(MemoryAccess *access) {
    if (access == NULL) return;
    memory_close(access->memory);
    if (access->config != NULL)
        config_section_free(access->configuration, "memory", access->config);
    g_free(access->workspace);
    g_free(access->database);
    g_free(access->sessions);
    g_free(access);
}

static void choose_embedder(MemoryAccess *access, App *app) {
    const char *provider = memory_config_embedder(access->config);
    access->embedder = (EmbedderSettings){
        .provider = embedder_find(provider) != NULL ? provider : "",
        .model = access->config->embedding_model,
        .api_key = access->config->gemini_api_key,
        .paths = app->paths,
        .config = app->config,
        .secrets = app->secrets,
    };
}

MemoryAccess *memory_access_open(App *app, GError **error) {
    g_autoptr(MemoryAccess) access = g_new0(MemoryAccess, 1);
    access->configuration = app->config;
    access->config = config_section_expand(app->config, "memory", app->secrets, error);
    if (access->config == NULL) return NULL;
    access->workspace = memory_access_workspace(app, error);
    if (access->workspace == NULL) return NULL;
    if (!memory_seed(access->workspace, NULL, error)) return NULL;
    access->sessions = session_store_folder(app->paths, app->agent, error);
    if (access->sessions == NULL) return NULL;
    g_autofree char *file = g_strconcat(app->agent, ".sqlite", NULL);
    access->database = g_build_filename(app->paths->cache, "memory", file, NULL);
    choose_embedder(access, app);
    const MemoryPlace place = { .workspace = access->workspace,
                                .database = access->database,
                                .sessions = access->sessions,
                                .home = app->paths->home,
                                .config = access->config,
                                .embedder = &access->embedder };
    access->memory = memory_open(&place, error);
    return access->memory != NULL ? g_steal_pointer(&access) : NULL;
}

void memory_access_tell(const App *app, const MemoryAccess *access) {
    g_autofree char *notice = memory_take_notice(access->memory);
    if (notice == NULL) return;
    g_auto(GStrv) lines = g_strsplit(notice, "\n", -1);
    for (char **line = lines; *line != NULL; line++) app_note(app, "%s", *line);
}
