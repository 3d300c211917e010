/*
 * provider/engine_client-private.h: what engine_client.c and engine_state_cache.c share.
 */
#pragma once

#include "provider/engine_client.h"
#include "provider/engine_process.h"

struct EngineClient {
    /* owned copies of the options */
    char *program, *library_folder, *model_path, *model_name, *state_folder;
    EngineLoad load; /* the request that starts a worker; its strings are borrowed from above */
    int64_t quiet_ms;
    /* state, under `lock` */
    GMutex lock;
    EngineProcess *process; /* owned; NULL = none runs */
    EngineLoaded loaded;    /* cleared with its rows */
    bool is_loaded;
    bool was_idle;           /* the worker ended, being idle, just when it was asked: ask again */
    unsigned n_failures;     /* ends without a good answer in between */
    int64_t last_failure_us; /* monotonic */
    char *fixed_key;         /* owned: of the fixed part that this worker already holds */
    size_t excess_tokens;    /* of the last ERR_LIMIT */
};

/* One request's exchange: sends it, then receives until a frame of `last`, handing every other one
 * to the listener. `reply` gets the last frame. The lock is held. */
typedef struct {
    EngineFrameType type;
    const void *payload;
    size_t length;
    int descriptor; /* goes along, or -1 */
    EngineFrameType last;
    const char *doing; /* "answering": for the sentence when the worker ends */
} EngineCall;

bool engine_client_call(EngineClient *client, const EngineCall *call,
                        const EngineListener *listener, Cancel *cancel, EngineFrame *reply,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The next frame of an exchange that has more than one last frame. */
bool engine_client_next(EngineClient *client, const EngineCall *call,
                        const EngineListener *listener, Cancel *cancel, EngineFrame *reply,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
