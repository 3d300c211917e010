/* tool/grep.c: lines that match, as ripgrep finds and prints them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diff.h"
#include "base/error.h"
#include "base/text.h"
#include "tool/glob_pattern.h"
#include "tool/regex.h"
#include "tool/tools.h"
#include "tool/walk.h"

typedef enum { OUTPUT_CONTENT, OUTPUT_FILES, OUTPUT_COUNT } Output;

typedef struct {
    char *pattern;
    char *path;
    char *glob;
    bool is_literal;
    bool ignores_case;
    bool is_word;
    bool with_hidden;
    bool with_ignored;
    int64_t context;
    int64_t limit;
    int output; /* Output */
} Arguments;

static const char *const output_names[] = { "content", "files", "count", NULL };

/* clang-format off */
static const Field fields[] = {
    { "pattern",     FIELD_STRING(Arguments, pattern),    .flags = FIELD_REQUIRED, .help = "A regular expression, matched line by line." },
    { "path",        FIELD_STRING(Arguments, path),       .default_text = ".", .help = "The folder or file to search." },
    { "glob",        FIELD_STRING(Arguments, glob),       .help = "Only files of this name pattern, like \"*.{c,h}\"." },
    { "literal",     FIELD_BOOL(Arguments, is_literal),   .default_text = "false", .help = "The pattern is plain text." },
    { "ignore_case", FIELD_BOOL(Arguments, ignores_case), .default_text = "false", .help = "Upper and lower case are the same." },
    { "word",        FIELD_BOOL(Arguments, is_word),      .default_text = "false", .help = "Whole words only." },
    { "hidden",      FIELD_BOOL(Arguments, with_hidden),  .default_text = "false", .help = "Also files whose name begins with a dot." },
    { "no_ignore",   FIELD_BOOL(Arguments, with_ignored), .default_text = "false", .help = "Also what .gitignore leaves out." },
    { "context",     FIELD_INT(Arguments, context),       .default_text = "0", .min = 0, .max = 20, .help = "Lines to show before and after each match." },
    { "limit",       FIELD_INT(Arguments, limit),         .default_text = "200", .min = 1, .max = 10000, .help = "Matches (or files) to show at most." },
    { "output",      FIELD_ENUM(Arguments, output, output_names), .default_text = "content", .help = "content: the lines; files: names only; count: how many lines match in each file." },
    { 0 }
};
/* clang-format on */

#define MAX_LINE_BYTES ((size_t)1 << 20)
#define MAX_SHOWN_BYTES 500
#define SNIFFED_BYTES 8000

typedef struct {
    const Arguments *arguments;
    Regex *regex;
    char **globs; /* NULL = all */
    GString *text;
    GQueue *before;   /* char *, owned: the context that may be needed */
    const char *path; /* of the file at hand */
    int64_t line;
    int64_t last_shown; /* line; 0 = none of this file */
    int64_t n_after;    /* context lines still to be shown */
    int64_t n_in_file;
    int64_t n_matches; /* lines; files for OUTPUT_FILES */
    unsigned n_too_hard;
    unsigned n_binary;
    bool is_full;
} Search;

/* "src/a.c:12:text", with '-' for lines of context. */
static void show(Search *search, int64_t line, const char *text, char sign) {
    bool is_gap = search->last_shown > 0 && line > search->last_shown + 1;
    bool is_new_file = search->last_shown == 0 && search->text->len > 0;
    if (search->arguments->context > 0 && (is_gap || is_new_file))
        g_string_append(search->text, "--\n");
    size_t length = strlen(text);
    size_t kept = text_cut(text, length, MAX_SHOWN_BYTES);
    g_autofree char *valid = text_make_valid(text, kept);
    g_string_append_printf(search->text, "%s%c%" G_GINT64_FORMAT "%c%s%s\n", search->path, sign,
                           (gint64)line, sign, valid, kept < length ? " [...]" : "");
    search->last_shown = line;
}

static void show_match(Search *search, const char *text) {
    int64_t first = search->line - (int64_t)search->before->length;
    for (char *line; (line = g_queue_pop_head(search->before)) != NULL; first++) {
        show(search, first, line, '-');
        g_free(line);
    }
    show(search, search->line, text, ':');
    search->n_after = search->arguments->context;
}

static void keep_before(Search *search, const char *text) {
    if (search->arguments->context == 0) return;
    g_queue_push_tail(search->before, g_strdup(text));
    if ((int64_t)search->before->length > search->arguments->context)
        g_free(g_queue_pop_head(search->before));
}

/* false: enough of this file. */
static bool take_line(Search *search, const char *text, size_t length) {
    const Arguments *arguments = search->arguments;
    search->line++;
    RegexMatch match = regex_find(search->regex, text, length);
    if (match == REGEX_TOO_HARD) search->n_too_hard++;
    if (match != REGEX_MATCH) {
        if (search->n_after > 0) {
            search->n_after--;
            show(search, search->line, text, '-');
        } else {
            keep_before(search, text);
        }
        return true;
    }
    search->n_in_file++;
    if (arguments->output == OUTPUT_FILES) return false;
    if (arguments->output == OUTPUT_COUNT) return true;
    if (search->n_matches == arguments->limit) {
        search->is_full = true;
        return false;
    }
    search->n_matches++;
    show_match(search, text);
    return true;
}

static void search_lines(Search *search, FILE *file) {
    g_autofree char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, file)) >= 0) {
        size_t length = (size_t)n;
        if (length > 0 && line[length - 1] == '\n') length--;
        if (length > 0 && line[length - 1] == '\r') length--;
        length = MIN(length, MAX_LINE_BYTES);
        line[length] = '\0';
        if (!take_line(search, line, length)) break;
    }
}

static void tell_file(Search *search) {
    const Arguments *arguments = search->arguments;
    if (search->n_in_file == 0 || arguments->output == OUTPUT_CONTENT) return;
    if (search->n_matches == arguments->limit) {
        search->is_full = true;
        return;
    }
    search->n_matches++;
    if (arguments->output == OUTPUT_FILES)
        g_string_append_printf(search->text, "%s\n", search->path);
    else
        g_string_append_printf(search->text, "%s:%" G_GINT64_FORMAT "\n", search->path,
                               (gint64)search->n_in_file);
}

static void search_file(Search *search, int fd) {
    FILE *file = fdopen(fd, "r");
    char head[SNIFFED_BYTES];
    size_t n = fread(head, 1, sizeof head, file);
    if (diff_is_binary(head, n)) {
        search->n_binary++;
    } else {
        rewind(file);
        search_lines(search, file);
        tell_file(search);
    }
    fclose(file);
}

static bool is_wanted(const Search *search, const WalkEntry *entry) {
    if (search->globs == NULL) return true;
    const char *slash = strrchr(entry->inner, '/');
    const char *name = slash != NULL ? slash + 1 : entry->inner;
    for (char **glob = search->globs; *glob != NULL; glob++) {
        bool is_path = strchr(*glob, '/') != NULL;
        const char *anchored = **glob == '/' ? *glob + 1 : *glob;
        if (glob_pattern_match(anchored, is_path ? entry->inner : name)) return true;
    }
    return false;
}

static bool on_entry(const WalkEntry *entry, void *user_data) {
    Search *search = user_data;
    if (entry->is_link || !is_wanted(search, entry)) return true;
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = openat(entry->folder_fd, entry->name, flags);
    struct stat info;
    if (fd < 0) return true;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return true;
    }
    g_autofree char *path = text_make_valid(entry->path, strlen(entry->path));
    search->path = path;
    search->line = search->last_shown = search->n_after = search->n_in_file = 0;
    g_queue_clear_full(search->before, g_free);
    search_file(search, fd);
    return !search->is_full;
}

static void tell_end(const Search *search, const Walk *walk) {
    if (search->n_matches == 0)
        g_string_append_printf(search->text, "No match for '%s' in %s.\n",
                               search->arguments->pattern, search->arguments->path);
    if (search->is_full)
        g_string_append_printf(search->text,
                               "[stopped at %" G_GINT64_FORMAT
                               "; there are more: narrow the search or raise limit]\n",
                               (gint64)search->arguments->limit);
    if (search->n_too_hard > 0)
        g_string_append_printf(search->text,
                               "[%u lines took too long for this pattern and were left out]\n",
                               search->n_too_hard);
    if (walk->is_single && search->n_binary > 0)
        g_string_append(search->text, "[it is a binary file]\n");
}

static bool run_search(const Arguments *arguments, Search *search, GError **error) {
    Walk walk = { .path = arguments->path,
                  .with_hidden = arguments->with_hidden,
                  .with_ignored = arguments->with_ignored,
                  .on_entry = on_entry,
                  .user_data = search };
    if (!walk_run(&walk, error)) return false;
    tell_end(search, &walk);
    return true;
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    (void)request;
    const Arguments *arguments = data;
    unsigned flags = (arguments->ignores_case ? REGEX_IGNORE_CASE : 0) |
                     (arguments->is_literal ? REGEX_LITERAL : 0) |
                     (arguments->is_word ? REGEX_WORD : 0);
    g_autoptr(Regex) regex = regex_new(arguments->pattern, flags, error);
    if (regex == NULL) return false;
    g_auto(GStrv) globs = NULL;
    if (arguments->glob != NULL) {
        globs = glob_patterns_expand(arguments->glob, error);
        if (globs == NULL) return false;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    Search search = { .arguments = arguments,
                      .regex = regex,
                      .globs = globs,
                      .text = text,
                      .before = g_queue_new() };
    bool is_ok = run_search(arguments, &search, error);
    g_queue_free_full(search.before, g_free);
    if (!is_ok) return false;
    out->text = g_strdup(text->str);
    out->source = g_strdup(arguments->path);
    return true;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    return g_strdup_printf("search %s for \"%s\"", arguments->path, arguments->pattern);
}

const ToolOps tool_grep = {
    .name = "grep",
    .summary = "Search the contents of files",
    .description = "Searches files for a regular expression, as ripgrep does: hidden files, binary "
                   "files and what .gitignore names are left out.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_PARALLEL,
    .origin = ORIGIN_FILE,
    .title = title,
    .work = work,
};
