/*
 * http/http_client.c: redirects and retries around transfers, and the pool of connections.
 *
 * Three layers, each a loop: request (attempts), follow (hops), http_transfer_run (one hop).
 */
#include "http/http_client.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "http/address.h"
#include "http/transfer.h"
#include "http/url.h"

#define MAX_IDLE_MULTIS 8

struct HttpClient {
    /* owned */
    char *user_agent;
    char *ca_bundle;
    char **resolve;
    GPtrArray *idle; /* CURLM *, each with connections made under HTTP_ADDRESS_ANY */
    struct curl_slist *resolve_list;
    /* borrowed */
    SecretSet *secrets;
    /* state, under the lock until is_loaded is seen */
    GMutex lock;
    bool is_loaded;
    HttpCurl curl;
};

HttpClient *http_client_new(const HttpOptions *options) {
    static const HttpOptions defaults = { 0 };
    if (options == NULL) options = &defaults;
    const char *ca_bundle =
        options->ca_bundle != NULL ? options->ca_bundle : g_getenv("SSL_CERT_FILE");
    HttpClient *client = g_new0(HttpClient, 1);
    client->user_agent =
        g_strdup(options->user_agent != NULL ? options->user_agent : "localgpt/" LOCALGPT_VERSION);
    client->ca_bundle = ca_bundle != NULL && ca_bundle[0] != '\0' ? g_strdup(ca_bundle) : NULL;
    client->resolve = g_strdupv((char **)options->resolve);
    client->secrets = options->secrets;
    client->idle = g_ptr_array_new();
    g_mutex_init(&client->lock);
    return client;
}

void http_client_free(HttpClient *client) {
    if (client == NULL) return;
    for (unsigned i = 0; i < client->idle->len; i++)
        client->curl.multi_cleanup(g_ptr_array_index(client->idle, i));
    if (client->resolve_list != NULL) client->curl.slist_free_all(client->resolve_list);
    g_ptr_array_unref(client->idle);
    g_mutex_clear(&client->lock);
    g_strfreev(client->resolve);
    g_free(client->ca_bundle);
    g_free(client->user_agent);
    g_free(client);
}

static bool load(HttpClient *client, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    (void)locker;
    if (client->is_loaded) return true;
    if (!http_curl_load(&client->curl, error)) return false;
    for (size_t i = 0; client->resolve != NULL && client->resolve[i] != NULL; i++)
        client->resolve_list = client->curl.slist_append(client->resolve_list, client->resolve[i]);
    client->is_loaded = true;
    return true;
}

/* Connections are kept only for addresses that the owner configured; a fetch of a foreign address
 * never meets a connection that it did not make itself. */
static CURLM *take_multi(HttpClient *client, HttpAddressRule addresses) {
    CURLM *multi = NULL;
    g_mutex_lock(&client->lock);
    if (addresses == HTTP_ADDRESS_ANY && client->idle->len > 0)
        multi = g_ptr_array_remove_index(client->idle, client->idle->len - 1);
    g_mutex_unlock(&client->lock);
    return multi != NULL ? multi : client->curl.multi_init();
}

static void give_multi(HttpClient *client, HttpAddressRule addresses, CURLM *multi) {
    bool is_kept = false;
    g_mutex_lock(&client->lock);
    if (addresses == HTTP_ADDRESS_ANY && client->idle->len < MAX_IDLE_MULTIS) {
        g_ptr_array_add(client->idle, multi);
        is_kept = true;
    }
    g_mutex_unlock(&client->lock);
    if (!is_kept) client->curl.multi_cleanup(multi);
}

/* ---- the request as it leaves ---- */

static bool is_token(const char *text, size_t length) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && strchr(others, text[i]) == NULL) return false;
    return length > 0;
}

static bool check_request(const HttpRequest *request, GError **error) {
    if (request->method != NULL && !is_token(request->method, strlen(request->method))) {
        error_set(error, ERR_USAGE, "the HTTP method holds a character that is not allowed");
        return false;
    }
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        const char *header = request->headers[i];
        size_t name_length = strcspn(header, ":");
        bool is_good = header[name_length] == ':' && is_token(header, name_length) &&
                       strpbrk(header, "\r\n") == NULL;
        if (is_good) continue;
        /* The value may be a key: only the name is shown, and only when it is one. */
        bool is_name = header[name_length] == ':' && is_token(header, name_length);
        error_set(error, ERR_USAGE, "the header '%.*s' is not one line of the form 'Name: value'",
                  is_name ? (int)name_length : 0, header);
        return false;
    }
    return true;
}

static bool has_name(const char *header, const char *name) {
    size_t length = strlen(name);
    return g_ascii_strncasecmp(header, name, length) == 0 && header[length] == ':';
}

/* Only these go along to another origin. A list of what is harmless, not of what is secret: keys
 * travel in headers of many names. */
static bool may_cross_origin(const char *header) {
    static const char *const names[] = { "Accept",        "Accept-Language", "If-Modified-Since",
                                         "If-None-Match", "If-Range",        "Range",
                                         "User-Agent" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (has_name(header, names[i])) return true;
    return false;
}

static void wipe(void *data) {
    secret_free(data);
}

/* curl's own spelling of an empty value is a semicolon. */
static char *curl_line(const char *header) {
    size_t name_length = strcspn(header, ":");
    const char *value = header + name_length + 1;
    bool is_empty = value[strspn(value, " \t")] == '\0';
    return is_empty ? g_strdup_printf("%.*s;", (int)name_length, header) : g_strdup(header);
}

static GPtrArray *make_headers(const HttpRequest *request) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(wipe);
    bool has_type = false;
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        has_type = has_type || has_name(request->headers[i], "Content-Type");
        g_ptr_array_add(lines, curl_line(request->headers[i]));
    }
    if (request->resume_from > 0)
        g_ptr_array_add(
            lines, g_strdup_printf("Range: bytes=%" G_GINT64_FORMAT "-", request->resume_from));
    /* Nobody's answer shall wait for a "100 Continue", and a body has the type the caller says. */
    g_ptr_array_add(lines, g_strdup("Expect:"));
    if (!has_type) g_ptr_array_add(lines, g_strdup("Content-Type:"));
    return lines;
}

static void drop_headers(GPtrArray *lines) {
    for (unsigned i = lines->len; i > 0; i--) {
        const char *line = g_ptr_array_index(lines, i - 1);
        bool is_ours = strcmp(line, "Expect:") == 0 || strcmp(line, "Content-Type:") == 0;
        if (!is_ours && !may_cross_origin(line)) g_ptr_array_remove_index(lines, i - 1);
    }
}

/* ---- hops ---- */

/* One attempt: the request as it is at the current hop, and what came of it. */
typedef struct {
    /* borrowed */
    HttpClient *client;
    const HttpRequest *request;
    Cancel *cancel;
    /* owned */
    HttpUrl url;
    char *method;
    GPtrArray *headers; /* char * */
    HttpResponse response;
    /* state */
    const char *body; /* borrowed, or NULL */
    size_t body_length;
    HttpAddressRule addresses;
    int n_redirects;
    bool has_delivered;
    bool may_try_again;
    bool was_public_peer;
} Attempt;

static void attempt_clear(Attempt *attempt) {
    http_url_clear(&attempt->url);
    g_free(attempt->method);
    g_clear_pointer(&attempt->headers, g_ptr_array_unref);
    http_response_clear(&attempt->response);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attempt, attempt_clear)

static bool check_url(const Attempt *attempt, GError **error) {
    if (attempt->addresses == HTTP_ADDRESS_ANY) return true;
    g_autofree char *host = http_url_host_text(&attempt->url);
    if (attempt->url.has_user) {
        error_set(error, ERR_DENIED, "an address with a user name in it is not fetched here (%s)",
                  host);
        return false;
    }
    /* Only spares a socket: the address that is connected to is judged in any case. */
    HttpAddress address;
    if (!http_address_parse(attempt->url.host, &address) || http_address_is_public(&address))
        return true;
    const char *reason = http_address_reason(&address);
    error_set(error, ERR_DENIED,
              "%s is not a public address: %s. Only public addresses may be fetched here", host,
              reason != NULL ? reason : "this machine's own address");
    return false;
}

static bool run_hop(Attempt *attempt, GError **error) {
    HttpClient *client = attempt->client;
    if (!check_url(attempt, error)) return false;
    HttpTransferOptions options = { .curl = &client->curl,
                                    .user_agent = client->user_agent,
                                    .ca_bundle = client->ca_bundle,
                                    .resolve = client->resolve_list };
    HttpTransfer transfer = { .options = &options,
                              .request = attempt->request,
                              .url = &attempt->url,
                              .method = attempt->method,
                              .headers = attempt->headers,
                              .body = attempt->body,
                              .body_length = attempt->body_length,
                              .addresses = attempt->addresses,
                              .multi = take_multi(client, attempt->addresses) };
    bool is_done = http_transfer_run(&transfer, attempt->cancel, &attempt->response, error);
    give_multi(client, attempt->addresses, transfer.multi);
    attempt->has_delivered = transfer.has_delivered;
    attempt->may_try_again = transfer.may_try_again;
    attempt->was_public_peer = transfer.was_public_peer;
    return is_done;
}

/* Where the answer sends us, or NULL when it is the last one. Borrowed. */
static const char *find_location(const Attempt *attempt) {
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    if (attempt->request->redirects == HTTP_REDIRECT_NONE) return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (attempt->response.status == statuses[i])
            return http_response_header(&attempt->response, "Location");
    return NULL;
}

/* The rule for leaving an origin. */
static bool check_crossing(const Attempt *attempt, const HttpUrl *next, GError **error) {
    g_autofree char *from = http_url_host_text(&attempt->url);
    g_autofree char *to = http_url_host_text(next);
    if (attempt->request->redirects == HTTP_REDIRECT_SAME_ORIGIN)
        error_set(error, ERR_DENIED, "%s redirects to another site (%s://%s)", from, next->scheme,
                  to);
    else if (strcmp(attempt->url.scheme, "https") == 0 && strcmp(next->scheme, "https") != 0)
        error_set(error, ERR_DENIED, "%s redirects to %s without TLS", from, to);
    else if (attempt->body != NULL)
        error_set(error, ERR_DENIED, "%s wants the request's body to be sent to another site (%s)",
                  from, to);
    else
        return true;
    return false;
}

static void change_method(Attempt *attempt) {
    int status = attempt->response.status;
    bool is_post = strcmp(attempt->method, "POST") == 0;
    bool is_head = strcmp(attempt->method, "HEAD") == 0;
    if ((status != 303 || is_head) && !((status == 301 || status == 302) && is_post)) return;
    g_free(attempt->method);
    attempt->method = g_strdup("GET");
    attempt->body = NULL;
    attempt->body_length = 0;
    for (unsigned i = attempt->headers->len; i > 0; i--)
        if (has_name(g_ptr_array_index(attempt->headers, i - 1), "Content-Type"))
            g_ptr_array_remove_index(attempt->headers, i - 1);
}

static bool redirect(Attempt *attempt, const char *location, GError **error) {
    if (attempt->n_redirects >= HTTP_MAX_REDIRECTS) {
        g_autofree char *host = http_url_host_text(&attempt->url);
        error_set(error, ERR_LIMIT, "%s: more than %d redirects", host, HTTP_MAX_REDIRECTS);
        return false;
    }
    g_auto(HttpUrl) next = { 0 };
    if (!http_url_parse(&attempt->client->curl, &attempt->url, location, &next, error)) {
        g_prefix_error(error, "redirected by %s: ", attempt->url.host);
        return false;
    }
    change_method(attempt);
    if (!http_url_is_same_origin(&attempt->url, &next)) {
        if (!check_crossing(attempt, &next, error)) return false;
        drop_headers(attempt->headers);
        /* What a server on the internet writes is no configuration of the owner. */
        if (attempt->was_public_peer) attempt->addresses = HTTP_ADDRESS_PUBLIC_ONLY;
    }
    attempt->n_redirects++;
    HttpUrl previous = attempt->url;
    attempt->url = next;
    next = previous;
    return true;
}

static bool follow(Attempt *attempt, GError **error) {
    const HttpRequest *request = attempt->request;
    attempt->body = request->body;
    attempt->body_length = request->body != NULL ? request->body_length : 0;
    attempt->method = g_strdup(request->method != NULL ? request->method
                               : request->body != NULL ? "POST"
                                                       : "GET");
    attempt->headers = make_headers(request);
    attempt->addresses = request->addresses;
    if (!http_url_parse(&attempt->client->curl, NULL, request->url, &attempt->url, error))
        return false;
    while (run_hop(attempt, error)) {
        const char *location = find_location(attempt);
        attempt->response.n_redirects = attempt->n_redirects;
        if (location == NULL) return true;
        if (!redirect(attempt, location, error)) return false;
    }
    return false;
}

/* ---- attempts ---- */

static void redact(const HttpClient *client, GError *error) {
    char *safe = secret_redact(client->secrets, error->message);
    g_free(error->message);
    error->message = safe;
}

/* Why the attempt deserves another one, or NULL. New string. */
static char *find_retry_reason(const Attempt *attempt, const GError *failure) {
    if (attempt->has_delivered) return NULL;
    if (failure != NULL) return attempt->may_try_again ? g_strdup(failure->message) : NULL;
    int status = attempt->response.status;
    if (!http_retry_is_status(status)) return NULL;
    const char *phrase = http_response_phrase(status);
    return g_strdup_printf("%d%s%s", status, phrase[0] != '\0' ? " " : "", phrase);
}

static bool wait_for_retry(const Attempt *attempt, int n_attempt, const char *reason,
                           GError **error) {
    const HttpRetry *retry = attempt->request->retry;
    int64_t retry_after_ms =
        http_retry_parse_after_ms(http_response_header(&attempt->response, "Retry-After"),
                                  g_get_real_time() / G_USEC_PER_SEC);
    HttpRetryNotice notice = { .attempt = n_attempt,
                               .max_attempts = http_retry_max_attempts(retry),
                               .wait_ms = http_retry_wait_ms(retry, n_attempt, retry_after_ms),
                               .reason = reason };
    if (retry->on_retry != NULL) retry->on_retry(&notice, retry->user_data);
    if (http_retry_pause(notice.wait_ms, attempt->cancel, error)) return true;
    g_prefix_error(error, "waiting to try again (%s): ", reason);
    return false;
}

bool http_client_request(HttpClient *client, const HttpRequest *request, Cancel *cancel,
                         HttpResponse *out_response, GError **error) {
    if (!check_request(request, error) || !load(client, error)) return false;
    int max_attempts = http_retry_max_attempts(request->retry);
    for (int n_attempt = 1;; n_attempt++) {
        g_autoptr(GError) failure = NULL;
        g_auto(Attempt) attempt = { .client = client, .request = request, .cancel = cancel };
        bool is_done = cancel_check(cancel, &failure) && follow(&attempt, &failure);
        if (failure != NULL) redact(client, failure);
        g_autofree char *reason =
            n_attempt < max_attempts ? find_retry_reason(&attempt, failure) : NULL;
        if (reason != NULL) {
            if (!wait_for_retry(&attempt, n_attempt, reason, error)) return false;
            continue;
        }
        if (!is_done) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        *out_response = attempt.response;
        attempt.response = (HttpResponse){ 0 };
        return true;
    }
}

/* ---- failed answers ---- */

static char *retry_hint(const HttpResponse *response) {
    int64_t wait_ms = http_retry_parse_after_ms(http_response_header(response, "Retry-After"),
                                                g_get_real_time() / G_USEC_PER_SEC);
    return wait_ms <= 0 ? NULL
                        : g_strdup_printf("Wait %" G_GINT64_FORMAT " s, then try again.",
                                          (wait_ms + 999) / 1000);
}

void http_error_from_response(const HttpClient *client, const HttpResponse *response,
                              GError **error) {
    ErrorCode code = http_response_error_code(response->status);
    const char *phrase = http_response_phrase(response->status);
    g_autofree char *url =
        http_url_for_display(response->url != NULL ? response->url : "the server");
    g_autofree char *message = http_response_message(response, client->secrets);
    g_autofree char *hint = code == ERR_RATE_LIMIT ? retry_hint(response) : NULL;
    GError *failure = NULL;
    error_set_with_hint(&failure, code, hint, "%s answered %d%s%s%s%s", url, response->status,
                        phrase[0] != '\0' ? " " : "", phrase, message != NULL ? ": " : "",
                        message != NULL ? message : "");
    redact(client, failure);
    g_propagate_error(error, failure);
}

bool http_response_check(const HttpClient *client, const HttpResponse *response, GError **error) {
    if (response->status < 400) return true;
    http_error_from_response(client, response, error);
    return false;
}
