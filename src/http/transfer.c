/*
 * http/transfer.c: libcurl's multi interface as one blocking call.
 *
 * The multi interface, because its poll takes the Cancel's descriptor along: a key press wakes it
 * in every phase. Our own clocks instead of curl's: they know the three phases apart, and a token
 * stream that is alive must never run into a total limit.
 */
#include "http/transfer.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "http/address.h"

#define MAX_HEADER_BYTES (128 * 1024)
#define MAX_ERROR_BODY_BYTES (64 * 1024)
#define DEFAULT_MAX_BODY_BYTES (64LL * 1024 * 1024)
#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_FIRST_BYTE_MS 300000
#define DEFAULT_IDLE_MS 120000
#define POLL_MS 1000

typedef enum { PHASE_CONNECT, PHASE_FIRST_BYTE, PHASE_BODY } Phase;

typedef enum {
    STOP_NONE,
    STOP_BY_CALLBACK,
    STOP_ENOUGH, /* the start of an error body is all we want */
    STOP_HEADERS_TOO_BIG,
    STOP_BODY_TOO_BIG,
} StopReason;

typedef struct {
    HttpTransfer *transfer;
    HttpResponse *response;
    const HttpCurl *curl;
    CURL *easy;
    struct curl_slist *lines; /* owned, wiped */
    Phase phase;
    int64_t phase_start_us; /* of the phase, or of the last piece of the body */
    size_t n_header_bytes;
    int64_t max_body_bytes;
    StopReason stop;
    const char *denied_reason;        /* static; an address was refused */
    char *host;                       /* owned, for errors */
    char detail[CURL_ERROR_SIZE + 1]; /* filled by libcurl */
} Run;

static void enter_phase(Run *run, Phase phase) {
    run->phase = phase;
    run->phase_start_us = g_get_monotonic_time();
}

/* ---- callbacks of libcurl ---- */

static bool is_allowed(Run *run, const HttpAddress *address) {
    if (run->transfer->addresses == HTTP_ADDRESS_ANY || http_address_is_public(address))
        return true;
    const char *reason = http_address_reason(address);
    run->denied_reason = reason != NULL ? reason : "this machine's own address";
    return false;
}

/* The one place where a socket to the outside is made: the address is the one that the kernel will
 * be given, whatever name or spelling led to it. */
static curl_socket_t on_open_socket(void *user_data, curlsocktype purpose,
                                    struct curl_sockaddr *target) {
    Run *run = user_data;
    (void)purpose;
    HttpAddress address;
    bool is_internet = http_address_from_socket(&target->addr, target->addrlen, &address);
    if (!is_internet && run->transfer->addresses != HTTP_ADDRESS_ANY) {
        run->denied_reason = "not an internet address";
        return CURL_SOCKET_BAD;
    }
    if (is_internet && !is_allowed(run, &address)) return CURL_SOCKET_BAD;
    return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

/* Called when the connection stands and before the request leaves. */
static int on_connected(void *user_data, char *peer, char *local, int peer_port, int local_port) {
    Run *run = user_data;
    (void)local;
    (void)peer_port;
    (void)local_port;
    enter_phase(run, PHASE_FIRST_BYTE);
    HttpAddress address;
    bool is_parsed = http_address_parse(peer, &address);
    run->transfer->was_public_peer = is_parsed && http_address_reason(&address) == NULL;
    if (run->transfer->addresses == HTTP_ADDRESS_ANY) return CURL_PREREQFUNC_OK;
    /* A second look at the same address, in case a kept connection ever came this way. */
    return is_parsed && is_allowed(run, &address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t on_header(char *data, size_t size, size_t count, void *user_data) {
    Run *run = user_data;
    size_t length = size * count;
    if (run->phase == PHASE_CONNECT) enter_phase(run, PHASE_FIRST_BYTE);
    run->n_header_bytes += length;
    if (run->n_header_bytes > MAX_HEADER_BYTES) {
        run->stop = STOP_HEADERS_TOO_BIG;
        return 0;
    }
    bool is_status_line = length >= 5 && memcmp(data, "HTTP/", 5) == 0;
    bool is_end = length <= 2 && data[0] != ':';
    if (is_status_line && run->response->headers != NULL)
        g_ptr_array_set_size(run->response->headers, 0); /* a 1xx came before */
    if (!is_status_line && !is_end) http_response_add_header(run->response, data, length);
    long status = 0;
    run->curl->easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
    run->response->status = (int)status;
    return length;
}

static bool take_body(Run *run, const char *data, size_t length) {
    HttpResponse *response = run->response;
    const HttpRequest *request = run->transfer->request;
    bool is_success = response->status >= 200 && response->status <= 299;
    if (is_success && request->on_body != NULL) {
        run->transfer->has_delivered = true;
        if (request->on_body(response, data, length, request->user_data)) return true;
        run->stop = STOP_BY_CALLBACK;
        response->was_stopped = true;
        return false;
    }
    if (response->body == NULL) response->body = g_string_new(NULL);
    size_t room = is_success ? length : MAX_ERROR_BODY_BYTES - response->body->len;
    g_string_append_len(response->body, data, (gssize)MIN(length, room));
    if (length <= room) return true;
    run->stop = STOP_ENOUGH;
    return false;
}

static size_t on_body(char *data, size_t size, size_t count, void *user_data) {
    Run *run = user_data;
    size_t length = size * count;
    if (length == 0) return 0;
    run->response->n_body_bytes += (int64_t)length;
    if (run->max_body_bytes >= 0 && run->response->n_body_bytes > run->max_body_bytes) {
        run->stop = STOP_BODY_TOO_BIG;
        return 0;
    }
    bool goes_on = take_body(run, data, length);
    /* After the callback: the time that our own side takes is not the server's silence. */
    enter_phase(run, PHASE_BODY);
    return goes_on ? length : 0;
}

/* ---- set-up ---- */

static void set_long(Run *run, CURLoption option, long value) {
    run->curl->easy_setopt(run->easy, option, value);
}

static void set_text(Run *run, CURLoption option, const char *value) {
    run->curl->easy_setopt(run->easy, option, value);
}

static void set_data(Run *run, CURLoption option, void *value) {
    run->curl->easy_setopt(run->easy, option, value);
}

static void set_callbacks(Run *run) {
    run->curl->easy_setopt(run->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    set_data(run, CURLOPT_OPENSOCKETDATA, run);
    run->curl->easy_setopt(run->easy, CURLOPT_PREREQFUNCTION, on_connected);
    set_data(run, CURLOPT_PREREQDATA, run);
    run->curl->easy_setopt(run->easy, CURLOPT_HEADERFUNCTION, on_header);
    set_data(run, CURLOPT_HEADERDATA, run);
    run->curl->easy_setopt(run->easy, CURLOPT_WRITEFUNCTION, on_body);
    set_data(run, CURLOPT_WRITEDATA, run);
    set_data(run, CURLOPT_ERRORBUFFER, run->detail);
}

static void set_security(Run *run) {
    const HttpTransfer *transfer = run->transfer;
    set_long(run, CURLOPT_SSL_VERIFYPEER, 1L);
    set_long(run, CURLOPT_SSL_VERIFYHOST, 2L);
    set_long(run, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (transfer->options->ca_bundle != NULL)
        set_text(run, CURLOPT_CAINFO, transfer->options->ca_bundle);
    set_text(run, CURLOPT_PROTOCOLS_STR, "http,https");
    set_long(run, CURLOPT_FOLLOWLOCATION, 0L);
    if (transfer->addresses == HTTP_ADDRESS_PUBLIC_ONLY || http_url_is_loopback(transfer->url))
        set_text(run, CURLOPT_PROXY, "");
    if (transfer->options->resolve != NULL)
        set_data(run, CURLOPT_RESOLVE, transfer->options->resolve);
}

/* The limit of the current phase in ms; negative = none. */
static int phase_limit_ms(const Run *run) {
    const HttpRequest *request = run->transfer->request;
    const int given[] = { request->connect_timeout_ms, request->first_byte_timeout_ms,
                          request->idle_timeout_ms };
    static const int defaults[] = { DEFAULT_CONNECT_MS, DEFAULT_FIRST_BYTE_MS, DEFAULT_IDLE_MS };
    int limit_ms = given[run->phase];
    return limit_ms == 0 ? defaults[run->phase] : limit_ms;
}

static void set_timing(Run *run) {
    int connect_ms = phase_limit_ms(run);
    /* curl shares this time among the addresses of a name, so a dead one does not use it all. */
    set_long(run, CURLOPT_CONNECTTIMEOUT_MS, connect_ms < 0 ? G_MAXINT : connect_ms);
    set_long(run, CURLOPT_NOSIGNAL, 1L);
    /* A cancelled request must not wait for the thread that still resolves its name. */
    set_long(run, CURLOPT_QUICK_EXIT, 1L);
    set_long(run, CURLOPT_TCP_KEEPALIVE, 1L);
    set_long(run, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_request(Run *run) {
    const HttpTransfer *transfer = run->transfer;
    set_text(run, CURLOPT_URL, transfer->url->text);
    set_text(run, CURLOPT_USERAGENT, transfer->options->user_agent);
    if (transfer->request->accepts_compressed) set_text(run, CURLOPT_ACCEPT_ENCODING, "");
    if (strcmp(transfer->method, "HEAD") == 0) {
        set_long(run, CURLOPT_NOBODY, 1L);
    } else if (transfer->body != NULL || strcmp(transfer->method, "POST") == 0) {
        run->curl->easy_setopt(run->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)transfer->body_length);
        set_text(run, CURLOPT_POSTFIELDS, transfer->body != NULL ? transfer->body : "");
    }
    if (strcmp(transfer->method, "HEAD") != 0)
        set_text(run, CURLOPT_CUSTOMREQUEST, transfer->method);
    for (unsigned i = 0; i < transfer->headers->len; i++)
        run->lines = run->curl->slist_append(run->lines, g_ptr_array_index(transfer->headers, i));
    set_data(run, CURLOPT_HTTPHEADER, run->lines);
}

/* ---- what went wrong, in words ---- */

static void set_timeout_error(const Run *run, GError **error) {
    double limit_s = phase_limit_ms(run) / 1000.0;
    switch (run->phase) {
    case PHASE_CONNECT:
        error_set(error, ERR_TIMEOUT, "connecting to %s took longer than %.10g s", run->host,
                  limit_s);
        break;
    case PHASE_FIRST_BYTE:
        error_set(error, ERR_TIMEOUT, "%s did not answer within %.10g s", run->host, limit_s);
        break;
    case PHASE_BODY:
        error_set(error, ERR_TIMEOUT, "%s sent nothing more for %.10g s", run->host, limit_s);
        break;
    }
}

/* What libcurl reads as well; only to say that it was not the server who refused. */
static const char *proxy_words(const Run *run) {
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                         "ALL_PROXY" };
    bool is_direct = run->transfer->addresses == HTTP_ADDRESS_PUBLIC_ONLY ||
                     http_url_is_loopback(run->transfer->url);
    for (size_t i = 0; !is_direct && i < G_N_ELEMENTS(names); i++)
        if (g_getenv(names[i]) != NULL) return " through the proxy of the environment";
    return "";
}

static void set_connect_error(Run *run, GError **error) {
    long os_errno = 0;
    run->curl->easy_getinfo(run->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (run->denied_reason != NULL) {
        error_set(error, ERR_DENIED,
                  "%s leads to an address that is not public: %s. Only public addresses may be "
                  "fetched here",
                  run->host, run->denied_reason);
        return;
    }
    run->transfer->may_try_again = os_errno == ECONNREFUSED || os_errno == ECONNRESET;
    if (os_errno == ECONNREFUSED)
        error_set_with_hint(error, ERR_NETWORK, "Check that the server runs and the port is right.",
                            "nothing listens at %s%s (connection refused)", run->host,
                            proxy_words(run));
    else if (os_errno != 0)
        error_set(error, ERR_NETWORK, "cannot connect to %s%s: %s", run->host, proxy_words(run),
                  g_strerror((int)os_errno));
    else
        error_set(error, ERR_NETWORK, "cannot connect to %s%s", run->host, proxy_words(run));
}

static void set_stop_error(const Run *run, GError **error) {
    if (run->stop == STOP_HEADERS_TOO_BIG) {
        error_set(error, ERR_LIMIT, "%s sent more than 128 KiB of headers", run->host);
        return;
    }
    g_autofree char *size = text_format_size((unsigned long long)run->max_body_bytes);
    error_set(error, ERR_LIMIT, "the answer of %s is larger than %s", run->host, size);
}

static void set_tls_error(Run *run, CURLcode code, GError **error) {
    const char *detail = run->detail[0] != '\0' ? run->detail : run->curl->easy_strerror(code);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        error_set_with_hint(error, ERR_NETWORK,
                            "Check the address and this machine's clock; a private certificate "
                            "authority goes into SSL_CERT_FILE.",
                            "the TLS certificate of %s is not trusted: %s", run->host, detail);
    else if (strstr(detail, "wrong version number") != NULL)
        error_set_with_hint(error, ERR_NETWORK, "If it is meant to be plain HTTP, write http://.",
                            "%s does not speak TLS", run->host);
    else
        error_set(error, ERR_NETWORK, "no TLS connection to %s: %s", run->host, detail);
}

/* The last bytes did not come: reset, closed, or cut short. */
static void set_broken_error(Run *run, CURLcode code, GError **error) {
    run->transfer->may_try_again = true;
    if (code == CURLE_GOT_NOTHING)
        error_set(error, ERR_NETWORK, "%s closed the connection without an answer", run->host);
    else if (run->response->status == 0)
        error_set(error, ERR_NETWORK, "%s broke the connection before it answered", run->host);
    else
        error_set(error, ERR_NETWORK,
                  "the answer of %s ended early, after %" G_GINT64_FORMAT " bytes", run->host,
                  run->response->n_body_bytes);
}

static void set_curl_error(Run *run, CURLcode code, GError **error) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        error_set(error, ERR_NETWORK, "the name '%s' cannot be found (DNS)",
                  run->transfer->url->host);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        error_set(error, ERR_NETWORK, "the name of the proxy in the environment cannot be found");
        break;
    case CURLE_COULDNT_CONNECT:
    case CURLE_ABORTED_BY_CALLBACK: set_connect_error(run, error); break;
    case CURLE_OPERATION_TIMEDOUT: set_timeout_error(run, error); break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER: set_tls_error(run, code, error); break;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: set_broken_error(run, code, error); break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        error_set(error, ERR_NETWORK, "%s does not speak HTTP", run->host);
        break;
    case CURLE_URL_MALFORMAT:
        error_set(error, ERR_USAGE, "'%s' is not a name of a host", run->host);
        break;
    default:
        error_set(error, ERR_NETWORK, "the request to %s failed: %s", run->host,
                  run->detail[0] != '\0' ? run->detail : run->curl->easy_strerror(code));
    }
}

static bool finish(Run *run, CURLcode code, GError **error) {
    if (run->stop == STOP_HEADERS_TOO_BIG || run->stop == STOP_BODY_TOO_BIG) {
        set_stop_error(run, error);
        return false;
    }
    if (code != CURLE_OK && run->stop == STOP_NONE) {
        set_curl_error(run, code, error);
        return false;
    }
    run->response->url = g_strdup(run->transfer->url->text);
    return true;
}

/* ---- the loop ---- */

/* How long the poll may sleep; 0 with *error set when the phase took too long. */
static bool find_poll_ms(const Run *run, Cancel *cancel, int *out_ms, GError **error) {
    int limit_ms = phase_limit_ms(run);
    int64_t passed_ms = (g_get_monotonic_time() - run->phase_start_us) / 1000;
    if (limit_ms >= 0 && passed_ms >= limit_ms) {
        set_timeout_error(run, error);
        return false;
    }
    int poll_ms = limit_ms < 0 ? POLL_MS : (int)MIN(limit_ms - passed_ms, POLL_MS);
    *out_ms = cancel_poll_timeout_ms(cancel, poll_ms);
    return true;
}

static bool loop(Run *run, Cancel *cancel, GError **error) {
    const HttpCurl *curl = run->curl;
    CURLM *multi = run->transfer->multi;
    struct curl_waitfd extra = { .fd = cancel_fd(cancel), .events = CURL_WAIT_POLLIN };
    while (cancel_check(cancel, error)) {
        int n_running = 0;
        CURLMcode code = curl->multi_perform(multi, &n_running);
        int n_queued = 0;
        const CURLMsg *message = curl->multi_info_read(multi, &n_queued);
        if (message != NULL && message->msg == CURLMSG_DONE)
            return finish(run, message->data.result, error);
        if (code != CURLM_OK || n_running == 0) {
            error_set(error, ERR_FAILED, "libcurl lost the request to %s", run->host);
            return false;
        }
        int poll_ms = 0;
        if (!find_poll_ms(run, cancel, &poll_ms, error)) return false;
        curl->multi_poll(multi, &extra, extra.fd >= 0 ? 1 : 0, poll_ms, NULL);
    }
    return false;
}

static void free_lines(Run *run) {
    for (struct curl_slist *line = run->lines; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data)); /* the key stands in one of them */
    run->curl->slist_free_all(run->lines);
}

bool http_transfer_run(HttpTransfer *transfer, Cancel *cancel, HttpResponse *response,
                       GError **error) {
    const HttpCurl *curl = transfer->options->curl;
    int64_t max_body_bytes = transfer->request->max_body_bytes;
    Run run = { .transfer = transfer,
                .response = response,
                .curl = curl,
                .easy = curl->easy_init(),
                .max_body_bytes = max_body_bytes == 0 ? DEFAULT_MAX_BODY_BYTES : max_body_bytes };
    if (run.easy == NULL) {
        error_set(error, ERR_FAILED, "libcurl has no room for a request");
        return false;
    }
    http_response_clear(response);
    run.host = http_url_host_text(transfer->url);
    set_callbacks(&run);
    set_security(&run);
    set_timing(&run);
    set_request(&run);
    enter_phase(&run, PHASE_CONNECT);
    curl->multi_add_handle(transfer->multi, run.easy);
    bool is_done = loop(&run, cancel, error);
    curl->multi_remove_handle(transfer->multi, run.easy);
    curl->easy_cleanup(run.easy);
    free_lines(&run);
    g_free(run.host);
    return is_done;
}
