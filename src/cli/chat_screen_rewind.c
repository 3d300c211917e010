/* cli/chat_screen_rewind.c: Esc Esc: back to an earlier message, to say it anew. */
#include <stdio.h>

#include "cli/chat_screen-private.h"

void chat_screen_go_back(ChatScreen *screen) {
    if (!screen->is_escape_pending) {
        screen->is_escape_pending = true;
        chat_screen_set_notice(screen, "Esc again: back to an earlier message");
        return;
    }
    screen->is_escape_pending = false;
    g_clear_pointer(&screen->notice, g_free);
    chat_screen_open_choices(screen, CHAT_REQUEST_PICK_MESSAGE);
    if (screen->menu == NULL) chat_screen_set_notice(screen, "nothing was said yet");
}

void chat_screen_begin_edit(ChatScreen *screen) {
    g_autofree char *text = screen->host->dup_edited(screen->host->user_data);
    screen->is_editing = text != NULL;
    if (text != NULL && editor_is_empty(screen->editor)) editor_set_text(screen->editor, text);
}

bool chat_screen_end_edit(ChatScreen *screen) {
    if (!screen->is_editing) return false;
    screen->is_editing = false;
    screen->host->stop_editing(screen->host->user_data);
    editor_set_text(screen->editor, "");
    chat_screen_close_menu(screen);
    chat_screen_set_notice(screen, "the conversation stays as it is");
    return true;
}

void chat_screen_step_branch(ChatScreen *screen, int step) {
    const char *value = menu_chosen(screen->menu);
    unsigned number = 0;
    if (value == NULL || sscanf(value, "/rewind %u", &number) != 1) return;
    g_autofree char *line =
        g_strdup_printf("/branch %u %s", number, step < 0 ? "previous" : "next");
    chat_screen_close_menu(screen);
    editor_set_text(screen->editor, "");
    chat_screen_run_line(screen, line);
}
