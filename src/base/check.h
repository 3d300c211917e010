/*
 * base/check.h: checks of single strings, for the `check` of a Field row.
 *
 *     { "base_url", FIELD_STRING(OpenaiConfig, base_url), .check = check_http_url, ... }
 *
 * Each returns false with ERR_DATA and a message that says what was expected and what stood there.
 * The empty string passes everywhere: it means "not set".
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* "http://127.0.0.1:8080/v1": a scheme of http or https, a host, a port of 1 to 65535 if any, no
 * spaces. */
bool check_http_url(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "09:00": 00 to 23, a colon, 00 to 59; the hour may have one digit. */
bool check_time_of_day(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "openai/gpt-4o", "local/qwen": no spaces, no control characters, nothing missing around the
 * first slash. */
bool check_model_id(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "127.0.0.1", "::1", "localhost": an address or host name to listen on, without a port. */
bool check_bind_address(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "/srv/notes", "~/notes", "${NOTES}/mine": a folder that is the same wherever the program starts.
 */
bool check_whole_path(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* No control characters: a path, a command, a name. */
bool check_one_line(const char *value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
