/* Tests of base/error.c: every kind has a complete row, hints and errno travel. */
#include "base/error.h"

#include <errno.h>

static void every_kind_has_a_row(void) {
    for (int i = 0; i < ERR_N_CODES; i++) {
        g_assert_nonnull(error_kinds[i].name);
        g_assert_nonnull(error_kinds[i].summary);
        g_assert_cmpint(error_kinds[i].exit_status, >, 0);
        g_assert_cmpint(error_kinds[i].http_status, >=, 400);
    }
}

static void own_hint_wins(void) {
    g_autoptr(GError) error = NULL;
    error_set_with_hint(&error, ERR_USAGE, "Do this.", "bad %s", "flag");
    g_assert_cmpstr(error->message, ==, "bad flag");
    g_assert_cmpstr(error_hint(error), ==, "Do this.");
    g_autoptr(GError) copy = g_error_copy(error);
    g_assert_cmpstr(error_hint(copy), ==, "Do this.");
}

static void errno_is_told_in_words(void) {
    g_autoptr(GError) error = NULL;
    error_set_errno(&error, ENOSPC, "writing '%s'", "a");
    g_assert_cmpstr(error->message, ==, "writing 'a': No space left on device");
    g_assert_true(error_is(error, ERR_IO));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/error/every_kind_has_a_row", every_kind_has_a_row);
    g_test_add_func("/base/error/own_hint_wins", own_hint_wins);
    g_test_add_func("/base/error/errno_is_told_in_words", errno_is_told_in_words);
    return g_test_run();
}
