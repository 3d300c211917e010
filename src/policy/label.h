/*
 * policy/label.h: where a piece of text came from, and what may therefore be done with it.
 *
 * Every message part, tool result, memory chunk and summary carries a Label. Labels are stored
 * beside the text, never in it, so no text can claim a label for itself. Joining two labels keeps
 * the less trusted and the more secret side: a summary of an untrusted page is untrusted.
 *
 *     Label both = label_join(part->label, other->label);
 */
#pragma once

#include <stdbool.h>

#include "base/field.h"

/* Who wrote the words. */
typedef enum {
    ORIGIN_OWNER,  /* typed by the person on a terminal, an authenticated page, a paired chat */
    ORIGIN_SYSTEM, /* the program's own prompts and notices */
    ORIGIN_AGENT,  /* a model */
    ORIGIN_TOOL,   /* output of a tool run */
    ORIGIN_FILE,   /* a file's content (also: standard input of `ask`) */
    ORIGIN_WEB,    /* a page, a search result, a message of a stranger */
} Origin;

typedef enum { INTEGRITY_TRUSTED, INTEGRITY_UNTRUSTED } Integrity;
typedef enum { SECRECY_PUBLIC, SECRECY_SECRET } Secrecy;

typedef struct {
    int origin;    /* Origin */
    int integrity; /* Integrity */
    int secrecy;   /* Secrecy */
    char *source;  /* owned: path, address, tool name; NULL when there is none */
} Label;

/* Rows of a Label as it stands in a session file: {"origin":"file","integrity":"untrusted", ...}.
 */
extern const Field label_fields[];

/* A label with the integrity its origin has by default: owner, system and agent are trusted, the
 * rest is not. The agent's own words inherit by label_join() from what it read. `source` is copied.
 */
Label label_new(Origin origin, const char *source);
Label label_copy(const Label *label);
void label_clear(Label *label);

/* The monotone join of integrity and secrecy; origin and source are those of `label`. */
void label_join(Label *label, const Label *other);

const char *label_origin_name(const Label *label);
const char *label_integrity_name(const Label *label); /* "trusted", "untrusted" */
