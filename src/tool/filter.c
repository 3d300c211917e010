/* tool/filter.c: substrings, then denied patterns, then allowed ones. */
#include "tool/filter.h"

#include <string.h>

#include "base/error.h"
#include "tool/regex.h"

typedef struct {
    char **substrings; /* borrowed of the configuration */
    char **deny_texts;
    char **allow_texts;
    GPtrArray *deny;  /* Regex, owned, as deny_texts */
    GPtrArray *allow; /* Regex, owned */
} Filter;

struct ToolFilters {
    GMutex lock;         /* a Regex is for one thread at a time */
    GHashTable *by_tool; /* char *, borrowed, to Filter, owned */
};

static void free_filter(void *data) {
    Filter *filter = data;
    if (filter->deny != NULL) g_ptr_array_unref(filter->deny);
    if (filter->allow != NULL) g_ptr_array_unref(filter->allow);
    g_free(filter);
}

static GPtrArray *compile(char **patterns, const char *tool, GError **error) {
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func((GDestroyNotify)regex_free);
    for (; patterns != NULL && *patterns != NULL; patterns++) {
        g_autoptr(GError) problem = NULL;
        Regex *regex = regex_new(*patterns, 0, &problem);
        if (regex == NULL) {
            error_set(error, ERR_CONFIG, "tools.filters.%s: %s", tool, problem->message);
            return NULL;
        }
        g_ptr_array_add(out, regex);
    }
    return g_steal_pointer(&out);
}

ToolFilters *tool_filters_new(const ToolConfig *config, GError **error) {
    g_autoptr(ToolFilters) filters = g_new0(ToolFilters, 1);
    g_mutex_init(&filters->lock);
    filters->by_tool = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_filter);
    if (config->filters == NULL) return g_steal_pointer(&filters);
    GHashTableIter at;
    void *name = NULL;
    void *value = NULL;
    g_hash_table_iter_init(&at, config->filters);
    while (g_hash_table_iter_next(&at, &name, &value)) {
        const ToolFilterConfig *rules = value;
        Filter *filter = g_new0(Filter, 1);
        g_hash_table_insert(filters->by_tool, name, filter);
        filter->substrings = rules->deny_substrings;
        filter->deny_texts = rules->deny_patterns;
        filter->allow_texts = rules->allow_patterns;
        filter->deny = compile(rules->deny_patterns, name, error);
        if (filter->deny == NULL) return NULL;
        filter->allow = compile(rules->allow_patterns, name, error);
        if (filter->allow == NULL) return NULL;
    }
    return g_steal_pointer(&filters);
}

void tool_filters_free(ToolFilters *filters) {
    if (filters == NULL) return;
    g_hash_table_unref(filters->by_tool);
    g_mutex_clear(&filters->lock);
    g_free(filters);
}

static bool refuse(GError **error, const char *what, const char *rule) {
    error_set_with_hint(error, ERR_DENIED, "See [tools.filters] in the configuration.",
                        "the owner's filter refuses it: it %s '%s'", what, rule);
    return false;
}

/* A pattern that could not be decided within its limit counts against the call. */
static bool judge(const Filter *filter, const char *exact, GError **error) {
    size_t length = strlen(exact);
    g_autofree char *folded = g_ascii_strdown(exact, -1);
    for (char **text = filter->substrings; text != NULL && *text != NULL; text++) {
        g_autofree char *wanted = g_ascii_strdown(*text, -1);
        if (strstr(folded, wanted) != NULL) return refuse(error, "contains", *text);
    }
    for (unsigned i = 0; i < filter->deny->len; i++)
        if (regex_find(g_ptr_array_index(filter->deny, i), exact, length) != REGEX_NO_MATCH)
            return refuse(error, "matches", filter->deny_texts[i]);
    for (unsigned i = 0; i < filter->allow->len; i++)
        if (regex_find(g_ptr_array_index(filter->allow, i), exact, length) == REGEX_MATCH)
            return true;
    if (filter->allow->len == 0) return true;
    return refuse(error, "matches none of the patterns allowed, such as", filter->allow_texts[0]);
}

bool tool_filters_pass(ToolFilters *filters, const char *tool, const char *exact, GError **error) {
    const Filter *filter = g_hash_table_lookup(filters->by_tool, tool);
    if (filter == NULL) return true;
    g_mutex_lock(&filters->lock);
    bool is_ok = judge(filter, exact, error);
    g_mutex_unlock(&filters->lock);
    return is_ok;
}
