/* engine/messages.c: the rows of every control frame, in one table by type. */
#include "engine/messages.h"

#include <string.h>

#include "base/error.h"

static const char *const stop_names[] = { "end", "stop_text", "length", "cancelled", NULL };

/* clang-format off */
const Field engine_load_fields[] = {
    { "protocol", FIELD_INT(EngineLoad, protocol), .help = "Version of the frames." },
    { "library_folder", FIELD_STRING(EngineLoad, library_folder), .help = "Folder of libllama.", .flags = FIELD_REQUIRED },
    { "model_path", FIELD_STRING(EngineLoad, model_path), .help = "The GGUF file.", .flags = FIELD_REQUIRED },
    { "context_tokens", FIELD_INT(EngineLoad, context_tokens), .help = "Size of the context.", .min = 0, .max = 16777216 },
    { "n_threads", FIELD_INT(EngineLoad, n_threads), .help = "Threads; 0 = free physical cores.", .min = 0, .max = 512 },
    { "n_gpu_layers", FIELD_INT(EngineLoad, n_gpu_layers), .help = "Layers on the GPU.", .min = 0, .max = 100000 },
    { "idle_seconds", FIELD_INT(EngineLoad, idle_seconds), .help = "Ends after so long without a request.", .min = 0, .max = 2000000 },
    { 0 },
};
const Field engine_progress_fields[] = {
    { "fraction", FIELD_DOUBLE(EngineProgress, fraction), .help = "How much is loaded, 0 to 1." },
    { 0 },
};
const Field engine_loaded_fields[] = {
    { "name", FIELD_STRING(EngineLoaded, name), .help = "The model's own name." },
    { "architecture", FIELD_STRING(EngineLoaded, architecture), .help = "Its architecture." },
    { "description", FIELD_STRING(EngineLoaded, description), .help = "Architecture, size and quantisation." },
    { "n_parameters", FIELD_INT(EngineLoaded, n_parameters), .help = "Parameters." },
    { "size_bytes", FIELD_INT(EngineLoaded, size_bytes), .help = "Bytes of its tensors." },
    { "context_tokens", FIELD_INT(EngineLoaded, context_tokens), .help = "Context in use." },
    { "training_context", FIELD_INT(EngineLoaded, training_context), .help = "Context it was made for." },
    { "n_vocabulary", FIELD_INT(EngineLoaded, n_vocabulary), .help = "Tokens of its vocabulary." },
    { "n_embedding", FIELD_INT(EngineLoaded, n_embedding), .help = "Length of its vectors." },
    { "n_layers", FIELD_INT(EngineLoaded, n_layers), .help = "Layers." },
    { "chat_template", FIELD_STRING(EngineLoaded, chat_template), .help = "Its chat template." },
    { "is_template_known", FIELD_BOOL(EngineLoaded, is_template_known), .help = "The library can apply it." },
    { "can_generate", FIELD_BOOL(EngineLoaded, can_generate), .help = "It makes text." },
    { "begin_text", FIELD_STRING(EngineLoaded, begin_text), .help = "Begin token." },
    { "end_text", FIELD_STRING(EngineLoaded, end_text), .help = "End token." },
    { "end_of_turn_text", FIELD_STRING(EngineLoaded, end_of_turn_text), .help = "End-of-turn token." },
    { "library_version", FIELD_STRING(EngineLoaded, library_version), .help = "Version of libllama." },
    { "device", FIELD_STRING(EngineLoaded, device), .help = "Where it computes." },
    { "n_threads", FIELD_INT(EngineLoaded, n_threads), .help = "Threads." },
    { "landlock_abi", FIELD_INT(EngineLoaded, landlock_abi), .help = "Landlock ABI that confines the engine." },
    { "load_ms", FIELD_INT(EngineLoaded, load_ms), .help = "Time to load." },
    { 0 },
};
const Field engine_tokenize_fields[] = {
    { "text", FIELD_STRING(EngineTokenize, text), .help = "The text.", .flags = FIELD_REQUIRED },
    { "add_special", FIELD_BOOL(EngineTokenize, add_special), .help = "Add the begin token." },
    { "parse_special", FIELD_BOOL(EngineTokenize, parse_special), .help = "Special tokens count as such." },
    { 0 },
};
static const Field chat_message_fields[] = {
    { "role", FIELD_STRING(EngineChatMessage, role), .help = "Who speaks.", .flags = FIELD_REQUIRED },
    { "content", FIELD_STRING(EngineChatMessage, content), .help = "What is said.", .flags = FIELD_REQUIRED },
    { 0 },
};
const Field engine_prompt_fields[] = {
    { "messages", FIELD_STRUCTS(EnginePrompt, messages, EngineChatMessage, chat_message_fields), .help = "A conversation.", .flags = FIELD_OMIT_EMPTY },
    { "text", FIELD_STRING(EnginePrompt, text), .help = "A prompt as it is.", .flags = FIELD_OMIT_EMPTY },
    { "is_open", FIELD_BOOL(EnginePrompt, is_open), .help = "No opening of the assistant's turn.", .flags = FIELD_OMIT_EMPTY },
    { "is_plain", FIELD_BOOL(EnginePrompt, is_plain), .help = "Special tokens in the text are plain text.", .flags = FIELD_OMIT_EMPTY },
    { "reply_start", FIELD_STRING(EnginePrompt, reply_start), .help = "First words of the answer.", .flags = FIELD_OMIT_EMPTY },
    { "n_fixed", FIELD_INT(EnginePrompt, n_fixed), .help = "Messages that stay the same.", .flags = FIELD_OMIT_EMPTY, .min = 0, .max = 1000000 },
    { 0 },
};
const Field engine_render_fields[] = {
    { "prompt", FIELD_STRUCT(EngineRender, prompt, engine_prompt_fields), .help = "What to render.", .flags = FIELD_REQUIRED },
    { 0 },
};
const Field engine_generate_fields[] = {
    { "prompt", FIELD_STRUCT(EngineGenerate, prompt, engine_prompt_fields), .help = "What to answer.", .flags = FIELD_REQUIRED },
    { "fixed_only", FIELD_BOOL(EngineGenerate, fixed_only), .help = "Only evaluate the fixed part.", .flags = FIELD_OMIT_EMPTY },
    { "max_tokens", FIELD_INT(EngineGenerate, max_tokens), .help = "Most tokens of the answer.", .min = 0, .max = 16777216 },
    { "temperature", FIELD_DOUBLE(EngineGenerate, temperature), .help = "0 = the most likely token.", .min = 0, .max = 100 },
    { "top_k", FIELD_INT(EngineGenerate, top_k), .help = "Keep so many candidates.", .min = 0, .max = 16777216 },
    { "top_p", FIELD_DOUBLE(EngineGenerate, top_p), .help = "Keep candidates up to this sum.", .min = 0, .max = 1 },
    { "min_p", FIELD_DOUBLE(EngineGenerate, min_p), .help = "Drop candidates below this share of the best.", .min = 0, .max = 1 },
    { "repeat_penalty", FIELD_DOUBLE(EngineGenerate, repeat_penalty), .help = "Makes repeating less likely; 1 = off.", .min = 0, .max = 100 },
    { "seed", FIELD_INT(EngineGenerate, seed), .help = "Of the random choice; -1 = random.", .min = -1, .max = 4294967295.0 },
    { "stop", FIELD_STRINGS(EngineGenerate, stop), .help = "Texts that end the answer.", .flags = FIELD_OMIT_EMPTY },
    { "grammar", FIELD_STRING(EngineGenerate, grammar), .help = "GBNF grammar.", .flags = FIELD_OMIT_EMPTY },
    { "grammar_root", FIELD_STRING(EngineGenerate, grammar_root), .help = "Its start rule.", .flags = FIELD_OMIT_EMPTY },
    { "trigger_words", FIELD_STRINGS(EngineGenerate, trigger_words), .help = "Words that start the grammar.", .flags = FIELD_OMIT_EMPTY },
    { "trigger_patterns", FIELD_STRINGS(EngineGenerate, trigger_patterns), .help = "Patterns that start the grammar.", .flags = FIELD_OMIT_EMPTY },
    { "shows_special", FIELD_BOOL(EngineGenerate, shows_special), .help = "Control tokens are spelled.", .flags = FIELD_OMIT_EMPTY },
    { "n_choices", FIELD_INT(EngineGenerate, n_choices), .help = "Candidates with log-probabilities; -1 = none.", .min = -1, .max = 100 },
    { 0 },
};
static const Field candidate_fields[] = {
    { "token", FIELD_INT(EngineCandidate, token), .help = "Its id." },
    { "log_probability", FIELD_DOUBLE(EngineCandidate, log_probability), .help = "Natural logarithm." },
    { "text", FIELD_STRING(EngineCandidate, text), .help = "Its text." },
    { 0 },
};
const Field engine_choice_fields[] = {
    { "chosen", FIELD_STRUCT(EngineChoice, chosen, candidate_fields), .help = "The token taken." },
    { "best", FIELD_STRUCTS(EngineChoice, best, EngineCandidate, candidate_fields), .help = "The most likely ones.", .flags = FIELD_OMIT_EMPTY },
    { 0 },
};
const Field engine_done_fields[] = {
    { "reason", FIELD_ENUM(EngineDone, reason, stop_names), .help = "Why it ended." },
    { "n_prompt", FIELD_INT(EngineDone, n_prompt), .help = "Tokens of the prompt." },
    { "n_cached", FIELD_INT(EngineDone, n_cached), .help = "Of these, not evaluated anew." },
    { "n_generated", FIELD_INT(EngineDone, n_generated), .help = "Tokens of the answer." },
    { "n_fixed", FIELD_INT(EngineDone, n_fixed), .help = "Tokens of the fixed part." },
    { "state_bytes", FIELD_INT(EngineDone, state_bytes), .help = "Size of a saved state." },
    { "prompt_ms", FIELD_DOUBLE(EngineDone, prompt_ms), .help = "Time for the prompt." },
    { "generation_ms", FIELD_DOUBLE(EngineDone, generation_ms), .help = "Time for the answer." },
    { "cpu_ms", FIELD_DOUBLE(EngineDone, cpu_ms), .help = "CPU time of all threads." },
    { "n_threads", FIELD_INT(EngineDone, n_threads), .help = "Threads that worked." },
    { 0 },
};
const Field engine_score_fields[] = {
    { "prompt", FIELD_STRUCT(EngineScore, prompt, engine_prompt_fields), .help = "What comes before.", .flags = FIELD_REQUIRED },
    { "continuations", FIELD_STRINGS(EngineScore, continuations), .help = "What is weighed.", .flags = FIELD_REQUIRED },
    { 0 },
};
static const Field score_item_fields[] = {
    { "log_probability", FIELD_DOUBLE(EngineScoreItem, log_probability), .help = "Natural logarithm." },
    { "n_tokens", FIELD_INT(EngineScoreItem, n_tokens), .help = "Its tokens." },
    { 0 },
};
const Field engine_scores_fields[] = {
    { "items", FIELD_STRUCTS(EngineScores, items, EngineScoreItem, score_item_fields), .help = "By continuation." },
    { 0 },
};
const Field engine_embed_fields[] = {
    { "text", FIELD_STRING(EngineEmbed, text), .help = "The text.", .flags = FIELD_REQUIRED },
    { 0 },
};
const Field engine_state_request_fields[] = {
    { "fingerprint", FIELD_STRING(EngineStateRequest, fingerprint), .help = "What the state belongs to.", .flags = FIELD_REQUIRED },
    { 0 },
};
const Field engine_state_fields[] = {
    { "n_tokens", FIELD_INT(EngineState, n_tokens), .help = "Tokens in the state." },
    { "n_bytes", FIELD_INT(EngineState, n_bytes), .help = "Its size." },
    { 0 },
};
const Field engine_facts_fields[] = {
    { "resident_bytes", FIELD_INT(EngineFacts, resident_bytes), .help = "Memory in use." },
    { "n_prompt_tokens", FIELD_INT(EngineFacts, n_prompt_tokens), .help = "Prompt tokens evaluated." },
    { "n_generated_tokens", FIELD_INT(EngineFacts, n_generated_tokens), .help = "Tokens generated." },
    { "prompt_tokens_per_second", FIELD_DOUBLE(EngineFacts, prompt_tokens_per_second), .help = "Speed of reading." },
    { "generated_tokens_per_second", FIELD_DOUBLE(EngineFacts, generated_tokens_per_second), .help = "Speed of writing." },
    { "cpu_seconds", FIELD_DOUBLE(EngineFacts, cpu_seconds), .help = "CPU time since the start." },
    { "n_requests", FIELD_INT(EngineFacts, n_requests), .help = "Requests answered." },
    { "n_threads", FIELD_INT(EngineFacts, n_threads), .help = "Threads." },
    { 0 },
};
/* clang-format on */

/* The names of error_kinds, which is indexed by ErrorCode as an enum row needs it. */
static const char *const error_names[] = {
    "failed",       "usage",     "config",    "auth",      "no_provider", "provider",  "network",
    "rate_limited", "denied",    "not_found", "exists",    "limit",       "no_daemon", "io",
    "data",         "integrity", "timeout",   "cancelled", "pipe_closed", NULL,
};
G_STATIC_ASSERT(G_N_ELEMENTS(error_names) == ERR_N_CODES + 1);

const Field engine_error_fields[] = {
    { "code", FIELD_ENUM(EngineError, code, error_names), .help = "Its kind." },
    { "message", FIELD_STRING(EngineError, message), .help = "What went wrong." },
    { "is_final", FIELD_BOOL(EngineError, is_final), .help = "The engine ends." },
    { "excess_tokens", FIELD_INT(EngineError, excess_tokens), .help = "Tokens over the limit." },
    { 0 },
};

typedef struct {
    EngineFrameType type;
    const Field *fields;
    size_t size;
} MessageRow;

static const MessageRow message_rows[] = {
    { ENGINE_LOAD, engine_load_fields, sizeof(EngineLoad) },
    { ENGINE_TOKENIZE, engine_tokenize_fields, sizeof(EngineTokenize) },
    { ENGINE_RENDER, engine_render_fields, sizeof(EngineRender) },
    { ENGINE_GENERATE, engine_generate_fields, sizeof(EngineGenerate) },
    { ENGINE_SCORE, engine_score_fields, sizeof(EngineScore) },
    { ENGINE_EMBED, engine_embed_fields, sizeof(EngineEmbed) },
    { ENGINE_STATE_SAVE, engine_state_request_fields, sizeof(EngineStateRequest) },
    { ENGINE_STATE_RESTORE, engine_state_request_fields, sizeof(EngineStateRequest) },
    { ENGINE_PROGRESS, engine_progress_fields, sizeof(EngineProgress) },
    { ENGINE_LOADED, engine_loaded_fields, sizeof(EngineLoaded) },
    { ENGINE_CHOICE, engine_choice_fields, sizeof(EngineChoice) },
    { ENGINE_DONE, engine_done_fields, sizeof(EngineDone) },
    { ENGINE_SCORES, engine_scores_fields, sizeof(EngineScores) },
    { ENGINE_STATE, engine_state_fields, sizeof(EngineState) },
    { ENGINE_FACTS, engine_facts_fields, sizeof(EngineFacts) },
    { ENGINE_ERROR, engine_error_fields, sizeof(EngineError) },
};

const Field *engine_message_fields(EngineFrameType type, size_t *out_size) {
    for (size_t i = 0; i < G_N_ELEMENTS(message_rows); i++) {
        if (message_rows[i].type != type) continue;
        if (out_size != NULL) *out_size = message_rows[i].size;
        return message_rows[i].fields;
    }
    return NULL;
}

bool engine_message_decode(const EngineFrame *frame, void *object, GError **error) {
    const Field *fields = engine_message_fields(frame->type, NULL);
    g_assert(fields != NULL);
    if (field_decode(fields, object, frame->payload, frame->length, FIELD_STRICT, error))
        return true;
    g_prefix_error(error, "the engine's frame '%s': ", engine_frame_name(frame->type));
    return false;
}

bool engine_message_send(EngineWire *wire, EngineFrameType type, const void *object,
                         GError **error) {
    const Field *fields = engine_message_fields(type, NULL);
    g_assert(fields != NULL);
    g_autofree char *text = field_encode(fields, object, FIELD_COMPACT);
    return engine_wire_send(wire, type, text, strlen(text), error);
}

GArray *engine_tokens_decode(const EngineFrame *frame, GError **error) {
    if (frame->length % sizeof(int32_t) != 0) {
        error_set(error, ERR_DATA, "the engine's frame '%s': %zu bytes are no whole tokens",
                  engine_frame_name(frame->type), frame->length);
        return NULL;
    }
    size_t n = frame->length / sizeof(int32_t);
    GArray *tokens = g_array_sized_new(FALSE, FALSE, sizeof(int32_t), (guint)n);
    for (size_t i = 0; i < n; i++) {
        int32_t token;
        memcpy(&token, frame->payload + i * sizeof token, sizeof token);
        token = GINT32_FROM_LE(token);
        g_array_append_val(tokens, token);
    }
    return tokens;
}
