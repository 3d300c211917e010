/*
 * embed/embedder.h: text in, vectors of length 1 out, behind one table of operations.
 *
 * An embedder knows nothing of files, chunks or databases. The one that needs no set-up, no network
 * and no time is "static" (embed/static_embedder.h): a table of word pieces.
 *
 *     EmbedderSettings settings = { .provider = "static", .paths = app->paths, ... };
 *     g_autoptr(Embedder) embedder = embedder_open(&settings, error);
 *     EmbedText texts[] = { { text, strlen(text) } };
 *     g_auto(EmbedVectors) vectors = { 0 };
 *     EmbedRequest request = { .texts = texts, .n = 1, .purpose = EMBED_QUERY };
 *     if (!embedder_embed(embedder, &request, &vectors, cancel, error)) return false;
 *     const float *vector = embed_vectors_at(&vectors, 0);       // NULL: this text has none
 *
 * No vector: an empty text, and for "static" one whose pieces are mostly unknown (Chinese,
 * Japanese, Korean). Such a text relies on the search by words; that is no error.
 *
 * Vectors of two embedders, or of two models, must never meet: keep embedder_fingerprint() beside
 * them and make them anew when it changes (memory/vector_plane.h does).
 *
 * Threads: an Embedder is used by one thread at a time; open one per thread. They share nothing
 * that changes (the static table is one read-only mapping per embedder, the page cache is shared).
 *
 * Adding one: one file with an EmbedderOps, one row in registry.c; tests/embed/test_conformance.c
 * runs over all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/paths.h"
#include "base/secret.h"
#include "config/config.h"

typedef struct Embedder Embedder;

/* Bytes, not a string: any bytes are safe, what is no UTF-8 is skipped. */
typedef struct {
    const char *bytes;
    size_t length;
} EmbedText;

/* Some models want to know; the static one treats both alike. */
typedef enum { EMBED_PASSAGE, EMBED_QUERY } EmbedPurpose;

typedef struct {
    const EmbedText *texts;
    size_t n; /* any number: an embedder cuts it into the batches it likes */
    EmbedPurpose purpose;
} EmbedRequest;

/* n x n_dimensions floats, row by row; each row has length 1 or is all zero (no vector). May be
 * used again for the next request: it grows, and never shrinks. */
typedef struct {
    float *values; /* owned */
    size_t n;
    size_t n_dimensions;
    size_t n_allocated; /* floats */
} EmbedVectors;

void embed_vectors_clear(EmbedVectors *vectors);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EmbedVectors, embed_vectors_clear)

/* Row i, or NULL when that text has no vector. */
const float *embed_vectors_at(const EmbedVectors *vectors, size_t index);

/* For an implementation: room for n rows, all zero; scales a row to length 1 (a row that is zero or
 * not finite becomes zero). */
void embed_vectors_reserve(EmbedVectors *vectors, size_t n, size_t n_dimensions);
void embed_vectors_normalise(float *row, size_t n_dimensions);

typedef enum {
    EMBEDDER_OFFLINE = 1 << 0, /* nothing leaves this machine */
    EMBEDDER_INSTANT = 1 << 1, /* microseconds a text: embed where you stand, no queue needed */
    EMBEDDER_NONE = 1 << 2,    /* never gives a vector: the search goes by words only */
} EmbedderCaps;

typedef struct {
    const char *provider; /* a row of the registry, or another name of one; "" = the first row */
    const char *model;    /* "" or "all-MiniLM-L6-v2" (the default of the key) = its own choice */
    const char *api_key;  /* for rows that have no section of their own; NULL = none */
    const Paths *paths;
    const Config *config; /* [engine] and [providers.*] are read from it; NULL = their defaults */
    SecretSet *secrets;   /* may be NULL */
} EmbedderSettings;       /* all borrowed, must outlive the Embedder */

typedef struct {
    const char *name;
    const char *summary;    /* one line, for docs and errors */
    const char *other_name; /* a second spelling, or NULL */
    unsigned caps;          /* EmbedderCaps */
    size_t private_size;    /* zeroed before open() */
    /* MUST. Cheap: no connection, no model load. Sets self->model when that is "", and
     * self->version. */
    bool (*open)(Embedder *self, GError **error);
    /* MUST. Fills `out` (reserved here, since only the implementation knows the dimensions). */
    bool (*embed)(Embedder *self, const EmbedRequest *request, EmbedVectors *out, Cancel *cancel,
                  GError **error);
    /* MAY. */
    void (*close)(Embedder *self);
} EmbedderOps;

struct Embedder {
    const EmbedderOps *ops;
    EmbedderSettings settings;
    /* owned */
    char *model;   /* never NULL after open() */
    char *version; /* of the data behind it, so that a change is noticed; may be "" */
    char *fingerprint;
    size_t n_dimensions; /* 0 until known */
    void *priv;          /* private_size bytes */
};

/* embed/registry.c: NULL-terminated; the first row is the default. */
extern const EmbedderOps *const embedder_registry[];

/* By name or other name; NULL when there is none. */
const EmbedderOps *embedder_find(const char *name);

/* ERR_CONFIG names the rows there are. */
Embedder *embedder_open(const EmbedderSettings *settings, GError **error);
void embedder_close(Embedder *embedder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Embedder, embedder_close)

/* Vectors for texts, in their order. On failure `out` is untouched but for its allocation. Honours
 * `cancel` between two batches, and within 100 ms on the network. */
bool embedder_embed(Embedder *embedder, const EmbedRequest *request, EmbedVectors *out,
                    Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "static/static-embedding/1c0ffee0": provider, model and version in one line; equal strings mean
 * comparable vectors. Known right after open. Borrowed. */
const char *embedder_fingerprint(const Embedder *embedder);

/* Length of its vectors; asks the model when nothing else tells (embeds one word). 0 with *error;
 * also 0, without error, for EMBEDDER_NONE. */
size_t embedder_dimensions(Embedder *embedder, Cancel *cancel, GError **error);

static inline bool embedder_has(const Embedder *embedder, EmbedderCaps cap) {
    return (embedder->ops->caps & cap) != 0;
}
