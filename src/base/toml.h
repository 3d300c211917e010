/*
 * base/toml.h: a lossless reader and editor of TOML 1.0 (https://toml.io/en/v1.0.0).
 *
 * The whole language: dotted keys, inline tables, arrays of tables, the four kinds of strings, the
 * four kinds of dates. Reading gives a JSON tree (for field_from_json) and the place of every key
 * and value in the text; editing changes the bytes of one value and leaves every other byte alone:
 * comments, order, spacing, line ends.
 *
 *     g_autoptr(TomlDocument) document = toml_parse("config.toml", text, length, error);
 *     json_t *tree = toml_json(document);
 *     if (!toml_set(document, "agent.default_model", "\"openai/gpt-4o\"", error)) ...
 *     file_replace(path, toml_text(document), strlen(toml_text(document)), 0600, error);
 *
 * Paths are dotted keys as TOML spells them; quote a part that is not bare: providers.custom."my
 * server".api_key. An item of a list is named by its index: cron.jobs[0].name, paths[1].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <jansson.h>

#include "base/diagnostic.h"

typedef struct TomlDocument TomlDocument;

/* `file` names the text in errors. ERR_CONFIG with the full diagnostic (file:line:column, caret,
 * hint) as message. Input that is not UTF-8 is an error at its byte. At most 4 MiB and 64 levels.
 */
TomlDocument *toml_parse(const char *file, const char *text, size_t length, GError **error);
void toml_free(TomlDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TomlDocument, toml_free)

/* The whole document as a JSON object; dates and times are strings as written; inf and nan are
 * strings "inf",
 * "-inf", "nan". Borrowed; valid until the next edit. */
const json_t *toml_json(TomlDocument *document);

/* The value at a path, or NULL. Borrowed. */
const json_t *toml_get(TomlDocument *document, const char *path);

/* Where the key (or, with toml_value_span, the value) at a path stands. An array item is
 * "paths[1].pattern" with 0-based indexes. false when the path is not in the text. */
bool toml_key_span(TomlDocument *document, const char *path, SourceSpan *out_span);
bool toml_value_span(TomlDocument *document, const char *path, SourceSpan *out_span);

/* Sets a value, given in TOML spelling (checked to be exactly one value), replacing the old one or
 * adding the key to its table: below a `# key = ...` that waits there, else after the last key. A
 * missing table is made at the end of the text; a dotted or inline parent is extended in its own
 * style; a list gets no new items. ERR_USAGE when a part of the path is not a table, the path names
 * a table with a header of its own, or the value does not parse. The result is read again and must
 * be the old tree with this one change; the document is unchanged on failure. */
bool toml_set(TomlDocument *document, const char *path, const char *value,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes a key with its line (and the comment at the end of that line), or a table with all its
 * sections. ERR_NOT_FOUND when it is not there; ERR_USAGE for an item of a list of values. The
 * document is unchanged on failure. */
bool toml_unset(TomlDocument *document, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The current text. Borrowed until the next edit. */
const char *toml_text(const TomlDocument *document);

/* A string in TOML spelling, quoted and escaped. New string. */
char *toml_quote(const char *value);

/* Splits a dotted path into its parts, unquoted; an index is a part of its own, "[0]". ERR_USAGE
 * for bad syntax. New NULL-terminated array. */
char **toml_split_path(const char *path, GError **error);
