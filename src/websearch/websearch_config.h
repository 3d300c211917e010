/*
 * websearch/websearch_config.h: the [tools.web_search] section: which engine answers web_search.
 */
#pragma once

#include "base/field.h"

typedef enum {
    WEBSEARCH_NONE,
    WEBSEARCH_SEARXNG,
    WEBSEARCH_BRAVE,
    WEBSEARCH_TAVILY,
    WEBSEARCH_PERPLEXITY,
} WebsearchProvider;

typedef struct {
    char *base_url;
    char *categories;
    char *language;
    char *time_range;
} SearxngConfig;

typedef struct {
    char *api_key;
    char *country;
    char *freshness;
} BraveConfig;

typedef struct {
    char *api_key;
    char *search_depth;
    bool includes_answer;
} TavilyConfig;

typedef struct {
    char *api_key;
    char *model;
} PerplexityConfig;

typedef struct {
    int provider; /* WebsearchProvider */
    bool is_cache_enabled;
    int64_t cache_ttl; /* seconds */
    int64_t max_results;
    bool prefers_native;
    SearxngConfig searxng;
    BraveConfig brave;
    TavilyConfig tavily;
    PerplexityConfig perplexity;
} WebsearchConfig;

extern const Field websearch_config_fields[];
