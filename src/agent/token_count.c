/* agent/token_count.c: see the header. */
#include "agent/token_count.h"

#include <string.h>

#include "base/text.h"

/* What the large providers charge for a picture of about 1 megapixel. */
#define TOKENS_OF_IMAGE 1200
/* Names of members, quotes and brackets around one tool. */
#define TOKENS_AROUND_TOOL 12

int64_t token_count_part(Provider *provider, const Part *part) {
    switch ((PartKind)part->kind) {
    case PART_TEXT: return provider_count_tokens(provider, part->text);
    case PART_THINKING: return provider_count_tokens(provider, part->thinking);
    case PART_TOOL_CALL: {
        g_autofree char *arguments = field_json_text(part->arguments, FIELD_COMPACT);
        return provider_count_tokens(provider, arguments) +
               provider_count_tokens(provider, part->call_name);
    }
    case PART_IMAGE: return TOKENS_OF_IMAGE;
    }
    return 0;
}

int64_t token_count_message(Provider *provider, const Message *message) {
    int64_t count = TOKENS_AROUND_MESSAGE;
    for (unsigned i = 0; i < message->parts->len; i++)
        count += token_count_part(provider, g_ptr_array_index(message->parts, i));
    return count;
}

int64_t token_count_messages(Provider *provider, const GPtrArray *messages) {
    int64_t count = 0;
    for (unsigned i = 0; i < messages->len; i++)
        count += token_count_message(provider, g_ptr_array_index(messages, i));
    return count;
}

int64_t token_count_tools(Provider *provider, const ToolSpec *tools, size_t n_tools) {
    int64_t count = 0;
    for (size_t i = 0; i < n_tools; i++) {
        g_autofree char *parameters = field_json_text(tools[i].parameters, FIELD_COMPACT);
        count += TOKENS_AROUND_TOOL + provider_count_tokens(provider, tools[i].name) +
                 provider_count_tokens(provider, tool_spec_description(&tools[i])) +
                 provider_count_tokens(provider, parameters);
    }
    return count;
}

char *token_cut_middle(Provider *provider, const char *text, int64_t max_tokens) {
    size_t length = strlen(text);
    int64_t tokens = MAX(provider_count_tokens(provider, text), 1);
    if (tokens <= max_tokens) return g_strdup(text);
    /* Bytes per token vary within a text, so the first guess is shrunk until it fits. */
    size_t budget = (size_t)((double)length * (double)MAX(max_tokens, 0) / (double)tokens);
    for (;;) {
        size_t head = text_cut(text, length, budget * 2 / 3);
        size_t tail = length - budget / 3;
        while (tail < length && ((unsigned char)text[tail] & 0xC0) == 0x80) tail++;
        g_autofree char *cut = g_strdup_printf("%.*s\n[... %zu of %zu bytes left out ...]\n%s",
                                               (int)head, text, tail - head, length, text + tail);
        if (provider_count_tokens(provider, cut) <= max_tokens || budget < 16)
            return g_steal_pointer(&cut);
        budget = budget * 7 / 8;
    }
}
