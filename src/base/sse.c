/* base/sse.c: the event stream format of the HTML standard, section 9.2. */
#include "base/sse.h"

#include <string.h>

#include "base/error.h"
#include "base/line_splitter.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct SseParser {
    LineSplitter lines;
    size_t max_event_bytes;
    /* owned, of the event at hand */
    GString *data;
    GString *type;
    GString *id; /* of the stream */
    /* state */
    bool has_data;
    bool is_past_start; /* a byte order mark may no longer come */
    int64_t retry_ms;
};

/* One feed or finish: what the line callback needs. */
typedef struct {
    SseParser *parser;
    SseFn on_event;
    void *user_data;
} Feeding;

SseParser *sse_parser_new(size_t max_event_bytes) {
    SseParser *parser = g_new0(SseParser, 1);
    line_splitter_init(&parser->lines, max_event_bytes);
    parser->max_event_bytes = max_event_bytes;
    parser->data = g_string_new(NULL);
    parser->type = g_string_new(NULL);
    parser->id = g_string_new(NULL);
    parser->retry_ms = -1;
    return parser;
}

void sse_parser_free(SseParser *parser) {
    if (parser == NULL) return;
    line_splitter_clear(&parser->lines);
    g_string_free(parser->data, TRUE);
    g_string_free(parser->type, TRUE);
    g_string_free(parser->id, TRUE);
    g_free(parser);
}

/* An event without data is none. */
static bool dispatch(Feeding *feeding, GError **error) {
    SseParser *parser = feeding->parser;
    SseEvent event = { .type = parser->type->len > 0 ? parser->type->str : "message",
                       .data = parser->data->str,
                       .length = parser->data->len,
                       .id = parser->id->str,
                       .retry_ms = parser->retry_ms };
    bool goes_on = !parser->has_data || feeding->on_event(&event, feeding->user_data, error);
    g_string_truncate(parser->data, 0);
    g_string_truncate(parser->type, 0);
    parser->has_data = false;
    parser->retry_ms = -1;
    return goes_on;
}

static bool add_data(SseParser *parser, const char *value, size_t length, GError **error) {
    if (parser->data->len + length + 1 > parser->max_event_bytes) {
        error_set(error, ERR_LIMIT, "an event has more than %zu bytes", parser->max_event_bytes);
        return false;
    }
    if (parser->has_data) g_string_append_c(parser->data, '\n');
    g_string_append_len(parser->data, value, (gssize)length);
    parser->has_data = true;
    return true;
}

static int64_t parse_retry_ms(const char *value, size_t length) {
    int64_t milliseconds = 0;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isdigit(value[i]) || milliseconds > INT64_C(1000000000000)) return -1;
        milliseconds = milliseconds * 10 + (value[i] - '0');
    }
    return length > 0 ? milliseconds : -1;
}

static bool is_name(const char *line, size_t length, const char *name) {
    return strlen(name) == length && memcmp(line, name, length) == 0;
}

static void set_text(GString *text, const char *value, size_t length) {
    g_string_truncate(text, 0);
    g_string_append_len(text, value, (gssize)length);
}

static bool take_field(SseParser *parser, const char *line, size_t length, GError **error) {
    const char *colon = memchr(line, ':', length);
    size_t name_length = colon != NULL ? (size_t)(colon - line) : length;
    const char *value = colon != NULL ? colon + 1 : line + length;
    size_t value_length = (size_t)(line + length - value);
    if (value_length > 0 && *value == ' ') {
        value++;
        value_length--;
    }
    if (is_name(line, name_length, "data")) return add_data(parser, value, value_length, error);
    if (is_name(line, name_length, "event")) set_text(parser->type, value, value_length);
    if (is_name(line, name_length, "id") && memchr(value, '\0', value_length) == NULL)
        set_text(parser->id, value, value_length);
    if (is_name(line, name_length, "retry")) parser->retry_ms = parse_retry_ms(value, value_length);
    return true;
}

static bool on_line(const char *line, size_t length, void *user_data, GError **error) {
    Feeding *feeding = user_data;
    SseParser *parser = feeding->parser;
    size_t mark = strlen(BYTE_ORDER_MARK);
    if (!parser->is_past_start && length >= mark && memcmp(line, BYTE_ORDER_MARK, mark) == 0) {
        line += mark;
        length -= mark;
    }
    parser->is_past_start = true;
    if (length == 0) return dispatch(feeding, error);
    if (*line == ':') return true;
    return take_field(parser, line, length, error);
}

bool sse_parser_feed(SseParser *parser, const char *bytes, size_t length, SseFn on_event,
                     void *user_data, GError **error) {
    Feeding feeding = { parser, on_event, user_data };
    return line_splitter_feed(&parser->lines, bytes, length, on_line, &feeding, error);
}

bool sse_parser_finish(SseParser *parser, SseFn on_event, void *user_data, GError **error) {
    Feeding feeding = { parser, on_event, user_data };
    return line_splitter_finish(&parser->lines, on_line, &feeding, error) &&
           dispatch(&feeding, error);
}

/* ---- writing ---- */

static void write_field(GString *out, const char *name, const char *value) {
    g_assert(strpbrk(value, "\r\n") == NULL);
    g_string_append_printf(out, "%s: %s\n", name, value);
}

void sse_write_event(GString *out, const SseEvent *event) {
    if (event->type != NULL && strcmp(event->type, "message") != 0)
        write_field(out, "event", event->type);
    if (event->id != NULL && event->id[0] != '\0') write_field(out, "id", event->id);
    if (event->retry_ms > 0)
        g_string_append_printf(out, "retry: %" G_GINT64_FORMAT "\n", (gint64)event->retry_ms);
    const char *end = event->data + event->length;
    for (const char *line = event->data;;) {
        const char *stop = line;
        while (stop < end && *stop != '\n' && *stop != '\r') stop++;
        g_string_append(out, "data: ");
        g_string_append_len(out, line, stop - line);
        g_string_append_c(out, '\n');
        if (stop == end) break;
        line = stop + (stop[0] == '\r' && stop + 1 < end && stop[1] == '\n' ? 2 : 1);
    }
    g_string_append_c(out, '\n');
}

void sse_write_comment(GString *out, const char *text) {
    g_assert(strpbrk(text, "\r\n") == NULL);
    g_string_append_printf(out, ": %s\n\n", text);
}
