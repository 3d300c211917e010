/* Tests of provider/engine_state_cache.c: a cold start with a saved state reads no fixed prompt
 * again and answers the same. */
#include "provider/engine_state_cache.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "provider/engine_ground.h"

static const char system_prompt[] =
    "You are a helpful assistant that runs on the owner's own machine. Answer in one short "
    "sentence, in plain words, and say so when you do not know.";

typedef struct {
    char *folder;
    EngineOptions options;
} Ground;

static Ground ground_new(void) {
    Ground ground = { .options = engine_ground_options() };
    ground.folder = g_dir_make_tmp("states-XXXXXX", NULL);
    ground.options.state_folder = ground.folder;
    return ground;
}

static GPtrArray *state_files(const char *folder) {
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    return files;
}

static void ground_clear(Ground *ground) {
    g_autoptr(GPtrArray) files = state_files(ground->folder);
    for (guint i = 0; i < files->len; i++) g_unlink(g_ptr_array_index(files, i));
    g_rmdir(ground->folder);
    g_free(ground->folder);
}

static void append(const char *text, size_t length, void *user_data) {
    g_string_append_len(user_data, text, (gssize)length);
}

/* One question to a new worker. */
static char *ask_cold(const Ground *ground, const char *system, const char *question,
                      EngineDone *done) {
    g_autoptr(EngineClient) client = engine_client_new(&ground->options);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) messages =
        engine_ground_messages("system", system, "user", question, NULL);
    EngineGenerate request;
    engine_ground_greedy(&request, 12);
    request.prompt.messages = messages;
    request.prompt.n_fixed = 1;
    GString *text = g_string_new(NULL);
    EngineListener listener = { .on_text = append, .user_data = text };
    bool is_ok = engine_client_generate(client, &request, &listener, done, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    return g_string_free(text, FALSE);
}

static char *only_file(const Ground *ground) {
    g_autoptr(GPtrArray) files = state_files(ground->folder);
    g_assert_cmpuint(files->len, ==, 1);
    return g_strdup(g_ptr_array_index(files, 0));
}

static void saved_state_spares_the_fixed_prompt(void) {
    Ground ground = ground_new();
    EngineDone first = { 0 }, second = { 0 }, other = { 0 };
    g_autofree char *cold = ask_cold(&ground, system_prompt, "What is 2+2?", &first);
    g_autofree char *path = only_file(&ground);
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(first.n_fixed, >, 20);
    g_autofree char *warm = ask_cold(&ground, system_prompt, "What is 2+2?", &second);
    g_assert_cmpstr(warm, ==, cold);
    g_assert_cmpint(second.n_cached, ==, second.n_fixed);
    g_assert_cmpint(second.n_prompt, ==, first.n_prompt);
    /* Another question, same fixed part: the same file serves. */
    g_autofree char *answer = ask_cold(&ground, system_prompt, "Name a colour.", &other);
    g_assert_cmpint(other.n_cached, >=, other.n_fixed);
    g_autofree char *same = only_file(&ground);
    g_assert_cmpstr(same, ==, path);
    ground_clear(&ground);
}

static void answer_is_the_same_as_without(void) {
    Ground ground = ground_new();
    EngineDone done = { 0 };
    g_autofree char *made = ask_cold(&ground, system_prompt, "Name a colour.", &done);
    g_autofree char *restored = ask_cold(&ground, system_prompt, "Name a colour.", &done);
    Ground without = ground_new();
    without.options.state_folder = NULL;
    g_autofree char *plain = ask_cold(&without, system_prompt, "Name a colour.", &done);
    g_assert_cmpint(done.n_cached, ==, 0);
    g_assert_cmpstr(restored, ==, made);
    g_assert_cmpstr(restored, ==, plain);
    ground_clear(&without);
    ground_clear(&ground);
}

static void damage_at(const char *path, off_t offset) {
    g_autofree char *bytes = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    bytes[offset < 0 ? (off_t)length + offset : offset] ^= 0x20;
    g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

static void damaged_state_is_made_again(void) {
    Ground ground = ground_new();
    EngineDone done = { 0 };
    g_autofree char *good = ask_cold(&ground, system_prompt, "What is 2+2?", &done);
    /* magic, fingerprint, token count, sizes, checksum, tokens, the library's bytes */
    static const off_t offsets[] = { 0, 20, 72, 100, 5000, -1 };
    g_autofree char *path = only_file(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        damage_at(path, offsets[i]);
        g_autofree char *again = ask_cold(&ground, system_prompt, "What is 2+2?", &done);
        g_assert_cmpstr(again, ==, good);
    }
    /* Made again, so that the next one is fast. */
    g_autofree char *fast = ask_cold(&ground, system_prompt, "What is 2+2?", &done);
    g_assert_cmpint(done.n_cached, ==, done.n_fixed);
    g_assert_cmpint(truncate(path, 50), ==, 0);
    g_autofree char *cut = ask_cold(&ground, system_prompt, "What is 2+2?", &done);
    g_assert_cmpstr(cut, ==, good);
    g_assert_cmpint(truncate(path, 0), ==, 0);
    g_autofree char *empty = ask_cold(&ground, system_prompt, "What is 2+2?", &done);
    g_assert_cmpstr(empty, ==, good);
    ground_clear(&ground);
}

static void other_prompts_have_other_files_and_few_stay(void) {
    Ground ground = ground_new();
    EngineDone done = { 0 };
    for (int i = 0; i < 10; i++) {
        g_autofree char *old = g_strdup_printf("%s/old%d.state", ground.folder, i);
        g_assert_true(g_file_set_contents(old, "x", 1, NULL));
        struct utimbuf then = { 1000000 + i, 1000000 + i };
        g_assert_cmpint(utime(old, &then), ==, 0);
    }
    g_autofree char *first = ask_cold(&ground, system_prompt, "Hi", &done);
    g_autofree char *longer = g_strconcat(system_prompt, " You like cats.", NULL);
    g_autofree char *second = ask_cold(&ground, longer, "Hi", &done);
    g_autoptr(GPtrArray) files = state_files(ground.folder);
    g_assert_cmpuint(files->len, ==, 8);
    g_autofree char *newest_old = g_build_filename(ground.folder, "old9.state", NULL);
    g_autofree char *oldest = g_build_filename(ground.folder, "old0.state", NULL);
    g_assert_cmpint(access(newest_old, F_OK), ==, 0);
    g_assert_cmpint(access(oldest, F_OK), !=, 0);
    ground_clear(&ground);
}

static void folder_that_cannot_be_written_is_no_error(void) {
    Ground ground = ground_new();
    g_autofree char *file = g_build_filename(ground.folder, "file", NULL);
    g_autofree char *below = g_build_filename(file, "engine", NULL);
    g_assert_true(g_file_set_contents(file, "x", 1, NULL));
    ground.options.state_folder = below;
    EngineDone done = { 0 };
    g_autofree char *answer = ask_cold(&ground, system_prompt, "Hi", &done);
    g_assert_cmpuint(strlen(answer), >, 0);
    ground_clear(&ground);
}

#define ADD(name) g_test_add_func("/provider/engine_state/" #name, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(saved_state_spares_the_fixed_prompt);
    ADD(answer_is_the_same_as_without);
    ADD(damaged_state_is_made_again);
    ADD(other_prompts_have_other_files_and_few_stay);
    ADD(folder_that_cannot_be_written_is_no_error);
    return g_test_run();
}
