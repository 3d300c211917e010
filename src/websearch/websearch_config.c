/* websearch/websearch_config.c: the rows of [tools.web_search]. */
#include "websearch/websearch_config.h"

#include "base/check.h"

static const char *const providers[] = { "none", "searxng", "brave", "tavily", "perplexity", NULL };

/* clang-format off */
#define API_KEY(S) { "api_key", FIELD_STRING(S, api_key), .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Key, or a variable that holds it." }

static const Field searxng_fields[] = {
    { "base_url",   FIELD_STRING(SearxngConfig, base_url),   .default_text = "", .check = check_http_url, .flags = FIELD_INERT, .help = "Address of your SearXNG." },
    { "categories", FIELD_STRING(SearxngConfig, categories), .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Categories with commas; empty means its default." },
    { "language",   FIELD_STRING(SearxngConfig, language),   .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Language like en; empty means its default." },
    { "time_range", FIELD_STRING(SearxngConfig, time_range), .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "day, month or year; empty means any time." },
    { 0 }
};

static const Field brave_fields[] = {
    API_KEY(BraveConfig),
    { "country",   FIELD_STRING(BraveConfig, country),   .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Country like US; empty means any." },
    { "freshness", FIELD_STRING(BraveConfig, freshness), .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "pd, pw, pm or py for the last day, week, month or year." },
    { 0 }
};

static const Field tavily_fields[] = {
    API_KEY(TavilyConfig),
    { "search_depth",   FIELD_STRING(TavilyConfig, search_depth),  .default_text = "basic", .check = check_one_line, .flags = FIELD_INERT, .help = "basic or advanced." },
    { "include_answer", FIELD_BOOL(TavilyConfig, includes_answer), .default_text = "true", .flags = FIELD_INERT, .help = "Ask for a short answer too." },
    { 0 }
};

static const Field perplexity_fields[] = {
    API_KEY(PerplexityConfig),
    { "model", FIELD_STRING(PerplexityConfig, model), .default_text = "sonar", .check = check_model_id, .flags = FIELD_INERT, .help = "Model that searches." },
    { 0 }
};

const Field websearch_config_fields[] = {
    { "provider",      FIELD_ENUM(WebsearchConfig, provider, providers),          .default_text = "none", .flags = FIELD_INERT, .help = "Engine that searches the web." },
    { "cache_enabled", FIELD_BOOL(WebsearchConfig, is_cache_enabled),             .default_text = "true", .flags = FIELD_INERT, .help = "Reuse the answer to the same search." },
    { "cache_ttl",     FIELD_INT(WebsearchConfig, cache_ttl),                     .default_text = "900", .min = 0, .max = 1e9, .flags = FIELD_INERT, .help = "Seconds an answer is reused." },
    { "max_results",   FIELD_INT(WebsearchConfig, max_results),                   .default_text = "5", .flags = FIELD_INERT, .help = "Results of one search; less than 1 counts as 1, more than 10 as 10." },
    { "prefer_native", FIELD_BOOL(WebsearchConfig, prefers_native),               .default_text = "true", .flags = FIELD_INERT, .help = "Use the provider's own web search when it has one." },
    { "searxng",       FIELD_STRUCT(WebsearchConfig, searxng, searxng_fields),       .help = "SearXNG, a server of your own." },
    { "brave",         FIELD_STRUCT(WebsearchConfig, brave, brave_fields),           .help = "Brave Search." },
    { "tavily",        FIELD_STRUCT(WebsearchConfig, tavily, tavily_fields),         .help = "Tavily." },
    { "perplexity",    FIELD_STRUCT(WebsearchConfig, perplexity, perplexity_fields), .help = "Perplexity." },
    { 0 }
};
/* clang-format on */
