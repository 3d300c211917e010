/*
 * engine/wire.h: the frames that localgpt-engine and its client exchange over a socket pair.
 *
 * A frame is a length (32 bits, little endian, of the payload), a type (16 bits, little endian) and
 * the payload: JSON by the rows of engine/messages.h for control, raw bytes for text, tokens and
 * vectors. At most 16 MiB. One request at a time: the client sends it and reads frames until the
 * one that ends it (or ENGINE_ERROR). ENGINE_CANCEL may be sent at any time; it stops what runs and
 * means nothing when nothing does.
 *
 *     client                                    engine
 *     LOAD {library_folder, model_path, ...}  →
 *                                             ←  PROGRESS {fraction} ...  LOADED {architecture,
 * ...} GENERATE {messages, max_tokens, ...}    → ←  TEXT "Hel" · TEXT "lo" · DONE {reason, ...}
 *
 * A frame that breaks these rules is an error on either side, never a crash: the engine then ends,
 * the client ends the engine.
 *
 * An open file can travel with a frame (SCM_RIGHTS): the engine itself may open none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"

#define ENGINE_FRAME_MAX_BYTES (16 * 1024 * 1024)
#define ENGINE_FRAME_HEADER_BYTES 6
/* Raised whenever a frame or a row changes its meaning; both sides must have the same. */
#define ENGINE_PROTOCOL_VERSION 1

typedef enum {
    /* requests, client to engine */
    ENGINE_LOAD = 1,
    ENGINE_TOKENIZE,
    ENGINE_DETOKENIZE,
    ENGINE_RENDER,
    ENGINE_GENERATE,
    ENGINE_SCORE,
    ENGINE_EMBED,
    ENGINE_STATE_SAVE,
    ENGINE_STATE_RESTORE,
    ENGINE_STATS,
    ENGINE_CANCEL,
    ENGINE_LAST_REQUEST = ENGINE_CANCEL,
    /* replies, engine to client */
    ENGINE_PROGRESS = 64,
    ENGINE_LOADED,
    ENGINE_TEXT,   /* raw: the next piece of an answer, whole characters */
    ENGINE_CHOICE, /* log-probabilities of the token just chosen */
    ENGINE_DONE,
    ENGINE_TOKENS, /* raw: 32-bit token ids, little endian */
    ENGINE_BYTES,  /* raw: text of DETOKENIZE, prompt of RENDER */
    ENGINE_SCORES,
    ENGINE_VECTOR, /* raw: 32-bit floats, little endian */
    ENGINE_STATE,
    ENGINE_FACTS,
    ENGINE_ERROR,
    ENGINE_LAST_REPLY = ENGINE_ERROR,
} EngineFrameType;

typedef struct {
    EngineFrameType type;
    char *payload; /* owned, NUL-terminated behind its length; never NULL in a received frame */
    size_t length;
    int descriptor; /* owned: a file that came with it, or -1 */
} EngineFrame;

#define ENGINE_FRAME_INIT                                                                          \
    { .descriptor = -1 }

void engine_frame_clear(EngineFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EngineFrame, engine_frame_clear)

/* "load", "generate", ...; NULL for a number that is no type. */
const char *engine_frame_name(unsigned type);

/* Cuts frames out of a stream of bytes. The part that needs no socket, so that it can be fuzzed. */
typedef struct EngineFrameReader EngineFrameReader;

EngineFrameReader *engine_frame_reader_new(void);
void engine_frame_reader_free(EngineFrameReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineFrameReader, engine_frame_reader_free)

void engine_frame_reader_feed(EngineFrameReader *reader, const void *bytes, size_t length);

typedef enum { ENGINE_READ_MORE, ENGINE_READ_FRAME, ENGINE_READ_BAD } EngineReadResult;

/* The next whole frame, if there is one; ENGINE_READ_BAD sets ERR_DATA and is final. */
EngineReadResult engine_frame_reader_next(EngineFrameReader *reader, EngineFrame *out,
                                          GError **error);

/* One end of the socket pair. */
typedef struct EngineWire EngineWire;

/* Takes `socket_fd`, which becomes non-blocking. */
EngineWire *engine_wire_new(int socket_fd);
void engine_wire_free(EngineWire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineWire, engine_wire_free)

int engine_wire_fd(const EngineWire *wire);

/* Sends one frame, waiting while the other side is busy. ERR_PIPE_CLOSED when it is gone. */
bool engine_wire_send(EngineWire *wire, EngineFrameType type, const void *payload, size_t length,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same with an open file (borrowed). */
bool engine_wire_send_descriptor(EngineWire *wire, EngineFrameType type, const char *payload,
                                 int descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Waits at most `timeout_ms` (-1: for ever) for a frame. false with *error: ERR_PIPE_CLOSED,
 * ERR_DATA, ERR_TIMEOUT, or what `cancel` says (it may be NULL). */
bool engine_wire_receive(EngineWire *wire, int timeout_ms, Cancel *cancel, EngineFrame *out,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
