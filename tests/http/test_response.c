/* Tests of http/response.c: headers by name, and one sentence out of any error body. */
#include "http/response.h"

#include <string.h>

#include "http/http_client.h"

static void headers_are_found_without_regard_to_case(void) {
    g_auto(HttpResponse) response = { 0 };
    static const char *const lines[] = { "Content-Type:  text/plain \r\n",
                                         "X-Twice: one\r\n",
                                         "x-twice: two\r\n",
                                         "no colon\r\n",
                                         ": no name\r\n",
                                         "Empty:\r\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        http_response_add_header(&response, lines[i], strlen(lines[i]));
    g_assert_cmpuint(response.headers->len, ==, 4);
    g_assert_cmpstr(http_response_header(&response, "CONTENT-TYPE"), ==, "text/plain");
    g_assert_cmpstr(http_response_header(&response, "X-Twice"), ==, "one");
    g_assert_cmpstr(http_response_header(&response, "Empty"), ==, "");
    g_assert_null(http_response_header(&response, "Missing"));
}

static void message_of_every_kind_of_body(void) {
    static const struct {
        const char *body;
        const char *message;
    } cases[] = {
        { "{\"error\":{\"message\":\"Bad key\",\"type\":\"auth\",\"code\":null}}", "Bad key" },
        { "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"message\":\"Overloaded\"}}",
          "Overloaded" },
        { "{\"error\":\"model 'x' not found\"}", "model 'x' not found" },
        { "[{\"error\":{\"code\":400,\"message\":\"Google says no\"}}]", "Google says no" },
        { "{\"detail\":\"Not authenticated\"}", "Not authenticated" },
        { "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}", "field required" },
        { "{\"message\":\"plain\"}", "plain" },
        { "\"just a string\"", "just a string" },
        { "{\"other\":1}", NULL },
        { "{\"error\":null}", NULL },
        { "[]", NULL },
        { "\n  first line\nsecond line", "first line" },
        { "<html><title>502</title></html>", NULL },
        { "", NULL },
        { "  \n ", NULL },
        { "{\"error\":\"a\\u001b[31mred\\nb\\u202e\"}", "ared b" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpResponse) response = { .body = g_string_new(cases[i].body) };
        g_autofree char *message = http_response_message(&response, NULL);
        g_assert_cmpstr(message, ==, cases[i].message);
    }
}

static void long_message_is_cut_after_it_is_redacted(void) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "sk-canary-abcdefghijklmnop");
    g_autofree char *padding = g_strnfill(290, 'p');
    g_auto(HttpResponse) response = { .body = g_string_new(padding) };
    g_string_append(response.body, "sk-canary-abcdefghijklmnop and more and more");
    g_autofree char *message = http_response_message(&response, secrets);
    g_assert_null(strstr(message, "sk-"));
    g_assert_nonnull(strstr(message, "***"));
    g_assert_cmpint(g_utf8_strlen(message, -1), <=, 301);
}

static void status_decides_kind_and_sentence(void) {
    static const struct {
        int status;
        ErrorCode code;
        const char *sentence;
    } cases[] = {
        { 400, ERR_PROVIDER, "http://h/p answered 400 Bad Request: why" },
        { 401, ERR_AUTH, "http://h/p answered 401 Unauthorized: why" },
        { 402, ERR_LIMIT, "http://h/p answered 402 Payment Required: why" },
        { 403, ERR_AUTH, "http://h/p answered 403 Forbidden: why" },
        { 404, ERR_NOT_FOUND, "http://h/p answered 404 Not Found: why" },
        { 408, ERR_TIMEOUT, "http://h/p answered 408 Request Timeout: why" },
        { 413, ERR_LIMIT, "http://h/p answered 413 Content Too Large: why" },
        { 429, ERR_RATE_LIMIT, "http://h/p answered 429 Too Many Requests: why" },
        { 500, ERR_PROVIDER, "http://h/p answered 500 Internal Server Error: why" },
        { 529, ERR_PROVIDER, "http://h/p answered 529 Overloaded: why" },
        { 599, ERR_PROVIDER, "http://h/p answered 599: why" },
    };
    HttpClient *client = http_client_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpResponse) response = { .status = cases[i].status,
                                          .url = g_strdup("http://u:p@h/p?key=secret"),
                                          .body = g_string_new("{\"error\":\"why\"}") };
        g_autoptr(GError) error = NULL;
        g_assert_false(http_response_check(client, &response, &error));
        g_assert_cmpint(error->code, ==, (int)cases[i].code);
        g_assert_cmpstr(error->message, ==, cases[i].sentence);
    }
    g_autoptr(GError) none = NULL;
    g_assert_true(http_response_check(client, &(HttpResponse){ .status = 200 }, &none));
    g_assert_true(http_response_check(client, &(HttpResponse){ .status = 304 }, &none));
    http_client_free(client);
}

static void retry_after_becomes_the_hint(void) {
    HttpClient *client = http_client_new(NULL);
    g_auto(HttpResponse) response = { .status = 429 };
    http_response_add_header(&response, "Retry-After: 20", strlen("Retry-After: 20"));
    g_autoptr(GError) error = NULL;
    http_error_from_response(client, &response, &error);
    g_assert_cmpstr(error_hint(error), ==, "Wait 20 s, then try again.");
    g_assert_cmpstr(error->message, ==, "the server answered 429 Too Many Requests");
    http_client_free(client);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/response/headers_are_found_without_regard_to_case",
                    headers_are_found_without_regard_to_case);
    g_test_add_func("/http/response/message_of_every_kind_of_body", message_of_every_kind_of_body);
    g_test_add_func("/http/response/long_message_is_cut_after_it_is_redacted",
                    long_message_is_cut_after_it_is_redacted);
    g_test_add_func("/http/response/status_decides_kind_and_sentence",
                    status_decides_kind_and_sentence);
    g_test_add_func("/http/response/retry_after_becomes_the_hint", retry_after_becomes_the_hint);
    return g_test_run();
}
