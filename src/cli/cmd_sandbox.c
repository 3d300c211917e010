/* cli/cmd_sandbox.c: `localgpt sandbox`: the table of its commands. Each has a file of its own. */
#include "cli/commands.h"
#include "cli/sandbox_place.h"

/* clang-format off */
#define LEVEL_OPTION { "level", 'l', OPTION_CHOICE, .argument = "LEVEL", .choices = sandbox_level_choices, .help = "Level, instead of the configured one" }
#define WORKSPACE_OPTION { "workspace", 'w', OPTION_STRING, .argument = "DIR", .complete = "file", .help = "Folder that may be written, instead of the workspace" }

static const Option place_options[] = {
    LEVEL_OPTION,
    WORKSPACE_OPTION,
    { 0 }
};
static const Option run_options[] = {
    LEVEL_OPTION,
    WORKSPACE_OPTION,
    { "input", 'i', OPTION_FLAG, .help = "Give the command what comes on standard input" },
    { 0 }
};

static const Example status_examples[] = {
    { "sandbox status",        "What the kernel has, what holds, and what a command may do." },
    { "sandbox status --json", "The same for a script." },
    { 0 }
};
static const Example test_examples[] = {
    { "sandbox test",                  "Tries to get out, and does everyday work." },
    { "sandbox test --level standard", "The same at another level." },
    { 0 }
};
static const Example run_examples[] = {
    { "sandbox run -- ls -la ~",                   "See what a command of the assistant sees." },
    { "sandbox run --level standard -- make test", "At another level." },
    { "sandbox run -w . -- touch note",             "With this folder as the workspace." },
    { "sandbox run -i -- sort < names.txt",        "With input." },
    { 0 }
};
static const Example explain_examples[] = {
    { "sandbox explain ~/.ssh/id_rsa",        "Why a file cannot be read." },
    { "sandbox explain ~/Documents",          "What to set so that it can." },
    { "sandbox explain curl https://a.example", "Each word of a command." },
    { 0 }
};

const Command cmd_sandbox_subcommands[] = {
    { "status", .summary = "Show what the kernel offers and what holds",
      .description = "Landlock's version and each of its rights, seccomp, namespaces; which levels can be had and why not; the "
                     "outcome of the attempts that 'sandbox test' makes, made just now; and every grant that a command gets.\n\n"
                     "full: namespaces of its own, a small root, Landlock, seccomp, no capabilities.\n\n"
                     "standard: Landlock and seccomp. Of files elsewhere only the names can be seen, and their modes and times changed.\n\n"
                     "minimal: seccomp and limits; every file of yours is in reach.\n\n"
                     "none: only the limits.",
      .examples = status_examples, .options = place_options, .needs = NEEDS_CONFIG, .run = cmd_sandbox_status_run },
    { "test", .summary = "Try to get out of the sandbox, and to work in it",
      .description = "Runs attempts and everyday work in a folder of its own and judges by what can be seen from outside: the "
                     "text of a secret file in the output, a file that changed, a byte that arrived on a socket, a process that "
                     "still runs. Exit status 1 when one of them did not go as it must.",
      .examples = test_examples, .options = place_options, .needs = NEEDS_CONFIG, .run = cmd_sandbox_test_run },
    { "run", .arguments = "-- COMMAND [ARGUMENT...]", .summary = "Run a command in the sandbox by hand",
      .description = "The command runs as one of the assistant does: the same level, workspace, limits and environment. Its "
                     "exit status is passed on; 124 when its time was up, 128 and the number when a signal ended it.\n\n"
                     "Words of the command that begin with '-' need the '--'. With both streams on one terminal its output "
                     "appears as it comes; otherwise its errors follow at the end, on standard error.",
      .examples = run_examples, .options = run_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = -1,
      .complete = "file", .run = cmd_sandbox_run_run },
    { "explain", .arguments = "PATH|COMMAND...", .summary = "Tell which rule allows or forbids something",
      .description = "For a path: what a command may do with it, tried just now in the sandbox, the rule that decides, and the "
                     "line of configuration that would change it. For a command: the same for its program and for each word "
                     "that is a path or an address. The command itself is not run.",
      .examples = explain_examples, .options = place_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = -1,
      .complete = "file", .run = cmd_sandbox_explain_run },
    { 0 }
};
/* clang-format on */
