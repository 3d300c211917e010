/*
 * agent/manual_data.h: the pages of docs/manual/, embedded at build time by tools/embed-prompts.
 */
#pragma once

typedef struct {
    const char *name; /* file name without .md */
    const char *text;
} ManualData;

/* Ended by a row with name NULL. */
extern const ManualData manual_data[];
