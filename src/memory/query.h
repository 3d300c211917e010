/*
 * memory/query.h: what a person typed into a search, understood. Nothing is an error.
 *
 *     MemoryQuery query = memory_query_parse("\"night train\" vienna since:2026-01-01
 * path:trips/"); query.words "night train vienna", query.phrases {"night train"}, query.since
 * "2026-01-01" memory_query_clear(&query);
 *
 * since: and before: take 2026-11-24, 2026-11, 2026, today, yesterday, or an age like 30d, 2w, 6m,
 * 1y. A filter that is none of these, and a quote that is not closed, are words like any other.
 */
#pragma once

#include <glib.h>

typedef struct {
    /* owned */
    char *words;          /* all that is looked for, phrases and prefixes included */
    GPtrArray *phrases;   /* char *: must stand in a hit */
    GPtrArray *prefixes;  /* char *: "vien" of "vien*" */
    char *since, *before; /* "2026-11-24", or NULL; before is exclusive */
    char *path;           /* beginning of a path, or a pattern with '*'; NULL */
} MemoryQuery;

/* `today` decides what "30d" means. */
MemoryQuery memory_query_parse(const char *text, GDateTime *today);
void memory_query_clear(MemoryQuery *query);
