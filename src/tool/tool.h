/*
 * tool/tool.h: what the agent can do, one ToolOps row per tool.
 *
 * A tool has a name, typed arguments (Field rows: from them come the JSON Schema that the model is
 * sent and the strict check of what it sends back), a risk that decides whether the owner is asked,
 * and one of two ways to act:
 *
 *   `work`  runs inside the sandbox. The program is started again there as `localgpt-tool NAME`
 *           (tool/worker.h), so a file tool has exactly the rights of a shell command. It sees its
 *           arguments and a ToolRequest, nothing of this process.
 *   `run`   runs here, for what is not a matter of files (memory, the web, a shell command that
 * goes into the sandbox itself, a sub-agent).
 *
 *     const ToolOps *ops = tool_find("read_file");
 *     g_autoptr(ToolCall) call = tool_call_decode(ops, arguments, error);   // unknown key:
 * ERR_USAGE g_autofree char *title = tool_call_title(call);                       // "read
 * src/main.c" ToolResult result = { 0 }; if (!tool_call_run(call, &context, cancel, &result,
 * error)) ... tool_result_clear(&result);
 *
 * A tool that fails returns false with *error: the runner tells the model so. ERR_CANCELLED ends
 * the turn. Adding one: one file, one line in registry.c, one build line
 * (docs/how-to/add-a-tool.md).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/field.h"
#include "base/paths.h"
#include "policy/label.h"
#include "sandbox/sandbox.h"
#include "tool/tool_config.h"
#include "undo/journal.h"

/* What a call could do at worst; agent/approval.c decides by it. */
typedef enum {
    TOOL_RISK_READ,    /* looks at files, memory, or what the program knows */
    TOOL_RISK_WRITE,   /* changes files of the workspace */
    TOOL_RISK_EXECUTE, /* runs a command in the sandbox */
    TOOL_RISK_EGRESS,  /* sends something out: an address, a search */
    TOOL_RISK_PERSIST, /* changes what later conversations are told */
    TOOL_N_RISKS
} ToolRisk;

extern const char *const tool_risk_names[]; /* by ToolRisk: "read", ... */

typedef enum {
    TOOL_PARALLEL = 1 << 0,     /* may run beside other such calls of the same answer */
    TOOL_UNDOABLE = 1 << 1,     /* what it changes goes through the journal of the turn */
    TOOL_SPAWNS = 1 << 2,       /* starts an agent of its own */
    TOOL_REPEATABLE = 1 << 3,   /* the same call again may give another result: polling */
    TOOL_NEEDS_MEMORY = 1 << 4, /* offered only where there is a memory */
    TOOL_FOR_SMALL = 1 << 5,    /* offered to small models too, which have room for a few */
    TOOL_CUTS_ITSELF = 1 << 6,  /* knows best what of a long output to leave out (max_bytes) */
} ToolFlags;

typedef struct Memory Memory; /* memory/memory.h */
typedef struct ToolContext ToolContext;
typedef struct ToolOps ToolOps;

/* What came of a call. Cleared with tool_result_clear(). */
typedef struct {
    /* owned */
    char *text;         /* for the model */
    char *image_base64; /* an image for the model, or NULL */
    char *mime_type;    /* of it */
    char *source;       /* path or address that the text came from; NULL = the tool's name */
    /* plain */
    bool is_error; /* it ran and failed (a command's exit status, a search without a match is none)
                    */
    bool is_trusted; /* the words are the owner's or the program's own, whatever the row says */
    bool has_exit_status;
    int64_t exit_status; /* of a command */
    int64_t total_bytes; /* of the output before it was cut; 0 = all is there */
} ToolResult;

void tool_result_clear(ToolResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolResult, tool_result_clear)

/* What a `work` is told besides its arguments. */
typedef struct {
    bool is_preview;        /* tell what would change as a unified diff, and change nothing */
    int64_t max_bytes;      /* of text in the result; 0 = no limit */
    int64_t max_file_bytes; /* of a document */
    char **write_folders;   /* beside the workspace; absolute */
    json_t *arguments;      /* as sent, on the way into the sandbox */
} ToolRequest;

/* What a sub-agent is for; it decides which tools it has. */
typedef enum { SPAWN_EXPLORE, SPAWN_PLAN, SPAWN_IMPLEMENT } SpawnKind;
extern const char *const spawn_kind_names[]; /* "explore", "plan", "implement", NULL */

/* What a `run` may use; the runner of the turn (agent/tool_runner.h) fills it in. All borrowed. A
 * tool whose part is NULL says that it is not there. */
struct ToolContext {
    const char *workspace; /* absolute: relative paths start here, commands run here */
    const Paths *paths;
    const ToolConfig *config;
    SandboxProfile *profile; /* how `work` and commands are confined */
    UndoTurn *undo;          /* of this turn; NULL = what changes cannot be taken back */
    UndoJournal *journal;    /* for commands that outlive the turn; NULL = none */
    const char *session;     /* id, for the journal; NULL = none */
    bool is_preview;         /* run in the turn's overlay: nothing counts yet */
    struct ToolJobs *jobs;   /* commands in the background */
    Memory *memory;          /* notes and their index */
    const char *turn;        /* id of the message that led to this; NULL = none */
    bool is_tainted;         /* something untrusted was read in this session */
    /* Runs an agent of its own and returns its last words, new string. */
    char *(*spawn)(SpawnKind kind, const char *task, Cancel *cancel, void *user_data,
                   GError **error);
    void *user_data;     /* for spawn */
    ToolRequest request; /* for `work` */
};

struct ToolOps {
    const char *name;
    const char *summary;     /* one line: the system prompt, docs */
    const char *description; /* for the model, with the schema; NULL = the summary */
    const Field *arguments;  /* rows of the struct below; never NULL, may be empty */
    size_t arguments_size;
    ToolRisk risk;
    unsigned flags; /* ToolFlags */
    Origin origin;  /* of what it returns: ORIGIN_TOOL, ORIGIN_FILE, ORIGIN_WEB */
    /* MUST: one line for people, "write src/main.c (14 lines)". New string. */
    char *(*title)(const void *arguments);
    /* MAY: further checks of the decoded arguments, in words meant for the model. */
    bool (*check)(const void *arguments, GError **error);
    /* MAY: the exact bytes a person approves, when they are more than the arguments: a command. New
     * string. */
    char *(*command)(const void *arguments);
    /* MAY: the file it is going to make or change, as named; level standard must know. Borrowed. */
    const char *(*target)(const void *arguments);
    /* One of both. `work` honours request->is_preview when its risk is TOOL_RISK_WRITE. */
    bool (*work)(const void *arguments, const ToolRequest *request, ToolResult *out,
                 GError **error);
    bool (*run)(const ToolContext *context, const void *arguments, Cancel *cancel, ToolResult *out,
                GError **error);
};

/* tool/registry.c: NULL-terminated, alphabetical. */
extern const ToolOps *const tool_registry[];

const ToolOps *tool_find(const char *name);

/* JSON Schema of the arguments; new reference. */
json_t *tool_schema(const ToolOps *ops);
/* The same for a model that has room for little: what can be left out says no more than its type,
 * lists of objects are not offered. What is decoded stays the same. */
json_t *tool_schema_small(const ToolOps *ops);

/* A decoded call. */
typedef struct {
    const ToolOps *ops;
    void *arguments; /* owned: arguments_size bytes */
    json_t *json;    /* owned: as the model sent it */
} ToolCall;

/* Strict: an unknown or missing argument, a wrong type or a value out of range is ERR_USAGE, in
 * words that tell the model which arguments there are. `arguments` is borrowed; NULL counts as {}.
 */
ToolCall *tool_call_decode(const ToolOps *ops, const json_t *arguments, GError **error);
void tool_call_free(ToolCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolCall, tool_call_free)

/* One line for people: no control characters, at most 200 characters. New string. */
char *tool_call_title(const ToolCall *call);

/* What an approval is bound to: the command, or the arguments as compact JSON with sorted keys. New
 * string. */
char *tool_call_exact(const ToolCall *call);

/* Runs `run`, or `work` inside the sandbox. Blocks; ERR_CANCELLED within 100 ms of `cancel`. */
bool tool_call_run(const ToolCall *call, const ToolContext *context, Cancel *cancel,
                   ToolResult *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
