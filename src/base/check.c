/* base/check.c: checks of single strings, for the `check` of a Field row. */
#include "base/check.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool refuse(const char *expected, const char *value, GError **error) {
    g_autofree char *shown = text_ellipsize(value, 60);
    error_set(error, ERR_DATA, "expected %s, got \"%s\"", expected, shown);
    return false;
}

static bool has_control(const char *value) {
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f) return true;
    return false;
}

static bool has_space_or_control(const char *value) {
    return strchr(value, ' ') != NULL || has_control(value);
}

/* ":8080" or nothing. */
static bool is_port_suffix(const char *text, size_t length) {
    if (length == 0) return true;
    if (text[0] != ':' || length < 2 || length > 6) return false;
    unsigned port = 0;
    for (size_t i = 1; i < length; i++) {
        if (!g_ascii_isdigit(text[i])) return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* The part between "//" and the path: "user@host:port", "[::1]:port". */
static bool is_authority(const char *text, size_t length) {
    const char *at = memrchr(text, '@', length);
    if (at != NULL) {
        length -= (size_t)(at + 1 - text);
        text = at + 1;
    }
    if (length > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', length);
        if (end == NULL || end - text < 3) return false;
        return is_port_suffix(end + 1, length - (size_t)(end + 1 - text));
    }
    const char *colon = memchr(text, ':', length);
    size_t host_length = colon != NULL ? (size_t)(colon - text) : length;
    return host_length > 0 && is_port_suffix(text + host_length, length - host_length);
}

bool check_http_url(const char *value, GError **error) {
    static const char expected[] = "an address like \"http://127.0.0.1:8080/v1\"";
    if (value[0] == '\0') return true;
    size_t scheme = g_ascii_strncasecmp(value, "http://", 7) == 0    ? 7
                    : g_ascii_strncasecmp(value, "https://", 8) == 0 ? 8
                                                                     : 0;
    if (scheme == 0 || has_space_or_control(value)) return refuse(expected, value, error);
    const char *authority = value + scheme;
    if (!is_authority(authority, strcspn(authority, "/?#"))) return refuse(expected, value, error);
    return true;
}

bool check_time_of_day(const char *value, GError **error) {
    if (value[0] == '\0') return true;
    size_t hour_digits = strspn(value, "0123456789");
    const char *minutes = value + hour_digits + 1;
    bool has_form = (hour_digits == 1 || hour_digits == 2) && value[hour_digits] == ':' &&
                    strspn(minutes, "0123456789") == 2 && minutes[2] == '\0';
    if (has_form && g_ascii_strtoull(value, NULL, 10) < 24 && minutes[0] < '6') return true;
    return refuse("a time like \"09:00\"", value, error);
}

bool check_model_id(const char *value, GError **error) {
    if (value[0] == '\0') return true;
    const char *slash = strchr(value, '/');
    bool is_whole = slash == NULL || (slash > value && slash[1] != '\0');
    if (is_whole && !has_control(value) && value[0] != ' ' && !g_str_has_suffix(value, " "))
        return true;
    return refuse("a model like \"openai/gpt-4o\"", value, error);
}

bool check_bind_address(const char *value, GError **error) {
    if (value[0] == '\0') return true;
    bool is_plain = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.:-_%") == strlen(value);
    const char *colon = strchr(value, ':');
    bool has_port = colon != NULL && strchr(colon + 1, ':') == NULL;
    if (is_plain && !has_port) return true;
    return refuse("an address to listen on like \"127.0.0.1\", without a port", value, error);
}

bool check_one_line(const char *value, GError **error) {
    if (!has_control(value)) return true;
    error_set(error, ERR_DATA, "a control character or line break is not allowed here");
    return false;
}

bool check_whole_path(const char *value, GError **error) {
    bool is_whole = value[0] == '\0' || value[0] == '/' || value[0] == '$' ||
                    strcmp(value, "~") == 0 || g_str_has_prefix(value, "~/");
    if (!check_one_line(value, error)) return false;
    return is_whole || refuse("a path that begins with / or ~/", value, error);
}
