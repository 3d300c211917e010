/*
 * cli/terminal/history.h: what was typed before, on disk, newest last.
 *
 *     g_autoptr(History) history = history_open(path, error);
 *     history_add(history, "what is a monad?");
 *     history_get(history, 0)                       // the newest
 *
 * One entry a line; a newline inside is written "\n", a backslash "\\". The file is 0600, appended
 * to line by line (several chats may do so at once), and cut to its newest half when it has grown
 * to twice the limit. An entry that is typed again moves to the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct History History;

/* A file that cannot be read or made is no reason not to talk: the history is then kept in memory
 * and *error (may be NULL) tells why. Never NULL. */
History *history_open(const char *path, GError **error);
void history_close(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_close)

/* Blank text and what is the newest already are left out. */
void history_add(History *history, const char *text);

size_t history_length(const History *history);
/* 0 is the newest; NULL beyond the oldest. Borrowed until the next history_add(). */
const char *history_get(const History *history, size_t age);

/* The age of the newest entry, at least `from` old, that contains `words` (in any case); -1. */
gssize history_find(const History *history, const char *words, size_t from);
