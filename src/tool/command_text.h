/*
 * tool/command_text.h: what the model is told of a command that ran: its output, cut in the middle
 * when it is long, and always how it ended.
 */
#pragma once

#include "tool/tool.h"

/* Bytes as text for a model: valid UTF-8, no colours and cursor movements; at most `max_bytes` (0 =
 * all), a quarter of the head and the rest of the tail. `total` is what there was before a ring cut
 * it. New string. */
char *command_text_cut(const char *bytes, size_t length, uint64_t total, size_t max_bytes);

/* "Exit status: 2" and whatever else must be said. New string. */
char *command_text_end(const SandboxOutcome *outcome, int64_t timeout_ms);
