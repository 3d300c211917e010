/*
 * base/lazy_library.h: shared libraries that are loaded on first use, so that start-up never pays
 * for them.
 *
 *     typedef struct { void (*easy_init)(void); ... } Api;
 *     static const LazySymbol symbols[] = {
 *         { "curl_easy_init", offsetof(Api, easy_init) }, ... { 0 } };
 *     if (!lazy_library_load("libcurl.so.4", symbols, &api, &handle, error)) ...
 *
 * A missing library or symbol is an error that names both and the Debian package to install.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct {
    const char *name;
    size_t offset; /* of the function pointer in the table */
} LazySymbol;

/* `names`: candidates, separated by '|', each a soname or an absolute path. `package`: the hint's
 * Debian package, or NULL. Fills `table`; `out_handle` (may be NULL) gets the dlopen handle, never
 * closed. */
bool lazy_library_load(const char *names, const char *package, const LazySymbol *symbols,
                       void *table, void **out_handle, GError **error) G_GNUC_WARN_UNUSED_RESULT;
