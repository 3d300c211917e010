/*
 * sandbox/exec/child.h: the sandbox child: our own binary under the name "localgpt-sandbox".
 *
 * It reads a Plan (plan.h) from descriptor 4, locks itself in as the plan says, executes the
 * command and stays behind as the one that ends everything the command left over. It reports on the
 * socket at descriptor 3; when the other end of that closes, everything is killed.
 *
 *     int main(int argc, char **argv) {
 *         if (sandbox_child_is_asked(argv)) return sandbox_child_main();
 *
 * GLib-free and single-threaded; nothing of the program may run before it.
 */
#pragma once

#include <stdbool.h>

#define SANDBOX_CHILD_NAME "localgpt-sandbox"

bool sandbox_child_is_asked(char *const *argv);
int sandbox_child_main(void);
