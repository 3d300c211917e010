/* Tests of undo/record.h and undo/turn_log.h: what is written is read again; a torn line ends the
 * log. */
#include "undo/turn_log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "scratch_folder.h"

static void a_record_comes_back_as_it_was(void) {
    UndoRecord record = { .verb = UNDO_RECORD_BEFORE,
                          .step = 7,
                          .path = (char *)"a b\n\xff/=#",
                          .has_content = 1,
                          .image = { .kind = UNDO_KIND_LINK,
                                     .mode = 0120777,
                                     .inode = 12,
                                     .modified_ns = -1,
                                     .target = (char *)"",
                                     .attributes = (char *)"6162=-,63=6400" } };
    g_autoptr(GString) line = g_string_new(NULL);
    undo_record_format(&record, line);
    g_assert_cmpint(line->str[line->len - 1], ==, '\n');
    UndoRecord again;
    g_assert_true(undo_record_parse(line->str, line->len - 1, &again));
    g_assert_cmpint(again.verb, ==, UNDO_RECORD_BEFORE);
    g_assert_cmpint(again.step, ==, 7);
    g_assert_cmpstr(again.path, ==, record.path);
    g_assert_cmpint(again.has_content, ==, 1);
    g_assert_cmpint(again.image.kind, ==, UNDO_KIND_LINK);
    g_assert_cmpint(again.image.mode, ==, 0120777);
    g_assert_cmpint(again.image.modified_ns, ==, -1);
    g_assert_cmpstr(again.image.target, ==, "");
    g_assert_cmpstr(again.image.attributes, ==, "6162=-,63=6400");
    g_assert_null(again.image.sha256);
    undo_record_clear(&again);
}

static void a_damaged_line_is_no_record(void) {
    const UndoRecord record = { .verb = UNDO_RECORD_END, .time_ms = 5 };
    g_autoptr(GString) line = g_string_new(NULL);
    undo_record_format(&record, line);
    UndoRecord out;
    for (size_t length = 0; length < line->len - 1; length++)
        g_assert_false(undo_record_parse(line->str, length, &out));
    for (size_t i = 0; i < line->len - 1; i++) {
        line->str[i] ^= 1;
        g_assert_false(undo_record_parse(line->str, line->len - 1, &out));
        line->str[i] ^= 1;
    }
    g_assert_true(undo_record_parse(line->str, line->len - 1, &out));
    undo_record_clear(&out);
}

static void append(UndoTurnLog *log, UndoVerb verb, const char *path) {
    g_autoptr(GError) error = NULL;
    const UndoRecord record = { .verb = verb, .step = 1, .path = (char *)path };
    g_assert_true(undo_turn_log_append(log, &record, &error));
    g_assert_no_error(error);
}

static void a_torn_tail_is_cut_and_the_rest_is_read(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(GError) error = NULL;
    UndoTurnLog *log = undo_turn_log_create(folder->path, &error);
    g_assert_no_error(error);
    append(log, UNDO_RECORD_BEFORE, "one");
    append(log, UNDO_RECORD_BEFORE, "two");
    g_assert_false(undo_turn_log_is_settled(folder->path));
    g_assert_true(undo_turn_log_mark(log, UNDO_RECORD_END, 0, &error));
    g_assert_true(undo_turn_log_is_settled(folder->path));
    g_assert_cmpint(write(log->fd, "after step=1 pa", 15), ==, 15);
    g_assert_false(undo_turn_log_is_settled(folder->path));
    undo_turn_log_free(log);

    g_autoptr(UndoTurnLog) again = undo_turn_log_open(folder->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(again->entries->len, ==, 2);
    g_assert_nonnull(undo_turn_log_entry(again, 1, "two"));
    g_assert_null(undo_turn_log_entry(again, 2, "two"));
    g_assert_true(again->is_ended);
    g_assert_true(undo_turn_log_is_settled(folder->path));
}

static void a_log_belongs_to_one_process(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(UndoTurnLog) log = undo_turn_log_create(folder->path, &error);
    g_assert_no_error(error);
    g_assert_null(undo_turn_log_open(folder->path, &error));
    g_assert_error(error, ERR, ERR_EXISTS);
    bool is_live = false;
    g_autoptr(UndoTurnLog) read_only = undo_turn_log_read(folder->path, &is_live, NULL);
    g_assert_nonnull(read_only);
    g_assert_true(is_live);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/undo/record/a_record_comes_back_as_it_was", a_record_comes_back_as_it_was);
    g_test_add_func("/undo/record/a_damaged_line_is_no_record", a_damaged_line_is_no_record);
    g_test_add_func("/undo/turn_log/a_torn_tail_is_cut_and_the_rest_is_read",
                    a_torn_tail_is_cut_and_the_rest_is_read);
    g_test_add_func("/undo/turn_log/a_log_belongs_to_one_process", a_log_belongs_to_one_process);
    return g_test_run();
}
