/* tool/regex.c: pcre2 with a match limit, a depth limit and a heap limit. */
#include "tool/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"

/* A hundred times what sensible patterns need on a line of a thousand bytes; some 10 ms at worst.
 */
#define MATCH_LIMIT 500000
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 20000
#define MAX_PATTERN_BYTES 10000

struct Regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
};

static unsigned options_of(unsigned flags) {
    unsigned options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (flags & REGEX_IGNORE_CASE) options |= PCRE2_CASELESS;
    if (flags & REGEX_LITERAL) options = (options | PCRE2_LITERAL) & ~PCRE2_NEVER_BACKSLASH_C;
    return options;
}

Regex *regex_new(const char *pattern, unsigned flags, GError **error) {
    size_t length = strlen(pattern);
    if (length > MAX_PATTERN_BYTES) {
        error_set(error, ERR_USAGE, "the regular expression has more than %d bytes",
                  MAX_PATTERN_BYTES);
        return NULL;
    }
    g_autoptr(Regex) regex = g_new0(Regex, 1);
    pcre2_compile_context *compile = pcre2_compile_context_create(NULL);
    if (flags & REGEX_WORD) pcre2_set_compile_extra_options(compile, PCRE2_EXTRA_MATCH_WORD);
    pcre2_set_parens_nest_limit(compile, 100);
    int code = 0;
    PCRE2_SIZE offset = 0;
    regex->code =
        pcre2_compile((PCRE2_SPTR)pattern, length, options_of(flags), &code, &offset, compile);
    pcre2_compile_context_free(compile);
    if (regex->code == NULL) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(code, message, sizeof message);
        error_set(error, ERR_USAGE, "the regular expression '%s' is wrong at character %zu: %s",
                  pattern, (size_t)offset + 1, (const char *)message);
        return NULL;
    }
    regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(regex->context, MATCH_LIMIT);
    pcre2_set_depth_limit(regex->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(regex->context, HEAP_LIMIT_KIB);
    /* Without JIT (no memory may be executable here, say) the interpreter does the same. */
    if (pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) != 0)
        g_debug("no JIT for regular expressions");
    return g_steal_pointer(&regex);
}

void regex_free(Regex *regex) {
    if (regex == NULL) return;
    if (regex->context != NULL) pcre2_match_context_free(regex->context);
    if (regex->match != NULL) pcre2_match_data_free(regex->match);
    if (regex->code != NULL) pcre2_code_free(regex->code);
    g_free(regex);
}

RegexMatch regex_find(Regex *regex, const char *text, size_t length) {
    int n = pcre2_match(regex->code, (PCRE2_SPTR)text, length, 0, 0, regex->match, regex->context);
    if (n >= 0) return REGEX_MATCH;
    return n == PCRE2_ERROR_NOMATCH ? REGEX_NO_MATCH : REGEX_TOO_HARD;
}
