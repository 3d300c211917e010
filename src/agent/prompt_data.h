/*
 * agent/prompt_data.h: the files of data/prompts/, embedded at build time by tools/embed-prompts.
 */
#pragma once

typedef struct {
    const char *name; /* file name without .md */
    const char *text;
} PromptData;

/* Ended by a row with name NULL. */
extern const PromptData prompt_data[];
