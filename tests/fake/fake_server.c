/* tests/fake/fake_server.c: see the header. */
#include "fake_server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

FakeServer *fake_server_start(void) {
    const char *script = g_getenv("FAKE_MODEL_SERVER");
    g_assert_nonnull(script);
    FakeServer *server = g_new0(FakeServer, 1);
    char *command[] = { (char *)"python3", (char *)script, NULL };
    int stdout_fd = -1;
    g_autoptr(GError) error = NULL;
    g_spawn_async_with_pipes(NULL, command, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                             NULL, NULL, &server->pid, &server->stdin_fd, &stdout_fd, NULL, &error);
    g_assert_no_error(error);
    char text[16] = "";
    ssize_t n = read(stdout_fd, text, sizeof text - 1);
    g_assert_cmpint((int)n, >, 0);
    close(stdout_fd);
    server->port = (int)strtol(text, NULL, 10);
    server->client = http_client_new(NULL);
    signal(SIGPIPE, SIG_IGN);
    return server;
}

void fake_server_stop(FakeServer *server) {
    if (server == NULL) return;
    http_client_free(server->client);
    close(server->stdin_fd);
    waitpid(server->pid, NULL, 0);
    g_free(server);
}

char *fake_server_url(const FakeServer *server, const char *path) {
    return g_strdup_printf("http://127.0.0.1:%d%s", server->port, path);
}

static char *ask(FakeServer *server, const char *method, const char *path, const char *body) {
    g_autofree char *url = fake_server_url(server, path);
    HttpRequest request = {
        .method = method, .url = url, .body = body, .body_length = body != NULL ? strlen(body) : 0
    };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    bool is_ok = http_client_request(server->client, &request, NULL, &response, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_cmpint(response.status, ==, 200);
    return g_strdup(response.body->str);
}

void fake_server_play(FakeServer *server, const char *script) {
    g_autofree char *reply = ask(server, "PUT", "/script", script);
}

json_t *fake_server_requests(FakeServer *server, int n) {
    g_autofree char *path = g_strdup_printf("/requests?n=%d", n);
    g_autofree char *reply = ask(server, "GET", path, NULL);
    json_t *requests = json_loads(reply, 0, NULL);
    g_assert_cmpuint(json_array_size(requests), >=, (size_t)n);
    return requests;
}

void fake_server_await_gone(FakeServer *server) {
    g_autofree char *reply = ask(server, "GET", "/gone", NULL);
}

char *fake_events(const char *const *events) {
    json_t *body = json_array();
    for (; *events != NULL; events++) {
        g_autofree char *frame = g_strdup_printf("data: %s\n\n", *events);
        json_array_append_new(body, json_string(frame));
    }
    json_t *reply = json_pack("{s:o}", "body", body);
    char *text = json_dumps(reply, 0);
    json_decref(reply);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}
