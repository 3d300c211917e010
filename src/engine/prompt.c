/* engine/prompt.c: rendering and tokenising, with the words of messages kept apart from the
 * template's. */
#include "engine/prompt.h"

#include <string.h>

#include "base/error.h"

void engine_prompt_append_tokens(const EngineModel *model, const char *text, size_t length,
                                 unsigned flags, GArray *tokens) {
    bool adds_special = (flags & ENGINE_ADD_SPECIAL) != 0;
    bool parses_special = (flags & ENGINE_PARSE_SPECIAL) != 0;
    /* A token has at least one byte; the special ones at both ends come on top. */
    size_t room = length + 2;
    for (int attempt = 0; attempt < 2; attempt++) {
        size_t start = tokens->len;
        g_array_set_size(tokens, (guint)(start + room));
        int32_t n = model->library.llama_tokenize(model->vocab, text, (int32_t)length,
                                                  &g_array_index(tokens, llama_token, start),
                                                  (int32_t)room, adds_special, parses_special);
        g_array_set_size(tokens, (guint)(n >= 0 ? start + (size_t)n : start));
        if (n >= 0) return;
        room = (size_t)-n;
    }
}

void engine_prompt_append_piece(const EngineModel *model, llama_token token, bool spells_control,
                                GString *text) {
    char piece[256];
    int32_t n = model->library.llama_token_to_piece(model->vocab, token, piece, sizeof piece, 0,
                                                    spells_control);
    if (n > 0) {
        g_string_append_len(text, piece, n);
    } else if (n < 0) {
        gsize start = text->len;
        g_string_set_size(text, start + (gsize)-n);
        int32_t again = model->library.llama_token_to_piece(model->vocab, token, text->str + start,
                                                            -n, 0, spells_control);
        g_string_truncate(text, start + (gsize)MAX(again, 0));
    }
}

/* Renders `chat` through the template. New string, or NULL with *error. */
static char *render(const EngineModel *model, const struct llama_chat_message *chat, size_t n,
                    bool is_open, GError **error) {
    size_t room = 256;
    for (size_t i = 0; i < n; i++) room += strlen(chat[i].role) + strlen(chat[i].content) + 64;
    g_autofree char *text = g_malloc(room + 1);
    int32_t length = model->library.llama_chat_apply_template(model->template_text, chat, n,
                                                              !is_open, text, (int32_t)room);
    if (length > (int32_t)room) {
        text = g_realloc(text, (size_t)length + 1);
        length = model->library.llama_chat_apply_template(model->template_text, chat, n, !is_open,
                                                          text, length);
    }
    if (length < 0) {
        error_set(error, ERR_PROVIDER, "the model's chat template cannot render these messages");
        return NULL;
    }
    text[length] = '\0';
    return g_steal_pointer(&text);
}

static struct llama_chat_message *chat_of(const EnginePrompt *prompt, size_t n) {
    struct llama_chat_message *chat = g_new0(struct llama_chat_message, n + 1);
    for (size_t i = 0; i < n; i++) {
        const EngineChatMessage *message = g_ptr_array_index(prompt->messages, i);
        chat[i] = (struct llama_chat_message){ message->role, message->content };
    }
    return chat;
}

static size_t message_count(const EnginePrompt *prompt) {
    return prompt->messages != NULL ? prompt->messages->len : 0;
}

char *engine_prompt_text(const EngineModel *model, const EnginePrompt *prompt, GError **error) {
    const char *reply_start = prompt->reply_start != NULL ? prompt->reply_start : "";
    size_t n = message_count(prompt);
    if (n == 0) return g_strconcat(prompt->text != NULL ? prompt->text : "", reply_start, NULL);
    g_autofree struct llama_chat_message *chat = chat_of(prompt, n);
    g_autofree char *text = render(model, chat, n, prompt->is_open, error);
    return text != NULL ? g_strconcat(text, reply_start, NULL) : NULL;
}

/* Would some of the text become a special token if it were allowed to? */
static bool has_special(const EngineModel *model, const char *text) {
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
    engine_prompt_append_tokens(model, text, strlen(text), ENGINE_PARSE_SPECIAL, tokens);
    const unsigned special = LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED;
    for (guint i = 0; i < tokens->len; i++) {
        llama_token token = g_array_index(tokens, llama_token, i);
        if ((unsigned)model->library.llama_vocab_get_attr(model->vocab, token) & special)
            return true;
    }
    return false;
}

static bool any_has_special(const EngineModel *model, const struct llama_chat_message *chat,
                            size_t n) {
    for (size_t i = 0; i < n; i++)
        if (has_special(model, chat[i].content)) return true;
    return false;
}

/* The template is rendered around marks in place of the words, then both are tokenised apart:
 * special tokens count in the template's text only. A template that drops a message drops its mark;
 * one that says it twice says the mark twice. */
static bool append_apart(const EngineModel *model, const struct llama_chat_message *chat, size_t n,
                         bool is_open, GArray *tokens, GError **error) {
    g_autofree struct llama_chat_message *marked = g_new0(struct llama_chat_message, n + 1);
    g_autoptr(GPtrArray) marks = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < n; i++) {
        char *mark = g_strdup_printf("\002%zu\003", i);
        g_ptr_array_add(marks, mark);
        marked[i] = (struct llama_chat_message){ chat[i].role, mark };
    }
    g_autofree char *text = render(model, marked, n, is_open, error);
    if (text == NULL) return false;
    unsigned flags = ENGINE_ADD_SPECIAL | ENGINE_PARSE_SPECIAL;
    const char *rest = text;
    for (const char *mark; (mark = strchr(rest, '\002')) != NULL;) {
        engine_prompt_append_tokens(model, rest, (size_t)(mark - rest), flags, tokens);
        flags = ENGINE_PARSE_SPECIAL;
        char *end = NULL;
        size_t index = (size_t)g_ascii_strtoull(mark + 1, &end, 10);
        rest = *end == '\003' ? end + 1 : end;
        if (index >= n) continue;
        engine_prompt_append_tokens(model, chat[index].content, strlen(chat[index].content), 0,
                                    tokens);
    }
    engine_prompt_append_tokens(model, rest, strlen(rest), flags, tokens);
    return true;
}

/* The first `n` messages as tokens. */
static bool append_messages(const EngineModel *model, const EnginePrompt *prompt, size_t n,
                            bool is_open, GArray *tokens, GError **error) {
    g_autofree struct llama_chat_message *chat = chat_of(prompt, n);
    if (any_has_special(model, chat, n))
        return append_apart(model, chat, n, is_open, tokens, error);
    g_autofree char *text = render(model, chat, n, is_open, error);
    if (text == NULL) return false;
    engine_prompt_append_tokens(model, text, strlen(text),
                                ENGINE_ADD_SPECIAL | ENGINE_PARSE_SPECIAL, tokens);
    return true;
}

/* How many tokens at the start are the same for every conversation that begins so. */
static size_t fixed_length(const EngineModel *model, const EnginePrompt *prompt,
                           const GArray *tokens) {
    size_t n_fixed = MIN((size_t)MAX(prompt->n_fixed, 0), message_count(prompt));
    if (n_fixed == 0) return 0;
    g_autoptr(GArray) fixed = g_array_new(FALSE, FALSE, sizeof(llama_token));
    if (!append_messages(model, prompt, n_fixed, true, fixed, NULL)) return 0;
    size_t n = 0, most = MIN((size_t)fixed->len, (size_t)tokens->len - 1);
    while (n < most &&
           g_array_index(fixed, llama_token, n) == g_array_index(tokens, llama_token, n))
        n++;
    return n;
}

GArray *engine_prompt_tokens(const EngineModel *model, const EnginePrompt *prompt,
                             size_t *out_n_fixed, GError **error) {
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
    size_t n = message_count(prompt);
    if (n > 0) {
        if (!append_messages(model, prompt, n, prompt->is_open, tokens, error)) return NULL;
    } else {
        const char *text = prompt->text != NULL ? prompt->text : "";
        unsigned parse = prompt->is_plain ? 0 : ENGINE_PARSE_SPECIAL;
        engine_prompt_append_tokens(model, text, strlen(text), ENGINE_ADD_SPECIAL | parse, tokens);
    }
    if (prompt->reply_start != NULL && prompt->reply_start[0] != '\0')
        engine_prompt_append_tokens(model, prompt->reply_start, strlen(prompt->reply_start), 0,
                                    tokens);
    if (tokens->len == 0) {
        error_set(error, ERR_USAGE, "the prompt is empty");
        return NULL;
    }
    if (out_n_fixed != NULL) *out_n_fixed = fixed_length(model, prompt, tokens);
    return g_steal_pointer(&tokens);
}

bool engine_prompt_check_fits(const EngineModel *model, size_t n_tokens, size_t *out_excess,
                              GError **error) {
    size_t context = engine_model_context_tokens(model);
    if (n_tokens < context) return true;
    size_t excess = n_tokens + 1 - context;
    if (out_excess != NULL) *out_excess = excess;
    error_set_with_hint(error, ERR_LIMIT,
                        "Shorten the conversation, or set 'engine.context' higher.",
                        "the prompt has %zu tokens, %zu more than the model's context of %zu takes",
                        n_tokens, excess, context);
    return false;
}
