/* Arguments of any model, as text: decoding never crashes, and what it takes it takes the same way
 * again on the child's side of the sandbox. No tool is run. */
#include <stdint.h>
#include <string.h>

#include "tool/worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_tool(const ToolOps *ops, const json_t *arguments) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ToolCall) call = tool_call_decode(ops, arguments, &error);
    if (call == NULL) {
        g_assert_nonnull(error);
        return;
    }
    g_autofree char *title = tool_call_title(call);
    g_assert_true(g_utf8_validate(title, -1, NULL));
    g_assert_null(strpbrk(title, "\n\t\033"));
    g_autofree char *exact = tool_call_exact(call);
    g_assert_nonnull(exact);
    const ToolRequest request = { 0 };
    g_autofree char *input = tool_worker_request(call, &request);
    g_assert_nonnull(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_auto(ToolResult) result = { 0 };
    if (!tool_worker_reply((const char *)data, size, &result, NULL)) g_assert_null(result.text);
    json_t *arguments = field_json_parse((const char *)data, size, NULL);
    if (arguments == NULL) return 0;
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++) try_tool(*ops, arguments);
    json_decref(arguments);
    return 0;
}
