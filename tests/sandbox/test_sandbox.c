/*
 * Tests of sandbox/sandbox.h: what a command can and cannot do at each level, and how it ends.
 */
#include "sandbox/sandbox.h"

#include <signal.h>

#include "base/error.h"
#include "sandbox_ground.h"

typedef SandboxLevel Level;
#define LEVEL(data) ((SandboxLevel)GPOINTER_TO_INT(data))

static void output_and_status_come_back(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_run(ground, "echo out; echo err >&2; exit 3");
    g_assert_cmpstr(ground->outcome.output, ==, "out\nerr\n");
    g_assert_cmpint(ground->outcome.exit_status, ==, 3);
    g_assert_cmpint(ground->outcome.signal, ==, 0);
    g_assert_cmpint(ground->outcome.level, ==, LEVEL(data));
    sandbox_ground_run(ground, "kill -SEGV $$");
    g_assert_cmpint(ground->outcome.signal, ==, SIGSEGV);
    g_assert_cmpint(ground->outcome.exit_status, ==, 128 + SIGSEGV);
}

static void input_is_fed_and_errors_can_be_kept_apart(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    g_autofree char *input = g_strnfill(300000, 'x');
    const char *argv[] = { "sh", "-c", "wc -c; echo bad >&2", NULL };
    SandboxCommand command = {
        .argv = argv, .input = input, .input_length = 300000, .separates_errors = true
    };
    g_autoptr(GError) error = NULL;
    g_assert_true(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_cmpstr(ground->outcome.output, ==, "300000\n");
    g_assert_cmpstr(ground->outcome.errors, ==, "bad\n");
}

static void existing_files_of_the_workspace_can_be_changed(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_write(ground, "work/a", "old");
    sandbox_ground_write(ground, "work/sub/b", "old");
    sandbox_ground_run(ground, "echo new > a && echo new > sub/c && rm sub/b && mv sub/c sub/d");
    g_assert_cmpint(ground->outcome.exit_status, ==, 0);
    g_assert_true(sandbox_ground_exists(ground, "work/sub/d"));
    g_assert_false(sandbox_ground_exists(ground, "work/sub/b"));
}

static void what_is_outside_stays_out_of_reach(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, ".ssh/id_rsa", "canary");
    sandbox_ground_write(ground, ".local/share/localgpt/localgpt.device.key", "canary");
    sandbox_ground_write(ground, "notes.txt", "canary");
    sandbox_ground_open(ground);
    g_autofree char *script = g_strdup_printf(
        "cat %1$s/.ssh/id_rsa %1$s/notes.txt %1$s/.local/share/localgpt/localgpt.device.key "
        "/etc/shadow; echo x >> %1$s/notes.txt; echo x > %1$s/new; cat /proc/%2$d/environ",
        ground->home, (int)getpid());
    sandbox_ground_run(ground, script);
    g_assert_null(strstr(ground->outcome.output, "canary"));
    g_assert_null(strstr(ground->outcome.output, "PATH="));
    g_assert_null(strstr(ground->outcome.output, "root:"));
    g_assert_false(sandbox_ground_exists(ground, "new"));
    g_autofree char *text = NULL, *path = g_build_filename(ground->home, "notes.txt", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "canary");
}

static void credentials_are_unreadable_below_an_allowed_folder(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, ".ssh/id_rsa", "canary");
    sandbox_ground_write(ground, ".netrc", "canary");
    sandbox_ground_write(ground, ".local/state/localgpt/secret", "canary");
    sandbox_ground_write(ground, "notes/plain.txt", "readable");
    g_strfreev(ground->config.allow_paths.read);
    ground->config.allow_paths.read = g_new0(char *, 2);
    ground->config.allow_paths.read[0] = g_strdup("~");
    sandbox_ground_open(ground);
    g_autofree char *script =
        g_strdup_printf("cd %s; cat notes/plain.txt .ssh/id_rsa .netrc .local/state/localgpt/*; "
                        "ls .ssh .local/state/localgpt; head -c 3 < .netrc",
                        ground->home);
    sandbox_ground_run(ground, script);
    g_assert_nonnull(strstr(ground->outcome.output, "readable"));
    g_assert_null(strstr(ground->outcome.output, "canary"));
    g_assert_null(strstr(ground->outcome.output, "id_rsa\n"));
}

static void protected_names_stay(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, "work/LocalGPT.md", "rules");
    sandbox_ground_write(ground, "work/.git/config", "[core]");
    sandbox_ground_write(ground, "work/.git/HEAD", "ref");
    sandbox_ground_write(ground, "work/other", "text");
    sandbox_ground_open(ground);
    sandbox_ground_run(ground, "echo x > LocalGPT.md; echo x >> LocalGPT.md; mv other LocalGPT.md; "
                               "rm -f LocalGPT.md; mv LocalGPT.md gone; ln LocalGPT.md alias; "
                               "echo x > IDENTITY.md; mkdir IDENTITY.md; ln -s other IDENTITY.md; "
                               "mv other .bashrc; cp other .envrc; mkdir .vscode; "
                               "echo x > .git/config; mkdir .git/hooks; mv .git .git2; "
                               "echo x > .git/HEAD");
    static const char *const unchanged[][2] = { { "work/LocalGPT.md", "rules" },
                                                { "work/.git/config", "[core]" },
                                                { "work/.git/HEAD", "x\n" },
                                                { "work/other", "text" } };
    for (size_t i = 0; i < G_N_ELEMENTS(unchanged); i++) {
        g_autofree char *text = NULL;
        g_autofree char *path = g_build_filename(ground->home, unchanged[i][0], NULL);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, unchanged[i][1]);
    }
    static const char *const absent[] = { "work/IDENTITY.md", "work/.bashrc",    "work/.envrc",
                                          "work/.vscode",     "work/.git/hooks", "work/.git2",
                                          "work/gone",        "work/alias",      "work/.claude" };
    for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
        g_assert_false(sandbox_ground_exists(ground, absent[i]));
}

static void no_socket_can_be_made(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_run(ground, "python3 -c 'import socket\n"
                               "for family in (1, 2, 10, 16, 17, 40):\n"
                               "  for kind in (1, 2, 3):\n"
                               "    try: socket.socket(family, kind); print(\"made\", family)\n"
                               "    except PermissionError: pass'; exec 3<>/dev/tcp/127.0.0.1/9");
    g_assert_null(strstr(ground->outcome.output, "made"));
    g_assert_cmpint(ground->outcome.exit_status, !=, 0);
}

static void the_environment_is_a_short_list(const void *data) {
    g_setenv("LOCALGPT_CANARY_KEY", "sk-canary", true);
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_run(ground, "env | cut -d= -f1 | grep -vxE "
                               "'PATH|HOME|LANG|TERM|TZ|USER|TMPDIR|PWD|SHLVL|_'");
    g_assert_cmpstr(ground->outcome.output, ==, "");
    g_unsetenv("LOCALGPT_CANARY_KEY");
}

/* Every survivor would write its own name into the file. */
static void nothing_survives_a_timeout(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, "work/alive", "");
    sandbox_ground_open(ground);
    sandbox_ground_run_for(ground,
                           "trap '' TERM HUP; beat() { while :; do echo $1 >> alive; sleep 0.02; "
                           "done; }\n"
                           "beat plain & (beat fork &) ; setsid bash -c 'trap \"\" TERM; while :; "
                           "do echo setsid >> alive; sleep 0.02; done' & disown -a; beat main",
                           1500);
    g_assert_true(ground->outcome.is_timed_out);
    g_autofree char *path = g_build_filename(ground->home, "work/alive", NULL);
    GStatBuf before, after;
    g_assert_cmpint(g_stat(path, &before), ==, 0);
    g_assert_cmpint(before.st_size, >, 0);
    g_usleep(100000); /* five beats: a survivor would be seen, a dead one never is */
    g_assert_cmpint(g_stat(path, &after), ==, 0);
    g_assert_cmpint(before.st_size, ==, after.st_size);
}

static void output_beyond_the_ring_is_counted_not_kept(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_run(ground, "head -c 50000000 /dev/zero; echo end");
    g_assert_cmpuint(ground->outcome.output_total, ==, 50000004);
    g_assert_cmpuint(ground->outcome.output_length, ==, 1048576);
    g_assert_cmpstr(ground->outcome.output + 1048576 - 4, ==, "end\n");
}

static void processes_are_limited(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    sandbox_ground_run(ground, "exec python3 -c 'import os, time\n"
                               "for n in range(1, 500):\n"
                               "  try: pid = os.fork()\n"
                               "  except BlockingIOError: print(n); break\n"
                               "  if pid == 0: time.sleep(60); os._exit(0)\n"
                               "else: time.sleep(60)'");
    if (LEVEL(data) == SANDBOX_LEVEL_FULL) {
        /* Itself and 63 more; the 64th does not come about. */
        g_assert_cmpstr(ground->outcome.output, ==, "64\n");
    } else {
        g_assert_cmpstr(ground->outcome.limit_hit, ==,
                        "It was stopped: more than 64 processes at once "
                        "(sandbox.max_processes).");
    }
}

static void a_missing_program_is_told(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    const char *argv[] = { "no-such-program", NULL };
    SandboxCommand command = { .argv = argv };
    g_autoptr(GError) error = NULL;
    g_assert_false(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_cmpstr(error->message, ==, "running 'no-such-program': No such file or directory");
}

static void the_working_folder_lies_in_the_workspace(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, "work/sub/file", "");
    sandbox_ground_open(ground);
    const char *argv[] = { "ls", NULL };
    SandboxCommand command = { .argv = argv, .working_directory = "sub" };
    g_autoptr(GError) error = NULL;
    g_assert_true(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_cmpstr(ground->outcome.output, ==, "file\n");
    static const char *const outside[] = { "/", "..", "sub/../..", "/etc" };
    for (size_t i = 0; i < G_N_ELEMENTS(outside); i++) {
        g_autoptr(GError) refused = NULL;
        command.working_directory = outside[i];
        g_assert_false(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &refused));
        g_assert_true(error_is(refused, ERR_DENIED));
    }
}

static void a_background_process_is_read_and_killed(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    const char *argv[] = { "sh", "-c", "echo first; sleep 1000", NULL };
    SandboxCommand command = { .argv = argv };
    g_autoptr(GError) error = NULL;
    g_autoptr(SandboxProcess) process = sandbox_start(ground->profile, &command, &error);
    g_assert_no_error(error);
    uint64_t offset = 0;
    while (offset < strlen("first\n")) {
        size_t length = 0;
        uint64_t before = offset;
        g_autofree char *text = sandbox_process_output(process, &offset, &length);
        g_assert_cmpuint(offset - before, ==, length);
        g_thread_yield();
    }
    g_assert_false(sandbox_process_is_over(process));
    sandbox_process_kill(process);
    g_assert_true(sandbox_process_wait(process, NULL, &ground->outcome, &error));
    g_assert_true(ground->outcome.is_cancelled);
    g_assert_cmpstr(ground->outcome.output, ==, "first\n");
}

static void a_cancel_ends_it(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(LEVEL(data));
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    const char *argv[] = { "sleep", "1000", NULL };
    SandboxCommand command = { .argv = argv };
    g_autoptr(GError) error = NULL;
    g_assert_true(sandbox_run(ground->profile, &command, cancel, &ground->outcome, &error));
    g_assert_true(ground->outcome.is_cancelled);
    g_assert_cmpint(ground->outcome.signal, ==, SIGTERM);
}

static void new_files_can_be_made_at_full(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(SANDBOX_LEVEL_FULL);
    sandbox_ground_run(ground, "echo x > new; mkdir d; echo x > /tmp/t; echo x > ~/h; cat ~/h");
    g_assert_cmpstr(ground->outcome.output, ==, "x\n");
    g_assert_true(sandbox_ground_exists(ground, "work/new"));
    g_assert_true(sandbox_ground_exists(ground, "work/d"));
    g_assert_false(sandbox_ground_exists(ground, "h"));
}

static void wrong_grants_are_refused(void) {
    static const char *const wrong[] = { "/", "~", "~/.ssh", "/proc", "/dev", "relative" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(SandboxGround) ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL);
        sandbox_ground_write(ground, ".ssh/id_rsa", "x");
        g_strfreev(ground->config.allow_paths.write);
        ground->config.allow_paths.write = g_new0(char *, 2);
        ground->config.allow_paths.write[0] = g_strdup(wrong[i]);
        g_autoptr(GError) error = NULL;
        g_assert_null(
            sandbox_profile_new(&ground->config, ground->paths, ground->workspace, &error));
        g_assert_true(error_is(error, ERR_CONFIG));
    }
}

/* The home folder itself as workspace: what is secret there is out of reach, and cannot be made. */
static void the_home_can_be_the_workspace(const void *data) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(LEVEL(data));
    sandbox_ground_write(ground, ".ssh/id_rsa", "canary");
    sandbox_ground_write(ground, "notes", "text");
    g_free(ground->workspace);
    ground->workspace = g_strdup(ground->home);
    sandbox_ground_open(ground);
    sandbox_ground_run(ground, "cat .ssh/id_rsa notes; echo x > .netrc; mkdir .aws; "
                               "echo x > .ssh/config; echo x > .local/share/localgpt/y; "
                               "mv .ssh s; echo y > notes");
    g_assert_null(strstr(ground->outcome.output, "canary"));
    g_assert_nonnull(strstr(ground->outcome.output, "text"));
    static const char *const absent[] = { ".netrc", ".aws", ".ssh/config",
                                          ".local/share/localgpt/y", "s" };
    for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
        g_assert_false(sandbox_ground_exists(ground, absent[i]));
    g_assert_true(sandbox_ground_exists(ground, ".ssh/id_rsa"));
}

static void the_profile_prints_its_grants(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(SANDBOX_LEVEL_FULL);
    g_autofree char *text = sandbox_profile_print(ground->profile);
    g_assert_nonnull(strstr(text, "level     full\n"));
    g_assert_nonnull(strstr(text, "read      /usr\n"));
    g_assert_nonnull(strstr(text, "protect   IDENTITY.md\n"));
    g_assert_nonnull(strstr(text, "network   denied\n"));
}

/* Registers a test at each level from `first` (full) down to `last`. */
static void add_at(const char *name, GTestDataFunc test, SandboxLevel last) {
    for (int level = SANDBOX_LEVEL_FULL; level <= (int)last; level++) {
        g_autofree char *path =
            g_strdup_printf("/sandbox/%s/%s", sandbox_level_name((SandboxLevel)level), name);
        g_test_add_data_func(path, GINT_TO_POINTER(level), test);
    }
}
#define ADD(test, last) add_at(#test, test, SANDBOX_LEVEL_##last)

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    ADD(output_and_status_come_back, NONE);
    ADD(input_is_fed_and_errors_can_be_kept_apart, NONE);
    ADD(the_environment_is_a_short_list, NONE);
    ADD(nothing_survives_a_timeout, NONE);
    ADD(output_beyond_the_ring_is_counted_not_kept, NONE);
    ADD(processes_are_limited, NONE);
    ADD(a_missing_program_is_told, NONE);
    ADD(the_working_folder_lies_in_the_workspace, NONE);
    ADD(a_background_process_is_read_and_killed, NONE);
    ADD(a_cancel_ends_it, NONE);
    ADD(no_socket_can_be_made, MINIMAL);
    ADD(existing_files_of_the_workspace_can_be_changed, STANDARD);
    ADD(what_is_outside_stays_out_of_reach, STANDARD);
    ADD(credentials_are_unreadable_below_an_allowed_folder, STANDARD);
    ADD(protected_names_stay, STANDARD);
    ADD(the_home_can_be_the_workspace, STANDARD);
    g_test_add_func("/sandbox/full/new_files_can_be_made_at_full", new_files_can_be_made_at_full);
    g_test_add_func("/sandbox/wrong_grants_are_refused", wrong_grants_are_refused);
    g_test_add_func("/sandbox/the_profile_prints_its_grants", the_profile_prints_its_grants);
    return g_test_run();
}
