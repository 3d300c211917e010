/*
 * config/config.h: the configuration: one TOML file, described by rows that belong to the parts
 * they configure.
 *
 * This folder knows no key itself. `sections` is gathered by the program (cli/config_sections.c),
 * each with the Field rows of its owner. Loading decodes into one struct per section; every unknown
 * key warns with "did you mean"; a value of the wrong kind is an error with line, column and caret;
 * a broken file is never half used.
 *
 *     g_autoptr(Config) config = config_load(path, sections, on_warning, user_data, error);
 *     const EngineConfig *engine = config_section(config, "engine");
 *
 * ${NAME} and $NAME may stand anywhere in any string value ("$$" is a plain dollar). They are
 * expanded when the value is used (config_expand), never written back, and never needed for
 * reading.
 */
#pragma once

#include <stdbool.h>

#include "base/field.h"
#include "base/secret.h"

typedef struct {
    const char *name;    /* "agent", "tools.web_search", "providers.openai": a dotted table */
    const char *summary; /* one line for the reference */
    const Field *fields;
    size_t size; /* sizeof the struct */
} ConfigSection;

typedef struct Config Config;

/* One warning, complete ("config.toml:3:1: unknown key ..., did you mean ...?"), without a final
 * newline. */
typedef void (*ConfigWarningFn)(const char *message, void *user_data);

/* A missing file is an empty one. `sections` ends with { 0 } and is borrowed for the Config's life.
 * ERR_CONFIG with the full diagnostic as message. */
Config *config_load(const char *path, const ConfigSection *sections, ConfigWarningFn on_warning,
                    void *user_data, GError **error);
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* The decoded struct of a section (defaults where the file is silent). Never NULL for a name of
 * `sections`. Borrowed. */
const void *config_section(const Config *config, const char *name);

/* A copy of a section's struct with every string expanded and every FIELD_SECRET value added to
 * `secrets` (may be NULL). ERR_CONFIG naming key, line and variable when one is unset. Free with
 * config_section_free(). */
void *config_section_expand(const Config *config, const char *name, SecretSet *secrets,
                            GError **error);
void config_section_free(const Config *config, const char *name, void *section);

/* The same for one table of a map of tables, "providers.custom.lab": only its own variables have to
 * be set. ERR_NOT_FOUND when the file has no such table. Free with field_clear() of its rows and
 * g_free(). */
void *config_item_expand(const Config *config, const char *key, SecretSet *secrets, GError **error);

/* Expands one string value that stands at `key`. New string. */
char *config_expand(const Config *config, const char *key, const char *value, GError **error);

/* config_get() of a string, expanded. New string. */
char *config_get_expanded(const Config *config, const char *key, GError **error);

bool config_file_exists(const Config *config);
const char *config_path(const Config *config);

/* Whether the file itself sets this key or table (not only a default). An empty table sets nothing.
 */
bool config_is_set(const Config *config, const char *key);

/* The line of the file that sets a key, or 0. */
size_t config_line(const Config *config, const char *key);

/* Adds every FIELD_SECRET value of the file to `secrets`, so that none can reach a screen: as it
 * stands there and, where its variables are set, expanded. */
void config_add_secrets(const Config *config, SecretSet *secrets);

/* What a key is, for get, set, list, docs and completion. */
typedef struct {
    char *key; /* full dotted key */
    const Field *field;
    const ConfigSection *section;
} ConfigKey;

/* All keys of all sections in order; ConfigKey, owned (free function set). Keys below a map of
 * tables are listed once with
 * "<name>" in their place: providers.custom.<name>.api_key. */
GPtrArray *config_keys(const ConfigSection *sections);

/* "a.b" with "c" is "a.b.c"; a part that is not bare gets quotes. New string. */
char *config_key_join(const char *prefix, const char *part);

/* The current value of a key: as in the file, else the default; a whole section or sub-table as
 * TOML. Secrets are not redacted here. *out_is_secret (may be NULL). ERR_CONFIG with "did you mean"
 * for an unknown key. New string, in the spelling of a shell (bare string, 42, true) or TOML for
 * lists and tables. */
char *config_get(const Config *config, const char *key, bool *out_is_secret, GError **error);
json_t *config_get_json(const Config *config, const char *key, GError **error);

/* The same with every secret as "***"; a value that is only a ${VAR} is none and stays. `secrets`
 * (may be NULL) are redacted from all other strings: a key can stand in an address too. */
char *config_get_masked(const Config *config, const char *key, SecretSet *secrets, GError **error);
json_t *config_get_masked_json(const Config *config, const char *key, SecretSet *secrets,
                               GError **error);

/* A value as `config get` prints it: a bare string, 42, true, or TOML. New string. */
char *config_value_text(const json_t *value);

/* The default of a row in the file's spelling; NULL when it has none. New string. */
char *config_default_text(const Field *field);

/* Everything in force, defaults included, as one tree of sections, masked in the same way. New
 * reference. */
json_t *config_show_json(const Config *config, SecretSet *secrets);
/* The same as TOML. New string. */
char *config_show_toml(const Config *config, SecretSet *secrets);

/* Edits the file in place: comments, order and ${VAR} stay; the file is 0600 afterwards, made with
 * its folder when it is missing. `value` is what a person types: parsed by the key's kind (a string
 * needs no quotes, a list may be TOML or words with commas). Checked against the row before
 * anything is written. */
bool config_set(const char *path, const ConfigSection *sections, const char *key, const char *value,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool config_unset(const char *path, const ConfigSection *sections, const char *key,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A commented file with every key at its default, for `config init` and docs/reference. New string.
 */
char *config_example(const ConfigSection *sections);

/* Writes `text` to a new file at `path` (0600, folder 0700). ERR_EXISTS when it is there and
 * !is_forced. */
bool config_write_new(const char *path, const char *text, bool is_forced,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
