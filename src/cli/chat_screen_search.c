/* cli/chat_screen_search.c: what was sent before: by arrow, and by its words. */
#include <string.h>

#include "cli/chat_screen-private.h"

bool chat_screen_history_step(ChatScreen *screen, int step) {
    gssize age = screen->history_age - step; /* up is older */
    if (age < -1 || age >= (gssize)history_length(screen->history)) return false;
    if (screen->history_age == -1) {
        g_free(screen->draft);
        screen->draft = editor_dup_text(screen->editor);
    }
    const char *text = age == -1 ? screen->draft : history_get(screen->history, (size_t)age);
    editor_set_text(screen->editor, text != NULL ? text : "");
    screen->history_age = age;
    return true;
}

void chat_screen_begin_search(ChatScreen *screen) {
    chat_screen_close_menu(screen);
    screen->search = g_string_new(NULL);
    screen->search_age = -1;
}

static void end_search(ChatScreen *screen, bool is_taken) {
    if (is_taken && screen->search_age >= 0) {
        editor_set_text(screen->editor, history_get(screen->history, (size_t)screen->search_age));
        screen->history_age = -1;
    }
    g_string_free(screen->search, TRUE);
    screen->search = NULL;
}

static void search_again(ChatScreen *screen, size_t from) {
    gssize found =
        screen->search->len > 0 ? history_find(screen->history, screen->search->str, from) : -1;
    if (found >= 0 || from == 0) screen->search_age = found;
}

static void take_word(ChatScreen *screen, const char *text) {
    g_string_append(screen->search, text);
    search_again(screen, 0);
}

static bool search_command(ChatScreen *screen, gunichar letter) {
    switch (letter) {
    case 'r':
        search_again(screen, screen->search_age >= 0 ? (size_t)screen->search_age + 1 : 0);
        return true;
    case 'c':
    case 'g': end_search(screen, /* is_taken= */ false); return true;
    case 'u':
        g_string_truncate(screen->search, 0);
        search_again(screen, 0);
        return true;
    default: end_search(screen, /* is_taken= */ true); return false;
    }
}

bool chat_screen_search_key(ChatScreen *screen, const Key *key) {
    if (screen->search == NULL) return false;
    char letter[8] = { 0 };
    switch (key->code) {
    case KEY_CHARACTER:
        if (key->modifiers & KEY_CTRL) return search_command(screen, key->character);
        if (key->modifiers & KEY_ALT) return true;
        g_unichar_to_utf8(key->character, letter);
        take_word(screen, letter);
        return true;
    case KEY_PASTE: take_word(screen, key->text); return true;
    case KEY_BACKSPACE: {
        const char *end = screen->search->str + screen->search->len;
        if (screen->search->len == 0) return true;
        const char *before = g_utf8_find_prev_char(screen->search->str, end);
        g_string_truncate(screen->search, (gsize)(before - screen->search->str));
        search_again(screen, 0);
        return true;
    }
    case KEY_ENTER: end_search(screen, /* is_taken= */ true); return false; /* and it is sent */
    case KEY_ESCAPE:
    case KEY_TAB: end_search(screen, /* is_taken= */ true); return true;
    default: end_search(screen, /* is_taken= */ true); return false;
    }
}
