/* Tests of the file tools, from JSON to JSON as the child does them. */
#include "tool_ground.h"

#include <fcntl.h>
#include <glib/gstdio.h>

/* ---- read_file ---- */

static void lines_are_numbered_from_one(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("a.txt", "one\ntwo\nthree\nfour\n");
    g_autofree char *all = tool_ground_run("read_file", "{\"path\":\"a.txt\"}");
    g_assert_cmpstr(all, ==, "     1\tone\n     2\ttwo\n     3\tthree\n     4\tfour\n");
    g_autofree char *part =
        tool_ground_run("read_file", "{\"path\":\"a.txt\",\"offset\":2,\"limit\":2}");
    g_assert_cmpstr(
        part, ==, "     2\ttwo\n     3\tthree\n[lines 2 to 3 of 4; offset 4 shows what follows]\n");
    g_autofree char *past = tool_ground_run("read_file", "{\"path\":\"a.txt\",\"offset\":9}");
    assert_has(past, "has only 4 lines");
}

static void a_file_too_long_says_how_to_go_on(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 20000; i++) g_string_append_printf(text, "line %d of many\n", i);
    tool_ground_write("long.txt", text->str);
    g_autofree char *shown =
        tool_ground_run("read_file", "{\"path\":\"long.txt\",\"limit\":100000}");
    g_assert_cmpuint(strlen(shown), <, 51000);
    assert_has(shown, "of 20000; offset ");
    g_string_truncate(text, 0);
    for (int i = 0; i < 300000; i++) g_string_append_c(text, 'x');
    tool_ground_write("wide.txt", text->str);
    g_autofree char *wide = tool_ground_run("read_file", "{\"path\":\"wide.txt\"}");
    g_assert_cmpuint(strlen(wide), <, 3000);
    assert_has(wide, "[... 298000 more bytes in this line]");
}

static void what_is_no_text_is_said(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("empty", "");
    g_assert_true(g_file_set_contents("bin",
                                      "\x7f"
                                      "ELF\0\0\0",
                                      7, NULL));
    g_assert_true(g_file_set_contents("latin", "caf\xe9\n", 5, NULL));
    g_mkdir("folder", 0755);
    g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
    static const char *const rows[][2] = {
        { "empty", "is empty" },        { "bin", "binary file" },
        { "folder", "list_dir shows" }, { "fifo", "neither a file nor a folder" },
        { "none", "No such file" },     { "latin", "1\tcaf\xef\xbf\xbd\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *arguments = g_strdup_printf("{\"path\":\"%s\"}", rows[i][0]);
        g_autofree char *text = tool_ground_run("read_file", arguments);
        assert_has(text, rows[i][1]);
    }
}

static void an_image_goes_to_the_model(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    static const char png[] = "\x89PNG\r\n\x1a\nrest";
    g_assert_true(g_file_set_contents("a.png", png, sizeof png - 1, NULL));
    g_auto(ToolResult) result = { 0 };
    g_assert_true(tool_ground_call("read_file", "{\"path\":\"a.png\"}", false, &result, NULL));
    g_assert_cmpstr(result.mime_type, ==, "image/png");
    size_t length = 0;
    g_autofree unsigned char *data = g_base64_decode(result.image_base64, &length);
    g_assert_cmpmem(data, length, png, sizeof png - 1);
}

/* A PDF of one page, as small as they come. */
static const char pdf[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R"
    "/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 40>>stream\nBT /F 12 Tf 9 50 Td (Hello from a PDF) Tj ET\nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R>>\n";

static void a_pdf_comes_as_text(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("a.pdf", pdf);
    g_autofree char *text = tool_ground_run("read_file", "{\"path\":\"a.pdf\"}");
    g_autofree char *program = g_find_program_in_path("pdftotext");
    assert_has(text, program != NULL ? "Hello from a PDF" : "poppler-utils");
}

/* ---- write_file ---- */

static void a_file_is_made_with_its_folders(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    static const char call[] = "{\"path\":\"x/y/new.txt\",\"content\":\"hi\\n\"}";
    g_autofree char *preview = tool_ground_preview("write_file", call);
    g_assert_cmpstr(preview, ==, "--- /dev/null\n+++ b/x/y/new.txt\n@@ -0,0 +1 @@\n+hi\n");
    g_assert_false(g_file_test("x", G_FILE_TEST_EXISTS));
    g_autofree char *text = tool_ground_run("write_file", call);
    g_assert_cmpstr(text, ==, "Made 'x/y/new.txt' (3 bytes).");
    g_autofree char *made = tool_ground_read("x/y/new.txt");
    g_assert_cmpstr(made, ==, "hi\n");
}

static void a_replaced_file_keeps_its_mode(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("run.sh", "old");
    g_assert_cmpint(chmod("run.sh", 0751), ==, 0);
    g_autofree char *text =
        tool_ground_run("write_file", "{\"path\":\"run.sh\",\"content\":\"new\"}");
    assert_has(text, "Replaced");
    struct stat info;
    g_assert_cmpint(stat("run.sh", &info), ==, 0);
    g_assert_cmpint(info.st_mode & 07777, ==, 0751);
    g_autofree char *absolute =
        g_strdup_printf("{\"path\":\"%s/run.sh\",\"content\":\"newer\"}", ground.workspace);
    g_autofree char *again = tool_ground_run("write_file", absolute);
    assert_has(again, "Replaced");
    g_autofree char *now = tool_ground_read("run.sh");
    g_assert_cmpstr(now, ==, "newer");
}

/* Long lines, CR, bytes that are no text, a line without an end: all stay as they are. */
static void what_is_appended_leaves_every_byte_before_it(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    g_autofree char *line = g_strnfill(9000, 'l');
    g_autofree char *odd = g_strconcat(line, "\r\n\xFF\xFE ill-formed\r\nno end", NULL);
    const struct {
        const char *before, *expected, *said;
    } rows[] = { { odd, "\nmore\n", "Added to" },
                 { "one\n", "more\n", "Added to" },
                 { "", "more\n", "Made" },
                 { NULL, "more\n", "Made" } };
    static const char call[] = "{\"path\":\"sub/a.txt\",\"content\":\"more\\n\",\"append\":true}";
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_remove("sub/a.txt");
        if (rows[i].before != NULL) tool_ground_write("sub/a.txt", rows[i].before);
        g_autofree char *preview = tool_ground_preview("write_file", call);
        assert_has(preview, "+more\n");
        if (i == 1) assert_has(preview, "\n one\n+more\n");
        g_autofree char *text = tool_ground_run("write_file", call);
        assert_has(text, rows[i].said);
        g_autofree char *after = tool_ground_read("sub/a.txt");
        g_autofree char *expected =
            g_strconcat(rows[i].before != NULL ? rows[i].before : "", rows[i].expected, NULL);
        g_assert_cmpstr(after, ==, expected);
    }
}

/* ---- edit_file ---- */

static void an_edit_replaces_the_one_place(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("a.c", "int a;\nint b;\nint c;\n");
    static const char call[] =
        "{\"path\":\"a.c\",\"old_string\":\"int b;\",\"new_string\":\"long b;\"}";
    g_autofree char *preview = tool_ground_preview("edit_file", call);
    assert_has(preview, "-int b;\n+long b;\n");
    g_autofree char *before = tool_ground_read("a.c");
    assert_has(before, "int b;");
    g_autofree char *text = tool_ground_run("edit_file", call);
    assert_has(text, "Replaced 1 occurrence in 'a.c':\n--- a/a.c\n");
    g_autofree char *after = tool_ground_read("a.c");
    g_assert_cmpstr(after, ==, "int a;\nlong b;\nint c;\n");
}

static void what_does_not_fit_changes_nothing(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    static const char content[] = "int  main(void) {\n\treturn 1;\n}\n/* twice */\n/* twice */\n";
    static const char *const rows[][2] = {
        { "\"old_string\":\"twice\",\"new_string\":\"once\"", "2 times (lines 4, 5)" },
        { "\"old_string\":\"int main(void) {\\n    return 1;\",\"new_string\":\"x\"",
          "Lines 1 to 2 differ from it only in blanks; they read:\nint  main(void) {\n\treturn "
          "1;" },
        { "\"old_string\":\"main( void )\",\"new_string\":\"x\"", "Line 1 differs from it only" },
        { "\"old_string\":\"elsewhere\",\"new_string\":\"x\"", "Nothing in the file is close" },
        { "\"old_string\":\"void f();\\n\\treturn 1;\\n\",\"new_string\":\"x\"",
          "A part of it stands at line 2" },
        { "\"old_string\":\"\",\"new_string\":\"x\"", "old_string is empty" },
        { "\"old_string\":\"int\",\"new_string\":\"int\"", "are the same" },
        { "\"old_string\":\"int\"", "either old_string and new_string, or edits" },
        { "\"edits\":[]", "either old_string and new_string, or edits" },
        { "\"edits\":[{\"old_string\":\"int\",\"new_string\":\"long\"},"
          "{\"old_string\":\"nowhere\",\"new_string\":\"x\"}]",
          "nothing was changed: edit 2 of 2" },
        { "\"edits\":[{\"old_string\":\"int\",\"new\":\"long\"}]", "unknown key 'new'" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        tool_ground_write("a.c", content);
        g_autofree char *arguments = g_strdup_printf("{\"path\":\"a.c\",%s}", rows[i][0]);
        g_autofree char *text = tool_ground_run("edit_file", arguments);
        assert_has(text, "error: ");
        assert_has(text, rows[i][1]);
        g_autofree char *after = tool_ground_read("a.c");
        g_assert_cmpstr(after, ==, content);
    }
    g_autofree char *none = tool_ground_run(
        "edit_file", "{\"path\":\"none\",\"old_string\":\"a\",\"new_string\":\"b\"}");
    assert_has(none, "No such file");
}

static void several_edits_are_made_in_order(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("a.c", "one two two\n");
    g_autofree char *text = tool_ground_run(
        "edit_file", "{\"path\":\"a.c\",\"edits\":["
                     "{\"old_string\":\"two\",\"new_string\":\"2\",\"replace_all\":true},"
                     "{\"old_string\":\"one 2\",\"new_string\":\"1 2\"}]}");
    assert_has(text, "Replaced 3 occurrences");
    g_autofree char *after = tool_ground_read("a.c");
    g_assert_cmpstr(after, ==, "1 2 2\n");
}

static void lines_that_end_in_crlf_are_found(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    tool_ground_write("dos.txt", "a\r\nb\r\nc\r\n");
    g_autofree char *text =
        tool_ground_run("edit_file", "{\"path\":\"dos.txt\",\"old_string\":\"a\\nb\\n\","
                                     "\"new_string\":\"A\\nB\\n\"}");
    assert_has(text, "Replaced 1");
    g_autofree char *after = tool_ground_read("dos.txt");
    g_assert_cmpstr(after, ==, "A\r\nB\r\nc\r\n");
}

/* ---- list_dir, glob, grep ---- */

static void plant_tree(void) {
    tool_ground_write(".git/config", "[core]\n");
    tool_ground_write(".gitignore", "*.o\n/build/\n!keep.o\n");
    tool_ground_write(".hidden", "needle\n");
    tool_ground_write("build/out.c", "needle\n");
    tool_ground_write("src/a.c", "first\nNeedle here\nlast\n");
    tool_ground_write("src/a.o", "needle\n");
    tool_ground_write("src/keep.o", "needle kept\n");
    tool_ground_write("src/deep/b.h", "a\nneedle\nneedle\nb\n");
    tool_ground_write("src/deep/.gitignore", "secret*\n");
    tool_ground_write("src/deep/secret.txt", "needle\n");
    g_assert_true(g_file_set_contents("src/bin", "needle\0", 7, NULL));
    g_assert_cmpint(symlink("a.c", "src/link.c"), ==, 0);
}

static void a_folder_is_listed(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    plant_tree();
    g_autofree char *top = tool_ground_run("list_dir", "{}");
    g_assert_cmpstr(top, ==, ".gitignore  (20 B)\n.hidden  (7 B)\nbuild/\nsrc/\n");
    g_autofree char *deep = tool_ground_run("list_dir", "{\"path\":\"src\",\"depth\":2}");
    assert_has(deep, "deep/b.h  (18 B)\n");
    assert_has(deep, "link.c -> a.c\n");
    g_autofree char *file = tool_ground_run("list_dir", "{\"path\":\"src/a.c\"}");
    assert_has(file, "is a file; read_file shows it");
}

static void names_are_found_by_pattern(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    plant_tree();
    static const char *const rows[][2] = {
        { "{\"pattern\":\"*.c\"}", "src/a.c\nsrc/link.c\n" },
        { "{\"pattern\":\"*.o\"}", "src/keep.o\n" },
        { "{\"pattern\":\"src/**/*.{c,h}\"}", "src/a.c\nsrc/deep/b.h\nsrc/link.c\n" },
        { "{\"pattern\":\"/src/*.c\"}", "src/a.c\nsrc/link.c\n" },
        { "{\"pattern\":\"*.h\",\"path\":\"src\"}", "src/deep/b.h\n" },
        { "{\"pattern\":\"deep/*\",\"path\":\"src\"}", "src/deep/b.h\n" },
        { "{\"pattern\":\"*.o\",\"no_ignore\":true}", "src/a.o\nsrc/keep.o\n" },
        { "{\"pattern\":\".hid*\",\"hidden\":true}", ".hidden\n" },
        { "{\"pattern\":\"nothing\"}", "No file matches 'nothing'.\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = tool_ground_run("glob", rows[i][0]);
        g_assert_cmpstr(text, ==, rows[i][1]);
    }
    g_autofree char *broken = tool_ground_run("glob", "{\"pattern\":\"a{b\"}");
    assert_has(broken, "do not close");
}

static void contents_are_found_as_ripgrep_does(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    plant_tree();
    static const char *const rows[][2] = {
        { "{\"pattern\":\"needle\"}",
          "src/deep/b.h:2:needle\nsrc/deep/b.h:3:needle\nsrc/keep.o:1:needle kept\n" },
        { "{\"pattern\":\"needle\",\"ignore_case\":true,\"output\":\"files\"}",
          "src/a.c\nsrc/deep/b.h\nsrc/keep.o\n" },
        { "{\"pattern\":\"needle\",\"output\":\"count\"}", "src/deep/b.h:2\nsrc/keep.o:1\n" },
        { "{\"pattern\":\"needle\",\"glob\":\"*.{h,c}\",\"context\":1}",
          "src/deep/b.h-1-a\nsrc/deep/b.h:2:needle\nsrc/deep/b.h:3:needle\nsrc/deep/b.h-4-b\n" },
        { "{\"pattern\":\"n.*e here\",\"ignore_case\":true,\"path\":\"src/a.c\"}",
          "src/a.c:2:Needle here\n" },
        { "{\"pattern\":\"n.*e\",\"literal\":true}", "No match for 'n.*e' in ..\n" },
        { "{\"pattern\":\"need\",\"word\":true}", "No match for 'need' in ..\n" },
        { "{\"pattern\":\"needle\",\"limit\":1}", "src/deep/b.h:2:needle\n[stopped at 1; there are "
                                                  "more: narrow the search or raise limit]\n" },
        { "{\"pattern\":\"needle\",\"path\":\".hidden\"}", ".hidden:1:needle\n" },
        { "{\"pattern\":\"needle\",\"path\":\"src/bin\"}",
          "No match for 'needle' in src/bin.\n[it is a binary file]\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = tool_ground_run("grep", rows[i][0]);
        g_assert_cmpstr(text, ==, rows[i][1]);
    }
    g_autofree char *broken = tool_ground_run("grep", "{\"pattern\":\"a(b\"}");
    assert_has(broken, "is wrong at character 4");
}

static void no_pattern_takes_for_ever(void) {
    g_auto(ToolGround) ground = tool_ground_new();
    g_autofree char *line = g_strnfill(5000, 'a');
    tool_ground_write("a.txt", line);
    g_autofree char *text = tool_ground_run("grep", "{\"pattern\":\"(a+)+b|(a|aa)+$x\"}");
    assert_has(text, "took too long for this pattern");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tool/read_file/lines_are_numbered_from_one", lines_are_numbered_from_one);
    g_test_add_func("/tool/read_file/a_file_too_long_says_how_to_go_on",
                    a_file_too_long_says_how_to_go_on);
    g_test_add_func("/tool/read_file/what_is_no_text_is_said", what_is_no_text_is_said);
    g_test_add_func("/tool/read_file/an_image_goes_to_the_model", an_image_goes_to_the_model);
    g_test_add_func("/tool/read_file/a_pdf_comes_as_text", a_pdf_comes_as_text);
    g_test_add_func("/tool/write_file/a_file_is_made_with_its_folders",
                    a_file_is_made_with_its_folders);
    g_test_add_func("/tool/write_file/a_replaced_file_keeps_its_mode",
                    a_replaced_file_keeps_its_mode);
    g_test_add_func("/tool/write_file/what_is_appended_leaves_every_byte_before_it",
                    what_is_appended_leaves_every_byte_before_it);
    g_test_add_func("/tool/edit_file/an_edit_replaces_the_one_place",
                    an_edit_replaces_the_one_place);
    g_test_add_func("/tool/edit_file/what_does_not_fit_changes_nothing",
                    what_does_not_fit_changes_nothing);
    g_test_add_func("/tool/edit_file/several_edits_are_made_in_order",
                    several_edits_are_made_in_order);
    g_test_add_func("/tool/edit_file/lines_that_end_in_crlf_are_found",
                    lines_that_end_in_crlf_are_found);
    g_test_add_func("/tool/list_dir/a_folder_is_listed", a_folder_is_listed);
    g_test_add_func("/tool/glob/names_are_found_by_pattern", names_are_found_by_pattern);
    g_test_add_func("/tool/grep/contents_are_found_as_ripgrep_does",
                    contents_are_found_as_ripgrep_does);
    g_test_add_func("/tool/grep/no_pattern_takes_for_ever", no_pattern_takes_for_ever);
    return g_test_run();
}
