/*
 * cli/model_view.h: a local model as `localgpt model` shows it, from its file, its record or the
 * catalog.
 *
 *     g_autoptr(GPtrArray) views = model_view_list(app, MODEL_VIEW_ALL, error);   // ModelView
 *
 * The strings of a view are its own; free with model_view_free().
 */
#pragma once

#include "cli/app.h"
#include "provider/model_catalog.h"
#include "provider/model_store.h"

typedef struct {
    char *name;
    bool is_installed;
    bool is_default; /* it answers when nobody says otherwise */
    int64_t size_bytes;
    int64_t n_parameters;
    char *tier;
    char *licence;
    char *source;
    char *good_for;
    /* of an installed one */
    char *path;
    char *architecture;
    char *quantisation;
    int64_t context_tokens;
    char *sha256;
    char *installed_at;
    char *problem;
} ModelView;

extern const Field model_view_fields[];

void model_view_free(ModelView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ModelView, model_view_free)

ModelView *model_view_of_stored(const StoredModel *model);
ModelView *model_view_of_catalog(const CatalogModel *row);

/* The path of the local model that answers by default; "" when another provider does, or nothing.
 * New string. */
char *model_view_default_path(const App *app);

typedef enum { MODEL_VIEW_INSTALLED, MODEL_VIEW_ALL } ModelViewScope;

/* Installed ones first, smallest first; then, with MODEL_VIEW_ALL, what the catalog has besides. */
GPtrArray *model_view_list(const App *app, ModelViewScope scope, GError **error);
