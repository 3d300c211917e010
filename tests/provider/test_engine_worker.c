/* Tests of the worker's life, with the real model: how it starts, what it may do, how it ends, and
 * what its client says then. */
#include "provider/engine_client.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "provider/engine_ground.h"

static EngineClient *new_client(void) {
    EngineOptions options = engine_ground_options();
    return engine_client_new(&options);
}

static void append(const char *text, size_t length, void *user_data) {
    g_string_append_len(user_data, text, (gssize)length);
}

static char *generate(EngineClient *client, EngineGenerate *request, EngineDone *done) {
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);
    EngineListener listener = { .on_text = append, .user_data = text };
    bool is_ok = engine_client_generate(client, request, &listener, done, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    return g_string_free(text, FALSE);
}

static void kill_worker(const char *text, size_t length, void *user_data) {
    (void)text;
    (void)length;
    /* Not through the client: its lock is held while it calls back. */
    kill(*(const pid_t *)user_data, SIGKILL);
}

/* Until it has ended; the client still reaps it. How it ended: CLD_EXITED, CLD_KILLED. */
static int wait_for_end(pid_t pid) {
    siginfo_t info = { 0 };
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
        g_assert_cmpint(errno, ==, EINTR);
    return info.si_code;
}

static void crash_is_told_and_the_next_request_works(void) {
    g_autoptr(EngineClient) client = new_client();
    g_autoptr(GError) error = NULL;
    g_assert_true(engine_client_start(client, NULL, NULL, NULL, &error));
    pid_t pid = engine_client_pid(client);
    EngineGenerate request;
    engine_ground_greedy(&request, 100);
    request.prompt.text = (char *)(uintptr_t) "Once upon a time";
    EngineListener listener = { .on_text = kill_worker, .user_data = &pid };
    EngineDone done = { 0 };
    g_assert_false(engine_client_generate(client, &request, &listener, &done, NULL, &error));
    g_assert_true(error_is(error, ERR_PROVIDER));
    g_assert_cmpstr(error->message, ==,
                    "the local engine stopped (killed by signal 9, Killed) while answering");
    g_assert_nonnull(error_hint(error));
    g_clear_error(&error);
    request.max_tokens = 3;
    g_autofree char *text = generate(client, &request, &done);
    g_assert_cmpint(done.n_generated, ==, 3);
    g_assert_cmpint(engine_client_pid(client), !=, pid);
    /* Killed between two requests: the next one starts it again and says nothing. */
    pid = engine_client_pid(client);
    kill(pid, SIGKILL);
    g_assert_cmpint(wait_for_end(pid), ==, CLD_KILLED);
    g_autofree char *once_more = generate(client, &request, &done);
    g_assert_cmpstr(once_more, ==, text);
}

static char *status_line(const char *status, const char *name) {
    const char *line = strstr(status, name);
    g_assert_nonnull(line);
    line += strlen(name);
    g_autofree char *value = g_strndup(line, strcspn(line, "\n"));
    return g_strdup(g_strstrip(value));
}

/* What the kernel says of the worker that runs; tests/engine/test_worker_confinement.c tries it. */
static void running_worker_is_confined(void) {
    g_autoptr(EngineClient) client = new_client();
    g_assert_true(engine_client_start(client, NULL, NULL, NULL, NULL));
    g_autofree char *folder = g_strdup_printf("/proc/%d", (int)engine_client_pid(client));
    g_autofree char *path = g_build_filename(folder, "status", NULL);
    g_autofree char *status = NULL;
    g_assert_true(g_file_get_contents(path, &status, NULL, NULL));
    static const struct {
        const char *name, *value;
    } lines[] = {
        { "\nNoNewPrivs:", "1" },
        { "\nSeccomp:", "2" },
        { "\nCapEff:", "0000000000000000" },
        { "\nCapPrm:", "0000000000000000" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *value = status_line(status, lines[i].name);
        g_assert_cmpstr(value, ==, lines[i].value);
    }
    /* stdin, stdout, stderr, its socket, two files of numbers: nothing of ours. */
    g_autofree char *descriptors = g_build_filename(folder, "fd", NULL);
    g_autoptr(GDir) dir = g_dir_open(descriptors, 0, NULL);
    unsigned n_open = 0;
    for (const char *name; (name = g_dir_read_name(dir)) != NULL; n_open++) {
        g_autofree char *link = g_build_filename(descriptors, name, NULL);
        g_autofree char *target = g_file_read_link(link, NULL);
        bool is_known = g_str_equal(target, "/dev/null") || g_str_has_prefix(target, "pipe:") ||
                        g_str_has_prefix(target, "socket:") || g_str_has_suffix(target, "/statm") ||
                        g_str_has_suffix(target, "/loadavg");
        if (!is_known) g_error("the worker has '%s' open", target);
    }
    g_assert_cmpuint(n_open, ==, 6);
    g_autofree char *environ_path = g_build_filename(folder, "environ", NULL);
    g_autofree char *environment = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(environ_path, &environment, &length, NULL));
    g_assert_cmpuint(length, >, 0);
    g_assert_null(memmem(environment, length, "SECRET_OF_THE_TEST", 18));
}

static void endless_restarts_are_refused(void) {
    g_autoptr(GError) error = NULL;
    EngineOptions options = engine_ground_options();
    options.program = "/bin/false";
    g_autoptr(EngineClient) client = engine_client_new(&options);
    for (int i = 0; i < 3; i++) {
        g_assert_false(engine_client_start(client, NULL, NULL, NULL, &error));
        g_assert_nonnull(strstr(error->message, "while reading the model"));
        g_assert_nonnull(strstr(error_hint(error), "localgpt model info smollm2-135m"));
        g_clear_error(&error);
    }
    g_assert_false(engine_client_start(client, NULL, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "3 times in a row"));
}

static void missing_parts_are_named(void) {
    g_autoptr(GError) error = NULL;
    EngineOptions options = engine_ground_options();
    options.library_folder = "/nowhere/engine";
    g_autoptr(EngineClient) no_library = engine_client_new(&options);
    g_assert_false(engine_client_start(no_library, NULL, NULL, NULL, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_nonnull(strstr(error->message, "/nowhere/engine"));
    g_clear_error(&error);
    options = engine_ground_options();
    options.model_path = "/nowhere/model.gguf";
    g_autoptr(EngineClient) no_model = engine_client_new(&options);
    g_assert_false(engine_client_start(no_model, NULL, NULL, NULL, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_nonnull(strstr(error->message, "/nowhere/model.gguf"));
    g_clear_error(&error);
    options = engine_ground_options();
    options.program = "/nowhere/localgpt-engine";
    g_autoptr(EngineClient) no_program = engine_client_new(&options);
    g_assert_false(engine_client_start(no_program, NULL, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "/nowhere/localgpt-engine"));
}

static void idle_worker_ends_and_comes_back(void) {
    EngineOptions options = engine_ground_options();
    options.idle_seconds = 1;
    g_autoptr(EngineClient) client = engine_client_new(&options);
    EngineGenerate request;
    engine_ground_greedy(&request, 3);
    request.prompt.text = (char *)(uintptr_t) "Hello";
    EngineDone done = { 0 };
    g_autofree char *first = generate(client, &request, &done);
    pid_t pid = engine_client_pid(client);
    g_assert_cmpint(wait_for_end(pid), ==, CLD_EXITED);
    g_autofree char *second = generate(client, &request, &done);
    g_assert_cmpstr(first, ==, second);
    g_assert_cmpint(engine_client_pid(client), !=, pid);
}

/* A worker started by a thread that ends goes on; one whose client ends does not. */
static gpointer start_in_thread(gpointer data) {
    g_assert_true(engine_client_start(data, NULL, NULL, NULL, NULL));
    return NULL;
}

static void worker_survives_the_thread_that_started_it(void) {
    g_autoptr(EngineClient) client = new_client();
    g_thread_join(g_thread_new("starter", start_in_thread, client));
    pid_t pid = engine_client_pid(client);
    EngineGenerate request;
    engine_ground_greedy(&request, 3);
    request.prompt.text = (char *)(uintptr_t) "Hello";
    EngineDone done = { 0 };
    g_autofree char *text = generate(client, &request, &done);
    g_assert_cmpint(engine_client_pid(client), ==, pid);
}

/* The test's own grandchildren come to it when their parent ends. */
static void worker_ends_with_its_client(void) {
    g_assert_cmpint(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
    int pipe_fds[2];
    g_assert_cmpint(pipe(pipe_fds), ==, 0);
    pid_t parent = fork();
    if (parent == 0) {
        EngineClient *client = new_client();
        if (!engine_client_start(client, NULL, NULL, NULL, NULL)) _exit(1);
        pid_t worker = engine_client_pid(client);
        if (write(pipe_fds[1], &worker, sizeof worker) != sizeof worker) _exit(2);
        EngineGenerate request;
        engine_ground_greedy(&request, 500);
        request.prompt.text = (char *)(uintptr_t) "Once upon a time";
        pid_t self = getpid();
        EngineListener listener = { .on_text = kill_worker, .user_data = &self };
        EngineDone done = { 0 };
        if (!engine_client_generate(client, &request, &listener, &done, NULL, NULL)) _exit(3);
        _exit(4);
    }
    pid_t worker = 0;
    g_assert_cmpint(read(pipe_fds[0], &worker, sizeof worker), ==, sizeof worker);
    int status = 0;
    g_assert_cmpint(waitpid(parent, &status, 0), ==, parent);
    g_assert_true(WIFSIGNALED(status));
    /* It is ours now; it must end by itself. */
    g_assert_cmpint(waitpid(worker, &status, 0), ==, worker);
    g_assert_true(WIFEXITED(status));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    g_assert_cmpint(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), ==, 0);
}

/* A worker that is none: what it says is nonsense, or nothing. */
static void nonsense_from_the_worker_is_an_error(void) {
    static const struct {
        const char *script, *expected;
    } cases[] = {
        { "printf 'no frames at all' >&3; exec sleep 1000", "not part of the protocol" },
        { "printf '\\002\\000\\000\\000\\101\\000{}' >&3; exit 3", NULL },
        { "printf '\\004\\000\\000\\000\\100\\000{no}' >&3; exec sleep 1000", "progress" },
        { "printf '\\001\\000\\000\\000\\111\\000x' >&3; exec sleep 1000",
          "'state' is not expected" },
        { "exec sleep 1000", "nothing came" },
        { "echo 'what(): bad luck' >&2; kill -11 $$",
          "signal 11, Segmentation fault: what(): bad luck" },
    };
    g_autofree char *folder = g_dir_make_tmp("worker-XXXXXX", NULL);
    g_autofree char *program = g_build_filename(folder, "worker", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat("#!/bin/sh\n", cases[i].script, "\n", NULL);
        g_assert_true(
            g_file_set_contents_full(program, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
        EngineOptions options = engine_ground_options();
        options.program = program;
        options.quiet_ms = 1000;
        g_autoptr(EngineClient) client = engine_client_new(&options);
        g_autoptr(GError) error = NULL;
        EngineDone done = { 0 };
        EngineGenerate request;
        engine_ground_greedy(&request, 1);
        request.prompt.text = (char *)(uintptr_t) "x";
        g_assert_false(engine_client_generate(client, &request, NULL, &done, NULL, &error));
        g_test_message("%s", error->message);
        if (cases[i].expected != NULL) g_assert_nonnull(strstr(error->message, cases[i].expected));
        g_assert_cmpint(engine_client_pid(client), ==, -1);
    }
    g_unlink(program);
    g_rmdir(folder);
}

#define ADD(name) g_test_add_func("/provider/engine_worker/" #name, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_setenv("SECRET_OF_THE_TEST", "key", TRUE);
    ADD(crash_is_told_and_the_next_request_works);
    ADD(running_worker_is_confined);
    ADD(endless_restarts_are_refused);
    ADD(missing_parts_are_named);
    ADD(idle_worker_ends_and_comes_back);
    ADD(worker_ends_with_its_client);
    ADD(nonsense_from_the_worker_is_an_error);
    ADD(worker_survives_the_thread_that_started_it);
    return g_test_run();
}
