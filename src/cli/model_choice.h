/*
 * cli/model_choice.h: from what a person wrote for a model to an open provider with its settings.
 *
 *     ModelChoice choice = { 0 };
 *     if (!model_choice_open(app, "openai/gpt-4o", &choice, error)) return false;
 *     ... choice.provider, choice.tier ...
 *     model_choice_clear(&choice);
 */
#pragma once

#include "agent/tier.h"
#include "cli/app.h"
#include "provider/provider.h"

/* A provider with what is known about its model. */
typedef struct {
    Provider *provider;
    ModelFacts facts;
    const ModelTier *tier;
    char *label;                /* "local/NAME" */
    char *notice;               /* of the tier; NULL = none */
    void *config;               /* the provider's expanded section */
    const Field *config_fields; /* of that section; borrowed */
    void *engine;               /* EngineConfig, expanded */
} ModelChoice;

/* `typed` NULL: agent.default_model. Cheap: nothing is connected or loaded. Fills a zeroed *out. */
bool model_choice_open(App *app, const char *typed, ModelChoice *out,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* In the place of a model that is not there: every request fails with `why` (taken). What needs no
 * model is answered all the same (agent/reflex.h). */
void model_choice_nobody(GError *why, ModelChoice *out);
void model_choice_clear(ModelChoice *choice);
