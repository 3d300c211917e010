/* Tests of base/paths.c: which of the variables decides, and what a profile may be called. */
#include "base/paths.h"

#include "base/error.h"

/* Each test runs with these alone, in this process of its own. */
static void set_environment(const char *const *pairs) {
    static const char *const all[] = { "LOCALGPT_CONFIG_DIR", "LOCALGPT_DATA_DIR",
                                       "LOCALGPT_STATE_DIR",  "LOCALGPT_CACHE_DIR",
                                       "XDG_CONFIG_HOME",     "XDG_DATA_HOME",
                                       "XDG_STATE_HOME",      "XDG_CACHE_HOME",
                                       "XDG_RUNTIME_DIR" };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) g_unsetenv(all[i]);
    g_setenv("HOME", "/home/someone", TRUE);
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) g_setenv(pairs[0], pairs[1], TRUE);
}

static Paths *make_paths(const char *profile) {
    GError *error = NULL;
    Paths *paths = paths_new(profile, &error);
    g_assert_no_error(error);
    return paths;
}

static void everything_is_below_home_by_default(void) {
    set_environment(NULL);
    g_autoptr(Paths) paths = make_paths(NULL);
    g_assert_cmpstr(paths->home, ==, "/home/someone");
    g_assert_cmpstr(paths->config, ==, "/home/someone/.config/localgpt");
    g_assert_cmpstr(paths->data, ==, "/home/someone/.local/share/localgpt");
    g_assert_cmpstr(paths->state, ==, "/home/someone/.local/state/localgpt");
    g_assert_cmpstr(paths->cache, ==, "/home/someone/.cache/localgpt");
    g_assert_cmpstr(paths->runtime, ==, "/home/someone/.local/state/localgpt/run");
    g_assert_cmpstr(paths->profile, ==, "");
}

static void xdg_moves_each_folder(void) {
    static const char *const pairs[] = { "XDG_CONFIG_HOME",
                                         "/x/config",
                                         "XDG_DATA_HOME",
                                         "/x/data",
                                         "XDG_STATE_HOME",
                                         "/x/state",
                                         "XDG_CACHE_HOME",
                                         "/x/cache",
                                         "XDG_RUNTIME_DIR",
                                         "/run/user/1",
                                         NULL };
    set_environment(pairs);
    g_autoptr(Paths) paths = make_paths("work");
    g_assert_cmpstr(paths->config, ==, "/x/config/localgpt-work");
    g_assert_cmpstr(paths->data, ==, "/x/data/localgpt-work");
    g_assert_cmpstr(paths->state, ==, "/x/state/localgpt-work");
    g_assert_cmpstr(paths->cache, ==, "/x/cache/localgpt-work");
    g_assert_cmpstr(paths->runtime, ==, "/run/user/1/localgpt-work");
}

static void our_own_variables_go_first(void) {
    static const char *const pairs[] = { "XDG_CONFIG_HOME",
                                         "/x/config",
                                         "LOCALGPT_CONFIG_DIR",
                                         "/own/config",
                                         "LOCALGPT_DATA_DIR",
                                         "/own/data",
                                         "LOCALGPT_STATE_DIR",
                                         "/own/state",
                                         "LOCALGPT_CACHE_DIR",
                                         "/own/cache",
                                         NULL };
    set_environment(pairs);
    g_autoptr(Paths) paths = make_paths("work");
    g_assert_cmpstr(paths->config, ==, "/own/config");
    g_assert_cmpstr(paths->data, ==, "/own/data");
    g_assert_cmpstr(paths->state, ==, "/own/state");
    g_assert_cmpstr(paths->cache, ==, "/own/cache");
    g_assert_cmpstr(paths->runtime, ==, "/own/state/run");
}

static void relative_values_are_ignored(void) {
    static const char *const pairs[] = { "XDG_CONFIG_HOME",
                                         "config",
                                         "LOCALGPT_DATA_DIR",
                                         "./data",
                                         "XDG_STATE_HOME",
                                         "",
                                         "LOCALGPT_CACHE_DIR",
                                         "~/cache",
                                         "XDG_RUNTIME_DIR",
                                         "run",
                                         NULL };
    set_environment(pairs);
    g_autoptr(Paths) paths = make_paths(NULL);
    g_assert_cmpstr(paths->config, ==, "/home/someone/.config/localgpt");
    g_assert_cmpstr(paths->data, ==, "/home/someone/.local/share/localgpt");
    g_assert_cmpstr(paths->state, ==, "/home/someone/.local/state/localgpt");
    g_assert_cmpstr(paths->cache, ==, "/home/someone/.cache/localgpt");
    g_assert_cmpstr(paths->runtime, ==, "/home/someone/.local/state/localgpt/run");
}

static void profiles_are_trimmed_and_lowered(void) {
    static const struct {
        const char *profile, *expected;
    } rows[] = { { NULL, "" },        { "", "" },         { "default", "" },
                 { " Default ", "" }, { "Work", "work" }, { " a_b-1 ", "a_b-1" } };
    set_environment(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Paths) paths = make_paths(rows[i].profile);
        g_assert_cmpstr(paths->profile, ==, rows[i].expected);
    }
}

static void a_profile_is_no_path(void) {
    g_autofree char *endless = g_strnfill(65, 'a');
    const char *const bad[] = { "a/b", "..", "a b", "\xC3\xA9", "a.b", "a\nb", endless };
    set_environment(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        g_assert_null(paths_new(bad[i], &error));
        g_assert_error(error, ERR, ERR_USAGE);
        g_assert_nonnull(error_hint(error));
        g_error_free(error);
    }
}

static void home_is_written_short_and_read_long(void) {
    set_environment(NULL);
    g_setenv("HOME", "/home//someone/", TRUE);
    g_autoptr(Paths) paths = make_paths(NULL);
    static const struct {
        const char *shown, *path;
    } rows[] = { { "~", "/home/someone" },
                 { "~/notes", "/home/someone/notes" },
                 { "/home/someone-else/x", "/home/someone-else/x" },
                 { "/etc", "/etc" },
                 { "~other/x", "~other/x" },
                 { "notes", "notes" } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *expanded = paths_expand_home(paths, rows[i].shown);
        g_assert_cmpstr(expanded, ==, rows[i].path);
        g_autofree char *shortened = paths_shorten_home(paths, rows[i].path);
        g_assert_cmpstr(shortened, ==, rows[i].shown);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/base/paths/" #name, name)
    TEST(everything_is_below_home_by_default);
    TEST(xdg_moves_each_folder);
    TEST(our_own_variables_go_first);
    TEST(relative_values_are_ignored);
    TEST(profiles_are_trimmed_and_lowered);
    TEST(a_profile_is_no_path);
    TEST(home_is_written_short_and_read_long);
    return g_test_run();
}
