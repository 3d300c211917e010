/*
 * cli/terminal/attention.h: how to reach a person who looks elsewhere, by the sequences that their
 * terminal understands.
 *
 *     g_autofree char *bytes = attention_notify("LocalGPT", "the answer is there");
 *     terminal_write(terminal, bytes, -1, error);
 *
 * Terminals do not agree: the same sequence is a notification in one, progress in another, and a
 * popup full of numbers in a third. Which one this is follows from the environment; one that is not
 * known gets a bell for a notification and nothing for progress.
 */
#pragma once

#include <glib.h>

/* A desktop notification (OSC 777 or OSC 9) or the bell. Both texts are made safe. New string. */
char *attention_notify(const char *title, const char *text);

enum { ATTENTION_NONE = -1, ATTENTION_WORKING = -2 };

/* The progress in the tab or task bar (OSC 9;4): a percentage, ATTENTION_WORKING while it is not
 * known, ATTENTION_NONE to take it away. New string; empty where it could be misunderstood. */
char *attention_progress(int percent);
