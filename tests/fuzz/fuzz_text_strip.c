/* Any bytes through the stripper: valid text comes out, without a character that drives a terminal;
 * twice changes nothing; chunks give what the whole gives. The first byte is the size of a chunk.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_safe(const char *text) {
    if (!g_utf8_validate(text, -1, NULL)) abort();
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character < 0x20 && character != '\n' && character != '\t') abort();
        if (character >= 0x7F && character <= 0x9F) abort();
        if (character >= 0x202A && character <= 0x202E) abort();
        if (character >= 0x2066 && character <= 0x2069) abort();
        if (character >= 0xE0000 && character <= 0xE007F) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t step = size > 0 ? 1 + data[0] % 16 : 1;
    const char *text = (const char *)data;
    g_autofree char *whole = text_strip_terminal(text, size);
    check_safe(whole);
    g_autofree char *again = text_strip_terminal(whole, strlen(whole));
    if (strcmp(whole, again) != 0) abort();
    g_autoptr(TextStripper) stripper = text_stripper_new();
    g_autoptr(GString) out = g_string_new(NULL);
    for (size_t at = 0; at < size; at += step)
        text_stripper_feed(stripper, text + at, MIN(step, size - at), out);
    text_stripper_finish(stripper, out);
    if (strcmp(whole, out->str) != 0) abort();
    for (size_t limit = 0; limit <= size; limit += step)
        if (text_cut(text, size, limit) > limit) abort();
    g_autofree char *valid = text_make_valid(text, size);
    if (!g_utf8_validate(valid, -1, NULL)) abort();
    if (text_width(valid) > 2 * strlen(valid)) abort();
    return 0;
}
