/*
 * base/secret.h: secrets the program knows, and their removal from everything it prints.
 *
 * Every key, token and password that is read from config or environment is added to the one
 * SecretSet that App owns. Logs, errors, debug dumps and reports pass through secret_redact()
 * before they leave the process. Redaction is by value: the exact bytes, and their base64 and
 * percent-encoded forms, become
 * "***"; a Telegram token inside an address (/bot123:ABC...) always does.
 *
 *     secret_set_add(secrets, key);
 *     g_autofree char *safe = secret_redact(secrets, message);
 *
 * Values shorter than 6 bytes are not redacted (they would blank ordinary words). Thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct SecretSet SecretSet;

SecretSet *secret_set_new(void);
void secret_set_free(SecretSet *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretSet, secret_set_free)

/* Copies `value`; the copy is wiped when the set is freed. NULL and short values are ignored. */
void secret_set_add(SecretSet *secrets, const char *value);

/* A new string, never NULL for a non-NULL `text`. `secrets` may be NULL (then only patterns apply).
 */
char *secret_redact(SecretSet *secrets, const char *text);

/* Overwrites a string's bytes, then frees it. NULL is fine. */
void secret_free(char *value);
