/*
 * sandbox/exec/protect.h: names that stay as they are inside a folder that may be written.
 *
 * Level full, by mounts. What exists is mounted upon itself read-only; the folders above it inside
 * the workspace are mounted upon themselves too, so that none can be renamed away. What does not
 * exist is made as an empty file with no permissions (a placeholder) and covered by a device that
 * cannot be opened, so that the name can neither be made nor removed. The parent removes
 * placeholders afterwards (sandbox/placeholder.h); one that a crash left is empty and has mode 0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/exec/confine.h"
#include "sandbox/exec/plan.h"

/* Plays the PLAN_PROTECT and PLAN_HIDE items of `plan`; the small root is entered already. */
bool protect_all(const PlanHeader *plan, ConfineReport *report);

/* small_root.c's, shared with protect.c only. */
bool small_root_fail(ConfineReport *report, const char *what, const char *path);
int small_root_clone(int folder, const char *path, uint64_t attributes);
