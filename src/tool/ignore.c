/* tool/ignore.c: lines to rules, rules to one answer. */
#include "tool/ignore.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/glob_pattern.h"

#define MAX_IGNORE_BYTES (1 << 20)

typedef struct {
    char *pattern;
    bool is_negated;
    bool is_anchored; /* matched against the path from the file's folder, else the name */
    bool is_folder_only;
} Rule;

typedef struct {
    char *folder;     /* "" or "src/lib" */
    GPtrArray *rules; /* Rule, owned */
} Level;

struct IgnoreStack {
    GPtrArray *levels; /* Level, owned */
    bool is_git;       /* a work tree: .gitignore counts */
};

static void free_rule(void *data) {
    Rule *rule = data;
    g_free(rule->pattern);
    g_free(rule);
}

static void free_level(void *data) {
    Level *level = data;
    g_free(level->folder);
    g_ptr_array_unref(level->rules);
    g_free(level);
}

IgnoreStack *ignore_stack_new(void) {
    IgnoreStack *stack = g_new0(IgnoreStack, 1);
    stack->levels = g_ptr_array_new_with_free_func(free_level);
    return stack;
}

void ignore_stack_free(IgnoreStack *stack) {
    if (stack == NULL) return;
    g_ptr_array_unref(stack->levels);
    g_free(stack);
}

/* Trailing blanks go, unless the last one is escaped. */
static size_t trimmed_length(const char *line, size_t length) {
    if (length > 0 && line[length - 1] == '\r') length--;
    while (length > 0 && line[length - 1] == ' ' && !(length > 1 && line[length - 2] == '\\'))
        length--;
    return length;
}

static Rule *parse_rule(const char *line, size_t length) {
    length = trimmed_length(line, length);
    if (length == 0 || line[0] == '#') return NULL;
    Rule rule = { 0 };
    if (line[0] == '!') {
        rule.is_negated = true;
        line++, length--;
    }
    if (length > 0 && line[length - 1] == '/') {
        rule.is_folder_only = true;
        length--;
    }
    rule.is_anchored = memchr(line, '/', length) != NULL;
    if (length > 0 && line[0] == '/') line++, length--;
    if (length == 0) return NULL;
    rule.pattern = g_strndup(line, length);
    return g_memdup2(&rule, sizeof rule);
}

void ignore_stack_add(IgnoreStack *stack, const char *text, size_t length) {
    Level *level = g_ptr_array_index(stack->levels, stack->levels->len - 1);
    for (const char *at = text, *end = text + length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline != NULL ? newline : end) - at);
        Rule *rule = parse_rule(at, n);
        if (rule != NULL) g_ptr_array_add(level->rules, rule);
        at += n + 1;
    }
}

static void read_rules(IgnoreStack *stack, int folder_fd, const char *name) {
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) return;
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= MAX_IGNORE_BYTES) {
        g_autofree char *text = g_malloc((size_t)info.st_size + 1);
        ssize_t n = read(fd, text, (size_t)info.st_size);
        if (n > 0) ignore_stack_add(stack, text, (size_t)n);
    }
    close(fd);
}

void ignore_stack_push(IgnoreStack *stack, const char *folder, int folder_fd) {
    Level *level = g_new0(Level, 1);
    level->folder = g_strdup(folder);
    level->rules = g_ptr_array_new_with_free_func(free_rule);
    g_ptr_array_add(stack->levels, level);
    if (folder_fd < 0) return;
    if (faccessat(folder_fd, ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        stack->is_git = true;
        read_rules(stack, folder_fd, ".git/info/exclude");
    }
    if (stack->is_git) read_rules(stack, folder_fd, ".gitignore");
    read_rules(stack, folder_fd, ".ignore");
    read_rules(stack, folder_fd, ".rgignore");
}

void ignore_stack_pop(IgnoreStack *stack) {
    g_ptr_array_set_size(stack->levels, (int)stack->levels->len - 1);
}

/* `path` from the folder of a level; NULL when it is not in there. */
static const char *relative_to(const char *path, const char *folder) {
    g_assert(path != NULL);
    size_t length = strlen(folder);
    if (length == 0) return path;
    if (strncmp(path, folder, length) != 0 || path[length] != '/') return NULL;
    return path + length + 1;
}

static bool rule_matches(const Rule *rule, const char *relative, bool is_folder) {
    if (rule->is_folder_only && !is_folder) return false;
    const char *slash = strrchr(relative, '/');
    const char *name = slash != NULL ? slash + 1 : relative;
    return glob_pattern_match(rule->pattern, rule->is_anchored ? relative : name);
}

bool ignore_stack_hides(const IgnoreStack *stack, const char *path, bool is_folder) {
    for (unsigned i = stack->levels->len; i > 0; i--) {
        const Level *level = g_ptr_array_index(stack->levels, i - 1);
        const char *relative = relative_to(path, level->folder);
        for (unsigned j = level->rules->len; relative != NULL && j > 0; j--) {
            const Rule *rule = g_ptr_array_index(level->rules, j - 1);
            if (rule_matches(rule, relative, is_folder)) return !rule->is_negated;
        }
    }
    return false;
}
