/* cli/chat_question.c: see the header. */
#include "cli/chat_question.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

struct ChatQuestion {
    gatomicrefcount n_refs;
    ApprovalRequest request; /* its strings are owned */
    int fd;                  /* owned eventfd: readable when there is an answer */
    GMutex lock;             /* guards what follows */
    bool is_answered;
    ApprovalAnswer answer;
};

ChatQuestion *chat_question_new(const ApprovalRequest *request) {
    ChatQuestion *question = g_new0(ChatQuestion, 1);
    g_atomic_ref_count_init(&question->n_refs);
    g_mutex_init(&question->lock);
    question->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    question->request = (ApprovalRequest){ .tool = g_strdup(request->tool),
                                           .title = g_strdup(request->title),
                                           .command = g_strdup(request->command),
                                           .arguments = g_strdup(request->arguments),
                                           .diff = g_strdup(request->diff),
                                           .directory = g_strdup(request->directory),
                                           .level = g_strdup(request->level),
                                           .network = g_strdup(request->network),
                                           .why = g_strdup(request->why),
                                           .output = g_strdup(request->output),
                                           .is_done = request->is_done,
                                           .may_always = request->may_always };
    return question;
}

ChatQuestion *chat_question_ref(ChatQuestion *question) {
    g_atomic_ref_count_inc(&question->n_refs);
    return question;
}

void chat_question_unref(ChatQuestion *question) {
    if (question == NULL || !g_atomic_ref_count_dec(&question->n_refs)) return;
    ApprovalRequest *request = &question->request;
    const char *const owned[] = { request->tool,      request->title,   request->command,
                                  request->arguments, request->diff,    request->directory,
                                  request->level,     request->network, request->why,
                                  request->output };
    for (size_t i = 0; i < G_N_ELEMENTS(owned); i++) g_free((char *)owned[i]);
    g_free(question->answer.reason);
    g_mutex_clear(&question->lock);
    if (question->fd >= 0) close(question->fd);
    g_free(question);
}

const ApprovalRequest *chat_question_request(const ChatQuestion *question) {
    return &question->request;
}

void chat_question_answer(ChatQuestion *question, ApprovalChoice choice, const char *reason) {
    g_mutex_lock(&question->lock);
    bool is_first = !question->is_answered;
    if (is_first) question->answer = (ApprovalAnswer){ choice, g_strdup(reason) };
    question->is_answered = true;
    g_mutex_unlock(&question->lock);
    uint64_t one = 1;
    while (is_first && write(question->fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static bool take_answer(ChatQuestion *question, ApprovalAnswer *out) {
    g_mutex_lock(&question->lock);
    bool is_answered = question->is_answered;
    if (is_answered)
        *out =
            (ApprovalAnswer){ question->answer.choice, g_steal_pointer(&question->answer.reason) };
    g_mutex_unlock(&question->lock);
    return is_answered;
}

bool chat_question_wait(ChatQuestion *question, Cancel *cancel, ApprovalAnswer *out,
                        GError **error) {
    if (question->fd < 0) {
        error_set(error, ERR_IO, "no question can be put now: too many files are open");
        return false;
    }
    for (;;) {
        if (!cancel_check(cancel, error)) return false;
        if (take_answer(question, out)) return true;
        struct pollfd fds[] = { { question->fd, POLLIN, 0 }, { cancel_fd(cancel), POLLIN, 0 } };
        int n = poll(fds, G_N_ELEMENTS(fds), cancel_poll_timeout_ms(cancel, -1));
        if (n < 0 && errno != EINTR) {
            error_set_errno(error, errno, "waiting for an answer");
            return false;
        }
    }
}
