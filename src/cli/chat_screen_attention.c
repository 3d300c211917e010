/* cli/chat_screen_attention.c: a notification to who looks elsewhere, and progress in the tab. */
#include "cli/chat_screen-private.h"

static void write_sign(ChatScreen *screen, const char *bytes) {
    GError *problem = NULL;
    if (bytes[0] != '\0' && !terminal_write(screen->terminal, bytes, -1, &problem))
        chat_screen_fail(screen, problem);
}

void chat_screen_notify(ChatScreen *screen, const char *text) {
    if (!screen->is_elsewhere) return;
    g_autofree char *bytes = attention_notify("LocalGPT", text);
    write_sign(screen, bytes);
}

void chat_screen_show_progress(ChatScreen *screen, int percent) {
    if (screen->progress_shown == percent) return;
    screen->progress_shown = percent;
    g_autofree char *bytes = attention_progress(percent);
    write_sign(screen, bytes);
}
