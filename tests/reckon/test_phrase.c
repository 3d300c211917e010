/* Tests of reckon/phrase.c. */
#include "reckon/phrase.h"

#include <string.h>

#include <glib.h>

static void patterns_fit_whole_sentences(void) {
    static const struct {
        const char *pattern, *sentence, *first, *second; /* holes; first NULL: does not fit */
    } cases[] = {
        { "add {a} to {b}", "Add milk to the list.", "milk", "the list" },
        { "add {a} to {b}", "add milk", NULL, NULL },
        { "[please] remember [that|:] {what}", "Please remember: my bike is blue!",
          "my bike is blue", NULL },
        { "[please] remember [that|:] {what}", "remember that", "that", NULL },
        { "[please] remember [that|:] {what}", "do you remember me", NULL, NULL },
        { "(what is|what\xE2\x80\x99s|what's) {n} in {u}", "What\xE2\x80\x99s 5 km in miles?",
          "5 km", "miles" },
        { "{a} in {b}", "5 in in cm", "5", "in cm" },
        { "say (a|b (c|d)) {x}", "say b d, now", "now", NULL },
        { "say (a|b [c|d]) {x}", "say b now", "now", NULL },
        { "\xC3\xA4ndere {a}", "\xC3\x84ndere das", "das", NULL },
        { "note: {a}", "Note: buy milk", "buy milk", NULL },
        { "note: {a}", "note the difference", NULL, NULL },
        { "a b", "", NULL, NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        bool fits = phrase_match(cases[i].pattern, cases[i].sentence, NULL, NULL, holes);
        g_test_message("%s", cases[i].sentence);
        g_assert_true(fits == (cases[i].first != NULL));
        g_assert_cmpstr(holes[0].text, ==, cases[i].first);
        g_assert_cmpstr(holes[1].text, ==, cases[i].second);
        phrase_holes_clear(holes);
    }
}

static bool is_digit(const char *name, const char *text, void *user_data) {
    (void)user_data;
    return strcmp(name, "n") != 0 || g_ascii_isdigit(text[0]);
}

static void a_hole_takes_what_the_caller_accepts(void) {
    PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
    g_assert_true(phrase_match("{a} {n} apples", "give me the 5 apples", is_digit, NULL, holes));
    g_assert_cmpstr(phrase_hole(holes, "a"), ==, "give me the");
    g_assert_cmpstr(phrase_hole(holes, "n"), ==, "5");
    g_assert_null(phrase_hole(holes, "other"));
    phrase_holes_clear(holes);
    g_assert_false(phrase_match("{a} {n} apples", "give me the apples", is_digit, NULL, holes));
}

static void a_pattern_that_is_none_never_fits(void) {
    static const char *const bad[] = { "(a|b", "a)", "[a", "{a", "{}", "a|b", "a}", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i]);
        g_assert_false(phrase_is_sound(bad[i]));
        g_assert_false(phrase_match(bad[i], "a", NULL, NULL, NULL));
    }
    g_assert_true(phrase_is_sound("[a|b c] (d|e) {f}"));
}

/* Many ways to fit and none that does: it gives up. */
static void a_hard_sentence_ends(void) {
    g_autoptr(GString) sentence = g_string_new("a");
    for (int i = 0; i < 150; i++) g_string_append(sentence, " a");
    g_assert_false(phrase_match("{a} {b} {c} {d} z", sentence->str, NULL, NULL, NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/reckon/phrase/" #name, name)
    TEST(patterns_fit_whole_sentences);
    TEST(a_hole_takes_what_the_caller_accepts);
    TEST(a_pattern_that_is_none_never_fits);
    TEST(a_hard_sentence_ends);
    return g_test_run();
}
