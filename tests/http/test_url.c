/* Tests of http/url.c: parsing as libcurl does it, origins, and addresses that are safe to show. */
#include "http/url.h"

#include <string.h>

#include "base/error.h"

static HttpCurl curl;

static void parts_are_normalised(void) {
    static const struct {
        const char *text;
        const char *url;
        const char *host;
        long port;
        const char *shown;
    } cases[] = {
        { "http://Example.COM/a/../b?q#f", "http://example.com/b?q", "example.com", 80,
          "example.com" },
        { "https://h:8443", "https://h:8443/", "h", 8443, "h:8443" },
        { "HTTPS://h:443/", "https://h:443/", "h", 443, "h" },
        { "http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", 80, "127.0.0.1" },
        { "http://[::1]:8080/x", "http://[::1]:8080/x", "[::1]", 8080, "[::1]:8080" },
        { "https://b\xc3\xbc"
          "cher.example/",
          "https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "xn--bcher-kva.example" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpUrl) url = { 0 };
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].text);
        g_assert_true(http_url_parse(&curl, NULL, cases[i].text, &url, &error));
        g_assert_cmpstr(url.host, ==, cases[i].host);
        g_assert_cmpint(url.port, ==, cases[i].port);
        g_autofree char *shown = http_url_host_text(&url);
        g_assert_cmpstr(shown, ==, cases[i].shown);
        g_assert_false(url.has_user);
        g_autofree char *lower = g_ascii_strdown(url.text, -1);
        g_assert_cmpstr(lower, ==, cases[i].url);
    }
}

static void relative_addresses_are_resolved(void) {
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "/x", "https://h:1/x" },          { "x", "https://h:1/a/x" },
        { "../x", "https://h:1/x" },        { "?q=1", "https://h:1/a/b?q=1" },
        { "//other/x", "https://other/x" }, { "http://other/", "http://other/" },
    };
    g_auto(HttpUrl) base = { 0 };
    g_assert_true(http_url_parse(&curl, NULL, "https://h:1/a/b?old", &base, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpUrl) url = { 0 };
        g_assert_true(http_url_parse(&curl, &base, cases[i].text, &url, NULL));
        g_assert_cmpstr(url.text, ==, cases[i].expected);
    }
}

static void bad_addresses_are_refused(void) {
    static const char *const texts[] = { "",
                                         "http://",
                                         "http:///",
                                         "x",
                                         "http://h:0x50/",
                                         "http://h:65536/",
                                         "http://a b/",
                                         "http://[::1/",
                                         "http://\xff\xfe/" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_auto(HttpUrl) url = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_false(http_url_parse(&curl, NULL, texts[i], &url, &error));
        g_assert_true(error_is(error, ERR_USAGE));
        g_assert_null(url.text);
    }
    g_autofree char *path = g_strnfill(20000, 'a');
    g_autofree char *too_long = g_strconcat("http://h/", path, NULL);
    g_auto(HttpUrl) url = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(http_url_parse(&curl, NULL, too_long, &url, &error));
    g_assert_cmpuint(strlen(error->message), <, 100);
}

static void origin_is_scheme_host_and_port(void) {
    static const struct {
        const char *one;
        const char *other;
        bool is_same;
    } cases[] = {
        { "http://h/a", "http://H:80/b", true }, { "http://h/", "https://h/", false },
        { "http://h/", "http://h:81/", false },  { "http://h/", "http://h.x/", false },
        { "http://u:p@h/", "http://h/", true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpUrl) one = { 0 };
        g_auto(HttpUrl) other = { 0 };
        g_assert_true(http_url_parse(&curl, NULL, cases[i].one, &one, NULL));
        g_assert_true(http_url_parse(&curl, NULL, cases[i].other, &other, NULL));
        g_assert_cmpint(http_url_is_same_origin(&one, &other), ==, cases[i].is_same);
    }
}

static void loopback_has_several_names(void) {
    static const struct {
        const char *url;
        bool is_loopback;
    } cases[] = {
        { "http://127.0.0.1/", true },   { "http://127.9.9.9/", true },
        { "http://[::1]/", true },       { "http://localhost/", true },
        { "http://a.localhost/", true }, { "http://10.0.0.1/", false },
        { "http://[::2]/", false },      { "http://localhost.example/", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(HttpUrl) url = { 0 };
        g_assert_true(http_url_parse(&curl, NULL, cases[i].url, &url, NULL));
        g_assert_cmpint(http_url_is_loopback(&url), ==, cases[i].is_loopback);
    }
}

static void shown_addresses_carry_no_secret(void) {
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        { "https://h/p", "https://h/p" },
        { "https://user:pass@h/p?key=1#f", "https://h/p" },
        { "https://pass@h", "https://h" },
        { "https://u:p@ss@h/p", "https://h/p" },
        { "https://u:p/ss@h/p", "https://h/p" },
        { "https://h/@name/p", "https://h/@name/p" },
        { "https://h:80/@name/p", "https://h:80/@name/p" },
        { "https://[::1]:80/@x", "https://[::1]:80/@x" },
        { " https://u:p@h/p", " https://h/p" },
        { "u:p@https://u:p@h/p", "https://h/p" },
        { "u:p@h/x", "h/x" },
        { "h?q", "h" },
        { "", "" },
        { "https://h/bot123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabc/getMe", "https://h/bot***/getMe" },
        { "https://h/a\x1b[31mb\nc", "https://h/ab c" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = http_url_for_display(cases[i].text);
        g_assert_cmpstr(shown, ==, cases[i].shown);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_assert_true(http_curl_load(&curl, NULL));
    g_test_add_func("/http/url/parts_are_normalised", parts_are_normalised);
    g_test_add_func("/http/url/relative_addresses_are_resolved", relative_addresses_are_resolved);
    g_test_add_func("/http/url/bad_addresses_are_refused", bad_addresses_are_refused);
    g_test_add_func("/http/url/origin_is_scheme_host_and_port", origin_is_scheme_host_and_port);
    g_test_add_func("/http/url/loopback_has_several_names", loopback_has_several_names);
    g_test_add_func("/http/url/shown_addresses_carry_no_secret", shown_addresses_carry_no_secret);
    return g_test_run();
}
