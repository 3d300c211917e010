/*
 * sandbox/exec/reaper.h: stays with a running command, and leaves nothing of it behind.
 *
 * At level full it is process 1 of the command's pid namespace: when it ends, the kernel kills all
 * the others. Elsewhere it is the subreaper that every orphan of the command comes to, and kills by
 * one kill(-1) that a Landlock scope keeps among its own; where the kernel has no such scope, child
 * by child until there is none.
 *
 * It also is the watch over what no limit of the kernel counts: the number of processes.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/exec/plan.h"

typedef struct {
    bool is_init;           /* process 1 of the command's namespace */
    bool is_scoped;         /* kill(-1) reaches our descendants only */
    unsigned max_processes; /* to be counted here; 0 = the kernel does, or no limit */
} ReaperPowers;

/* Before the command is started: become the one that orphans come to. */
bool reaper_prepare(const PlanHeader *plan, ReaperPowers *powers, ConfineReport *report);

/* Waits for `command`, obeys orders on PLAN_CONTROL_FD, then kills what is left, reports and ends
 * this process. */
void reaper_run(const ReaperPowers *powers, pid_t command) __attribute__((noreturn));
