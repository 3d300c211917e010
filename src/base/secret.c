/*
 * base/secret.c: redaction by value.
 *
 * Every secret is kept as the list of byte strings under which it can appear: itself, escaped for
 * JSON, percent-encoded, and the part of its base64 that does not depend on the bytes around it
 * (three alignments: "user:key" in a Basic header shifts the key by the length of the user name).
 */
#include "base/secret.h"

#include <stdbool.h>
#include <string.h>

#define MIN_SECRET_BYTES 6
#define MIN_BASE64_CHARS 8 /* a shorter core would blank ordinary words */
#define MIN_TOKEN_CHARS 20
#define MASK "***"

struct SecretSet {
    GMutex lock;
    GPtrArray *forms; /* char *, owned, wiped on free; longest first */
};

void secret_free(char *value) {
    if (value == NULL) return;
    explicit_bzero(value, strlen(value));
    g_free(value);
}

SecretSet *secret_set_new(void) {
    SecretSet *secrets = g_new0(SecretSet, 1);
    g_mutex_init(&secrets->lock);
    secrets->forms = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    return secrets;
}

void secret_set_free(SecretSet *secrets) {
    if (secrets == NULL) return;
    g_ptr_array_unref(secrets->forms);
    g_mutex_clear(&secrets->lock);
    g_free(secrets);
}

/* Takes `form`. The longest goes first, so that a secret inside another one leaves no rest. */
static void add_form(GPtrArray *forms, char *form) {
    size_t length = strlen(form);
    unsigned place = 0;
    for (unsigned i = 0; i < forms->len; i++) {
        const char *other = g_ptr_array_index(forms, i);
        if (strcmp(other, form) == 0) {
            secret_free(form);
            return;
        }
        if (strlen(other) >= length) place = i + 1;
    }
    g_ptr_array_insert(forms, (int)place, form);
}

static char *escape_json(const char *value) {
    GString *escaped = g_string_sized_new(strlen(value) * 2);
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') g_string_append_c(escaped, '\\');
        g_string_append_c(escaped, *at);
    }
    return g_string_free(escaped, FALSE);
}

static char *percent_encode(const char *value, const char *digits) {
    GString *encoded = g_string_sized_new(strlen(value) * 3);
    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        if (g_ascii_isalnum(*at) || strchr("-._~", *at) != NULL) {
            g_string_append_c(encoded, (char)*at);
            continue;
        }
        g_string_append_c(encoded, '%');
        g_string_append_c(encoded, digits[*at >> 4]);
        g_string_append_c(encoded, digits[*at & 15]);
    }
    return g_string_free(encoded, FALSE);
}

/* The characters of the base64 of "<shift bytes>value" that come from value alone. */
static char *base64_core(const char *value, size_t shift) {
    size_t length = strlen(value);
    g_autofree unsigned char *padded = g_malloc0(shift + length);
    memcpy(padded + shift, value, length);
    char *encoded = g_base64_encode(padded, shift + length);
    explicit_bzero(padded, shift + length);
    size_t first = (shift * 8 + 5) / 6;
    size_t end = (shift + length) * 8 / 6;
    char *core = g_strndup(encoded + first, end - first);
    secret_free(encoded);
    return core;
}

static void add_base64_forms(GPtrArray *forms, const char *value) {
    for (size_t shift = 0; shift < 3; shift++) {
        char *core = base64_core(value, shift);
        if (strlen(core) < MIN_BASE64_CHARS) {
            secret_free(core);
            continue;
        }
        char *for_urls = g_strdup(core);
        g_strdelimit(for_urls, "+", '-');
        g_strdelimit(for_urls, "/", '_');
        add_form(forms, core);
        add_form(forms, for_urls);
    }
}

void secret_set_add(SecretSet *secrets, const char *value) {
    if (secrets == NULL || value == NULL || strlen(value) < MIN_SECRET_BYTES) return;
    g_mutex_lock(&secrets->lock);
    add_form(secrets->forms, g_strdup(value));
    add_form(secrets->forms, escape_json(value));
    add_form(secrets->forms, percent_encode(value, "0123456789ABCDEF"));
    add_form(secrets->forms, percent_encode(value, "0123456789abcdef"));
    add_base64_forms(secrets->forms, value);
    g_mutex_unlock(&secrets->lock);
}

/* Length of "<digits>:<20 or more>" at `text`, the part of a Telegram address after "/bot"; or 0.
 * The colon may be percent-encoded. */
static size_t telegram_token_length(const char *text) {
    size_t at = strspn(text, "0123456789");
    if (at == 0) return 0;
    if (text[at] == ':')
        at += 1;
    else if (g_ascii_strncasecmp(text + at, "%3a", 3) == 0)
        at += 3;
    else
        return 0;
    size_t n_chars = strspn(text + at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789_-");
    return n_chars >= MIN_TOKEN_CHARS ? at + n_chars : 0;
}

/* Length of the secret that starts at `text`, or 0. */
static size_t match_form(const GPtrArray *forms, const char *text) {
    for (unsigned i = 0; i < forms->len; i++) {
        const char *form = g_ptr_array_index(forms, i);
        if (*form == *text && g_str_has_prefix(text, form)) return strlen(form);
    }
    return 0;
}

static void redact_into(GString *out, const GPtrArray *forms, const char *text) {
    static const char prefix[] = "/bot";
    while (*text != '\0') {
        size_t length = forms == NULL ? 0 : match_form(forms, text);
        if (length > 0) {
            /* One mask for a run: how many secrets stood there is nobody's business. */
            if (!g_str_has_suffix(out->str, MASK)) g_string_append(out, MASK);
            text += length;
            continue;
        }
        size_t token =
            g_str_has_prefix(text, prefix) ? telegram_token_length(text + strlen(prefix)) : 0;
        if (token > 0) {
            g_string_append(out, "/bot" MASK);
            text += strlen(prefix) + token;
            continue;
        }
        g_string_append_c(out, *text++);
    }
}

char *secret_redact(SecretSet *secrets, const char *text) {
    if (text == NULL) return NULL;
    GString *out = g_string_sized_new(strlen(text) + 1);
    if (secrets == NULL) {
        redact_into(out, NULL, text);
        return g_string_free(out, FALSE);
    }
    g_mutex_lock(&secrets->lock);
    redact_into(out, secrets->forms, text);
    g_mutex_unlock(&secrets->lock);
    return g_string_free(out, FALSE);
}
