/*
 * cli/chat_worker.h: the thread on which a chat's turns and commands run while the screen stays
 * alive.
 *
 *     ChatWorker *worker = chat_worker_new((ChatWork){ .run = run, .user_data = chat });
 *     chat_worker_start(worker, JOB_SAY, "hello");
 *     ... poll chat_worker_fd(worker) ...
 *     while (chat_worker_next(worker, &news)) { ... chat_news_clear(&news); }
 *
 * One job at a time, all on the same thread: what a job starts (the engine lives as long as the
 * thread that started it) outlives the job. What a job uses is left alone by everybody else until
 * its NEWS_END came.
 */
#pragma once

#include "agent/event.h"
#include "cli/chat_question.h"

typedef enum { JOB_SAY, JOB_COMMAND } JobKind;

typedef enum { NEWS_EVENT, NEWS_QUESTION, NEWS_END } NewsKind;

typedef struct {
    NewsKind kind;
    AgentEvent event;       /* NEWS_EVENT: owned copy */
    ChatQuestion *question; /* NEWS_QUESTION: owned reference */
    GError *error;          /* NEWS_END: why the job failed, or NULL; owned */
} ChatNews;

void chat_news_clear(ChatNews *news);

typedef struct ChatWorker ChatWorker;

typedef struct {
    /* Runs one job on the worker's thread, and tells events with chat_worker_on_event(). */
    bool (*run)(void *user_data, JobKind kind, const char *text, ChatWorker *worker,
                GError **error);
    void *user_data;
} ChatWork;

ChatWorker *chat_worker_new(ChatWork work);
/* Waits for the job that runs: cancel it first. */
void chat_worker_free(ChatWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChatWorker, chat_worker_free)

void chat_worker_start(ChatWorker *worker, JobKind kind, const char *text);

/* An AgentEventFn for the job; user_data is the ChatWorker. */
void chat_worker_on_event(const AgentEvent *event, void *user_data);

/* An ApprovalFn for the job; user_data is the ChatWorker. Waits until the question is answered. */
bool chat_worker_ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                     void *user_data, GError **error);

/* Readable when there is news. */
int chat_worker_fd(const ChatWorker *worker);
/* false: no more news now. The caller clears *out. */
bool chat_worker_next(ChatWorker *worker, ChatNews *out);
