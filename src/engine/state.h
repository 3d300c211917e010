/*
 * engine/state.h: what the context holds, as bytes in a file that the client opened.
 *
 * Layout: magic, the fingerprint it belongs to, the tokens, the library's own bytes, and a checksum
 * over all of it. Anything that does not fit exactly is ERR_DATA and changes nothing; the client
 * then evaluates the prompt again.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "engine/model.h"

/* Writes into `fd`, a file the client has made at least this large (the engine may grow none).
 * ERR_LIMIT when it is too small. */
bool engine_state_save(EngineModel *model, const char *fingerprint, int fd, EngineState *out,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads it back. */
bool engine_state_restore(EngineModel *model, const char *fingerprint, int fd, EngineState *out,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes that a state of `n_tokens` tokens and `library_bytes` takes in the file. */
size_t engine_state_file_bytes(size_t n_tokens, size_t library_bytes);
