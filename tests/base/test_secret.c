/* Tests of base/secret.c: no spelling of a known secret survives. */
#include "base/secret.h"

#include <string.h>

static void assert_redacts(SecretSet *secrets, const char *text, const char *expected) {
    g_autofree char *safe = secret_redact(secrets, text);
    g_assert_cmpstr(safe, ==, expected);
}

static void exact_value_becomes_stars(void) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "sk-canary-0123456789");
    assert_redacts(secrets, "key=sk-canary-0123456789.", "key=***.");
    assert_redacts(secrets, "sk-canary-0123456789sk-canary-0123456789", "***");
    assert_redacts(secrets, "nothing here", "nothing here");
    assert_redacts(secrets, "", "");
    g_assert_null(secret_redact(secrets, NULL));
}

static void longest_secret_goes_first(void) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "password");
    secret_set_add(secrets, "password-of-the-house");
    secret_set_add(secrets, "password-of");
    assert_redacts(secrets, "a password-of-the-house b", "a *** b");
    assert_redacts(secrets, "a password-offer b", "a ***fer b");
}

static void short_values_are_words(void) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "abcde");
    secret_set_add(secrets, "");
    secret_set_add(secrets, NULL);
    assert_redacts(secrets, "abcde", "abcde");
}

static void encodings_are_known(void) {
    const char *secret = "p@ss/w\"ord?<>+1\xc3\xa9";
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, secret);
    g_autofree char *upper = g_uri_escape_string(secret, NULL, FALSE);
    assert_redacts(secrets, upper, "***");
    g_autofree char *lower = g_ascii_strdown(upper, -1);
    assert_redacts(secrets, lower, "***");
    assert_redacts(secrets, "{\"key\":\"p@ss/w\\\"ord?<>+1\xc3\xa9\"}", "{\"key\":\"***\"}");
}

/* Basic authentication puts the secret behind a user name of any length. */
static void base64_is_found_at_every_shift(void) {
    const char *secret = "s3cr3t-?~>>-canary-value";
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, secret);
    static const char *const users[] = { "", "a", "ab", "abc", "user:", "someone:" };
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *pair = g_strconcat(users[i], secret, "tail", NULL);
        g_autofree char *encoded = g_base64_encode((const unsigned char *)pair, strlen(pair));
        g_autofree char *line = g_strconcat("Basic ", encoded, NULL);
        g_autofree char *safe = secret_redact(secrets, line);
        g_assert_nonnull(strstr(safe, "***"));
        /* What is left around the mask decodes to nothing of the secret's inside. */
        g_assert_cmpuint(strlen(safe), <, strlen(line) - strlen(secret));
        g_strdelimit(line, "+", '-');
        g_strdelimit(line, "/", '_');
        g_autofree char *safe_url = secret_redact(secrets, line);
        g_assert_nonnull(strstr(safe_url, "***"));
    }
}

static void telegram_token_is_a_pattern(void) {
    assert_redacts(NULL, "https://host/bot123456:ABCdef_ghi-JKLmnoPQRstu/getMe",
                   "https://host/bot***/getMe");
    assert_redacts(NULL, "/bot1%3AABCdefghijklmnopqrstuvwxyz?x", "/bot***?x");
    assert_redacts(NULL, "/bottle/bot12:short /bots", "/bottle/bot12:short /bots");
}

static gpointer redact_many_times(gpointer data) {
    for (int i = 0; i < 2000; i++) assert_redacts(data, "x sk-canary-0123456789", "x ***");
    return NULL;
}

static void threads_may_share_it(void) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    secret_set_add(secrets, "sk-canary-0123456789");
    GThread *thread = g_thread_new("redact", redact_many_times, secrets);
    for (int i = 0; i < 200; i++) {
        g_autofree char *value = g_strdup_printf("another-secret-%d", i);
        secret_set_add(secrets, value);
    }
    g_thread_join(thread);
    assert_redacts(secrets, "another-secret-199", "***");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/secret/exact_value_becomes_stars", exact_value_becomes_stars);
    g_test_add_func("/base/secret/longest_secret_goes_first", longest_secret_goes_first);
    g_test_add_func("/base/secret/short_values_are_words", short_values_are_words);
    g_test_add_func("/base/secret/encodings_are_known", encodings_are_known);
    g_test_add_func("/base/secret/base64_is_found_at_every_shift", base64_is_found_at_every_shift);
    g_test_add_func("/base/secret/telegram_token_is_a_pattern", telegram_token_is_a_pattern);
    g_test_add_func("/base/secret/threads_may_share_it", threads_may_share_it);
    secret_free(NULL);
    return g_test_run();
}
