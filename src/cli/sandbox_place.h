/*
 * cli/sandbox_place.h: the sandbox as the configuration has it, for the commands that show it.
 *
 *     g_auto(SandboxPlace) place = { 0 };
 *     if (!sandbox_place_open(app, line, &place, error)) return false;
 *     ... place.profile ...
 *
 * --level and --workspace of the command line come before the configuration.
 */
#pragma once

#include "cli/app.h"
#include "sandbox/sandbox.h"

typedef struct {
    /* owned */
    SandboxConfig *config; /* expanded */
    char *workspace;       /* absolute; made when it was not there */
    SandboxProfile *profile;
    /* borrowed */
    const Config *owner;
} SandboxPlace;

/* What the options of the commands are called. */
extern const char *const sandbox_level_choices[];

/* `out` is zeroed. ERR_DENIED with the reason when the level is not to be had. */
bool sandbox_place_open(App *app, const CommandLine *line, SandboxPlace *out,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Only config and workspace, without a profile. */
bool sandbox_place_configure(App *app, const CommandLine *line, SandboxPlace *out,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

void sandbox_place_clear(SandboxPlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SandboxPlace, sandbox_place_clear)
