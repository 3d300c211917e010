/*
 * provider/engine_state_cache.h: the evaluated fixed prompt, kept in files, so that a cold start
 * costs a read instead of an evaluation.
 *
 * A file is "<state folder>/<key>.state"; the key is the SHA-256 of everything it depends on:
 * model file and engine library (path, size, time of change), context size, the fixed part's
 * tokens. The engine checks the file's own checksum; one that is damaged or of something else is
 * removed and made again. At most 8 files and 512 MB are kept, the newest.
 *
 * It only ever makes things faster: its own failures are not errors.
 */
#pragma once

#include "provider/engine_client-private.h"

/* A state that is to be written once the answer is out. */
typedef struct {
    char *path; /* owned; NULL = nothing to write */
    int fd;     /* owned memory file with the bytes, or -1 */
    size_t length;
} EngineStateWrite;

#define ENGINE_STATE_WRITE_INIT                                                                    \
    { .fd = -1 }

/* Before a request with a fixed part: restores its state, or has it evaluated and taken. The lock
 * is held and the worker is loaded. false only when the worker ended or `cancel` says so. */
bool engine_state_cache_prepare(EngineClient *client, const EnginePrompt *prompt, Cancel *cancel,
                                EngineStateWrite *out_write,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes what is to be written, atomically, and removes old files. Needs no lock. */
void engine_state_cache_finish(const char *state_folder, EngineStateWrite *write);
