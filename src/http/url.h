/*
 * http/url.h: web addresses, parsed by the very parser that will connect to them (libcurl's), so
 * that what is checked and what is used cannot differ.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "http/curl_api.h"

typedef struct {
    /* owned */
    char *text;   /* normalised, without fragment */
    char *scheme; /* "http" or "https" */
    char *host;   /* lower case; IPv6 in brackets */
    long port;
    bool has_user; /* a user name or password is part of it */
} HttpUrl;

/* Resolves `text` against `base` (NULL when it has to be absolute). ERR_USAGE when it is not an
 * address, ERR_DENIED for anything but http and https. Fills a zeroed *out_url. */
bool http_url_parse(const HttpCurl *curl, const HttpUrl *base, const char *text, HttpUrl *out_url,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void http_url_clear(HttpUrl *url);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpUrl, http_url_clear)

bool http_url_is_same_origin(const HttpUrl *one, const HttpUrl *other);

/* "host" or "host:port" when the port is not the scheme's own. New string. */
char *http_url_host_text(const HttpUrl *url);

/* This machine under its usual names: no proxy stands between. */
bool http_url_is_loopback(const HttpUrl *url);

/* For errors and logs: without user name, password, query and fragment; a Telegram token masked; no
 * control characters. Works on any bytes, needs no libcurl. New string. */
char *http_url_for_display(const char *text);
