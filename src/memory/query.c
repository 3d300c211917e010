/* memory/query.c: see the header. */
#include "memory/query.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Not g_ascii_isspace(): that leaves out \v. */
#define SPACES " \t\r\n\v\f"

/* Nobody types more; what is pasted is cut. */
#define MAX_QUERY_BYTES 16384

void memory_query_clear(MemoryQuery *query) {
    g_free(query->words);
    if (query->phrases != NULL) g_ptr_array_unref(query->phrases);
    if (query->prefixes != NULL) g_ptr_array_unref(query->prefixes);
    g_free(query->since);
    g_free(query->before);
    g_free(query->path);
    *query = (MemoryQuery){ 0 };
}

static char *format_day(GDateTime *day) {
    return day != NULL ? g_date_time_format(day, "%Y-%m-%d") : NULL;
}

static char *days_ago(GDateTime *today, int n_days) {
    g_autoptr(GDateTime) day = g_date_time_add_days(today, -n_days);
    return format_day(day);
}

/* "30d" */
static char *date_of_age(const char *value, GDateTime *today) {
    static const struct {
        char unit;
        int n_days;
    } units[] = { { 'd', 1 }, { 'w', 7 }, { 'm', 30 }, { 'y', 365 } };
    char *end = NULL;
    guint64 n = g_ascii_strtoull(value, &end, 10);
    if (end == value || n > 10000 || end[0] == '\0' || end[1] != '\0') return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (units[i].unit == end[0]) return days_ago(today, (int)n * units[i].n_days);
    return NULL;
}

/* NULL: it is none. */
static char *parse_date(const char *value, GDateTime *today) {
    if (g_str_equal(value, "today")) return format_day(today);
    if (g_str_equal(value, "yesterday")) return days_ago(today, 1);
    int parts[3] = { 0, 1, 1 };
    const char *at = value;
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        if (!g_ascii_isdigit(*at)) return NULL;
        guint64 number = g_ascii_strtoull(at, &end, 10);
        if (number > 9999) return NULL;
        parts[i] = (int)number;
        at = end;
        if (*at != '-') break;
        at++;
    }
    if (*at != '\0') return date_of_age(value, today);
    if (parts[0] < 1000 || parts[1] < 1 || parts[2] < 1) return NULL;
    if (!g_date_valid_dmy((GDateDay)parts[2], (GDateMonth)parts[1], (GDateYear)parts[0]))
        return NULL;
    return g_strdup_printf("%04d-%02d-%02d", parts[0], parts[1], parts[2]);
}

static void replace(char **member, char *value) {
    g_free(*member);
    *member = value;
}

static bool take_filter(MemoryQuery *query, const char *word, GDateTime *today) {
    bool is_since = g_str_has_prefix(word, "since:"), is_before = g_str_has_prefix(word, "before:");
    if (is_since || is_before) {
        char *date = parse_date(strchr(word, ':') + 1, today);
        if (date != NULL) replace(is_since ? &query->since : &query->before, date);
        return date != NULL;
    }
    if (!g_str_has_prefix(word, "path:") || word[5] == '\0') return false;
    replace(&query->path, g_strdup(word + 5));
    return true;
}

static void add_words(GString *words, const char *text, size_t length) {
    if (words->len > 0) g_string_append_c(words, ' ');
    g_string_append_len(words, text, (gssize)length);
}

/* "vien*": a prefix is what the word index can be asked for, so letters and digits. */
static void take_prefix(MemoryQuery *query, const char *word, size_t length) {
    while (length > 0 && word[length - 1] == '*') length--;
    size_t start = length;
    while (start > 0 && (g_ascii_isalnum(word[start - 1]) || (word[start - 1] & 0x80) != 0))
        start--;
    if (start == length) return;
    g_ptr_array_add(query->prefixes, g_strndup(word + start, length - start));
}

static void take_word(MemoryQuery *query, GString *words, const char *text, size_t length,
                      GDateTime *today) {
    g_autofree char *word = g_strndup(text, length);
    if (take_filter(query, word, today)) return;
    if (length > 1 && word[length - 1] == '*') take_prefix(query, word, length);
    add_words(words, word, length);
}

static const char *take_phrase(MemoryQuery *query, GString *words, const char *start) {
    const char *end = strchr(start + 1, '"');
    if (end == NULL) return start + 1;
    g_autofree char *phrase = g_strndup(start + 1, (gsize)(end - start - 1));
    g_strstrip(phrase);
    if (phrase[0] != '\0') {
        add_words(words, phrase, strlen(phrase));
        g_ptr_array_add(query->phrases, g_steal_pointer(&phrase));
    }
    return end + 1;
}

MemoryQuery memory_query_parse(const char *text, GDateTime *today) {
    MemoryQuery query = { .phrases = g_ptr_array_new_with_free_func(g_free),
                          .prefixes = g_ptr_array_new_with_free_func(g_free) };
    size_t length = strlen(text);
    if (length > MAX_QUERY_BYTES) length = text_cut(text, length, MAX_QUERY_BYTES);
    g_autofree char *valid = text_make_valid(text, length);
    GString *words = g_string_new(NULL);
    for (const char *at = valid; *at != '\0';) {
        if (strchr(SPACES, *at) != NULL) {
            at++;
        } else if (*at == '"') {
            at = take_phrase(&query, words, at);
        } else {
            size_t n = strcspn(at, SPACES "\"");
            take_word(&query, words, at, n, today);
            at += n;
        }
    }
    query.words = g_string_free(words, FALSE);
    return query;
}
