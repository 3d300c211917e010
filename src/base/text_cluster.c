/* base/text_cluster.c: a small part of Unicode's rules, enough for editing and for wrapping. */
#include "base/text_cluster.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

enum { JOINER = 0x200D, EMOJI_SELECTOR = 0xFE0F, MAX_CLUSTER_BYTES = 64 };

static bool is_regional(gunichar character) {
    return character >= 0x1F1E6 && character <= 0x1F1FF;
}

static bool is_skin_tone(gunichar character) {
    return character >= 0x1F3FB && character <= 0x1F3FF;
}

static bool extends(gunichar character) {
    return is_skin_tone(character) ||
           (g_unichar_iszerowidth(character) && !g_unichar_iscntrl(character));
}

/* One character, its length in *out_length; U+FFFD of one byte when it is ill-formed. */
static gunichar character_at(const char *text, size_t length, size_t *out_length) {
    gunichar character = g_utf8_get_char_validated(text, (gssize)length);
    if (character == (gunichar)-1 || character == (gunichar)-2) {
        *out_length = 1;
        return 0xFFFD;
    }
    *out_length = *text == '\0' ? 1 : (size_t)(g_utf8_next_char(text) - text);
    return character;
}

static size_t columns_of(gunichar character) {
    if (g_unichar_iscntrl(character) || g_unichar_iszerowidth(character)) return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

TextCluster text_cluster_at(const char *text, size_t length) {
    if (length == 0) return (TextCluster){ 0 };
    size_t n = 0;
    gunichar first = character_at(text, length, &n);
    TextCluster cluster = { n, columns_of(first) };
    if (g_unichar_iscntrl(first)) return cluster;
    bool is_joined = false, is_half_flag = is_regional(first);
    while (cluster.n_bytes < length && cluster.n_bytes < MAX_CLUSTER_BYTES) {
        gunichar next = character_at(text + cluster.n_bytes, length - cluster.n_bytes, &n);
        bool completes_flag = is_half_flag && is_regional(next);
        if (!is_joined && !completes_flag && !extends(next)) break;
        if (g_unichar_iscntrl(next)) break;
        if (next == EMOJI_SELECTOR || completes_flag) cluster.n_columns = 2;
        is_joined = next == JOINER;
        is_half_flag = false;
        cluster.n_bytes += n;
    }
    return cluster;
}

size_t text_cluster_before(const char *text, size_t offset) {
    /* Clusters can only be told from their start: from the start of the line, then. */
    size_t at = offset;
    while (at > 0 && text[at - 1] != '\n') at--;
    if (at == offset) return offset > 0 ? offset - 1 : 0;
    for (;;) {
        TextCluster cluster = text_cluster_at(text + at, offset - at);
        if (cluster.n_bytes == 0 || at + cluster.n_bytes >= offset) return at;
        at += cluster.n_bytes;
    }
}

size_t text_cluster_columns(const char *text, size_t length) {
    size_t columns = 0;
    for (size_t at = 0; at < length;) {
        TextCluster cluster = text_cluster_at(text + at, length - at);
        columns += cluster.n_columns;
        at += cluster.n_bytes;
    }
    return columns;
}
