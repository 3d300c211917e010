/*
 * cli/topic.h: what 'localgpt help TOPIC' tells besides commands: one row per topic.
 *
 * A topic is a text, or is rendered from another table (error kinds, configuration rows).
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct {
    const char *name;
    const char *summary; /* one line, without a full stop */
    const char *text;    /* paragraphs, or NULL */
    /* Appends to `out`; NULL when `text` says all. `argument` may be NULL; a topic that takes one
     * fails with ERR_NOT_FOUND and "did you mean" when it does not know it. */
    bool (*render)(GString *out, const char *argument, GError **error);
    bool takes_argument;
} Topic;

/* Ended by { 0 }. */
extern const Topic topics[];

const Topic *topic_find(const char *name);

/* The whole text; new string, or NULL. */
char *topic_text(const Topic *topic, const char *argument, GError **error);

/* The list of topics. New string. */
char *topic_list(void);
