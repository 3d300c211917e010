/*
 * tests/provider/gbnf_player.h: plays a GBNF grammar backwards: writes random texts that it allows,
 * as a model under the grammar would. Understands what tool_grammar.c writes; anything else is a
 * failed test.
 *
 *     GbnfPlayer *player = gbnf_player_new(grammar_text, seed);
 *     g_autofree char *text = gbnf_player_play(player, "root");
 *     gbnf_player_free(player);
 */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

typedef struct {
    GHashTable *rules; /* name to body */
    GRand *random;
    int depth;
} GbnfPlayer;

static inline GbnfPlayer *gbnf_player_new(const char *grammar, guint32 seed) {
    GbnfPlayer *player = g_new0(GbnfPlayer, 1);
    player->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    player->random = g_rand_new_with_seed(seed);
    g_auto(GStrv) lines = g_strsplit(grammar, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0') continue;
        char *sign = strstr(*line, " ::= ");
        if (sign == NULL) g_error("not a rule: %s", *line);
        char *name = g_strndup(*line, (gsize)(sign - *line));
        if (!g_hash_table_insert(player->rules, name, g_strdup(sign + 5)))
            g_error("two rules of one name: %s", *line);
    }
    return player;
}

static inline void gbnf_player_free(GbnfPlayer *player) {
    g_hash_table_destroy(player->rules);
    g_rand_free(player->random);
    g_free(player);
}

/* Behind the literal, class or group at `at`. */
static inline const char *gbnf_skip_item(const char *at) {
    if (*at == '"' || *at == '[') {
        char end = *at == '"' ? '"' : ']';
        for (at++; *at != end; at++) {
            if (*at == '\0') g_error("unfinished literal");
            if (*at == '\\') at++;
        }
        return at + 1;
    }
    if (*at == '(') {
        for (at++; *at != ')';) {
            if (*at == '\0') g_error("unfinished group");
            at = *at == '"' || *at == '[' || *at == '(' ? gbnf_skip_item(at) : at + 1;
        }
        return at + 1;
    }
    while (g_ascii_isalnum(*at) || *at == '-') at++;
    return at;
}

static inline void gbnf_play_body(GbnfPlayer *player, const char *body, const char *end,
                                  GString *out);

/* One character of an escape or as it stands; moves on. */
static inline unsigned gbnf_character(const char **at) {
    if (**at != '\\') {
        unsigned character = g_utf8_get_char(*at);
        *at = g_utf8_next_char(*at);
        return character;
    }
    char kind = (*at)[1];
    *at += 2;
    if (kind == 'n') return '\n';
    if (kind == 't') return '\t';
    if (kind != 'x') return (unsigned char)kind;
    char hex[3] = { (*at)[0], (*at)[1], '\0' };
    *at += 2;
    return (unsigned)strtoul(hex, NULL, 16);
}

static inline void gbnf_play_class(GbnfPlayer *player, const char *at, const char *end,
                                   GString *out) {
    bool is_allowed[128] = { false };
    bool is_negated = at[1] == '^';
    for (at += is_negated ? 2 : 1; at < end - 1;) {
        unsigned from = gbnf_character(&at);
        unsigned to = from;
        if (*at == '-' && at < end - 2) {
            at++;
            to = gbnf_character(&at);
        }
        g_assert_cmpuint(to, <, 128);
        for (; from <= to; from++) is_allowed[from] = true;
    }
    if (is_negated && g_rand_int_range(player->random, 0, 8) == 0) {
        g_string_append(out, "é");
        return;
    }
    for (;;) {
        int candidate = g_rand_int_range(player->random, 0, 128);
        if (is_allowed[candidate] == is_negated) continue;
        g_string_append_c(out, (char)candidate);
        return;
    }
}

static inline void gbnf_play_item(GbnfPlayer *player, const char *at, const char *end,
                                  GString *out) {
    if (*at == '"') {
        for (at++; at < end - 1;) g_string_append_unichar(out, gbnf_character(&at));
        return;
    }
    if (*at == '[') {
        gbnf_play_class(player, at, end, out);
        return;
    }
    if (*at == '(') {
        gbnf_play_body(player, at + 1, end - 1, out);
        return;
    }
    g_autofree char *name = g_strndup(at, (gsize)(end - at));
    const char *body = g_hash_table_lookup(player->rules, name);
    if (body == NULL) g_error("no rule '%s'", name);
    player->depth++;
    gbnf_play_body(player, body, body + strlen(body), out);
    player->depth--;
}

/* How often: "?", "*", "+", "{2}", "{2,}", "{2,5}"; moves on. Deep down as seldom as possible. */
static inline int gbnf_count(GbnfPlayer *player, const char **at) {
    int least = 1;
    int most = 1;
    char kind = **at;
    if (kind == '?' || kind == '*' || kind == '+') {
        least = kind == '+' ? 1 : 0;
        most = kind == '?' ? 1 : 4;
        ++*at;
    } else if (kind == '{') {
        char *rest = NULL;
        least = (int)strtol(*at + 1, &rest, 10);
        most = least;
        if (*rest == ',') most = rest[1] == '}' ? least + 3 : (int)strtol(rest + 1, NULL, 10);
        *at = strchr(*at, '}') + 1;
        most = MIN(most, least + 4);
    }
    if (most == least || player->depth > 12) return least;
    return g_rand_int_range(player->random, least, most + 1);
}

static inline void gbnf_play_sequence(GbnfPlayer *player, const char *at, const char *end,
                                      GString *out) {
    while (at < end) {
        if (*at == ' ') {
            at++;
            continue;
        }
        const char *item = at;
        const char *item_end = gbnf_skip_item(at);
        if (item_end == item) g_error("what is '%s'?", item);
        at = item_end;
        for (int n = gbnf_count(player, &at); n > 0; n--)
            gbnf_play_item(player, item, item_end, out);
    }
}

static inline void gbnf_play_body(GbnfPlayer *player, const char *body, const char *end,
                                  GString *out) {
    g_autoptr(GArray) cuts = g_array_new(FALSE, FALSE, sizeof(const char *));
    g_array_append_val(cuts, body);
    for (const char *at = body; at < end;) {
        if (*at == '|') {
            at++;
            g_array_append_val(cuts, at);
        } else {
            bool is_item = *at == '"' || *at == '[' || *at == '(';
            at = is_item ? gbnf_skip_item(at) : at + 1;
        }
    }
    guint chosen = (guint)g_rand_int_range(player->random, 0, (gint32)cuts->len);
    if (player->depth > 40) chosen = 0; /* a schema that refers to itself: its first choice ends */
    const char *from = g_array_index(cuts, const char *, chosen);
    const char *to =
        chosen + 1 < cuts->len ? g_array_index(cuts, const char *, chosen + 1) - 1 : end;
    gbnf_play_sequence(player, from, to, out);
}

static inline char *gbnf_player_play(GbnfPlayer *player, const char *rule) {
    GString *out = g_string_new(NULL);
    player->depth = 0;
    gbnf_play_item(player, rule, rule + strlen(rule), out);
    return g_string_free(out, FALSE);
}
