/* base/diagnostic.c: an error in a text file, told with line, column and caret. */
#include "base/diagnostic.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Characters of a long line that are shown before, under and after the caret. */
enum { MAX_BEFORE = 60, MAX_MARKED = 60, MAX_AFTER = 40 };

typedef struct {
    const char *text;
    size_t length;
} Slice;

static size_t mark_length(const char *source, size_t length) {
    return length >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static size_t character_length(const char *text, size_t length) {
    gunichar character = g_utf8_get_char_validated(text, (gssize)length);
    if (character == (gunichar)-1 || character == (gunichar)-2) return 1;
    return (size_t)(g_utf8_next_char(text) - text);
}

static size_t count_characters(const char *text, size_t length) {
    size_t count = 0;
    for (size_t at = 0; at < length; count++) at += character_length(text + at, length - at);
    return count;
}

/* Cuts the first `characters` characters off `rest` and returns them. */
static Slice take_characters(Slice *rest, size_t characters) {
    Slice taken = { rest->text, 0 };
    for (; characters > 0 && taken.length < rest->length; characters--)
        taken.length += character_length(rest->text + taken.length, rest->length - taken.length);
    rest->text += taken.length;
    rest->length -= taken.length;
    return taken;
}

SourceSpan diagnostic_span(const char *source, size_t source_length, size_t start, size_t end) {
    start = MIN(start, source_length);
    end = CLAMP(end, start, source_length);
    SourceSpan span = { .line = 1 };
    size_t line_start = mark_length(source, source_length);
    start = MAX(start, line_start);
    end = MAX(end, start);
    for (size_t i = line_start; i < start; i++) {
        if (source[i] != '\n') continue;
        span.line++;
        line_start = i + 1;
    }
    const char *line_end = memchr(source + start, '\n', end - start);
    if (line_end != NULL) end = (size_t)(line_end - source);
    if (end > start && source[end - 1] == '\r') end--;
    span.column = count_characters(source + line_start, start - line_start) + 1;
    span.length = MAX(count_characters(source + start, end - start), 1);
    return span;
}

static Slice find_line(const char *source, size_t source_length, size_t line) {
    size_t start = mark_length(source, source_length);
    for (; line > 1; line--) {
        const char *newline = memchr(source + start, '\n', source_length - start);
        if (newline == NULL) return (Slice){ source + source_length, 0 };
        start = (size_t)(newline - source) + 1;
    }
    const char *newline = memchr(source + start, '\n', source_length - start);
    size_t end = newline != NULL ? (size_t)(newline - source) : source_length;
    if (end > start && source[end - 1] == '\r') end--;
    return (Slice){ source + start, end - start };
}

/* What a terminal may see of a piece of a line: no controls, tabs as four spaces. */
static char *shown(Slice slice) {
    g_autofree char *safe = text_strip_terminal(slice.text, slice.length);
    GString *out = g_string_new(NULL);
    for (const char *c = safe; *c != '\0'; c++) {
        if (*c == '\t')
            g_string_append(out, "    ");
        else if (*c != '\n')
            g_string_append_c(out, *c);
    }
    return g_string_free(out, false);
}

static char *shown_head(Slice slice, size_t max_characters) {
    Slice head = take_characters(&slice, max_characters);
    g_autofree char *text = shown(head);
    return g_strconcat(text, slice.length > 0 ? "…" : "", NULL);
}

static char *shown_tail(Slice slice, size_t max_characters) {
    size_t characters = count_characters(slice.text, slice.length);
    bool is_cut = characters > max_characters;
    if (is_cut) take_characters(&slice, characters - max_characters);
    g_autofree char *text = shown(slice);
    return g_strconcat(is_cut ? "…" : "", text, NULL);
}

static void append_repeated(GString *out, char c, size_t count) {
    while (count-- > 0) g_string_append_c(out, c);
}

static void append_line(GString *out, const char *number, Slice line, SourceSpan span,
                        const char *note) {
    Slice rest = line;
    Slice before = take_characters(&rest, span.column - 1);
    Slice marked = take_characters(&rest, MAX(span.length, 1));
    g_autofree char *before_text = shown_tail(before, MAX_BEFORE);
    g_autofree char *marked_text = shown_head(marked, MAX_MARKED);
    bool is_marked_cut = count_characters(marked.text, marked.length) > MAX_MARKED;
    g_autofree char *after_text = is_marked_cut ? g_strdup("") : shown_head(rest, MAX_AFTER);
    size_t gutter = strlen(number);

    append_repeated(out, ' ', gutter);
    g_string_append(out, " |\n");
    g_string_append_printf(out, "%s | %s%s%s\n", number, before_text, marked_text, after_text);
    append_repeated(out, ' ', gutter);
    g_string_append(out, " | ");
    append_repeated(out, ' ', text_width(before_text));
    append_repeated(out, '^', MAX(text_width(marked_text), 1));
    if (note != NULL) {
        g_autofree char *note_text = shown((Slice){ note, strlen(note) });
        g_string_append_printf(out, " %s", note_text);
    }
}

char *diagnostic_format(const char *file, const char *source, size_t source_length, SourceSpan span,
                        const char *message, const char *note) {
    span.line = MAX(span.line, 1);
    span.column = MAX(span.column, 1);
    GString *out = g_string_new(NULL);
    g_autofree char *file_text = shown((Slice){ file, strlen(file) });
    g_autofree char *message_text = shown((Slice){ message, strlen(message) });
    g_string_printf(out, "%s:%zu:%zu: %s\n", file_text, span.line, span.column, message_text);
    g_autofree char *number = g_strdup_printf("%zu", span.line);
    append_line(out, number, find_line(source, source_length, span.line), span, note);
    return g_string_free(out, false);
}
