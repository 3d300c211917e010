/* cli/cmd_sandbox_explain.c: `localgpt sandbox explain PATH|COMMAND...`: what may be done with each
 * word, tried in the sandbox, the rule that decides, and what to set for another outcome. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/sandbox_place.h"
#include "policy/credential_paths.h"

/* Where the sandbox looks for programs. */
#define PROGRAM_FOLDERS "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

typedef enum { WORD_PATH, WORD_PROGRAM, WORD_ADDRESS, WORD_TEXT } WordKind;

typedef struct {
    char *word;
    int kind;   /* WordKind */
    char *path; /* absolute; "" when it stands for none */
    bool is_seen;
    bool is_readable;
    bool is_writable;
    bool is_runnable;
    char *rule;
    char *change;
} WordFinding;

typedef struct {
    char *level;
    char *workspace;
    GPtrArray *words; /* WordFinding */
} ExplainReply;

/* clang-format off */
static const char *const kind_names[] = { "path", "program", "address", "text", NULL };

static const Field word_fields[] = {
    { "word",   FIELD_STRING(WordFinding, word),           .help = "As it was given." },
    { "kind",   FIELD_ENUM(WordFinding, kind, kind_names), .help = "What it was taken for." },
    { "path",   FIELD_STRING(WordFinding, path),           .help = "The file it stands for.", .flags = FIELD_OMIT_EMPTY },
    { "exists", FIELD_BOOL(WordFinding, is_seen),          .help = "Inside, it is there." },
    { "read",   FIELD_BOOL(WordFinding, is_readable),      .help = "It can be read." },
    { "write",  FIELD_BOOL(WordFinding, is_writable),      .help = "It can be changed." },
    { "run",    FIELD_BOOL(WordFinding, is_runnable),      .help = "It can be run, or entered." },
    { "rule",   FIELD_STRING(WordFinding, rule),           .help = "What decides." },
    { "change", FIELD_STRING(WordFinding, change),         .help = "What would change it.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
static const Field reply_fields[] = {
    { "level",     FIELD_STRING(ExplainReply, level),     .help = "That holds." },
    { "workspace", FIELD_STRING(ExplainReply, workspace), .help = "The folder that may be written." },
    { "words",     FIELD_STRUCTS(ExplainReply, words, WordFinding, word_fields), .help = "Each word." },
    { 0 }
};

/* What a grant means for a command. */
static const char *const meanings[] = {
    [PLAN_READ]      = "may be read and run",
    [PLAN_WRITE]     = "may be read and changed",
    [PLAN_WORKSPACE] = "may be read and changed",
    [PLAN_DEVICE]    = "a device that may be read and written",
    [PLAN_LINK]      = "a link",
    [PLAN_FOLDER]    = "in its place a command finds an empty folder of its own, gone afterwards",
    [PLAN_PROCESSES] = "a command sees only what it has started",
    [PLAN_PROTECT]   = "stays as it is: only you change it, outside the sandbox",
    [PLAN_HIDE]      = "is not there for a command, whatever folder around it is allowed",
};
/* clang-format on */

static void finding_free(gpointer finding) {
    field_clear(word_fields, finding);
    g_free(finding);
}

static char *word_path(const App *app, const SandboxPlace *place, const char *word) {
    g_autofree char *path = paths_expand_home(app->paths, word);
    return g_canonicalize_filename(path, place->workspace);
}

static WordKind kind_of(const App *app, const SandboxPlace *place, const char *word,
                        bool is_first) {
    if (strstr(word, "://") != NULL) return WORD_ADDRESS;
    if (word[0] == '-') return WORD_TEXT;
    if (strchr(word, '/') != NULL || word[0] == '~') return WORD_PATH;
    g_autofree char *path = word_path(app, place, word);
    if (is_first && !g_file_test(path, G_FILE_TEST_EXISTS)) return WORD_PROGRAM;
    return is_first || strchr(word, '.') != NULL || g_file_test(path, G_FILE_TEST_EXISTS)
               ? WORD_PATH
               : WORD_TEXT;
}

static char *find_program(const char *name) {
    g_auto(GStrv) folders = g_strsplit(PROGRAM_FOLDERS, ":", -1);
    for (char **folder = folders; *folder != NULL; folder++) {
        g_autofree char *path = g_build_filename(*folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) return g_steal_pointer(&path);
    }
    return NULL;
}

/* The command that adds `path` to a list, with what is in it already. */
static char *allow_command(const char *key, char *const *list, const char *path) {
    g_autofree char *before = list != NULL ? g_strjoinv(",", (char **)list) : g_strdup("");
    return g_strdup_printf("localgpt config set sandbox.allow_paths.%s %s%s%s", key, before,
                           before[0] != '\0' ? "," : "", path);
}

/* Credentials and our own folders stay out of reach, whatever is allowed around them. */
static bool explain_closed(const App *app, const SandboxPlace *place, WordFinding *finding) {
    for (size_t i = 0; credential_paths[i] != NULL; i++) {
        g_autofree char *folder = g_build_filename(app->paths->home, credential_paths[i], NULL);
        if (!plan_is_same_or_below(finding->path, folder) ||
            plan_is_same_or_below(finding->path, place->workspace))
            continue;
        finding->rule =
            g_strdup_printf("~/%s holds credentials: no setting opens it", credential_paths[i]);
        return true;
    }
    const char *const own[] = { app->paths->config, app->paths->data, app->paths->state,
                                app->paths->cache, app->paths->runtime };
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        if (!plan_is_same_or_below(finding->path, own[i]) ||
            plan_is_same_or_below(finding->path, place->workspace))
            continue;
        finding->rule = g_strdup_printf("%s is LocalGPT's own: no setting opens it", own[i]);
        return true;
    }
    return false;
}

static void explain_path(const App *app, const SandboxPlace *place, WordFinding *finding) {
    if (explain_closed(app, place, finding)) return;
    const SandboxPathsConfig *allowed = &place->config->allow_paths;
    SandboxRule rule;
    if (!sandbox_profile_find_rule(place->profile, finding->path, &rule)) {
        finding->rule = g_strdup("no grant covers it");
        finding->change = allow_command("read", allowed->read, finding->path);
        return;
    }
    finding->rule = g_strdup_printf("%s %s: %s", rule.verb, rule.path, meanings[rule.kind]);
    if (finding->kind != WORD_PATH) return;
    if (rule.kind == PLAN_READ)
        finding->change = allow_command("write", allowed->write, finding->path);
    else if (rule.kind == PLAN_FOLDER)
        finding->change = allow_command("read", allowed->read, finding->path);
}

static void explain_address(const SandboxPlace *place, WordFinding *finding) {
    bool is_denied = place->config->network.policy == SANDBOX_NETWORK_DENY;
    finding->rule =
        g_strdup(is_denied ? "sandbox.network.policy is deny: no command makes a connection"
                           : "sandbox.network.policy is proxy: only listed domains are reached");
    finding->change = g_strdup(is_denied ? "localgpt config set sandbox.network.policy proxy"
                                         : "localgpt config list sandbox.network");
}

/* Opens it, since access() knows nothing of Landlock; a folder is tried by one made in it. */
#define PROBE                                                                                      \
    "[ -e \"$1\" ] && printf e\n"                                                                  \
    "[ -x \"$1\" ] && printf x\n"                                                                  \
    "if [ -d \"$1\" ]; then\n"                                                                     \
    "  ls \"$1\" >/dev/null && printf r\n"                                                         \
    "  mkdir \"$1/.explain-$$\" && rmdir \"$1/.explain-$$\" && printf w\n"                         \
    "elif [ -f \"$1\" ]; then\n"                                                                   \
    "  (exec 3<\"$1\") && printf r\n"                                                              \
    "  (exec 3>>\"$1\") && printf w\n"                                                             \
    "fi"

static bool probe(App *app, const SandboxPlace *place, WordFinding *finding, GError **error) {
    const char *argv[] = { "sh", "-c", PROBE, "sh", finding->path, NULL };
    SandboxCommand command = { .argv = argv, .separates_errors = true };
    SandboxOutcome outcome = { 0 };
    if (!sandbox_run(place->profile, &command, app->cancel, &outcome, error)) return false;
    const char *seen = outcome.output != NULL ? outcome.output : "";
    finding->is_seen = strchr(seen, 'e') != NULL && g_file_test(finding->path, G_FILE_TEST_EXISTS);
    finding->is_readable = strchr(seen, 'r') != NULL;
    finding->is_writable = strchr(seen, 'w') != NULL;
    finding->is_runnable = strchr(seen, 'x') != NULL;
    sandbox_outcome_clear(&outcome);
    return true;
}

static bool explain_word(App *app, const SandboxPlace *place, WordFinding *finding,
                         GError **error) {
    if (finding->kind == WORD_ADDRESS) {
        explain_address(place, finding);
        return true;
    }
    finding->path = finding->kind == WORD_PROGRAM ? find_program(finding->word)
                                                  : word_path(app, place, finding->word);
    if (finding->path == NULL) {
        finding->rule = g_strdup("no program of that name is in " PROGRAM_FOLDERS);
        return true;
    }
    explain_path(app, place, finding);
    return probe(app, place, finding, error);
}

static bool print_word(const App *app, const WordFinding *finding, GError **error) {
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s\n", finding->word);
    if (finding->path != NULL && strcmp(finding->path, finding->word) != 0)
        g_string_append_printf(out, "  file    %s\n", finding->path);
    if (finding->path != NULL)
        g_string_append_printf(
            out, "  inside  %s, read: %s, write: %s, run: %s\n",
            finding->is_seen ? "there" : "not there", finding->is_readable ? "yes" : "no",
            finding->is_writable ? "yes" : "no", finding->is_runnable ? "yes" : "no");
    g_string_append_printf(out, "  rule    %s\n", finding->rule);
    if (finding->change != NULL && finding->change[0] != '\0')
        g_string_append_printf(out, "  change  %s\n", finding->change);
    g_autofree char *text = g_string_free(out, FALSE);
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    return app_print_text(app, safe, error);
}

static bool explain_words(App *app, const CommandLine *line, const SandboxPlace *place,
                          GPtrArray *words, GError **error) {
    const char *const *arguments = command_line_arguments(line);
    for (size_t i = 0; arguments[i] != NULL; i++) {
        WordKind kind = kind_of(app, place, arguments[i], i == 0);
        if (kind == WORD_TEXT) continue;
        WordFinding *finding = g_new0(WordFinding, 1);
        g_ptr_array_add(words, finding);
        finding->word = g_strdup(arguments[i]);
        finding->kind = (int)kind;
        if (!explain_word(app, place, finding, error)) return false;
        if (!app->is_json && !print_word(app, finding, error)) return false;
    }
    return true;
}

bool cmd_sandbox_explain_run(App *app, const CommandLine *line, GError **error) {
    g_auto(SandboxPlace) place = { 0 };
    if (!sandbox_place_open(app, line, &place, error)) return false;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(finding_free);
    if (!explain_words(app, line, &place, words, error)) return false;
    if (!app->is_json) return true;
    ExplainReply reply = {
        .level = (char *)sandbox_level_name(sandbox_profile_level(place.profile)),
        .workspace = place.workspace,
        .words = words,
    };
    return app_print_json(app, reply_fields, &reply, error);
}
