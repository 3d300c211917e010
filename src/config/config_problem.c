/* config/config_problem.c: what is wrong in a file: found by decoding, told with line and caret. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "config/config-private.h"

typedef struct {
    const ConfigSection *sections;
    const ConfigSection *section;
    GPtrArray *problems; /* ConfigProblem, owned */
} Decoding;

static bool is_full(const Decoding *decoding) {
    return decoding->problems->len >= CONFIG_MAX_PROBLEMS;
}

static void problem_free(ConfigProblem *problem) {
    g_free(problem->path);
    g_free(problem->message);
    g_free(problem);
}

/* Takes `path`. */
static void add_problem(Decoding *decoding, char *path, const char *message, bool is_unknown) {
    if (is_full(decoding)) {
        g_free(path);
        return;
    }
    ConfigProblem *problem = g_new0(ConfigProblem, 1);
    problem->path = path;
    problem->message = g_strdup(message);
    problem->is_unknown = is_unknown;
    g_ptr_array_add(decoding->problems, problem);
}

static char *full_path(const Decoding *decoding, const char *path) {
    if (path[0] == '\0') return g_strdup(decoding->section->name);
    return g_strconcat(decoding->section->name, ".", path, NULL);
}

static void on_problem(const char *path, const char *message, void *user_data) {
    Decoding *decoding = user_data;
    add_problem(decoding, full_path(decoding, path), message, /* is_unknown= */ false);
}

/* Takes `path`. */
static void add_unknown(Decoding *decoding, char *path, const char *message) {
    if (is_full(decoding)) {
        g_free(path);
        return;
    }
    g_autofree char *suggestion = config_suggest(decoding->sections, path);
    const char *sibling = strstr(message, ", did you mean");
    g_autofree char *text =
        suggestion != NULL
            ? g_strdup_printf("unknown key '%s', did you mean '%s'?", path, suggestion)
            : g_strdup_printf("unknown key '%s'%s", path, sibling != NULL ? sibling : "");
    add_problem(decoding, path, text, /* is_unknown= */ true);
}

static void on_unknown(const char *path, const char *message, void *user_data) {
    Decoding *decoding = user_data;
    g_autofree char *full = full_path(decoding, path);
    if (!config_is_section(decoding->sections, full))
        add_unknown(decoding, g_steal_pointer(&full), message);
}

/* The root, and tables that only hold sections: what is neither is unknown. */
static void check_table(Decoding *decoding, const char *prefix, const json_t *table) {
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)table, name, value) {
        g_autofree char *path = config_key_join(prefix, name);
        if (!config_is_section(decoding->sections, path)) {
            add_unknown(decoding, g_steal_pointer(&path), "");
            continue;
        }
        bool has_rows = false;
        for (const ConfigSection *section = decoding->sections; section->name != NULL; section++)
            if (strcmp(section->name, path) == 0) has_rows = true;
        if (has_rows) continue;
        if (json_is_object(value))
            check_table(decoding, path, value);
        else
            add_problem(decoding, g_steal_pointer(&path), "expected a table of keys", false);
    }
}

/* Where a path stands; for what is missing, the nearest table around it. */
static SourceSpan find_span(TomlDocument *document, const ConfigProblem *problem) {
    SourceSpan span = { 1, 1, 1 };
    g_autofree char *path = g_strdup(problem->path);
    bool is_exact = true;
    while (path[0] != '\0') {
        bool is_found = problem->is_unknown || !is_exact ? toml_key_span(document, path, &span)
                                                         : toml_value_span(document, path, &span);
        if (!is_found) is_found = toml_value_span(document, path, &span);
        if (is_found) return span;
        is_exact = false;
        char *dot = strrchr(path, '.'), *bracket = strrchr(path, '[');
        char *cut = MAX(dot, bracket);
        if (cut == NULL) break;
        *cut = '\0';
    }
    return span;
}

static int compare_places(gconstpointer left, gconstpointer right) {
    const ConfigProblem *a = *(ConfigProblem *const *)left, *b = *(ConfigProblem *const *)right;
    if (a->span.line != b->span.line) return a->span.line < b->span.line ? -1 : 1;
    return (a->span.column > b->span.column) - (a->span.column < b->span.column);
}

GPtrArray *config_decode(TomlDocument *document, const ConfigSection *sections, void **structs) {
    Decoding decoding = {
        .sections = sections,
        .problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free),
    };
    check_table(&decoding, "", toml_json(document));
    for (unsigned i = 0; sections[i].name != NULL; i++) {
        decoding.section = &sections[i];
        g_autofree void *own = structs == NULL ? g_malloc0(sections[i].size) : NULL;
        void *object = structs != NULL ? structs[i] : own;
        const json_t *tree = toml_get(document, sections[i].name);
        if (tree == NULL)
            field_set_defaults(sections[i].fields, object);
        else
            field_from_json_lenient(sections[i].fields, object, tree,
                                    FIELD_DEFAULTS | FIELD_TEMPLATES, on_problem, on_unknown,
                                    &decoding);
        if (own != NULL) field_clear(sections[i].fields, own);
    }
    for (unsigned i = 0; i < decoding.problems->len; i++) {
        ConfigProblem *problem = g_ptr_array_index(decoding.problems, i);
        problem->span = find_span(document, problem);
    }
    g_ptr_array_sort(decoding.problems, compare_places);
    return decoding.problems;
}

/* The row a path like "cron.jobs[0].timeout" leads to, or NULL. *out_is_secret is set when it or a
 * row above it is. */
static const Field *find_row(const ConfigSection *sections, const char *path, bool *out_is_secret) {
    g_autoptr(GString) plain = g_string_new(NULL);
    for (const char *c = path; *c != '\0'; c++) {
        if (*c == '[') c += strcspn(c, "]");
        if (*c == '\0') break;
        if (*c != ']') g_string_append_c(plain, *c);
    }
    /* The whole key, or the list of tables it stands in. */
    for (char *end = plain->str + plain->len; end != NULL; end = strrchr(plain->str, '.')) {
        *end = '\0';
        g_auto(ConfigTarget) target = { 0 };
        if (!config_target_find(sections, plain->str, &target, NULL)) continue;
        if (target.is_secret) *out_is_secret = true;
        const Field *row = target.field;
        const char *rest = end < plain->str + plain->len ? end + 1 : "";
        g_auto(GStrv) names = g_strsplit(rest, ".", -1);
        for (char **name = names; *name != NULL && row != NULL; name++) {
            row = row->fields != NULL ? field_find(row->fields, *name) : NULL;
            if (row != NULL && (row->flags & FIELD_SECRET)) *out_is_secret = true;
        }
        return row;
    }
    return NULL;
}

static char *note_for_range(const Field *row) {
    if (!(row->min < row->max)) return NULL;
    return g_strdup_printf("between %.15g and %.15g", row->min, row->max);
}

/* What to write instead, for the commonest mistakes; NULL when that cannot be told. */
static char *note_for(const Field *row, const json_t *value) {
    if (row == NULL || value == NULL) return NULL;
    const char *text = json_string_value(value);
    switch (row->type) {
    case FIELD_TYPE_DURATION: {
        char *end = NULL;
        if (text != NULL) g_ascii_strtoull(text, &end, 10);
        bool is_number = text != NULL && end != text && *end == '\0';
        if (is_number) return g_strdup_printf("write \"%sm\"", text);
        if (!json_is_integer(value) || json_integer_value(value) <= 0) return NULL;
        return g_strdup_printf("write \"%" JSON_INTEGER_FORMAT "m\"", json_integer_value(value));
    }
    case FIELD_TYPE_BOOL:
        if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
            return g_strdup_printf("write %s without quotes", text);
        return NULL;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_DOUBLE:
        if (text != NULL && text[0] != '\0' && strspn(text, "0123456789") == strlen(text))
            return g_strdup_printf("write %s without quotes", text);
        if (json_is_real(value) && row->type == FIELD_TYPE_INT)
            return g_strdup("write a whole number");
        return json_is_number(value) ? note_for_range(row) : NULL;
    case FIELD_TYPE_STRING:
        if (json_is_integer(value))
            return g_strdup_printf("write \"%" JSON_INTEGER_FORMAT "\"", json_integer_value(value));
        return json_is_boolean(value)
                   ? g_strdup_printf("write \"%s\"", json_is_true(value) ? "true" : "false")
                   : NULL;
    case FIELD_TYPE_STRINGS:
        if (text == NULL) return NULL;
        {
            g_autofree char *quoted = toml_quote(text);
            return g_strdup_printf("write [%s]", quoted);
        }
    case FIELD_TYPE_ENUM: {
        const char *suggestion = text != NULL ? text_suggest(text, row->choices) : NULL;
        return suggestion != NULL ? g_strdup_printf("write \"%s\"", suggestion) : NULL;
    }
    default: return NULL;
    }
}

char *config_problem_format(const ConfigProblem *problem, const char *file, TomlDocument *document,
                            const ConfigSection *sections) {
    SourceSpan span = problem->span;
    if (problem->is_unknown)
        return g_strdup_printf("%s:%zu:%zu: %s", file, span.line, span.column, problem->message);
    bool is_secret = false;
    const Field *row = find_row(sections, problem->path, &is_secret);
    bool is_missing = g_str_has_prefix(problem->message, "is missing");
    g_autofree char *message = is_missing
                                   ? g_strdup_printf("'%s' %s", problem->path, problem->message)
                                   : g_strdup(problem->message);
    /* "expected a string, got 12345" would show a key that somebody forgot to quote. */
    char *got = is_secret ? strstr(message, ", got ") : NULL;
    if (got != NULL) *got = '\0';
    const json_t *value = toml_get(document, problem->path);
    g_autofree char *note = is_secret ? NULL : note_for(row, value);
    g_autofree char *text = config_mask_source(sections, toml_text(document));
    return diagnostic_format(file, text, strlen(text), span, message, note);
}
