/* Tests of agent/compaction.c over a session of which only the end was read: what is sent adds up,
 * and the summary owns up to what it does not know. */
#include "agent/compaction.h"

#include <string.h>

#include "../scratch_folder.h"
#include "agent/token_count.h"
#include "agent/turn.h"
#include "scripted_provider.h"

enum { N_QUESTIONS = 300, QUESTION_BYTES = 10000 };

static void ignore_event(const AgentEvent *event, void *user_data) {
    (void)event;
    (void)user_data;
}

static void append(Transcript *transcript, Role role, const char *text) {
    g_autoptr(Message) message = message_new(role);
    message_add_text(message, label_new(role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT, NULL),
                     text, -1);
    GError *error = NULL;
    g_assert_true(transcript_append(transcript, message, &error));
    g_assert_no_error(error);
}

/* The end of a session that is longer than what is read of it. */
static Transcript *long_session(const ScratchFolder *folder) {
    GError *error = NULL;
    g_autoptr(Transcript) whole = transcript_create(folder->path, "/", &error);
    g_autofree char *filler = g_strnfill(QUESTION_BYTES, 'x');
    for (int i = 0; i < N_QUESTIONS; i++) {
        g_autofree char *question = g_strdup_printf("question-%d. %s", i, filler);
        append(whole, ROLE_USER, question);
        append(whole, ROLE_ASSISTANT, "yes");
    }
    Transcript *recent = transcript_open_recent(transcript_path(whole), &error);
    g_assert_no_error(error);
    g_assert_true(transcript_is_cut(recent));
    return recent;
}

static void assert_budget_adds_up(const Turn *turn) {
    TurnBudget budget = turn_budget(turn);
    int64_t sum = 0;
    for (unsigned i = 0; i < budget.items->len; i++)
        sum += ((const BudgetItem *)g_ptr_array_index(budget.items, i))->tokens;
    g_assert_cmpint(sum, ==, budget.system_tokens + budget.tool_tokens + budget.history_tokens);
    g_assert_cmpint(sum + budget.reserve_tokens, <=, budget.window_tokens);
    g_assert_cmpint(budget.n_messages, ==, transcript_messages(turn->transcript)->len);
    g_assert_cmpint(budget.n_sent_messages, >, 0);
    turn_budget_clear(&budget);
}

static void assert_same_when_opened_whole(const Transcript *transcript) {
    GError *error = NULL;
    g_autoptr(Transcript) whole = transcript_open(transcript_path(transcript), &error);
    g_assert_no_error(error);
    const GPtrArray *here = transcript_messages(transcript);
    const GPtrArray *there = transcript_messages(whole);
    g_assert_cmpuint(here->len, ==, there->len);
    for (unsigned i = 0; i < here->len; i++) {
        g_autofree char *one = message_text(g_ptr_array_index(here, i));
        g_autofree char *other = message_text(g_ptr_array_index(there, i));
        g_assert_cmpstr(one, ==, other);
    }
}

static void a_session_read_from_its_end_is_summed_up_honestly(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = long_session(folder);
    static const char *const pieces[] = { "They counted on.", NULL };
    Script script = { .pieces = pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    Turn turn = { .provider = &provider,
                  .tier = model_tier_for(0, /* is_local= */ false),
                  .transcript = transcript,
                  .on_event = ignore_event,
                  .context_tokens = 128000 };
    assert_budget_adds_up(&turn);
    GError *error = NULL;
    g_assert_true(turn_compact(&turn, NULL, &error));
    g_assert_no_error(error);
    assert_budget_adds_up(&turn);
    g_autofree char *summary = message_text(g_ptr_array_index(transcript_messages(transcript), 0));
    g_assert_nonnull(strstr(summary, "They counted on."));
    g_assert_nonnull(strstr(summary, "Older messages of this session were not read"));
    assert_same_when_opened_whole(transcript);
    g_autoptr(Transcript) again = transcript_open_recent(transcript_path(transcript), &error);
    g_assert_no_error(error);
    assert_same_when_opened_whole(again);
    g_autoptr(GPtrArray) history = transcript_read_history(transcript_path(transcript), &error);
    g_assert_cmpuint(history->len, ==, 2 * N_QUESTIONS);
    script_clear(&script);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/compaction/a_session_read_from_its_end_is_summed_up_honestly",
                    a_session_read_from_its_end_is_summed_up_honestly);
    return g_test_run();
}
