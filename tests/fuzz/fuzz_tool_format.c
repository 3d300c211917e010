/* The first byte chooses the family; the rest up to a zero byte is a model's answer, what follows a
 * tool's schema. Answers are split or refused with a reason, schemas make a grammar or an error. */
#include "provider/tool_format.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_answer(const ToolFormat *format, const char *answer, const ToolSet *set) {
    size_t length = strlen(answer);
    if (tool_format_plain_length(format, answer, length) > length) abort();
    ToolFormatReply reply = { 0 };
    g_autoptr(GError) error = NULL;
    if (!tool_format_parse(format, answer, set, &reply, &error)) {
        if (!error_is(error, ERR_DATA) || reply.calls != NULL) abort();
        return;
    }
    for (guint i = 0; i < reply.calls->len; i++) {
        const ToolFormatCall *call = g_ptr_array_index(reply.calls, i);
        if (strcmp(call->name, set->tools[0].name) != 0 || !json_is_object(call->arguments))
            abort();
        /* What was read can be written and read again. */
        g_autofree char *text = tool_format_call(format, call->name, call->arguments);
        ToolFormatReply again = { 0 };
        if (!tool_format_parse(format, text, set, &again, NULL) || again.calls->len != 1) abort();
        tool_format_reply_clear(&again);
    }
    tool_format_reply_clear(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const ToolFormat *format = &tool_formats[data[0] % 5];
    g_autofree char *answer = g_strndup((const char *)data + 1, size - 1);
    size_t used = MIN(size, 2 + strlen(answer));
    json_t *schema = json_loadb((const char *)data + used, size - used, JSON_DECODE_ANY, NULL);
    ToolSpec tool = { "run", "", schema };
    ToolSet set = { &tool, 1 };
    try_answer(format, answer, &set);
    g_autoptr(GError) error = NULL;
    g_autofree char *grammar = tool_format_grammar(format, &set, &error);
    if (grammar == NULL && !error_is(error, ERR_DATA) && !error_is(error, ERR_LIMIT)) abort();
    if (grammar != NULL && strstr(grammar, "\nroot ::= ") == NULL) abort();
    json_decref(schema);
    return 0;
}
