/* http/url.c: libcurl's URL parser behind a plain struct. */
#include "http/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "http/address.h"

#define MAX_URL_BYTES 16384

void http_url_clear(HttpUrl *url) {
    secret_free(url->text); /* may hold a password or a token */
    g_free(url->scheme);
    g_free(url->host);
    *url = (HttpUrl){ 0 };
}

static char *dup_part(const HttpCurl *curl, const CURLU *parsed, CURLUPart part) {
    char *text = NULL;
    if (curl->url_get(parsed, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return NULL;
    char *copy = g_strdup(text);
    explicit_bzero(text, strlen(text));
    curl->free(text);
    return copy;
}

static bool has_part(const HttpCurl *curl, const CURLU *parsed, CURLUPart part) {
    char *text = dup_part(curl, parsed, part);
    bool is_there = text != NULL;
    secret_free(text);
    return is_there;
}

/* Names in other scripts become their ASCII form here: libcurl does it by the locale, and not at
 * all under LANG=C. Wide digits and dots become plain ones, so the address rule sees what they are.
 */
static bool make_host_ascii(const HttpCurl *curl, CURLU *parsed) {
    g_autofree char *host = dup_part(curl, parsed, CURLUPART_HOST);
    if (host == NULL || g_str_is_ascii(host)) return true;
    g_autofree char *ascii = g_hostname_to_ascii(host);
    return ascii != NULL && curl->url_set(parsed, CURLUPART_HOST, ascii, 0) == CURLUE_OK;
}

static bool fill_url(const HttpCurl *curl, CURLU *parsed, HttpUrl *url) {
    curl->url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
    if (!make_host_ascii(curl, parsed)) return false;
    g_autofree char *port = dup_part(curl, parsed, CURLUPART_PORT);
    g_autofree char *host = dup_part(curl, parsed, CURLUPART_HOST);
    url->scheme = dup_part(curl, parsed, CURLUPART_SCHEME);
    if (url->scheme == NULL || host == NULL || host[0] == '\0' || port == NULL) return false;
    url->host = g_ascii_strdown(host, -1);
    url->port = strtol(port, NULL, 10);
    url->has_user =
        has_part(curl, parsed, CURLUPART_USER) || has_part(curl, parsed, CURLUPART_PASSWORD);
    char *text = NULL;
    if (curl->url_get(parsed, CURLUPART_URL, &text, 0) != CURLUE_OK) return false;
    url->text = g_strdup(text);
    explicit_bzero(text, strlen(text));
    curl->free(text);
    return true;
}

static bool parse(const HttpCurl *curl, const HttpUrl *base, const char *text, HttpUrl *url) {
    CURLU *parsed = curl->url();
    if (parsed == NULL) return false;
    bool is_parsed =
        (base == NULL || curl->url_set(parsed, CURLUPART_URL, base->text, 0) == CURLUE_OK) &&
        curl->url_set(parsed, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        fill_url(curl, parsed, url);
    curl->url_cleanup(parsed);
    return is_parsed;
}

bool http_url_parse(const HttpCurl *curl, const HttpUrl *base, const char *text, HttpUrl *out_url,
                    GError **error) {
    if (text != NULL && strlen(text) > MAX_URL_BYTES) {
        error_set(error, ERR_USAGE, "the address is longer than %d bytes", MAX_URL_BYTES);
        return false;
    }
    g_auto(HttpUrl) url = { 0 };
    bool is_parsed = text != NULL && parse(curl, base, text, &url);
    g_autofree char *shown = http_url_for_display(text != NULL ? text : "");
    if (url.scheme != NULL && strcmp(url.scheme, "http") != 0 && strcmp(url.scheme, "https") != 0) {
        error_set(error, ERR_DENIED, "'%s': only http and https addresses are fetched", shown);
        return false;
    }
    if (!is_parsed) {
        error_set_with_hint(error, ERR_USAGE, "Write it like https://example.com/path.",
                            "'%s' is not a web address", shown);
        return false;
    }
    *out_url = url;
    url = (HttpUrl){ 0 };
    return true;
}

bool http_url_is_same_origin(const HttpUrl *one, const HttpUrl *other) {
    return one->port == other->port && strcmp(one->scheme, other->scheme) == 0 &&
           strcmp(one->host, other->host) == 0;
}

char *http_url_host_text(const HttpUrl *url) {
    long own_port = strcmp(url->scheme, "https") == 0 ? 443 : 80;
    return url->port == own_port ? g_strdup(url->host)
                                 : g_strdup_printf("%s:%ld", url->host, url->port);
}

bool http_url_is_loopback(const HttpUrl *url) {
    HttpAddress address;
    if (!http_address_parse(url->host, &address))
        return strcmp(url->host, "localhost") == 0 || g_str_has_suffix(url->host, ".localhost");
    static const uint8_t loopback6[16] = { [15] = 1 };
    return address.family == AF_INET ? address.bytes[0] == 127
                                     : memcmp(address.bytes, loopback6, sizeof loopback6) == 0;
}

/* Where user name and password end, or NULL. Text that is no address ("http://me:pa/ss@host") may
 * hide its password behind a slash: what stands after the host must then be a port. */
static const char *find_user_end(const char *rest, size_t length) {
    size_t authority = MIN(strcspn(rest, "/\\"), length);
    const char *colon = memchr(rest, ':', authority);
    bool has_odd_port = false;
    for (const char *c = colon; rest[0] != '[' && c != NULL && c + 1 < rest + authority; c++)
        has_odd_port = has_odd_port || !g_ascii_isdigit(c[1]);
    const char *at = memrchr(rest, '@', authority);
    return at == NULL && has_odd_port ? memrchr(rest, '@', length) : at;
}

char *http_url_for_display(const char *text) {
    /* First, so that nothing which is taken out hides what stands around it. */
    g_autofree char *printable = text_strip_terminal(text, strlen(text));
    g_strdelimit(printable, "\n\t", ' ');
    printable[strcspn(printable, "?#")] = '\0';
    const char *mark = strstr(printable, "://");
    const char *rest = mark != NULL ? mark + strlen("://") : printable;
    const char *scheme_at = memrchr(printable, '@', (size_t)(rest - printable));
    const char *rest_at = find_user_end(rest, strlen(rest));
    const char *scheme = scheme_at != NULL ? scheme_at + 1 : printable;
    g_autoptr(GString) shown = g_string_new_len(scheme, rest - scheme);
    g_string_append(shown, rest_at != NULL ? rest_at + 1 : rest);
    return secret_redact(NULL, shown->str);
}
