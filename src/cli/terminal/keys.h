/*
 * cli/terminal/keys.h: from the bytes a terminal sends to the keys a person pressed.
 *
 *     key_reader_feed(reader, block, n);
 *     while (key_reader_next(reader, &key)) ...
 *     if (key_reader_is_waiting(reader)) poll for KEY_WAIT_MS, and when nothing came:
 *         key_reader_expire(reader);       // what was left is the Esc key
 *
 * Knows UTF-8, CSI and SS3 sequences with modifiers, the "u" form and xterm's form of modified
 * keys, and bracketed paste. Sequences it does not know are swallowed whole. Nothing here touches a
 * terminal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

enum { KEY_WAIT_MS = 25 };

typedef enum {
    KEY_CHARACTER, /* character; with KEY_CTRL or KEY_ALT a command */
    KEY_PASTE,     /* text */
    KEY_ENTER,
    KEY_TAB,
    KEY_ESCAPE,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_FOCUS_IN, /* no keys: the person looks here again, or elsewhere */
    KEY_FOCUS_OUT,
} KeyCode;

typedef enum { KEY_SHIFT = 1 << 0, KEY_ALT = 1 << 1, KEY_CTRL = 1 << 2 } KeyModifiers;

typedef struct {
    KeyCode code;
    unsigned modifiers; /* KeyModifiers */
    gunichar character; /* KEY_CHARACTER: printable; with KEY_CTRL a lower-case letter or sign */
    const char *text;   /* KEY_PASTE: safe text; valid until the next call */
} Key;

typedef struct KeyReader KeyReader;

KeyReader *key_reader_new(void);
void key_reader_free(KeyReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyReader, key_reader_free)

void key_reader_feed(KeyReader *reader, const char *bytes, size_t length);

/* false: nothing whole is left. */
bool key_reader_next(KeyReader *reader, Key *out);

/* The bytes end in what may be the Esc key or the start of a sequence. */
bool key_reader_is_waiting(const KeyReader *reader);
/* Nothing followed: the next key is Esc. */
void key_reader_expire(KeyReader *reader);
