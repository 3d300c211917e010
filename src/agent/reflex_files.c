/* agent/reflex_files.c: files, commands and pages, by calls of the turn's tools: the same gate,
 * approval, journal and sandbox as a model's. */
#include <string.h>

#include "agent/reflex-private.h"

enum { MAX_SHOWN_BYTES = 4000 };

typedef struct {
    char *path;
    char *content;
    char *pattern;
    char *command;
    char *url;
    bool append;
} Arguments;

/* clang-format off */
static const Field path_fields[] = {
    { "path", FIELD_STRING(Arguments, path), .flags = FIELD_OMIT_EMPTY, .help = "File or folder." },
    { 0 }
};
static const Field write_fields[] = {
    { "path",    FIELD_STRING(Arguments, path),    .help = "File." },
    { "content", FIELD_STRING(Arguments, content), .help = "What it is to hold." },
    { 0 }
};
static const Field append_fields[] = {
    { "path",    FIELD_STRING(Arguments, path),    .help = "File." },
    { "content", FIELD_STRING(Arguments, content), .help = "What it is to hold more." },
    { "append",  FIELD_BOOL(Arguments, append),    .help = "At its end." },
    { 0 }
};
static const Field pattern_fields[] = {
    { "pattern", FIELD_STRING(Arguments, pattern), .help = "What is looked for." },
    { 0 }
};
static const Field command_fields[] = {
    { "command", FIELD_STRING(Arguments, command), .help = "What is run." },
    { 0 }
};
static const Field url_fields[] = {
    { "url", FIELD_STRING(Arguments, url), .help = "The page." },
    { 0 }
};
/* clang-format on */

/* Asks for a call; without the tool it is told that it is not there. */
static bool call(const ReflexFiring *firing, const char *tool, const Field *fields,
                 const Arguments *arguments, ReflexOutcome *out) {
    if (!reflex_has_tool(firing, tool)) {
        out->text = g_strdup_printf(
            "%s: %s", tool,
            reflex_say(firing, "there is no such tool here", "dieses Werkzeug gibt es hier nicht"));
        return true;
    }
    out->call = g_strdup(tool);
    out->arguments = field_to_json(fields, arguments);
    return true;
}

/* What a tool said, as it said it; its label goes along. */
static bool tell(const Message *result, const char *before, ReflexOutcome *out) {
    g_autofree char *text = message_text(result);
    /* What follows is meant for a model. */
    char *advice = g_str_has_prefix(text, "Not done: ") ? strstr(text, " Tell the user") : NULL;
    if (advice != NULL) *advice = '\0';
    size_t length = strlen(text);
    size_t shown = length;
    if (length > MAX_SHOWN_BYTES) {
        shown = MAX_SHOWN_BYTES;
        while (shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80) shown--;
    }
    out->text =
        g_strdup_printf("%s%.*s%s", before, (int)shown, text, shown < length ? "\n[...]" : "");
    out->label = message_label(result);
    return true;
}

/* What read_file shows: "   3\ttext". New string; NULL when it is something else, or cut. */
static char *without_numbers(const char *text) {
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    int64_t expected = 1;
    for (char **line = lines; *line != NULL; line++) {
        if ((*line)[0] == '\0' && line[1] == NULL) break;
        char *rest = NULL;
        int64_t number = g_ascii_strtoll(*line, &rest, 10);
        if (number != expected++ || *rest != '\t') {
            g_string_free(out, TRUE);
            return NULL;
        }
        g_string_append_printf(out, "%s\n", rest + 1);
    }
    return g_string_free(out, FALSE);
}

/* ---- holes ---- */

static bool looks_like_path(const char *text) {
    if (text[0] == '\0' || strchr(text, '\n') != NULL || strlen(text) > 200) return false;
    if (strstr(text, "://") != NULL || strchr(text, ' ') != NULL) return false;
    const char *dot = strrchr(text, '.');
    const char *slash = strrchr(text, '/');
    bool has_ending = dot != NULL && dot > text && g_ascii_isalpha(dot[1]) && strlen(dot) <= 6 &&
                      (slash == NULL || slash < dot);
    return has_ending || (slash != NULL && slash[1] != '\0' && slash > text);
}

static bool looks_like_folder(const char *text) {
    return strchr(text, ' ') == NULL && strstr(text, "://") == NULL &&
           (strchr(text, '/') != NULL || g_ascii_islower(text[0]) || text[0] == '.');
}

/* Commands that no English sentence goes on with. */
static bool looks_like_command(const char *text) {
    size_t whole = strlen(text);
    if (whole > 2 && text[0] == '`' && text[whole - 1] == '`') return true;
    static const char *const names[] = {
        "ls",      "pwd",    "date",      "git",      "python3", "python", "grep",   "df",
        "du",      "uname",  "whoami",    "ps",       "wc",      "uptime", "npm",    "node",
        "cargo",   "gcc",    "ninja",     "meson",    "echo",    "cat",    "stat",   "env",
        "id",      "tree",   "sha256sum", "hostname", "rustc",   "go",     "printf", "pip",
        "sqlite3", "md5sum", "lscpu",     "which",    NULL
    };
    size_t length = strcspn(text, " ");
    g_autofree char *first = g_strndup(text, length);
    return g_strv_contains(names, first) || strcmp(text, "make") == 0 ||
           g_str_has_prefix(text, "make ") || g_str_has_prefix(text, "./");
}

bool reflex_accepts_file(const char *hole, const char *text) {
    if (strcmp(hole, "path") == 0) return looks_like_path(text);
    if (strcmp(hole, "folder") == 0) return looks_like_folder(text);
    if (strcmp(hole, "command") == 0) return looks_like_command(text);
    if (strcmp(hole, "url") == 0)
        return g_str_has_prefix(text, "http://") || g_str_has_prefix(text, "https://");
    return true;
}

/* Without the quotes or backticks around it. New string. */
static char *unquoted(const char *text) {
    static const char *const pairs[][2] = { { "\"", "\"" },
                                            { "'", "'" },
                                            { "`", "`" },
                                            { "\xE2\x80\x9C", "\xE2\x80\x9D" },
                                            { "\xE2\x80\x9E", "\xE2\x80\x9C" } };
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        size_t start = strlen(pairs[i][0]), end = strlen(pairs[i][1]);
        if (strlen(text) > start + end && g_str_has_prefix(text, pairs[i][0]) &&
            g_str_has_suffix(text, pairs[i][1]))
            return g_strndup(text + start, strlen(text) - start - end);
    }
    return g_strdup(text);
}

/* ---- rows ---- */

bool reflex_list_files(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    const char *folder = phrase_hole(firing->holes, "folder");
    const Arguments arguments = { .path = (char *)(folder != NULL ? folder : ".") };
    return call(firing, "list_dir", path_fields, &arguments, out);
}

bool reflex_read_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                      GError **error) {
    (void)error;
    const char *path = phrase_hole(firing->holes, "path");
    if (result != NULL) {
        g_autofree char *shown = message_text(result);
        g_autofree char *text = result->is_error ? NULL : without_numbers(shown);
        if (text == NULL) return tell(result, "", out);
        out->text = g_strdup_printf("%s:\n%s", path, text);
        out->label = message_label(result);
        return true;
    }
    const Arguments arguments = { .path = (char *)path };
    return call(firing, "read_file", path_fields, &arguments, out);
}

bool reflex_search_files(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    g_autofree char *words = unquoted(phrase_hole(firing->holes, "words"));
    /* Words, not a regular expression; the case does not matter. */
    g_autofree char *escaped = g_regex_escape_string(words, -1);
    g_autofree char *pattern = g_strdup_printf("(?i)%s", escaped);
    const Arguments arguments = { .pattern = pattern };
    return call(firing, "grep", pattern_fields, &arguments, out);
}

/* The fields say whether it is all of the file, or more at its end. */
static bool write_line(const ReflexFiring *firing, const Field *fields, ReflexOutcome *out) {
    g_autofree char *content = unquoted(phrase_hole(firing->holes, "content"));
    g_autofree char *line = g_strconcat(content, "\n", NULL);
    const Arguments arguments = { .path = (char *)phrase_hole(firing->holes, "path"),
                                  .content = line,
                                  .append = true };
    return call(firing, "write_file", fields, &arguments, out);
}

bool reflex_write_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    return write_line(firing, write_fields, out);
}

bool reflex_append_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                        GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    return write_line(firing, append_fields, out);
}

bool reflex_run_command(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                        GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    g_autofree char *command = unquoted(phrase_hole(firing->holes, "command"));
    const Arguments arguments = { .command = command };
    return call(firing, "bash", command_fields, &arguments, out);
}

bool reflex_fetch_page(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error) {
    (void)error;
    if (result != NULL) return tell(result, "", out);
    const Arguments arguments = { .url = (char *)phrase_hole(firing->holes, "url") };
    return call(firing, "web_fetch", url_fields, &arguments, out);
}
