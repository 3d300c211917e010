/* cli/chat_screen-private.h: what chat_screen*.c share. */
#pragma once

#include "base/text.h"
#include "cli/chat_screen.h"
#include "cli/terminal/attention.h"
#include "cli/terminal/composer.h"
#include "cli/terminal/history.h"
#include "cli/terminal/keys.h"
#include "cli/terminal/live_zone.h"
#include "markdown/stream.h"

enum {
    FRAME_MS = 33,
    SCROLL_FRAME_MS = 66,
    SLOW_FRAME_MS = 120,
    SPINNER_MS = 200,
    LEAVE_MS = 2000,
    MAX_MENU_ROWS = 5,
    MAX_TAIL_ROWS = 4
};

typedef enum { MENU_NONE, MENU_COMMANDS, MENU_FILES, MENU_PATHS, MENU_CHOICES } MenuKind;

/* What was sent, and how it looked when it was written. */
typedef struct {
    char *text;
    GPtrArray *rows; /* char * */
} ChatLine;

void chat_line_free(void *data); /* a ChatLine */

typedef struct {
    /* borrowed */
    App *app;
    const ChatHost *host;
    /* owned */
    Terminal *terminal;
    LiveZone *zone;
    KeyReader *keys;
    Editor *editor;
    History *history;
    ChatWorker *worker;
    MarkdownStream *markdown;
    TextStripper *stripper;
    ChatQuestion *question;   /* that waits for its answer, or NULL */
    GQueue questions;         /* ChatQuestion, owned: after that one */
    char *question_draft;     /* what was being written when the reason for a no was asked */
    Menu *menu;               /* NULL: none is open */
    GQueue queue;             /* ChatLine, owned: typed while an answer came */
    GString *answer;          /* source of the last one */
    GPtrArray *running_tools; /* of chat_screen_tools.c, or NULL */
    char *tool_output;        /* of the last tool, or NULL */
    GString *thinking;        /* of the last turn */
    char *progress;           /* "loading the model", or NULL */
    char *draft;              /* what was being written when history was entered */
    GString *search;          /* words of Ctrl-R; NULL: not searching */
    char *notice;             /* one line below the prompt until the next key */
    char *last_line;          /* what was sent last: for a picker, and to give it back on failure */
    /* state */
    unsigned question_choice; /* 0: the first */
    bool is_reasoning;        /* the text is the reason for a no */
    int64_t question_shown_us;
    int64_t last_typed_us;
    MenuKind menu_kind;
    ChatRequestKind choice;  /* MENU_CHOICES: what is being chosen */
    size_t menu_start;       /* of the word that the menu completes, in the editor's text */
    bool is_menu_refused;    /* Esc closed it: it stays closed until the text changes by a word */
    gssize history_age;      /* -1: not in the history */
    gssize search_age;       /* -1: nothing found */
    size_t n_shown_thinking; /* bytes */
    bool is_busy;
    bool is_elsewhere; /* the person looks at another window */
    bool is_stopping;
    bool has_begun; /* the turn's EVENT_START came */
    bool has_text;  /* of the answer that streams */
    bool shows_help;
    bool is_editing;        /* the text takes the place of an earlier message */
    bool is_escape_pending; /* Esc was pressed on an empty line: once more goes back */
    bool shows_thinking;
    bool shows_output;    /* of tools */
    bool is_output_shown; /* tool_output is in the scrollback */
    bool is_over;
    bool is_dirty;
    bool has_typed; /* since the last frame: that must show at once */
    JobKind job;
    ChatStatus status;
    int64_t job_start_us;
    size_t job_start_bytes; /* written to the terminal before the job */
    int64_t last_frame_us;
    int progress_shown;     /* by the terminal: see attention_progress() */
    int64_t leave_until_us; /* a second Ctrl-C before then leaves */
    GError *failure;
} ChatScreen;

/* chat_screen_draw.c */
/* A row of our own words: made safe, wrapped, one style ("" or SGR) for all. */
void chat_screen_print(ChatScreen *screen, const char *sgr, const char *text);
/* The same, cut where it must be and with its spaces, for code. */
void chat_screen_print_code(ChatScreen *screen, const char *sgr, const char *prefix,
                            const char *text);
void chat_screen_print_error(ChatScreen *screen, const GError *problem);
void chat_screen_draw(ChatScreen *screen);

/* chat_screen_keys.c */
void chat_screen_on_key(ChatScreen *screen, const Key *key);

/* chat_screen_menu.c */
void chat_screen_update_menu(ChatScreen *screen);
void chat_screen_open_choices(ChatScreen *screen, ChatRequestKind choice);
void chat_screen_close_menu(ChatScreen *screen);
void chat_screen_complete_path(ChatScreen *screen);
/* true: the key was the menu's. */
bool chat_screen_menu_key(ChatScreen *screen, const Key *key);

/* chat_screen_rewind.c: going back to an earlier message */
/* Esc on an empty line. */
void chat_screen_go_back(ChatScreen *screen);
/* The text becomes what the host says is being edited, if anything. */
void chat_screen_begin_edit(ChatScreen *screen);
/* The conversation stays as it is; true: there was something to end. */
bool chat_screen_end_edit(ChatScreen *screen);
/* The chosen message has other versions: to the one before or after. */
void chat_screen_step_branch(ChatScreen *screen, int step);

/* chat_screen_tools.c: one row for each tool, its output on demand */
void chat_screen_begin_tool(ChatScreen *screen, const AgentEvent *event);
/* The time a question took is not the tool's. */
void chat_screen_restart_tools(ChatScreen *screen);
void chat_screen_end_tool(ChatScreen *screen, const AgentEvent *event);
void chat_screen_toggle_output(ChatScreen *screen);
/* What Ctrl-O asked for while an answer came. */
void chat_screen_show_due_output(ChatScreen *screen);
/* The job ended: what still ran was stopped. */
void chat_screen_stop_tools(ChatScreen *screen);
void chat_screen_forget_tools(ChatScreen *screen);

/* chat_screen_attention.c: the terminal's own signs */
/* Only to who looks elsewhere. */
void chat_screen_notify(ChatScreen *screen, const char *text);
void chat_screen_show_progress(ChatScreen *screen, int percent); /* of attention_progress() */

/* chat_screen_question.c: a tool that needs a yes */
/* Takes the reference. */
void chat_screen_ask(ChatScreen *screen, ChatQuestion *question);
/* true: the key was the question's. */
bool chat_screen_question_key(ChatScreen *screen, const Key *key);
/* In place of the composer, or around it while a reason is written. */
void chat_screen_add_question(const ChatScreen *screen, GPtrArray *rows);
/* The job ended: nobody waits any more. */
void chat_screen_forget_questions(ChatScreen *screen);

/* chat_screen_search.c: Ctrl-R, and the arrows through what was sent */
void chat_screen_begin_search(ChatScreen *screen);
bool chat_screen_search_key(ChatScreen *screen, const Key *key);
bool chat_screen_history_step(ChatScreen *screen, int step);

/* chat_screen.c */
/* The chat ends with it. Takes `failure`. */
void chat_screen_fail(ChatScreen *screen, GError *failure);
void chat_screen_submit(ChatScreen *screen);
/* A line that was chosen, not typed: it is not shown, and not in the history. */
void chat_screen_run_line(ChatScreen *screen, const char *text);
void chat_screen_stop(ChatScreen *screen);
void chat_screen_edit_outside(ChatScreen *screen);
void chat_screen_sleep(ChatScreen *screen);
void chat_screen_copy(ChatScreen *screen);
void chat_screen_toggle_thinking(ChatScreen *screen);
void chat_screen_set_notice(ChatScreen *screen, const char *text);
