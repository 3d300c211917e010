/* tool/glob_pattern.c: two places to go back to are enough: the last '*' and the last '**'. */
#include "tool/glob_pattern.h"

#include <string.h>

#include "base/error.h"

#define MAX_ALTERNATIVES 256
#define MAX_DEPTH 16

static size_t character_length(const char *text) {
    unsigned char c = (unsigned char)*text;
    size_t length = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) return i;
    return length;
}

/* The code of a character, or of a byte that is none; *out_length is what it takes. */
static gunichar character_at(const char *text, size_t *out_length) {
    *out_length = character_length(text);
    gunichar c = g_utf8_get_char_validated(text, (gssize)*out_length);
    if (c < 0x110000) return c;
    *out_length = 1;
    return 0x110000 + (unsigned char)*text;
}

/* One element of a [...] at *at; false at its end. */
static bool next_of_set(const char **at, gunichar *out) {
    if (**at == '\0') return false;
    if (**at == '\\' && (*at)[1] != '\0') (*at)++;
    size_t length = 0;
    *out = character_at(*at, &length);
    *at += length;
    return true;
}

/* Matches [...] at `set` (after the '['); *out_end is after its ']', NULL when it does not close.
 */
static bool match_set(const char *set, gunichar c, const char **out_end) {
    const char *at = set;
    bool is_negated = *at == '!' || *at == '^';
    if (is_negated) at++;
    bool is_in = false;
    bool is_first = true;
    *out_end = NULL;
    while (*at != ']' || is_first) {
        gunichar from = 0;
        if (!next_of_set(&at, &from)) return false;
        gunichar to = from;
        if (*at == '-' && at[1] != ']' && at[1] != '\0') {
            at++;
            if (!next_of_set(&at, &to)) return false;
        }
        is_in = is_in || (from <= c && c <= to);
        is_first = false;
    }
    *out_end = at + 1;
    return is_in != is_negated;
}

/* One element that is no star against one character of the path. */
static bool match_one(const char *pattern, const char *path, size_t *out_pattern,
                      size_t *out_path) {
    *out_path = 1;
    *out_pattern = 1;
    if (*path == '\0') return false;
    if (*pattern == '?' || *pattern == '[') {
        if (*path == '/') return false;
        gunichar c = character_at(path, out_path);
        if (*pattern == '?') return true;
        const char *end = NULL;
        bool is_match = match_set(pattern + 1, c, &end);
        if (end != NULL) {
            *out_pattern = (size_t)(end - pattern);
            return is_match;
        }
        *out_path = 1; /* an open '[' stands for itself */
    }
    if (*pattern == '\\' && pattern[1] != '\0') {
        *out_pattern = 2;
        pattern++;
    }
    return *pattern == *path;
}

/* "**" as a whole part of the path: at a start or after '/', before a '/' or the end. */
static bool is_folder_star(const char *pattern, const char *at) {
    return at[0] == '*' && at[1] == '*' && (at == pattern || at[-1] == '/') &&
           (at[2] == '/' || at[2] == '\0');
}

typedef struct {
    const char *pattern; /* what follows the star; NULL = no star yet */
    const char *path;    /* where it is tried next */
} Retry;

static bool is_at_part(const char *path, const char *start) {
    return path == start || path[-1] == '/';
}

/* The next start of a part after `at`, or NULL. */
static const char *next_part(const char *at) {
    const char *slash = strchr(at, '/');
    return slash != NULL ? slash + 1 : NULL;
}

/* Lets the last star take more; false when no star can. */
static bool back_up(Retry *star, Retry *folders, const char **pattern, const char **path) {
    if (star->pattern != NULL && *star->path != '\0' && *star->path != '/') {
        star->path++;
        *pattern = star->pattern;
        *path = star->path;
        return true;
    }
    star->pattern = NULL;
    if (folders->pattern == NULL) return false;
    folders->path = next_part(folders->path);
    if (folders->path == NULL) {
        folders->pattern = NULL;
        return false;
    }
    *pattern = folders->pattern;
    *path = folders->path;
    return true;
}

bool glob_pattern_match(const char *pattern, const char *path) {
    const char *at = pattern;
    const char *start = path;
    Retry star = { 0 };
    Retry folders = { 0 };
    for (;;) {
        size_t n_pattern = 0;
        size_t n_path = 0;
        if (is_folder_star(pattern, at) && is_at_part(path, start)) {
            if (at[2] == '\0') return *path != '\0' || at == pattern;
            at += 3;
            folders = (Retry){ at, path };
            star = (Retry){ 0 };
        } else if (*at == '*') {
            while (*at == '*') at++;
            star = (Retry){ at, path };
        } else if (*at == '\0' && *path == '\0') {
            return true;
        } else if (*at != '\0' && match_one(at, path, &n_pattern, &n_path)) {
            at += n_pattern;
            path += n_path;
        } else if (!back_up(&star, &folders, &at, &path)) {
            return false;
        }
    }
}

/* ---- {a,b} ---- */

/* The '}' that closes the '{' at `open`, or NULL. */
static const char *closing(const char *open) {
    int depth = 0;
    for (const char *at = open; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '{')
            depth++;
        else if (*at == '}' && --depth == 0)
            return at;
    }
    return NULL;
}

static const char *first_brace(const char *pattern) {
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '{')
            return at;
    }
    return NULL;
}

static bool expand(const char *pattern, unsigned depth, GPtrArray *out, GError **error) {
    const char *open = first_brace(pattern);
    if (open == NULL) {
        g_ptr_array_add(out, g_strdup(pattern));
        if (out->len <= MAX_ALTERNATIVES) return true;
        error_set(error, ERR_USAGE, "the pattern has more than %d alternatives", MAX_ALTERNATIVES);
        return false;
    }
    const char *close = closing(open);
    if (close == NULL || depth > MAX_DEPTH) {
        error_set(error, ERR_USAGE, "the braces of the pattern '%s' do not close", pattern);
        return false;
    }
    int level = 0;
    const char *part = open + 1;
    for (const char *at = part; at <= close; at++) {
        if (*at == '\\' && at + 1 < close) {
            at++;
        } else if ((*at == ',' && level == 0) || at == close) {
            g_autoptr(GString) whole = g_string_new_len(pattern, open - pattern);
            g_string_append_len(whole, part, at - part);
            g_string_append(whole, close + 1);
            if (!expand(whole->str, depth + 1, out, error)) return false;
            part = at + 1;
        } else if (*at == '{') {
            level++;
        } else if (*at == '}') {
            level--;
        }
    }
    return true;
}

char **glob_patterns_expand(const char *pattern, GError **error) {
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    if (!expand(pattern, 0, out, error)) return NULL;
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&out), FALSE);
}
