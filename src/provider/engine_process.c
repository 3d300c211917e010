/* provider/engine_process.c: spawn, last words, end. */
#include "provider/engine_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "base/worker_process.h"

#define ENGINE_NAME "localgpt-engine"

enum { MAX_WORDS_BYTES = 4096, MAX_SHOWN_WORDS = 200 };

char *engine_process_find_program(GError **error) {
    const char *named = g_getenv("LOCALGPT_ENGINE");
    if (named != NULL && named[0] != '\0') return g_strdup(named);
    g_autoptr(GError) local = NULL;
    g_autofree char *self = g_file_read_link("/proc/self/exe", &local);
    g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : g_strdup(".");
    g_autofree char *beside = g_build_filename(folder, ENGINE_NAME, NULL);
    g_autofree char *parent = g_path_get_dirname(folder);
    g_autofree char *libexec = g_build_filename(parent, "libexec", "localgpt", ENGINE_NAME, NULL);
    if (access(beside, X_OK) == 0) return g_steal_pointer(&beside);
    if (access(libexec, X_OK) == 0) return g_steal_pointer(&libexec);
    error_set_with_hint(error, ERR_NOT_FOUND, "Build it with 'make', or set LOCALGPT_ENGINE.",
                        "the program " ENGINE_NAME " is neither at '%s' nor at '%s'", beside,
                        libexec);
    return NULL;
}

/* What a GPU driver or a sanitizer reads; nothing of ours, no key, no token. */
static char **make_environment(void) {
    static const char *const kept[] = {
        "ASAN_OPTIONS",    "CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
        "LD_LIBRARY_PATH", "LSAN_OPTIONS",         "ROCR_VISIBLE_DEVICES",    "UBSAN_OPTIONS",
    };
    g_autoptr(GPtrArray) environment = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
        const char *value = g_getenv(kept[i]);
        if (value != NULL) g_ptr_array_add(environment, g_strconcat(kept[i], "=", value, NULL));
    }
    /* A crash handler of the library that would start a debugger. */
    g_ptr_array_add(environment, g_strdup("GGML_NO_BACKTRACE=1"));
    g_ptr_array_add(environment, NULL);
    return (char **)g_ptr_array_steal(environment, NULL);
}

static int spawn(const char *path, int socket_fd, int words_fd, pid_t *out_pid) {
    char name[] = ENGINE_NAME, client[32];
    g_snprintf(client, sizeof client, "%d", (int)getpid());
    char *arguments[] = { name, client, NULL };
    g_auto(GStrv) environment = make_environment();
    const WorkerProgram engine = { .path = path,
                                   .arguments = arguments,
                                   .environment = environment,
                                   .socket = socket_fd,
                                   .errors = words_fd };
    return worker_process_spawn(&engine, out_pid);
}

static void close_pair(int pair[2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0) close(pair[i]);
}

EngineProcess *engine_process_start(const char *program, GError **error) {
    g_autofree char *path = program != NULL && program[0] != '\0' ? g_strdup(program) : NULL;
    if (path == NULL) path = engine_process_find_program(error);
    if (path == NULL) return NULL;
    int sockets[2] = { -1, -1 }, words[2] = { -1, -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 ||
        pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0) {
        error_set_errno(error, errno, "making a socket for the local engine");
        close_pair(sockets);
        return NULL;
    }
    pid_t pid = -1;
    int result = spawn(path, sockets[1], words[1], &pid);
    close(sockets[1]);
    close(words[1]);
    if (result != 0) {
        error_set_errno(error, result, "starting the local engine '%s'", path);
        close(sockets[0]);
        close(words[0]);
        return NULL;
    }
    EngineProcess *process = g_new0(EngineProcess, 1);
    process->pid = pid;
    process->wire = engine_wire_new(sockets[0]);
    process->words_fd = words[0];
    return process;
}

bool engine_process_is_over(EngineProcess *process) {
    struct pollfd state = { .fd = engine_wire_fd(process->wire), .events = POLLIN };
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

/* The last line it said: an assertion of the library, or what C++ threw. NULL when there is none.
 */
static char *last_words(EngineProcess *process) {
    g_autofree char *words = g_malloc0(MAX_WORDS_BYTES + 1);
    size_t length = 0;
    for (ssize_t n; length < MAX_WORDS_BYTES; length += (size_t)n) {
        n = read(process->words_fd, words + length, MAX_WORDS_BYTES - length);
        if (n <= 0) break;
    }
    g_autofree char *shown = text_strip_terminal(words, length);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(shown), "\n", -1);
    /* The first line says what, the others where; "path:line: GGML_ASSERT(...)" says it last. */
    for (char **line = lines; *line != NULL; line++) {
        if (g_strstrip(*line)[0] == '\0') continue;
        const char *assertion = strstr(*line, "GGML_ASSERT");
        return text_ellipsize(assertion != NULL ? assertion : *line, MAX_SHOWN_WORDS);
    }
    return NULL;
}

/* Waits for the end, by force when it does not come. */
static int reap(EngineProcess *process, int patience_ms) {
    int status = 0;
    for (int waited_ms = 0;; waited_ms += 5) {
        pid_t result = waitpid(process->pid, &status, WNOHANG);
        if (result == process->pid || (result < 0 && errno != EINTR)) break;
        if (waited_ms >= patience_ms) {
            kill(process->pid, SIGKILL);
            while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) continue;
            break;
        }
        g_usleep(5000);
    }
    process->pid = -1;
    return status;
}

char *engine_process_end(EngineProcess *process) {
    g_autofree char *how = NULL;
    if (process->pid > 0) {
        int status = reap(process, 500);
        process->ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (WIFSIGNALED(status))
            how = g_strdup_printf("killed by signal %d, %s", WTERMSIG(status),
                                  g_strsignal(WTERMSIG(status)));
        else
            how = g_strdup_printf("it ended with status %d", WEXITSTATUS(status));
    }
    g_autofree char *words = last_words(process);
    if (words == NULL) return g_steal_pointer(&how);
    return g_strdup_printf("%s: %s", how != NULL ? how : "it ended", words);
}

void engine_process_free(EngineProcess *process) {
    if (process == NULL) return;
    engine_wire_free(process->wire);
    if (process->pid > 0) reap(process, 0);
    close(process->words_fd);
    g_free(process);
}
