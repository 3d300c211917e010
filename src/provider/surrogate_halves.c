/* provider/surrogate_halves.c: marks for halves, and their joining. */
#include "provider/surrogate_halves.h"

#include <string.h>

#define FIRST_HALF 0xD800
#define SECOND_HALF 0xDC00
#define END_OF_HALVES 0xE000
#define FIRST_MARK 0x10F800 /* stands for 0xD800 */
#define REPLACEMENT 0xFFFD

/* The value of "\uXXXX" at `at`, or 0 when there is none. */
static gunichar read_escape(const char *at, const char *end) {
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return 0;
    gunichar value = 0;
    for (int i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(at[i])) return 0;
        value = value * 16 + (gunichar)g_ascii_xdigit_value(at[i]);
    }
    return value;
}

static gboolean is_between(gunichar value, gunichar from, gunichar end) {
    return value >= from && value < end;
}

char *surrogate_halves_mark(const char *json, size_t length) {
    GString *out = g_string_sized_new(length);
    const char *end = json + length;
    while (json < end) {
        gunichar value = read_escape(json, end);
        gboolean is_pair = is_between(value, FIRST_HALF, SECOND_HALF) &&
                           is_between(read_escape(json + 6, end), SECOND_HALF, END_OF_HALVES);
        /* An escape is copied whole, so that "\\ud83d" is never taken for one. */
        size_t step = is_pair ? 12 : value != 0 ? 6 : *json == '\\' && end - json > 1 ? 2 : 1;
        if (!is_pair && is_between(value, FIRST_HALF, END_OF_HALVES))
            g_string_append_unichar(out, FIRST_MARK + (value - FIRST_HALF));
        else
            g_string_append_len(out, json, (gssize)step);
        json += step;
    }
    return g_string_free(out, FALSE);
}

static void give_up_half(gunichar *half, GString *out) {
    if (*half != 0) g_string_append_unichar(out, REPLACEMENT);
    *half = 0;
}

static void join_mark(gunichar *half, gunichar value, GString *out) {
    if (value < SECOND_HALF) {
        give_up_half(half, out);
        *half = value;
    } else if (*half != 0) {
        g_string_append_unichar(out,
                                0x10000 + ((*half - FIRST_HALF) << 10) + (value - SECOND_HALF));
        *half = 0;
    } else {
        g_string_append_unichar(out, REPLACEMENT);
    }
}

void surrogate_halves_join(gunichar *half, const char *text, GString *out) {
    if (*half == 0 && strstr(text, "\xF4\x8F") == NULL) {
        g_string_append(out, text);
        return;
    }
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar character = g_utf8_get_char(text);
        if (character >= FIRST_MARK) {
            join_mark(half, character - FIRST_MARK + FIRST_HALF, out);
            continue;
        }
        give_up_half(half, out);
        g_string_append_unichar(out, character);
    }
}
