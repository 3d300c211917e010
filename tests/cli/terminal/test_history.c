/* Tests of cli/terminal/history.c: what was typed is there again, once, in order. */
#include "cli/terminal/history.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *scratch_path(char **out_folder) {
    *out_folder = g_dir_make_tmp("history-XXXXXX", NULL);
    return g_build_filename(*out_folder, "below", "history", NULL);
}

static void remove_scratch(const char *folder, const char *path) {
    g_autofree char *below = g_path_get_dirname(path);
    g_remove(path);
    g_rmdir(below);
    g_rmdir(folder);
}

static void entries_survive_in_order_without_repetition(void) {
    g_autofree char *folder = NULL;
    g_autofree char *path = scratch_path(&folder);
    static const char *const typed[] = { "one", "two\nlines\\n", "one", "one", "  ", "three" };
    History *history = history_open(path, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(typed); i++) history_add(history, typed[i]);
    history_close(history);
    struct stat facts;
    g_assert_cmpint(stat(path, &facts), ==, 0);
    g_assert_cmpint(facts.st_mode & 0777, ==, 0600);
    history = history_open(path, NULL);
    g_assert_cmpuint(history_length(history), ==, 3);
    g_assert_cmpstr(history_get(history, 0), ==, "three");
    g_assert_cmpstr(history_get(history, 1), ==, "one");
    g_assert_cmpstr(history_get(history, 2), ==, "two\nlines\\n");
    g_assert_null(history_get(history, 3));
    g_assert_cmpint(history_find(history, "LINES", 0), ==, 2);
    g_assert_cmpint(history_find(history, "one", 2), ==, -1);
    history_close(history);
    remove_scratch(folder, path);
}

static void a_file_that_cannot_be_had_is_no_reason_to_stop(void) {
    g_autoptr(GError) error = NULL;
    g_autoptr(History) history = history_open("/dev/null/history", &error);
    g_assert_nonnull(error);
    history_add(history, "still");
    g_assert_cmpstr(history_get(history, 0), ==, "still");
}

static void an_old_file_is_cut_to_its_newest(void) {
    g_autofree char *folder = NULL;
    g_autofree char *path = scratch_path(&folder);
    g_autofree char *below = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir(below, 0700), ==, 0);
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 6000; i++) g_string_append_printf(text, "entry %d\n", i);
    g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
    history_close(history_open(path, NULL));
    g_autofree char *kept = NULL;
    g_assert_true(g_file_get_contents(path, &kept, NULL, NULL));
    g_assert_true(g_str_has_prefix(kept, "entry 4000\n"));
    g_assert_true(g_str_has_suffix(kept, "entry 5999\n"));
    remove_scratch(folder, path);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/terminal/history/entries_survive_in_order_without_repetition",
                    entries_survive_in_order_without_repetition);
    g_test_add_func("/terminal/history/a_file_that_cannot_be_had_is_no_reason_to_stop",
                    a_file_that_cannot_be_had_is_no_reason_to_stop);
    g_test_add_func("/terminal/history/an_old_file_is_cut_to_its_newest",
                    an_old_file_is_cut_to_its_newest);
    return g_test_run();
}
