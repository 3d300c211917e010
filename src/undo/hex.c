/* undo/hex.c: see hex.h. */
#include "undo/hex.h"

#include <string.h>

void undo_hex_append(GString *out, const void *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    if (length == 0) g_string_append_c(out, '-');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = ((const unsigned char *)bytes)[i];
        g_string_append_c(out, digits[byte >> 4]);
        g_string_append_c(out, digits[byte & 15]);
    }
}

char *undo_hex_encode(const void *bytes, size_t length) {
    GString *text = g_string_sized_new(length * 2 + 1);
    undo_hex_append(text, bytes, length);
    return g_string_free(text, FALSE);
}

char *undo_hex_decode(const char *text, size_t length, size_t *out_length) {
    if (length == 1 && text[0] == '-') length = 0;
    if (length % 2 != 0) return NULL;
    g_autofree char *bytes = g_malloc(length / 2 + 1);
    for (size_t i = 0; i < length; i += 2) {
        int high = g_ascii_xdigit_value(text[i]), low = g_ascii_xdigit_value(text[i + 1]);
        if (high < 0 || low < 0) return NULL;
        bytes[i / 2] = (char)(high << 4 | low);
    }
    bytes[length / 2] = '\0';
    if (out_length == NULL && memchr(bytes, '\0', length / 2) != NULL) return NULL;
    if (out_length != NULL) *out_length = length / 2;
    return g_steal_pointer(&bytes);
}
