/* Tests of agent/prompt.c: what fits is sent, what does not is left out or refused with the
 * numbers. */
#include "agent/prompt.h"

#include <string.h>

#include "base/error.h"
#include "scripted_provider.h"

static const char *const no_pieces[] = { NULL };

static GPtrArray *conversation_new(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
}

static void say(GPtrArray *messages, Role role, const char *text) {
    Message *message = message_new(role);
    message_add_text(message, label_new(role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT, NULL),
                     text, -1);
    g_ptr_array_add(messages, message);
}

static char *words(size_t bytes) {
    char *text = g_malloc(bytes + 1);
    memset(text, 'x', bytes);
    text[bytes] = '\0';
    return text;
}

static void tiny_prompt_stays_within_its_150_tokens(void) {
    Script script = { .pieces = no_pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    g_autoptr(GPtrArray) messages = conversation_new();
    for (int i = 0; i < 40; i++) {
        say(messages, ROLE_USER, "a question of some length, number something");
        say(messages, ROLE_ASSISTANT, "an answer of some length, and then a little more");
    }
    say(messages, ROLE_USER, "the newest");
    PromptInput input = { .provider = &provider,
                          .tier = &model_tiers[0],
                          .messages = messages,
                          .window_tokens = 2048,
                          .answer_tokens = 96 };
    Prompt prompt = { 0 };
    g_assert_true(prompt_assemble(&input, &prompt, NULL));
    g_assert_cmpint(prompt.system_tokens + prompt.history_tokens, <=, 150);
    g_assert_cmpuint(prompt.messages->len, >, 1);
    const Message *first = g_ptr_array_index(prompt.messages, 0);
    const Message *last = g_ptr_array_index(prompt.messages, prompt.messages->len - 1);
    g_assert_cmpint(first->role, ==, ROLE_USER);
    g_autofree char *text = message_text(last);
    g_assert_cmpstr(text, ==, "the newest");
    prompt_clear(&prompt);
}

static void the_owners_message_is_never_cut(void) {
    Script script = { .pieces = no_pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    g_autoptr(GPtrArray) messages = conversation_new();
    g_autofree char *text = words(40000);
    say(messages, ROLE_USER, text);
    PromptInput input = { .provider = &provider,
                          .tier = &model_tiers[0],
                          .messages = messages,
                          .window_tokens = 2048,
                          .answer_tokens = 96 };
    Prompt prompt = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(prompt_assemble(&input, &prompt, &error));
    g_assert_true(error_is(error, ERR_LIMIT));
    g_assert_nonnull(strstr(error->message, "10006 tokens"));
}

static void attached_text_is_cut_in_the_middle_between_characters(void) {
    Script script = { .pieces = no_pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    g_autoptr(GPtrArray) messages = conversation_new();
    say(messages, ROLE_USER, "what is this?");
    GString *body = g_string_new("START");
    for (int i = 0; i < 20000; i++) g_string_append(body, "\xE4\xB8\xAD");
    g_string_append(body, "END");
    message_add_text(g_ptr_array_index(messages, 0), label_new(ORIGIN_FILE, "stdin"), body->str,
                     -1);
    g_string_free(body, TRUE);
    PromptInput input = { .provider = &provider,
                          .tier = &model_tiers[0],
                          .messages = messages,
                          .window_tokens = 2048,
                          .answer_tokens = 96 };
    Prompt prompt = { 0 };
    g_assert_true(prompt_assemble(&input, &prompt, NULL));
    g_assert_cmpint(prompt.n_cut_tokens, >, 10000);
    g_assert_cmpint(prompt.system_tokens + prompt.history_tokens, <=, 2048 - 96);
    const Message *sent = g_ptr_array_index(prompt.messages, 0);
    const Part *part = g_ptr_array_index(sent->parts, 1);
    g_assert_true(g_utf8_validate(part->text, -1, NULL));
    g_assert_true(g_str_has_prefix(part->text, "START"));
    g_assert_true(g_str_has_suffix(part->text, "END"));
    g_assert_nonnull(strstr(part->text, "bytes left out"));
    g_assert_cmpint(part->label.integrity, ==, INTEGRITY_UNTRUSTED);
    prompt_clear(&prompt);
}

static void history_never_begins_with_an_answer(void) {
    Script script = { .pieces = no_pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    for (size_t size = 4; size < 400; size += 12) {
        g_autoptr(GPtrArray) messages = conversation_new();
        g_autofree char *text = words(size);
        say(messages, ROLE_USER, text);
        say(messages, ROLE_ASSISTANT, "short");
        say(messages, ROLE_USER, "now");
        PromptInput input = { .provider = &provider,
                              .tier = &model_tiers[0],
                              .messages = messages,
                              .window_tokens = 2048,
                              .answer_tokens = 96 };
        Prompt prompt = { 0 };
        g_assert_true(prompt_assemble(&input, &prompt, NULL));
        const Message *first = g_ptr_array_index(prompt.messages, 0);
        g_assert_cmpint(first->role, ==, ROLE_USER);
        prompt_clear(&prompt);
    }
}

static void call_and_answer(GPtrArray *messages, size_t result_bytes) {
    Message *call = message_new(ROLE_ASSISTANT);
    for (int i = 0; i < 2; i++) {
        Part *part = message_add_text(call, label_new(ORIGIN_AGENT, NULL), "", 0);
        part->kind = PART_TOOL_CALL;
        part->call_id = g_strdup_printf("c%d", i);
        part->call_name = g_strdup("look");
        part->arguments = field_json_parse("{}", 2, NULL);
    }
    g_ptr_array_add(messages, call);
    for (int i = 0; i < 2; i++) {
        Message *result = message_new(ROLE_TOOL_RESULT);
        result->tool_call_id = g_strdup_printf("c%d", i);
        g_autofree char *text = words(result_bytes);
        message_add_text(result, label_new(ORIGIN_TOOL, "look"), text, -1);
        g_ptr_array_add(messages, result);
    }
}

/* Results larger than the window are cut; none of them is left out, nor the call. */
static void the_newest_calls_go_with_all_their_results(void) {
    Script script = { .pieces = no_pieces, .fail_after = -1 };
    Provider provider = scripted_provider(&script);
    for (size_t size = 100; size < 100000; size *= 3) {
        g_autoptr(GPtrArray) messages = conversation_new();
        for (int i = 0; i < 20; i++) say(messages, ROLE_USER, "an older question");
        say(messages, ROLE_USER, "look at both");
        call_and_answer(messages, size);
        PromptInput input = { .provider = &provider,
                              .tier = &model_tiers[1],
                              .messages = messages,
                              .window_tokens = 4096,
                              .answer_tokens = 768 };
        Prompt prompt = { 0 };
        g_assert_true(prompt_assemble(&input, &prompt, NULL));
        g_assert_cmpint(prompt.system_tokens + prompt.history_tokens, <=, 4096 - 768);
        g_assert_cmpuint(prompt.messages->len, >=, 3);
        unsigned last = prompt.messages->len - 1;
        static const Role roles[] = { ROLE_TOOL_RESULT, ROLE_TOOL_RESULT, ROLE_ASSISTANT };
        for (unsigned i = 0; i < G_N_ELEMENTS(roles); i++)
            g_assert_cmpint(((const Message *)g_ptr_array_index(prompt.messages, last - i))->role,
                            ==, (int)roles[i]);
        prompt_clear(&prompt);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/prompt/tiny_prompt_stays_within_its_150_tokens",
                    tiny_prompt_stays_within_its_150_tokens);
    g_test_add_func("/agent/prompt/the_owners_message_is_never_cut",
                    the_owners_message_is_never_cut);
    g_test_add_func("/agent/prompt/attached_text_is_cut_in_the_middle_between_characters",
                    attached_text_is_cut_in_the_middle_between_characters);
    g_test_add_func("/agent/prompt/history_never_begins_with_an_answer",
                    history_never_begins_with_an_answer);
    g_test_add_func("/agent/prompt/the_newest_calls_go_with_all_their_results",
                    the_newest_calls_go_with_all_their_results);
    return g_test_run();
}
