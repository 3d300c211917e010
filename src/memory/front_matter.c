/* memory/front_matter.c: see the header. */
#include "memory/front_matter.h"

#include <string.h>

#include <glib.h>

#include "base/text.h"

/* A longer one is a note that begins with a rule. */
#define MAX_LINES 200

void front_matter_clear(FrontMatter *front) {
    g_free(front->title);
    g_free(front->date);
    *front = (FrontMatter){ 0 };
}

static int digits(const char *text, size_t n) {
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (!g_ascii_isdigit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static char *date_at(const char *text) {
    size_t n_separator = 0;
    if (digits(text, 4) >= 0 && text[4] == '-') n_separator = 1;
    int year = digits(text, 4), month = -1, day = -1;
    const char *at = text + 4 + n_separator;
    if (year >= 1900 && year < 2200) month = digits(at, 2);
    if (month >= 1 && (n_separator == 0 || at[2] == '-')) day = digits(at + 2 + n_separator, 2);
    if (day < 1 || g_ascii_isdigit(at[4 + n_separator])) return NULL;
    if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year)) return NULL;
    return g_strdup_printf("%04d-%02d-%02d", year, month, day);
}

char *note_date_find(const char *name) {
    for (const char *at = name; *at != '\0'; at++) {
        if (!g_ascii_isdigit(*at) || (at > name && g_ascii_isdigit(at[-1]))) continue;
        char *date = date_at(at);
        if (date != NULL) return date;
    }
    return NULL;
}

static void take_pair(FrontMatter *front, char *line) {
    char *colon = strchr(line, ':');
    if (colon == NULL) return;
    *colon = '\0';
    char *value = g_strstrip(colon + 1);
    size_t length = strlen(value);
    if (length >= 2 && strchr("'\"", value[0]) != NULL && value[length - 1] == value[0]) {
        value[length - 1] = '\0';
        value++;
    }
    if (g_ascii_strcasecmp(line, "title") == 0 && front->title == NULL && value[0] != '\0') {
        g_autofree char *valid = text_make_valid(value, strlen(value));
        front->title = text_strip_terminal(valid, strlen(valid));
    }
    if (g_ascii_strcasecmp(line, "date") == 0 && front->date == NULL)
        front->date = note_date_find(value);
}

static bool is_mark(const char *line, size_t length, const char *marks) {
    while (length > 0 && g_ascii_isspace(line[length - 1])) length--;
    return length == 3 && strchr(marks, line[0]) != NULL && line[1] == line[0] &&
           line[2] == line[0];
}

FrontMatter front_matter_parse(const char *text, size_t length) {
    FrontMatter front = { 0 };
    unsigned n_lines = 0;
    for (size_t at = 0; at < length && n_lines < MAX_LINES; n_lines++) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline != NULL ? (size_t)(newline - text) : length;
        bool is_end = n_lines > 0 && is_mark(text + at, end - at, "-.");
        if (n_lines == 0 && !is_mark(text, end, "-")) return front;
        if (is_end) {
            front.n_lines = n_lines + 1;
            return front;
        }
        g_autofree char *line = g_strndup(text + at, end - at);
        if (n_lines > 0) take_pair(&front, line);
        at = end + 1;
    }
    front_matter_clear(&front);
    return front;
}
