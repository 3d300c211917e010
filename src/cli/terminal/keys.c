/* cli/terminal/keys.c: after ECMA-48, xterm's control sequences and the "u" form of keys. */
#include "cli/terminal/keys.h"

#include <string.h>

#include "base/text.h"

#define PASTE_END "\033[201~"
enum { MAX_SEQUENCE_BYTES = 64, MAX_PASTE_BYTES = 8 << 20, MAX_NUMBERS = 4 };

struct KeyReader {
    GString *pending; /* owned: not yet understood */
    size_t start;     /* in pending */
    char *paste;      /* owned: text of the last KEY_PASTE */
    bool is_pasting;
    bool is_expired;
};

typedef struct {
    char final;
    unsigned numbers[MAX_NUMBERS];
    size_t n_numbers;
    bool is_private;
} Sequence;

typedef enum { PARSE_KEY, PARSE_NOTHING, PARSE_MORE } Parse;

KeyReader *key_reader_new(void) {
    KeyReader *reader = g_new0(KeyReader, 1);
    reader->pending = g_string_new(NULL);
    return reader;
}

void key_reader_free(KeyReader *reader) {
    if (reader == NULL) return;
    g_string_free(reader->pending, TRUE);
    g_free(reader->paste);
    g_free(reader);
}

void key_reader_feed(KeyReader *reader, const char *bytes, size_t length) {
    if (reader->start > 0) {
        g_string_erase(reader->pending, 0, (gssize)reader->start);
        reader->start = 0;
    }
    g_string_append_len(reader->pending, bytes, (gssize)length);
    reader->is_expired = false;
}

bool key_reader_is_waiting(const KeyReader *reader) {
    return !reader->is_pasting && reader->start < reader->pending->len;
}

void key_reader_expire(KeyReader *reader) {
    reader->is_expired = true;
}

static void set_character(Key *out, gunichar character, unsigned modifiers) {
    *out = (Key){ .code = KEY_CHARACTER, .modifiers = modifiers, .character = character };
}

static void set_code(Key *out, KeyCode code, unsigned modifiers) {
    *out = (Key){ .code = code, .modifiers = modifiers };
}

/* C0 and DEL. Ctrl-J and Ctrl-H are told apart from Enter and Backspace where terminals do. */
static bool set_control(Key *out, unsigned char byte, unsigned modifiers) {
    switch (byte) {
    case '\r': set_code(out, KEY_ENTER, modifiers); return true;
    case '\t': set_code(out, KEY_TAB, modifiers); return true;
    case 0x08:
    case 0x7F: set_code(out, KEY_BACKSPACE, modifiers); return true;
    case 0x1B: set_code(out, KEY_ESCAPE, modifiers); return true;
    case 0x00: set_character(out, ' ', modifiers | KEY_CTRL); return true;
    default: break;
    }
    if (byte >= 0x20) return false;
    static const char signs[] = "\\]^_"; /* 0x1C to 0x1F */
    /* cppcheck-suppress negativeIndex; 0x1B is a case above */
    gunichar character = byte < 0x1B ? byte + 0x60u : (gunichar)signs[byte - 0x1C];
    set_character(out, character, modifiers | KEY_CTRL);
    return true;
}

/* xterm: 1 + bits of shift, alt, ctrl; meta counts as alt. */
static unsigned modifiers_of(unsigned number) {
    unsigned bits = number > 0 ? number - 1 : 0;
    unsigned modifiers = 0;
    if (bits & 1) modifiers |= KEY_SHIFT;
    if (bits & (2 | 8)) modifiers |= KEY_ALT;
    if (bits & 4) modifiers |= KEY_CTRL;
    return modifiers;
}

/* A key given by its code point, as in "CSI 13;2u". */
static bool set_code_point(Key *out, gunichar character, unsigned modifiers) {
    if (character < 0x20 || character == 0x7F)
        return set_control(out, (unsigned char)character, modifiers);
    if (!g_unichar_validate(character) || g_unichar_iscntrl(character)) return false;
    /* Private use: keys that have no code here. */
    if (character >= 0xE000 && character <= 0xF8FF) return false;
    if (modifiers & KEY_CTRL) character = g_unichar_tolower(character);
    set_character(out, character, modifiers);
    return true;
}

static bool set_by_letter(Key *out, char letter, unsigned modifiers) {
    static const struct {
        char letter;
        KeyCode code;
    } rows[] = { { 'A', KEY_UP },    { 'B', KEY_DOWN },     { 'C', KEY_RIGHT },
                 { 'D', KEY_LEFT },  { 'H', KEY_HOME },     { 'F', KEY_END },
                 { 'M', KEY_ENTER }, { 'I', KEY_FOCUS_IN }, { 'O', KEY_FOCUS_OUT } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].letter != letter) continue;
        set_code(out, rows[i].code, modifiers);
        return true;
    }
    if (letter != 'Z') return false;
    set_code(out, KEY_TAB, modifiers | KEY_SHIFT);
    return true;
}

static bool set_by_number(Key *out, unsigned number, unsigned modifiers) {
    static const struct {
        unsigned number;
        KeyCode code;
    } rows[] = { { 1, KEY_HOME },      { 3, KEY_DELETE }, { 4, KEY_END }, { 5, KEY_PAGE_UP },
                 { 6, KEY_PAGE_DOWN }, { 7, KEY_HOME },   { 8, KEY_END } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].number != number) continue;
        set_code(out, rows[i].code, modifiers);
        return true;
    }
    return false;
}

static Parse interpret(KeyReader *reader, const Sequence *sequence, Key *out) {
    unsigned first = sequence->numbers[0];
    unsigned modifiers = sequence->n_numbers > 1 ? modifiers_of(sequence->numbers[1]) : 0;
    bool is_key = false;
    if (sequence->is_private) return PARSE_NOTHING;
    if (sequence->final == 'u')
        is_key = set_code_point(out, first, modifiers);
    else if (sequence->final == '~' && first == 200)
        reader->is_pasting = true;
    else if (sequence->final == '~' && first == 27 && sequence->n_numbers > 2)
        is_key = set_code_point(out, sequence->numbers[2], modifiers);
    else if (sequence->final == '~')
        is_key = set_by_number(out, first, modifiers);
    else
        is_key = set_by_letter(out, sequence->final, modifiers);
    return is_key ? PARSE_KEY : PARSE_NOTHING;
}

/* "ESC [ numbers final" or "ESC O final". *out_length: its bytes. */
static Parse read_sequence(KeyReader *reader, size_t *out_length, Key *out) {
    const char *text = reader->pending->str + reader->start;
    size_t length = reader->pending->len - reader->start;
    Sequence sequence = { .n_numbers = 1 };
    for (size_t at = 2; at < length; at++) {
        unsigned char byte = (unsigned char)text[at];
        *out_length = at + 1;
        if (byte >= '0' && byte <= '9') {
            unsigned *number = &sequence.numbers[sequence.n_numbers - 1];
            *number = MIN(*number * 10 + (byte - '0'), 0x110000);
        } else if (byte == ';') {
            if (sequence.n_numbers == MAX_NUMBERS) return PARSE_NOTHING;
            sequence.n_numbers++;
        } else if (byte >= 0x40 && byte <= 0x7E) {
            sequence.final = (char)byte;
            return interpret(reader, &sequence, out);
        } else if (byte >= 0x20 && byte <= 0x3F) {
            sequence.is_private = true;
        } else {
            *out_length = at; /* no sequence after all: the byte stands for itself */
            return PARSE_NOTHING;
        }
        if (at >= MAX_SEQUENCE_BYTES) return PARSE_NOTHING;
    }
    return PARSE_MORE;
}

/* The start of a character whose other bytes may still come. */
static bool is_partial(const char *text, size_t length) {
    if (g_utf8_get_char_validated(text, (gssize)length) != (gunichar)-2 || length >= 4)
        return false;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80) return false;
    return true;
}

static Parse read_character(KeyReader *reader, size_t at, unsigned modifiers, Key *out) {
    const char *text = reader->pending->str + reader->start + at;
    size_t length = reader->pending->len - reader->start - at;
    gunichar character = g_utf8_get_char_validated(text, (gssize)length);
    if (!reader->is_expired && is_partial(text, length)) return PARSE_MORE;
    bool is_valid = character != (gunichar)-1 && character != (gunichar)-2;
    reader->start += at + (is_valid ? (size_t)(g_utf8_next_char(text) - text) : 1);
    if (!is_valid || g_unichar_iscntrl(character)) return PARSE_NOTHING;
    set_character(out, character, modifiers);
    return PARSE_KEY;
}

static Parse read_escape(KeyReader *reader, Key *out) {
    const char *text = reader->pending->str + reader->start;
    size_t length = reader->pending->len - reader->start;
    if (length == 1 || (length == 2 && reader->is_expired && (text[1] == '[' || text[1] == 'O'))) {
        if (!reader->is_expired) return PARSE_MORE;
        reader->start++;
        set_code(out, KEY_ESCAPE, 0);
        return PARSE_KEY;
    }
    unsigned char next = (unsigned char)text[1];
    if (next == '[' || next == 'O') {
        size_t n_bytes = 0;
        Parse parse = read_sequence(reader, &n_bytes, out);
        if (parse == PARSE_MORE && !reader->is_expired) return parse;
        reader->start += parse == PARSE_MORE ? length : n_bytes;
        return parse == PARSE_MORE ? PARSE_NOTHING : parse;
    }
    if (next == 0x1B) { /* Esc twice, or Esc before a sequence */
        reader->start++;
        set_code(out, KEY_ESCAPE, 0);
        return PARSE_KEY;
    }
    if (next < 0x20 || next == 0x7F) {
        reader->start += 2;
        return set_control(out, next, KEY_ALT) ? PARSE_KEY : PARSE_NOTHING;
    }
    return read_character(reader, 1, KEY_ALT, out);
}

/* A paste is text: line ends become newlines, anything that drives a terminal goes. */
static char *clean_paste(const char *text, size_t length) {
    g_autoptr(GString) lines = g_string_sized_new(length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\r' && i + 1 < length && text[i + 1] == '\n') continue;
        g_string_append_c(lines, text[i] == '\r' ? '\n' : text[i]);
    }
    return text_strip_terminal(lines->str, lines->len);
}

static Parse read_paste(KeyReader *reader, Key *out) {
    const char *text = reader->pending->str + reader->start;
    size_t length = reader->pending->len - reader->start;
    const char *end = memmem(text, length, PASTE_END, strlen(PASTE_END));
    if (end == NULL && length < MAX_PASTE_BYTES) return PARSE_MORE;
    size_t n_bytes = end != NULL ? (size_t)(end - text) : length;
    g_free(reader->paste);
    reader->paste = clean_paste(text, n_bytes);
    reader->start += n_bytes + (end != NULL ? strlen(PASTE_END) : 0);
    reader->is_pasting = end == NULL;
    *out = (Key){ .code = KEY_PASTE, .text = reader->paste };
    return PARSE_KEY;
}

static Parse read_key(KeyReader *reader, Key *out) {
    if (reader->start >= reader->pending->len) return PARSE_MORE;
    if (reader->is_pasting) return read_paste(reader, out);
    unsigned char byte = (unsigned char)reader->pending->str[reader->start];
    if (byte == 0x1B) return read_escape(reader, out);
    if (byte >= 0x20 && byte != 0x7F) return read_character(reader, 0, 0, out);
    reader->start++;
    return set_control(out, byte, 0) ? PARSE_KEY : PARSE_NOTHING;
}

bool key_reader_next(KeyReader *reader, Key *out) {
    for (;;) {
        switch (read_key(reader, out)) {
        case PARSE_KEY: return true;
        case PARSE_MORE: return false;
        case PARSE_NOTHING: break;
        }
    }
}
