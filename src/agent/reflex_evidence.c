/* agent/reflex_evidence.c: statements of notes, and how well they answer. */
#include "agent/reflex_evidence.h"

#include <math.h>
#include <string.h>

enum { MAX_HITS = 12, MAX_STATEMENTS = 40 };

/* How much the meaning of the piece counts beside the words of the statement. */
#define MEANING_WEIGHT 0.25
#define HEADING_SHARE 0.6
#define NARROWNESS 0.02

/* Words of questions, of the owner, and of small talk: no note is found by them. */
static const char *const small_words[] = {
    "big",       "old",        "tall",    "long",    "large",  "heavy",    "often",   "far",
    "wide",      "again",      "best",    "most",    "kind",   "idea",     "go",      "goes",
    "going",     "went",       "get",     "gets",    "got",    "keep",     "kept",    "now",
    "currently", "still",      "soon",    "exactly", "ever",   "actually", "really",  "when's",
    "how's",     "whats",      "wheres",  "sort",    "type",   "detail",   "details", "noch",
    "mal",       "eigentlich", "nochmal", "gerade",  "genau",  "denn",     "doch",    "a",
    "about",     "all",        "also",    "am",      "an",     "and",      "any",     "anything",
    "are",       "as",         "at",      "be",      "been",   "by",       "can",     "could",
    "did",       "do",         "does",    "else",    "for",    "from",     "had",     "has",
    "have",      "he",         "her",     "his",     "how",    "i",        "i'm",     "if",
    "in",        "is",         "it",      "its",     "know",   "many",     "me",      "mine",
    "much",      "my",         "name",    "named",   "note",   "noted",    "notes",   "of",
    "on",        "or",         "our",     "please",  "put",    "remember", "said",    "say",
    "says",      "she",        "should",  "so",      "tell",   "that",     "the",     "their",
    "them",      "there",      "they",    "thing",   "things", "this",     "to",      "told",
    "us",        "was",        "we",      "were",    "what",   "what's",   "when",    "where",
    "where's",   "which",      "who",     "who's",   "whose",  "why",      "will",    "with",
    "would",     "write",      "written", "wrote",   "you",    "your",     "call",    "called",
    "kind",      "ab",         "aber",    "alles",   "als",    "am",       "auf",     "aus",
    "bei",       "bin",        "bist",    "das",     "dass",   "dem",      "den",     "der",
    "des",       "die",        "du",      "ein",     "eine",   "einen",    "einem",   "einer",
    "er",        "es",         "habe",    "hat",     "hatte",  "heißt",    "ich",     "im",
    "ist",       "mein",       "meine",   "meinem",  "meinen", "meiner",   "mich",    "mir",
    "mit",       "sie",        "sind",    "und",     "uns",    "unser",    "unsere",  "über",
    "von",       "vom",        "wann",    "war",     "waren",  "warum",    "was",     "weißt",
    "welche",    "welcher",    "welches", "wem",     "wen",    "wer",      "wie",     "wir",
    "wo",        "zu",         "zum",     "zur",     "viel",   "viele",    "gesagt",  "notiert",
    "merk",      NULL
};

void statement_free(Statement *statement) {
    if (statement == NULL) return;
    g_free(statement->path);
    g_free(statement->text);
    g_free(statement->date);
    g_free(statement);
}

char *statement_place(const Statement *statement) {
    if (statement->start_line == statement->end_line)
        return g_strdup_printf("%s#L%" G_GINT64_FORMAT, statement->path,
                               (gint64)statement->start_line);
    return g_strdup_printf("%s#L%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, statement->path,
                           (gint64)statement->start_line, (gint64)statement->end_line);
}

/* ---- words ---- */

static bool is_letter(gunichar c) {
    return g_unichar_isalnum(c);
}

/* Words that ask for the same, by stem. */
static const char *const same_stems[][2] = {
    { "prefer", "lik" },    { "lov", "lik" },         { "favourit", "lik" },  { "favorit", "lik" },
    { "job", "work" },      { "profession", "work" }, { "telephon", "phon" }, { "mobil", "phon" },
    { "cellphon", "phon" }, { "liebling", "lik" },    { "mag", "lik" },       { "mög", "lik" },
    { "colour", "color" },  { "adress", "address" },  { "wohn", "liv" },      { "resid", "liv" },
    { "cod", "code" },      { "pin", "code" },
};

/* "birthdays", "birthday's" are "birthday"; "lives", "living", "lived" are "liv". */
static char *stem(const char *word) {
    static const char *const endings[] = {
        "'s", "ing", "ies", "es", "ed", "en", "er", "e", "s", "y"
    };
    char *copy = g_strdup(word);
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        size_t length = strlen(copy), tail = strlen(endings[i]);
        if (length < tail + 3 || !g_str_has_suffix(copy, endings[i])) continue;
        copy[length - tail] = '\0';
        break;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(same_stems); i++) {
        if (strcmp(copy, same_stems[i][0]) != 0) continue;
        g_free(copy);
        return g_strdup(same_stems[i][1]);
    }
    return copy;
}

static void add_words(const char *text, GHashTable *out, bool with_small) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    for (const char *at = lower; *at != '\0';) {
        const char *start = at;
        while (*at != '\0' && (is_letter(g_utf8_get_char(at)) || (*at == '\'' && at > start)))
            at = g_utf8_next_char(at);
        g_autofree char *word = g_strndup(start, (gsize)(at - start));
        bool says_something = word[0] != '\0' &&
                              (with_small || !g_strv_contains(small_words, word)) &&
                              (strlen(word) > 1 || g_ascii_isdigit(word[0]));
        if (says_something) g_hash_table_add(out, stem(word));
        while (*at != '\0' && !is_letter(g_utf8_get_char(at))) at = g_utf8_next_char(at);
    }
}

static GHashTable *words_of(const char *text) {
    GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_words(text, words, /* with_small= */ false);
    return words;
}

char *evidence_words(const char *question) {
    g_autoptr(GHashTable) words = words_of(question);
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(words), (GCompareFunc)strcmp);
    GString *out = g_string_new(NULL);
    for (const GList *key = keys; key != NULL; key = key->next)
        g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", (const char *)key->data);
    return g_string_free(out, FALSE);
}

enum { MIN_COMMON = 5 };

/* "allergic" and "allergy": the same word, or one that begins alike for most of it. */
static bool has_word(GHashTable *words, const char *wanted) {
    if (g_hash_table_contains(words, wanted)) return true;
    GHashTableIter iter;
    void *word;
    size_t length = strlen(wanted);
    g_hash_table_iter_init(&iter, words);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        size_t other = strlen(word), common = 0;
        while (common < length && common < other && wanted[common] == ((char *)word)[common])
            common++;
        if (common >= MIN_COMMON && common * 4 >= MAX(length, other) * 3) return true;
    }
    return false;
}

static double share(GHashTable *wanted, GHashTable *there, GHashTable *above) {
    if (g_hash_table_size(wanted) == 0) return 0;
    double found = 0;
    GHashTableIter iter;
    void *word;
    g_hash_table_iter_init(&iter, wanted);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        if (has_word(there, word))
            found += 1;
        else if (above != NULL && has_word(above, word))
            found += HEADING_SHARE;
    }
    return found / g_hash_table_size(wanted);
}

double evidence_coverage(const char *words, const char *text) {
    g_autoptr(GHashTable) wanted = words_of(words);
    g_autoptr(GHashTable) there = words_of(text);
    return share(wanted, there, NULL);
}

/* ---- what a statement says ---- */

static const char *const copulas[] = { " is ",    " are ",    " was ",      " were ",
                                       " = ",     ": ",       " ist ",      " sind ",
                                       " war ",   " heißt ",  " lives in ", " wohnt in ",
                                       " costs ", " kostet ", " leaves at " };

const char *statement_value(const char *text) {
    const char *best = NULL;
    size_t length = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(copulas); i++) {
        const char *at = strstr(text, copulas[i]);
        if (at == NULL || at == text || (best != NULL && at >= best)) continue;
        best = at;
        length = strlen(copulas[i]);
    }
    return best != NULL ? best + length : NULL;
}

static bool same_words(GHashTable *one, GHashTable *other) {
    return share(one, other, NULL) == 1 && share(other, one, NULL) == 1;
}

bool statement_contradicts(const char *text, const char *other) {
    const char *value = statement_value(text), *other_value = statement_value(other);
    if (value == NULL || other_value == NULL) return false;
    g_autofree char *thing = g_strndup(text, (gsize)(value - text));
    g_autofree char *other_thing = g_strndup(other, (gsize)(other_value - other));
    g_autoptr(GHashTable) things = words_of(thing);
    g_autoptr(GHashTable) other_things = words_of(other_thing);
    g_autoptr(GHashTable) values = words_of(value);
    g_autoptr(GHashTable) other_values = words_of(other_value);
    return g_hash_table_size(things) > 0 && same_words(things, other_things) &&
           !same_words(values, other_values);
}

/* ---- statements of a piece of a note ---- */

static const char *skip_blanks(const char *line) {
    while (*line == ' ' || *line == '\t') line++;
    return line;
}

/* Behind the mark of a list item, a task's box too; NULL when the line is none. */
static const char *item_text(const char *line) {
    line = skip_blanks(line);
    size_t digits = strspn(line, "0123456789");
    if (digits > 0 && digits < 4 && (line[digits] == '.' || line[digits] == ')') &&
        line[digits + 1] == ' ')
        return skip_blanks(line + digits + 1);
    if (strchr("-*+", *line) == NULL || *line == '\0' || line[1] != ' ') return NULL;
    line = skip_blanks(line + 2);
    if (line[0] == '[' && line[1] != '\0' && line[2] == ']') line = skip_blanks(line + 3);
    return line;
}

static bool is_between(const char *line) {
    line = skip_blanks(line);
    return *line == '\0' || *line == '#' || g_str_has_prefix(line, "<!--") ||
           g_str_has_prefix(line, "---") || g_str_has_prefix(line, "```");
}

typedef struct {
    const MemoryHit *hit;
    GHashTable *wanted;
    GPtrArray *out;
    char *heading; /* the newest one in the piece; owned */
} Piece;

static void add_statement(Piece *piece, GString *text, int64_t start_line, int64_t end_line) {
    g_strstrip(text->str);
    if (text->str[0] == '\0' || piece->out->len >= MAX_STATEMENTS) return;
    g_autoptr(GHashTable) there = words_of(text->str);
    g_autoptr(GHashTable) above = words_of(piece->hit->heading);
    add_words(piece->heading != NULL ? piece->heading : "", above, /* with_small= */ false);
    add_words(piece->hit->path, above, /* with_small= */ false);
    double coverage = share(piece->wanted, there, above);
    Statement *statement = g_new0(Statement, 1);
    *statement = (Statement){ .path = g_strdup(piece->hit->path),
                              .text = g_strdup(text->str),
                              .date = g_strdup(piece->hit->date),
                              .start_line = start_line,
                              .end_line = end_line,
                              .coverage = coverage,
                              .meaning = piece->hit->meaning,
                              .label = piece->hit->label };
    statement->evidence = coverage * (1 - MEANING_WEIGHT) +
                          CLAMP(piece->hit->meaning, 0, 1) * MEANING_WEIGHT * coverage;
    /* Without an embedder the words decide alone. */
    if (piece->hit->meaning <= 0) statement->evidence = coverage * (1 - MEANING_WEIGHT / 2);
    /* Of two as good, the one that is about nothing else: "my phone" before "my phone number". */
    const char *value = statement_value(text->str);
    g_autofree char *thing =
        value != NULL ? g_strndup(text->str, (gsize)(value - text->str)) : g_strdup(text->str);
    g_autoptr(GHashTable) things = words_of(thing);
    statement->evidence += NARROWNESS * share(things, piece->wanted, NULL);
    g_ptr_array_add(piece->out, statement);
}

static void add_piece(Piece *piece) {
    g_auto(GStrv) lines = g_strsplit(piece->hit->text, "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t start = piece->hit->start_line;
    for (int64_t i = 0; lines[i] != NULL; i++) {
        int64_t line = piece->hit->start_line + i;
        const char *item = item_text(lines[i]);
        bool ends = is_between(lines[i]) || item != NULL;
        if (ends) {
            add_statement(piece, text, start, line - 1);
            g_string_truncate(text, 0);
            start = line + (item == NULL);
        }
        if (*skip_blanks(lines[i]) == '#') {
            g_free(piece->heading);
            piece->heading = g_strdup(skip_blanks(lines[i]));
        }
        if (is_between(lines[i])) continue;
        if (text->len == 0) start = line;
        g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "",
                               item != NULL ? item : lines[i]);
    }
    add_statement(piece, text, start, piece->hit->end_line);
}

char *statement_of_lines(char **lines, int64_t first, int64_t last) {
    if (first < 1 || last > (int64_t)g_strv_length(lines)) return NULL;
    GString *text = g_string_new(NULL);
    for (int64_t i = first - 1; i < last; i++) {
        if (is_between(lines[i])) continue;
        const char *item = item_text(lines[i]);
        g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "",
                               item != NULL ? item : lines[i]);
    }
    return g_strstrip(g_string_free(text, FALSE));
}

/* ---- all of them ---- */

static int by_evidence(const void *a, const void *b) {
    const Statement *one = *(const Statement *const *)a, *other = *(const Statement *const *)b;
    if (fabs(one->evidence - other->evidence) > 1e-6)
        return one->evidence < other->evidence ? 1 : -1;
    int newer = strcmp(other->date, one->date);
    if (newer != 0) return newer;
    return (one->start_line < other->start_line) - (one->start_line > other->start_line);
}

static bool is_known(const GPtrArray *statements, const Statement *statement) {
    for (unsigned i = 0; i < statements->len; i++) {
        const Statement *other = g_ptr_array_index(statements, i);
        if (other->start_line == statement->start_line && strcmp(other->path, statement->path) == 0)
            return true;
    }
    return false;
}

/* Pieces overlap: each statement counts once. */
static GPtrArray *without_repeats(GPtrArray *all) {
    GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    for (unsigned i = 0; i < all->len; i++) {
        Statement *statement = g_ptr_array_index(all, i);
        if (is_known(out, statement))
            statement_free(statement);
        else
            g_ptr_array_add(out, statement);
    }
    return out;
}

/* What was said in a conversation is no statement, whether it is a session or the note that
 * agent/session_note.h made of one: the question itself stands there, and a guess as the answer. */
static bool is_conversation(const MemoryHit *hit) {
    return hit->session[0] != '\0' || g_str_has_prefix(hit->heading, "Session: ");
}

GPtrArray *evidence_find(Memory *memory, const char *question, Cancel *cancel, GError **error) {
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_autoptr(GHashTable) wanted = words_of(question);
    if (g_hash_table_size(wanted) == 0) return without_repeats(all);
    const MemoryRequest request = { .query = question, .limit = MAX_HITS };
    g_autoptr(MemoryAnswer) answer = memory_search(memory, &request, cancel, error);
    if (answer == NULL) return NULL;
    for (unsigned i = 0; i < answer->hits->len; i++) {
        const MemoryHit *hit = g_ptr_array_index(answer->hits, i);
        if (is_conversation(hit)) continue;
        Piece piece = { .hit = hit, .wanted = wanted, .out = all };
        add_piece(&piece);
        g_free(piece.heading);
    }
    g_ptr_array_sort(all, by_evidence);
    return without_repeats(all);
}
