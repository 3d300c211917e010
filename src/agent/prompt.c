/* agent/prompt.c: the budget of one request. */
#include "agent/prompt.h"

#include <string.h>

#include "agent/prompt_data.h"
#include "base/error.h"
#include "base/text.h"

/* What a chat template adds around one message: role, separators. Measured on ChatML (5) and Llama
 * 3 (6). */
#define TOKENS_AROUND_MESSAGE 6

const char *prompt_text(const char *name) {
    for (const PromptData *row = prompt_data; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return row->text;
    return NULL;
}

static int64_t count_part(Provider *provider, const Part *part) {
    switch ((PartKind)part->kind) {
    case PART_TEXT: return provider_count_tokens(provider, part->text);
    case PART_THINKING: return provider_count_tokens(provider, part->thinking);
    case PART_TOOL_CALL: {
        g_autofree char *arguments = field_json_text(part->arguments, FIELD_COMPACT);
        return provider_count_tokens(provider, arguments) +
               provider_count_tokens(provider, part->call_name);
    }
    case PART_IMAGE:
        return 1200; /* what the large providers charge for a picture of about 1 megapixel */
    }
    return 0;
}

static int64_t count_message(Provider *provider, const Message *message) {
    int64_t count = TOKENS_AROUND_MESSAGE;
    for (unsigned i = 0; i < message->parts->len; i++)
        count += count_part(provider, g_ptr_array_index(message->parts, i));
    return count;
}

/* Keeps the beginning and the end of `text`, `max_tokens` in all, with a marker between them. */
static char *cut_middle(Provider *provider, const char *text, int64_t max_tokens) {
    size_t length = strlen(text);
    int64_t tokens = MAX(provider_count_tokens(provider, text), 1);
    /* Bytes per token vary within a text, so the first guess is shrunk until it fits. */
    size_t budget = (size_t)((double)length * (double)max_tokens / (double)tokens);
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

static bool is_attachment(const Part *part) {
    return part->kind == PART_TEXT && part->label.origin != ORIGIN_OWNER &&
           part->label.origin != ORIGIN_SYSTEM;
}

/* Cuts the attached text of the newest message so that it has at most `max_tokens`; the tokens left
 * out. */
static int64_t fit_attachments(Provider *provider, Message *message, int64_t max_tokens) {
    int64_t over = count_message(provider, message) - max_tokens;
    int64_t n_cut = 0;
    for (unsigned i = 0; i < message->parts->len && over > 0; i++) {
        Part *part = g_ptr_array_index(message->parts, i);
        if (!is_attachment(part)) continue;
        int64_t tokens = count_part(provider, part);
        int64_t keep = tokens - over;
        if (keep < 48) continue;
        char *cut = cut_middle(provider, part->text, keep);
        g_free(part->text);
        part->text = cut;
        int64_t left_out = tokens - count_part(provider, part);
        n_cut += left_out;
        over -= left_out;
    }
    return n_cut;
}

static bool add_newest(const PromptInput *input, Prompt *prompt, GError **error) {
    const Message *newest = g_ptr_array_index(input->messages, input->messages->len - 1);
    int64_t room = input->window_tokens - input->answer_tokens - prompt->system_tokens;
    g_autoptr(Message) message = message_copy(newest);
    prompt->n_cut_tokens = fit_attachments(input->provider, message, room);
    int64_t tokens = count_message(input->provider, message);
    if (tokens > room) {
        error_set_with_hint(
            error, ERR_LIMIT,
            "Shorten it, or use a model with a larger window: localgpt model list --all",
            "the message has about %" G_GINT64_FORMAT
            " tokens, and this model has room for %" G_GINT64_FORMAT,
            (gint64)tokens, (gint64)MAX(room, 0));
        return false;
    }
    prompt->history_tokens = tokens;
    g_ptr_array_add(prompt->messages, g_steal_pointer(&message));
    return true;
}

/* Older messages, newest first, while they fit; then forward to the first one that is a question.
 */
static void add_history(const PromptInput *input, Prompt *prompt) {
    int64_t limit = input->window_tokens - input->answer_tokens;
    if (input->tier->prompt_tokens > 0) limit = MIN(limit, input->tier->prompt_tokens);
    int64_t used = prompt->system_tokens + prompt->history_tokens;
    unsigned newest = input->messages->len - 1;
    unsigned first = newest;
    while (first > 0) {
        const Message *message = g_ptr_array_index(input->messages, first - 1);
        int64_t tokens = count_message(input->provider, message);
        if (used + tokens > limit) break;
        used += tokens;
        first--;
    }
    while (first < newest &&
           ((const Message *)g_ptr_array_index(input->messages, first))->role != ROLE_USER) {
        used -= count_message(input->provider, g_ptr_array_index(input->messages, first));
        first++;
    }
    for (unsigned i = first; i < newest; i++)
        g_ptr_array_insert(prompt->messages, (gint)(i - first),
                           message_copy(g_ptr_array_index(input->messages, i)));
    prompt->history_tokens = used - prompt->system_tokens;
}

bool prompt_assemble(const PromptInput *input, Prompt *out, GError **error) {
    g_assert(input->messages->len > 0);
    Prompt prompt = { .messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free) };
    g_autofree char *system = g_strdup(prompt_text(input->tier->prompt_name));
    g_assert(system != NULL);
    prompt.system = g_strdup(g_strstrip(system));
    prompt.system_tokens =
        provider_count_tokens(input->provider, prompt.system) + TOKENS_AROUND_MESSAGE;
    if (!add_newest(input, &prompt, error)) {
        prompt_clear(&prompt);
        return false;
    }
    add_history(input, &prompt);
    *out = prompt;
    return true;
}

void prompt_clear(Prompt *prompt) {
    g_clear_pointer(&prompt->system, g_free);
    g_clear_pointer(&prompt->messages, g_ptr_array_unref);
}
