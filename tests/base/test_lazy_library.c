/* Tests of base/lazy_library.c: all symbols or none, and an error that says what to install. */
#include "base/lazy_library.h"

#include <math.h>

#include "base/error.h"

typedef struct {
    double (*cosine)(double);
    double (*power)(double, double);
} MathApi;

static const LazySymbol math_symbols[] = { { "cos", offsetof(MathApi, cosine) },
                                           { "pow", offsetof(MathApi, power) },
                                           { 0 } };

static void first_usable_candidate_is_taken(void) {
    g_autoptr(GError) error = NULL;
    MathApi api = { 0 };
    void *handle = NULL;
    g_assert_true(lazy_library_load("libthere-is-no-such.so.9|libm.so.6", "libc6", math_symbols,
                                    &api, &handle, &error));
    g_assert_no_error(error);
    g_assert_nonnull(handle);
    g_assert_cmpfloat(api.cosine(0.0), ==, 1.0);
    g_assert_cmpfloat(api.power(2.0, 10.0), ==, 1024.0);
}

static void missing_library_names_the_package(void) {
    g_autoptr(GError) error = NULL;
    MathApi api = { 0 };
    g_assert_false(lazy_library_load("libthere-is-no-such.so.9", "libnothing9", math_symbols, &api,
                                     NULL, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_true(g_str_has_prefix(error->message,
                                   "the library 'libthere-is-no-such.so.9' cannot be used: "));
    g_assert_cmpstr(error_hint(error), ==, "Install it: sudo apt-get install libnothing9");
}

static void missing_symbol_leaves_the_table_alone(void) {
    static const LazySymbol symbols[] = { { "cos", offsetof(MathApi, cosine) },
                                          { "no_such_function", offsetof(MathApi, power) },
                                          { 0 } };
    g_autoptr(GError) error = NULL;
    MathApi api = { 0 };
    g_assert_false(lazy_library_load("libm.so.6", NULL, symbols, &api, NULL, &error));
    g_assert_cmpstr(
        error->message, ==,
        "the library 'libm.so.6' cannot be used: libm.so.6 has no function 'no_such_function'");
    g_assert_null(api.cosine);
    g_assert_null(api.power);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/lazy_library/first_usable_candidate_is_taken",
                    first_usable_candidate_is_taken);
    g_test_add_func("/base/lazy_library/missing_library_names_the_package",
                    missing_library_names_the_package);
    g_test_add_func("/base/lazy_library/missing_symbol_leaves_the_table_alone",
                    missing_symbol_leaves_the_table_alone);
    return g_test_run();
}
