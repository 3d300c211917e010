/*
 * base/log.h: the one log sink. Code logs with g_debug(), g_info(), g_message() and g_warning();
 * this decides what is shown, redacts it, makes it one line that is safe for a terminal, and writes
 * it to stderr as "localgpt: warning: text".
 *
 * Folders below agent return errors and log at most g_debug().
 */
#pragma once

#include <glib.h>

#include "base/secret.h"

typedef struct Log Log;

/* Installs the sink. `secrets` is borrowed and must outlive the Log. Messages less severe than
 * `level` are dropped (G_LOG_LEVEL_WARNING by default, G_LOG_LEVEL_DEBUG for -v). */
Log *log_open(SecretSet *secrets, GLogLevelFlags level);
void log_set_level(Log *log, GLogLevelFlags level);
void log_close(Log *log);
