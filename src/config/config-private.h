/*
 * config/config-private.h: what the files of config/ share.
 *
 * config.c loads, config_problem.c turns problems into diagnostics, config_key.c finds a key in the
 * rows, config_get.c reads values, config_set.c changes the file with config_value.c (what a person
 * typed as TOML), config_expand.c fills in variables, config_secret.c knows where secrets stand,
 * config_toml.c writes TOML, config_example.c the commented file.
 */
#pragma once

#include "base/toml.h"
#include "config/config.h"

enum {
    CONFIG_MAX_BYTES = 4 * 1024 * 1024,
    CONFIG_MAX_PROBLEMS = 100, /* a wrong file is wrong everywhere: the first ones tell */
};

struct Config {
    /* owned */
    char *path;
    TomlDocument *document;
    void **structs; /* by index of the section */
    /* borrowed */
    const ConfigSection *sections;
    /* state */
    unsigned n_sections;
    bool is_file_there;
};

/* A key found in the rows. */
typedef struct {
    const ConfigSection *section;
    const Field *field; /* NULL: a whole section, or one table of a map of tables */
    const Field *item;  /* the map, when the key is one table of it; else NULL */
    FieldType type;     /* of the value; FIELD_TYPE_STRUCT for a whole section or table */
    bool is_secret;
    bool is_named;  /* below a map: a part of the key is a name of the user's */
    char **parts;   /* owned: the key's parts */
    size_t n_below; /* how many of them stand below the section */
    char *key;      /* owned: the key in its canonical spelling */
} ConfigTarget;

/* ERR_CONFIG
 * with "did you mean". */
bool config_target_find(const ConfigSection *sections, const char *key, ConfigTarget *out,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void config_target_clear(ConfigTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfigTarget, config_target_clear)

/* The nearest known key, or NULL. New string. */
char *config_suggest(const ConfigSection *sections, const char *key);

/* Whether `name` is a section, or a dotted prefix of one. */
bool config_is_section(const ConfigSection *sections, const char *name);

/* One thing that is wrong in a file. */
typedef struct {
    char *path;    /* owned: full dotted key, list items as "[0]" */
    char *message; /* owned */
    bool is_unknown;
    SourceSpan span; /* where */
} ConfigProblem;

/* Decodes every section of `document` into `structs` (may be NULL: only checks). Returns
 * problems and unknown keys, ConfigProblem, owned (free function set), in the order of the file; at
 * most CONFIG_MAX_PROBLEMS. */
GPtrArray *config_decode(TomlDocument *document, const ConfigSection *sections, void **structs);

/* A problem as a full diagnostic with line, column and caret; secrets masked. New string. */
char *config_problem_format(const ConfigProblem *problem, const char *file, TomlDocument *document,
                            const ConfigSection *sections);

/* "See 'localgpt help config KEY'.", or the list of its section. New string. */
char *config_hint(const ConfigSection *sections, const char *path);

/* Reads and parses; a missing file is an empty document. */
TomlDocument *config_read(const char *path, const ConfigSection *sections, bool *out_is_there,
                          GError **error);

/* Calls `found` for every string of a table's tree that is secret by its rows, with its full dotted
 * key; `key` is the table's. The string may be changed in place. */
typedef void (*ConfigSecretFn)(const char *key, json_t *string, void *user_data);
void config_walk_secrets(const char *key, const Field *fields, const json_t *tree,
                         ConfigSecretFn found, void *user_data);

/* The text of a file with an x for each character of what follows "api_key =" and the like, for
 * diagnostics that quote its lines: also where it does not parse. Lines and columns stay. New
 * string. */
char *config_mask_source(const ConfigSection *sections, const char *text);

/* "$NAME" or "${NAME}" and nothing else. */
bool config_is_reference(const char *value);

/* What a person typed as one TOML value of the target's kind. New string. */
char *config_value_to_toml(const ConfigTarget *target, const char *text, GError **error);

/* A JSON tree as one TOML value ("[1, 2]", "{ a = 1 }"), or as tables below `name` ("" = root). */
void config_toml_append_value(GString *out, const json_t *value);
void config_toml_append_table(GString *out, const char *name, const json_t *table);

/* The tree of all sections at or below `prefix` ("" = all); `edit` (may be NULL) is called with
 * each section's own tree before it is joined. New reference. */
typedef void (*ConfigEditFn)(const ConfigSection *section, json_t *tree, void *user_data);
json_t *config_tree(const Config *config, const char *prefix, ConfigEditFn edit, void *user_data);
