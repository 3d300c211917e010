/*
 * Tests of the sandbox's small parts: the ring of output, temporary folders, placeholders, the
 * plan.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/error.h"
#include "policy/protected_names.h"
#include "sandbox/exec/plan.h"
#include "sandbox/output_ring.h"
#include "sandbox/placeholder.h"
#include "sandbox/temp_folder.h"
#include "sandbox_ground.h"

static void the_ring_keeps_the_last_bytes(void) {
    OutputRing ring = { .max_bytes = 10000 };
    g_autoptr(GString) all = g_string_new(NULL);
    for (int i = 0; i < 5000; i++) {
        g_autofree char *piece = g_strdup_printf("%d,", i);
        g_string_append(all, piece);
        output_ring_append(&ring, piece, strlen(piece));
        size_t length = 0;
        g_autofree char *text = output_ring_read(&ring, 0, &length);
        g_assert_cmpuint(ring.total, ==, all->len);
        g_assert_cmpuint(length, ==, MIN(all->len, 10000));
        g_assert_cmpmem(text, length, all->str + all->len - length, length);
    }
    output_ring_clear(&ring);
}

static void the_ring_is_read_from_an_offset(void) {
    OutputRing ring = { .max_bytes = 8 };
    size_t length = 0;
    output_ring_append(&ring, "abcdef", 6);
    g_autofree char *middle = output_ring_read(&ring, 4, &length);
    g_assert_cmpstr(middle, ==, "ef");
    output_ring_append(&ring, "0123456789abcdef", 16);
    g_autofree char *old = output_ring_read(&ring, 4, &length);
    g_assert_cmpstr(old, ==, "89abcdef");
    g_autofree char *none = output_ring_read(&ring, 99, &length);
    g_assert_cmpuint(length, ==, 0);
    output_ring_clear(&ring);
}

static void the_ring_never_outgrows_its_maximum(void) {
    OutputRing ring = { .max_bytes = 1 << 20 };
    g_autofree char *chunk = g_malloc0(64 << 10);
    for (int i = 0; i < 10000; i++) output_ring_append(&ring, chunk, 64 << 10);
    g_assert_cmpuint(ring.room, ==, 1 << 20);
    g_assert_cmpuint(ring.total, ==, (uint64_t)10000 * (64 << 10));
    output_ring_clear(&ring);
}

static void a_temporary_folder_goes_whatever_is_in_it(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *victim = scratch_folder_write(folder, "victim", "x", -1);
    g_autofree char *temp = temp_folder_make(folder->path, &error);
    g_assert_no_error(error);
    g_autofree char *script =
        g_strdup_printf("cd %s && ln -s ../victim link && ln -s .. up && mkdir -p a/b && touch "
                        "a/b/c && mkfifo f && "
                        "chmod 0 a/b a && for i in $(seq 300); do mkdir deep && cd deep; done",
                        temp);
    const char *argv[] = { "sh", "-c", script, NULL };
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, &error));
    temp_folder_remove(temp);
    g_assert_false(g_file_test(temp, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(victim, G_FILE_TEST_EXISTS));
}

static void folders_of_dead_processes_are_swept(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    pid_t pid = fork();
    if (pid == 0) _exit(temp_folder_make(folder->path, NULL) != NULL ? 0 : 1);
    int status = 0;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    g_autofree char *own = temp_folder_make(folder->path, NULL);
    temp_folder_sweep(folder->path);
    g_assert_true(g_file_test(own, G_FILE_TEST_IS_DIR));
    temp_folder_remove(own);
    g_assert_cmpint(rmdir(folder->path), ==, 0);
    g_assert_cmpint(g_mkdir(folder->path, 0700), ==, 0);
}

static void make_placeholder(const SandboxGround *ground, const char *name, unsigned mode,
                             const char *text) {
    g_autofree char *path = g_build_filename(ground->workspace, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, (int)mode), ==, 0);
}

static void only_placeholders_are_swept(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL);
    make_placeholder(ground, "IDENTITY.md", 0, "");
    make_placeholder(ground, ".git", 0, "");
    make_placeholder(ground, "LocalGPT.md", 0, "rules");
    make_placeholder(ground, ".bashrc", 0600, "");
    make_placeholder(ground, "notes.md", 0, "");
    g_autofree char *lock = g_build_filename(ground->home, "lock", NULL);
    int other = placeholder_hold(lock), own = placeholder_hold(lock);
    const char *const names[] = { "IDENTITY.md", "LocalGPT.md", ".bashrc", ".git/hooks", NULL };
    placeholder_release(own, ground->workspace, names);
    g_assert_true(sandbox_ground_exists(ground, "work/IDENTITY.md"));
    placeholder_release(other, ground->workspace, names);
    g_assert_false(sandbox_ground_exists(ground, "work/IDENTITY.md"));
    g_assert_false(sandbox_ground_exists(ground, "work/.git"));
    static const char *const kept[] = { "work/LocalGPT.md", "work/.bashrc", "work/notes.md" };
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        g_assert_true(sandbox_ground_exists(ground, kept[i]));
}

/* A command that is killed with its reaper leaves placeholders; the next profile removes them. */
static void what_a_crash_left_goes_at_the_next_start(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL);
    pid_t pid = fork();
    if (pid == 0) {
        sandbox_ground_open(ground);
        const char *argv[] = { "sh", "-c", "echo up > up; sleep 1000", NULL };
        SandboxCommand command = { .argv = argv };
        g_assert_nonnull(sandbox_start(ground->profile, &command, NULL));
        while (!sandbox_ground_exists(ground, "work/up")) g_thread_yield();
        raise(SIGKILL);
    }
    int status = 0;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(sandbox_ground_exists(ground, "work/IDENTITY.md"));
    sandbox_ground_open(ground);
    g_assert_false(sandbox_ground_exists(ground, "work/IDENTITY.md"));
}

static void protected_names_cover_what_is_below_them(void) {
    static const char *const covered[] = { "IDENTITY.md", "identity.MD", ".git/hooks",
                                           ".git/hooks/pre-commit", ".vscode/tasks.json" };
    static const char *const free_names[] = { "identity",  "IDENTITY.md2",     ".git",
                                              ".git/HEAD", "docs/IDENTITY.md", ".gitignore" };
    for (size_t i = 0; i < G_N_ELEMENTS(covered); i++)
        g_assert_true(protected_name_covers(covered[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(free_names); i++)
        g_assert_false(protected_name_covers(free_names[i]));
}

static const PlanHeader *open_plan(const void *bytes, size_t length) {
    int fd = memfd_create("plan", MFD_CLOEXEC);
    g_assert_cmpint(write(fd, bytes, length), ==, (gssize)length);
    ConfineReport report = { 0 };
    const PlanHeader *plan = plan_open(fd, &report);
    close(fd);
    if (plan == NULL) g_assert_cmpstr(report.reason, !=, "");
    return plan;
}

static void a_damaged_plan_is_refused(void) {
    struct {
        PlanHeader header;
        PlanItem item;
        uint32_t offsets[2];
        char text[8];
    } bytes = { .text = "text" };
    uint32_t text = offsetof(typeof(bytes), text), list = offsetof(typeof(bytes), offsets);
    bytes.header = (PlanHeader){ .magic = PLAN_MAGIC,
                                 .size = sizeof bytes,
                                 .items = offsetof(typeof(bytes), item),
                                 .n_items = 1,
                                 .arguments = list,
                                 .n_arguments = 1,
                                 .environment = list,
                                 .working_directory = text,
                                 .filter = list };
    bytes.item.path = text;
    bytes.offsets[0] = text;
    g_assert_nonnull(open_plan(&bytes, sizeof bytes));
    g_assert_null(open_plan(&bytes, sizeof bytes - 1));
    g_assert_null(open_plan(&bytes, 3));
    /* Every number of it turned into a wild one. */
    for (size_t at = 0; at + 4 <= offsetof(PlanHeader, max_processes); at += 4) {
        typeof(bytes) wild = bytes;
        memset((char *)&wild + at, 0xee, 4);
        bool is_free = at == offsetof(PlanHeader, flags);
        g_assert_cmpint(open_plan(&wild, sizeof wild) != NULL, ==, is_free);
    }
    bytes.text[4] = bytes.text[5] = bytes.text[6] = bytes.text[7] = 'x';
    g_assert_null(open_plan(&bytes, sizeof bytes));
}

static void announced_entries_are_made_at_standard(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(SANDBOX_LEVEL_STANDARD);
    const char *argv[] = { "sh", "-c", "echo a > new && mkdir -p d/e && echo b > d/e/f", NULL };
    const char *const entries[] = { "new", "d/e/f", NULL };
    SandboxCommand command = { .argv = argv, .new_entries = entries };
    g_autoptr(GError) error = NULL;
    g_assert_true(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_cmpint(ground->outcome.exit_status, ==, 0);
    g_assert_true(sandbox_ground_exists(ground, "work/d/e/f"));
    const char *const refused[] = { "IDENTITY.md", NULL };
    command.new_entries = refused;
    g_assert_false(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_true(error_is(error, ERR_DENIED));
    g_assert_false(sandbox_ground_exists(ground, "work/IDENTITY.md"));
}

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    static const struct {
        const char *name;
        GTestFunc test;
    } tests[] = {
        { "/sandbox/parts/the_ring_keeps_the_last_bytes", the_ring_keeps_the_last_bytes },
        { "/sandbox/parts/the_ring_is_read_from_an_offset", the_ring_is_read_from_an_offset },
        { "/sandbox/parts/the_ring_never_outgrows_its_maximum",
          the_ring_never_outgrows_its_maximum },
        { "/sandbox/parts/a_temporary_folder_goes_whatever_is_in_it",
          a_temporary_folder_goes_whatever_is_in_it },
        { "/sandbox/parts/folders_of_dead_processes_are_swept",
          folders_of_dead_processes_are_swept },
        { "/sandbox/parts/only_placeholders_are_swept", only_placeholders_are_swept },
        { "/sandbox/parts/what_a_crash_left_goes_at_the_next_start",
          what_a_crash_left_goes_at_the_next_start },
        { "/sandbox/parts/protected_names_cover_what_is_below_them",
          protected_names_cover_what_is_below_them },
        { "/sandbox/parts/a_damaged_plan_is_refused", a_damaged_plan_is_refused },
        { "/sandbox/parts/announced_entries_are_made_at_standard",
          announced_entries_are_made_at_standard },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}
