/*
 * sandbox/exec/grants.h: a plan's grants as Landlock rules, for levels standard and full.
 *
 * Landlock only grants, and what it grants on a folder holds for all below. So where something
 * below a granted folder must stay protected or hidden (level standard; at full mounts do it), the
 * folder itself gets no such rule, and each of its other entries gets one: a folder that is split
 * like this cannot take new entries.
 */
#pragma once

#include <stdbool.h>

#include "sandbox/exec/confine.h"
#include "sandbox/exec/plan.h"

/* Enters the rule set. `self` (may be -1) is our own binary, which may be run. no_new_privs must be
 * set. */
bool grants_enter(const PlanHeader *plan, int self, ConfineReport *report);
