/* http/response.c: header table, and the message inside an error body. */
#include "http/response.h"

#include <string.h>

#include <jansson.h>

#include "base/field.h"
#include "base/text.h"

#define MAX_MESSAGE_CHARACTERS 300

static void header_free(void *data) {
    HttpHeader *header = data;
    g_free(header->name);
    g_free(header->value);
    g_free(header);
}

void http_response_clear(HttpResponse *response) {
    g_free(response->url);
    g_clear_pointer(&response->headers, g_ptr_array_unref);
    if (response->body != NULL) g_string_free(response->body, TRUE);
    *response = (HttpResponse){ 0 };
}

void http_response_add_header(HttpResponse *response, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || colon == line) return;
    if (response->headers == NULL) response->headers = g_ptr_array_new_with_free_func(header_free);
    HttpHeader *header = g_new0(HttpHeader, 1);
    header->name = g_strndup(line, (gsize)(colon - line));
    header->value = g_strstrip(g_strndup(colon + 1, (gsize)(line + length - colon - 1)));
    g_ptr_array_add(response->headers, header);
}

const char *http_response_header(const HttpResponse *response, const char *name) {
    for (unsigned i = 0; response->headers != NULL && i < response->headers->len; i++) {
        const HttpHeader *header = g_ptr_array_index(response->headers, i);
        if (g_ascii_strcasecmp(header->name, name) == 0) return header->value;
    }
    return NULL;
}

ErrorCode http_response_error_code(int status) {
    switch (status) {
    case 401:
    case 403: return ERR_AUTH;
    case 402:
    case 413: return ERR_LIMIT;
    case 404: return ERR_NOT_FOUND;
    case 408: return ERR_TIMEOUT;
    case 429: return ERR_RATE_LIMIT;
    default: return ERR_PROVIDER;
    }
}

const char *http_response_phrase(int status) {
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        { 301, "Moved Permanently" },
        { 302, "Found" },
        { 303, "See Other" },
        { 307, "Temporary Redirect" },
        { 308, "Permanent Redirect" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 402, "Payment Required" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 410, "Gone" },
        { 413, "Content Too Large" },
        { 416, "Range Not Satisfiable" },
        { 422, "Unprocessable" },
        { 429, "Too Many Requests" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 502, "Bad Gateway" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
        { 529, "Overloaded" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++)
        if (phrases[i].status == status) return phrases[i].phrase;
    return "";
}

/* {"error":{"message":"..."}}, {"error":"..."}, {"message":"..."}, {"detail":"..."}, and the same
 * as first item of an array. NULL when there is none. Borrowed. */
static const char *json_message(const json_t *json) {
    static const char *const names[] = { "error", "message", "detail", "msg" };
    if (json_is_string(json)) return json_string_value(json);
    if (json_is_array(json)) json = json_array_get(json, 0);
    for (size_t depth = 0; depth < 3 && json_is_object(json); depth++) {
        const json_t *inner = NULL;
        for (size_t i = 0; i < G_N_ELEMENTS(names) && inner == NULL; i++)
            inner = json_object_get(json, names[i]);
        if (json_is_string(inner)) return json_string_value(inner);
        json = json_is_array(inner) ? json_array_get(inner, 0) : inner;
    }
    return NULL;
}

/* A page for people (HTML) says nothing in its first line. */
static char *first_line(const char *text) {
    while (g_ascii_isspace(*text)) text++;
    return *text == '<' ? NULL : g_strndup(text, strcspn(text, "\r\n"));
}

char *http_response_message(const HttpResponse *response, SecretSet *secrets) {
    if (response->body == NULL || response->body->len == 0) return NULL;
    json_t *json = field_json_parse(response->body->str, response->body->len, NULL);
    g_autofree char *message =
        json != NULL ? g_strdup(json_message(json)) : first_line(response->body->str);
    json_decref(json);
    if (message == NULL) return NULL;
    g_autofree char *printable = text_strip_terminal(message, strlen(message));
    g_strdelimit(printable, "\n\t", ' ');
    g_strstrip(printable);
    if (printable[0] == '\0') return NULL;
    /* Before it is cut: half a key would no longer be known as one. */
    g_autofree char *safe = secret_redact(secrets, printable);
    return text_ellipsize(safe, MAX_MESSAGE_CHARACTERS);
}
