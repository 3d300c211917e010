/*
 * cli/sandbox_oracle.h: does the sandbox hold, here and now? One row per attempt or piece of
 * everyday work, judged by what can be seen from outside.
 *
 *     g_autoptr(GPtrArray) findings = sandbox_oracles_run(&config, cancel, error);
 *
 * They run in a folder of their own below the temporary folder, with a home that holds a secret, a
 * workspace, and a socket that listens on loopback; the configured level and limits are used, its
 * allow_paths are not. tests/escape has the long list; this is the short one that any user can run.
 */
#pragma once

#include "base/cancel.h"
#include "base/field.h"
#include "sandbox/sandbox.h"

typedef enum {
    ORACLE_HELD,   /* or the work was done */
    ORACLE_OPEN,   /* the level does not promise it */
    ORACLE_FAILED, /* it should have */
} OracleStatus;

typedef struct {
    char *name;
    int status;   /* OracleStatus */
    char *detail; /* what was seen when it failed, else "" */
    int level;    /* SandboxLevel it was tried at */
} OracleFinding;

extern const Field oracle_finding_fields[];

/* OracleFinding, owned; NULL when there is nothing to run them on, or the level is not to be had.
 */
GPtrArray *sandbox_oracles_run(const SandboxConfig *config, Cancel *cancel, GError **error);

/* How many of `findings` are `status`. */
unsigned sandbox_oracles_count(const GPtrArray *findings, OracleStatus status);

/* "full", "standard", ...: where they were tried. */
const char *sandbox_oracles_level(const GPtrArray *findings);
