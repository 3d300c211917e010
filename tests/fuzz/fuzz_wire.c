/* Any bytes as what comes over the engine's socket, in both directions: cut into frames, arriving
 * in pieces of a size that the first byte says, and each frame decoded by the rows of its type.
 * What was decoded is encoded again and decodes to the same text. */
#include "engine/messages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_frame(const EngineFrame *frame) {
    size_t object_size = 0;
    const Field *fields = engine_message_fields(frame->type, &object_size);
    if (fields == NULL) {
        g_autoptr(GArray) tokens = engine_tokens_decode(frame, NULL);
        if (tokens != NULL && tokens->len * sizeof(int32_t) != frame->length) abort();
        return;
    }
    g_autofree void *object = g_malloc0(object_size);
    if (!engine_message_decode(frame, object, NULL)) return;
    g_autofree char *text = field_encode(fields, object, FIELD_COMPACT);
    field_clear(fields, object);
    memset(object, 0, object_size);
    if (!field_decode(fields, object, text, strlen(text), FIELD_STRICT, NULL)) abort();
    g_autofree char *again = field_encode(fields, object, FIELD_COMPACT);
    if (strcmp(text, again) != 0) abort();
    field_clear(fields, object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    size_t step = data[0] % 32 + 1;
    g_autoptr(EngineFrameReader) reader = engine_frame_reader_new();
    for (size_t done = 1; done < size; done += step) {
        engine_frame_reader_feed(reader, data + done, MIN(step, size - done));
        for (;;) {
            g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
            g_autoptr(GError) error = NULL;
            EngineReadResult result = engine_frame_reader_next(reader, &frame, &error);
            if (result == ENGINE_READ_BAD && error == NULL) abort();
            if (result != ENGINE_READ_FRAME) break;
            if (frame.payload == NULL || frame.payload[frame.length] != '\0') abort();
            try_frame(&frame);
        }
    }
    return 0;
}
