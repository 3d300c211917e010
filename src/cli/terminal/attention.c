/* cli/terminal/attention.c: see the header. */
#include "cli/terminal/attention.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

typedef enum { NOTIFY_BELL, NOTIFY_OSC_9, NOTIFY_OSC_777 } Notify;

typedef struct {
    const char *variable;
    const char *prefix; /* of its value; "" = any */
    Notify notify;
    bool has_progress;
} TerminalRow;

/* The first row that fits. Inside tmux and screen nothing else gets through. */
/* clang-format off */
static const TerminalRow terminals[] = {
    { "TMUX",         "",             NOTIFY_BELL,    false },
    { "STY",          "",             NOTIFY_BELL,    false },
    { "WT_SESSION",   "",             NOTIFY_BELL,    true  },
    { "ConEmuANSI",   "ON",           NOTIFY_BELL,    true  },
    { "TERM_PROGRAM", "ghostty",      NOTIFY_OSC_777, true  },
    { "TERM_PROGRAM", "WezTerm",      NOTIFY_OSC_777, false },
    { "TERM_PROGRAM", "iTerm.app",    NOTIFY_OSC_9,   false },
    { "TERM",         "xterm-ghostty", NOTIFY_OSC_777, true },
    { "TERM",         "xterm-kitty",  NOTIFY_OSC_9,   false },
    { "TERM",         "foot",         NOTIFY_OSC_777, false },
    { "TERM",         "rxvt-unicode", NOTIFY_OSC_777, false },
    { "VTE_VERSION",  "8",            NOTIFY_BELL,    true  }, /* 0.80 and later */
    { NULL }
};
/* clang-format on */

static const TerminalRow *find_terminal(void) {
    static const TerminalRow unknown = { .notify = NOTIFY_BELL };
    for (const TerminalRow *row = terminals; row->variable != NULL; row++) {
        const char *value = g_getenv(row->variable);
        if (value != NULL && value[0] != '\0' && g_str_has_prefix(value, row->prefix)) return row;
    }
    return &unknown;
}

/* One line, and nothing that ends or divides a sequence. */
static char *safe_text(const char *text) {
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    g_autofree char *cut = text_ellipsize(g_strdelimit(safe, ";\n\t", ' '), 120);
    return g_steal_pointer(&cut);
}

char *attention_notify(const char *title, const char *text) {
    g_autofree char *safe_title = safe_text(title);
    g_autofree char *safe = safe_text(text);
    switch (find_terminal()->notify) {
    case NOTIFY_OSC_777: return g_strdup_printf("\033]777;notify;%s;%s\033\\", safe_title, safe);
    case NOTIFY_OSC_9: return g_strdup_printf("\033]9;%s: %s\033\\", safe_title, safe);
    case NOTIFY_BELL: break;
    }
    return g_strdup("\a");
}

char *attention_progress(int percent) {
    if (!find_terminal()->has_progress) return g_strdup("");
    if (percent == ATTENTION_NONE) return g_strdup("\033]9;4;0\033\\");
    if (percent == ATTENTION_WORKING) return g_strdup("\033]9;4;3\033\\");
    return g_strdup_printf("\033]9;4;1;%d\033\\", CLAMP(percent, 0, 100));
}
