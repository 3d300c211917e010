/*
 * cli/terminal/live_zone.h: the last rows of the terminal, drawn anew as they change; everything
 * above them is written once and never touched again.
 *
 *     live_zone_print(zone, "a finished row");                 // scrolls away
 *     live_zone_set(zone, rows, cursor_row, cursor_column);    // what stands below it
 *     live_zone_flush(zone, error);                            // one write
 *
 * No alternate screen and no clearing of the screen: the terminal's own scrollback, selection and
 * search keep working. A frame is marked as synchronized, its rows never wrap, and only what
 * changed is written. The size is asked before each frame; after a change of it the rows the
 * terminal broke anew are found by their old widths.
 */
#pragma once

#include "cli/terminal/terminal.h"

typedef struct LiveZone LiveZone;

/* `terminal` is borrowed. */
LiveZone *live_zone_new(Terminal *terminal);
void live_zone_free(LiveZone *zone);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveZone, live_zone_free)

/* A finished row, above the zone; it may hold SGR and OSC 8, nothing that moves the cursor. Written
 * with the next flush. */
void live_zone_print(LiveZone *zone, const char *row);

size_t live_zone_written_bytes(const LiveZone *zone); /* so far */
bool live_zone_has_finished(const LiveZone *zone);    /* rows that wait for the next flush */

/* Takes the reference to `rows` (char *, as in live_zone_print); at least one. The cursor stands in
 * one of them. */
void live_zone_set(LiveZone *zone, GPtrArray *rows, size_t cursor_row, size_t cursor_column);

bool live_zone_flush(LiveZone *zone, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Erases the zone and leaves the cursor where it began, at the start of a row, so that somebody
 * else can write there; the next flush draws it below that. Finished rows are written first. */
bool live_zone_hide(LiveZone *zone, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Draws everything anew with the next flush. */
void live_zone_invalidate(LiveZone *zone);

/* Columns of a row, its escape sequences left out. */
size_t live_zone_row_columns(const char *row);
