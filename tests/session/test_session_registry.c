/* Tests of session/session_registry.c: sessions.json stays what others can read, and loses nothing.
 */
#include "session/session_registry.h"

#include <string.h>

#include "../scratch_folder.h"

static char *update(const ScratchFolder *folder, const char *id, int64_t input) {
    const SessionNews news = { .session_id = id,
                               .updated_at_ms = 1234,
                               .turn = { .input_tokens = input, .output_tokens = 1 } };
    GError *error = NULL;
    char *problem = NULL;
    g_assert_true(
        session_registry_update(folder->path, "agent:main:main", &news, &problem, &error));
    g_assert_no_error(error);
    return problem;
}

static char *read_file(const ScratchFolder *folder, const char *name) {
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void tokens_add_up_within_a_session(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_assert_null(update(folder, "one", 10));
    g_assert_null(update(folder, "one", 5));
    g_autofree char *text = read_file(folder, "sessions.json");
    g_assert_nonnull(strstr(text, "\"agent:main:main\": {"));
    g_assert_nonnull(strstr(text, "\"sessionId\": \"one\""));
    g_assert_nonnull(strstr(text, "\"updatedAt\": 1234"));
    g_assert_nonnull(strstr(text, "\"inputTokens\": 15"));
    g_assert_nonnull(strstr(text, "\"totalTokens\": 17"));
    g_assert_null(update(folder, "two", 3));
    g_autofree char *next = read_file(folder, "sessions.json");
    g_assert_nonnull(strstr(next, "\"inputTokens\": 3"));
}

static void what_others_wrote_survives(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_free(scratch_folder_write(
        folder, "sessions.json",
        "{\"agent:main:main\":{\"sessionId\":\"old\",\"thinkingLevel\":\"high\",\"inputTokens\":"
        "\"many\"},\"cron:1\":{\"sessionId\":\"x\",\"queueMode\":\"steer\"}}",
        -1));
    g_assert_null(update(folder, "new", 1));
    g_autofree char *text = read_file(folder, "sessions.json");
    static const char *const pieces[] = { "\"thinkingLevel\": \"high\"", "\"cron:1\"",
                                          "\"queueMode\": \"steer\"", "\"sessionId\": \"new\"" };
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) g_assert_nonnull(strstr(text, pieces[i]));
}

static void compact(const ScratchFolder *folder, const char *key, const char *id) {
    const SessionNews news = { .session_id = id, .n_compactions = 1 };
    g_autofree char *problem = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_true(session_registry_update(folder->path, key, &news, &problem, &error));
    g_assert_no_error(error);
}

static void compactions_are_counted(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_assert_null(update(folder, "one", 10));
    compact(folder, "agent:main:main", "one");
    compact(folder, "agent:main:main", "one");
    g_assert_null(update(folder, "one", 5));
    g_autofree char *text = read_file(folder, "sessions.json");
    g_assert_nonnull(strstr(text, "\"compactionCount\": 2"));
    g_assert_nonnull(strstr(text, "\"memoryFlushCompactionCount\": 1"));
}

/* `ask --session` goes on with the session of a chat: it is still the chat's. */
static void a_session_keeps_its_key(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_assert_null(update(folder, "one", 10));
    compact(folder, "agent:main:ask", "one");
    compact(folder, "agent:main:ask", "two");
    g_autofree char *text = read_file(folder, "sessions.json");
    const char *chat = strstr(text, "\"agent:main:main\": {");
    const char *ask = strstr(text, "\"agent:main:ask\": {");
    g_assert_true(chat != NULL && ask != NULL && chat < ask);
    g_assert_nonnull(strstr(chat, "\"compactionCount\": 1"));
    g_assert_nonnull(strstr(ask, "\"sessionId\": \"two\""));
    g_assert_null(strstr(ask, "\"one\""));
}

static void a_damaged_file_is_told_and_kept(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_free(scratch_folder_write(folder, "sessions.json", "{\"agent:main", -1));
    g_autofree char *problem = update(folder, "one", 1);
    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, "sessions.json.corrupt"));
    g_autofree char *kept = read_file(folder, "sessions.json.corrupt");
    g_assert_cmpstr(kept, ==, "{\"agent:main");
    g_autofree char *text = read_file(folder, "sessions.json");
    g_assert_nonnull(strstr(text, "\"sessionId\": \"one\""));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/session/session_registry/" #name, name)
    TEST(tokens_add_up_within_a_session);
    TEST(what_others_wrote_survives);
    TEST(compactions_are_counted);
    TEST(a_session_keeps_its_key);
    TEST(a_damaged_file_is_told_and_kept);
    return g_test_run();
}
