/* Tests of base/field.c: structs to JSON and back, defaults, errors that name the member, schemas.
 */
#include "base/field.h"

#include <string.h>

#include "base/error.h"

typedef struct {
    int64_t limit;
    char *word;
} Inner;

typedef struct {
    bool is_on;
    int64_t count;
    double ratio;
    int64_t wait;
    char *name;
    int level;
    char **tags;
    Inner inner;
    GPtrArray *list; /* Inner */
    GHashTable *map;
    GHashTable *servers; /* Inner */
    json_t *raw;
    int kind;
    char *text;
    char *call;
} Outer;

static const char *const levels[] = { "auto", "full", "none", NULL };
static const Field inner_fields[] = {
    { "limit", FIELD_INT(Inner, limit), .default_text = "7", .min = 1, .max = 9 },
    { "word", FIELD_STRING(Inner, word), .flags = FIELD_OMIT_EMPTY },
    { 0 },
};
static const Field text_case[] = { { "text", FIELD_STRING(Outer, text) }, { 0 } };
static const Field call_case[] = { { "call", FIELD_STRING(Outer, call) }, { 0 } };
static const FieldCase cases[] = { { "text", text_case }, { "call", call_case }, { 0 } };
static const Field fields[] = {
    { "is_on", FIELD_BOOL(Outer, is_on), .default_text = "true" },
    { "count", FIELD_INT(Outer, count), .default_text = "400" },
    { "ratio", FIELD_DOUBLE(Outer, ratio) },
    { "wait", FIELD_DURATION(Outer, wait), .default_text = "30m" },
    { "name", FIELD_STRING(Outer, name), .default_text = "x", .help = "A name." },
    { "level", FIELD_ENUM(Outer, level, levels), .default_text = "full" },
    { "tags", FIELD_STRINGS(Outer, tags), .default_text = "[\"a\"]" },
    { "inner", FIELD_STRUCT(Outer, inner, inner_fields) },
    { "list", FIELD_STRUCTS(Outer, list, Inner, inner_fields) },
    { "map", FIELD_MAP(Outer, map) },
    { "servers", FIELD_STRUCT_MAP(Outer, servers, Inner, inner_fields) },
    { "raw", FIELD_JSON(Outer, raw), .flags = FIELD_OMIT_EMPTY },
    { "type", FIELD_UNION(Outer, kind, cases) },
    { 0 },
};

static const char document[] =
    "{\"is_on\":true,\"count\":3,\"ratio\":0.5,\"wait\":\"1h30m\",\"name\":\"\\u00e4\",\"level\":"
    "\"none\","
    "\"tags\":[\"p\",\"q\"],\"inner\":{\"limit\":2},\"list\":[{\"limit\":3,\"word\":\"w\"}],"
    "\"map\":{\"k\":\"v\"},\"servers\":{\"s\":{\"limit\":4}},\"raw\":{\"deep\":[1,null]},"
    "\"type\":\"call\",\"call\":\"c\"}";

static void round_trip_keeps_every_kind(void) {
    g_autoptr(GError) error = NULL;
    Outer object = { 0 };
    g_assert_true(field_decode(fields, &object, document, strlen(document), FIELD_STRICT, &error));
    g_assert_no_error(error);
    g_assert_cmpint(object.wait, ==, 5400);
    g_assert_cmpint(object.level, ==, 2);
    g_assert_cmpstr(object.call, ==, "c");
    g_autofree char *text = field_encode(fields, &object, FIELD_COMPACT);
    g_autofree char *expected = g_strdup(document);
    json_t *a = json_loads(text, 0, NULL), *b = json_loads(expected, 0, NULL);
    g_assert_true(json_equal(a, b));
    json_decref(a);
    json_decref(b);
    field_clear(fields, &object);
    g_assert_null(object.name);
}

static void defaults_fill_what_is_absent(void) {
    g_autoptr(GError) error = NULL;
    Outer object = { 0 };
    const char *text = "{\"type\":\"text\",\"count\":1}";
    g_assert_true(field_decode(fields, &object, text, strlen(text), FIELD_DEFAULTS, &error));
    g_assert_true(object.is_on);
    g_assert_cmpint(object.count, ==, 1);
    g_assert_cmpint(object.wait, ==, 1800);
    g_assert_cmpint(object.inner.limit, ==, 7);
    g_assert_cmpstr(object.tags[0], ==, "a");
    g_assert_cmpint(object.level, ==, 1);
    field_clear(fields, &object);
}

static void a_problem_names_the_member(void) {
    static const struct {
        const char *text, *message;
    } cases_of_error[] = {
        { "{\"count\":\"x\",\"type\":\"text\"}", "count: expected an integer, got \"x\"" },
        { "{\"inner\":{\"limit\":99},\"type\":\"text\"}", "inner.limit: 99 is outside 1 to 9" },
        { "{\"list\":[{},{\"limit\":true}],\"type\":\"text\"}",
          "list[1].limit: expected an integer from 1 to 9, got true" },
        { "{\"level\":\"ful\",\"type\":\"text\"}",
          "level: unknown value \"ful\", did you mean \"full\"?" },
        { "{\"wait\":30,\"type\":\"text\"}", "wait: expected a duration like \"30m\", got 30" },
        { "{\"cuont\":1,\"type\":\"text\"}", "cuont: unknown key 'cuont', did you mean 'count'?" },
        { "{\"type\":\"nope\"}", "'type': unknown kind 'nope'" },
        { "[]", "expected a table of keys, got a list" },
        { "{\"a\":1,\"a\":2}", NULL },
        { "{", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases_of_error); i++) {
        g_autoptr(GError) error = NULL;
        Outer object = { 0 };
        const char *text = cases_of_error[i].text;
        g_assert_false(field_decode(fields, &object, text, strlen(text), FIELD_STRICT, &error));
        g_assert_true(error_is(error, ERR_DATA));
        if (cases_of_error[i].message != NULL)
            g_assert_cmpstr(error->message, ==, cases_of_error[i].message);
    }
}

static void deep_nesting_is_refused(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 100000; i++) g_string_append_c(text, '[');
    g_autoptr(GError) error = NULL;
    g_assert_null(field_json_parse(text->str, text->len, &error));
    g_assert_true(error_is(error, ERR_DATA));
}

static void durations_are_strict(void) {
    static const struct {
        const char *text;
        int64_t seconds; /* 0: refused */
    } rows[] = { { "30m", 1800 },
                 { "2h30m", 9000 },
                 { "1d", 86400 },
                 { "45s", 45 },
                 { "", 0 },
                 { "0s", 0 },
                 { "30", 0 },
                 { "m", 0 },
                 { "1h30", 0 },
                 { "1w", 0 },
                 { "-5m", 0 },
                 { " 5m", 0 },
                 { "9999999999999999999s", 0 },
                 { "106751991167301d", 0 } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t seconds = 0;
        bool is_ok = field_parse_duration(rows[i].text, &seconds, NULL);
        g_assert_cmpint(is_ok ? seconds : 0, ==, rows[i].seconds);
    }
    g_autofree char *text = field_format_duration(9000);
    g_assert_cmpstr(text, ==, "2h30m");
}

static void schema_comes_from_the_rows(void) {
    json_t *schema = field_schema(inner_fields);
    g_autofree char *text = field_json_text(schema, FIELD_COMPACT);
    g_assert_cmpstr(
        text, ==,
        "{\"type\":\"object\",\"properties\":{\"limit\":{\"type\":\"integer\",\"minimum\":1,"
        "\"maximum\":9},\"word\":{\"type\":\"string\"}},\"additionalProperties\":false}");
    json_decref(schema);
}

static void count_problem(const char *path, const char *message, void *user_data) {
    g_ptr_array_add(user_data, g_strdup_printf("%s|%s", path, message));
}

static void lenient_reports_all_and_keeps_defaults(void) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    json_t *json = json_loads(
        "{\"count\":\"x\",\"inner\":{\"limit\":0,\"wrod\":1},\"type\":\"text\"}", 0, NULL);
    Outer object = { 0 };
    field_set_defaults(fields, &object);
    unsigned n = field_from_json_lenient(fields, &object, json, FIELD_DEFAULTS, count_problem, NULL,
                                         problems);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpint(object.count, ==, 400);
    g_assert_cmpint(object.inner.limit, ==, 7);
    field_clear(fields, &object);
    json_decref(json);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/field/round_trip_keeps_every_kind", round_trip_keeps_every_kind);
    g_test_add_func("/base/field/defaults_fill_what_is_absent", defaults_fill_what_is_absent);
    g_test_add_func("/base/field/a_problem_names_the_member", a_problem_names_the_member);
    g_test_add_func("/base/field/deep_nesting_is_refused", deep_nesting_is_refused);
    g_test_add_func("/base/field/durations_are_strict", durations_are_strict);
    g_test_add_func("/base/field/schema_comes_from_the_rows", schema_comes_from_the_rows);
    g_test_add_func("/base/field/lenient_reports_all_and_keeps_defaults",
                    lenient_reports_all_and_keeps_defaults);
    return g_test_run();
}
