/* agent/conversation_text.c: see the header. */
#include "agent/conversation_text.h"

#include <string.h>

#include "agent/system_prompt.h"
#include "agent/token_count.h"
#include "base/error.h"
#include "base/text.h"

/* A long tool result or page says little more with its middle. */
#define MAX_SHOWN_CHARACTERS 4000
#define MAX_SENTENCE_CHARACTERS 200
/* Template and words around the conversation in the request. */
#define TOKENS_AROUND_REQUEST 48

static const Message *message_at(const ConversationText *conversation, unsigned index) {
    return g_ptr_array_index(conversation->messages, index);
}

Label conversation_label(const ConversationText *conversation) {
    Label label = label_new(ORIGIN_AGENT, NULL);
    for (unsigned i = 0; i < conversation->n_messages; i++) {
        Label read = message_label(message_at(conversation, i));
        label_join(&label, &read);
        label_clear(&read);
    }
    return label;
}

static void add_calls(const Message *message, GString *out) {
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind == PART_IMAGE) g_string_append(out, " [a picture]");
        if (part->kind != PART_TOOL_CALL) continue;
        g_autofree char *arguments = field_json_text(part->arguments, FIELD_COMPACT);
        g_autofree char *shown = text_ellipsize(arguments, MAX_SENTENCE_CHARACTERS);
        g_string_append_printf(out, " [calls %s %s]", part->call_name, shown);
    }
}

/* "user: ..." for each message, blank lines between. New string. */
static char *render(const ConversationText *conversation) {
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < conversation->n_messages; i++) {
        const Message *message = message_at(conversation, i);
        g_autofree char *text = message_text(message);
        g_autofree char *shown = text_ellipsize(text, MAX_SHOWN_CHARACTERS);
        g_string_append_printf(out, "%s%s: %s", i > 0 ? "\n\n" : "", role_names[message->role],
                               shown);
        add_calls(message, out);
    }
    return g_string_free(out, FALSE);
}

static void ignore_stream(const StreamEvent *event, void *user_data) {
    (void)event;
    (void)user_data;
}

/* The request with `text` as its material. New string or NULL. */
static char *ask(const ConversationText *conversation, const char *system, const char *text,
                 int64_t max_tokens, Cancel *cancel, GError **error) {
    g_autoptr(Message) message = message_new(ROLE_USER);
    g_autofree char *material = g_strdup_printf("The conversation:\n\n%s", text);
    message_add_text(message, conversation_label(conversation), material, -1);
    g_autoptr(GPtrArray) messages = g_ptr_array_new();
    g_ptr_array_add(messages, message);
    const ChatRequest request = { .model = conversation->provider->model,
                                  .system = system,
                                  .messages = messages,
                                  .max_output_tokens = max_tokens,
                                  .temperature = -1 };
    ChatResult result = { 0 };
    bool is_ok = provider_stream(conversation->provider, &request, ignore_stream, NULL, cancel,
                                 &result, error);
    char *answer = is_ok && result.message != NULL ? message_text(result.message) : NULL;
    chat_result_clear(&result);
    return answer;
}

char *conversation_ask(const ConversationText *conversation, const char *name, int64_t max_tokens,
                       Cancel *cancel, GError **error) {
    if (conversation->tier->prompt_tokens > 0) {
        error_set(error, ERR_PROVIDER, "the model is too small for this");
        return NULL;
    }
    g_autofree char *system = g_strdup(prompt_text(name));
    g_strstrip(system);
    int64_t room = conversation->window_tokens - max_tokens - TOKENS_AROUND_REQUEST -
                   provider_count_tokens(conversation->provider, system);
    g_autofree char *whole = render(conversation);
    g_autofree char *text = token_cut_middle(conversation->provider, whole, room);
    g_autofree char *answer = ask(conversation, system, text, max_tokens, cancel, error);
    if (answer == NULL) return NULL;
    g_strstrip(answer);
    if (answer[0] == '\0') {
        error_set(error, ERR_PROVIDER, "the model said nothing");
        return NULL;
    }
    /* Whatever the model was told: what it wrote has to fit. */
    return token_cut_middle(conversation->provider, answer, max_tokens);
}

/* The first sentences, on one line. New string. */
static char *first_sentences(const char *text) {
    g_autofree char *line = text_strip_terminal(text, text_cut(text, strlen(text), 4096));
    g_strdelimit(line, "\r\n\t", ' ');
    g_strstrip(line);
    return text_ellipsize(line, MAX_SENTENCE_CHARACTERS);
}

/* The owner's own words only, without what was attached to them. */
static char *owner_text(const Message *message) {
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind == PART_TEXT && part->label.origin == ORIGIN_OWNER && part->text != NULL)
            g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", part->text);
    }
    return g_string_free(text, FALSE);
}

char *conversation_sentences(const ConversationText *conversation, SentencesOf whose,
                             int64_t max_tokens) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (unsigned i = 0; i < conversation->n_messages; i++) {
        const Message *message = message_at(conversation, i);
        g_autofree char *text =
            whose == SENTENCES_OF_OWNER ? owner_text(message) : message_text(message);
        g_autofree char *line = first_sentences(text);
        if (line[0] == '\0') continue;
        if (whose == SENTENCES_OF_OWNER)
            g_string_append_printf(out, "- %s\n", line);
        else
            g_string_append_printf(out, "- %s: %s\n", role_names[message->role], line);
    }
    return token_cut_middle(conversation->provider, out->str, max_tokens);
}
