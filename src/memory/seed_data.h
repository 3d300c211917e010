/*
 * memory/seed_data.h: the files of data/workspace/, embedded at build time by tools/embed-prompts.
 */
#pragma once

typedef struct {
    const char *name; /* file name without .md; "gitignore" is written as .gitignore */
    const char *text;
} SeedData;

/* Ended by a row with name NULL. */
extern const SeedData seed_data[];
