/*
 * cli/memory_access.h: the memory of the agent, as the configuration says.
 *
 *     g_autoptr(MemoryAccess) access = memory_access_open(app, error);
 *     if (access == NULL) return false;
 *     ... memory_search(access->memory, ...) ...
 */
#pragma once

#include "cli/app.h"
#include "memory/memory.h"

typedef struct {
    /* owned */
    Memory *memory;
    MemoryConfig *config;
    char *workspace, *database, *sessions;
    /* borrowed from the App */
    const Config *configuration;
    EmbedderSettings embedder;
} MemoryAccess;

/* The folder of the notes: LOCALGPT_WORKSPACE, memory.workspace, or the usual one. New string; NULL
 * with *error when it names a variable that is not set. */
char *memory_access_workspace(const App *app, GError **error);

/* Needs NEEDS_CONFIG. The App must outlive it. */
MemoryAccess *memory_access_open(App *app, GError **error);
void memory_access_close(MemoryAccess *access);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemoryAccess, memory_access_close)

/* What the memory has to tell goes to stderr. */
void memory_access_tell(const App *app, const MemoryAccess *access);
