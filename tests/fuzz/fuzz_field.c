/* Any bytes as a JSON document: decoded into a struct that has every kind of member, written back,
 * and freed. What the codec wrote, the codec reads, and writes the same again. */
#include "base/field.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    char *name;
    int64_t count;
} Item;

typedef struct {
    bool is_on;
    int64_t number;
    double share;
    int64_t wait;
    char *text;
    int level;
    char **words;
    Item one;
    GPtrArray *many;
    GHashTable *map;
    GHashTable *items;
    json_t *any;
    int type;
    char *case_text;
} Everything;

static const char *const levels[] = { "none", "some", "full", NULL };
static const Field item_fields[] = {
    { "name", FIELD_STRING(Item, name) },
    { "count", FIELD_INT(Item, count), .min = 0, .max = 100 },
    { 0 },
};
static const Field text_fields[] = { { "case_text", FIELD_STRING(Everything, case_text) }, { 0 } };
static const FieldCase cases[] = { { "plain", NULL }, { "text", text_fields }, { 0 } };
static const Field fields[] = {
    { "is_on", FIELD_BOOL(Everything, is_on) },
    { "number", FIELD_INT(Everything, number) },
    { "share", FIELD_DOUBLE(Everything, share) },
    { "wait", FIELD_DURATION(Everything, wait), .default_text = "30s" },
    { "text", FIELD_STRING(Everything, text), .flags = FIELD_OMIT_EMPTY },
    { "level", FIELD_ENUM(Everything, level, levels) },
    { "words", FIELD_STRINGS(Everything, words) },
    { "one", FIELD_STRUCT(Everything, one, item_fields) },
    { "many", FIELD_STRUCTS(Everything, many, Item, item_fields) },
    { "map", FIELD_MAP(Everything, map) },
    { "items", FIELD_STRUCT_MAP(Everything, items, Item, item_fields) },
    { "any", FIELD_JSON(Everything, any) },
    { "type", FIELD_UNION(Everything, type, cases) },
    { 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Everything first = { 0 };
    if (!field_decode(fields, &first, (const char *)data, size, FIELD_DEFAULTS, NULL)) return 0;
    g_autofree char *text = field_encode(fields, &first, FIELD_COMPACT);
    field_clear(fields, &first);

    Everything second = { 0 };
    if (!field_decode(fields, &second, text, strlen(text), FIELD_STRICT, NULL)) abort();
    g_autofree char *again = field_encode(fields, &second, FIELD_COMPACT);
    field_clear(fields, &second);
    if (strcmp(text, again) != 0) abort();
    return 0;
}
