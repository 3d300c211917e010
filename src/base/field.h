/*
 * base/field.h: one row describes a named, typed, documented member of a C struct.
 *
 * From an array of rows come: JSON to struct, struct to JSON, free, range checks, defaults, JSON
 * Schema and the reference pages. There is no other JSON builder in the tree (tools/check-shape
 * refuses one).
 *
 *     typedef struct { int64_t input; int64_t output; char *model; } Usage;
 *     static const Field usage_fields[] = {
 *         { "input_tokens",  FIELD_INT(Usage, input),    .help = "Tokens read." },
 *         { "output_tokens", FIELD_INT(Usage, output),   .help = "Tokens written." },
 *         { "model",         FIELD_STRING(Usage, model), .help = "Model id.", .flags =
 * FIELD_OMIT_EMPTY }, { 0 }
 *     };
 *     g_autofree char *json = field_encode(usage_fields, &usage, FIELD_COMPACT);
 *     Usage back = { 0 };
 *     if (!field_decode(usage_fields, &back, json, strlen(json), 0, error)) ...
 *     field_clear(usage_fields, &back);
 *
 * A row whose macro does not fit the member's type does not compile.
 *
 * Kinds and their members: BOOL bool · INT int64_t · DOUBLE double · DURATION int64_t seconds,
 * spelled "2h30m" · STRING char * · ENUM int, spelled by `choices` · STRINGS char **
 * (NULL-terminated) · STRUCT a struct in place · STRUCTS GPtrArray * of g_malloc'ed structs · MAP
 * GHashTable * of char * to char * · STRUCT_MAP GHashTable * of char * to g_malloc'ed struct · JSON
 * json_t * (passes through untouched) · UNION int tag, whose case decides which further rows (of
 * the same struct) apply.
 *
 * Ownership: a decoded struct owns its strings, arrays, tables; field_clear() frees them and
 * zeroes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

typedef enum {
    FIELD_TYPE_END = 0,
    FIELD_TYPE_BOOL,
    FIELD_TYPE_INT,
    FIELD_TYPE_DOUBLE,
    FIELD_TYPE_DURATION,
    FIELD_TYPE_STRING,
    FIELD_TYPE_ENUM,
    FIELD_TYPE_STRINGS,
    FIELD_TYPE_STRUCT,
    FIELD_TYPE_STRUCTS,
    FIELD_TYPE_MAP,
    FIELD_TYPE_STRUCT_MAP,
    FIELD_TYPE_JSON,
    FIELD_TYPE_UNION,
} FieldType;

typedef enum {
    FIELD_REQUIRED = 1 << 0,   /* decoding fails without it */
    FIELD_OMIT_EMPTY = 1 << 1, /* not encoded when false, 0, NULL or empty */
    FIELD_SECRET = 1 << 2,     /* a key or token: redacted wherever it is shown */
    FIELD_RESTART = 1 << 3,    /* a change needs a restart of the daemon */
    FIELD_INERT = 1 << 4,      /* accepted for compatibility; nothing reads it yet */
    FIELD_DEPRECATED = 1 << 5, /* accepted, documented as old */
} FieldFlags;

typedef struct Field Field;

/* One case of a UNION: the tag's spelling and the rows that follow it (offsets in the same struct).
 */
typedef struct {
    const char *name;
    const Field *fields; /* may be NULL: the tag alone */
} FieldCase;

struct Field {
    const char *name;
    FieldType type;
    size_t offset;
    const char *const *choices; /* ENUM: spellings by value, NULL-terminated */
    const Field *fields;        /* STRUCT, STRUCTS, STRUCT_MAP */
    size_t size;                /* STRUCTS, STRUCT_MAP: sizeof the item */
    const FieldCase *cases;     /* UNION: by value, ended by { 0 } */
    const char *default_text;   /* STRING, ENUM, DURATION: the bare text; others: as JSON */
    const char *help;           /* one sentence */
    double min, max;            /* INT, DOUBLE, DURATION: checked when min < max */
    unsigned flags;             /* FieldFlags */
    /* further check of a decoded STRING (path syntax, "HH:MM"); NULL = none. Message without a full
     * stop. */
    bool (*check)(const char *value, GError **error);
};

#define FIELD_AT(S, m, T) _Generic(&((S *)0)->m, T * : offsetof(S, m))
#define FIELD_BOOL(S, m) .type = FIELD_TYPE_BOOL, .offset = FIELD_AT(S, m, bool)
#define FIELD_INT(S, m) .type = FIELD_TYPE_INT, .offset = FIELD_AT(S, m, int64_t)
#define FIELD_DOUBLE(S, m) .type = FIELD_TYPE_DOUBLE, .offset = FIELD_AT(S, m, double)
#define FIELD_DURATION(S, m) .type = FIELD_TYPE_DURATION, .offset = FIELD_AT(S, m, int64_t)
#define FIELD_STRING(S, m) .type = FIELD_TYPE_STRING, .offset = FIELD_AT(S, m, char *)
#define FIELD_ENUM(S, m, names)                                                                    \
    .type = FIELD_TYPE_ENUM, .offset = FIELD_AT(S, m, int), .choices = (names)
#define FIELD_STRINGS(S, m) .type = FIELD_TYPE_STRINGS, .offset = FIELD_AT(S, m, char **)
#define FIELD_STRUCT(S, m, rows)                                                                   \
    .type = FIELD_TYPE_STRUCT, .offset = offsetof(S, m), .fields = (rows)
#define FIELD_STRUCTS(S, m, Item, rows)                                                            \
    .type = FIELD_TYPE_STRUCTS, .offset = FIELD_AT(S, m, GPtrArray *), .size = sizeof(Item),       \
    .fields = (rows)
#define FIELD_MAP(S, m) .type = FIELD_TYPE_MAP, .offset = FIELD_AT(S, m, GHashTable *)
#define FIELD_STRUCT_MAP(S, m, Item, rows)                                                         \
    .type = FIELD_TYPE_STRUCT_MAP, .offset = FIELD_AT(S, m, GHashTable *), .size = sizeof(Item),   \
    .fields = (rows)
#define FIELD_JSON(S, m) .type = FIELD_TYPE_JSON, .offset = FIELD_AT(S, m, json_t *)
#define FIELD_UNION(S, m, rows)                                                                    \
    .type = FIELD_TYPE_UNION, .offset = FIELD_AT(S, m, int), .cases = (rows)

typedef enum {
    FIELD_STRICT = 1 << 0,    /* an unknown member is an error, with "did you mean" */
    FIELD_DEFAULTS = 1 << 1,  /* members that are absent get their default_text */
    FIELD_TEMPLATES = 1 << 2, /* a string with a '$' is filled in later: its check is left out */
} FieldDecodeFlags;

typedef enum { FIELD_COMPACT, FIELD_PRETTY } FieldStyle;

/* A problem found while decoding: the dotted path of the member (borrowed for the call) and what is
 * wrong. */
typedef void (*FieldProblemFn)(const char *path, const char *message, void *user_data);

/* Text of one JSON document to struct. `object` must be zeroed. ERR_DATA names the member by its
 * dotted path
 * ("usage.input_tokens: expected an integer, got a string") or the line and column of a syntax
 * error. On failure the object is cleared. Nesting is limited to 64. */
bool field_decode(const Field *fields, void *object, const char *text, size_t length,
                  unsigned flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from a JSON tree (borrowed). */
bool field_from_json(const Field *fields, void *object, const json_t *json, unsigned flags,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reports every problem instead of stopping at the first one; members with a problem keep their
 * default (with FIELD_DEFAULTS) or zero. Returns the number of problems. Used to load the
 * configuration. */
unsigned field_from_json_lenient(const Field *fields, void *object, const json_t *json,
                                 unsigned flags, FieldProblemFn on_problem,
                                 FieldProblemFn on_unknown, void *user_data);

/* Struct to JSON tree; new reference. */
json_t *field_to_json(const Field *fields, const void *object);

/* Sets the members of `object` in an object that is there; its other members stay. */
void field_merge(const Field *fields, const void *object, json_t *into);

/* Struct to text; new string without a final newline. */
char *field_encode(const Field *fields, const void *object, FieldStyle style);

/* A number as a JSON tree, for a FIELD_JSON member that may be absent; new reference, null when it
 * is not finite. */
json_t *field_json_number(double number);

/* JSON tree to text; new string. */
char *field_json_text(const json_t *json, FieldStyle style);

/* Text to JSON tree with the limits and the error of field_decode(); new reference or NULL. */
json_t *field_json_parse(const char *text, size_t length, GError **error);

/* Frees what the members own and zeroes them. */
void field_clear(const Field *fields, void *object);

/* Fills every member from its default_text (zero where it has none). `object` must be zeroed. */
void field_set_defaults(const Field *fields, void *object);

/* A row of this level by name, or NULL. */
const Field *field_find(const Field *fields, const char *name);

/* JSON Schema (draft 2020-12) of an object with these members; new reference. */
json_t *field_schema(const Field *fields);

/* "integer", "duration like \"30m\"", "one of auto, full", ... for errors and docs. New string. */
char *field_type_text(const Field *field);

/* "2h30m" to seconds; ERR_DATA for zero, a bare number, an unknown unit or overflow. */
bool field_parse_duration(const char *text, int64_t *out_seconds,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* 9000 to "2h30m". New string. */
char *field_format_duration(int64_t seconds);
