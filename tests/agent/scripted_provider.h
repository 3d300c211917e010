/*
 * tests/agent/scripted_provider.h: a provider that plays a script, so that a turn's rules can be
 * tested word for word.
 *
 * It counts one token per four bytes, records what it was asked, and can fail or be stopped after
 * some pieces.
 */
#pragma once

#include "provider/provider.h"

typedef struct {
    const char *const *pieces;  /* NULL-terminated */
    int fail_after;             /* pieces, then ERR_PROVIDER; -1 = never */
    Cancel *cancel_after_first; /* triggered after the first piece; NULL = never */
    /* what was asked last */
    char *system;
    GPtrArray *messages; /* Message, owned */
    int64_t max_output_tokens;
} Script;

Provider scripted_provider(Script *script);
void script_clear(Script *script);
