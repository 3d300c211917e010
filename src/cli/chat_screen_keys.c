/* cli/chat_screen_keys.c: what each key does. */
#include <string.h>

#include "base/error.h"
#include "cli/chat_screen-private.h"

/* Twice within two seconds leaves. */
static void leave_or_ask(ChatScreen *screen) {
    if (screen->leave_until_us > 0) {
        screen->is_over = true;
        if (screen->failure == NULL) error_set(&screen->failure, ERR_CANCELLED, "interrupted");
        return;
    }
    screen->leave_until_us = g_get_monotonic_time() + LEAVE_MS * G_GINT64_CONSTANT(1000);
    chat_screen_set_notice(screen, "press Ctrl-C again to exit");
}

/* What was queued is not sent after all, but is there to be sent. */
static void take_queue_back(ChatScreen *screen) {
    g_autoptr(GString) text = g_string_new(NULL);
    ChatLine *line;
    while ((line = g_queue_pop_head(&screen->queue)) != NULL) {
        g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", line->text);
        chat_line_free(line);
    }
    if (text->len > 0 && editor_is_empty(screen->editor))
        editor_set_text(screen->editor, text->str);
}

static void on_interrupt(ChatScreen *screen) {
    if (screen->is_busy && !screen->is_stopping) {
        take_queue_back(screen);
        chat_screen_stop(screen);
        leave_or_ask(screen);
    } else if (!editor_is_empty(screen->editor) && !screen->is_busy) {
        g_autofree char *text = editor_dup_text(screen->editor);
        history_add(screen->history, text);
        screen->history_age = -1;
        editor_set_text(screen->editor, "");
        chat_screen_close_menu(screen);
        chat_screen_end_edit(screen);
    } else {
        leave_or_ask(screen);
    }
}

static void on_escape(ChatScreen *screen) {
    if (screen->shows_help)
        screen->shows_help = false;
    else if (screen->is_busy)
        chat_screen_stop(screen);
    else if (!chat_screen_end_edit(screen) && editor_is_empty(screen->editor))
        chat_screen_go_back(screen);
}

static void on_enter(ChatScreen *screen, const Key *key) {
    const char *text = editor_text(screen->editor);
    size_t cursor = editor_cursor(screen->editor);
    if (key->modifiers & (KEY_SHIFT | KEY_ALT | KEY_CTRL)) {
        editor_insert(screen->editor, "\n", 1);
    } else if (cursor > 0 && text[cursor - 1] == '\\') {
        editor_replace_before(screen->editor, cursor - 1, "\n");
    } else {
        chat_screen_submit(screen);
    }
}

static void on_vertical(ChatScreen *screen, EditorMove move) {
    if (editor_move(screen->editor, move)) return;
    chat_screen_history_step(screen, move == EDITOR_UP ? -1 : 1);
}

static void on_control(ChatScreen *screen, gunichar letter) {
    switch (letter) {
    case 'a': editor_move(screen->editor, EDITOR_LINE_START); break;
    case 'b': editor_move(screen->editor, EDITOR_LEFT); break;
    case 'c': on_interrupt(screen); break;
    case 'd':
        if (editor_is_empty(screen->editor) && !screen->is_busy)
            screen->is_over = true;
        else
            editor_delete(screen->editor, EDITOR_RIGHT);
        break;
    case 'e': editor_move(screen->editor, EDITOR_LINE_END); break;
    case 'f': editor_move(screen->editor, EDITOR_RIGHT); break;
    case 'g': chat_screen_edit_outside(screen); break;
    case 'j': editor_insert(screen->editor, "\n", 1); break;
    case 'k': editor_kill(screen->editor, EDITOR_LINE_END); break;
    case 'l': live_zone_invalidate(screen->zone); break;
    case 'n': on_vertical(screen, EDITOR_DOWN); break;
    case 'o': chat_screen_toggle_output(screen); break;
    case 'p': on_vertical(screen, EDITOR_UP); break;
    case 'r': chat_screen_begin_search(screen); break;
    case 't': chat_screen_toggle_thinking(screen); break;
    case 'u': editor_kill(screen->editor, EDITOR_LINE_START); break;
    case 'w': editor_kill(screen->editor, EDITOR_WORD_LEFT); break;
    case 'y': editor_yank(screen->editor); break;
    case 'z': chat_screen_sleep(screen); break;
    case '_': editor_undo(screen->editor); break;
    default: break;
    }
}

static void on_alt(ChatScreen *screen, gunichar letter) {
    switch (letter) {
    case 'b': editor_move(screen->editor, EDITOR_WORD_LEFT); break;
    case 'd': editor_kill(screen->editor, EDITOR_WORD_RIGHT); break;
    case 'f': editor_move(screen->editor, EDITOR_WORD_RIGHT); break;
    default: break;
    }
}

static void on_character(ChatScreen *screen, const Key *key) {
    if (key->modifiers & KEY_CTRL) {
        on_control(screen, key->character);
        return;
    }
    if (key->modifiers & KEY_ALT) {
        on_alt(screen, key->character);
        return;
    }
    if (key->character == '?' && editor_is_empty(screen->editor)) {
        screen->shows_help = !screen->shows_help;
        return;
    }
    char letter[8] = { 0 };
    g_unichar_to_utf8(key->character, letter);
    editor_insert(screen->editor, letter, -1);
}

static void cycle_mode(ChatScreen *screen) {
    const ChatHost *host = screen->host;
    const char *summary = host->cycle_mode != NULL ? host->cycle_mode(host->user_data) : NULL;
    if (summary == NULL) return;
    g_autofree char *notice = g_strdup_printf("%s mode: %s", host->mode(host->user_data), summary);
    chat_screen_set_notice(screen, notice);
}

static void on_edit_key(ChatScreen *screen, const Key *key) {
    bool is_word = (key->modifiers & (KEY_CTRL | KEY_ALT)) != 0;
    Editor *editor = screen->editor;
    switch (key->code) {
    case KEY_CHARACTER: on_character(screen, key); break;
    case KEY_PASTE: editor_insert_paste(editor, key->text); break;
    case KEY_ENTER: on_enter(screen, key); break;
    case KEY_ESCAPE: on_escape(screen); break;
    case KEY_TAB:
        if (key->modifiers == KEY_SHIFT) cycle_mode(screen);
        if (key->modifiers == 0) chat_screen_complete_path(screen);
        break;
    case KEY_BACKSPACE:
        if (is_word)
            editor_kill(editor, EDITOR_WORD_LEFT);
        else
            editor_delete(editor, EDITOR_LEFT);
        break;
    case KEY_DELETE: editor_delete(editor, is_word ? EDITOR_WORD_RIGHT : EDITOR_RIGHT); break;
    case KEY_UP: on_vertical(screen, EDITOR_UP); break;
    case KEY_DOWN: on_vertical(screen, EDITOR_DOWN); break;
    case KEY_LEFT: editor_move(editor, is_word ? EDITOR_WORD_LEFT : EDITOR_LEFT); break;
    case KEY_RIGHT: editor_move(editor, is_word ? EDITOR_WORD_RIGHT : EDITOR_RIGHT); break;
    case KEY_HOME: editor_move(editor, is_word ? EDITOR_START : EDITOR_LINE_START); break;
    case KEY_END: editor_move(editor, is_word ? EDITOR_END : EDITOR_LINE_END); break;
    case KEY_PAGE_UP: editor_move(editor, EDITOR_START); break;
    case KEY_PAGE_DOWN: editor_move(editor, EDITOR_END); break;
    case KEY_FOCUS_IN:
    case KEY_FOCUS_OUT: break;
    }
}

static bool is_interrupt(const Key *key) {
    return key->code == KEY_CHARACTER && (key->modifiers & KEY_CTRL) && key->character == 'c';
}

void chat_screen_on_key(ChatScreen *screen, const Key *key) {
    g_autofree char *before = g_strdup(editor_text(screen->editor));
    size_t cursor = editor_cursor(screen->editor);
    if (!is_interrupt(key)) screen->leave_until_us = 0;
    if (screen->leave_until_us == 0) g_clear_pointer(&screen->notice, g_free);
    if (key->code != KEY_ESCAPE) screen->is_escape_pending = false;
    bool is_help_key = key->code == KEY_ESCAPE || (key->character == '?' && screen->shows_help);
    if (!is_help_key) screen->shows_help = false;
    if (chat_screen_question_key(screen, key)) return;
    if (chat_screen_search_key(screen, key)) return;
    if (chat_screen_menu_key(screen, key)) return;
    on_edit_key(screen, key);
    bool has_changed = strcmp(before, editor_text(screen->editor)) != 0;
    bool is_step = key->code == KEY_UP || key->code == KEY_DOWN;
    if (has_changed && !is_step) screen->history_age = -1;
    bool has_moved = cursor != editor_cursor(screen->editor);
    bool opens_menu = key->code == KEY_CHARACTER || key->code == KEY_BACKSPACE ||
                      (screen->menu != NULL && screen->menu_kind != MENU_PATHS);
    if (screen->menu_kind == MENU_PATHS && key->code != KEY_TAB) chat_screen_close_menu(screen);
    if ((has_changed || has_moved) && opens_menu && !is_step) chat_screen_update_menu(screen);
}
