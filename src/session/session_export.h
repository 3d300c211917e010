/*
 * session/session_export.h: a conversation as Markdown, for people.
 *
 * Every message of the newest branch, also those that were summed up. The origin of each part
 * stands before it in a comment, "<!-- origin: web, untrusted, https://... -->", where it is not
 * what its role says: an export does not make a stranger's words the owner's. A text cannot write
 * such a comment itself: "<!--" in it is escaped.
 */
#pragma once

#include "session/transcript.h"

/* New string. */
char *session_export_markdown(const char *path, GError **error);
