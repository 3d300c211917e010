/*
 * session/session_registry.h: <sessions>/sessions.json, which session a key stands for.
 *
 * OpenClaw and the original keep there, for "agent:<agent>:main" and other keys, the id of the
 * session that goes on, when, and what it took. This program finds its sessions without it; it
 * keeps the file so that they do. Members it does not know survive. A file that is damaged is kept
 * beside as sessions.json.corrupt, told, and begun anew.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "provider/message.h"

typedef struct {
    const char *session_id;
    int64_t updated_at_ms;
    Usage turn; /* of the turn that was just taken; added up while the session is the same */
    int64_t n_compactions; /* since the last news; added up too */
} SessionNews;

/* `key` is taken when no key stands for the session yet: "agent:main:main".
 * *out_problem (owned; NULL when all is well) tells of a damaged file, as one sentence. */
bool session_registry_update(const char *folder, const char *key, const SessionNews *news,
                             char **out_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
