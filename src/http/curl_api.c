/* http/curl_api.c: the symbol table of libcurl. */
#include "http/curl_api.h"

#include <stddef.h>

#include "base/error.h"
#include "base/lazy_library.h"

#define SYMBOL(member)                                                                             \
    { "curl_" #member, offsetof(HttpCurl, member) }

static const LazySymbol curl_symbols[] = {
    SYMBOL(global_init),
    SYMBOL(easy_init),
    SYMBOL(easy_cleanup),
    SYMBOL(easy_setopt),
    SYMBOL(easy_getinfo),
    SYMBOL(easy_strerror),
    SYMBOL(multi_init),
    SYMBOL(multi_cleanup),
    SYMBOL(multi_add_handle),
    SYMBOL(multi_remove_handle),
    SYMBOL(multi_perform),
    SYMBOL(multi_poll),
    SYMBOL(multi_info_read),
    SYMBOL(slist_append),
    SYMBOL(slist_free_all),
    SYMBOL(url),
    SYMBOL(url_cleanup),
    SYMBOL(url_set),
    SYMBOL(url_get),
    SYMBOL(free),
    { 0 },
};

bool http_curl_load(HttpCurl *out_curl, GError **error) {
    HttpCurl curl;
    /* The second name is the same interface over GnuTLS: some systems have only that one. */
    if (!lazy_library_load("libcurl.so.4|libcurl-gnutls.so.4", "libcurl4", curl_symbols, &curl,
                           NULL, error))
        return false;
    /* Counted inside libcurl, and thread-safe since 7.84. */
    CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) {
        error_set(error, ERR_FAILED, "libcurl does not start: %s", curl.easy_strerror(code));
        return false;
    }
    *out_curl = curl;
    return true;
}
