/* T-FS-01 to T-FS-04: no path, link, race or second name lets a file tool write outside of the
 * workspace, even before the sandbox says its word. */
#include "tool_ground.h"

#include "tool/path.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/syscall.h>

#define CANARY "canary: must not change\n"

typedef struct {
    ToolGround ground;
    char *outside; /* a folder beside the workspace */
    char *canary;  /* a file in it */
} Fence;

static Fence fence_new(void) {
    Fence fence = { .ground = tool_ground_new() };
    fence.outside = g_build_filename(fence.ground.folder->path, "ws-evil", NULL);
    fence.canary = g_build_filename(fence.outside, "canary", NULL);
    tool_ground_write(fence.canary, CANARY);
    return fence;
}

static void fence_clear(Fence *fence) {
    g_autofree char *now = tool_ground_read(fence->canary);
    g_assert_cmpstr(now, ==, CANARY);
    GDir *listing = g_dir_open(fence->outside, 0, NULL);
    g_assert_cmpstr(g_dir_read_name(listing), ==, "canary");
    g_assert_null(g_dir_read_name(listing));
    g_dir_close(listing);
    g_free(fence->outside);
    g_free(fence->canary);
    tool_ground_clear(&fence->ground);
}

static char *try_write(const char *path) {
    json_t *json = json_pack("{s:s, s:s}", "path", path, "content", "evil");
    if (json == NULL) return g_strdup("error: no UTF-8");
    char *arguments = json_dumps(json, 0);
    char *text = tool_ground_run("write_file", arguments);
    free(arguments);
    json_decref(json);
    return text;
}

static void assert_refused(const char *path) {
    g_autofree char *text = try_write(path);
    if (!g_str_has_prefix(text, "error: ")) g_error("'%s' was written: %s", path, text);
}

static void no_spelling_of_a_path_leads_out(void) {
    Fence fence = fence_new();
    static const char *const spellings[] = {
        "../ws-evil/canary",
        "../ws-evil/new",
        "./../ws-evil/canary",
        ".//..//ws-evil//canary",
        "x/../../ws-evil/canary",
        "../ws/../ws-evil/canary",
        "..",
        ".",
        "/",
        "//",
        "",
        "../",
        "a/",
        "../ws-evil/",
        "/proc/self/root/tmp/x",
        "/proc/self/cwd/../ws-evil/canary",
        "/proc/self/fd/3",
        "/proc/1/root/tmp/x",
        "/dev/fd/3",
        "/dev/stdout",
        "/dev/null",
        "/etc/passwd",
        "/etc/../etc/passwd",
        "~/.ssh/authorized_keys/x/../../..",
        "../\u202ews-evil/canary/x",
        "\x01",
        "a\nb",
        "a\tb",
        "\x7f",
        "....//....//ws-evil/canary/../../../..",
        "..\\ws-evil\\canary/..",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) assert_refused(spellings[i]);

    g_assert_cmpint(g_mkdir("real", 0755), ==, 0);
    for (int depth = 1; depth <= 60; depth++) { /* every depth of "..", with and without a start */
        g_autoptr(GString) path = g_string_new(depth % 2 == 0 ? "real/" : "");
        for (int i = 0; i < depth + (depth % 2 == 0 ? 1 : 0); i++) g_string_append(path, "../");
        g_string_append(path, "ws-evil/canary");
        assert_refused(path->str);
    }
    g_autofree char *longest = g_strnfill(5000, 'a');
    assert_refused(longest);
    g_autofree char *name = g_strnfill(256, 'a');
    assert_refused(name);
    g_autoptr(GString) parts = g_string_new("a");
    for (int i = 0; i < 300; i++) g_string_append(parts, "/a");
    assert_refused(parts->str);
    assert_refused(fence.canary);
    g_autofree char *sibling = g_strconcat(fence.ground.workspace, "-evil/canary", NULL);
    assert_refused(sibling);
    g_autofree char *dotted = g_strconcat(fence.ground.workspace, "/../ws-evil/canary", NULL);
    assert_refused(dotted);
    fence_clear(&fence);
}

/* Odd but honest names are files of the workspace like any other. */
static void odd_names_stay_inside(void) {
    Fence fence = fence_new();
    static const char *const names[] = {
        "~user",
        "~/x",
        "a b",
        "trailing ",
        "...",
        "..a",
        "-rf",
        "%2e%2e%2f",
        "\xe2\x80\xa4\xe2\x80\xa4/x",
        "\xef\xbc\x8e\xef\xbc\x8e/\xef\xbc\x8f",
        "C:\\x",
        "$HOME",
        "a;b",
        "`id`",
        "*",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = try_write(names[i]);
        assert_has(text, "Made");
        g_autofree char *inside = g_build_filename(fence.ground.workspace, names[i], NULL);
        g_assert_true(g_file_test(inside, G_FILE_TEST_IS_REGULAR));
    }
    fence_clear(&fence);
}

static void a_planted_link_is_not_followed_out(void) {
    Fence fence = fence_new();
    g_assert_cmpint(symlink(fence.canary, "absolute"), ==, 0);
    g_assert_cmpint(symlink("../ws-evil/canary", "relative"), ==, 0);
    g_assert_cmpint(symlink(fence.outside, "folder"), ==, 0);
    g_assert_cmpint(symlink("../ws-evil", "folder2"), ==, 0);
    g_assert_cmpint(symlink("relative", "chain"), ==, 0);
    g_assert_cmpint(symlink("loop", "loop"), ==, 0);
    g_assert_cmpint(symlink("../ws-evil/made", "dangling"), ==, 0);
    g_assert_cmpint(symlink("/proc/self/cwd/../ws-evil/canary", "magic"), ==, 0);
    static const char *const paths[] = { "absolute",   "relative",       "folder/canary",
                                         "folder/new", "folder2/canary", "chain",
                                         "loop",       "dangling",       "magic",
                                         "folder/x/y" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        assert_refused(paths[i]);
        g_autofree char *arguments = g_strdup_printf(
            "{\"path\":\"%s\",\"old_string\":\"canary\",\"new_string\":\"evil\"}", paths[i]);
        g_autofree char *text = tool_ground_run("edit_file", arguments);
        assert_has(text, "error: ");
    }
    fence_clear(&fence);
}

static void a_link_inside_is_written_through(void) {
    Fence fence = fence_new();
    tool_ground_write("real/file", "old");
    g_assert_cmpint(symlink("real/file", "link"), ==, 0);
    g_assert_cmpint(symlink("../real", "real/back"), ==, 0);
    g_autofree char *text = try_write("link");
    assert_has(text, "Replaced");
    g_autofree char *now = tool_ground_read("real/file");
    g_assert_cmpstr(now, ==, "evil");
    g_assert_true(g_file_test("link", G_FILE_TEST_IS_SYMLINK));
    fence_clear(&fence);
}

static void a_second_name_of_a_file_outside_is_broken_off(void) {
    Fence fence = fence_new();
    g_assert_cmpint(link(fence.canary, "hard"), ==, 0);
    g_autofree char *text = try_write("hard");
    assert_has(text, "Replaced");
    g_autofree char *now = tool_ground_read("hard");
    g_assert_cmpstr(now, ==, "evil");
    fence_clear(&fence);
}

/* ---- T-FS-03: a folder and a link change places while files are written ---- */

static int keeps_swapping = 1;

static void *swap(void *data) {
    (void)data;
    while (g_atomic_int_get(&keeps_swapping))
        (void)syscall(SYS_renameat2, AT_FDCWD, "real", AT_FDCWD, "trap", RENAME_EXCHANGE);
    return NULL;
}

static void swapping_a_folder_for_a_link_wins_nothing(void) {
    Fence fence = fence_new();
    tool_ground_write("real/canary", "inside");
    g_assert_cmpint(symlink(fence.outside, "trap"), ==, 0);
    GThread *thread = g_thread_new("swap", swap, NULL);
    unsigned n_written = 0;
    for (int i = 0; i < 20000; i++) {
        g_autoptr(GError) error = NULL;
        g_auto(ToolTarget) target = TOOL_TARGET_NONE;
        ToolRequest request = { 0 };
        if (tool_target_open("real/canary", &request, TARGET_MAKE_FOLDERS, &target, &error) &&
            tool_target_write(&target, "evil", 4, NULL))
            n_written++;
    }
    g_atomic_int_set(&keeps_swapping, 0);
    g_thread_join(thread);
    g_test_message("%u of 20000 writes found the folder", n_written);
    g_assert_cmpuint(n_written, >, 0);
    fence_clear(&fence);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tool/path/no_spelling_of_a_path_leads_out", no_spelling_of_a_path_leads_out);
    g_test_add_func("/tool/path/odd_names_stay_inside", odd_names_stay_inside);
    g_test_add_func("/tool/path/a_planted_link_is_not_followed_out",
                    a_planted_link_is_not_followed_out);
    g_test_add_func("/tool/path/a_link_inside_is_written_through",
                    a_link_inside_is_written_through);
    g_test_add_func("/tool/path/a_second_name_of_a_file_outside_is_broken_off",
                    a_second_name_of_a_file_outside_is_broken_off);
    g_test_add_func("/tool/path/swapping_a_folder_for_a_link_wins_nothing",
                    swapping_a_folder_for_a_link_wins_nothing);
    return g_test_run();
}
