/*
 * cli/terminal/menu.h: a list to choose from that narrows as one types: commands, files, sessions.
 *
 *     menu_add(menu, "/model", "switch the model", "/model ");
 *     menu_filter(menu, "/mo");
 *     menu_move(menu, 1);
 *     const char *chosen = menu_chosen(menu);       // "/model "
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct Menu Menu;

Menu *menu_new(void);
void menu_free(Menu *menu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Menu, menu_free)

/* `value`: what choosing it gives. All are copied. */
void menu_add(Menu *menu, const char *label, const char *detail, const char *value);

/* Shows what matches: labels that begin with `words` first, then those that contain them (details
 * too), then those with their letters in order. The first is chosen. */
void menu_filter(Menu *menu, const char *words);

size_t menu_length(const Menu *menu);      /* of what is shown */
void menu_move(Menu *menu, int step);      /* round at the ends */
const char *menu_chosen(const Menu *menu); /* value; NULL when nothing is shown. Borrowed. */
const char *menu_chosen_label(const Menu *menu);

/* Appends at most `n_rows` rows (new strings, with SGR) around the chosen one. */
void menu_append_rows(const Menu *menu, size_t n_rows, size_t n_columns, GPtrArray *rows);
