/* Tests of session/session_store.c: which files are sessions, which one is meant, what a list says.
 */
#include "session/session_store.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include "../scratch_folder.h"
#include "base/error.h"

#define HEADER "{\"type\":\"session\",\"version\":3,\"id\":\"x\"}\n"
#define SAYS(text)                                                                                 \
    "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"" text "\"}}\n"

static void write_session(const ScratchFolder *folder, const char *id, const char *content,
                          time_t changed) {
    g_autofree char *name = g_strconcat(id, ".jsonl", NULL);
    g_autofree char *path = scratch_folder_write(folder, name, content, -1);
    const struct utimbuf times = { changed, changed };
    g_assert_cmpint(utime(path, &times), ==, 0);
}

static void assert_found(const ScratchFolder *folder, const char *prefix, const char *id) {
    GError *error = NULL;
    g_autofree char *path = session_store_find(folder->path, prefix, &error);
    g_assert_no_error(error);
    g_autofree char *expected = g_strdup_printf("%s/%s.jsonl", folder->path, id);
    g_assert_cmpstr(path, ==, expected);
}

static void assert_not_found(const ScratchFolder *folder, const char *prefix, int code,
                             const char *part) {
    GError *error = NULL;
    g_assert_null(session_store_find(folder->path, prefix, &error));
    g_assert_error(error, ERR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_error_free(error);
}

static void an_agent_is_one_folder(void) {
    g_setenv("LOCALGPT_STATE_DIR", "/state", TRUE);
    GError *error = NULL;
    g_autoptr(Paths) paths = paths_new(NULL, &error);
    g_assert_no_error(error);
    g_autofree char *folder = session_store_folder(paths, "main", &error);
    g_assert_cmpstr(folder, ==, "/state/agents/main/sessions");
    static const char *const bad[] = { "", "..", ".", "a/b", "../main", "a b", "a\n", "\xC3\xA9" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(session_store_folder(paths, bad[i], &error));
        g_assert_error(error, ERR, ERR_USAGE);
        g_clear_error(&error);
    }
}

static void a_prefix_finds_the_one_session(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    write_session(folder, "3f2a1111-0000", HEADER, 100);
    write_session(folder, "3f2b2222-0000", HEADER, 200);
    write_session(folder, "ab", HEADER, 300);
    write_session(folder, "abc", HEADER, 300);
    assert_found(folder, "3f2a", "3f2a1111-0000");
    assert_found(folder, "3f2b2222-0000", "3f2b2222-0000");
    assert_found(folder, "ab", "ab"); /* whole, though it begins another */
    assert_not_found(folder, "3f", ERR_USAGE, "3f2b2222-0000, 3f2a1111-0000");
    assert_not_found(folder, "abcd", ERR_NOT_FOUND, "abcd");
    assert_not_found(folder, "", ERR_USAGE, "not a session id");
    assert_not_found(folder, "../x", ERR_USAGE, "../x");
    assert_not_found(folder, "3f2a1111-0000.jsonl", ERR_USAGE, "not a session id");
}

static void a_missing_folder_has_no_sessions(void) {
    GError *error = NULL;
    unsigned n_unreadable = 7;
    g_autoptr(GPtrArray) list = session_store_list("/nonexistent/x", &n_unreadable, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(list->len, ==, 0);
    g_assert_cmpuint(n_unreadable, ==, 0);
    g_assert_null(session_store_newest("/nonexistent/x", &error));
    g_assert_error(error, ERR, ERR_NOT_FOUND);
    g_assert_nonnull(error_hint(error));
    g_clear_error(&error);
}

static void the_newest_is_the_last_changed(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    write_session(folder, "b", HEADER, 300);
    write_session(folder, "a", HEADER, 200);
    write_session(folder, "c", HEADER, 100);
    GError *error = NULL;
    g_autofree char *path = session_store_newest(folder->path, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_suffix(path, "/b.jsonl"));
}

static const SessionSummary *summary_at(const GPtrArray *list, unsigned index) {
    g_assert_cmpuint(index, <, list->len);
    return g_ptr_array_index(list, index);
}

static void the_list_tells_what_was_said_first(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *long_text = g_strnfill(500, 'y');
    g_autofree char *long_line = g_strdup_printf(
        HEADER "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":\"%s\"}}\n",
        long_text);
    write_session(folder, "1", HEADER SAYS("  hello\\nworld \\u001b[31mred ") SAYS("more"), 300);
    write_session(folder, "2", HEADER, 200);
    write_session(folder, "3", long_line, 100);
    write_session(folder, "4", "garbage\n" HEADER "garbage\n" SAYS("still") "{\"type\":\"mes", 50);
    unsigned n_unreadable = 7;
    GError *error = NULL;
    g_autoptr(GPtrArray) list = session_store_list(folder->path, &n_unreadable, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(list->len, ==, 4);
    g_assert_cmpuint(n_unreadable, ==, 0);
    g_assert_cmpstr(summary_at(list, 0)->id, ==, "1");
    g_assert_cmpstr(summary_at(list, 0)->title, ==, "hello world red");
    g_assert_cmpint(summary_at(list, 0)->n_messages, ==, 2);
    g_assert_cmpint(summary_at(list, 0)->changed_ms, ==, 300000);
    g_assert_cmpstr(summary_at(list, 1)->title, ==, "");
    g_assert_cmpint(summary_at(list, 1)->n_messages, ==, 0);
    g_assert_cmpint(g_utf8_strlen(summary_at(list, 2)->title, -1), ==, 60);
    g_assert_cmpstr(summary_at(list, 3)->title, ==, "still");
    g_assert_cmpint(summary_at(list, 3)->n_messages, ==, 1);
}

static void other_things_in_the_folder_are_left_out(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    write_session(folder, "good", HEADER SAYS("hi"), 100);
    write_session(folder, "no-header", SAYS("hi"), 900);
    g_free(scratch_folder_write(folder, "sessions.json", "{}", -1));
    g_free(scratch_folder_write(folder, "x.checkpoint.1.jsonl", HEADER, -1));
    g_free(scratch_folder_write(folder, "good.jsonl.torn", "{", -1));
    g_free(scratch_folder_write(folder, ".hidden.jsonl", HEADER, -1));
    g_free(scratch_folder_write(folder, ".jsonl", HEADER, -1));
    g_autofree char *fifo = g_build_filename(folder->path, "fifo.jsonl", NULL);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autofree char *inner = g_build_filename(folder->path, "folder.jsonl", NULL);
    g_assert_cmpint(mkdir(inner, 0700), ==, 0);
    g_autofree char *link = g_build_filename(folder->path, "link.jsonl", NULL);
    g_assert_cmpint(symlink("good.jsonl", link), ==, 0);
    unsigned n_unreadable = 0;
    GError *error = NULL;
    g_autoptr(GPtrArray) list = session_store_list(folder->path, &n_unreadable, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(list->len, ==, 1);
    g_assert_cmpstr(summary_at(list, 0)->id, ==, "good");
    g_assert_cmpuint(n_unreadable, ==, 4);
    assert_not_found(folder, "link", ERR_NOT_FOUND, "link");
    assert_not_found(folder, "fifo", ERR_NOT_FOUND, "fifo");
}

static void a_huge_file_is_not_read_to_its_end(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    write_session(folder, "huge", HEADER SAYS("start"), 100);
    g_autofree char *path = g_build_filename(folder->path, "huge.jsonl", NULL);
    /* A hole of 1 TB: whoever reads it all is still at it tomorrow. */
    g_assert_cmpint(truncate(path, (off_t)1 << 40), ==, 0);
    GError *error = NULL;
    g_autoptr(GPtrArray) list = session_store_list(folder->path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(summary_at(list, 0)->title, ==, "start");
    g_assert_cmpint(summary_at(list, 0)->n_messages, ==, -1);
}

static void assert_title(const ScratchFolder *folder, const char *title, gint64 n_messages) {
    GError *error = NULL;
    g_autoptr(GPtrArray) list = session_store_list(folder->path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(list->len, ==, 1);
    g_assert_cmpstr(summary_at(list, 0)->title, ==, title);
    g_assert_cmpint(summary_at(list, 0)->n_messages, ==, n_messages);
}

/* The index saves reading, and never tells what is not so. */
static void the_index_follows_the_files(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *index = g_build_filename(folder->path, ".sessions.index", NULL);
    write_session(folder, "one", HEADER SAYS("hello"), 100);
    assert_title(folder, "hello", 1);
    g_autofree char *kept = NULL;
    g_assert_true(g_file_get_contents(index, &kept, NULL, NULL));
    g_assert_nonnull(strstr(kept, "\thello\n"));
    /* The same time and size: the index answers. Another size: the file does. */
    write_session(folder, "one", HEADER SAYS("jello"), 100);
    assert_title(folder, "hello", 1);
    write_session(folder, "one", HEADER SAYS("jello") SAYS("more"), 100);
    assert_title(folder, "jello", 2);
    /* Damage costs reading, nothing else. */
    static const char *const damage[] = { "", "garbage", "localgpt sessions 1\none\t1",
                                          "localgpt sessions 1\none\tx\ty\tz\t\033[31m\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(damage); i++) {
        g_assert_true(g_file_set_contents(index, damage[i], -1, NULL));
        assert_title(folder, "jello", 2);
    }
    write_session(folder, "two", HEADER SAYS("second"), 200);
    g_autofree char *first = g_build_filename(folder->path, "one.jsonl", NULL);
    g_assert_cmpint(g_unlink(first), ==, 0);
    assert_title(folder, "second", 1);
    g_clear_pointer(&kept, g_free);
    g_assert_true(g_file_get_contents(index, &kept, NULL, NULL));
    g_assert_null(strstr(kept, "one"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/session/session_store/" #name, name)
    TEST(an_agent_is_one_folder);
    TEST(a_prefix_finds_the_one_session);
    TEST(a_missing_folder_has_no_sessions);
    TEST(the_newest_is_the_last_changed);
    TEST(the_list_tells_what_was_said_first);
    TEST(other_things_in_the_folder_are_left_out);
    TEST(the_index_follows_the_files);
    TEST(a_huge_file_is_not_read_to_its_end);
    return g_test_run();
}
