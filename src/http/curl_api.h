/*
 * http/curl_api.h: the functions of libcurl, found with dlopen when the first request is made.
 *
 * Linked, libcurl and its 31 libraries would cost every `localgpt --help` 6 ms. Only headers are
 * needed to build. Inside http/ only.
 */
#pragma once

#include <stdbool.h>

#include <curl/curl.h>
#include <glib.h>

/* Each is curl's function of the same name, with "curl_" before it. Plain data, copied freely. */
typedef struct {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *easy);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_cleanup)(CURLM *multi);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_perform)(CURLM *multi, int *n_running);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *extra, unsigned n_extra,
                            int timeout_ms, int *n_ready);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *n_queued);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
    CURLU *(*url)(void);
    void (*url_cleanup)(CURLU *url);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *text, unsigned flags);
    CURLUcode (*url_get)(const CURLU *url, CURLUPart part, char **text, unsigned flags);
    void (*free)(void *memory);
} HttpCurl;

/* ERR_NOT_FOUND with the package to install. Safe to call from any thread, any number of times. */
bool http_curl_load(HttpCurl *out_curl, GError **error) G_GNUC_WARN_UNUSED_RESULT;
