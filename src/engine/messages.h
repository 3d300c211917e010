/*
 * engine/messages.h: what the control frames of engine/wire.h say, as structs and their rows.
 *
 * Both sides decode with these rows, strictly: an unknown member is an error. A decoded struct owns
 * what it points to; clear it with field_clear(rows, &object).
 *
 * Numbers that are "0 = default" are filled in by the engine.
 */
#pragma once

#include "base/field.h"
#include "engine/wire.h"

/* ENGINE_LOAD: the first request, once. Answer: PROGRESS ..., LOADED. */
typedef struct {
    int64_t protocol; /* ENGINE_PROTOCOL_VERSION */
    char *library_folder;
    char *model_path;
    int64_t context_tokens; /* 0 = min(what the model was trained for, 4096) */
    int64_t n_threads;      /* 0 = physical cores minus the load, at least 1 */
    int64_t n_gpu_layers;   /* 0 = CPU only */
    int64_t idle_seconds;   /* ends by itself after so long without a request; 0 = never */
} EngineLoad;

/* ENGINE_PROGRESS */
typedef struct {
    double fraction; /* 0 to 1 */
} EngineProgress;

/* ENGINE_LOADED */
typedef struct {
    char *name;         /* general.name, may be "" */
    char *architecture; /* "llama" */
    char *description;  /* "llama 134.52M Q4_1" */
    int64_t n_parameters;
    int64_t size_bytes;
    int64_t context_tokens;   /* in use */
    int64_t training_context; /* what the model was made for */
    int64_t n_vocabulary;
    int64_t n_embedding;
    int64_t n_layers;
    char *chat_template;    /* as in the GGUF; "" = none, "chatml" is used */
    bool is_template_known; /* libllama can apply it; else "chatml" is used */
    bool can_generate;      /* false: an embedding model */
    char *begin_text, *end_text, *end_of_turn_text; /* special tokens, "" = none */
    char *library_version;                          /* "v0.5.0" */
    char *device;                                   /* "CPU", "CUDA0", ... */
    int64_t n_threads;
    int64_t landlock_abi; /* of the kernel that confines the engine */
    int64_t load_ms;
} EngineLoaded;

/* ENGINE_TOKENIZE. Answer: TOKENS. Special tokens in the text are plain text unless asked for. */
typedef struct {
    char *text;
    bool add_special;   /* the begin token, as the model wants it */
    bool parse_special; /* "<|im_end|>" becomes one token: never with text of others */
} EngineTokenize;

/* ENGINE_DETOKENIZE carries raw tokens like ENGINE_TOKENS. Answer: BYTES. */

typedef struct {
    char *role; /* "system", "user", "assistant", "tool" */
    char *content;
} EngineChatMessage;

/* A prompt: messages through the model's template, or text as it is. */
typedef struct {
    GPtrArray *messages; /* EngineChatMessage; empty = use `text` */
    char *text;
    bool is_open;      /* with messages: do not add the opening of the assistant's turn */
    bool is_plain;     /* with text: special tokens in it are plain text */
    char *reply_start; /* put behind the opening of the assistant's turn, plain text */
    int64_t n_fixed;   /* first messages that stay the same over many requests */
} EnginePrompt;

/* ENGINE_RENDER. Answer: BYTES with the prompt as text, TOKENS with its tokens, and TOKENS with
 * those of the fixed part. */
typedef struct {
    EnginePrompt prompt;
} EngineRender;

/* ENGINE_GENERATE. Answer: TEXT ..., CHOICE ... (with n_choices), DONE. */
typedef struct {
    EnginePrompt prompt;
    bool fixed_only;         /* only evaluate the fixed part of the prompt */
    int64_t max_tokens;      /* 0 = until the context is full */
    double temperature;      /* 0 = always the most likely token */
    int64_t top_k;           /* 0 = off */
    double top_p;            /* 1 = off */
    double min_p;            /* 0 = off */
    double repeat_penalty;   /* 1 = off */
    int64_t seed;            /* -1 = random */
    char **stop;             /* texts that end the answer and are not part of it */
    char *grammar;           /* GBNF, "" = none */
    char *grammar_root;      /* "" = root */
    char **trigger_words;    /* the grammar starts with the first of these... */
    char **trigger_patterns; /* ...or at the first group of one of these, which match the whole
                                answer so far; both empty = from the start */
    bool shows_special; /* control tokens in the answer are spelled: a tool call may begin with one
                         */
    int64_t n_choices; /* log-probabilities: how many of the most likely tokens; -1 = none at all */
} EngineGenerate;

/* One candidate of an ENGINE_CHOICE. */
typedef struct {
    int64_t token;
    double log_probability;
    char *text; /* made valid UTF-8 */
} EngineCandidate;

/* ENGINE_CHOICE: before sampling changed the probabilities. */
typedef struct {
    EngineCandidate chosen;
    GPtrArray *best; /* EngineCandidate, most likely first */
} EngineChoice;

typedef enum {
    ENGINE_STOP_END,
    ENGINE_STOP_TEXT,
    ENGINE_STOP_LENGTH,
    ENGINE_STOP_CANCELLED
} EngineStop;

/* ENGINE_DONE */
typedef struct {
    int reason;       /* EngineStop */
    int64_t n_prompt; /* tokens of the prompt */
    int64_t n_cached; /* of these, not evaluated anew */
    int64_t n_generated;
    int64_t n_fixed;     /* tokens of the fixed part */
    int64_t state_bytes; /* fixed_only: what ENGINE_STATE_SAVE needs */
    double prompt_ms;
    double generation_ms;
    double cpu_ms; /* of all threads, prompt and generation */
    int64_t n_threads;
} EngineDone;

/* ENGINE_SCORE. Answer: SCORES. */
typedef struct {
    EnginePrompt prompt;
    char **continuations;
} EngineScore;

typedef struct {
    double log_probability; /* of all its tokens, natural logarithm */
    int64_t n_tokens;
} EngineScoreItem;

typedef struct {
    GPtrArray *items; /* EngineScoreItem, by continuation */
} EngineScores;

/* ENGINE_EMBED. Answer: VECTOR, of length 1. */
typedef struct {
    char *text;
} EngineEmbed;

/* ENGINE_STATE_SAVE and ENGINE_STATE_RESTORE, with an open file. Answer: STATE. */
typedef struct {
    char *fingerprint; /* 64 hex digits: what the state belongs to; a restore checks it */
} EngineStateRequest;

/* ENGINE_STATE */
typedef struct {
    int64_t n_tokens; /* in the state */
    int64_t n_bytes;
} EngineState;

/* ENGINE_STATS has no payload. Answer: FACTS. */
typedef struct {
    int64_t resident_bytes;
    int64_t n_prompt_tokens; /* evaluated since the start */
    int64_t n_generated_tokens;
    double prompt_tokens_per_second;
    double generated_tokens_per_second;
    double cpu_seconds;
    int64_t n_requests;
    int64_t n_threads;
} EngineFacts;

/* ENGINE_ERROR */
typedef struct {
    int code; /* ErrorCode, by its name */
    char *message;
    bool is_final;         /* the engine ends after this */
    int64_t excess_tokens; /* "limit": how many tokens the prompt is over */
} EngineError;

extern const Field engine_load_fields[];
extern const Field engine_progress_fields[];
extern const Field engine_loaded_fields[];
extern const Field engine_tokenize_fields[];
extern const Field engine_prompt_fields[];
extern const Field engine_render_fields[];
extern const Field engine_generate_fields[];
extern const Field engine_choice_fields[];
extern const Field engine_done_fields[];
extern const Field engine_score_fields[];
extern const Field engine_scores_fields[];
extern const Field engine_embed_fields[];
extern const Field engine_state_request_fields[];
extern const Field engine_state_fields[];
extern const Field engine_facts_fields[];
extern const Field engine_error_fields[];

/* The rows of a frame type and the size of their struct; NULL when its payload is raw or empty. */
const Field *engine_message_fields(EngineFrameType type, size_t *out_size);

/* Decodes a frame's payload by the rows of its type into a zeroed struct; ERR_DATA names the frame.
 */
bool engine_message_decode(const EngineFrame *frame, void *object,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Encodes and sends. */
bool engine_message_send(EngineWire *wire, EngineFrameType type, const void *object,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tokens travel little endian; a length that is not whole tokens is ERR_DATA. The array holds
 * int32_t. */
GArray *engine_tokens_decode(const EngineFrame *frame, GError **error);
