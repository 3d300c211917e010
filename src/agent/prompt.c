/* agent/prompt.c: the budget of one request. */
#include "agent/prompt.h"

#include "agent/token_count.h"
#include "base/error.h"

static bool is_attachment(const Part *part) {
    return part->kind == PART_TEXT && part->label.origin != ORIGIN_OWNER &&
           part->label.origin != ORIGIN_SYSTEM;
}

/* Less than this of an attachment says nothing. */
#define MIN_ATTACHMENT_TOKENS 48

static int64_t cut_part(Provider *provider, Part *part, int64_t max_tokens) {
    int64_t tokens = token_count_part(provider, part);
    if (tokens <= max_tokens) return 0;
    char *cut = token_cut_middle(provider, part->text, max_tokens);
    g_free(part->text);
    part->text = cut;
    return tokens - token_count_part(provider, part);
}

/* Cuts attached text so that the messages, `tokens` in all, have at most `room`: each attachment is
 * left an equal share of what the owner's words leave. The tokens left out. */
static int64_t cut_attachments(Provider *provider, const GPtrArray *messages, int64_t tokens,
                               int64_t room) {
    g_autoptr(GPtrArray) attachments = g_ptr_array_new();
    int64_t attached = 0, n_cut = 0;
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        for (unsigned k = 0; k < message->parts->len; k++) {
            Part *part = g_ptr_array_index(message->parts, k);
            if (!is_attachment(part)) continue;
            attached += token_count_part(provider, part);
            g_ptr_array_add(attachments, part);
        }
    }
    if (attachments->len == 0) return 0;
    int64_t share = (room - (tokens - attached)) / (int64_t)attachments->len;
    for (unsigned i = 0; share >= MIN_ATTACHMENT_TOKENS && i < attachments->len; i++)
        n_cut += cut_part(provider, g_ptr_array_index(attachments, i), share);
    return n_cut;
}

static const Message *message_at(const PromptInput *input, unsigned index) {
    return g_ptr_array_index(input->messages, index);
}

/* Where the part begins that cannot be left out: the newest message, or the newest calls with all
 * their results. */
static unsigned pinned_from(const PromptInput *input) {
    unsigned first = input->messages->len - 1;
    while (first > 0 && message_at(input, first)->role == ROLE_TOOL_RESULT) first--;
    return first;
}

static int64_t room_for_messages(const PromptInput *input, const Prompt *prompt) {
    return input->window_tokens - input->answer_tokens - prompt->system_tokens -
           prompt->tool_tokens;
}

static bool add_pinned(const PromptInput *input, Prompt *prompt, unsigned first, GError **error) {
    int64_t room = room_for_messages(input, prompt);
    for (unsigned i = first; i < input->messages->len; i++)
        g_ptr_array_add(prompt->messages, message_copy(message_at(input, i)));
    int64_t tokens = token_count_messages(input->provider, prompt->messages);
    if (tokens > room) {
        prompt->n_cut_tokens = cut_attachments(input->provider, prompt->messages, tokens, room);
        tokens -= prompt->n_cut_tokens;
    }
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
    return true;
}

/* How many tokens of messages may be sent beside what is fixed. */
static int64_t history_limit(const PromptInput *input, const Prompt *prompt) {
    int64_t limit = room_for_messages(input, prompt);
    if (input->tier->prompt_tokens > 0)
        limit = MIN(limit, input->tier->prompt_tokens - prompt->system_tokens);
    return limit;
}

/* Whether the whole session, `used` tokens from message `first` on, is more than the window takes.
 */
static bool is_overfull(const PromptInput *input, const Prompt *prompt, unsigned first,
                        int64_t used) {
    int64_t reserve = MAX(input->reserve_tokens - input->answer_tokens, 0);
    int64_t room = room_for_messages(input, prompt) - reserve;
    for (unsigned i = first; i > 0 && used <= room; i--)
        used += token_count_message(input->provider, message_at(input, i - 1));
    return used > room;
}

/* The owner's question that the pinned calls belong to, when it is not among what is sent. */
static void add_question(const PromptInput *input, Prompt *prompt, unsigned first) {
    if (message_at(input, first)->role != ROLE_ASSISTANT) return;
    for (unsigned i = first; i > 0; i--) {
        const Message *message = message_at(input, i - 1);
        if (message->role != ROLE_USER) continue;
        int64_t tokens = token_count_message(input->provider, message);
        if (prompt->history_tokens + tokens > room_for_messages(input, prompt)) return;
        g_ptr_array_insert(prompt->messages, 0, message_copy(message));
        prompt->history_tokens += tokens;
        return;
    }
}

/* Older messages, newest first, while they fit; then forward to the first one that is a question.
 */
static void add_history(const PromptInput *input, Prompt *prompt, unsigned pinned) {
    int64_t limit = history_limit(input, prompt);
    int64_t used = prompt->history_tokens;
    unsigned first = pinned;
    while (first > 0) {
        int64_t tokens = token_count_message(input->provider, message_at(input, first - 1));
        if (used + tokens > limit) break;
        used += tokens;
        first--;
    }
    prompt->is_overfull = is_overfull(input, prompt, first, used);
    while (first < pinned && message_at(input, first)->role != ROLE_USER) {
        used -= token_count_message(input->provider, message_at(input, first));
        first++;
    }
    for (unsigned i = first; i < pinned; i++)
        g_ptr_array_insert(prompt->messages, (gint)(i - first), message_copy(message_at(input, i)));
    prompt->history_tokens = used;
    if (first == pinned) add_question(input, prompt, pinned);
}

static void add_system(const PromptInput *input, Prompt *prompt) {
    const SystemPromptInput system = { .provider = input->provider,
                                       .tier = input->tier,
                                       .workspace = input->workspace,
                                       .tools = input->tools,
                                       .n_tools = input->n_tools,
                                       .window_tokens = input->window_tokens };
    system_prompt_build(&system, &prompt->parts);
    prompt->system = prompt->parts.text;
    prompt->system_tokens = prompt->parts.tokens;
    prompt->tool_tokens = token_count_tools(input->provider, input->tools, input->n_tools);
}

static void free_message(void *message) {
    message_free(message);
}

bool prompt_assemble(const PromptInput *input, Prompt *out, GError **error) {
    g_assert(input->messages->len > 0);
    Prompt prompt = { .messages = g_ptr_array_new_with_free_func(free_message) };
    add_system(input, &prompt);
    unsigned pinned = pinned_from(input);
    if (!add_pinned(input, &prompt, pinned, error)) {
        prompt_clear(&prompt);
        return false;
    }
    add_history(input, &prompt, pinned);
    *out = prompt;
    return true;
}

void prompt_assemble_empty(const PromptInput *input, Prompt *out) {
    *out = (Prompt){ .messages = g_ptr_array_new_with_free_func(free_message) };
    add_system(input, out);
}

void prompt_clear(Prompt *prompt) {
    prompt->system = NULL;
    system_prompt_clear(&prompt->parts);
    g_clear_pointer(&prompt->messages, g_ptr_array_unref);
}
