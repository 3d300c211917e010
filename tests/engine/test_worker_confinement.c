/*
 * Tests of engine/worker_confinement.c: the engine's own Confinement, entered by a child that then
 * tries what a hijacked model would. Each attempt succeeds in a free child, else the row proves
 * nothing. tests/sandbox/exec/test_confine.c has the long list of attempts; here are those that the
 * engine's grants decide.
 */
#include "engine/worker_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

typedef struct {
    char *folder, *library_folder, *library_file, *model, *sibling, *other;
} Ground;

static Ground ground;

static void write_file(const char *path) {
    g_assert_true(g_file_set_contents(path, "content", -1, NULL));
}

static void ground_init(void) {
    ground.folder = g_dir_make_tmp("engine-XXXXXX", NULL);
    ground.library_folder = g_build_filename(ground.folder, "engine", NULL);
    g_assert_cmpint(g_mkdir(ground.library_folder, 0700), ==, 0);
    ground.library_file = g_build_filename(ground.library_folder, "libggml-cpu.so", NULL);
    ground.model = g_build_filename(ground.folder, "m-00001-of-00002.gguf", NULL);
    ground.sibling = g_build_filename(ground.folder, "m-00002-of-00002.gguf", NULL);
    ground.other = g_build_filename(ground.folder, "other.gguf", NULL);
    write_file(ground.library_file);
    write_file(ground.model);
    write_file(ground.sibling);
    write_file(ground.other);
}

static void ground_clear(void) {
    g_unlink(ground.library_file);
    g_unlink(ground.model);
    g_unlink(ground.sibling);
    g_unlink(ground.other);
    g_rmdir(ground.library_folder);
    g_rmdir(ground.folder);
    g_free(ground.folder);
    g_free(ground.library_folder);
    g_free(ground.library_file);
    g_free(ground.model);
    g_free(ground.sibling);
    g_free(ground.other);
}

static int result_of(long value) {
    return value >= 0 ? 0 : errno;
}

static int read_model(void) {
    return result_of(open(ground.model, O_RDONLY));
}
static int read_sibling(void) {
    return result_of(open(ground.sibling, O_RDONLY));
}
static int read_library(void) {
    return result_of(open(ground.library_file, O_RDONLY));
}
static int list_library_folder(void) {
    return result_of(open(ground.library_folder, O_RDONLY | O_DIRECTORY));
}
static int map_model(void) {
    int fd = open(ground.model, O_RDONLY);
    void *memory = fd >= 0 ? mmap(NULL, 7, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    return memory != MAP_FAILED ? 0 : errno;
}
static int write_model(void) {
    return result_of(open(ground.model, O_WRONLY));
}
static int read_other_model(void) {
    return result_of(open(ground.other, O_RDONLY));
}
static int list_models(void) {
    return result_of(open(ground.folder, O_RDONLY | O_DIRECTORY));
}
static int add_to_library_folder(void) {
    g_autofree char *path = g_build_filename(ground.library_folder, "libevil.so", NULL);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    int result = result_of(fd);
    unlink(path);
    return result;
}
static int read_passwd(void) {
    return result_of(open("/etc/passwd", O_RDONLY));
}
static int read_own_environment(void) {
    return result_of(open("/proc/self/environ", O_RDONLY));
}
static int make_socket(void) {
    return result_of(socket(AF_INET, SOCK_STREAM, 0));
}
static int run_program(void) {
    char name[] = "true", *arguments[] = { name, NULL };
    execv("/bin/true", arguments);
    return errno;
}
static int run_library_file(void) {
    int fd = open(ground.library_file, O_RDONLY);
    void *memory = mmap(NULL, 7, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    return memory != MAP_FAILED ? 0 : errno;
}
static int make_process(void) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return result_of(pid);
}
static int kill_parent(void) {
    return result_of(kill(getppid(), SIGURG));
}
static int limit_parent(void) {
    struct rlimit limit;
    return result_of(prlimit(getppid(), RLIMIT_CPU, NULL, &limit));
}

static bool confine_like_the_engine(GError **error) {
    EngineConfinementNeeds needs = { .library_folder = ground.library_folder,
                                     .model_path = ground.model };
    int64_t abi = 0;
    return engine_confinement_apply(&needs, &abi, error) && abi >= 1;
}

enum { NOT_CONFINED = 254 };

static int run_attempt(int (*attempt)(void), bool is_confined) {
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        if (is_confined && !confine_like_the_engine(NULL)) _exit(NOT_CONFINED);
        _exit(attempt());
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) g_assert_cmpint(errno, ==, EINTR);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

typedef struct {
    const char *name;
    int (*attempt)(void);
    bool is_allowed;
} Row;

static const Row rows[] = {
    { "read_the_model", read_model, true },
    { "read_a_split_models_next_part", read_sibling, true },
    { "map_the_model", map_model, true },
    { "read_the_library", read_library, true },
    { "list_the_library_folder", list_library_folder, true },
    { "write_the_model", write_model, false },
    { "read_another_model", read_other_model, false },
    { "list_the_models", list_models, false },
    { "add_to_the_library_folder", add_to_library_folder, false },
    { "read_etc_passwd", read_passwd, false },
    { "read_own_environment", read_own_environment, false },
    { "make_a_socket", make_socket, false },
    { "run_a_program", run_program, false },
    { "map_new_code", run_library_file, false },
    { "make_a_process", make_process, false },
    { "kill_the_client", kill_parent, false },
    { "limit_the_client", limit_parent, false },
};

static void row_holds(const void *data) {
    const Row *row = data;
    ground_init();
    int confined = run_attempt(row->attempt, /* is_confined= */ true);
    int unconfined = run_attempt(row->attempt, /* is_confined= */ false);
    ground_clear();
    g_assert_cmpint(unconfined, ==, 0);
    g_assert_cmpint(confined, !=, NOT_CONFINED);
    if (row->is_allowed)
        g_assert_cmpint(confined, ==, 0);
    else
        g_assert_cmpint(confined, !=, 0);
}

static void grants_are_printed(void) {
    ground_init();
    EngineConfinementNeeds needs = { .library_folder = ground.library_folder,
                                     .model_path = ground.model };
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    Confinement confinement = { 0 };
    engine_confinement_fill(&confinement, &needs, paths);
    char text[2048];
    confine_print(&confinement, text, sizeof text);
    g_autofree char *expected = g_strdup_printf(
        "read execute %s\nread %s\nread %s\ndeny network\ndeny processes\ndeny programs\n"
        "deny code\ndeny devices\n",
        ground.library_folder, ground.model, ground.sibling);
    g_assert_cmpstr(text, ==, expected);
    ground_clear();
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    signal(SIGURG, SIG_IGN);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_strconcat("/engine/worker_confinement/", rows[i].is_allowed ? "allows/" : "refuses/",
                        rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], row_holds);
    }
    g_test_add_func("/engine/worker_confinement/grants_are_printed", grants_are_printed);
    return g_test_run();
}
