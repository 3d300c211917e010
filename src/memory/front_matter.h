/*
 * memory/front_matter.h: what stands between the "---" lines at the beginning of a note.
 *
 *     FrontMatter front = front_matter_parse(text, length);
 *     ... front.title, front.date ("2026-11-24"), front.n_lines of it ...
 *     front_matter_clear(&front);
 *
 * Only "key: value" lines are understood; everything else of YAML is passed over. Its words are
 * found like any other of the note.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    /* owned, NULL when absent */
    char *title;
    char *date;
    /* state */
    unsigned n_lines; /* with both "---" lines; 0: the note has none */
} FrontMatter;

FrontMatter front_matter_parse(const char *text, size_t length);
void front_matter_clear(FrontMatter *front);

/* The first date "2026-11-24" or "20261124" in a name, as "2026-11-24"; NULL when there is none.
 * New string. */
char *note_date_find(const char *name);
