/*
 * cli/config_sections.h: every section of the configuration, gathered from its owners.
 *
 *     g_autoptr(Config) config = config_load(path, config_sections, on_warning, app, error);
 */
#pragma once

#include "config/config.h"

/* Ended by { 0 }; in the order of `config show` and of the example file. */
extern const ConfigSection config_sections[];
