/*
 * sandbox/exec/small_root.h: level full's own little file system.
 *
 * In new user and mount namespaces: a tmpfs becomes "/", and only what the plan grants is bound
 * into it, read-only unless the plan says otherwise. Everything else (home, keys, sockets, other
 * temporary files) is not denied but absent. The old root is let go.
 */
#pragma once

#include <stdbool.h>

#include "sandbox/exec/confine.h"
#include "sandbox/exec/plan.h"

/* Needs all capabilities of the new user namespace. On success "/" is the small root. */
bool small_root_enter(const PlanHeader *plan, ConfineReport *report);
