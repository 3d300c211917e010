/* tests/http/loopback.c: the server process and its log. */
#include "loopback.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/field.h"

static void read_ports(Loopback *loopback, int stdout_fd) {
    FILE *output = fdopen(stdout_fd, "r");
    char line[200] = "";
    if (output == NULL || fgets(line, sizeof line, output) == NULL ||
        sscanf(line, "PORTS %d %d %d %d %d %d", &loopback->port, &loopback->other_port,
               &loopback->silent_port, &loopback->full_port, &loopback->tls_port,
               &loopback->v6_port) != 6)
        g_error("tests/http/server.py did not start");
    fclose(output);
}

Loopback *loopback_start(const char *certificate) {
    const char *script = g_getenv("HTTP_TEST_SERVER");
    g_assert_nonnull(script);
    const char *arguments[] = { "python3", script, certificate, NULL };
    Loopback *loopback = g_new0(Loopback, 1);
    int stdout_fd = -1;
    g_autoptr(GError) error = NULL;
    g_spawn_async_with_pipes(NULL, (char **)arguments, NULL,
                             G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                             &loopback->pid, &loopback->stdin_fd, &stdout_fd, NULL, &error);
    g_assert_no_error(error);
    read_ports(loopback, stdout_fd);
    loopback->client = http_client_new(NULL);
    return loopback;
}

void loopback_stop(Loopback *loopback) {
    http_client_free(loopback->client);
    close(loopback->stdin_fd);
    waitpid(loopback->pid, NULL, 0);
    g_spawn_close_pid(loopback->pid);
    g_free(loopback);
}

char *loopback_url_at(int port, const char *path) {
    return g_strdup_printf("http://127.0.0.1:%d%s", port, path);
}

char *loopback_url(const Loopback *loopback, const char *path) {
    return loopback_url_at(loopback->port, path);
}

static GString *ask(Loopback *loopback, const char *path) {
    g_autofree char *url = loopback_url(loopback, path);
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    HttpRequest request = { .url = url };
    bool is_done = http_client_request(loopback->client, &request, NULL, &response, &error);
    g_assert_no_error(error);
    g_assert_true(is_done);
    g_assert_cmpint(response.status, ==, 200);
    return g_steal_pointer(&response.body);
}

static json_t *ask_json(Loopback *loopback, const char *path) {
    g_autoptr(GString) body = ask(loopback, path);
    json_t *json = field_json_parse(body->str, body->len, NULL);
    g_assert_nonnull(json);
    return json;
}

json_t *loopback_log(Loopback *loopback, const char *path) {
    json_t *log = ask_json(loopback, "/log");
    for (size_t i = json_array_size(log); i > 0; i--) {
        const char *logged = json_string_value(json_object_get(json_array_get(log, i - 1), "path"));
        if (!g_str_has_prefix(logged, path)) json_array_remove(log, i - 1);
    }
    return log;
}

const char *loopback_header(const json_t *request, const char *name) {
    size_t i;
    const json_t *pair;
    json_array_foreach (json_object_get(request, "headers"), i, pair) {
        if (g_ascii_strcasecmp(json_string_value(json_array_get(pair, 0)), name) == 0)
            return json_string_value(json_array_get(pair, 1));
    }
    return NULL;
}

int loopback_connections(Loopback *loopback, int port) {
    json_t *counts = ask_json(loopback, "/connections");
    g_autofree char *key = g_strdup_printf("%d", port);
    int count = (int)json_integer_value(json_object_get(counts, key));
    json_decref(counts);
    return count;
}

void loopback_await(Loopback *loopback, const char *path) {
    g_autofree char *question = g_strconcat("/await?path=", path, NULL);
    g_string_free(ask(loopback, question), TRUE);
}
