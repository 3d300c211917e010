/*
 * cli/approval_text.h: a question of agent/approval.h in words, for every front that asks it.
 *
 * What a person approves is bytes, so bytes are what they see: a control character, an escape
 * sequence or a letter that changes the direction of the text is written out, never obeyed and
 * never left out.
 */
#pragma once

#include "agent/approval.h"

/* "Run this command?", "Keep these changes?" New string. */
char *approval_text_question(const ApprovalRequest *request);

/* "in ~/proj · sandbox full · network off". New string. */
char *approval_text_place(const ApprovalRequest *request, const Paths *paths);

/* The command, or else the arguments; NULL when there is only a diff. Visible; new string. */
char *approval_text_subject(const ApprovalRequest *request);

/* `text` with everything that does not show itself written out: "\x1b", "\u{202e}". Newlines stay.
 * New string. */
char *approval_text_visible(const char *text);

/* "+3 −1" of a unified diff. New string. */
char *approval_text_counts(const char *diff);

/* Where the unified diff begins in what a tool says (may be NULL): a line "--- ..." with a line
 * "+++ ..." behind it. Points into `text`; NULL = there is none. */
const char *approval_text_find_diff(const char *text);

/* How a terminal shows a line of a diff: an escape sequence, "" = as it is. */
const char *approval_text_diff_style(const char *line);
