/*
 * provider/engine_process.h: one run of localgpt-engine: started, talked to over a socket, ended.
 *
 * It is started with posix_spawn (no copy of our memory), in a session of its own (Ctrl-C on the
 * terminal is ours), with a short list of environment variables, and no descriptor but its socket
 * and a pipe for last words.
 *
 *     g_autoptr(EngineProcess) process = engine_process_start(NULL, error);
 *     engine_wire_send(process->wire, ...);
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

#include "engine/wire.h"

typedef struct {
    pid_t pid;
    EngineWire *wire; /* owned */
    int words_fd;     /* owned: its stderr, read after its end */
    bool ended_well;  /* set by engine_process_end(): by itself, with status 0 */
} EngineProcess;

/* `program` NULL: $LOCALGPT_ENGINE, else beside our own program, else in ../libexec/localgpt.
 * ERR_NOT_FOUND says where it was looked for. */
EngineProcess *engine_process_start(const char *program, GError **error);

/* Has it ended (and nothing of it is left to read)? */
bool engine_process_is_over(EngineProcess *process);

/* Ends it if it still runs, and tells how it ended: "killed by signal 11 (Segmentation fault)",
 * with its last words when it had some. New string. */
char *engine_process_end(EngineProcess *process);

/* Ends it without waiting for anything; it has nothing to lose. */
void engine_process_free(EngineProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineProcess, engine_process_free)

/* Where the program would be taken from. New string, or NULL with *error. */
char *engine_process_find_program(GError **error);
