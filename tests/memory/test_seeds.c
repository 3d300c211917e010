/* tests/memory/test_seeds.c: the first files of a workspace, and never again. */
#include "memory/seeds.h"

#include <string.h>

#include "../scratch_folder.h"

static bool seed(const char *workspace) {
    bool is_new = false;
    g_autoptr(GError) error = NULL;
    g_assert_true(memory_seed(workspace, &is_new, &error));
    g_assert_no_error(error);
    return is_new;
}

static char *content(const char *workspace, const char *name) {
    g_autofree char *path = g_build_filename(workspace, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("(none)");
}

static void test_a_new_workspace_gets_its_files(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *workspace = g_build_filename(folder->path, "deep", "workspace", NULL);
    g_assert_true(seed(workspace));
    static const char *const names[] = { "MEMORY.md",  "HEARTBEAT.md", "SOUL.md", "LocalGPT.md",
                                         ".gitignore", "knowledge",    "memory",  "skills" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(workspace, names[i], NULL);
        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    g_autofree char *heartbeat = content(workspace, "HEARTBEAT.md");
    g_assert_cmpstr(heartbeat, ==, "");
    g_autofree char *memory = content(workspace, "MEMORY.md");
    g_assert_cmpstr(memory, ==, "# Memory\n");
    g_assert_false(seed(workspace));
}

static void test_nothing_that_is_there_is_touched(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *instructions = scratch_folder_write(folder, "LocalGPT.md", "mine\n", -1);
    g_autofree char *ignore = g_build_filename(folder->path, ".gitignore", NULL);
    g_assert_cmpint(symlink("/nonexistent/elsewhere", ignore), ==, 0);
    g_assert_true(seed(folder->path));
    g_autofree char *kept = content(folder->path, "LocalGPT.md");
    g_assert_cmpstr(kept, ==, "mine\n");
    g_autofree char *target = g_file_read_link(ignore, NULL);
    g_assert_cmpstr(target, ==, "/nonexistent/elsewhere");
}

static void test_the_workspace_of_another_program_stays_as_it_is(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *agents = scratch_folder_write(folder, "AGENTS.md", "rules\n", -1);
    g_assert_false(seed(folder->path));
    g_autofree char *memory = content(folder->path, "MEMORY.md");
    g_assert_cmpstr(memory, ==, "(none)");
}

static void test_what_was_removed_does_not_come_back(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_assert_true(seed(folder->path));
    g_autofree char *soul = g_build_filename(folder->path, "SOUL.md", NULL);
    g_assert_cmpint(g_unlink(soul), ==, 0);
    g_assert_false(seed(folder->path));
    g_assert_false(g_file_test(soul, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/seeds/a_new_workspace_gets_its_files",
                    test_a_new_workspace_gets_its_files);
    g_test_add_func("/memory/seeds/nothing_that_is_there_is_touched",
                    test_nothing_that_is_there_is_touched);
    g_test_add_func("/memory/seeds/the_workspace_of_another_program_stays_as_it_is",
                    test_the_workspace_of_another_program_stays_as_it_is);
    g_test_add_func("/memory/seeds/what_was_removed_does_not_come_back",
                    test_what_was_removed_does_not_come_back);
    return g_test_run();
}
