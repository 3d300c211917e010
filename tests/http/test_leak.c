/*
 * T-LEAK-01 for this layer: canaries in every place where a request can carry a secret, then every
 * way a request can fail. No error, hint or retry notice may show one of them.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "http/download.h"
#include "http/http_client.h"
#include "loopback.h"

#define KEY "sk-canary-key-0123456789abcdef"
#define HEADER_KEY "canary header key with spaces/and+signs=="
#define BODY_SECRET "canary-in-the-body-42"
#define PATH_SECRET "canary-in-the-path-42"
#define BOT_TOKEN "987654321:canaryABCDEFGHIJKLMNOPQRSTUV"
#define USER "canary-user"
#define PASSWORD "canary-pass:word"

typedef struct {
    Loopback *loopback;
    HttpClient *client;
    GString *said; /* all that was said */
} Fixture;

static void hear(GString *said, const char *text) {
    g_string_append(said, text != NULL ? text : "");
    g_string_append_c(said, '\n');
}

static void hear_notice(const HttpRetryNotice *notice, void *user_data) {
    hear(user_data, notice->reason);
}

static void hear_error(GString *said, const GError *error) {
    if (error == NULL) return;
    hear(said, error->message);
    hear(said, error_hint(error));
}

static bool stop_at_once(const HttpResponse *response, const char *data, size_t length,
                         void *user_data) {
    (void)response;
    (void)data;
    (void)length;
    (void)user_data;
    return true;
}

/* Every secret is in the request; whatever comes of it is heard. */
static void fail(const Fixture *fixture, const char *base, const char *path,
                 HttpRedirectRule redirects) {
    g_autofree char *url = g_strconcat(base, path, NULL);
    const char *headers[] = { "Authorization: Bearer " KEY, "X-Api-Key: " HEADER_KEY,
                              "Content-Type: application/json", NULL };
    static const char body[] = "{\"text\":\"" BODY_SECRET "\"}";
    HttpRetry retry = {
        .max_attempts = 2, .first_wait_ms = 1, .on_retry = hear_notice, .user_data = fixture->said
    };
    HttpRequest request = { .url = url,
                            .headers = headers,
                            .body = body,
                            .body_length = strlen(body),
                            .on_body = stop_at_once,
                            .retry = &retry,
                            .redirects = redirects,
                            .connect_timeout_ms = 200,
                            .first_byte_timeout_ms = 200,
                            .idle_timeout_ms = 200,
                            .max_body_bytes = 100000 };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    bool is_done = http_client_request(fixture->client, &request, NULL, &response, &error);
    if (is_done && http_response_check(fixture->client, &response, &error)) {
        hear(fixture->said, "no failure");
        return;
    }
    hear_error(fixture->said, error);
}

static void download_fails(const Fixture *fixture, const char *base, const char *path) {
    g_autofree char *folder = g_dir_make_tmp("leak-XXXXXX", NULL);
    g_autofree char *target = g_build_filename(folder, "file", NULL);
    g_autofree char *url = g_strconcat(base, path, NULL);
    const char *headers[] = { "Authorization: Bearer " KEY, NULL };
    g_autofree char *wrong = g_strnfill(64, '0');
    HttpDownload download = {
        .url = url, .target = target, .headers = headers, .expected_sha256 = wrong
    };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_download(fixture->client, &download, NULL, NULL, &error));
    hear_error(fixture->said, error);
    /* What stays on the disk beside the part says nothing either. */
    g_autofree char *record = g_strconcat(target, ".part.json", NULL);
    g_autofree char *part = g_strconcat(target, ".part", NULL);
    g_autofree char *text = NULL;
    if (g_file_get_contents(record, &text, NULL, NULL)) hear(fixture->said, text);
    g_unlink(record);
    g_unlink(part);
    g_rmdir(folder);
}

static void assert_no_canary(const Fixture *fixture) {
    g_test_message("%s", fixture->said->str);
    g_assert_null(strstr(fixture->said->str, "canary"));
    g_assert_null(strstr(fixture->said->str, "header key"));
    g_assert_null(strstr(fixture->said->str, "no failure"));
    g_assert_cmpuint(fixture->said->len, >, 1000);
}

static void no_failure_shows_a_secret(const void *data) {
    const Fixture *fixture = data;
    /* The server's own words repeat what it was sent, in several spellings. */
    static const char echo[] = "?body=%7B%22error%22%3A%22wrong%20key%3A%20" KEY "%22%7D";
    g_autofree char *basic = g_base64_encode((const guchar *)"x:" KEY, strlen("x:" KEY));
    g_autofree char *basic_escaped = g_uri_escape_string(basic, NULL, FALSE);
    g_autofree char *encoded = g_strconcat("/status/401?body=Basic%20", basic_escaped, NULL);
    static const char *const codes[] = { "400", "401", "403", "404", "429", "500", "503" };
    g_autofree char *base = g_strdup_printf("http://" USER ":%s@127.0.0.1:%d", "canary-pass%3Aword",
                                            fixture->loopback->port);
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autofree char *path = g_strconcat("/status/", codes[i], echo, NULL);
        fail(fixture, base, path, HTTP_REDIRECT_NONE);
    }
    fail(fixture, base, encoded, HTTP_REDIRECT_NONE);
    static const char *const paths[] = {
        "/hang?key=" KEY,
        "/hang-body?key=" KEY,
        "/cut?key=" KEY,
        "/cut-chunked?x=" KEY,
        "/reset?key=" KEY,
        "/close?key=" KEY,
        "/not-http?key=" KEY,
        "/flood?key=" KEY,
        "/endless?key=" KEY,
        "/" PATH_SECRET "/x?y=" KEY,
        "/bot" BOT_TOKEN "/getMe",
        "/status/500?body=" BODY_SECRET,
        "/redirect/302?to=http%3A//" USER "%3A" KEY "%40elsewhere.invalid/p%3Fq=" KEY,
        "/redirect/302?to=file%3A///" PATH_SECRET "%3Fq=" KEY,
        "/redirect/307?to=http%3A//" KEY ".invalid/",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        fail(fixture, base, paths[i], HTTP_REDIRECT_SAME_ORIGIN);
    assert_no_canary(fixture);
}

static void no_failed_connection_shows_a_secret(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *silent =
        g_strdup_printf("https://" USER ":" KEY "@127.0.0.1:%d", fixture->loopback->silent_port);
    g_autofree char *plain =
        g_strdup_printf("https://" USER ":" KEY "@127.0.0.1:%d", fixture->loopback->port);
    const char *bases[] = { silent,
                            plain,
                            "http://" USER ":" KEY "@127.0.0.1:1",
                            "http://" USER ":can/" KEY "@127.0.0.1:1",
                            "http://" USER ":" KEY "@bad host",
                            "http://" USER ":" KEY "@127.0.0.1:99999",
                            "gopher://" USER ":" KEY "@127.0.0.1",
                            "http:" USER ":" KEY "@",
                            USER ":" KEY "@127.0.0.1" };
    for (size_t i = 0; i < G_N_ELEMENTS(bases); i++)
        fail(fixture, bases[i], "/bot" BOT_TOKEN "/x?key=" KEY, HTTP_REDIRECT_NONE);
    assert_no_canary(fixture);
}

static void no_failed_download_shows_a_secret(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *base =
        g_strdup_printf("http://" USER ":" KEY "@127.0.0.1:%d", fixture->loopback->port);
    download_fails(fixture, base, "/big/leak?size=1000&key=" KEY);
    download_fails(fixture, base, "/big/leakcut?size=100000&cut=5000&key=" KEY);
    download_fails(fixture, base, "/big/leakroom?size=4000000000000000000&key=" KEY);
    download_fails(fixture, base, "/status/401?body=" KEY);
    download_fails(fixture, base, "/reset?key=" KEY);
    download_fails(fixture, "http://" USER ":" KEY "@127.0.0.1:1", "/x?key=" KEY);
    assert_no_canary(fixture);
}

static void no_bad_header_shows_its_value(const void *data) {
    const Fixture *fixture = data;
    static const char *const bad[] = { ("Authorization: " KEY "\nX: y"), (KEY),
                                       ("Bad name " KEY ": v"), (": " KEY) };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        const char *headers[] = { bad[i], NULL };
        HttpRequest request = { .url = "http://127.0.0.1/", .headers = headers };
        g_auto(HttpResponse) response = { 0 };
        g_autoptr(GError) error = NULL;
        /* Even by a client that knows no secrets. */
        g_assert_false(
            http_client_request(fixture->loopback->client, &request, NULL, &response, &error));
        g_assert_null(strstr(error->message, "canary"));
    }
}

#define ADD(name) g_test_add_data_func("/http/leak/" #name, &fixture, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autoptr(SecretSet) secrets = secret_set_new();
    static const char *const known[] = { KEY, HEADER_KEY, BODY_SECRET, PATH_SECRET };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) secret_set_add(secrets, known[i]);
    g_autoptr(GString) said = g_string_new(NULL);
    Fixture fixture = { .loopback = loopback_start(NULL),
                        .client = http_client_new(&(HttpOptions){ .secrets = secrets }),
                        .said = said };
    ADD(no_failure_shows_a_secret);
    ADD(no_failed_connection_shows_a_secret);
    ADD(no_failed_download_shows_a_secret);
    ADD(no_bad_header_shows_its_value);
    int status = g_test_run();
    http_client_free(fixture.client);
    loopback_stop(fixture.loopback);
    return status;
}
