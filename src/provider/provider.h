/*
 * provider/provider.h: one way to reach a model, behind one table of operations.
 *
 * A provider streams the answer to a ChatRequest. It knows nothing of sessions, prompts, tools'
 * meaning or screens.
 *
 *     g_autoptr(Provider) provider = provider_open("local", &settings, error);
 *     ChatResult result = { 0 };
 *     if (!provider_stream(provider, &request, on_stream, user_data, cancel, &result, error)) ...
 *     chat_result_clear(&result);
 *
 * Adding one: one file with a ProviderOps, one row in registry.c (docs/how-to/add-a-provider.md).
 * A Provider is used by one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/paths.h"
#include "base/secret.h"
#include "provider/message.h"

typedef struct Provider Provider;

typedef enum {
    PROVIDER_TOOLS = 1 << 0,    /* accepts tool schemas */
    PROVIDER_IMAGES = 1 << 1,   /* accepts image parts */
    PROVIDER_GRAMMAR = 1 << 2,  /* honours ChatRequest.grammar */
    PROVIDER_LOCAL = 1 << 3,    /* needs no network */
    PROVIDER_THINKING = 1 << 4, /* streams thinking */
    PROVIDER_NAMED = 1 << 5,    /* the row of all servers that the user named: "custom.NAME" */
} ProviderCaps;

typedef struct {
    const char *name;
    const char *summary;
    json_t *parameters;      /* JSON Schema, borrowed */
    const char *description; /* what is sent with the schema; NULL = the summary */
} ToolSpec;

static inline const char *tool_spec_description(const ToolSpec *spec) {
    return spec->description != NULL ? spec->description : spec->summary;
}

/* How hard the model thinks before it answers, where it can be told. */
typedef enum { THINKING_DEFAULT, THINKING_LOW, THINKING_MEDIUM, THINKING_HIGH } ThinkingLevel;

typedef struct {
    const char *model;  /* the id without the provider prefix; "" = the provider's own choice */
    const char *system; /* system prompt, may be "" */
    const GPtrArray *messages; /* Message, borrowed; user, assistant and tool results */
    int64_t context_tokens;    /* the window that the caller reckons with; 0 = not known */
    const ToolSpec *tools;     /* may be NULL */
    size_t n_tools;
    int64_t max_output_tokens; /* 0 = the provider's choice */
    double temperature;        /* < 0 = the provider's choice */
    ThinkingLevel thinking;
    const char *grammar;         /* GBNF or NULL; only with PROVIDER_GRAMMAR */
    const char *grammar_trigger; /* regular expression over the whole answer so far, whose first
                                    group is where the grammar starts; NULL = from the start */
} ChatRequest;

typedef enum {
    STREAM_PROGRESS, /* text: what is being done ("loading the model"), fraction: 0 to 1, or < 0
                        unknown */
    STREAM_TEXT,     /* text: the next piece, whole characters */
    STREAM_THINKING, /* text: the next piece */
    STREAM_RETRY,    /* text: why, wait_ms: until the next attempt */
} StreamKind;

typedef struct {
    StreamKind kind;
    const char *text;
    double fraction;
    int64_t wait_ms;
} StreamEvent;

typedef void (*StreamFn)(const StreamEvent *event, void *user_data);

/* What a finished (or stopped) answer was. */
typedef struct {
    Message *message; /* owned: role assistant; also on cancel or error when text had arrived */
    int64_t first_token_ms; /* from the call, -1 when none came */
    int64_t duration_ms;
    int64_t cached_tokens; /* of the prompt, not evaluated anew */
} ChatResult;

/* "low", "medium", "high" by ThinkingLevel; "default" is the first. NULL-terminated. */
extern const char *const thinking_levels[];

void chat_result_clear(ChatResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChatResult, chat_result_clear)

/* Limits of one request in ms; 0 = the default of http/http_client.h. */
typedef struct {
    int connect_ms;
    int first_byte_ms;
    int idle_ms;
    int64_t first_wait_ms; /* before the first retry */
} ProviderTimes;

typedef struct {
    const char *provider; /* "local", "openai", "custom.NAME" */
    const char *model;    /* as in ChatRequest.model */
    const Paths *paths;
    SecretSet *secrets;
    const void *config; /* the provider's decoded, expanded config struct (ops->config rows) */
    const void *shared; /* EngineConfig for local.c; NULL for others */
    const ProviderTimes *times; /* NULL = the defaults */
} ProviderSettings;             /* all borrowed, must outlive the Provider */

/* What is known about a model; unknown numbers are 0. */
typedef struct {
    char *name;         /* as shown */
    char *architecture; /* "llama" */
    int64_t n_parameters;
    int64_t context_tokens; /* usable window */
    bool is_guess;          /* of context_tokens: the owner may know it better */
    int64_t size_bytes;
    bool has_template;
} ModelFacts;

void model_facts_clear(ModelFacts *facts);

typedef struct {
    const char *name;    /* first part of a model id */
    const char *summary; /* one line, for docs and errors */
    /* How a person names and sets it up. */
    const char *other_name;    /* another spelling, or NULL */
    const char *default_model; /* when only the provider is named; NULL = its own choice */
    const char *setup;         /* the config key whose setting makes it usable; NULL = always is */
    const char *env;           /* variable that stands in for that key; NULL = none */
    const Field *config;       /* rows of the section that `setup` is in; NULL = none */
    size_t config_size;        /* sizeof the struct those rows describe */
    size_t private_size;       /* zeroed before open() */
    unsigned caps;             /* ProviderCaps */
    /* MUST. Cheap: no connection, no model load. */
    bool (*open)(Provider *self, GError **error);
    /* MUST. Blocks; calls on_stream on the calling thread; returns false with *error, and
     * out->message when text had arrived. Honours `cancel` within 100 ms (ERR_CANCELLED /
     * ERR_TIMEOUT). */
    bool (*stream)(Provider *self, const ChatRequest *request, StreamFn on_stream, void *user_data,
                   Cancel *cancel, ChatResult *out, GError **error);
    /* MAY. Exact number of tokens of a text; -1 with *error. Without it callers estimate. */
    int64_t (*count_tokens)(Provider *self, const char *text, GError **error);
    /* MAY. Facts about the model; may load it. */
    bool (*facts)(Provider *self, Cancel *cancel, ModelFacts *out, GError **error);
    /* MAY. */
    void (*close)(Provider *self);
} ProviderOps;

struct Provider {
    const ProviderOps *ops;
    ProviderSettings settings;
    char *name; /* owned copies of settings.provider and .model */
    char *model;
    void *priv; /* private_size bytes */
};

/* provider/registry.c: NULL-terminated, in the order in which a provider is chosen when nobody
 * names one. */
extern const ProviderOps *const provider_registry[];

/* "openai", "custom.NAME"; NULL when there is none. */
const ProviderOps *provider_find(const char *name);

/* The section of the configuration that `setup` is in, "providers.openai". New string. */
char *provider_section_name(const ProviderOps *ops);

Provider *provider_open(const ProviderSettings *settings, GError **error);
void provider_close(Provider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Provider, provider_close)

/* A tool call without its result, or a result without its call, is left out of what is sent. */
bool provider_stream(Provider *provider, const ChatRequest *request, StreamFn on_stream,
                     void *user_data, Cancel *cancel, ChatResult *out,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Exact when the provider counts, else an estimate (bytes / 3.5, rounded up). Never fails. */
int64_t provider_count_tokens(Provider *provider, const char *text);

bool provider_facts(Provider *provider, Cancel *cancel, ModelFacts *out, GError **error);
