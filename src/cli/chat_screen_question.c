/* cli/chat_screen_question.c: a tool that needs a yes: what, where, why, and the keys that answer.
 */
#include <string.h>

#include "base/text.h"
#include "cli/approval_text.h"
#include "cli/chat_screen-private.h"

/* Who is writing when the question comes does not answer it with the next letter. */
enum { PAUSE_MS = 600, MAX_BODY_ROWS = 400 };

#define DIM "\033[2m"
#define BOLD "\033[1m"
#define REST "\033[0m"

typedef struct {
    ApprovalChoice choice;
    const char *label;
} Answer;

/* What can be answered; *out_n of them. */
static const Answer *answers_of(const ApprovalRequest *request, unsigned *out_n) {
    static const Answer all[] = { { ANSWER_ONCE, "Yes" },
                                  { ANSWER_ALWAYS, "Always for exactly this" },
                                  { ANSWER_DENY, "No, tell it what to do" } };
    static const Answer two[] = { { ANSWER_ONCE, "Yes" },
                                  { ANSWER_DENY, "No, tell it what to do" } };
    *out_n = request->may_always ? G_N_ELEMENTS(all) : G_N_ELEMENTS(two);
    return request->may_always ? all : two;
}

/* ---- what is asked, in the scrollback: all of it, whatever its length ---- */

static void print_body(ChatScreen *screen, const char *text, bool is_diff) {
    if (text == NULL) return;
    g_autofree char *visible = approval_text_visible(text);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(visible), "\n", -1);
    guint n = g_strv_length(lines);
    for (guint i = 0; i < MIN(n, (guint)MAX_BODY_ROWS); i++)
        chat_screen_print_code(screen, is_diff ? approval_text_diff_style(lines[i]) : "", "  │ ",
                               lines[i]);
    if (n <= MAX_BODY_ROWS) return;
    g_autofree char *rest = g_strdup_printf("  │ ... and %u more lines", n - MAX_BODY_ROWS);
    chat_screen_print(screen, "\033[31m", rest);
}

static void print_request(ChatScreen *screen, const ApprovalRequest *request) {
    g_autofree char *title = approval_text_visible(request->title);
    g_autofree char *counts = request->diff != NULL ? approval_text_counts(request->diff) : NULL;
    g_autofree char *head = g_strdup_printf("⎿ %s%s%s", title, counts != NULL ? "  " : "",
                                            counts != NULL ? counts : "");
    chat_screen_print(screen, "", head);
    g_autofree char *subject = approval_text_subject(request);
    print_body(screen, subject, /* is_diff= */ false);
    print_body(screen, request->output, /* is_diff= */ false);
    print_body(screen, request->diff, /* is_diff= */ true);
}

/* ---- one after the other ---- */

static void show_next(ChatScreen *screen) {
    screen->question = g_queue_pop_head(&screen->questions);
    screen->question_choice = 0;
    screen->is_dirty = true;
    if (screen->question == NULL) return;
    const ApprovalRequest *request = chat_question_request(screen->question);
    screen->question_shown_us = g_get_monotonic_time();
    chat_screen_close_menu(screen);
    print_request(screen, request);
    g_autofree char *title = approval_text_visible(request->title);
    g_autofree char *text = g_strdup_printf("needs your answer: %s", title);
    chat_screen_notify(screen, text);
}

void chat_screen_ask(ChatScreen *screen, ChatQuestion *question) {
    g_queue_push_tail(&screen->questions, question);
    if (screen->question == NULL) show_next(screen);
}

static void end_reasoning(ChatScreen *screen) {
    if (!screen->is_reasoning) return;
    screen->is_reasoning = false;
    editor_set_text(screen->editor, screen->question_draft != NULL ? screen->question_draft : "");
    g_clear_pointer(&screen->question_draft, g_free);
}

void chat_screen_forget_questions(ChatScreen *screen) {
    end_reasoning(screen);
    g_clear_pointer(&screen->question, chat_question_unref);
    g_queue_clear_full(&screen->questions, (GDestroyNotify)chat_question_unref);
}

/* ---- answering ---- */

static void answer(ChatScreen *screen, ApprovalChoice choice, const char *reason) {
    g_autoptr(ChatQuestion) question = g_steal_pointer(&screen->question);
    const char *const words[] = { [ANSWER_DENY] = "not allowed",
                                  [ANSWER_ONCE] = "allowed once",
                                  [ANSWER_ALWAYS] = "allowed, always for exactly this" };
    bool has_reason = reason != NULL && reason[0] != '\0';
    g_autofree char *row = g_strdup_printf("  %s%s%s", words[choice], has_reason ? ": " : "",
                                           has_reason ? reason : "");
    chat_screen_print(screen, choice == ANSWER_DENY ? "\033[31m" : "\033[32m", row);
    end_reasoning(screen);
    chat_question_answer(question, choice, has_reason ? reason : NULL);
    chat_screen_restart_tools(screen);
    show_next(screen);
}

static void begin_reasoning(ChatScreen *screen) {
    screen->is_reasoning = true;
    screen->question_draft = editor_dup_text(screen->editor);
    editor_set_text(screen->editor, "");
}

static void choose(ChatScreen *screen, unsigned index) {
    unsigned n;
    const Answer *answers = answers_of(chat_question_request(screen->question), &n);
    if (index >= n) return;
    screen->question_choice = index;
    if (answers[index].choice == ANSWER_DENY)
        begin_reasoning(screen);
    else
        answer(screen, answers[index].choice, NULL);
}

/* Enter sends the reason, Esc goes back to the choices; everything else edits. */
static bool reason_key(ChatScreen *screen, const Key *key) {
    if (key->code == KEY_ESCAPE) {
        end_reasoning(screen);
        return true;
    }
    if (key->code != KEY_ENTER || key->modifiers != 0) return false;
    g_autofree char *reason = editor_dup_text(screen->editor);
    answer(screen, ANSWER_DENY, g_strstrip(reason));
    return true;
}

static bool is_writing(const ChatScreen *screen) {
    int64_t since = MAX(screen->last_typed_us, screen->question_shown_us);
    bool has_paused = g_get_monotonic_time() - since >= PAUSE_MS * G_GINT64_CONSTANT(1000);
    return !editor_is_empty(screen->editor) && !has_paused;
}

static void step(ChatScreen *screen, int by) {
    unsigned n;
    answers_of(chat_question_request(screen->question), &n);
    screen->question_choice = (screen->question_choice + n + (unsigned)by) % n;
}

bool chat_screen_question_key(ChatScreen *screen, const Key *key) {
    if (screen->question == NULL) return false;
    /* Ctrl-C, Ctrl-O and their like, and Shift-Tab, are what they always are. */
    bool is_control = key->modifiers & (KEY_CTRL | KEY_ALT);
    if (is_control && key->code == KEY_CHARACTER) return false;
    if (key->code == KEY_TAB && (key->modifiers & KEY_SHIFT)) return false;
    if (screen->is_reasoning) return reason_key(screen, key);
    if (is_writing(screen)) return key->code == KEY_ENTER;
    switch (key->code) {
    case KEY_CHARACTER:
        if (key->character >= '1' && key->character <= '3') choose(screen, key->character - '1');
        break;
    case KEY_ENTER: choose(screen, screen->question_choice); break;
    case KEY_ESCAPE: answer(screen, ANSWER_DENY, NULL); break;
    case KEY_UP:
    case KEY_LEFT: step(screen, -1); break;
    case KEY_DOWN:
    case KEY_RIGHT:
    case KEY_TAB: step(screen, 1); break;
    default: break;
    }
    return true;
}

/* ---- the live zone ---- */

static char *choices_row(const ChatScreen *screen, const ApprovalRequest *request) {
    unsigned n;
    const Answer *answers = answers_of(request, &n);
    GString *row = g_string_new("│ ");
    for (unsigned i = 0; i < n; i++) {
        bool is_chosen = i == screen->question_choice;
        g_string_append_printf(row, "%s%s%u %s" REST "   ", is_chosen ? BOLD "› " : "  ", "", i + 1,
                               answers[i].label);
    }
    return g_string_free(row, FALSE);
}

void chat_screen_add_question(const ChatScreen *screen, GPtrArray *rows) {
    const ApprovalRequest *request = chat_question_request(screen->question);
    g_autofree char *question = approval_text_question(request);
    g_autofree char *place = approval_text_place(request, screen->app->paths);
    g_autofree char *why = approval_text_visible(request->why != NULL ? request->why : "");
    g_ptr_array_add(rows, g_strdup_printf("┌ " BOLD "%s" REST DIM " %s" REST, question, why));
    g_ptr_array_add(rows, g_strdup_printf("│ " DIM "%s" REST, place));
    if (screen->is_reasoning) {
        g_ptr_array_add(
            rows, g_strdup("│ What should it do instead?" DIM " Enter: say no · Esc: back" REST));
        return;
    }
    g_ptr_array_add(rows, choices_row(screen, request));
    g_ptr_array_add(rows,
                    g_strdup(is_writing(screen)
                                 ? "└ " DIM "your keys are your message's until you pause" REST
                                 : "└ " DIM "↑↓ or 1-3, Enter · Esc: no" REST));
}
