/* cli/chat_screen.c: the loop, and what a job of the worker tells. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/chat_screen-private.h"
#include "cli/owner_editor.h"

enum { READ_BYTES = 65536, MAX_COPY_BYTES = 1 << 20 };

static bool run_job(void *user_data, JobKind kind, const char *text, ChatWorker *worker,
                    GError **error) {
    const ChatHost *host = user_data;
    return host->run(host->user_data, kind, text, worker, error);
}

static size_t markdown_columns(const ChatScreen *screen) {
    return (size_t)terminal_size(screen->terminal).n_columns - 1;
}

void chat_screen_set_notice(ChatScreen *screen, const char *text) {
    g_free(screen->notice);
    screen->notice = g_strdup(text);
    screen->is_dirty = true;
}

void chat_screen_fail(ChatScreen *screen, GError *failure) {
    screen->is_over = true;
    if (screen->failure == NULL)
        screen->failure = failure;
    else
        g_clear_error(&failure);
}

static void print_finished(ChatScreen *screen) {
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    markdown_stream_take_rows(screen->markdown, rows);
    for (guint i = 0; i < rows->len; i++) live_zone_print(screen->zone, rows->pdata[i]);
}

static void take_text(ChatScreen *screen, const char *piece) {
    g_autoptr(GString) safe = g_string_new(NULL);
    text_stripper_feed(screen->stripper, piece, strlen(piece), safe);
    const char *text = safe->str;
    /* A model often begins with a space or an empty line; an answer does not. */
    if (!screen->has_text)
        while (g_ascii_isspace(*text)) text++;
    if (*text == '\0') return;
    if (!screen->has_text) markdown_stream_set_columns(screen->markdown, markdown_columns(screen));
    screen->has_text = true;
    g_string_append(screen->answer, text);
    markdown_stream_feed(screen->markdown, text, -1);
    print_finished(screen);
}

static void finish_text(ChatScreen *screen) {
    g_autoptr(GString) rest = g_string_new(NULL);
    text_stripper_finish(screen->stripper, rest);
    markdown_stream_feed(screen->markdown, rest->str, -1);
    markdown_stream_finish(screen->markdown);
    print_finished(screen);
}

/* What the model thought, before what it says. */
static void print_thinking(ChatScreen *screen) {
    if (screen->shows_thinking && screen->thinking->len > screen->n_shown_thinking)
        chat_screen_print(screen, "\033[2;3m", screen->thinking->str + screen->n_shown_thinking);
    screen->n_shown_thinking = screen->thinking->len;
}

static void take_thinking(ChatScreen *screen, const char *piece) {
    g_autofree char *safe = text_strip_terminal(piece, strlen(piece));
    g_string_append(screen->thinking, safe);
}

/* What was said before it stands above it. */
static void begin_tool(ChatScreen *screen, const AgentEvent *event) {
    finish_text(screen);
    screen->has_text = false;
    chat_screen_begin_tool(screen, event);
}

static void take_question(ChatScreen *screen, ChatQuestion *question) {
    finish_text(screen);
    screen->has_text = false;
    chat_screen_ask(screen, question);
}

/* One quiet word on where an answer came from; a model that knows much says nothing of it. */
static void tell_source(ChatScreen *screen, const char *source) {
    if (source == NULL || strcmp(source, "model") == 0) return;
    if (screen->has_text) finish_text(screen);
    g_autofree char *text = g_strdup_printf("· %s", source);
    chat_screen_print(screen, "\033[2m", text);
}

static void take_event(ChatScreen *screen, const AgentEvent *event) {
    switch ((AgentEventKind)event->kind) {
    case EVENT_START: screen->has_begun = true; break;
    case EVENT_PROGRESS:
        g_free(screen->progress);
        screen->progress = event->fraction >= 0 ? g_strdup_printf("%s %d %%", event->text,
                                                                  (int)(event->fraction * 100))
                                                : g_strdup(event->text);
        chat_screen_show_progress(screen, event->fraction >= 0 ? (int)(event->fraction * 100)
                                                               : ATTENTION_WORKING);
        break;
    case EVENT_TEXT:
        g_clear_pointer(&screen->progress, g_free);
        chat_screen_show_progress(screen, ATTENTION_WORKING);
        print_thinking(screen);
        take_text(screen, event->text);
        break;
    case EVENT_THINKING: take_thinking(screen, event->text); break;
    case EVENT_TOOL_START: begin_tool(screen, event); break;
    case EVENT_TOOL_END: chat_screen_end_tool(screen, event); break;
    case EVENT_COMPACTION:
    case EVENT_NOTICE:
        /* What was said before stands above it. */
        if (screen->has_text) finish_text(screen);
        chat_screen_print(screen, "\033[2m", event->text);
        break;
    case EVENT_DONE: tell_source(screen, event->source); break;
    case EVENT_ERROR:
    case EVENT_N_KINDS: break;
    }
    screen->is_dirty = true;
}

static void tell_stop(ChatScreen *screen) {
    double seconds = (double)(g_get_monotonic_time() - screen->job_start_us) / 1e6;
    g_autofree char *text = g_strdup_printf("⎿ stopped after %.1f s%s", seconds,
                                            screen->has_text ? "; what was said is kept" : "");
    chat_screen_print(screen, "\033[2m", text);
}

/* How a job ended: told, or the end of the chat. Takes `problem`. */
static void tell_failure(ChatScreen *screen, GError *problem) {
    CancelReason reason = cancel_reason(screen->app->cancel);
    bool is_stopped = error_is(problem, ERR_CANCELLED) && reason == CANCEL_BY_USER;
    bool is_late = error_is(problem, ERR_TIMEOUT) && reason == CANCEL_BY_DEADLINE;
    if (is_late || error_is(problem, ERR_PIPE_CLOSED) || (is_stopped && !screen->is_stopping)) {
        chat_screen_fail(screen, problem);
        return;
    }
    if (is_stopped)
        tell_stop(screen);
    else
        chat_screen_print_error(screen, problem);
    /* What could not even be sent is there to be mended. */
    bool was_refused = !is_stopped && screen->job == JOB_SAY && !screen->has_begun;
    if (was_refused && editor_is_empty(screen->editor) && screen->last_line != NULL)
        editor_set_text(screen->editor, screen->last_line);
    if (was_refused) chat_screen_begin_edit(screen);
    g_error_free(problem);
}

static void obey(ChatScreen *screen, ChatRequestKind request) {
    switch (request) {
    case CHAT_REQUEST_NONE: break;
    case CHAT_REQUEST_QUIT: screen->is_over = true; break;
    case CHAT_REQUEST_EDITOR: chat_screen_edit_outside(screen); break;
    case CHAT_REQUEST_COPY: chat_screen_copy(screen); break;
    case CHAT_REQUEST_THINK: chat_screen_toggle_thinking(screen); break;
    case CHAT_REQUEST_PICK_SESSION:
    case CHAT_REQUEST_PICK_MESSAGE: chat_screen_open_choices(screen, request); break;
    case CHAT_REQUEST_EDIT_MESSAGE: chat_screen_begin_edit(screen); break;
    }
}

static void print_rows(ChatScreen *screen, const GPtrArray *rows) {
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *row = g_strdup_printf("\033[1m%s\033[0m", (char *)rows->pdata[i]);
        live_zone_print(screen->zone, row);
    }
}

void chat_line_free(void *data) {
    ChatLine *line = data;
    g_free(line->text);
    g_ptr_array_unref(line->rows);
    g_free(line);
}

static void send_line(ChatScreen *screen, const char *line);

static void send_next(ChatScreen *screen) {
    ChatLine *line = screen->is_over ? NULL : g_queue_pop_head(&screen->queue);
    if (line == NULL) return;
    print_rows(screen, line->rows);
    send_line(screen, line->text);
    chat_line_free(line);
}

static void end_job(ChatScreen *screen, GError *problem) {
    bool has_failed = problem != NULL;
    finish_text(screen);
    print_thinking(screen);
    g_clear_pointer(&screen->progress, g_free);
    chat_screen_stop_tools(screen);
    chat_screen_forget_questions(screen);
    screen->is_busy = false;
    screen->is_dirty = true;
    if (problem != NULL) tell_failure(screen, problem);
    screen->has_text = false;
    chat_screen_show_due_output(screen);
    if (screen->job == JOB_SAY) live_zone_print(screen->zone, "");
    chat_screen_show_progress(screen, ATTENTION_NONE);
    if (screen->job == JOB_SAY && screen->queue.length == 0)
        chat_screen_notify(screen, has_failed ? "the answer failed" : "the answer is there");
    if (screen->is_stopping && !screen->is_over) cancel_reset(screen->app->cancel);
    screen->is_stopping = false;
    screen->status = screen->host->status(screen->host->user_data);
    obey(screen, screen->host->take_request(screen->host->user_data));
    send_next(screen);
}

static void take_news(ChatScreen *screen) {
    ChatNews news;
    while (chat_worker_next(screen->worker, &news)) {
        if (news.kind == NEWS_EVENT)
            take_event(screen, &news.event);
        else if (news.kind == NEWS_QUESTION)
            take_question(screen, g_steal_pointer(&news.question));
        else
            end_job(screen, g_steal_pointer(&news.error));
        chat_news_clear(&news);
    }
}

static void send_line(ChatScreen *screen, const char *line) {
    screen->job = screen->host->is_command(line) ? JOB_COMMAND : JOB_SAY;
    g_free(screen->last_line);
    screen->last_line = g_strdup(line);
    screen->is_busy = true;
    screen->is_stopping = screen->has_begun = screen->has_text = false;
    screen->job_start_us = g_get_monotonic_time();
    screen->job_start_bytes = live_zone_written_bytes(screen->zone);
    if (screen->job == JOB_SAY) {
        g_string_truncate(screen->answer, 0);
        g_string_truncate(screen->thinking, 0);
        screen->n_shown_thinking = 0;
        chat_screen_show_progress(screen, ATTENTION_WORKING);
    }
    /* A command writes for itself: where the zone was. */
    GError *problem = NULL;
    if (screen->job == JOB_COMMAND && !live_zone_hide(screen->zone, &problem)) {
        chat_screen_fail(screen, problem);
        return;
    }
    chat_worker_start(screen->worker, screen->job, line);
}

/* While something runs it waits its turn. Takes the rows. */
static void queue_line(ChatScreen *screen, const char *text, GPtrArray *rows) {
    ChatLine *line = g_new0(ChatLine, 1);
    line->text = g_strdup(text);
    line->rows = rows;
    g_queue_push_tail(&screen->queue, line);
    if (!screen->is_busy) send_next(screen);
}

void chat_screen_submit(ChatScreen *screen) {
    g_autofree char *text = editor_dup_text(screen->editor);
    g_strchomp(text);
    if (*text == '\0') return;
    if (screen->is_editing && screen->host->is_command(text))
        screen->host->stop_editing(screen->host->user_data);
    screen->is_editing = false;
    history_add(screen->history, text);
    screen->history_age = -1;
    ComposerView view = composer_layout(screen->editor, "› ", markdown_columns(screen), 1000);
    editor_set_text(screen->editor, "");
    chat_screen_close_menu(screen);
    queue_line(screen, text, view.rows);
}

void chat_screen_run_line(ChatScreen *screen, const char *text) {
    queue_line(screen, text, g_ptr_array_new_with_free_func(g_free));
}

void chat_screen_stop(ChatScreen *screen) {
    if (!screen->is_busy) return;
    chat_screen_forget_questions(screen);
    screen->is_stopping = true;
    screen->is_dirty = true;
    cancel_trigger(screen->app->cancel, CANCEL_BY_USER);
}

void chat_screen_copy(ChatScreen *screen) {
    if (screen->answer->len == 0) {
        chat_screen_set_notice(screen, "there is no answer to copy yet");
        return;
    }
    size_t length = MIN(screen->answer->len, (size_t)MAX_COPY_BYTES);
    g_autofree char *encoded = g_base64_encode((const guchar *)screen->answer->str, length);
    g_autofree char *sequence = g_strdup_printf("\033]52;c;%s\a", encoded);
    GError *problem = NULL;
    if (!terminal_write(screen->terminal, sequence, -1, &problem))
        chat_screen_fail(screen, problem);
    chat_screen_set_notice(screen, "the last answer was given to the terminal's clipboard");
}

void chat_screen_toggle_thinking(ChatScreen *screen) {
    screen->shows_thinking = !screen->shows_thinking;
    if (screen->shows_thinking) screen->n_shown_thinking = 0;
    if (screen->shows_thinking && !screen->is_busy) print_thinking(screen);
    chat_screen_set_notice(screen,
                           screen->shows_thinking ? "thinking is shown" : "thinking is hidden");
}

static bool edit_file(ChatScreen *screen, const char *path, GError **error) {
    g_autofree char *text = editor_dup_text(screen->editor);
    g_autofree char *edited = NULL;
    if (!file_replace(path, text, strlen(text), 0600, error) ||
        !owner_editor_run(path, "vi", error) ||
        !file_read(path, (size_t)8 << 20, &edited, NULL, error))
        return false;
    g_strchomp(edited);
    editor_set_text(screen->editor, edited);
    return true;
}

void chat_screen_edit_outside(ChatScreen *screen) {
    const char *folder = screen->app->paths->state;
    g_autofree char *path = g_strdup_printf("%s/message-%d.md", folder, (int)getpid());
    g_autoptr(GError) problem = NULL;
    if (!live_zone_hide(screen->zone, &problem)) return;
    terminal_suspend(screen->terminal);
    bool is_ok = file_make_folders(folder, &problem) && edit_file(screen, path, &problem);
    unlink(path);
    terminal_resume(screen->terminal);
    /* Ctrl-C was the editor's. */
    if (!screen->is_busy && cancel_reason(screen->app->cancel) == CANCEL_BY_USER)
        cancel_reset(screen->app->cancel);
    if (!is_ok) chat_screen_print_error(screen, problem);
    screen->is_dirty = true;
}

/* Ctrl-Z: to the shell and back. */
void chat_screen_sleep(ChatScreen *screen) {
    GError *problem = NULL;
    if (!live_zone_hide(screen->zone, &problem)) {
        chat_screen_fail(screen, problem);
        return;
    }
    terminal_suspend(screen->terminal);
    kill(0, SIGTSTP);
    terminal_resume(screen->terminal);
    screen->is_dirty = true;
}

/* ---- the loop ---- */

static void read_keys(ChatScreen *screen) {
    char block[READ_BYTES];
    ssize_t n = read(STDIN_FILENO, block, sizeof block);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n <= 0) { /* the terminal went away */
        screen->is_over = true;
        return;
    }
    key_reader_feed(screen->keys, block, (size_t)n);
}

static void take_keys(ChatScreen *screen) {
    Key key;
    while (!screen->is_over && key_reader_next(screen->keys, &key)) {
        if (key.code == KEY_FOCUS_IN || key.code == KEY_FOCUS_OUT) {
            screen->is_elsewhere = key.code == KEY_FOCUS_OUT;
            continue;
        }
        chat_screen_on_key(screen, &key);
        screen->last_typed_us = g_get_monotonic_time();
        screen->is_dirty = screen->has_typed = true;
    }
}

static bool is_hidden(const ChatScreen *screen) {
    return screen->is_busy && screen->job == JOB_COMMAND;
}

/* What scrolls takes the whole zone along: that costs more, and looks no better more often. A
 * terminal far away is not sent many times what it shows. */
static int64_t frame_ms(const ChatScreen *screen) {
    if (!screen->is_busy || screen->has_typed) return FRAME_MS;
    size_t n_written = live_zone_written_bytes(screen->zone) - screen->job_start_bytes;
    if (n_written > 2000 + screen->answer->len * 5 / 2) return SLOW_FRAME_MS;
    return live_zone_has_finished(screen->zone) ? SCROLL_FRAME_MS : FRAME_MS;
}

static void draw_when_due(ChatScreen *screen) {
    int64_t now = g_get_monotonic_time();
    if (!screen->is_dirty || is_hidden(screen)) return;
    if (screen->is_busy && now - screen->last_frame_us < frame_ms(screen) * 1000) return;
    screen->last_frame_us = now;
    screen->is_dirty = screen->has_typed = false;
    chat_screen_draw(screen);
    GError *problem = NULL;
    if (!live_zone_flush(screen->zone, &problem)) chat_screen_fail(screen, problem);
}

static void shorten(int *timeout, int64_t milliseconds) {
    int wanted = (int)CLAMP(milliseconds, 0, G_MAXINT);
    if (*timeout < 0 || wanted < *timeout) *timeout = wanted;
}

/* For ever when nothing moves: an idle prompt costs nothing. */
static int next_timeout(const ChatScreen *screen) {
    int timeout = -1;
    int64_t now = g_get_monotonic_time();
    if (key_reader_is_waiting(screen->keys)) shorten(&timeout, KEY_WAIT_MS);
    if (screen->is_dirty && !is_hidden(screen))
        shorten(&timeout, frame_ms(screen) - (now - screen->last_frame_us) / 1000);
    if (screen->is_busy && !is_hidden(screen)) shorten(&timeout, SPINNER_MS);
    if (screen->leave_until_us > 0) shorten(&timeout, (screen->leave_until_us - now) / 1000 + 1);
    return cancel_poll_timeout_ms(screen->app->cancel, timeout);
}

static void on_timeout(ChatScreen *screen) {
    if (key_reader_is_waiting(screen->keys)) key_reader_expire(screen->keys);
    if (screen->is_busy) screen->is_dirty = true;
    if (screen->leave_until_us > 0 && g_get_monotonic_time() >= screen->leave_until_us) {
        screen->leave_until_us = 0;
        g_clear_pointer(&screen->notice, g_free);
        screen->is_dirty = true;
    }
}

/* SIGTERM, SIGINT of another process or --timeout. */
static void on_cancelled(ChatScreen *screen) {
    GError *problem = NULL;
    if (screen->is_stopping || !cancel_is_triggered(screen->app->cancel)) return;
    if (!cancel_check(screen->app->cancel, &problem)) chat_screen_fail(screen, problem);
}

static void wait_and_act(ChatScreen *screen) {
    struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
                            { chat_worker_fd(screen->worker), POLLIN, 0 },
                            { terminal_signal_fd(screen->terminal), POLLIN, 0 },
                            { screen->is_stopping ? -1 : cancel_fd(screen->app->cancel), POLLIN,
                              0 } };
    int n = poll(fds, G_N_ELEMENTS(fds), next_timeout(screen));
    if (n < 0 && errno != EINTR) {
        GError *problem = NULL;
        error_set_errno(&problem, errno, "waiting for a key");
        chat_screen_fail(screen, problem);
        return;
    }
    if (n == 0) on_timeout(screen);
    if (n > 0 && fds[0].revents != 0) read_keys(screen);
    take_keys(screen);
    if (n > 0 && fds[1].revents != 0) take_news(screen);
    if (n > 0 && fds[2].revents != 0) {
        terminal_take_signals(screen->terminal);
        live_zone_invalidate(screen->zone);
        markdown_stream_set_columns(screen->markdown, markdown_columns(screen));
        screen->is_dirty = true;
    }
    on_cancelled(screen);
}

/* Nobody may leave while the worker uses what they would free. One that does not stop when it is
 * told to takes the process with it. */
static void end_worker(ChatScreen *screen) {
    if (screen->is_busy) cancel_trigger(screen->app->cancel, CANCEL_BY_USER);
    for (int64_t left_ms = LEAVE_MS; screen->is_busy && left_ms > 0; left_ms -= FRAME_MS) {
        struct pollfd fd = { chat_worker_fd(screen->worker), POLLIN, 0 };
        poll(&fd, 1, FRAME_MS);
        ChatNews news;
        while (chat_worker_next(screen->worker, &news)) {
            if (news.kind == NEWS_END) screen->is_busy = false;
            chat_news_clear(&news);
        }
    }
    if (screen->is_busy) {
        terminal_close(screen->terminal);
        _exit(error_kinds[ERR_CANCELLED].exit_status);
    }
    chat_worker_free(screen->worker);
}

static void free_parts(ChatScreen *screen) {
    terminal_close(screen->terminal);
    live_zone_free(screen->zone);
    key_reader_free(screen->keys);
    editor_free(screen->editor);
    history_close(screen->history);
    markdown_stream_free(screen->markdown);
    text_stripper_free(screen->stripper);
    menu_free(screen->menu);
    g_queue_clear_full(&screen->queue, chat_line_free);
    g_string_free(screen->answer, TRUE);
    g_string_free(screen->thinking, TRUE);
    if (screen->search != NULL) g_string_free(screen->search, TRUE);
    chat_screen_forget_questions(screen);
    chat_screen_forget_tools(screen);
    g_free(screen->tool_output);
    g_free(screen->progress);
    g_free(screen->draft);
    g_free(screen->notice);
    g_free(screen->last_line);
}

static bool make_parts(ChatScreen *screen, GError **error) {
    screen->terminal = terminal_open(error);
    if (screen->terminal == NULL) return false;
    screen->zone = live_zone_new(screen->terminal);
    screen->keys = key_reader_new();
    const GString *typed = terminal_typed_ahead(screen->terminal);
    key_reader_feed(screen->keys, typed->str, typed->len);
    screen->editor = editor_new();
    screen->markdown = markdown_stream_new(STYLED_ANSI, markdown_columns(screen));
    screen->stripper = text_stripper_new();
    screen->answer = g_string_new(NULL);
    screen->thinking = g_string_new(NULL);
    screen->history_age = screen->search_age = -1;
    screen->progress_shown = ATTENTION_NONE;
    screen->is_dirty = true;
    screen->status = screen->host->status(screen->host->user_data);
    g_autofree char *path = g_build_filename(screen->app->paths->state, "history", NULL);
    g_autoptr(GError) problem = NULL;
    screen->history = history_open(path, &problem);
    if (problem != NULL) chat_screen_print_error(screen, problem);
    screen->worker =
        chat_worker_new((ChatWork){ .run = run_job, .user_data = (void *)screen->host });
    return true;
}

bool chat_screen_run(App *app, const ChatHost *host, GError **error) {
    ChatScreen screen = { .app = app, .host = host };
    if (!make_parts(&screen, error)) return false;
    take_keys(&screen); /* what was typed before there was a prompt */
    while (!screen.is_over) {
        draw_when_due(&screen);
        if (!screen.is_over) wait_and_act(&screen);
    }
    end_worker(&screen);
    chat_screen_show_progress(&screen, ATTENTION_NONE);
    finish_text(&screen);
    g_autoptr(GError) problem = NULL;
    if (!live_zone_hide(screen.zone, &problem)) g_debug("the terminal is gone");
    free_parts(&screen);
    if (screen.failure == NULL) return true;
    g_propagate_error(error, screen.failure);
    return false;
}
