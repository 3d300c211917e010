/*
 * provider/model_catalog.h: the local models we can name, one row each: what `localgpt model pull`
 * fetches by name and `localgpt model list --all` shows.
 *
 * Sizes and parameter counts are what the publisher says; only the default model was fetched and
 * measured here (has_been_checked). A row without a hash gets none from memory: the first download
 * records what arrived, and later ones are held against that.
 *
 *     const CatalogModel *row = model_catalog_find("smollm2");
 *     if (row != NULL && row->origin == MODEL_FROM_HUB) url = model_catalog_url(row, NULL);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum {
    MODEL_FROM_PACKAGE, /* comes with the package clients: tools/fetch, localgpt-fetch */
    MODEL_FROM_HUB,     /* <hub>/<repository>/resolve/main/<file> */
} ModelOrigin;

typedef struct {
    const char *name;           /* what a person types */
    const char *const *aliases; /* NULL-terminated */
    const char *file;           /* in <data>/models */
    int64_t size_bytes;
    const char *sha256; /* NULL = recorded at the first download */
    int64_t n_parameters;
    const char *licence; /* SPDX, or the name of the terms */
    ModelOrigin origin;
    const char *repository; /* MODEL_FROM_HUB: "owner/name" */
    const char *source;     /* for people: where it comes from */
    const char *good_for;   /* one line */
    bool has_been_checked;
} CatalogModel;

/* Ordered by size, ended by a row with name NULL. The first one is the default model. */
extern const CatalogModel model_catalog[];

/* The default address of the model hub; [models] hub replaces it. */
#define MODEL_CATALOG_HUB "https://huggingface.co"

/* By name, alias or file name, whatever the case; NULL when there is none. */
const CatalogModel *model_catalog_find(const char *name);

/* The row of a file with this size and hash (NULL = only file name and size are known). */
const CatalogModel *model_catalog_find_file(const char *file, int64_t size_bytes,
                                            const char *sha256);

/* The model to recommend to somebody who has only a tiny one. */
const CatalogModel *model_catalog_upgrade(void);

/* Where a MODEL_FROM_HUB row is downloaded; `hub` NULL or "" = the default. New string. */
char *model_catalog_url(const CatalogModel *model, const char *hub);

/* "135 M", "1.7 B": parameters for people. New string; "" for 0. */
char *model_catalog_format_parameters(int64_t n_parameters);
