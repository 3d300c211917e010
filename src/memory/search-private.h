/* memory/search-private.h: one search on its way through memory/search.c and search_hits.c. */
#pragma once

#include "memory/memory-private.h"
#include "memory/query.h"

/* Measured on 1,982 questions about dialogues: recall of the turn among ten is .649 by words alone,
 * +.013 with vectors, +.108 with neighbours and session; any weights from .3 to .5 are within .005.
 */
#define WEIGHT_WORDS 0.5F
#define WEIGHT_MEANING 0.5F
#define WEIGHT_NEIGHBOUR 0.4F
#define WEIGHT_DOCUMENT 0.5F
#define LARGEST_SCORE (1.0F + 2 * WEIGHT_NEIGHBOUR + WEIGHT_DOCUMENT)

/* A chunk that may be a hit. */
typedef struct {
    int64_t id, file;
    int64_t first, end;   /* chunks of its file */
    float words, meaning; /* 0 to 1 each, of the best of the search */
    float blend;          /* F */
    float around;         /* 0.4 F of its neighbours and 0.5 S of its file */
    float decay;          /* 1: as good as new */
    float score;
} SearchCandidate;

typedef struct {
    /* borrowed */
    Memory *memory;
    const MemoryRequest *request;
    Cancel *cancel;
    /* owned */
    MemoryQuery query;
    GArray *wanted;     /* uint32_t: terms of the query */
    GArray *words;      /* WordQuery: the same as bytes */
    GPtrArray *strings; /* that the words point to */
    GArray *ranges;     /* SearchRange of what may be found, ascending; NULL: everything */
    GArray *candidates; /* SearchCandidate, by id, then by score */
    float *vector;      /* of the query, NULL: none */
    size_t n_dimensions;
    GString *notice;
    /* state */
    SearchMode mode; /* how it really searches */
    int64_t limit;
} Search;

typedef struct {
    int64_t first, end;
} SearchRange;

/* search_hits.c: the best candidates, read from their files, that hold what they must. */
bool search_take_hits(Search *search, GPtrArray *hits, GError **error) G_GNUC_WARN_UNUSED_RESULT;
