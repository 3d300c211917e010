/* engine/text_filter.c: hold back what may still change its meaning. */
#include "engine/text_filter.h"

#include <string.h>

#include "base/text.h"

struct EngineTextFilter {
    char **stop;      /* owned */
    GString *pending; /* owned: not yet shown */
    bool is_stopped;
};

EngineTextFilter *engine_text_filter_new(const char *const *stop) {
    EngineTextFilter *filter = g_new0(EngineTextFilter, 1);
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    for (size_t i = 0; stop != NULL && stop[i] != NULL; i++)
        if (stop[i][0] != '\0') g_ptr_array_add(texts, g_strdup(stop[i]));
    g_ptr_array_add(texts, NULL);
    filter->stop = (char **)g_ptr_array_steal(texts, NULL);
    filter->pending = g_string_new(NULL);
    return filter;
}

void engine_text_filter_free(EngineTextFilter *filter) {
    if (filter == NULL) return;
    g_strfreev(filter->stop);
    g_string_free(filter->pending, TRUE);
    g_free(filter);
}

static void show(EngineTextFilter *filter, size_t length, GString *out) {
    g_autofree char *valid = text_make_valid(filter->pending->str, length);
    g_string_append(out, valid);
    g_string_erase(filter->pending, 0, (gssize)length);
}

/* Where the first stop text begins, or -1. */
static gssize find_stop(const EngineTextFilter *filter) {
    gssize first = -1;
    for (size_t i = 0; filter->stop[i] != NULL; i++) {
        const char *found = memmem(filter->pending->str, filter->pending->len, filter->stop[i],
                                   strlen(filter->stop[i]));
        if (found == NULL) continue;
        gssize position = found - filter->pending->str;
        if (first < 0 || position < first) first = position;
    }
    return first;
}

/* The longest end of the pending text that begins a stop text. */
static size_t undecided_length(const EngineTextFilter *filter) {
    size_t longest = 0;
    for (size_t i = 0; filter->stop[i] != NULL; i++) {
        size_t most = MIN(strlen(filter->stop[i]) - 1, filter->pending->len);
        for (size_t n = most; n > longest; n--) {
            const char *end = filter->pending->str + filter->pending->len - n;
            if (memcmp(end, filter->stop[i], n) == 0) longest = n;
        }
    }
    return longest;
}

bool engine_text_filter_feed(EngineTextFilter *filter, const char *piece, size_t length,
                             GString *out) {
    if (filter->is_stopped) return true;
    g_string_append_len(filter->pending, piece, (gssize)length);
    gssize stop = find_stop(filter);
    if (stop >= 0) {
        show(filter, (size_t)stop, out);
        g_string_truncate(filter->pending, 0);
        filter->is_stopped = true;
        return true;
    }
    size_t decided = filter->pending->len - undecided_length(filter);
    show(filter, text_cut(filter->pending->str, filter->pending->len, decided), out);
    return false;
}

void engine_text_filter_finish(EngineTextFilter *filter, GString *out) {
    if (!filter->is_stopped) show(filter, filter->pending->len, out);
}
