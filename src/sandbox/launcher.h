/*
 * sandbox/launcher.h: starts sandbox children with their descriptors in place.
 *
 * Each launcher has one small process of our own binary (exec/server.h), started when it is first
 * needed, vfork-style: a parent of any size pays nothing for its memory. Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

typedef struct {
    GMutex lock;
    int socket; /* -1 = not started */
    pid_t pid;
} Launcher;

void launcher_init(Launcher *launcher);
/* Its process ends; running commands do not. */
void launcher_clear(Launcher *launcher);

/* Our ends; -1 = none. Owned by the caller. */
typedef struct {
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

bool launcher_start(Launcher *launcher, const LaunchRequest *request, LaunchedChild *out_child,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
