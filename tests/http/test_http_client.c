/*
 * Tests of http/http_client.c and transfer.c against a real server on the loopback: what leaves,
 * what arrives, and what every kind of failure is called.
 */
#include "http/http_client.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "loopback.h"

typedef struct {
    Loopback *loopback;
    HttpClient *client;
    char *certificate; /* owned path, or NULL when there is no openssl program */
} Fixture;

static bool is_mapped(const char *library) {
    g_autofree char *maps = NULL;
    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    return strstr(maps, library) != NULL;
}

/* Must be the first test that makes a request. */
static void libcurl_is_loaded_by_the_first_request_only(void) {
    HttpClient *client = http_client_new(NULL);
    g_assert_false(is_mapped("libcurl"));
    HttpRequest request = { .url = "gopher://127.0.0.1/" };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(client, &request, NULL, &response, &error));
    g_assert_true(error_is(error, ERR_DENIED));
    g_assert_true(is_mapped("libcurl"));
    http_client_free(client);
}

/* Makes a request of the first origin that has to succeed. */
static void fetch(const Fixture *fixture, HttpRequest request, const char *path,
                  HttpResponse *out_response) {
    g_autofree char *url = loopback_url(fixture->loopback, path);
    request.url = url;
    g_autoptr(GError) error = NULL;
    bool is_done = http_client_request(fixture->client, &request, NULL, out_response, &error);
    g_assert_no_error(error);
    g_assert_true(is_done);
}

/* Makes one that has to fail, and returns why. */
static GError *fetch_failing(const Fixture *fixture, HttpRequest request, const char *url) {
    request.url = url;
    g_auto(HttpResponse) response = { 0 };
    GError *error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, NULL, &response, &error));
    g_assert_nonnull(error);
    g_assert_null(response.body);
    g_test_message("%s", error->message);
    return error;
}

static void assert_fails(const Fixture *fixture, HttpRequest request, const char *path,
                         ErrorCode code, const char *sentence) {
    g_autofree char *url = loopback_url(fixture->loopback, path);
    g_autoptr(GError) error = fetch_failing(fixture, request, url);
    g_autofree char *host = g_strdup_printf("127.0.0.1:%d", fixture->loopback->port);
    g_autoptr(GString) message = g_string_new(error->message);
    g_string_replace(message, host, "HOST", 0);
    g_assert_cmpstr(message->str, ==, sentence);
    g_assert_cmpint(error->code, ==, (int)code);
}

static void answer_has_status_headers_and_body(const void *data) {
    g_auto(HttpResponse) response = { 0 };
    fetch(data, (HttpRequest){ 0 }, "/ok", &response);
    g_assert_cmpint(response.status, ==, 200);
    g_assert_cmpstr(response.body->str, ==, "hello");
    g_assert_cmpint(response.n_body_bytes, ==, 5);
    g_assert_cmpstr(http_response_header(&response, "x-mixed-case"), ==, "Yes");
    g_assert_null(http_response_header(&response, "X-Missing"));
    g_assert_true(g_str_has_suffix(response.url, "/ok"));
}

static void request_leaves_as_it_was_given(const void *data) {
    const Fixture *fixture = data;
    const char *headers[] = { "Content-Type: application/json", "Authorization: Bearer abc",
                              "X-Empty:", NULL };
    static const char body[] = "{\"stream\":true,\"tools\":[]}";
    HttpRequest request = { .headers = headers, .body = body, .body_length = strlen(body) };
    g_auto(HttpResponse) response = { 0 };
    fetch(fixture, request, "/echo?leaves=1", &response);

    json_t *log = loopback_log(fixture->loopback, "/echo?leaves=1");
    g_assert_cmpuint(json_array_size(log), ==, 1);
    const json_t *logged = json_array_get(log, 0);
    g_assert_cmpstr(json_string_value(json_object_get(logged, "method")), ==, "POST");
    g_assert_cmpstr(json_string_value(json_object_get(logged, "body")), ==, body);
    g_assert_cmpstr(loopback_header(logged, "Content-Type"), ==, "application/json");
    g_assert_cmpstr(loopback_header(logged, "Authorization"), ==, "Bearer abc");
    g_assert_cmpstr(loopback_header(logged, "X-Empty"), ==, "");
    g_assert_cmpstr(loopback_header(logged, "User-Agent"), ==, "localgpt/" LOCALGPT_VERSION);
    g_assert_null(loopback_header(logged, "Expect"));
    g_assert_null(loopback_header(logged, "Accept-Encoding"));
    json_decref(log);
}

static void large_body_leaves_whole(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *body = g_strnfill(3000000, 'b');
    HttpRequest request = { .body = body, .body_length = strlen(body), .method = "PUT" };
    g_auto(HttpResponse) response = { 0 };
    fetch(fixture, request, "/ok?large=1", &response);
    json_t *log = loopback_log(fixture->loopback, "/ok?large=1");
    const json_t *logged = json_array_get(log, 0);
    g_assert_cmpstr(json_string_value(json_object_get(logged, "method")), ==, "PUT");
    g_assert_cmpstr(json_string_value(json_object_get(logged, "body")), ==, body);
    g_assert_null(loopback_header(logged, "Content-Type"));
    json_decref(log);
}

static void methods_are_kept(const void *data) {
    const Fixture *fixture = data;
    static const char *const methods[] = { "GET", "HEAD", "DELETE", "POST" };
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *path = g_strdup_printf("/ok?method=%s", methods[i]);
        g_auto(HttpResponse) response = { 0 };
        fetch(fixture, (HttpRequest){ .method = methods[i] }, path, &response);
        g_assert_cmpint(response.status, ==, 200);
        json_t *log = loopback_log(fixture->loopback, path);
        g_assert_cmpstr(json_string_value(json_object_get(json_array_get(log, 0), "method")), ==,
                        methods[i]);
        json_decref(log);
    }
}

static void line_breaks_cannot_enter_the_request(const void *data) {
    const Fixture *fixture = data;
    static const char *const bad[] = { "X-A: b\r\nX-Injected: c", "X-A: b\nc", "no colon", ": x",
                                       "X A: b" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        const char *headers[] = { bad[i], NULL };
        g_autofree char *url = loopback_url(fixture->loopback, "/ok?injected=1");
        g_autoptr(GError) error = fetch_failing(fixture, (HttpRequest){ .headers = headers }, url);
        g_assert_true(error_is(error, ERR_USAGE));
    }
    g_autofree char *url = loopback_url(fixture->loopback, "/ok?injected=1");
    g_autoptr(GError) error = fetch_failing(fixture, (HttpRequest){ .method = "GET /x" }, url);
    g_assert_true(error_is(error, ERR_USAGE));
    g_autofree char *split = loopback_url(fixture->loopback, "/ok?injected=1\r\nX: y");
    g_autoptr(GError) url_error = fetch_failing(fixture, (HttpRequest){ 0 }, split);
    g_assert_true(error_is(url_error, ERR_USAGE));
    json_t *log = loopback_log(fixture->loopback, "/ok?injected=1");
    g_assert_cmpuint(json_array_size(log), ==, 0);
    json_decref(log);
}

/* ---- streaming ---- */

typedef struct {
    GString *text;
    int n_pieces;
    int status;
    int stop_after; /* pieces; 0 = never */
    Cancel *cancel; /* triggered by the first piece, or NULL */
} Gathered;

static bool gather(const HttpResponse *response, const char *piece, size_t length,
                   void *user_data) {
    Gathered *gathered = user_data;
    g_string_append_len(gathered->text, piece, (gssize)length);
    gathered->status = response->status;
    cancel_trigger(gathered->cancel, CANCEL_BY_USER);
    return ++gathered->n_pieces != gathered->stop_after;
}

static void pieces_arrive_as_they_are_sent(const void *data) {
    g_autoptr(GString) text = g_string_new(NULL);
    Gathered gathered = { .text = text };
    HttpRequest request = { .on_body = gather, .user_data = &gathered };
    g_auto(HttpResponse) response = { 0 };
    /* The second and third piece are halves of one character. */
    fetch(data, request, "/chunked?pieces=6869,c3,a9,21", &response);
    g_assert_cmpstr(text->str, ==, "hi\xc3\xa9!");
    g_assert_cmpint(gathered.n_pieces, >, 1);
    g_assert_cmpint(gathered.status, ==, 200);
    g_assert_null(response.body);
    g_assert_false(response.was_stopped);
}

static void callback_may_stop(const void *data) {
    g_autoptr(GString) text = g_string_new(NULL);
    Gathered gathered = { .text = text, .stop_after = 1 };
    HttpRequest request = { .on_body = gather, .user_data = &gathered };
    g_auto(HttpResponse) response = { 0 };
    fetch(data, request, "/endless", &response);
    g_assert_true(response.was_stopped);
    g_assert_cmpint(gathered.n_pieces, ==, 1);
}

static void error_body_never_reaches_the_callback(const void *data) {
    g_autoptr(GString) text = g_string_new(NULL);
    Gathered gathered = { .text = text };
    HttpRequest request = { .on_body = gather, .user_data = &gathered };
    g_auto(HttpResponse) response = { 0 };
    fetch(data, request, "/status/400?body=no", &response);
    g_assert_cmpint(gathered.n_pieces, ==, 0);
    g_assert_cmpint(response.status, ==, 400);
    g_assert_cmpstr(response.body->str, ==, "no");
}

static void limits_hold(const void *data) {
    const Fixture *fixture = data;
    assert_fails(fixture, (HttpRequest){ .max_body_bytes = 1000000 }, "/endless", ERR_LIMIT,
                 "the answer of HOST is larger than 1.0 MB");
    assert_fails(fixture, (HttpRequest){ 0 }, "/flood", ERR_LIMIT,
                 "HOST sent more than 128 KiB of headers");
    HttpRequest packed = { .accepts_compressed = true, .max_body_bytes = 1000000 };
    assert_fails(fixture, packed, "/gzip?size=5000000", ERR_LIMIT,
                 "the answer of HOST is larger than 1.0 MB");
    packed.max_body_bytes = HTTP_NO_LIMIT;
    g_auto(HttpResponse) response = { 0 };
    fetch(fixture, packed, "/gzip?size=5000000", &response);
    g_assert_cmpint(response.n_body_bytes, ==, 5000000);
}

/* ---- failures ---- */

static void broken_connections_are_told_apart(const void *data) {
    const Fixture *fixture = data;
    HttpRequest request = { 0 };
    assert_fails(fixture, request, "/cut", ERR_NETWORK,
                 "the answer of HOST ended early, after 500 bytes");
    assert_fails(fixture, request, "/cut-chunked", ERR_NETWORK,
                 "the answer of HOST ended early, after 9 bytes");
    assert_fails(fixture, request, "/close", ERR_NETWORK,
                 "HOST closed the connection without an answer");
    assert_fails(fixture, request, "/reset", ERR_NETWORK,
                 "HOST broke the connection before it answered");
    assert_fails(fixture, request, "/not-http", ERR_NETWORK, "HOST does not speak HTTP");
}

static void refused_and_unknown_hosts_are_told(const void *data) {
    const Fixture *fixture = data;
    /* Port 1 of the loopback: nobody runs tcpmux. */
    g_autoptr(GError) refused = fetch_failing(fixture, (HttpRequest){ 0 }, "http://127.0.0.1:1/");
    g_assert_true(error_is(refused, ERR_NETWORK));
    g_assert_cmpstr(refused->message, ==, "nothing listens at 127.0.0.1:1 (connection refused)");
    g_assert_nonnull(error_hint(refused));
    /* A label of 64 letters never leaves for a name server. */
    g_autofree char *label = g_strnfill(64, 'x');
    g_autofree char *unknown_url = g_strconcat("http://", label, ".invalid/", NULL);
    g_autofree char *sentence =
        g_strconcat("the name '", label, ".invalid' cannot be found (DNS)", NULL);
    g_autoptr(GError) unknown = fetch_failing(fixture, (HttpRequest){ 0 }, unknown_url);
    g_assert_true(error_is(unknown, ERR_NETWORK));
    g_assert_cmpstr(unknown->message, ==, sentence);
}

static void what_is_no_web_address_is_said_so(const void *data) {
    const Fixture *fixture = data;
    static const struct {
        const char *url;
        ErrorCode code;
    } cases[] = {
        { "", ERR_USAGE },
        { "http://", ERR_USAGE },
        { "http://a b/", ERR_USAGE },
        { "http://host:99999/", ERR_USAGE },
        { "file:///etc/passwd", ERR_DENIED },
        { "ftp://127.0.0.1/", ERR_DENIED },
        { "scp://127.0.0.1/", ERR_DENIED },
        { "/path", ERR_USAGE },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = fetch_failing(fixture, (HttpRequest){ 0 }, cases[i].url);
        g_assert_cmpint(error->code, ==, (int)cases[i].code);
    }
}

static void each_time_limit_names_itself(const void *data) {
    const Fixture *fixture = data;
    assert_fails(fixture, (HttpRequest){ .first_byte_timeout_ms = 300 }, "/hang", ERR_TIMEOUT,
                 "HOST did not answer within 0.3 s");
    assert_fails(fixture, (HttpRequest){ .idle_timeout_ms = 300 }, "/hang-body", ERR_TIMEOUT,
                 "HOST sent nothing more for 0.3 s");
    HttpRequest connect = { .connect_timeout_ms = 300 };
    g_autofree char *full = loopback_url_at(fixture->loopback->full_port, "/");
    g_autoptr(GError) full_error = fetch_failing(fixture, connect, full);
    g_assert_true(error_is(full_error, ERR_TIMEOUT));
    g_assert_nonnull(strstr(full_error->message, " took longer than 0.3 s"));
    /* TLS counts as connecting: the port accepts, and never shakes hands. */
    g_autofree char *silent =
        g_strdup_printf("https://127.0.0.1:%d/", fixture->loopback->silent_port);
    g_autoptr(GError) silent_error = fetch_failing(fixture, connect, silent);
    g_assert_true(error_is(silent_error, ERR_TIMEOUT));
    g_assert_true(g_str_has_prefix(silent_error->message, "connecting to 127.0.0.1:"));
}

static void slow_is_not_late(const void *data) {
    g_auto(HttpResponse) response = { 0 };
    fetch(data, (HttpRequest){ .first_byte_timeout_ms = HTTP_NO_LIMIT }, "/slow", &response);
    g_assert_cmpstr(response.body->str, ==, "late but there");
}

/* ---- cancellation ---- */

static void cancelled_in_the_middle_of_a_body(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Gathered gathered = { .text = text, .cancel = cancel };
    g_autofree char *url = loopback_url(fixture->loopback, "/hang-body");
    HttpRequest request = { .url = url, .on_body = gather, .user_data = &gathered };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, cancel, &response, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_cmpstr(text->str, ==, "first piece");
}

typedef struct {
    Loopback *loopback;
    const char *path;
    Cancel *cancel;
    int64_t triggered_us;
} Canceller;

static gpointer cancel_on_arrival(gpointer data) {
    Canceller *canceller = data;
    loopback_await(canceller->loopback, canceller->path);
    canceller->triggered_us = g_get_monotonic_time();
    cancel_trigger(canceller->cancel, CANCEL_BY_USER);
    return NULL;
}

static void cancelled_while_the_server_thinks(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(Cancel) cancel = cancel_new();
    Canceller canceller = { .loopback = fixture->loopback,
                            .path = "/hang?cancelled=1",
                            .cancel = cancel };
    GThread *thread = g_thread_new("canceller", cancel_on_arrival, &canceller);
    g_autofree char *url = loopback_url(fixture->loopback, canceller.path);
    HttpRequest request = { .url = url };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, cancel, &response, &error));
    int64_t returned_us = g_get_monotonic_time();
    g_thread_join(thread);
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_test_message("returned %.1f ms after the trigger",
                   (double)(returned_us - canceller.triggered_us) / 1000.0);
}

static void cancelled_before_it_starts(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_autofree char *url = loopback_url(fixture->loopback, "/ok?never=1");
    HttpRequest request = { .url = url, .retry = &http_retry_default };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, cancel, &response, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    json_t *log = loopback_log(fixture->loopback, "/ok?never=1");
    g_assert_cmpuint(json_array_size(log), ==, 0);
    json_decref(log);
}

static void deadline_stops_a_hanging_request(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_set_deadline_ms(cancel, 300);
    g_autofree char *url = loopback_url(fixture->loopback, "/hang?deadline=1");
    HttpRequest request = { .url = url };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, cancel, &response, &error));
    g_assert_true(error_is(error, ERR_TIMEOUT));
}

/* ---- redirects ---- */

static void redirects_follow_their_rule(const void *data) {
    const Fixture *fixture = data;
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autofree char *path = g_strdup_printf("/redirect/%d?to=/ok", statuses[i]);
        g_auto(HttpResponse) kept = { 0 };
        fetch(fixture, (HttpRequest){ 0 }, path, &kept);
        g_assert_cmpint(kept.status, ==, statuses[i]);
        g_auto(HttpResponse) followed = { 0 };
        fetch(fixture, (HttpRequest){ .redirects = HTTP_REDIRECT_SAME_ORIGIN }, path, &followed);
        g_assert_cmpint(followed.status, ==, 200);
        g_assert_cmpint(followed.n_redirects, ==, 1);
        g_assert_true(g_str_has_suffix(followed.url, "/ok"));
        g_assert_cmpstr(followed.body->str, ==, "hello");
    }
    assert_fails(fixture, (HttpRequest){ .redirects = HTTP_REDIRECT_FOLLOW }, "/loop/0", ERR_LIMIT,
                 "HOST: more than 5 redirects");
    assert_fails(fixture, (HttpRequest){ .redirects = HTTP_REDIRECT_FOLLOW },
                 "/redirect/302?to=file:///etc/passwd", ERR_DENIED,
                 "redirected by 127.0.0.1: 'file:///etc/passwd': only http and https addresses are "
                 "fetched");
}

static void post_becomes_get_only_where_it_should(const void *data) {
    const Fixture *fixture = data;
    static const struct {
        int status;
        const char *method;
    } cases[] = {
        { 301, "GET" }, { 302, "GET" }, { 303, "GET" }, { 307, "POST" }, { 308, "POST" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/redirect/%d?to=/echo", cases[i].status);
        HttpRequest request = { .body = "data",
                                .body_length = 4,
                                .redirects = HTTP_REDIRECT_SAME_ORIGIN };
        g_auto(HttpResponse) response = { 0 };
        fetch(fixture, request, path, &response);
        json_t *echo = json_loads(response.body->str, 0, NULL);
        g_assert_cmpstr(json_string_value(json_object_get(echo, "method")), ==, cases[i].method);
        bool has_body = strcmp(cases[i].method, "POST") == 0;
        g_assert_cmpstr(json_string_value(json_object_get(echo, "body")), ==,
                        has_body ? "data" : "");
        json_decref(echo);
    }
}

static void keys_stay_at_their_origin(const void *data) {
    const Fixture *fixture = data;
    const char *headers[] = { "Authorization: Bearer canary",
                              "X-Api-Key: canary",
                              "Cookie: canary",
                              "X-Own: canary",
                              "Accept: text/plain",
                              NULL };
    g_autofree char *there = loopback_url_at(fixture->loopback->other_port, "/ok?crossed=1");
    g_autofree char *escaped = g_uri_escape_string(there, NULL, FALSE);
    g_autofree char *path = g_strdup_printf("/redirect/302?to=%s", escaped);
    HttpRequest request = { .headers = headers, .redirects = HTTP_REDIRECT_FOLLOW };
    g_auto(HttpResponse) response = { 0 };
    fetch(fixture, request, path, &response);
    g_assert_cmpint(response.status, ==, 200);
    json_t *log = loopback_log(fixture->loopback, "/ok?crossed=1");
    g_assert_cmpuint(json_array_size(log), ==, 1);
    g_autofree char *text = json_dumps(json_array_get(log, 0), 0);
    g_assert_null(strstr(text, "canary"));
    g_assert_cmpstr(loopback_header(json_array_get(log, 0), "Accept"), ==, "text/plain");
    json_decref(log);

    /* The same inside one origin keeps them. */
    g_auto(HttpResponse) inside = { 0 };
    fetch(fixture, request, "/redirect/302?to=/ok%3Finside=1", &inside);
    json_t *inside_log = loopback_log(fixture->loopback, "/ok?inside=1");
    g_assert_cmpstr(loopback_header(json_array_get(inside_log, 0), "X-Api-Key"), ==, "canary");
    json_decref(inside_log);
}

static void bodies_and_strict_rules_stay_at_their_origin(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *there = loopback_url_at(fixture->loopback->other_port, "/ok?strict=1");
    g_autofree char *escaped = g_uri_escape_string(there, NULL, FALSE);
    g_autofree char *found = g_strdup_printf("/redirect/302?to=%s", escaped);
    g_autofree char *temporary = g_strdup_printf("/redirect/307?to=%s", escaped);
    g_autofree char *found_url = loopback_url(fixture->loopback, found);
    g_autofree char *temporary_url = loopback_url(fixture->loopback, temporary);
    g_autoptr(GError) strict =
        fetch_failing(fixture, (HttpRequest){ .redirects = HTTP_REDIRECT_SAME_ORIGIN }, found_url);
    g_assert_true(error_is(strict, ERR_DENIED));
    HttpRequest post = { .body = "private", .body_length = 7, .redirects = HTTP_REDIRECT_FOLLOW };
    g_autoptr(GError) body = fetch_failing(fixture, post, temporary_url);
    g_assert_true(error_is(body, ERR_DENIED));
    json_t *log = loopback_log(fixture->loopback, "/ok?strict=1");
    g_assert_cmpuint(json_array_size(log), ==, 0);
    json_decref(log);
}

/* ---- retries ---- */

typedef struct {
    int n_notices;
    int64_t last_wait_ms;
    char *last_reason; /* owned */
    Cancel *cancel;    /* triggered by the notice, or NULL */
} Notices;

static void take_notice(const HttpRetryNotice *notice, void *user_data) {
    Notices *notices = user_data;
    notices->n_notices++;
    notices->last_wait_ms = notice->wait_ms;
    g_free(notices->last_reason);
    notices->last_reason = g_strdup(notice->reason);
    g_assert_cmpint(notice->attempt, ==, notices->n_notices);
    cancel_trigger(notices->cancel, CANCEL_BY_USER);
}

static void failures_that_pass_are_retried(const void *data) {
    static const struct {
        const char *how;
        const char *reason; /* after the host */
    } cases[] = {
        { "500", "500 Internal Server Error" },
        { "429&after=0", "429 Too Many Requests" },
        { "529", "529 Overloaded" },
        { "reset", " broke the connection before it answered" },
        { "close", " closed the connection without an answer" },
        { "cut", " ended early, after 500 bytes" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        /* A kept connection that breaks is replaced inside libcurl without a notice; a fresh client
         * has none. */
        Fixture fresh = *(const Fixture *)data;
        fresh.client = http_client_new(NULL);
        Notices notices = { 0 };
        HttpRetry retry = { .first_wait_ms = 2, .on_retry = take_notice, .user_data = &notices };
        g_autofree char *path = g_strdup_printf("/flaky/passes%zu?fails=2&how=%s", i, cases[i].how);
        g_auto(HttpResponse) response = { 0 };
        fetch(&fresh, (HttpRequest){ .retry = &retry }, path, &response);
        http_client_free(fresh.client);
        g_assert_cmpstr(response.body->str, ==, "attempt 3");
        g_assert_cmpint(notices.n_notices, ==, 2);
        g_assert_true(g_str_has_suffix(notices.last_reason, cases[i].reason));
        g_free(notices.last_reason);
    }
}

static void retries_end(const void *data) {
    const Fixture *fixture = data;
    Notices notices = { 0 };
    HttpRetry retry = {
        .max_attempts = 2, .max_retry_after_ms = 20, .on_retry = take_notice, .user_data = &notices
    };
    g_auto(HttpResponse) response = { 0 };
    fetch(fixture, (HttpRequest){ .retry = &retry }, "/status/429?after=3600&retried=1", &response);
    g_assert_cmpint(response.status, ==, 429);
    g_assert_cmpint(notices.n_notices, ==, 1);
    g_assert_cmpint(notices.last_wait_ms, ==, 20);
    json_t *log = loopback_log(fixture->loopback, "/status/429?after=3600&retried=1");
    g_assert_cmpuint(json_array_size(log), ==, 2);
    json_decref(log);
    g_free(notices.last_reason);
}

static void what_will_not_pass_is_not_retried(const void *data) {
    static const char *const paths[] = { "/status/400", "/status/401", "/status/404",
                                         "/status/501" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        Notices notices = { 0 };
        HttpRetry retry = { .on_retry = take_notice, .user_data = &notices };
        g_auto(HttpResponse) response = { 0 };
        fetch(data, (HttpRequest){ .retry = &retry }, paths[i], &response);
        g_assert_cmpint(notices.n_notices, ==, 0);
    }
}

static void no_second_try_once_a_byte_was_handed_out(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(GString) text = g_string_new(NULL);
    Gathered gathered = { .text = text };
    Notices notices = { 0 };
    HttpRetry retry = { .first_wait_ms = 2, .on_retry = take_notice, .user_data = &notices };
    HttpRequest request = { .on_body = gather, .user_data = &gathered, .retry = &retry };
    assert_fails(fixture, request, "/flaky/delivered?fails=2&how=cut", ERR_NETWORK,
                 "the answer of HOST ended early, after 500 bytes");
    g_assert_cmpint(notices.n_notices, ==, 0);
    g_assert_cmpuint(text->len, ==, 500);
}

static void cancelled_wait_returns(const void *data) {
    const Fixture *fixture = data;
    g_autoptr(Cancel) cancel = cancel_new();
    Notices notices = { .cancel = cancel };
    HttpRetry retry = { .max_retry_after_ms = 3600000,
                        .on_retry = take_notice,
                        .user_data = &notices };
    g_autofree char *url = loopback_url(fixture->loopback, "/status/429?after=3600");
    HttpRequest request = { .url = url, .retry = &retry };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_client_request(fixture->client, &request, cancel, &response, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_cmpstr(error->message, ==,
                    "waiting to try again (429 Too Many Requests): interrupted");
    g_assert_cmpint(notices.last_wait_ms, ==, 3600000);
    g_free(notices.last_reason);
}

/* ---- connections, threads, TLS ---- */

static void connections_are_kept_for_configured_servers(const void *data) {
    const Fixture *fixture = data;
    HttpClient *client = http_client_new(NULL);
    int before = loopback_connections(fixture->loopback, fixture->loopback->other_port);
    for (int i = 0; i < 5; i++) {
        g_autofree char *url = loopback_url_at(fixture->loopback->other_port, "/ok");
        HttpRequest request = { .url = url };
        g_auto(HttpResponse) response = { 0 };
        g_assert_true(http_client_request(client, &request, NULL, &response, NULL));
    }
    int after = loopback_connections(fixture->loopback, fixture->loopback->other_port);
    g_assert_cmpint(after - before, ==, 1);
    http_client_free(client);
}

static gpointer fetch_often(gpointer data) {
    for (int i = 0; i < 20; i++) {
        g_auto(HttpResponse) response = { 0 };
        fetch(data, (HttpRequest){ 0 }, "/ok", &response);
        g_assert_cmpstr(response.body->str, ==, "hello");
    }
    return NULL;
}

static void threads_may_share_a_client(const void *data) {
    GThread *threads[6];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("fetch", fetch_often, (gpointer)data);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) g_thread_join(threads[i]);
}

static void proxies_of_the_environment_are_not_for_loopback(const void *data) {
    g_setenv("http_proxy", "http://127.0.0.1:1/", TRUE);
    g_auto(HttpResponse) response = { 0 };
    fetch(data, (HttpRequest){ 0 }, "/ok", &response);
    g_autoptr(GError) error =
        fetch_failing(data, (HttpRequest){ 0 }, "http://some.example.invalid/");
    g_unsetenv("http_proxy");
    /* Not "name cannot be found": the proxy was asked. */
    g_assert_cmpstr(error->message, ==,
                    "nothing listens at some.example.invalid through the proxy of the environment "
                    "(connection refused)");
}

static void plain_http_is_not_taken_for_tls(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *url = g_strdup_printf("https://127.0.0.1:%d/ok", fixture->loopback->port);
    g_autofree char *sentence =
        g_strdup_printf("127.0.0.1:%d does not speak TLS", fixture->loopback->port);
    g_autoptr(GError) error = fetch_failing(fixture, (HttpRequest){ 0 }, url);
    g_assert_true(error_is(error, ERR_NETWORK));
    g_assert_cmpstr(error->message, ==, sentence);
}

static void certificates_are_verified(const void *data) {
    const Fixture *fixture = data;
    if (fixture->certificate == NULL) {
        g_test_skip("there is no openssl program to make a certificate");
        return;
    }
    g_autofree char *url = g_strdup_printf("https://127.0.0.1:%d/ok", fixture->loopback->tls_port);
    g_autoptr(GError) error = fetch_failing(fixture, (HttpRequest){ 0 }, url);
    g_assert_true(error_is(error, ERR_NETWORK));
    g_assert_true(g_str_has_prefix(error->message, "the TLS certificate of 127.0.0.1:"));
    g_assert_nonnull(error_hint(error));

    HttpOptions options = { .ca_bundle = fixture->certificate };
    HttpClient *trusting = http_client_new(&options);
    HttpRequest request = { .url = url };
    g_auto(HttpResponse) response = { 0 };
    g_autoptr(GError) trusting_error = NULL;
    bool is_done = http_client_request(trusting, &request, NULL, &response, &trusting_error);
    g_assert_no_error(trusting_error);
    g_assert_true(is_done);
    /* The name has to fit as well. */
    g_autofree char *other_name =
        g_strdup_printf("https://localhost:%d/ok", fixture->loopback->tls_port);
    request.url = other_name;
    g_auto(HttpResponse) none = { 0 };
    g_autoptr(GError) name_error = NULL;
    g_assert_false(http_client_request(trusting, &request, NULL, &none, &name_error));
    g_assert_true(g_str_has_prefix(name_error->message, "the TLS certificate of localhost:"));
    http_client_free(trusting);
}

static char *make_certificate(const char *folder) {
    g_autofree char *program = g_find_program_in_path("openssl");
    if (program == NULL) return NULL;
    char *path = g_build_filename(folder, "certificate.pem", NULL);
    const char *arguments[] = { program,
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-subj",
                                "/CN=127.0.0.1",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                "-days",
                                "2",
                                "-keyout",
                                path,
                                "-out",
                                path,
                                NULL };
    g_autofree char *key_first = NULL;
    /* openssl writes the key, then the certificate over it, so each gets its own file. */
    g_autofree char *key = g_strconcat(path, ".key", NULL);
    arguments[15] = key;
    int status = 0;
    g_spawn_sync(NULL, (char **)arguments, NULL,
                 G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                 &status, NULL);
    g_autofree char *key_text = NULL;
    g_autofree char *certificate_text = NULL;
    g_assert_true(g_spawn_check_wait_status(status, NULL));
    g_assert_true(g_file_get_contents(key, &key_text, NULL, NULL));
    g_assert_true(g_file_get_contents(path, &certificate_text, NULL, NULL));
    key_first = g_strconcat(key_text, certificate_text, NULL);
    g_assert_true(g_file_set_contents(path, key_first, -1, NULL));
    g_unlink(key);
    return path;
}

#define ADD(name) g_test_add_data_func("/http/http_client/" #name, &fixture, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autofree char *folder = g_dir_make_tmp("http-XXXXXX", NULL);
    Fixture fixture = { .certificate = make_certificate(folder) };
    fixture.loopback = loopback_start(fixture.certificate);
    fixture.client = http_client_new(NULL);
    g_test_add_func("/http/http_client/libcurl_is_loaded_by_the_first_request_only",
                    libcurl_is_loaded_by_the_first_request_only);
    ADD(answer_has_status_headers_and_body);
    ADD(request_leaves_as_it_was_given);
    ADD(large_body_leaves_whole);
    ADD(methods_are_kept);
    ADD(line_breaks_cannot_enter_the_request);
    ADD(pieces_arrive_as_they_are_sent);
    ADD(callback_may_stop);
    ADD(error_body_never_reaches_the_callback);
    ADD(limits_hold);
    ADD(broken_connections_are_told_apart);
    ADD(refused_and_unknown_hosts_are_told);
    ADD(what_is_no_web_address_is_said_so);
    ADD(each_time_limit_names_itself);
    ADD(slow_is_not_late);
    ADD(cancelled_in_the_middle_of_a_body);
    ADD(cancelled_while_the_server_thinks);
    ADD(cancelled_before_it_starts);
    ADD(deadline_stops_a_hanging_request);
    ADD(redirects_follow_their_rule);
    ADD(post_becomes_get_only_where_it_should);
    ADD(keys_stay_at_their_origin);
    ADD(bodies_and_strict_rules_stay_at_their_origin);
    ADD(failures_that_pass_are_retried);
    ADD(retries_end);
    ADD(what_will_not_pass_is_not_retried);
    ADD(no_second_try_once_a_byte_was_handed_out);
    ADD(cancelled_wait_returns);
    ADD(connections_are_kept_for_configured_servers);
    ADD(threads_may_share_a_client);
    ADD(proxies_of_the_environment_are_not_for_loopback);
    ADD(plain_http_is_not_taken_for_tls);
    ADD(certificates_are_verified);
    int status = g_test_run();
    http_client_free(fixture.client);
    loopback_stop(fixture.loopback);
    if (fixture.certificate != NULL) g_unlink(fixture.certificate);
    g_free(fixture.certificate);
    g_rmdir(folder);
    return status;
}
