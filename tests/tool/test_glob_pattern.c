/* Tests of patterns of names, and of the rules of .gitignore, which git itself is asked about too.
 */
#include "tool/glob_pattern.h"

#include "tool/ignore.h"
#include "tool_ground.h"

static void patterns_match_what_they_should(void) {
    static const struct {
        const char *pattern, *path;
        bool is_match;
    } rows[] = {
        { "a", "a", true },
        { "a", "b", false },
        { "*", "abc", true },
        { "*", "a/b", false },
        { "*.c", "a.c", true },
        { "*.c", "a.cc", false },
        { "a*b*c", "aXXbYYbc", true },
        { "?", "\xc3\xa9", true },
        { "??", "\xc3\xa9", false },
        { "?", "/", false },
        { "[a-c]x", "bx", true },
        { "[!a-c]x", "bx", false },
        { "[^a-c]x", "dx", true },
        { "[]]", "]", true },
        { "[a-]", "-", true },
        { "[\\]]", "]", true },
        { "[ab", "[ab", true },
        { "[!a]", "/", false },
        { "\\*", "*", true },
        { "\\*", "a", false },
        { "**", "a/b/c", true },
        { "**/c", "c", true },
        { "**/c", "a/b/c", true },
        { "**/c", "a/bc", false },
        { "a/**", "a/b", true },
        { "a/**", "a", false },
        { "a/**/b", "a/b", true },
        { "a/**/b", "a/x/y/b", true },
        { "a/**/b", "a/xb", false },
        { "a/**/*.c", "a/x/y/z.c", true },
        { "**/x/**/y", "a/x/b/x/c/y", true },
        { "a**b", "aXb", true },
        { "a**b", "a/b", false },
        { "", "", true },
        { "", "a", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("'%s' and '%s'", rows[i].pattern, rows[i].path);
        g_assert_cmpint(glob_pattern_match(rows[i].pattern, rows[i].path), ==, rows[i].is_match);
    }
}

static void braces_are_alternatives(void) {
    static const char *const rows[][2] = {
        { "a", "a" },
        { "{a,b}", "a b" },
        { "x{a,b}y{c,d}", "xayc xayd xbyc xbyd" },
        { "{a,{b,c}d}", "a bd cd" },
        { "*.{c,h}", "*.c *.h" },
        { "{,x}a", "a xa" },
        { "\\{a\\}", "\\{a\\}" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) parts = glob_patterns_expand(rows[i][0], NULL);
        g_autofree char *joined = g_strjoinv(" ", parts);
        g_assert_cmpstr(joined, ==, rows[i][1]);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(glob_patterns_expand("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", &error));
    assert_has(error->message, "more than 256");
}

static void stars_do_not_explode(void) {
    g_autofree char *path = g_strnfill(4000, 'a');
    g_autoptr(GString) pattern = g_string_new(NULL);
    for (int i = 0; i < 500; i++) g_string_append(pattern, "a*");
    g_string_append_c(pattern, 'b');
    g_assert_false(glob_pattern_match(pattern->str, path));
}

/* clang-format off */
static const char ignore_file[] =
    "# a comment\n\n*.log\n!keep.log\n/top\nfolder/\na/b\nc/**/d\n**/e\nf/**\n\\!bang\n\\#hash\n"
    "trail  \nesc\\ \n[xy]z\n*.tmp\n!/sub/x.tmp\n";
static const char *const ignore_paths[] = {
    "a.log", "keep.log", "sub/a.log", "sub/keep.log", "top", "sub/top", "folder/x", "sub/folder/x",
    "a/b", "sub/a/b", "c/d", "c/x/d", "c/x/y/d", "xc/d", "e", "sub/e", "f", "f/x", "f/y/z", "!bang",
    "#hash", "trail", "esc ", "xz", "yz", "zz", "a.tmp", "sub/x.tmp", "sub/deep/x.tmp", "plain",
};
/* clang-format on */

static bool hides(const IgnoreStack *stack, const char *path) {
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        g_autofree char *folder = g_strndup(path, (size_t)(slash - path));
        if (ignore_stack_hides(stack, folder, /* is_folder= */ true)) return true;
    }
    return ignore_stack_hides(stack, path, /* is_folder= */ false);
}

/* Git's own answer for each path. */
static bool git_hides(const char *path) {
    const char *argv[] = { "git", "check-ignore", "-q", "--no-index", "--", path, NULL };
    int status = -1;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    return status == 0;
}

static void gitignore_rules_are_gits(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write(".gitignore", ignore_file);
    const char *argv[] = { "git", "init", "-q", NULL };
    int status = -1;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    g_autoptr(IgnoreStack) stack = ignore_stack_new();
    ignore_stack_push(stack, "", -1);
    ignore_stack_add(stack, ignore_file, strlen(ignore_file));
    for (size_t i = 0; i < G_N_ELEMENTS(ignore_paths); i++) {
        const char *path = ignore_paths[i];
        tool_ground_write(path[0] == 'f' && path[1] == '\0' ? "f/none" : path, "");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ignore_paths); i++) {
        g_test_message("'%s'", ignore_paths[i]);
        if (g_file_test(ignore_paths[i], G_FILE_TEST_IS_DIR)) continue;
        g_assert_cmpint(hides(stack, ignore_paths[i]), ==, git_hides(ignore_paths[i]));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tool/glob_pattern/patterns_match_what_they_should",
                    patterns_match_what_they_should);
    g_test_add_func("/tool/glob_pattern/braces_are_alternatives", braces_are_alternatives);
    g_test_add_func("/tool/glob_pattern/stars_do_not_explode", stars_do_not_explode);
    g_test_add_func("/tool/ignore/gitignore_rules_are_gits", gitignore_rules_are_gits);
    return g_test_run();
}
