/*
 * base/sse.h: server-sent events (text/event-stream), read and written.
 *
 * The parser takes bytes in any pieces (also inside a character or a line end), accepts LF, CR and
 * CRLF, a byte order mark and comments, and joins the data lines of an event.
 *
 *     g_autoptr(SseParser) parser = sse_parser_new(1 << 20);
 *     if (!sse_parser_feed(parser, bytes, length, on_event, reader, error)) ...
 *     if (!sse_parser_finish(parser, on_event, reader, error)) ...
 *
 *     sse_write_event(out, &(SseEvent){ .type = "done", .data = json, .length = strlen(json) });
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    const char *type; /* "message" when the stream names none */
    const char *data; /* NUL-terminated, but may hold NUL characters as well */
    size_t length;
    const char *id;   /* the last one of the stream; "" = none */
    int64_t retry_ms; /* of this event; < 0 = none */
} SseEvent;           /* all borrowed for the call */

/* false with *error ends the parsing. */
typedef bool (*SseFn)(const SseEvent *event, void *user_data, GError **error);

typedef struct SseParser SseParser;

SseParser *sse_parser_new(size_t max_event_bytes);
void sse_parser_free(SseParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SseParser, sse_parser_free)

/* ERR_LIMIT when one event has more than max_event_bytes. */
bool sse_parser_feed(SseParser *parser, const char *bytes, size_t length, SseFn on_event,
                     void *user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The end of the stream. The standard throws an event without its empty line away; here it counts:
 * servers of models end with "data: [DONE]" and nothing behind it, and a torn event shows itself by
 * its data. */
bool sse_parser_finish(SseParser *parser, SseFn on_event, void *user_data,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends one event. `type` NULL or "message" is left out, so is an `id` that is NULL or "", and
 * `retry_ms` <= 0. Line ends in `data` become further data lines. type and id are one line each. */
void sse_write_event(GString *out, const SseEvent *event);

/* ": text", ignored by readers: keeps a connection alive. */
void sse_write_comment(GString *out, const char *text);
