/* base/lazy_library.c: dlopen with a table of symbols, all or nothing. */
#include "base/lazy_library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/error.h"

/* Looks every symbol up before the table is touched. NULL when one is missing: *out_missing. */
static void **resolve_all(void *handle, const LazySymbol *symbols, const char **out_missing) {
    size_t n_symbols = 0;
    while (symbols[n_symbols].name != NULL) n_symbols++;
    g_autofree void **addresses = g_new0(void *, n_symbols + 1);
    for (size_t i = 0; i < n_symbols; i++) {
        addresses[i] = dlsym(handle, symbols[i].name);
        if (addresses[i] == NULL) {
            *out_missing = symbols[i].name;
            return NULL;
        }
    }
    return g_steal_pointer(&addresses);
}

static bool load_one(const char *name, const LazySymbol *symbols, void *table, void **out_handle,
                     GString *reasons) {
    if (reasons->len > 0) g_string_append(reasons, "; ");
    /* Lazily: binding every function of libcurl's thirty libraries takes 4 ms, and what we call is
     * looked up below in any case. */
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) {
        const char *reason = dlerror();
        g_string_append(reasons, reason != NULL ? reason : name);
        return false;
    }
    const char *missing = NULL;
    g_autofree void **addresses = resolve_all(handle, symbols, &missing);
    if (addresses == NULL) {
        g_string_append_printf(reasons, "%s has no function '%s'", name, missing);
        dlclose(handle);
        return false;
    }
    for (size_t i = 0; symbols[i].name != NULL; i++)
        memcpy((char *)table + symbols[i].offset, &addresses[i], sizeof addresses[i]);
    if (out_handle != NULL) *out_handle = handle;
    return true;
}

bool lazy_library_load(const char *names, const char *package, const LazySymbol *symbols,
                       void *table, void **out_handle, GError **error) {
    g_auto(GStrv) candidates = g_strsplit(names, "|", -1);
    g_autoptr(GString) reasons = g_string_new(NULL);
    for (size_t i = 0; candidates[i] != NULL; i++)
        if (load_one(candidates[i], symbols, table, out_handle, reasons)) return true;

    if (package == NULL) {
        error_set(error, ERR_NOT_FOUND, "the library '%s' cannot be used: %s", candidates[0],
                  reasons->str);
        return false;
    }
    g_autofree char *hint = g_strdup_printf("Install it: sudo apt-get install %s", package);
    error_set_with_hint(error, ERR_NOT_FOUND, hint, "the library '%s' cannot be used: %s",
                        candidates[0], reasons->str);
    return false;
}
