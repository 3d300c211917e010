/*
 * sandbox/exec/child.h: the sandbox child: our own binary under the name "localgpt-sandbox".
 *
 * It plays a Plan (plan.h): locks itself in as the plan says, executes the command and stays behind
 * as the one that ends everything the command left over. It reports on the socket at descriptor 3;
 * when the other end of that closes, everything is killed.
 *
 *     int main(int argc, char **argv) {
 *         if (sandbox_child_is_asked(argv)) return sandbox_child_main();
 *
 * GLib-free and single-threaded; nothing of the program may run before it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/exec/plan.h"

#define SANDBOX_CHILD_NAME "localgpt-sandbox"

bool sandbox_child_is_asked(char *const *argv);

/* server.c: waits for commands until the parent has none left. */
int sandbox_child_main(void);

/* Whose command it is, as seen from outside of the namespaces. */
typedef struct {
    uid_t uid;
    gid_t gid;
} ChildIdentity;

/* One command, in a process of its own (at level full: process 1 of new namespaces) whose
 * descriptors are in place. */
void sandbox_child_run(const PlanHeader *plan, const ChildIdentity *identity)
    __attribute__((noreturn));
