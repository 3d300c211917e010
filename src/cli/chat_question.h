/*
 * cli/chat_question.h: one question of a turn, on its way from the worker's thread to the screen
 * and back.
 *
 *     worker:  ChatQuestion *question = chat_question_new(request);
 *              ... tell the screen with chat_question_ref(question) ...
 *              if (!chat_question_wait(question, cancel, &answer, error)) ...
 *     screen:  chat_question_answer(question, ANSWER_DENY, "use make check");
 *
 * Shared by reference count; each side drops its own. The first answer counts. Whoever waits may
 * leave before there is one (Ctrl-C): an answer then goes nowhere.
 */
#pragma once

#include "agent/approval.h"

typedef struct ChatQuestion ChatQuestion;

/* A copy of all of it. */
ChatQuestion *chat_question_new(const ApprovalRequest *request);
ChatQuestion *chat_question_ref(ChatQuestion *question);
void chat_question_unref(ChatQuestion *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChatQuestion, chat_question_unref)

const ApprovalRequest *chat_question_request(const ChatQuestion *question);

/* `reason` may be NULL. */
void chat_question_answer(ChatQuestion *question, ApprovalChoice choice, const char *reason);

/* Blocks. ERR_CANCELLED when `cancel` was triggered first. */
bool chat_question_wait(ChatQuestion *question, Cancel *cancel, ApprovalAnswer *out,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
