/* Tests of base/diff.c: the shape of a unified diff, and that patch(1)'s rules turn old into new.
 */
#include "base/diff.h"

#include <stdio.h>
#include <string.h>

static char *diff_of(const char *old, const char *new) {
    return diff_unified(&(DiffInput){ .old_text = old,
                                      .old_length = strlen(old),
                                      .new_text = new,
                                      .new_length = strlen(new),
                                      .old_name = "a/f",
                                      .new_name = "b/f" });
}

static void known_texts_give_known_diffs(void) {
    static const struct {
        const char *old, *new, *diff;
    } rows[] = {
        { "a\n", "a\n", "" },
        { "a\nb\nc\n", "a\nB\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" },
        { "", "x\ny\n", "--- a/f\n+++ b/f\n@@ -0,0 +1,2 @@\n+x\n+y\n" },
        { "x\n", "", "--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-x\n" },
        { "x", "x\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n" },
        { "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
          "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ntwelve\n",
          "--- a/f\n+++ b/f\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -9,4 +9,4 @@\n 9\n 10\n 11\n"
          "-12\n+twelve\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *diff = diff_of(rows[i].old, rows[i].new);
        g_assert_cmpstr(diff, ==, rows[i].diff);
    }
}

/* Applies a diff as patch(1) would, without fuzz. */
static char *apply(const char *old, const char *diff) {
    g_autoptr(GString) out = g_string_new(NULL);
    const char *at = old;
    int line = 1;
    g_auto(GStrv) rows = g_strsplit(diff, "\n", -1);
    for (char **row = rows; *row != NULL; row++) {
        int start = 0;
        int count = 1;
        if (g_str_has_prefix(*row, "---") || g_str_has_prefix(*row, "+++") || **row == '\0')
            continue;
        if (sscanf(*row, "@@ -%d,%d", &start, &count) >= 1) {
            if (count == 0) start++;
            for (; line < start; line++) {
                const char *end = strchr(at, '\n') + 1;
                g_string_append_len(out, at, end - at);
                at = end;
            }
            continue;
        }
        if (**row == '\\') continue;
        if (**row != '+') {
            size_t length = strlen(*row + 1);
            g_assert_cmpint(strncmp(at, *row + 1, length), ==, 0);
            at += length + 1;
            line++;
        }
        if (**row != '-') g_string_append_printf(out, "%s\n", *row + 1);
    }
    g_string_append(out, at);
    return g_strdup(out->str);
}

static void random_edits_apply_cleanly(void) {
    for (int round = 0; round < 400; round++) {
        g_autoptr(GString) old = g_string_new(NULL);
        g_autoptr(GString) new = g_string_new(NULL);
        int n = g_test_rand_int_range(0, 60);
        for (int i = 0; i < n; i++) {
            int word = g_test_rand_int_range(0, 6);
            int chance = g_test_rand_int_range(0, 10);
            if (chance != 0) g_string_append_printf(old, "line %d\n", word);
            if (chance != 1) g_string_append_printf(new, "line %d\n", chance == 2 ? 99 : word);
        }
        g_autofree char *diff = diff_of(old->str, new->str);
        g_autofree char *made = apply(old->str, diff);
        g_assert_cmpstr(made, ==, new->str);
    }
}

static void strangers_become_one_block(void) {
    g_autoptr(GString) old = g_string_new(NULL);
    g_autoptr(GString) new = g_string_new(NULL);
    for (int i = 0; i < 3000; i++) {
        g_string_append_printf(old, "old %d\n", i);
        g_string_append_printf(new, "new %d\n", i);
    }
    g_autofree char *diff = diff_of(old->str, new->str);
    g_assert_true(g_str_has_prefix(diff, "--- a/f\n+++ b/f\n@@ -1,3000 +1,3000 @@\n-old 0\n"));
    g_autofree char *made = apply(old->str, diff);
    g_assert_cmpstr(made, ==, new->str);
}

static void binary_files_only_differ(void) {
    g_autofree char *diff = diff_unified(&(DiffInput){ .old_text = "a\0b",
                                                       .old_length = 3,
                                                       .new_text = "",
                                                       .old_name = "a/f",
                                                       .new_name = "b/f" });
    g_assert_cmpstr(diff, ==, "Binary files a/f and b/f differ\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/diff/known_texts_give_known_diffs", known_texts_give_known_diffs);
    g_test_add_func("/base/diff/random_edits_apply_cleanly", random_edits_apply_cleanly);
    g_test_add_func("/base/diff/strangers_become_one_block", strangers_become_one_block);
    g_test_add_func("/base/diff/binary_files_only_differ", binary_files_only_differ);
    return g_test_run();
}
