/* tool/memory_tools.c: the owner's notes: found, read, added to. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "memory/memory.h"
#include "tool/tools.h"
#include "undo/journal.h"

static bool need_memory(const ToolContext *context, GError **error) {
    if (context->memory != NULL) return true;
    error_set(error, ERR_NOT_FOUND, "the memory is not open here");
    return false;
}

/* ---- memory_search ---- */

typedef struct {
    char *query;
    int64_t limit;
} SearchArguments;

/* clang-format off */
static const Field search_fields[] = {
    { "query", FIELD_STRING(SearchArguments, query), .flags = FIELD_REQUIRED, .help = "Words, \"phrases\", since:2026-01-01, before:30d, path:memory/." },
    { "limit", FIELD_INT(SearchArguments, limit),    .default_text = "5", .min = 1, .max = 100, .help = "Notes to show at most." },
    { 0 }
};
/* clang-format on */

static void add_hit(GString *text, unsigned number, const MemoryHit *hit) {
    g_string_append_printf(
        text, "%s%u. [%s#L%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "] (score: %.3f%s)\n",
        number > 1 ? "\n" : "", number, hit->path, (gint64)hit->start_line, (gint64)hit->end_line,
        hit->score, hit->label == NOTE_UNTRUSTED ? ", untrusted" : "");
    if (hit->heading[0] != '\0') g_string_append_printf(text, "   %s\n", hit->heading);
    g_string_append_printf(text, "   %s\n", hit->snippet);
}

static bool run_search(const ToolContext *context, const void *data, Cancel *cancel,
                       ToolResult *out, GError **error) {
    const SearchArguments *arguments = data;
    if (!need_memory(context, error)) return false;
    const MemoryRequest request = { .query = arguments->query, .limit = arguments->limit };
    g_autoptr(MemoryAnswer) answer = memory_search(context->memory, &request, cancel, error);
    if (answer == NULL) return false;
    g_autoptr(GString) text = g_string_new(NULL);
    out->is_trusted = true;
    for (unsigned i = 0; i < answer->hits->len; i++) {
        const MemoryHit *hit = g_ptr_array_index(answer->hits, i);
        add_hit(text, i + 1, hit);
        if (hit->label == NOTE_UNTRUSTED) out->is_trusted = false;
    }
    if (answer->hits->len == 0) g_string_append(text, "No results found.\n");
    if (answer->notice[0] != '\0') g_string_append_printf(text, "[%s]\n", answer->notice);
    out->text = g_strdup(text->str);
    return true;
}

static char *search_title(const void *data) {
    return g_strdup_printf("search the memory for \"%s\"", ((const SearchArguments *)data)->query);
}

const ToolOps tool_memory_search = {
    .name = "memory_search",
    .summary = "Search the owner's notes and earlier days",
    .description = "Finds notes by words and by meaning. memory_get shows the lines around one.",
    .arguments = search_fields,
    .arguments_size = sizeof(SearchArguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_NEEDS_MEMORY | TOOL_FOR_SMALL,
    .origin = ORIGIN_FILE,
    .title = search_title,
    .run = run_search,
};

/* ---- memory_get ---- */

typedef struct {
    char *path;
    int64_t from;
    int64_t lines;
} GetArguments;

/* clang-format off */
static const Field get_fields[] = {
    { "path",  FIELD_STRING(GetArguments, path), .flags = FIELD_REQUIRED, .help = "As memory_search names it; \"path#L10-20\" is fine." },
    { "from",  FIELD_INT(GetArguments, from),    .default_text = "1", .min = 1, .max = 1e9, .help = "The first line, counting from 1." },
    { "lines", FIELD_INT(GetArguments, lines),   .default_text = "50", .min = 1, .max = 10000, .help = "How many lines." },
    { 0 }
};
/* clang-format on */

/* What strangers left waits in inbox/; the rest is the owner's or the agent's own. */
static bool is_own_note(const char *path) {
    return path[0] != '/' && path[0] != '~' && strstr(path, "inbox/") == NULL &&
           strstr(path, "..") == NULL && strstr(path, ".jsonl") == NULL;
}

static bool run_get(const ToolContext *context, const void *data, Cancel *cancel, ToolResult *out,
                    GError **error) {
    (void)cancel;
    const GetArguments *arguments = data;
    if (!need_memory(context, error)) return false;
    g_autofree char *text = memory_get(context->memory, arguments->path, arguments->from,
                                       arguments->from + arguments->lines - 1, error);
    if (text == NULL) return false;
    size_t length = strlen(text);
    size_t max = context->request.max_bytes > 0 ? (size_t)context->request.max_bytes : length;
    size_t kept = text_cut(text, length, max);
    out->text = g_strdup_printf("# %s\n%.*s%s", arguments->path, (int)kept, text,
                                kept < length ? "\n[cut here; ask for fewer lines]" : "");
    out->source = g_strdup(arguments->path);
    out->is_trusted = is_own_note(arguments->path);
    return true;
}

static char *get_title(const void *data) {
    return g_strdup_printf("read the note %s", ((const GetArguments *)data)->path);
}

const ToolOps tool_memory_get = {
    .name = "memory_get",
    .summary = "Read lines of a note",
    .arguments = get_fields,
    .arguments_size = sizeof(GetArguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_NEEDS_MEMORY | TOOL_CUTS_ITSELF,
    .origin = ORIGIN_FILE,
    .title = get_title,
    .run = run_get,
};

/* ---- memory_append ---- */

typedef struct {
    char *text;
} AppendArguments;

/* clang-format off */
static const Field append_fields[] = {
    { "text", FIELD_STRING(AppendArguments, text), .flags = FIELD_REQUIRED, .help = "What to remember, in words that are understood without this conversation." },
    { 0 }
};
/* clang-format on */

/* A note is undone like any other change of a file. */
static bool append_undoably(const ToolContext *context, const NoteOrigin *origin, const char *text,
                            char **out_citation, GError **error) {
    g_autofree char *path = memory_note_path(context->memory, origin);
    size_t length = strlen(context->workspace);
    bool is_inside = g_str_has_prefix(path, context->workspace) && path[length] == '/';
    /* The tools may work in another folder than that of the notes (-C), which has the journal. */
    if (context->undo == NULL || !is_inside)
        return memory_append(context->memory, origin, text, out_citation, error);
    UndoStep *step = undo_step_begin(context->undo, UNDO_STEP_DIRECT, "memory_append", error);
    if (step == NULL) return false;
    bool is_ok = undo_step_before(step, path + length + 1, UNDO_TOUCH_CONTENT, error) &&
                 memory_append(context->memory, origin, text, out_citation, error);
    return undo_step_finish(step, NULL, is_ok ? error : NULL) && is_ok;
}

static bool run_append(const ToolContext *context, const void *data, Cancel *cancel,
                       ToolResult *out, GError **error) {
    (void)cancel;
    const AppendArguments *arguments = data;
    if (!need_memory(context, error)) return false;
    const NoteOrigin origin = { .session = context->session,
                                .turn = context->turn,
                                .tool = "memory_append",
                                .label = context->is_tainted ? NOTE_UNTRUSTED : NOTE_AGENT };
    g_autofree char *citation = NULL;
    if (!append_undoably(context, &origin, arguments->text, &citation, error)) return false;
    out->is_trusted = true;
    out->text =
        context->is_tainted
            ? g_strdup_printf("Kept in %s, where it waits for the owner: this conversation has "
                              "read text of strangers.",
                              citation)
            : g_strdup_printf("Kept in %s.", citation);
    return true;
}

static char *append_title(const void *data) {
    g_autofree char *text = text_ellipsize(((const AppendArguments *)data)->text, 80);
    return g_strdup_printf("remember: %s", text);
}

const ToolOps tool_memory_append = {
    .name = "memory_append",
    .summary = "Keep a note for later conversations",
    .arguments = append_fields,
    .arguments_size = sizeof(AppendArguments),
    .risk = TOOL_RISK_PERSIST,
    .flags = TOOL_UNDOABLE | TOOL_NEEDS_MEMORY | TOOL_FOR_SMALL,
    .origin = ORIGIN_TOOL,
    .title = append_title,
    .run = run_append,
};
