/*
 * cli/conversation.h: what `ask` and `chat` share: the chosen model, its tier, a session, and one
 * message at a time.
 *
 *     g_autoptr(Conversation) conversation = conversation_open(app, &options, error);
 *     conversation_listen(conversation, answer_printer_on_event, printer);
 *     if (!conversation_say(conversation, "hello", attachments, error)) ...
 */
#pragma once

#include "agent/turn.h"
#include "cli/app.h"
#include "cli/conversation_tools.h"
#include "session/transcript_versions.h"

typedef struct Conversation Conversation;

typedef struct {
    const char *model;     /* as typed after -m; NULL = agent.default_model */
    const char *session;   /* id or prefix to continue; NULL = none */
    bool is_resumed;       /* the newest session; without one a new one is begun */
    int64_t max_rounds;    /* requests to the model for one message; 0 = TURN_MAX_ROUNDS */
    const char *directory; /* where the tools work; NULL = the workspace */
    const char *mode;      /* of the tools (agent/approval.h); NULL = agent.permission_level */
    const char *key;       /* last part of its key in sessions.json; NULL = "main" */
} ConversationOptions;

/* Chooses model and session. Cheap: the model is loaded with the first message. ERR_NO_PROVIDER
 * with the next step when nothing can answer. */
Conversation *conversation_open(App *app, const ConversationOptions *options, GError **error);
void conversation_close(Conversation *conversation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conversation, conversation_close)

void conversation_listen(Conversation *conversation, AgentEventFn on_event, void *user_data);

/* Mode, folder and who is asked. Borrowed. */
ConversationTools *conversation_tools(const Conversation *conversation);

/* One turn with the owner's words and files (Attachment, borrowed; cli/attachment.h). ERR_USAGE
 * when there is an image and the model takes none. */
bool conversation_say(Conversation *conversation, const char *text, const GPtrArray *attachments,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds a message to the session without an answer: the model learns of it with the next one. */
bool conversation_note(Conversation *conversation, const Message *message,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The owner's messages of the session with their versions (session/transcript_versions.h), oldest
 * first; `number` below counts them from 1. */
GPtrArray *conversation_asked(const Conversation *conversation, GError **error);

/* The same as conversation_say(), in place of message `number`: what came after that stays as
 * another branch. When nothing could be said the conversation is as it was. */
bool conversation_say_anew(Conversation *conversation, unsigned number, const char *text,
                           const GPtrArray *attachments, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Goes on where version `version` (from 1) of message `number` led to. Unchanged on failure. */
bool conversation_switch_branch(Conversation *conversation, unsigned number, unsigned version,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps the end of the session as a note of the workspace (agent/session_note.h), when something
 * was said since it was opened or kept. *out_name is the note, NULL when there is none; owned. */
bool conversation_keep_note(Conversation *conversation, char **out_name,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on another session: a new one, or the one whose id begins with `id`. Unchanged on
 * failure. */
bool conversation_begin_session(Conversation *conversation,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool conversation_resume_session(Conversation *conversation, const char *id,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on a copy of the session's first `n_messages` messages; the session itself stays as it
 * is. Unchanged on failure. */
bool conversation_fork_session(Conversation *conversation, unsigned n_messages,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Answers with another model from now on; the session goes on. Unchanged on failure. */
bool conversation_switch_model(Conversation *conversation, const char *model,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sums up the older part now (agent/compaction.h); EVENT_COMPACTION tells. */
bool conversation_compact(Conversation *conversation, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Empties the context; the system prompt stays, and the file keeps every message. */
bool conversation_clear(Conversation *conversation, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tells sessions.json (session/session_registry.h) that the key of the conversation stands for this
 * session, and what its last turn took; after a turn. A damaged file is told; one that cannot be
 * written is no matter, for the session itself is kept. */
void conversation_register(Conversation *conversation);

/* For banners and /status. Borrowed. */
const char *conversation_model(const Conversation *conversation); /* "local/NAME" */
const ModelTier *conversation_tier(const Conversation *conversation);
bool conversation_takes_images(const Conversation *conversation);
bool conversation_is_offline(const Conversation *conversation);
const Transcript *conversation_transcript(const Conversation *conversation);
const ModelFacts *conversation_facts(const Conversation *conversation);
const char *conversation_folder(const Conversation *conversation); /* of the sessions */
/* Why the newest answer is what it is (agent/reflex.h); for /why. New string. */
char *conversation_why(const Conversation *conversation);
/* turn_budget_clear() after. */
TurnBudget conversation_budget(const Conversation *conversation);
