/*
 * cli/conversation_reflexes.h: what the reflexes of a conversation may look at and change: memory,
 * sessions, the journal of undo; each opened with the first reflex that needs it.
 *
 *     ConversationReflexes *reflexes = conversation_reflexes_new(app, workspace, sessions);
 *     conversation_reflexes_begin(reflexes, &(ReflexTurn){ .session = id, .summary = "remember ..."
 * }); turn.reflexes = conversation_reflexes_context(reflexes, tier);      // NULL: they are off
 *     ... turn_run(&turn, ...) ...
 *     conversation_reflexes_end(reflexes);
 */
#pragma once

#include "agent/reflex.h"
#include "agent/tier.h"
#include "cli/app.h"

typedef struct ConversationReflexes ConversationReflexes;

/* The App must outlive it. */
ConversationReflexes *conversation_reflexes_new(App *app, const char *workspace,
                                                const char *sessions);
void conversation_reflexes_free(ConversationReflexes *reflexes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConversationReflexes, conversation_reflexes_free)

/* All borrowed for the call. */
typedef struct {
    const char *session; /* id */
    const char *summary; /* what the owner said, for the list of undo */
    const char *model;   /* for "which model are you" */
    bool is_plan;        /* nothing may change */
} ReflexTurn;

/* Around a turn: what it changes is one step back for undo. */
void conversation_reflexes_begin(ConversationReflexes *reflexes, const ReflexTurn *turn);
/* A failure to keep the journal is told. */
void conversation_reflexes_end(ConversationReflexes *reflexes);

/* As agent.reflexes says for a model of this tier; NULL: the model is asked at once. Borrowed. */
const ReflexContext *conversation_reflexes_context(const ConversationReflexes *reflexes,
                                                   const ModelTier *tier);
/* Whatever agent.reflexes says; for /why. */
const ReflexContext *conversation_reflexes_any(const ConversationReflexes *reflexes);
