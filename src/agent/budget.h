/*
 * agent/budget.h: where the tokens of a request go, item by item; for /context.
 *
 *     TurnBudget budget = turn_budget(&turn);
 *     ... budget.items: "safety" 90, "MEMORY.md" 214, "tools" 120, "conversation" 800 ...
 *     turn_budget_clear(&budget);
 *
 * The items add up exactly to system, tool and history tokens, and those to what is sent: a section
 * counts for what it adds to the text before it, so that no rounding is left over.
 */
#pragma once

#include "agent/prompt.h"

typedef struct {
    char *name; /* owned */
    int64_t tokens;
} BudgetItem;

typedef struct {
    int64_t window_tokens;
    int64_t reserve_tokens; /* kept for the answer */
    int64_t system_tokens;
    int64_t tool_tokens;     /* schemas of the tools */
    int64_t history_tokens;  /* of the messages that fit */
    int64_t n_messages;      /* in the session */
    int64_t n_sent_messages; /* of them sent */
    GPtrArray *items;        /* BudgetItem, owned */
} TurnBudget;

/* Fills items and the tokens of the request. */
void budget_add_prompt(TurnBudget *budget, Provider *provider, const Prompt *prompt);
void turn_budget_clear(TurnBudget *budget);
