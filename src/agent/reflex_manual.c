/* agent/reflex_manual.c: answers from the embedded pages of docs/manual/, by the words they share
 * with the question; and what the program is. */
#include <math.h>
#include <string.h>

#include "agent/manual_data.h"
#include "agent/reflex-private.h"

/* Shares of a question's weight that a section must have: tuned on tests/agent/manual_questions. */
#define MIN_COVERAGE 0.55
#define HEADING_WEIGHT 2.0
enum { MAX_SHOWN_LINES = 14, MIN_WORD = 3, STEM = 5 };

typedef struct {
    const char *page;
    char *heading;     /* owned */
    char *text;        /* owned */
    GHashTable *words; /* stems of the text; owned */
    GHashTable *named; /* stems of heading and page; owned */
} Section;

static void section_free(void *data) {
    Section *section = data;
    g_free(section->heading);
    g_free(section->text);
    g_hash_table_unref(section->words);
    g_hash_table_unref(section->named);
    g_free(section);
}

/* Words that are in every question. */
static const char *const stop_words[] = {
    "how",   "what",  "where",     "which", "the",      "and",     "can",    "could",
    "you",   "your",  "does",      "for",   "with",     "are",     "was",    "this",
    "that",  "from",  "have",      "has",   "would",    "should",  "into",   "one",
    "use",   "using", "do",        "is",    "it",       "to",      "of",     "in",
    "on",    "my",    "me",        "an",    "localgpt", "program", "please", "want",
    "need",  "make",  "get",       "i",     "wie",      "kann",    "ich",    "was",
    "der",   "die",   "das",       "ein",   "eine",     "mein",    "soll",   "there",
    "about", "some",  "something", "here",  "when",     "them",    "its",    NULL
};

/* What people say for what the manual says. */
static const char *const synonyms[][2] = {
    { "switch", "change" },
    { "choose", "change" },
    { "select", "change" },
    { "replace", "change" },
    { "set", "change" },
    { "config", "setting" },
    { "configure", "setting" },
    { "option", "setting" },
    { "configuration", "setting" },
    { "ändere", "change" },
    { "wechsle", "change" },
    { "ändern", "change" },
    { "wechseln", "change" },
    { "modell", "model" },
    { "modelle", "model" },
    { "llm", "model" },
    { "smarter", "better" },
    { "bigger", "better" },
    { "larger", "better" },
    { "stronger", "better" },
    { "besseres", "better" },
    { "bessere", "better" },
    { "improve", "better" },
    { "upgrade", "better" },
    { "delete", "remove" },
    { "erase", "remove" },
    { "uninstall", "remove" },
    { "löschen", "remove" },
    { "chat", "conversation" },
    { "chats", "conversation" },
    { "session", "conversation" },
    { "sessions", "conversation" },
    { "gespräch", "conversation" },
    { "gespräche", "conversation" },
    { "unterhaltung", "conversation" },
    { "continue", "go" },
    { "resume", "go" },
    { "store", "kept" },
    { "stored", "kept" },
    { "save", "kept" },
    { "saved", "kept" },
    { "keep", "kept" },
    { "file", "file" },
    { "notiz", "note" },
    { "notizen", "note" },
    { "merken", "remember" },
    { "memorize", "remember" },
    { "vergessen", "forget" },
    { "privacy", "leaves" },
    { "private", "leaves" },
    { "telemetry", "leaves" },
    { "send", "send" },
    { "attach", "send" },
    { "upload", "send" },
    { "internet", "offline" },
    { "network", "offline" },
    { "disable", "off" },
    { "deactivate", "off" },
    { "cancel", "stop" },
    { "abort", "stop" },
    { "interrupt", "stop" },
    { "revert", "undo" },
    { "shortcut", "keys" },
    { "shortcuts", "keys" },
    { "keyboard", "keys" },
    { "hotkeys", "keys" },
    { "password", "keys" },
    { "fix", "correct" },
    { "problem", "works" },
    { "broken", "works" },
    { "download", "better" },
    { "install", "better" },
    { "hilfe", "help" },
    { "kannst", "can" },
    { "gpt", "openai" },
    { "claude", "anthropic" },
    { "shorter", "shorter" },
    { "length", "longer" },
    { "location", "where" },
};

/* ---- words ---- */

static bool is_word_character(gunichar c) {
    return g_unichar_isalnum(c) || c == '_';
}

/* The stem that stands for a word in the tables; NULL for one that says nothing. New string. */
static char *stem_of(const char *word) {
    if (g_utf8_strlen(word, -1) < MIN_WORD || g_strv_contains(stop_words, word)) return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(synonyms); i++)
        if (strcmp(synonyms[i][0], word) == 0) word = synonyms[i][1];
    return g_utf8_substring(word, 0, MIN(g_utf8_strlen(word, -1), STEM));
}

static void add_stems(const char *text, GHashTable *out) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    for (const char *at = lower; *at != '\0';) {
        const char *start = at;
        while (*at != '\0' && is_word_character(g_utf8_get_char(at))) at = g_utf8_next_char(at);
        g_autofree char *word = g_strndup(start, (gsize)(at - start));
        char *stem = word[0] != '\0' ? stem_of(word) : NULL;
        if (stem != NULL) g_hash_table_add(out, stem);
        while (*at != '\0' && !is_word_character(g_utf8_get_char(at))) at = g_utf8_next_char(at);
    }
}

static GHashTable *stems_of(const char *text) {
    GHashTable *stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_stems(text, stems);
    return stems;
}

/* ---- sections ---- */

static void add_section(GPtrArray *out, const char *page, const char *start, const char *end) {
    const char *line_end = strchr(start, '\n');
    if (line_end == NULL || line_end > end) return;
    Section *section = g_new0(Section, 1);
    section->page = page;
    section->heading = g_strndup(start, (gsize)(line_end - start));
    section->text = g_strstrip(g_strndup(line_end, (gsize)(end - line_end)));
    section->words = stems_of(section->text);
    section->named = stems_of(section->heading);
    add_stems(page, section->named);
    g_ptr_array_add(out, section);
}

static GPtrArray *all_sections(void) {
    GPtrArray *sections = g_ptr_array_new_with_free_func(section_free);
    for (const ManualData *page = manual_data; page->name != NULL; page++) {
        const char *start = strstr(page->text, "\n## ");
        while (start != NULL) {
            const char *next = strstr(start + 4, "\n## ");
            const char *end = next != NULL ? next : page->text + strlen(page->text);
            add_section(sections, page->name, start + 4, end);
            start = next;
        }
    }
    return sections;
}

/* A word that few sections have says more. */
static double weight_of(const char *stem, const GPtrArray *sections) {
    unsigned n = 0;
    for (unsigned i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        n += g_hash_table_contains(section->words, stem) ||
             g_hash_table_contains(section->named, stem);
    }
    return log(1 + (double)sections->len / (1 + n));
}

/* The share of the question's weight that stands in the section; headings count double. */
static double score(const Section *section, GHashTable *question, const GPtrArray *sections) {
    double all = 0, found = 0, bonus = 0;
    GHashTableIter iter;
    void *stem;
    g_hash_table_iter_init(&iter, question);
    while (g_hash_table_iter_next(&iter, &stem, NULL)) {
        double weight = weight_of(stem, sections);
        all += weight;
        bool is_named = g_hash_table_contains(section->named, stem);
        if (is_named || g_hash_table_contains(section->words, stem)) found += weight;
        if (is_named) bonus += weight;
    }
    if (all == 0 || found / all < MIN_COVERAGE) return 0;
    /* A heading that asks for more than the question did is another one. */
    double extra = (double)g_hash_table_size(section->named) * 0.02;
    return bonus > 0 ? (found + HEADING_WEIGHT * bonus) / all - extra : 0;
}

static char *shown_text(const Section *section) {
    g_auto(GStrv) lines = g_strsplit(section->text, "\n", MAX_SHOWN_LINES + 1);
    if (g_strv_length(lines) > MAX_SHOWN_LINES) {
        g_free(lines[MAX_SHOWN_LINES]);
        lines[MAX_SHOWN_LINES] = g_strdup("...");
    }
    return g_strjoinv("\n", lines);
}

static const Section *section_named(const GPtrArray *sections, const char *heading) {
    for (unsigned i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        if (strcmp(section->heading, heading) == 0) return section;
    }
    return NULL;
}

/* The holes, or the general question when there are none. */
static const Section *choose(const ReflexFiring *firing, const GPtrArray *sections, GString *why) {
    const char *topic = phrase_hole(firing->holes, "topic");
    if (topic == NULL)
        return section_named(sections,
                             strstr(firing->text, "elp") != NULL ? "Get help" : "What it can do");
    g_autoptr(GHashTable) question = stems_of(topic);
    const Section *best = NULL;
    double best_score = 0;
    for (unsigned i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        double value = score(section, question, sections);
        if (value > 0)
            g_string_append_printf(why, "  %.2f docs/manual/%s.md: %s\n", value, section->page,
                                   section->heading);
        if (value <= best_score) continue;
        best = section;
        best_score = value;
    }
    return best;
}

bool reflex_manual(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error) {
    (void)result;
    (void)error;
    g_autoptr(GPtrArray) sections = all_sections();
    g_autoptr(GString) why = g_string_new(NULL);
    const Section *section = choose(firing, sections, why);
    if (section == NULL) return true;
    g_autofree char *text = shown_text(section);
    out->text =
        g_strdup_printf("%s\n\ndocs/manual/%s.md: %s", text, section->page, section->heading);
    out->why = g_strdup(why->str);
    return true;
}

bool reflex_status(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error) {
    (void)result;
    (void)error;
    const ReflexContext *context = firing->context;
    g_autofree char *facts = context->status != NULL ? context->status(context->user_data) : NULL;
    out->text =
        g_strdup_printf("%s%s%s",
                        reflex_say(firing, "I am LocalGPT, a private assistant on this machine.",
                                   "Ich bin LocalGPT, ein privater Assistent auf diesem Rechner."),
                        facts != NULL ? "\n" : "", facts != NULL ? facts : "");
    return true;
}
