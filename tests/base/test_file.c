/* Tests of base/file.c: the old content or the new, never a mixture; nothing acknowledged is lost
 * on a full disk; nothing but a regular file is touched, and nothing blocks. */
#include "base/file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <utime.h>

#include "../scratch_folder.h"
#include "base/error.h"

static char *inside(const ScratchFolder *folder, const char *name) {
    return g_build_filename(folder->path, name, NULL);
}

static void assert_content(const char *path, const char *expected) {
    GError *error = NULL;
    g_autofree char *text = NULL;
    bool is_ok = file_read(path, 1 << 20, &text, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_cmpstr(text, ==, expected);
}

static void replace(const char *path, const char *content, unsigned mode) {
    GError *error = NULL;
    bool is_ok = file_replace(path, content, strlen(content), mode, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
}

static void assert_replace_fails(const char *path, int code, const char *part) {
    GError *error = NULL;
    g_assert_false(file_replace(path, "new", 3, 0600, &error));
    g_assert_error(error, ERR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_error_free(error);
}

static unsigned mode_of(const char *path) {
    struct stat info;
    g_assert_cmpint(lstat(path, &info), ==, 0);
    return info.st_mode & 0777;
}

static unsigned count_files(const char *folder) {
    unsigned n_files = 0;
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(listing) != NULL) n_files++;
    return n_files;
}

static void a_replaced_file_has_the_new_content_and_the_right_mode(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = inside(folder, "a");
    replace(path, "one", 0600);
    assert_content(path, "one");
    g_assert_cmpuint(mode_of(path), ==, 0600);
    g_assert_cmpint(chmod(path, 0644), ==, 0);
    replace(path, "two", 0644);
    g_assert_cmpuint(mode_of(path), ==, 0644);
    replace(path, "three", 0600); /* a secret now: group and other go */
    g_assert_cmpuint(mode_of(path), ==, 0600);
    g_assert_cmpint(chmod(path, 0755), ==, 0);
    replace(path, "four", 0644);
    g_assert_cmpuint(mode_of(path), ==, 0755);
    replace(path, "", 0644);
    assert_content(path, "");
    g_assert_cmpuint(count_files(folder->path), ==, 1);
}

static void a_link_stays_and_its_target_is_replaced(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *inner = inside(folder, "dotfiles");
    g_autofree char *target = g_build_filename(inner, "config", NULL);
    g_autofree char *first = inside(folder, "first");
    g_autofree char *second = inside(folder, "second");
    g_assert_cmpint(mkdir(inner, 0700), ==, 0);
    g_assert_cmpint(symlink("dotfiles/config", first), ==, 0);
    g_assert_cmpint(symlink(first, second), ==, 0);
    replace(second, "made", 0600); /* the target was not there yet */
    assert_content(target, "made");
    replace(second, "again", 0600);
    assert_content(target, "again");
    g_assert_true(g_file_test(first, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(g_file_test(second, G_FILE_TEST_IS_SYMLINK));
    g_autofree char *circle = inside(folder, "circle");
    g_assert_cmpint(symlink("circle", circle), ==, 0);
    assert_replace_fails(circle, ERR_IO, "circle");
    g_assert_true(g_file_test(circle, G_FILE_TEST_IS_SYMLINK));
}

static void what_is_no_file_is_refused_at_once(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *fifo = inside(folder, "fifo");
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    const char *const paths[] = { fifo, folder->path, "/dev/null" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        GError *error = NULL;
        char *text = NULL;
        assert_replace_fails(paths[i], ERR_DATA, "not a regular file");
        g_assert_false(file_read(paths[i], 100, &text, NULL, &error));
        g_assert_error(error, ERR, ERR_DATA);
        g_clear_error(&error);
        g_assert_null(text);
        g_assert_null(file_log_open(paths[i], NULL, &error));
        g_assert_nonnull(error);
        g_clear_error(&error);
    }
    struct stat info;
    g_assert_cmpint(stat("/dev/null", &info), ==, 0);
    g_assert_true(S_ISCHR(info.st_mode));
}

static void a_missing_folder_is_named(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = inside(folder, "none/a");
    assert_replace_fails(path, ERR_NOT_FOUND, "none/a");
}

static void reading_has_a_limit(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(folder, "a", "1234567890", -1);
    GError *error = NULL;
    char *text = NULL;
    size_t length = 0;
    g_assert_false(file_read(path, 9, &text, &length, &error));
    g_assert_error(error, ERR, ERR_LIMIT);
    g_assert_null(text);
    g_clear_error(&error);
    g_assert_true(file_read(path, 10, &text, &length, &error));
    g_assert_cmpuint(length, ==, 10);
    g_clear_pointer(&text, g_free);
    g_assert_cmpint(truncate(path, (off_t)1 << 40), ==, 0);
    g_assert_false(file_read(path, 1 << 20, &text, &length, &error));
    g_assert_error(error, ERR, ERR_LIMIT);
    g_clear_error(&error);
    g_autofree char *missing = inside(folder, "missing");
    g_assert_false(file_read(missing, 9, &text, NULL, &error));
    g_assert_error(error, ERR, ERR_NOT_FOUND);
    g_clear_error(&error);
}

/* A temporary as a process that died left it: an hour old, nobody holds it. */
static char *write_temporary(const ScratchFolder *folder, const char *name, time_t age_seconds) {
    char *path = scratch_folder_write(folder, name, "half", -1);
    time_t now = (time_t)(g_get_real_time() / G_USEC_PER_SEC);
    const struct utimbuf times = { now - age_seconds, now - age_seconds };
    g_assert_cmpint(utime(path, &times), ==, 0);
    return path;
}

static bool is_there(const char *path) {
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void only_stale_temporaries_of_the_target_go(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = inside(folder, "a");
    g_autofree char *stale = write_temporary(folder, ".a.Xy12Zz.tmp", 3600);
    g_autofree char *fresh = write_temporary(folder, ".a.Xy12Zy.tmp", 0);
    g_autofree char *held = write_temporary(folder, ".a.Xy12Zx.tmp", 3600);
    g_autofree char *other = write_temporary(folder, ".b.Xy12Zw.tmp", 3600);
    g_autofree char *foreign = write_temporary(folder, ".a.notes.tmp.txt", 3600);
    g_autofree char *similar = write_temporary(folder, ".a.backup.of.mine.tmp", 3600);
    int fd = open(held, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    replace(path, "new", 0600);
    g_assert_false(is_there(stale));
    g_assert_true(is_there(fresh));
    g_assert_true(is_there(held));
    g_assert_true(is_there(other));
    g_assert_true(is_there(foreign));
    g_assert_true(is_there(similar));
    close(fd);
    file_remove_stale(folder->path);
    g_assert_false(is_there(held));
    g_assert_false(is_there(other));
    g_assert_true(is_there(fresh));
    g_assert_true(is_there(foreign));
    assert_content(path, "new");
}

static void folders_are_private_and_may_exist(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *deep = inside(folder, "a/b/c");
    g_autofree char *first = inside(folder, "a");
    GError *error = NULL;
    for (int i = 0; i < 2; i++) {
        bool is_ok = file_make_folders(deep, &error);
        g_assert_no_error(error);
        g_assert_true(is_ok);
    }
    g_assert_cmpuint(mode_of(first), ==, 0700);
    g_assert_cmpuint(mode_of(deep), ==, 0700);
    g_autofree char *file = scratch_folder_write(folder, "file", "", 0);
    g_autofree char *below = g_build_filename(file, "x", NULL);
    g_assert_false(file_make_folders(below, &error));
    g_assert_error(error, ERR, ERR_IO);
    g_clear_error(&error);
    g_assert_false(file_make_folders(file, &error));
    g_assert_nonnull(strstr(error->message, "Not a directory"));
    g_clear_error(&error);
}

static FileLog *open_log(const char *path, int64_t expected_torn) {
    GError *error = NULL;
    int64_t torn = -1;
    FileLog *log = file_log_open(path, &torn, &error);
    g_assert_no_error(error);
    g_assert_cmpint(torn, ==, expected_torn);
    return log;
}

static void append(FileLog *log, const char *line) {
    GError *error = NULL;
    bool is_ok = file_log_append(log, line, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
}

static void a_log_grows_by_whole_lines(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = inside(folder, "log");
    g_autoptr(FileLog) log = open_log(path, 0);
    g_assert_cmpuint(mode_of(path), ==, 0600);
    append(log, "one");
    g_autoptr(FileLog) second = open_log(path, 0);
    append(second, "two");
    append(log, "");
    append(log, "three");
    assert_content(path, "one\ntwo\n\nthree\n");
}

static void a_torn_tail_is_cut_and_kept_beside(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(folder, "log", "one\ntwo\nthr", -1);
    g_autoptr(FileLog) log = open_log(path, 3);
    assert_content(path, "one\ntwo\n");
    g_autofree char *beside = inside(folder, "log.torn");
    assert_content(beside, "thr");
    /* Another process dies in the middle of its line while we have the log open. */
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    g_assert_cmpint(write(fd, "fo", 2), ==, 2);
    close(fd);
    append(log, "three");
    assert_content(path, "one\ntwo\nthree\n");
    assert_content(beside, "fo");
}

static void a_tail_longer_than_a_block_is_cut(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *filler = g_strnfill(200000, 'x');
    g_autofree char *text = g_strconcat("one\n", filler, NULL);
    g_autofree char *path = scratch_folder_write(folder, "log", text, -1);
    g_autoptr(FileLog) log = open_log(path, 200000);
    assert_content(path, "one\n");
    g_autofree char *alone = scratch_folder_write(folder, "alone", "never a newline", -1);
    g_autoptr(FileLog) emptied = open_log(alone, 15);
    assert_content(alone, "");
}

static void an_open_end_is_closed_only_when_nothing_changed(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(folder, "log", "one\ntwo", -1);
    GError *error = NULL;
    g_assert_true(file_log_end_line(path, 6, &error));
    assert_content(path, "one\ntwo");
    for (int i = 0; i < 2; i++) g_assert_true(file_log_end_line(path, 7, &error));
    assert_content(path, "one\ntwo\n");
    g_assert_true(file_log_end_line(path, 8, &error));
    g_assert_no_error(error);
    assert_content(path, "one\ntwo\n");
}

static void a_removed_log_takes_no_lines(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = inside(folder, "log");
    g_autoptr(FileLog) log = open_log(path, 0);
    append(log, "one");
    g_assert_cmpint(g_unlink(path), ==, 0);
    GError *error = NULL;
    g_assert_false(file_log_append(log, "two", &error));
    g_assert_nonnull(strstr(error->message, "was removed"));
    g_error_free(error);
}

/* Runs `play` in a child that sees its own disk of 64 KB at the folder. */
static void with_small_disk(void (*play)(const ScratchFolder *folder)) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(77);
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) _exit(77);
        if (mount("none", folder->path, "tmpfs", 0, "size=64k") != 0) _exit(77);
        play(folder);
        _exit(0);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        g_test_skip("not applicable: no mount namespace here");
    else
        g_assert_cmpint(status, ==, 0);
}

static void play_full_disk_replace(const ScratchFolder *folder) {
    g_autofree char *path = inside(folder, "a");
    replace(path, "old", 0600);
    g_autofree char *big = g_strnfill(100000, 'x');
    GError *error = NULL;
    g_assert_false(file_replace(path, big, 100000, 0600, &error));
    g_assert_error(error, ERR, ERR_IO);
    g_assert_nonnull(strstr(error->message, "No space left on device"));
    assert_content(path, "old");
    g_assert_cmpuint(count_files(folder->path), ==, 1);
    replace(path, "new", 0600);
}

static void a_full_disk_keeps_the_old_content(void) {
    with_small_disk(play_full_disk_replace);
}

static void play_full_disk_append(const ScratchFolder *folder) {
    g_autofree char *path = inside(folder, "log");
    g_autoptr(FileLog) log = open_log(path, 0);
    append(log, "one");
    g_autofree char *big = g_strnfill(100000, 'x');
    GError *error = NULL;
    g_assert_false(file_log_append(log, big, &error));
    g_assert_error(error, ERR, ERR_IO);
    g_assert_nonnull(strstr(error->message, "No space left on device"));
    assert_content(path, "one\n");
    append(log, "two");
    assert_content(path, "one\ntwo\n");
}

static void a_full_disk_cuts_the_line_that_did_not_fit(void) {
    with_small_disk(play_full_disk_append);
}

static void play_full_disk_torn(const ScratchFolder *folder) {
    g_autofree char *path = scratch_folder_write(folder, "log", "one\ntorn", -1);
    g_autofree char *filler = inside(folder, "filler");
    int fd = open(filler, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    char block[4096] = { 0 };
    while (write(fd, block, sizeof block) > 0) continue;
    close(fd);
    /* Without room for the copy beside it, the torn end stays where it is. */
    GError *error = NULL;
    g_assert_null(file_log_open(path, NULL, &error));
    g_assert_error(error, ERR, ERR_IO);
    assert_content(path, "one\ntorn");
}

static void a_full_disk_never_cuts_what_is_not_saved(void) {
    with_small_disk(play_full_disk_torn);
}

static void play_read_only(const ScratchFolder *folder) {
    g_autofree char *path = inside(folder, "a");
    replace(path, "old", 0600);
    g_assert_cmpint(mount(NULL, folder->path, NULL, MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
    assert_replace_fails(path, ERR_IO, "Read-only file system");
    assert_content(path, "old");
    GError *error = NULL;
    g_assert_null(file_log_open(path, NULL, &error));
    g_assert_nonnull(strstr(error->message, "Read-only file system"));
    g_clear_error(&error);
    g_autofree char *inner = inside(folder, "x/y");
    g_assert_false(file_make_folders(inner, &error));
    g_assert_nonnull(strstr(error->message, "Read-only file system"));
    g_clear_error(&error);
}

static void a_read_only_disk_is_told(void) {
    with_small_disk(play_read_only);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/base/file/" #name, name)
    TEST(a_replaced_file_has_the_new_content_and_the_right_mode);
    TEST(a_link_stays_and_its_target_is_replaced);
    TEST(what_is_no_file_is_refused_at_once);
    TEST(a_missing_folder_is_named);
    TEST(reading_has_a_limit);
    TEST(only_stale_temporaries_of_the_target_go);
    TEST(folders_are_private_and_may_exist);
    TEST(a_log_grows_by_whole_lines);
    TEST(a_torn_tail_is_cut_and_kept_beside);
    TEST(a_tail_longer_than_a_block_is_cut);
    TEST(an_open_end_is_closed_only_when_nothing_changed);
    TEST(a_removed_log_takes_no_lines);
    TEST(a_full_disk_keeps_the_old_content);
    TEST(a_full_disk_cuts_the_line_that_did_not_fit);
    TEST(a_full_disk_never_cuts_what_is_not_saved);
    TEST(a_read_only_disk_is_told);
    return g_test_run();
}
