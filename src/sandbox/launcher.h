/*
 * sandbox/launcher.h: starts the sandbox child with its descriptors in place.
 *
 * vfork-style (posix_spawn): a parent of any size pays nothing for its memory.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

/* Our ends; -1 = none. Owned by the caller. */
typedef struct {
    pid_t pid;
    int control; /* packets: PlanReport from it, PLAN_ORDER_... to it; closing it kills */
    int input;   /* write end, non-blocking; -1 when it reads nothing */
    int output;  /* read end, non-blocking */
    int errors;  /* the same, -1 when errors go into output */
} LaunchedChild;

typedef struct {
    int plan; /* borrowed */
    bool has_input;
    bool separates_errors;
} LaunchRequest;

bool launcher_start(const LaunchRequest *request, LaunchedChild *out_child,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
