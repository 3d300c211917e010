/*
 * cli/cmd_config.h: `localgpt config`: the file of settings, shown and changed.
 */
#pragma once

#include "cli/command.h"

/* The subcommands; ended by { 0 }. */
extern const Command config_commands[];

/* Of `config` itself; ended by { 0 }. */
extern const Example config_examples[];
