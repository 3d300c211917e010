/*
 * base/text_strip.c: takes out of untrusted text everything that could drive a terminal.
 *
 * A byte-wise state machine after ECMA-48: ESC introduces a sequence whose end depends on its kind.
 * Text of a sequence is dropped with it, so "ESC ] 0 ; title BEL" leaves nothing behind.
 */
#include <string.h>

#include "base/text.h"

typedef enum {
    STRIP_TEXT,
    STRIP_ESCAPE,       /* after ESC */
    STRIP_CONTROL,      /* CSI: ends with 0x40..0x7E */
    STRIP_STRING,       /* OSC, DCS, SOS, PM, APC: ends with BEL or ST */
    STRIP_INTERMEDIATE, /* ESC with intermediates 0x20..0x2F: ends with 0x30..0x7E */
} StripState;

struct TextStripper {
    StripState state;
    char pending[8]; /* an unfinished UTF-8 sequence */
    size_t n_pending;
    size_t string_length;
    unsigned char previous; /* inside a string: U+009C ends it, which is two bytes */
};

/* A string sequence without an end must not swallow the rest of an answer. */
#define MAX_STRING_BYTES 4096

TextStripper *text_stripper_new(void) {
    return g_new0(TextStripper, 1);
}

void text_stripper_free(TextStripper *stripper) {
    g_free(stripper);
}

static bool is_forbidden(gunichar character) {
    if (character < 0x20) return character != '\n' && character != '\t';
    if (character >= 0x7F && character <= 0x9F) return true;
    return character == 0x61C || (character >= 0x200E && character <= 0x200F) ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF ||
           (character >= 0xE0000 && character <= 0xE007F) ||
           (character >= 0xFFF9 && character <= 0xFFFB);
}

static void begin_string(TextStripper *stripper) {
    stripper->state = STRIP_STRING;
    stripper->string_length = 0;
    stripper->previous = 0;
}

static void append_character(TextStripper *stripper, gunichar character, GString *out) {
    /* C1 controls are sequence introducers of their own. */
    if (character == 0x9B) {
        stripper->state = STRIP_CONTROL;
    } else if (character == 0x90 || character == 0x98 || (character >= 0x9D && character <= 0x9F)) {
        begin_string(stripper);
    } else if (!is_forbidden(character)) {
        g_string_append_unichar(out, character);
    }
}

/* One byte outside an escape sequence. */
static void feed_text(TextStripper *stripper, unsigned char byte, GString *out) {
    if (stripper->n_pending > 0 && (byte & 0xC0) != 0x80) {
        g_string_append(out, "\xEF\xBF\xBD");
        stripper->n_pending = 0;
    }
    if (byte == 0x1B) {
        stripper->state = STRIP_ESCAPE;
        return;
    }
    if (byte < 0x80) {
        append_character(stripper, byte, out);
        return;
    }
    stripper->pending[stripper->n_pending++] = (char)byte;
    gunichar character = g_utf8_get_char_validated(stripper->pending, (gssize)stripper->n_pending);
    if (character == (gunichar)-2 && stripper->n_pending < 4) return; /* more to come */
    stripper->n_pending = 0;
    if (character == (gunichar)-1 || character == (gunichar)-2)
        g_string_append(out, "\xEF\xBF\xBD");
    else
        append_character(stripper, character, out);
}

static void feed_escape(TextStripper *stripper, unsigned char byte) {
    if (byte == '[') {
        stripper->state = STRIP_CONTROL;
    } else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_') {
        begin_string(stripper);
    } else if (byte >= 0x20 && byte <= 0x2F) {
        stripper->state = STRIP_INTERMEDIATE;
    } else {
        stripper->state = STRIP_TEXT;
    }
}

static void feed_string(TextStripper *stripper, unsigned char byte) {
    bool is_terminator = byte == 0x07 || (byte == 0x9C && stripper->previous == 0xC2);
    stripper->previous = byte;
    if (is_terminator || ++stripper->string_length > MAX_STRING_BYTES) stripper->state = STRIP_TEXT;
}

static void feed_byte(TextStripper *stripper, unsigned char byte, GString *out) {
    /* As terminals do: ESC ends what it stands in, also a string ("ESC \" does nothing else). */
    if (stripper->state != STRIP_TEXT && byte == 0x1B) {
        stripper->state = STRIP_ESCAPE;
        return;
    }
    /* No sequence spans lines, and none but a string has bytes beyond ASCII: here it ends
     * unfinished and the byte is text. */
    if (byte == '\n' || (byte >= 0x80 && stripper->state != STRIP_STRING))
        stripper->state = STRIP_TEXT;
    switch (stripper->state) {
    case STRIP_TEXT: feed_text(stripper, byte, out); break;
    case STRIP_ESCAPE: feed_escape(stripper, byte); break;
    case STRIP_INTERMEDIATE:
        if (byte >= 0x30) stripper->state = STRIP_TEXT;
        break;
    case STRIP_CONTROL:
        if (byte >= 0x40) stripper->state = STRIP_TEXT;
        break;
    case STRIP_STRING: feed_string(stripper, byte); break;
    }
}

void text_stripper_feed(TextStripper *stripper, const char *chunk, size_t length, GString *out) {
    for (size_t i = 0; i < length; i++) feed_byte(stripper, (unsigned char)chunk[i], out);
}

void text_stripper_finish(TextStripper *stripper, GString *out) {
    if (stripper->n_pending > 0) g_string_append(out, "\xEF\xBF\xBD");
    memset(stripper, 0, sizeof *stripper);
}

char *text_strip_terminal(const char *text, size_t length) {
    TextStripper stripper = { 0 };
    GString *out = g_string_sized_new(length);
    text_stripper_feed(&stripper, text, length, out);
    text_stripper_finish(&stripper, out);
    return g_string_free(out, FALSE);
}
