/* agent/system_prompt.c: the rows of the system prompt, and what fits of the workspace. */
#include "agent/system_prompt.h"

#include <string.h>
#include <sys/utsname.h>

#include "agent/prompt_data.h"
#include "agent/token_count.h"

/* Less than this of a file is not worth its tag. */
#define MIN_FILE_TOKENS 48
/* For the line that names what was left out. */
#define LEFT_OUT_TOKENS 72

typedef enum { NEEDS_NOTHING, NEEDS_TOOLS, NEEDS_WORKSPACE } Need;

typedef struct {
    const char *name;
    const char *full;  /* data/prompts/<full>.md for a full tier; NULL: not there */
    const char *small; /* the same for a small one */
    Need need;
} SectionRow;

/* clang-format off */
static const SectionRow rows[] = {
    { "identity",   "full",       "small",        NEEDS_NOTHING },
    { "safety",     "safety",     NULL,           NEEDS_NOTHING },
    { "material",   "material",   NULL,           NEEDS_NOTHING },
    { "tools",      "tools",      "tools",        NEEDS_TOOLS },
    { "tool style", "tool_style", NULL,           NEEDS_TOOLS },
    { "workspace",  "workspace",  NULL,           NEEDS_WORKSPACE },
    { "time",       "time",       "time",         NEEDS_NOTHING },
    { "memory",     "memory",     "memory_short", NEEDS_WORKSPACE },
    { "runtime",    "runtime",    NULL,           NEEDS_NOTHING },
};
/* clang-format on */

const char *prompt_text(const char *name) {
    for (const PromptData *row = prompt_data; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return row->text;
    return NULL;
}

int64_t system_prompt_limit(const ModelTier *tier, int64_t window_tokens) {
    if (tier->prompt_tokens > 0) return tier->prompt_tokens;
    if (tier->fixed_tokens == 0) return window_tokens / 4;
    return MIN(tier->fixed_tokens, MAX(window_tokens * 3 / 10, 512));
}

/* Sections. */

static void section_free(void *data) {
    SystemSection *section = data;
    g_free(section->name);
    g_free(section->text);
    g_free(section);
}

/* Takes `text`. */
static void add_section(SystemPrompt *prompt, const char *name, char *text) {
    SystemSection *section = g_new(SystemSection, 1);
    section->name = g_strdup(name);
    section->text = g_strstrip(text);
    g_ptr_array_add(prompt->sections, section);
}

static char *tools_text(const SystemPromptInput *input) {
    GString *text = g_string_new(prompt_text("tools"));
    g_string_append_c(text, '\n');
    for (size_t i = 0; i < input->n_tools; i++)
        g_string_append_printf(text, "- %s: %s\n", input->tools[i].name, input->tools[i].summary);
    return g_string_free(text, FALSE);
}

/* The day and the zone only: a clock in the prompt would empty every cache each second. */
static char *time_text(GDateTime *now) {
    return g_date_time_format(now, "Today is %A, %Y-%m-%d (%Z).");
}

static char *runtime_text(const SystemPromptInput *input) {
    struct utsname system = { 0 };
    uname(&system);
    return g_strdup_printf("Runtime: model=%s/%s | os=%s | arch=%s", input->provider->name,
                           input->provider->model, system.sysname, system.machine);
}

static char *workspace_text(const SystemPromptInput *input) {
    g_auto(GStrv) around = g_strsplit(prompt_text("workspace"), "{folder}", 2);
    return g_strjoinv(input->workspace, around);
}

static char *row_text(const SystemPromptInput *input, const char *text, GDateTime *now) {
    if (strcmp(text, "tools") == 0) return tools_text(input);
    if (strcmp(text, "time") == 0) return time_text(now);
    if (strcmp(text, "runtime") == 0) return runtime_text(input);
    if (strcmp(text, "workspace") == 0) return workspace_text(input);
    return g_strdup(prompt_text(text));
}

static bool is_needed(const SectionRow *row, const SystemPromptInput *input,
                      const GPtrArray *files) {
    switch (row->need) {
    case NEEDS_NOTHING: break;
    case NEEDS_TOOLS: return input->n_tools > 0;
    case NEEDS_WORKSPACE: return files->len > 0;
    }
    return true;
}

static void add_rows(const SystemPromptInput *input, GDateTime *now, const GPtrArray *files,
                     SystemPrompt *prompt) {
    bool is_small = input->tier->fixed_tokens > 0;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *text = is_small ? rows[i].small : rows[i].full;
        if (text != NULL && is_needed(&rows[i], input, files))
            add_section(prompt, rows[i].name, row_text(input, text, now));
    }
}

/* Files. */

/* The file in its tag. No text inside can close the tag: "</file" loses its bracket. New string. */
static char *wrap(const WorkspaceFile *file) {
    g_auto(GStrv) pieces = g_strsplit(file->text, "</file", -1);
    g_autofree char *safe = g_strjoinv("&lt;/file", pieces);
    return g_strdup_printf("<file name=\"%s\">\n%s\n</file>", file->name, safe);
}

static int64_t count_wrapped(Provider *provider, const WorkspaceFile *file) {
    g_autofree char *text = wrap(file);
    return provider_count_tokens(provider, text) + 1;
}

/* Cuts until at most `max_tokens` are left; the tokens, or 0 when that is too little to show. */
static int64_t shrink(Provider *provider, WorkspaceFile *file, int64_t max_tokens) {
    int64_t tokens = count_wrapped(provider, file);
    int64_t shown = file->n_characters - file->n_left_out;
    while (tokens > max_tokens) {
        shown = MIN(shown * max_tokens / MAX(tokens, 1), shown * 9 / 10);
        if (max_tokens < MIN_FILE_TOKENS || shown < 32) return 0;
        workspace_file_cut(file, shown);
        tokens = count_wrapped(provider, file);
    }
    return tokens;
}

static WorkspaceFile *next_by_rank(const GPtrArray *files, int after) {
    WorkspaceFile *next = NULL;
    for (unsigned i = 0; i < files->len; i++) {
        WorkspaceFile *file = g_ptr_array_index(files, i);
        if (file->rank > after && (next == NULL || file->rank < next->rank)) next = file;
    }
    return next;
}

/* Each file in the order of importance gets at most half of what is left, so that one long file
 * never takes the place of all others. A file without room keeps no text. */
static void share_room(Provider *provider, const GPtrArray *files, int64_t room) {
    int64_t wanted = 0;
    for (unsigned i = 0; i < files->len; i++) {
        WorkspaceFile *file = g_ptr_array_index(files, i);
        workspace_file_cut(file, file->n_allowed);
        wanted += count_wrapped(provider, file);
    }
    if (wanted <= room) return;
    room -= LEFT_OUT_TOKENS;
    int rank = -1;
    for (WorkspaceFile *file; (file = next_by_rank(files, rank)) != NULL; rank = file->rank) {
        int64_t tokens = shrink(provider, file, MAX(room / 2, MIN(room, MIN_FILE_TOKENS * 2)));
        if (tokens == 0) g_clear_pointer(&file->text, g_free);
        room -= tokens;
    }
}

static void add_files(SystemPrompt *prompt, const GPtrArray *files) {
    g_autoptr(GString) left_out = g_string_new(NULL);
    for (unsigned i = 0; i < files->len; i++) {
        const WorkspaceFile *file = g_ptr_array_index(files, i);
        label_join(&prompt->label, &file->label);
        if (file->text != NULL)
            add_section(prompt, file->name, wrap(file));
        else
            g_string_append_printf(left_out, "%s%s (%" G_GINT64_FORMAT " characters)",
                                   left_out->len > 0 ? ", " : "", file->name,
                                   (gint64)file->n_characters);
    }
    if (left_out->len > 0)
        add_section(prompt, "left out",
                    g_strdup_printf("[left out to fit this model: %s]", left_out->str));
}

static void join_sections(Provider *provider, SystemPrompt *prompt) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < prompt->sections->len; i++) {
        const SystemSection *section = g_ptr_array_index(prompt->sections, i);
        g_string_append_printf(text, "%s%s", i > 0 ? "\n\n" : "", section->text);
    }
    g_free(prompt->text);
    prompt->text = g_strdup(text->str);
    prompt->tokens = provider_count_tokens(provider, text->str) + TOKENS_AROUND_MESSAGE;
}

static void add_workspace(const SystemPromptInput *input, const GPtrArray *files,
                          SystemPrompt *prompt) {
    unsigned n_rows = prompt->sections->len;
    join_sections(input->provider, prompt);
    int64_t room = system_prompt_limit(input->tier, input->window_tokens) - prompt->tokens -
                   token_count_tools(input->provider, input->tools, input->n_tools);
    int64_t limit = prompt->tokens + room;
    /* Pieces may count for less than their whole: then once more with less. */
    for (int attempt = 0; attempt < 4; attempt++, room = room * 7 / 8) {
        g_ptr_array_set_size(prompt->sections, (int)n_rows);
        share_room(input->provider, files, room);
        add_files(prompt, files);
        join_sections(input->provider, prompt);
        if (prompt->tokens <= limit) return;
    }
}

void system_prompt_build(const SystemPromptInput *input, SystemPrompt *out) {
    *out = (SystemPrompt){ .sections = g_ptr_array_new_with_free_func(section_free),
                           .label = label_new(ORIGIN_SYSTEM, NULL) };
    if (input->tier->prompt_tokens > 0) {
        add_section(out, "identity", g_strdup(prompt_text(input->tier->prompt_name)));
        join_sections(input->provider, out);
        return;
    }
    g_autoptr(GDateTime) now =
        input->now != NULL ? g_date_time_ref(input->now) : g_date_time_new_now_local();
    g_autoptr(GPtrArray) files =
        input->workspace != NULL ? workspace_load(input->workspace, now) : g_ptr_array_new();
    add_rows(input, now, files, out);
    add_workspace(input, files, out);
}

void system_prompt_clear(SystemPrompt *prompt) {
    g_clear_pointer(&prompt->text, g_free);
    g_clear_pointer(&prompt->sections, g_ptr_array_unref);
    label_clear(&prompt->label);
}
