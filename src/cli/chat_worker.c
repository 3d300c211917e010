/* cli/chat_worker.c: two queues, a thread and an eventfd. */
#include "cli/chat_worker.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    JobKind kind;
    char *text;
    bool is_last; /* the thread ends */
} Job;

struct ChatWorker {
    ChatWork work;
    GThread *thread;
    GAsyncQueue *jobs; /* Job, owned */
    GAsyncQueue *news; /* ChatNews, owned */
    int fd;            /* owned eventfd */
};

void chat_news_clear(ChatNews *news) {
    g_free(news->event.text);
    g_free(news->event.session);
    g_free(news->event.model);
    g_free(news->event.tool_id);
    g_free(news->event.tool_name);
    json_decref(news->event.arguments);
    g_free(news->event.code);
    g_free(news->event.hint);
    g_clear_pointer(&news->question, chat_question_unref);
    g_clear_error(&news->error);
    memset(news, 0, sizeof *news);
}

static void free_news(void *data) {
    chat_news_clear(data);
    g_free(data);
}

static void tell(ChatWorker *worker, ChatNews *news) {
    g_async_queue_push(worker->news, news);
    uint64_t one = 1;
    while (write(worker->fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

void chat_worker_on_event(const AgentEvent *event, void *user_data) {
    ChatNews *news = g_new0(ChatNews, 1);
    news->kind = NEWS_EVENT;
    news->event = *event;
    news->event.text = g_strdup(event->text);
    news->event.session = g_strdup(event->session);
    news->event.model = g_strdup(event->model);
    news->event.tool_id = g_strdup(event->tool_id);
    news->event.tool_name = g_strdup(event->tool_name);
    /* A copy: the turn goes on with its own. */
    news->event.arguments = json_deep_copy(event->arguments);
    news->event.code = g_strdup(event->code);
    news->event.hint = g_strdup(event->hint);
    tell(user_data, news);
}

bool chat_worker_ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                     void *user_data, GError **error) {
    g_autoptr(ChatQuestion) question = chat_question_new(request);
    ChatNews *news = g_new0(ChatNews, 1);
    news->kind = NEWS_QUESTION;
    news->question = chat_question_ref(question);
    tell(user_data, news);
    return chat_question_wait(question, cancel, out, error);
}

static void *work(void *data) {
    ChatWorker *worker = data;
    for (bool is_over = false; !is_over;) {
        Job *job = g_async_queue_pop(worker->jobs);
        is_over = job->is_last;
        if (!is_over) {
            ChatNews *news = g_new0(ChatNews, 1);
            news->kind = NEWS_END;
            if (!worker->work.run(worker->work.user_data, job->kind, job->text, worker,
                                  &news->error))
                g_debug("a job of the chat failed");
            tell(worker, news);
        }
        g_free(job->text);
        g_free(job);
    }
    return NULL;
}

ChatWorker *chat_worker_new(ChatWork chat_work) {
    ChatWorker *worker = g_new0(ChatWorker, 1);
    worker->work = chat_work;
    worker->jobs = g_async_queue_new();
    worker->news = g_async_queue_new_full(free_news);
    worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    worker->thread = g_thread_new("chat", work, worker);
    return worker;
}

static void push_job(ChatWorker *worker, JobKind kind, const char *text, bool is_last) {
    Job *job = g_new0(Job, 1);
    job->kind = kind;
    job->text = g_strdup(text);
    job->is_last = is_last;
    g_async_queue_push(worker->jobs, job);
    /* cppcheck-suppress memleak; the queue owns it */
}

void chat_worker_start(ChatWorker *worker, JobKind kind, const char *text) {
    push_job(worker, kind, text, /* is_last= */ false);
}

void chat_worker_free(ChatWorker *worker) {
    if (worker == NULL) return;
    push_job(worker, JOB_SAY, NULL, /* is_last= */ true);
    g_thread_join(worker->thread);
    g_async_queue_unref(worker->jobs);
    g_async_queue_unref(worker->news);
    if (worker->fd >= 0) close(worker->fd);
    g_free(worker);
}

int chat_worker_fd(const ChatWorker *worker) {
    return worker->fd;
}

bool chat_worker_next(ChatWorker *worker, ChatNews *out) {
    ChatNews *news = g_async_queue_try_pop(worker->news);
    if (news == NULL) {
        uint64_t count;
        (void)!read(worker->fd, &count, sizeof count);
        /* One may have come between the two lines above. */
        news = g_async_queue_try_pop(worker->news);
    }
    if (news == NULL) return false;
    *out = *news;
    g_free(news);
    return true;
}
