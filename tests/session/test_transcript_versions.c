/* Tests of the branches of one session: a message said anew, and going back to what was there. */
#include "session/transcript_versions.h"

#include "../scratch_folder.h"
#include "base/error.h"

static void append(Transcript *transcript, Role role, const char *text) {
    GError *error = NULL;
    g_autoptr(Message) message = message_new(role);
    Label label = label_new(role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT, NULL);
    message_add_text(message, label, text, -1);
    g_assert_true(transcript_append(transcript, message, &error));
    g_assert_no_error(error);
}

static Transcript *create(const ScratchFolder *folder) {
    GError *error = NULL;
    Transcript *transcript = transcript_create(folder->path, "/home/someone", &error);
    g_assert_no_error(error);
    append(transcript, ROLE_USER, "one");
    append(transcript, ROLE_ASSISTANT, "first");
    append(transcript, ROLE_USER, "two");
    append(transcript, ROLE_ASSISTANT, "second");
    return transcript;
}

/* "one|first|two|second" */
static char *words_of(const Transcript *transcript) {
    GString *out = g_string_new(NULL);
    const GPtrArray *messages = transcript_messages(transcript);
    for (unsigned i = 0; i < messages->len; i++) {
        g_autofree char *text = message_text(g_ptr_array_index(messages, i));
        g_string_append_printf(out, "%s%s", i > 0 ? "|" : "", text);
    }
    return g_string_free(out, FALSE);
}

static void assert_words(const Transcript *transcript, const char *expected) {
    g_autofree char *words = words_of(transcript);
    g_assert_cmpstr(words, ==, expected);
}

static void assert_words_when_opened(const Transcript *transcript, const char *expected) {
    GError *error = NULL;
    assert_words(transcript, expected);
    g_autoptr(Transcript) again = transcript_open(transcript_path(transcript), &error);
    g_assert_no_error(error);
    assert_words(again, expected);
    g_autoptr(Transcript) recent = transcript_open_recent(transcript_path(transcript), &error);
    g_assert_no_error(error);
    assert_words(recent, expected);
}

static GPtrArray *read_versions(const Transcript *transcript) {
    GError *error = NULL;
    GPtrArray *all = transcript_versions_read(transcript, &error);
    g_assert_no_error(error);
    return all;
}

/* Says message `number` (from 1, of the owner's) anew. */
static void say_anew(Transcript *transcript, unsigned number, const char *text) {
    GError *error = NULL;
    g_autoptr(GPtrArray) all = read_versions(transcript);
    g_assert_cmpuint(number, <=, all->len);
    const TranscriptAsked *asked = g_ptr_array_index(all, number - 1);
    g_assert_true(transcript_go_to(transcript, asked->parent_id, &error));
    g_assert_no_error(error);
    append(transcript, ROLE_USER, text);
}

static void assert_version(const Transcript *transcript, unsigned number, unsigned version,
                           unsigned n_versions) {
    g_autoptr(GPtrArray) all = read_versions(transcript);
    g_assert_cmpuint(number, <=, all->len);
    const TranscriptAsked *asked = g_ptr_array_index(all, number - 1);
    g_assert_cmpuint(asked->version, ==, version);
    g_assert_cmpuint(asked->versions->len, ==, n_versions);
    g_assert_cmpuint(asked->leaves->len, ==, n_versions);
}

static void switch_version(Transcript *transcript, unsigned number, unsigned version) {
    GError *error = NULL;
    g_autoptr(GPtrArray) all = read_versions(transcript);
    const TranscriptAsked *asked = g_ptr_array_index(all, number - 1);
    g_assert_cmpuint(version, <, asked->leaves->len);
    const char *leaf = g_ptr_array_index(asked->leaves, version);
    g_assert_true(transcript_switch_to(transcript, leaf, &error));
    g_assert_no_error(error);
}

static void a_message_said_anew_is_a_second_version(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    assert_version(transcript, 2, 0, 1);
    say_anew(transcript, 2, "two, better");
    append(transcript, ROLE_ASSISTANT, "second, better");
    assert_words_when_opened(transcript, "one|first|two, better|second, better");
    assert_version(transcript, 1, 0, 1);
    assert_version(transcript, 2, 1, 2);
    switch_version(transcript, 2, 0);
    assert_words_when_opened(transcript, "one|first|two|second");
    assert_version(transcript, 2, 0, 2);
    append(transcript, ROLE_USER, "three");
    assert_words_when_opened(transcript, "one|first|two|second|three");
    assert_version(transcript, 3, 0, 1);
    switch_version(transcript, 2, 1);
    assert_words_when_opened(transcript, "one|first|two, better|second, better");
    say_anew(transcript, 2, "two, once more");
    assert_version(transcript, 2, 2, 3);
    switch_version(transcript, 2, 0);
    assert_words_when_opened(transcript, "one|first|two|second|three");
}

static void the_first_message_has_versions_too(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    say_anew(transcript, 1, "uno");
    assert_words_when_opened(transcript, "uno");
    assert_version(transcript, 1, 1, 2);
    switch_version(transcript, 1, 0);
    assert_words_when_opened(transcript, "one|first|two|second");
}

static void a_branch_within_a_branch_is_found_again(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    say_anew(transcript, 2, "zwei");
    append(transcript, ROLE_ASSISTANT, "zweite");
    say_anew(transcript, 1, "uno");
    switch_version(transcript, 1, 0);
    assert_words_when_opened(transcript, "one|first|zwei|zweite");
    assert_version(transcript, 2, 1, 2);
}

static void another_conversation_after_a_clear_is_no_version(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    GError *error = NULL;
    g_assert_true(transcript_append_clear(transcript, &error));
    append(transcript, ROLE_USER, "anew");
    assert_version(transcript, 1, 0, 1);
    g_assert_true(transcript_append_model(transcript, "local", "other", &error));
    append(transcript, ROLE_USER, "more");
    say_anew(transcript, 2, "other words");
    assert_version(transcript, 2, 1, 2);
    assert_words_when_opened(transcript, "anew|other words");
}

static void going_to_what_is_not_there_changes_nothing(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    GError *error = NULL;
    g_autofree char *leaf = g_strdup(transcript_leaf(transcript));
    g_assert_false(transcript_go_to(transcript, "ffffffff", &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_clear_error(&error);
    assert_words(transcript, "one|first|two|second");
    g_assert_cmpstr(transcript_leaf(transcript), ==, leaf);
    /* Nothing was said there: the file still has one branch. */
    g_assert_true(transcript_go_to(transcript, NULL, &error));
    assert_words(transcript, "");
    g_assert_true(transcript_go_to(transcript, leaf, &error));
    assert_words_when_opened(transcript, "one|first|two|second");
    assert_version(transcript, 2, 0, 1);
    g_autoptr(Transcript) unused = transcript_create(folder->path, "/", &error);
    g_assert_false(transcript_go_to(unused, leaf, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_clear_error(&error);
    g_autoptr(GPtrArray) none = read_versions(unused);
    g_assert_cmpuint(none->len, ==, 0);
}

static void a_summary_is_undone_by_going_back_before_it(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    GError *error = NULL;
    TranscriptCompaction compaction = { .summary = "they counted",
                                        .n_summed_up = 2,
                                        .label = label_new(ORIGIN_AGENT, NULL) };
    g_assert_true(transcript_append_compaction(transcript, &compaction, &error));
    label_clear(&compaction.label);
    append(transcript, ROLE_USER, "three");
    say_anew(transcript, 1, "two, before the summary"); /* "two" is kept beside the summary */
    assert_words_when_opened(transcript, "one|first|two, before the summary");
    assert_version(transcript, 2, 1, 2);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/versions/a_message_said_anew_is_a_second_version",
                    a_message_said_anew_is_a_second_version);
    g_test_add_func("/session/versions/the_first_message_has_versions_too",
                    the_first_message_has_versions_too);
    g_test_add_func("/session/versions/a_branch_within_a_branch_is_found_again",
                    a_branch_within_a_branch_is_found_again);
    g_test_add_func("/session/versions/another_conversation_after_a_clear_is_no_version",
                    another_conversation_after_a_clear_is_no_version);
    g_test_add_func("/session/versions/going_to_what_is_not_there_changes_nothing",
                    going_to_what_is_not_there_changes_nothing);
    g_test_add_func("/session/versions/a_summary_is_undone_by_going_back_before_it",
                    a_summary_is_undone_by_going_back_before_it);
    return g_test_run();
}
