/* What every tool of the registry must be, whatever it does: described, typed, strict. */
#include "tool_ground.h"

#include "base/text.h"

static void every_row_is_whole_and_in_order(void) {
    const char *before = "";
    for (const ToolOps *const *at = tool_registry; *at != NULL; at++) {
        const ToolOps *ops = *at;
        g_test_message("%s", ops->name);
        g_assert_cmpstr(before, <, ops->name);
        before = ops->name;
        for (const char *c = ops->name; *c != '\0'; c++)
            g_assert_true(g_ascii_islower(*c) || g_ascii_isdigit(*c) || *c == '_');
        g_assert_nonnull(ops->summary);
        g_assert_cmpuint(strlen(ops->summary), <=, 80);
        g_assert_nonnull(ops->arguments);
        g_assert_nonnull(ops->title);
        g_assert_true((ops->work != NULL) != (ops->run != NULL));
        g_assert_cmpint(ops->risk, <, TOOL_N_RISKS);
        /* Only what changes nothing may run beside others; what writes files can be undone. */
        if (ops->flags & TOOL_PARALLEL)
            g_assert_true(ops->risk == TOOL_RISK_READ || ops->risk == TOOL_RISK_EGRESS);
        if (ops->risk == TOOL_RISK_WRITE) g_assert_true(ops->flags & TOOL_UNDOABLE);
        for (const Field *field = ops->arguments; field->type != FIELD_TYPE_END; field++) {
            g_assert_nonnull(field->help);
            g_assert_true(field->flags & FIELD_REQUIRED || field->default_text != NULL ||
                          field->type == FIELD_TYPE_STRING || field->type == FIELD_TYPE_STRUCTS ||
                          field->type == FIELD_TYPE_STRINGS);
        }
    }
}

static void every_schema_is_closed(void) {
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++) {
        json_t *schema = tool_schema(*ops);
        g_assert_cmpstr(json_string_value(json_object_get(schema, "type")), ==, "object");
        g_assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
        json_decref(schema);
    }
}

/* A 4K window holds the tools of a small model twice over, beside the rest of its prompt. */
static void the_tools_of_a_small_model_take_little(void) {
    size_t n_bytes = 0;
    for (const ToolOps *const *at = tool_registry; *at != NULL; at++) {
        if (!((*at)->flags & TOOL_FOR_SMALL)) continue;
        json_t *schema = tool_schema_small(*at);
        g_autofree char *text = field_json_text(schema, FIELD_COMPACT);
        n_bytes += strlen(text) + strlen((*at)->name) + strlen((*at)->summary);
        for (const Field *field = (*at)->arguments; field->type != FIELD_TYPE_END; field++)
            if (field->flags & FIELD_REQUIRED)
                g_assert_nonnull(
                    json_object_get(json_object_get(schema, "properties"), field->name));
        json_decref(schema);
    }
    g_test_message("%zu bytes", n_bytes);
    g_assert_cmpuint(n_bytes, <, 2000);
}

/* A value that fits a row. */
static json_t *value_of(const Field *field) {
    switch (field->type) {
    case FIELD_TYPE_BOOL: return json_true();
    case FIELD_TYPE_INT: return json_integer((json_int_t)MAX(field->min, 1));
    case FIELD_TYPE_DOUBLE: return json_real(field->min);
    case FIELD_TYPE_STRINGS: return json_pack("[s]", "a");
    case FIELD_TYPE_ENUM: return json_string(field->choices[0]);
    default: return json_string("a");
    }
}

static json_t *least_arguments(const ToolOps *ops) {
    json_t *arguments = json_object();
    for (const Field *field = ops->arguments; field->type != FIELD_TYPE_END; field++)
        if (field->flags & FIELD_REQUIRED)
            json_object_set_new(arguments, field->name, value_of(field));
    if (strcmp(ops->name, "edit_file") == 0) {
        json_object_set_new(arguments, "old_string", json_string("a"));
        json_object_set_new(arguments, "new_string", json_string("b"));
    }
    return arguments;
}

static void the_least_arguments_decode_and_have_a_title(void) {
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++) {
        json_t *arguments = least_arguments(*ops);
        g_autoptr(GError) error = NULL;
        g_autoptr(ToolCall) call = tool_call_decode(*ops, arguments, &error);
        g_assert_no_error(error);
        g_autofree char *title = tool_call_title(call);
        g_assert_cmpuint(strlen(title), >, 0);
        g_assert_null(strchr(title, '\n'));
        g_autofree char *exact = tool_call_exact(call);
        g_assert_nonnull(exact);
        json_decref(arguments);
    }
}

static void a_missing_argument_is_named(void) {
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++)
        for (const Field *field = (*ops)->arguments; field->type != FIELD_TYPE_END; field++) {
            if (!(field->flags & FIELD_REQUIRED)) continue;
            json_t *arguments = least_arguments(*ops);
            json_object_del(arguments, field->name);
            g_autoptr(GError) error = NULL;
            g_assert_null(tool_call_decode(*ops, arguments, &error));
            g_assert_true(error_is(error, ERR_USAGE));
            assert_has(error->message, field->name);
            json_decref(arguments);
        }
}

/* Names that some agent, somewhere, takes for the one argument, and what case and look-alikes give.
 */
static GPtrArray *aliases_of(const char *name) {
    static const char *const prefixes[] = { "file_", "the_", "_", "-", " ", "$", "target_", "my" };
    static const char *const suffixes[] = { "s",  "_",    " ",     "Url",  "_path", "Name",
                                            "[]", "[0]",  ".x",    "1",    "\t",    "_override",
                                            "=",  "_str", "Value", "_arg", "%00",   "/" };
    GPtrArray *aliases = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        g_ptr_array_add(aliases, g_strconcat(prefixes[i], name, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        g_ptr_array_add(aliases, g_strconcat(name, suffixes[i], NULL));
    g_ptr_array_add(aliases, g_ascii_strup(name, -1));
    for (size_t i = 0; i < strlen(name); i++) {
        char *other = g_strdup(name);
        other[i] = (char)g_ascii_toupper(name[i]);
        g_ptr_array_add(aliases, other);
        g_ptr_array_add(aliases, g_strconcat(name, "\xe2\x80\x8b", NULL));
    }
    static const char *const known[] = {
        "filePath",  "file_path",   "filename",
        "fileUrl",   "mediaUrl",    "uri",
        "cmd",       "script",      "args",
        "cwd",       "workdir",     "env",
        "timeout",   "shell",       "sandbox",
        "mode",      "approve",     "user",
        "__proto__", "constructor", "dangerouslyDisableSandbox",
        "force",     "permission",  "root",
        "as_root",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) g_ptr_array_add(aliases, g_strdup(known[i]));
    return aliases;
}

/* T-ARG-01: no second name for an argument reaches a tool. */
static void no_alias_of_an_argument_is_taken(void) {
    unsigned n = 0;
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++)
        for (const Field *field = (*ops)->arguments; field->type != FIELD_TYPE_END; field++) {
            g_autoptr(GPtrArray) aliases = aliases_of(field->name);
            g_assert_cmpuint(aliases->len, >=, 50);
            for (unsigned i = 0; i < aliases->len; i++) {
                const char *alias = g_ptr_array_index(aliases, i);
                if (field_find((*ops)->arguments, alias) != NULL) continue;
                json_t *arguments = least_arguments(*ops);
                json_object_set_new(arguments, alias, value_of(field));
                g_autoptr(GError) error = NULL;
                g_assert_null(tool_call_decode(*ops, arguments, &error));
                g_assert_true(error_is(error, ERR_USAGE));
                json_decref(arguments);
                n++;
            }
        }
    g_test_message("%u aliases refused", n);
}

static void a_misspelt_argument_is_corrected(void) {
    json_t *arguments = json_pack("{s:s}", "pth", "a");
    g_autoptr(GError) error = NULL;
    g_assert_null(tool_call_decode(tool_find("read_file"), arguments, &error));
    assert_has(error->message, "did you mean 'path'");
    assert_has(error->message, "Its arguments: path (required), offset, limit");
    json_decref(arguments);
}

static void types_and_ranges_are_checked(void) {
    static const char *const rows[][2] = {
        { "{\"path\":1}", "string" },
        { "{\"path\":\"a\",\"offset\":0}", "offset" },
        { "{\"path\":\"a\",\"offset\":\"1\"}", "integer" },
        { "{\"path\":\"a\",\"limit\":-1}", "limit" },
        { "{\"path\":\"a\",\"limit\":1.5}", "integer" },
        { "{\"path\":[\"a\"]}", "string" },
        { "[]", "table" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *arguments = json_loads(rows[i][0], 0, NULL);
        g_autoptr(GError) error = NULL;
        g_assert_null(tool_call_decode(tool_find("read_file"), arguments, &error));
        assert_has(error->message, rows[i][1]);
        json_decref(arguments);
    }
}

static void the_child_is_as_strict_as_the_parent(void) {
    static const char *const inputs[] = {
        "",
        "{}",
        "{\"arguments\":{\"path\":\"a\"},\"extra\":1}",
        "{\"arguments\":{\"path\":\"a\",\"mode\":\"x\"}}",
        "{\"arguments\":[]}",
        "{\"arguments\":{\"path\":\"a\\u0000b\"}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_autofree char *reply = tool_worker_answer("read_file", inputs[i], strlen(inputs[i]));
        g_auto(ToolResult) result = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_false(tool_worker_reply(reply, strlen(reply), &result, &error));
    }
    g_autofree char *reply = tool_worker_answer("bash2", "{}", 2);
    assert_has(reply, "there is no tool");
}

static void a_child_cannot_forge_a_cancel(void) {
    static const char reply[] = "{\"problem\":\"stop\",\"code\":\"cancelled\"}";
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(tool_worker_reply(reply, strlen(reply), &result, &error));
    g_assert_true(error_is(error, ERR_FAILED));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tool/conformance/every_row_is_whole_and_in_order",
                    every_row_is_whole_and_in_order);
    g_test_add_func("/tool/conformance/every_schema_is_closed", every_schema_is_closed);
    g_test_add_func("/tool/conformance/the_tools_of_a_small_model_take_little",
                    the_tools_of_a_small_model_take_little);
    g_test_add_func("/tool/conformance/the_least_arguments_decode_and_have_a_title",
                    the_least_arguments_decode_and_have_a_title);
    g_test_add_func("/tool/conformance/a_missing_argument_is_named", a_missing_argument_is_named);
    g_test_add_func("/tool/conformance/no_alias_of_an_argument_is_taken",
                    no_alias_of_an_argument_is_taken);
    g_test_add_func("/tool/conformance/a_misspelt_argument_is_corrected",
                    a_misspelt_argument_is_corrected);
    g_test_add_func("/tool/conformance/types_and_ranges_are_checked", types_and_ranges_are_checked);
    g_test_add_func("/tool/conformance/the_child_is_as_strict_as_the_parent",
                    the_child_is_as_strict_as_the_parent);
    g_test_add_func("/tool/conformance/a_child_cannot_forge_a_cancel",
                    a_child_cannot_forge_a_cancel);
    return g_test_run();
}
