/* Tests of what changes the view of a session and never its file: compaction, clear, branch, and
 * the opening of a long file from its end. Whatever is in memory is what opening again finds. */
#include "session/transcript.h"

#include <stdio.h>
#include <sys/stat.h>

#include "../scratch_folder.h"
#include "base/error.h"

static Transcript *create(const ScratchFolder *folder) {
    GError *error = NULL;
    Transcript *transcript = transcript_create(folder->path, "/home/someone", &error);
    g_assert_no_error(error);
    return transcript;
}

static void append_labelled(Transcript *transcript, Role role, Label label, const char *text) {
    GError *error = NULL;
    g_autoptr(Message) message = message_new(role);
    message_add_text(message, label, text, -1);
    g_assert_true(transcript_append(transcript, message, &error));
    g_assert_no_error(error);
}

static void append(Transcript *transcript, Role role, const char *text) {
    append_labelled(transcript, role,
                    label_new(role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT, NULL), text);
}

static void append_call(Transcript *transcript, const char *id, const char *result_text) {
    GError *error = NULL;
    g_autoptr(Message) call = message_new(ROLE_ASSISTANT);
    Part *part = message_add_text(call, label_new(ORIGIN_AGENT, NULL), "", 0);
    part->kind = PART_TOOL_CALL;
    part->call_id = g_strdup(id);
    part->call_name = g_strdup("read");
    part->arguments = field_json_parse("{}", 2, NULL);
    g_assert_true(transcript_append(transcript, call, &error));
    g_autoptr(Message) result = message_new(ROLE_TOOL_RESULT);
    result->tool_call_id = g_strdup(id);
    message_add_text(result, label_new(ORIGIN_FILE, "a.txt"), result_text, -1);
    g_assert_true(transcript_append(transcript, result, &error));
    g_assert_no_error(error);
}

/* The context as JSON with its labels. */
static char *print_messages(const GPtrArray *messages) {
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_autofree char *json = field_encode(message_fields, message, FIELD_COMPACT);
        g_autofree char *shown = g_strndup(json, strcspn(json, "\x01"));
        g_string_append(out, shown);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            g_autofree char *label = field_encode(label_fields, &part->label, FIELD_COMPACT);
            g_string_append(out, label);
        }
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static void assert_same_when_opened(const Transcript *transcript) {
    GError *error = NULL;
    g_autofree char *expected = print_messages(transcript_messages(transcript));
    g_autoptr(Transcript) again = transcript_open(transcript_path(transcript), &error);
    g_assert_no_error(error);
    g_autofree char *whole = print_messages(transcript_messages(again));
    g_assert_cmpstr(whole, ==, expected);
    g_autoptr(Transcript) recent = transcript_open_recent(transcript_path(transcript), &error);
    g_assert_no_error(error);
    g_autofree char *end = print_messages(transcript_messages(recent));
    g_assert_cmpstr(end, ==, expected);
    g_assert_cmpuint(transcript_damage(again).n_stray_tool_results, ==, 0);
}

static char *text_at(const Transcript *transcript, unsigned index) {
    const GPtrArray *messages = transcript_messages(transcript);
    g_assert_cmpuint(index, <, messages->len);
    return message_text(g_ptr_array_index(messages, index));
}

static void assert_text(const Transcript *transcript, unsigned index, const char *expected) {
    g_autofree char *text = text_at(transcript, index);
    g_assert_cmpstr(text, ==, expected);
}

static bool compact(Transcript *transcript, unsigned n, const char *summary, Origin origin,
                    GError **error) {
    TranscriptCompaction compaction = {
        .summary = summary, .n_summed_up = n, .tokens_before = 1234, .label = label_new(origin, "x")
    };
    bool is_ok = transcript_append_compaction(transcript, &compaction, error);
    label_clear(&compaction.label);
    return is_ok;
}

static void a_summary_stands_for_the_beginning(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append(transcript, ROLE_USER, "one");
    append(transcript, ROLE_ASSISTANT, "two");
    append(transcript, ROLE_USER, "three");
    append(transcript, ROLE_ASSISTANT, "four");
    GError *error = NULL;
    g_assert_true(compact(transcript, 2, "One and two.", ORIGIN_WEB, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 3);
    assert_text(transcript, 0, "Summary of the conversation before this point:\n\nOne and two.");
    assert_text(transcript, 1, "three");
    const Message *summary = g_ptr_array_index(transcript_messages(transcript), 0);
    const Part *part = g_ptr_array_index(summary->parts, 0);
    g_assert_cmpint(part->label.origin, ==, ORIGIN_WEB);
    g_assert_cmpint(part->label.integrity, ==, INTEGRITY_UNTRUSTED);
    assert_same_when_opened(transcript);

    /* Again, over the first summary; and with nothing kept. */
    append(transcript, ROLE_USER, "five");
    g_assert_true(compact(transcript, 3, "Up to four.", ORIGIN_AGENT, &error));
    assert_text(transcript, 1, "five");
    assert_same_when_opened(transcript);
    g_assert_true(compact(transcript, 2, "All of it.", ORIGIN_AGENT, &error));
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 1);
    assert_same_when_opened(transcript);
    append(transcript, ROLE_USER, "six");
    assert_same_when_opened(transcript);

    /* The file lost nothing. */
    g_autoptr(GPtrArray) history = transcript_read_history(transcript_path(transcript), &error);
    g_assert_no_error(error);
    g_autoptr(GString) said = g_string_new(NULL);
    for (unsigned i = 0; i < history->len; i++) {
        g_autofree char *text = message_text(g_ptr_array_index(history, i));
        g_string_append_printf(said, "%s ", text);
    }
    g_assert_cmpstr(said->str, ==, "one two three four five six ");
}

static void a_call_and_its_result_stay_together(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append(transcript, ROLE_USER, "one");
    append_call(transcript, "c1", "content");
    append(transcript, ROLE_ASSISTANT, "done");
    GError *error = NULL;
    g_assert_false(transcript_can_keep_from(transcript, 2));
    g_assert_false(compact(transcript, 2, "One.", ORIGIN_AGENT, &error));
    g_assert_error(error, ERR, ERR_USAGE);
    g_clear_error(&error);
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 4);
    g_assert_true(compact(transcript, 1, "One.", ORIGIN_AGENT, &error));
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 4);
    assert_same_when_opened(transcript);
}

static void nothing_to_sum_up_is_told(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    GError *error = NULL;
    g_assert_false(compact(transcript, 0, "x", ORIGIN_AGENT, &error));
    g_assert_error(error, ERR, ERR_USAGE);
    g_clear_error(&error);
    append(transcript, ROLE_USER, "one");
    g_assert_false(compact(transcript, 1, "", ORIGIN_AGENT, &error));
    g_clear_error(&error);
    g_assert_false(compact(transcript, 2, "x", ORIGIN_AGENT, &error));
    g_clear_error(&error);
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 1);
}

static void clearing_empties_the_view_and_keeps_the_file(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    GError *error = NULL;
    g_assert_true(transcript_append_clear(transcript, &error));
    append(transcript, ROLE_USER, "one");
    append(transcript, ROLE_ASSISTANT, "two");
    g_assert_true(transcript_append_clear(transcript, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 0);
    assert_same_when_opened(transcript);
    append(transcript, ROLE_USER, "three");
    assert_same_when_opened(transcript);
    assert_text(transcript, 0, "three");
    g_autoptr(GPtrArray) history = transcript_read_history(transcript_path(transcript), &error);
    g_assert_cmpuint(history->len, ==, 3);
    g_autofree char *content = NULL;
    g_assert_true(g_file_get_contents(transcript_path(transcript), &content, NULL, NULL));
    g_assert_nonnull(strstr(content, "\"one\""));
}

static void a_branch_keeps_words_and_labels(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append(transcript, ROLE_USER, "one");
    append_labelled(transcript, ROLE_USER, label_new(ORIGIN_WEB, "https://example.org/"), "a page");
    append(transcript, ROLE_ASSISTANT, "two");
    append(transcript, ROLE_USER, "three");
    GError *error = NULL;
    g_assert_true(compact(transcript, 2, "A page was read.", ORIGIN_WEB, &error));
    g_autoptr(Transcript) branch = transcript_branch(transcript, folder->path, 2, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(transcript_id(branch), !=, transcript_id(transcript));
    g_assert_cmpuint(transcript_messages(branch)->len, ==, 2);
    assert_same_when_opened(branch);
    const Message *summary = g_ptr_array_index(transcript_messages(branch), 0);
    Label label = message_label(summary);
    g_assert_cmpint(label.integrity, ==, INTEGRITY_UNTRUSTED);
    label_clear(&label);
    g_autofree char *content = NULL;
    g_assert_true(g_file_get_contents(transcript_path(branch), &content, NULL, NULL));
    g_assert_nonnull(strstr(content, "\"parentSession\":\""));
    append(branch, ROLE_USER, "elsewhere");
    assert_same_when_opened(branch);
    g_assert_cmpuint(transcript_messages(transcript)->len, ==, 3);
    g_autoptr(Transcript) empty = transcript_branch(transcript, folder->path, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(transcript_messages(empty)->len, ==, 0);
}

/* Pairs of 20 KB, more than is read from the end. */
static void append_much(Transcript *transcript, int n_pairs) {
    g_autofree char *filler = g_strnfill(10000, 'x');
    for (int i = 0; i < n_pairs; i++) {
        g_autofree char *question = g_strdup_printf("question %d %s", i, filler);
        append(transcript, ROLE_USER, question);
        g_autofree char *call_id = g_strdup_printf("c%d", i);
        append_call(transcript, call_id, filler);
        append(transcript, ROLE_ASSISTANT, "answer");
    }
}

static void a_long_file_is_read_from_its_end(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append_much(transcript, 200);
    GError *error = NULL;
    g_autoptr(Transcript) recent = transcript_open_recent(transcript_path(transcript), &error);
    g_assert_no_error(error);
    g_assert_true(transcript_is_cut(recent));
    g_assert_cmpstr(transcript_id(recent), ==, transcript_id(transcript));
    const GPtrArray *messages = transcript_messages(recent);
    const GPtrArray *all = transcript_messages(transcript);
    g_assert_cmpuint(messages->len, >, 100);
    g_assert_cmpuint(messages->len, <, all->len);
    g_assert_cmpint(((const Message *)g_ptr_array_index(messages, 0))->role, ==, ROLE_USER);
    for (unsigned i = 0; i < messages->len; i++) {
        g_autofree char *text = message_text(g_ptr_array_index(messages, messages->len - 1 - i));
        g_autofree char *same = message_text(g_ptr_array_index(all, all->len - 1 - i));
        g_assert_cmpstr(text, ==, same);
    }
    TranscriptDamage damage = transcript_damage(recent);
    g_assert_cmpuint(
        damage.n_bad_lines + damage.n_mended_tool_results + damage.n_stray_tool_results, ==, 0);
    /* Going on from it is going on with the session. */
    append(recent, ROLE_USER, "and now?");
    g_autoptr(Transcript) again = transcript_open(transcript_path(transcript), &error);
    g_assert_cmpuint(transcript_messages(again)->len, ==, all->len + 1);
}

static void all_that_a_compaction_keeps_is_read(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append_much(transcript, 150);
    unsigned n_summed_up = 4;
    GError *error = NULL;
    g_assert_true(compact(transcript, n_summed_up, "The beginning.", ORIGIN_AGENT, &error));
    append(transcript, ROLE_USER, "after");
    assert_same_when_opened(transcript);
    append_much(transcript, 250);
    g_autoptr(Transcript) recent = transcript_open_recent(transcript_path(transcript), &error);
    g_assert_no_error(error);
    g_assert_true(transcript_is_cut(recent));
    g_assert_true(transcript_append_clear(recent, &error));
    g_assert_false(transcript_is_cut(recent));
    assert_same_when_opened(recent);
}

/* Two programs went on from one entry, far apart: what the newest entry hangs on is found, or the
 * whole file is read. */
static void another_branch_in_between_changes_nothing(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) first = create(folder);
    append(first, ROLE_USER, "root");
    GError *error = NULL;
    g_autoptr(Transcript) second = transcript_open(transcript_path(first), &error);
    append_much(first, 250);
    append(second, ROLE_ASSISTANT, "the other branch");
    g_autoptr(Transcript) recent = transcript_open_recent(transcript_path(first), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(transcript_messages(recent)->len, ==, 2);
    assert_text(recent, 0, "root");
    assert_text(recent, 1, "the other branch");
}

static void usage_is_what_others_read(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(Transcript) transcript = create(folder);
    append(transcript, ROLE_USER, "one");
    g_autoptr(Message) answer = message_new(ROLE_ASSISTANT);
    message_add_text(answer, label_new(ORIGIN_AGENT, NULL), "two", -1);
    answer->provider = g_strdup("openai");
    answer->model = g_strdup("gpt-4o");
    answer->usage = (Usage){ .input_tokens = 1000, .output_tokens = 100, .cost_usd = 0.0035 };
    GError *error = NULL;
    g_assert_true(transcript_append(transcript, answer, &error));
    g_autofree char *content = NULL;
    g_assert_true(g_file_get_contents(transcript_path(transcript), &content, NULL, NULL));
    g_assert_nonnull(strstr(content, "\"api\":\"openai-completions\""));
    g_assert_nonnull(strstr(content, "\"usage\":{\"input\":1000,\"output\":100,\"cacheRead\":0,"
                                     "\"cacheWrite\":0,\"totalTokens\":1100,\"cost\":{\"input\":"));
    g_assert_nonnull(strstr(content, "\"total\":0.0035"));
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    g_assert_null(strstr(lines[1], "usage"));
    g_autoptr(Transcript) again = transcript_open(transcript_path(transcript), &error);
    const Message *read = g_ptr_array_index(transcript_messages(again), 1);
    g_assert_cmpint(read->usage.input_tokens, ==, 1000);
    g_assert_cmpfloat(read->usage.cost_usd, ==, 0.0035);
    g_assert_cmpfloat_with_epsilon(read->usage.input_usd + read->usage.output_usd, 0.0035, 1e-9);
}

static void the_cost_of_our_first_version_is_read(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(
        folder, "old.jsonl",
        "{\"type\":\"session\",\"version\":3,\"id\":\"old\"}\n"
        "{\"type\":\"message\",\"id\":\"00000001\",\"parentId\":null,\"message\":{\"role\":"
        "\"assistant\",\"content\":\"x\",\"usage\":{\"input\":5,\"output\":6,\"costUsd\":0.25}}}\n",
        -1);
    GError *error = NULL;
    g_autoptr(Transcript) transcript = transcript_open(path, &error);
    g_assert_no_error(error);
    const Message *read = g_ptr_array_index(transcript_messages(transcript), 0);
    g_assert_cmpfloat(read->usage.cost_usd, ==, 0.25);
    g_assert_cmpint(read->usage.output_tokens, ==, 6);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/session/transcript_compaction/" #name, name)
    TEST(a_summary_stands_for_the_beginning);
    TEST(a_call_and_its_result_stay_together);
    TEST(nothing_to_sum_up_is_told);
    TEST(clearing_empties_the_view_and_keeps_the_file);
    TEST(a_branch_keeps_words_and_labels);
    TEST(a_long_file_is_read_from_its_end);
    TEST(all_that_a_compaction_keeps_is_read);
    TEST(another_branch_in_between_changes_nothing);
    TEST(usage_is_what_others_read);
    TEST(the_cost_of_our_first_version_is_read);
    return g_test_run();
}
