/* Tests of base/log.c, run in children because a log sink is for the life of a process: what is
 * shown, that it is one safe line, and that no secret is in it. */
#include "base/log.h"

#include <stdbool.h>
#include <string.h>

/* Runs one case in a child, by its name; returns what it wrote to stderr. New string. */
static char *run_case(const char *name) {
    char *output = NULL;
    int status = 0;
    char *arguments[] = { (char *)g_get_prgname(), (char *)"--case", (char *)name, NULL };
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    arguments[0] = self;
    GError *error = NULL;
    g_spawn_sync(NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &output,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    return output;
}

static int play_case(const char *name) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "sk-canary-0123456789");
    bool is_debug = strcmp(name, "debug") == 0;
    Log *log = log_open(secrets, is_debug ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_WARNING);
    if (strcmp(name, "secret") == 0) {
        g_warning("the key is sk-canary-0123456789.");
        g_warning("in pieces: sk-\033[0mcanary-0123\xE2\x80\x8E"
                  "456789.");
    } else if (strcmp(name, "lines") == 0) {
        g_warning("one\ntwo\033]0;title\007 \x01three");
    } else if (strcmp(name, "closed") == 0) {
        log_close(log);
        g_warning("after");
    } else {
        g_debug("a detail");
        g_message("a message");
        g_warning("a warning");
        log_set_level(log, G_LOG_LEVEL_CRITICAL);
        g_warning("another");
    }
    return 0;
}

static void assert_case(const char *name, const char *expected) {
    g_autofree char *output = run_case(name);
    g_assert_cmpstr(output, ==, expected);
}

static void the_level_decides(void) {
    assert_case("level", "localgpt: warning: a warning\n");
    assert_case("debug", "localgpt: debug: a detail\nlocalgpt: a message\n"
                         "localgpt: warning: a warning\n");
}

static void a_secret_never_shows(void) {
    assert_case("secret", "localgpt: warning: the key is ***.\n"
                          "localgpt: warning: in pieces: ***.\n");
}

static void a_record_is_one_safe_line(void) {
    assert_case("lines", "localgpt: warning: one two three\n");
}

static void a_closed_log_still_writes(void) {
    assert_case("closed", "localgpt: warning: after\n");
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--case") == 0) return play_case(argv[2]);
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/base/log/" #name, name)
    TEST(the_level_decides);
    TEST(a_secret_never_shows);
    TEST(a_record_is_one_safe_line);
    TEST(a_closed_log_still_writes);
    return g_test_run();
}
