/* Tests made of the table of agent/reflex_rows.c: each example fires its row, no near miss fires it
 * nor any row that changes something. */
#include "agent/reflex.h"

#include <string.h>

#include "../scratch_folder.h"

static GDateTime *today(void) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    return g_date_time_new(zone, 2026, 11, 24, 14, 30, 0);
}

/* The first row that fires, but for those that only fire with what they find. */
static const ReflexRow *first_sure(const char *text, GDateTime *now) {
    const ReflexRow *row = reflex_find(text, now, NULL);
    while (row != NULL && (row->flags & REFLEX_GUESSES)) row = reflex_find(text, now, row + 1);
    return row;
}

static bool is_among(const ReflexRow *wanted, const char *text, GDateTime *now) {
    for (const ReflexRow *row = reflex_find(text, now, NULL); row != NULL;
         row = reflex_find(text, now, row + 1))
        if (row == wanted) return true;
    return false;
}

static void check_example(const ReflexRow *row, const char *text, GDateTime *now) {
    const ReflexRow *found = reflex_find(text, now, NULL);
    bool is_it = row->flags & REFLEX_GUESSES ? is_among(row, text, now)
                                             : found == row || first_sure(text, now) == row;
    if (is_it) return;
    g_test_message("%s: '%s' fires %s", row->name, text, found != NULL ? found->name : "nothing");
    g_test_fail();
}

static void check_near_miss(const ReflexRow *row, const char *text, GDateTime *now) {
    for (const ReflexRow *found = reflex_find(text, now, NULL); found != NULL;
         found = reflex_find(text, now, found + 1)) {
        if (found != row && !(found->flags & REFLEX_CHANGES)) continue;
        g_test_message("%s: '%s' fires %s", row->name, text, found->name);
        g_test_fail();
    }
}

static void test_row(const void *data) {
    const ReflexRow *row = data;
    g_autoptr(GDateTime) now = today();
    for (int i = 0; i < 3; i++) {
        g_assert_nonnull(row->examples[i]);
        g_assert_nonnull(row->near_misses[i]);
        check_example(row, row->examples[i], now);
        check_near_miss(row, row->near_misses[i], now);
    }
}

static void every_row_is_complete(void) {
    for (const ReflexRow *row = reflex_rows; row->name != NULL; row++) {
        g_test_message("%s", row->name);
        g_assert_true(row->summary != NULL && row->source != NULL && row->act != NULL);
        g_assert_true((row->patterns != NULL) != (row->claims != NULL));
        for (const ReflexPattern *pattern = row->patterns;
             pattern != NULL && pattern->pattern != NULL; pattern++) {
            g_test_message("%s", pattern->pattern);
            g_assert_true(phrase_is_sound(pattern->pattern));
        }
        if (row->asked != NULL) g_assert_nonnull(strstr(row->asked, "%s"));
    }
}

static void say(GPtrArray *messages, Role role, const char *text) {
    Message *message = message_new(role);
    message_add_text(message, label_new(role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT, NULL),
                     text, -1);
    g_ptr_array_add(messages, message);
}

static char *answer_to(const ReflexContext *context, const char *text, const char *source) {
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    say(messages, ROLE_USER, text);
    ReflexReply reply = { 0 };
    GError *error = NULL;
    g_assert_true(reflex_answer(context, messages, NULL, &reply, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(reply.source, ==, source);
    if (reply.row == NULL) return NULL;
    g_assert_cmpint(reply.result.message->stop_reason, ==, STOP_END);
    g_assert_cmpstr(reply.result.message->provider, ==, REFLEX_PROVIDER);
    char *answer = message_text(reply.result.message);
    reflex_reply_clear(&reply);
    return answer;
}

static void answers_are_told_with_their_source(void) {
    static const struct {
        const char *text, *source, *part;
    } cases[] = {
        { "what is 3+4*2", "computed", "3 + 4 × 2 = 11" },
        { "5 km in miles", "computed", "5 km ≈ 3.10686 mi" },
        { "what day is it in ten days", "computed", "Friday, 4 December 2026" },
        { "how do I change the model?", "manual", "docs/manual/models.md: Change the model" },
        { "how can I get a better model", "manual", "docs/manual/models.md: Get a better model" },
        { "what can you do", "manual", "docs/manual/using.md: What it can do" },
        { "who are you?", "status", "LocalGPT" },
        { "tell me a story about a fox", NULL, NULL },
        { "how do I bake bread", NULL, NULL },
        { "how can I learn Spanish", NULL, NULL },
        { "", NULL, NULL },
    };
    g_autoptr(GDateTime) now = today();
    const ReflexContext context = { .now = now };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_autofree char *answer = answer_to(&context, cases[i].text, cases[i].source);
        if (cases[i].part == NULL)
            g_assert_null(answer);
        else if (answer == NULL || strstr(answer, cases[i].part) == NULL) {
            g_test_message("'%s'", answer);
            g_test_fail();
        }
    }
}

/* What was attached is no request, and a page that was pasted is none either. */
static void only_the_owners_own_short_words_fire(void) {
    g_autoptr(GDateTime) now = today();
    const ReflexContext context = { .now = now };
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    say(messages, ROLE_USER, "what is 3+4");
    Message *message = g_ptr_array_index(messages, 0);
    message_add_text(message, label_new(ORIGIN_FILE, "a.txt"), "5", -1);
    ReflexReply reply = { 0 };
    g_assert_true(reflex_answer(&context, messages, NULL, &reply, NULL));
    g_assert_null(reply.row);
    g_autofree char *long_text = g_strnfill(700, '1');
    g_autofree char *sum = g_strconcat("1+", long_text, NULL);
    g_autofree char *answer = answer_to(&context, sum, NULL);
    g_assert_null(answer);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/agent/reflex/" #name, name)
    TEST(every_row_is_complete);
    TEST(answers_are_told_with_their_source);
    TEST(only_the_owners_own_short_words_fire);
    for (const ReflexRow *row = reflex_rows; row->name != NULL; row++) {
        g_autofree char *path = g_strdup_printf("/agent/reflex/row/%s", row->name);
        g_test_add_data_func(path, row, test_row);
    }
    return g_test_run();
}
