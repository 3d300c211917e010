/*
 * cli/attachment.h: a file that goes with a message: its text, or the picture it is.
 *
 *     g_autoptr(Attachment) attachment = attachment_load("notes.md", paths, error);
 *     attachment_add_to(attachment, message);
 *     g_autoptr(GPtrArray) named = attachments_in("look at @src/parse.c", paths, error);
 *
 * What is in a file is not the owner's word: its part is labelled with the file it came from, and
 * is not trusted. A file is at most 256 kB of text or 10 MB of picture; what it is is told by its
 * content, not by its name.
 */
#pragma once

#include "base/paths.h"
#include "provider/message.h"

typedef struct {
    char *path; /* as it was named */
    char *text; /* or: */
    char *image_base64;
    char *mime_type;
    size_t n_bytes; /* of the file */
} Attachment;

/* ERR_NOT_FOUND, ERR_LIMIT, or ERR_DATA for what is neither text nor a picture. */
Attachment *attachment_load(const char *path, const Paths *paths, GError **error);
/* Text that is there already; `text` is taken. */
Attachment *attachment_new_text(const char *source, char *text);
void attachment_free(Attachment *attachment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Attachment, attachment_free)

bool attachment_is_image(const Attachment *attachment);
void attachment_add_to(const Attachment *attachment, Message *message);

/* The files that `@name` words of a message name; a word that names no file is just a word.
 * Attachment, owned. NULL when one of them cannot be attached. */
GPtrArray *attachments_in(const char *message, const Paths *paths, GError **error);
