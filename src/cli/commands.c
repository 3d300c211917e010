/*
 * cli/commands.c: the table of commands and the options that every command takes.
 *
 * Rows stand in the order of help, by group.
 */
#include "cli/commands.h"

#include "cli/cmd_config.h"

/* clang-format off */
const Option global_options[] = {
    { "verbose",  'v', OPTION_FLAG,   .help = "Tell what is being done, on stderr" },
    { "quiet",    'q', OPTION_FLAG,   .help = "No notes and warnings, only errors" },
    { "config",   'c', OPTION_STRING, .argument = "FILE", .complete = "file", .environment = "LOCALGPT_CONFIG", .help = "Configuration file to use" },
    { "agent",    'a', OPTION_STRING, .argument = "ID", .complete = "agent", .environment = "LOCALGPT_AGENT", .default_text = "main", .help = "Agent whose sessions and memory are used" },
    { "profile",  'p', OPTION_STRING, .argument = "NAME", .environment = "LOCALGPT_PROFILE", .help = "Separate set of folders with this name" },
    { "no-color", 0,   OPTION_FLAG,   .help = "No colours" },
    { "plain",    0,   OPTION_FLAG,   .help = "Plain text without drawing or animation, for screen readers" },
    { "json",     0,   OPTION_FLAG,   .help = "One JSON document on stdout, also on failure" },
    { "timeout",  0,   OPTION_INT,    .argument = "SECONDS", .min = 1, .max = 31536000, .help = "Give up after this time, with exit status 124" },
    { "help",     'h', OPTION_FLAG,   .help = "Help: -h short, --help long" },
    { "version",  0,   OPTION_FLAG,   .help = "Print the version" },
    { 0 }
};

static const Example completion_examples[] = {
    { "completion bash",                                      "Print the script." },
    { "completion bash > ~/.local/share/bash-completion/completions/localgpt", "Install it for bash." },
    { "completion fish > ~/.config/fish/completions/localgpt.fish", "Install it for fish." },
    { "completion zsh > ~/.zfunc/_localgpt",                  "Install it for zsh, with ~/.zfunc in $fpath." },
    { 0 }
};
static const Command completion_subcommands[] = {
    { "values", .arguments = "KIND", .summary = "Print what a shell may offer", .min_arguments = 1, .max_arguments = 1,
      .run = cmd_completion_values_run, .flags = COMMAND_HIDDEN },
    { 0 }
};

static const Example doctor_examples[] = {
    { "doctor",          "Every check, one line each." },
    { "doctor --fix",    "Mend what can be mended: permissions, folders, leftovers." },
    { "doctor --json",   "The same for a script." },
    { "doctor --strict", "Exit with 1 for a warning, too." },
    { 0 }
};

static const Example help_examples[] = {
    { "help",            "The commands." },
    { "help paths",      "A command, as 'localgpt paths --help' does." },
    { "help exit-codes", "A topic; 'localgpt help topics' lists them." },
    { 0 }
};

static const Example memory_examples[] = {
    { "memory search \"train to Vienna\"", "Finds a note." },
    { "memory recent",                     "The newest daily notes." },
    { "memory reindex",                    "Looks which files changed." },
    { 0 }
};

static const Example model_examples[] = {
    { "model list --all",       "What is installed and what can be got." },
    { "model pull qwen3-1.7b",  "Get a better model than the built-in one." },
    { "model use qwen3-1.7b",   "Let it answer." },
    { 0 }
};

static const Example paths_examples[] = {
    { "paths",              "Where everything is kept." },
    { "paths --json",       "The same for a script." },
    { "-p work paths",      "The folders of the profile 'work'." },
    { 0 }
};

static const Example approvals_examples[] = {
    { "approvals list",          "What was allowed for good." },
    { "approvals remove 3f2a9c", "Ask about it again." },
    { 0 }
};

static const Example sandbox_examples[] = {
    { "sandbox status",           "What the kernel offers and what holds." },
    { "sandbox test",             "Tries to get out." },
    { "sandbox run -- ls -la ~",  "Shows what a command of the assistant sees." },
    { 0 }
};

static const Example session_examples[] = {
    { "session list",            "The newest conversations." },
    { "session search holiday",  "Finds where that was said." },
    { "session export 3f2a",     "A conversation as Markdown." },
    { 0 }
};

static const Example ask_examples[] = {
    { "ask \"What is the capital of France?\"", "One question, one answer." },
    { "ask \"Write a commit message\" < changes.diff", "A question about text on standard input." },
    { "ask -f json \"2+2?\"", "One JSON document: answer, model, session, tokens." },
    { "ask -f stream-json \"Tell me a story\"", "One JSON event a line, as they happen." },
    { "ask -i chart.png \"What does this show?\"", "A question about a file; -i may be repeated." },
    { "ask -C ~/project --mode edits \"Fix the typo in the README\"", "Let it change files of a folder; commands still ask." },
    { "ask --session 3f2a \"And in winter?\"", "Go on with a session." },
    { 0 }
};

static const Example chat_examples[] = {
    { "chat",          "Talk; /help lists what a chat understands." },
    { "chat --resume", "Go on with the most recent conversation." },
    { "chat -m local", "Answer with the local model, whatever is configured." },
    { 0 }
};

static const Example undo_examples[] = {
    { "undo",           "Take back what the last turn changed." },
    { "undo --list",    "The turns that changed something, with their numbers." },
    { "undo -n -t 12",  "What would happen if turn 12 were taken back." },
    { 0 }
};

static const Example redo_examples[] = {
    { "redo", "Do again what was undone last." },
    { 0 }
};

static const Example diff_examples[] = {
    { "diff",       "What the last turn changed." },
    { "diff -t 12", "What turn 12 changed." },
    { 0 }
};

const Command commands[] = {
    { "chat", "Talk", .summary = "Talk with the assistant",
      .description = "On a terminal the answer streams above a prompt that is always ready: Enter sends, Ctrl-J begins a new "
                     "line, Esc stops an answer and keeps what was said, '@' names a file to send along, '/' lists the "
                     "commands, '?' the keys. Elsewhere, and with --plain, NO_COLOR or TERM=dumb, a message is a line. "
                     "Ctrl-D or /quit ends. Every message is on disk before it is answered; 'chat --resume' goes on "
                     "where you stopped.\n\n"
                     "With nothing configured the answers come from the built-in local model: no key, no network.",
      .examples = chat_examples, .options = cmd_chat_options, .needs = NEEDS_CONFIG, .flags = COMMAND_DEFAULT,
      .run = cmd_chat_run },
    { "ask", "Talk", .arguments = "[QUESTION...|-]", .summary = "Ask one question and print the answer",
      .description = "The words are the question; '-' takes it from standard input. Text that is piped in beside a question "
                     "is attached to it, and so are the files named with -i. Only the answer goes to stdout; notes and progress go to stderr.",
      .examples = ask_examples, .options = cmd_ask_options, .needs = NEEDS_CONFIG, .max_arguments = -1,
      .run = cmd_ask_run },
    { "session", "Talk", .summary = "List, search and export conversations",
      .description = "A session is one conversation, one file in the state folder (see 'localgpt paths'). Each agent has its own.",
      .examples = session_examples, .subcommands = cmd_session_subcommands },
    { "memory", "Remember", .summary = "Find, read and keep notes",
      .description = "Notes are Markdown files in the workspace (see 'localgpt memory stats'): MEMORY.md, one file a day in memory/, "
                     "whatever lies in knowledge/. They are yours: edit them with anything. The index beside them finds them "
                     "again and can always be made anew.",
      .examples = memory_examples, .subcommands = cmd_memory_subcommands },
    { "undo", "Take back", .summary = "Take back what a turn changed",
      .description = "Every file that a turn made, changed or removed, by a tool or by a command it ran, becomes what it was. "
                     "Only what is still as the turn left it is touched: what you or a program changed since is named and left "
                     "alone. Nothing is thrown away: 'localgpt redo' brings it back.",
      .examples = undo_examples, .options = cmd_undo_options, .needs = NEEDS_CONFIG, .run = cmd_undo_run },
    { "redo", "Take back", .summary = "Do again what was undone",
      .description = "The turn that was undone last, or the one with a number.",
      .examples = redo_examples, .options = cmd_redo_options, .needs = NEEDS_CONFIG, .run = cmd_redo_run },
    { "diff", "Take back", .summary = "Show what a turn changed",
      .description = "A unified diff of the newest turn that changed something, or of the one with a number. Lines that begin "
                     "with '#' tell of what has no lines: binary files with their sizes, links, modes.",
      .examples = diff_examples, .options = cmd_diff_options, .needs = NEEDS_CONFIG, .run = cmd_diff_run },
    { "approvals", "Configure", .summary = "List and remove what tools may do without asking",
      .description = "Where a tool asks, \"always for exactly this\" is one of the answers. It is bound to the bytes of the "
                     "call, the folder and the environment; any other byte asks again.",
      .examples = approvals_examples, .subcommands = cmd_approvals_subcommands },
    { "config", "Configure", .summary = "Show and change the settings",
      .description = "The settings are one TOML file, shared with the original LocalGPT. 'localgpt config path' prints "
                     "where it is, 'localgpt config list' what can be set.",
      .examples = config_examples, .subcommands = config_commands },
    { "model", "Configure", .summary = "Get, list and choose local models",
      .description = "Local models are files that run on this machine without any network. They lie in the data folder "
                     "(see 'localgpt paths'); a GGUF file that is put there by hand is a model, too.",
      .examples = model_examples, .subcommands = cmd_model_subcommands },
    { "paths", "Configure", .summary = "Show where files are kept",
      .description = "Prints the folders and files that LocalGPT uses, by kind. They follow the XDG Base Directory "
                     "Specification and can be moved with variables; see 'localgpt help environment'.\n\n"
                     "Nothing is created; what is not there yet is marked.",
      .examples = paths_examples, .run = cmd_paths_run },
    { "doctor", "Configure", .summary = "Check that everything works",
      .description = "Looks at configuration, folders, disk, keys, sandbox and the local engine, and has the local model "
                     "answer. Each check is one line; behind the arrow stands the command that mends what is wrong.\n\n"
                     "The exit status is 1 when there is a problem; a warning counts only with --strict.",
      .examples = doctor_examples, .options = cmd_doctor_options, .run = cmd_doctor_run },
    { "sandbox", "Configure", .summary = "Look into the sandbox around every command",
      .description = "Every command and file tool of the assistant runs inside a sandbox that the kernel keeps. These commands "
                     "show what it consists of on this machine, prove it, run something in it by hand, and tell why something "
                     "in it is not allowed.",
      .examples = sandbox_examples, .subcommands = cmd_sandbox_subcommands },
    { "completion", "Learn", .arguments = "SHELL", .summary = "Print completions for bash, zsh or fish",
      .description = "The script completes commands, options, choices, and names that only this machine knows: models, "
                     "sessions, configuration keys. 'make install' puts it where the shell looks.\n\n"
                     "For this shell only:\n\n"
                     "  eval \"$(localgpt completion bash)\"\n"
                     "  eval \"$(localgpt completion zsh)\"\n"
                     "  localgpt completion fish | source",
      .examples = completion_examples, .subcommands = completion_subcommands, .min_arguments = 1, .max_arguments = 1,
      .complete = "shell", .run = cmd_completion_run },
    { "help", "Learn", .arguments = "[COMMAND...|TOPIC]", .summary = "Show help on a command or a topic",
      .description = "Without an argument the commands are listed. A command may be followed by its subcommand. "
                     "'localgpt help topics' lists what else is told.",
      .examples = help_examples, .max_arguments = -1, .complete = "topic", .run = cmd_help_run },
    { 0 }
};
/* clang-format on */
