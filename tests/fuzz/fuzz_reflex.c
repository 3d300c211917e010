/* Any words as a request: every row of the reflexes is asked, none crashes, and none that changes
 * something fires without its trigger words. A second line is a pattern for the first. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/reflex.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By row: one of these must stand in what fires it. */
static const struct {
    const char *row;
    const char *words[20];
} triggers[] = {
    { "fetch_page", { "http://", "https://" } },
    { "append_file", { "append", "add", "füg", "häng" } },
    { "write_file",
      { "create", "make", "write", "save", "put", "erstell", "schreib", "speicher" } },
    { "run_command", { "run", "execute", "what does", "führ", "start" } },
    { "undo", { "undo", "revert", "take", "mach", "nimm" } },
    { "correct",
      { "no", "wrong", "correct", "actually", "change", "it should be", "nein", "falsch", "stimmt",
        "eigentlich", "not quite" } },
    { "forget", { "forget", "delete", "remove", "erase", "vergiss", "lösch" } },
    { "remember",
      { "remember", "note", "write", "jot", "keep in mind", "forget", "memo", "reminder",
        "this:", "down:", "following:", "self:", "merk", "dir:", "notiz", "notier", "schreib",
        "denk", "vergiss" } },
};

static bool has_trigger(const char *row, const char *lower) {
    for (size_t i = 0; i < G_N_ELEMENTS(triggers); i++) {
        if (strcmp(triggers[i].row, row) != 0) continue;
        for (size_t j = 0; j < G_N_ELEMENTS(triggers[i].words) && triggers[i].words[j] != NULL; j++)
            if (strstr(lower, triggers[i].words[j]) != NULL) return true;
        return false;
    }
    return false; /* a new row that changes something needs its words here */
}

static void try_pattern(const char *pattern, const char *sentence) {
    PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
    bool fits = phrase_match(pattern, sentence, NULL, NULL, holes);
    if (fits && !phrase_is_sound(pattern)) abort();
    for (int i = 0; i < PHRASE_MAX_HOLES; i++) {
        if (!fits && holes[i].text != NULL) abort();
        if (holes[i].text != NULL && strstr(sentence, holes[i].text) == NULL) abort();
    }
    phrase_holes_clear(holes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = text_make_valid((const char *)data, size);
    char *line = strchr(text, '\n');
    if (line != NULL) {
        *line = '\0';
        try_pattern(line + 1, text);
    }
    g_autofree char *lower = g_utf8_strdown(text, -1);
    g_autoptr(GDateTime) now = g_date_time_new_utc(2026, 11, 24, 14, 30, 0);
    const ReflexRow *row = reflex_find(text, now, NULL);
    for (; row != NULL; row = reflex_find(text, now, row + 1))
        if ((row->flags & REFLEX_CHANGES) && !has_trigger(row->name, lower)) abort();
    return 0;
}
