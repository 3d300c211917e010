/*
 * sandbox/plan_writer.h: a profile and one command as the bytes that the child plays.
 */
#pragma once

#include "sandbox/profile-private.h"

typedef struct {
    const char *working_directory; /* absolute */
    const char *temp;              /* level standard: the command's own folder, else NULL */
    const char *overlay_upper;     /* level full with undo, else NULL */
    const char *overlay_work;
    unsigned flags; /* PLAN_RUNS_SELF, PLAN_IS_PROBE, ... */
} PlanDetails;

/* A memory file; -1 with *error. */
int plan_write(const SandboxProfile *profile, const char *const *arguments,
               const PlanDetails *details, GError **error);
