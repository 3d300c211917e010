/* cli/attachment.c: see the header. */
#include "cli/attachment.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum { MAX_TEXT_BYTES = 256 << 10, MAX_IMAGE_BYTES = 10 << 20 };

void attachment_free(Attachment *attachment) {
    if (attachment == NULL) return;
    g_free(attachment->path);
    g_free(attachment->text);
    g_free(attachment->image_base64);
    g_free(attachment->mime_type);
    g_free(attachment);
}

Attachment *attachment_new_text(const char *source, char *text) {
    Attachment *attachment = g_new0(Attachment, 1);
    attachment->path = g_strdup(source);
    attachment->n_bytes = strlen(text);
    attachment->text = text;
    return attachment;
}

bool attachment_is_image(const Attachment *attachment) {
    return attachment->image_base64 != NULL;
}

/* By the first bytes; NULL for anything else. */
static const char *image_type(const char *data, size_t length) {
    static const struct {
        const char *magic;
        size_t n_bytes;
        const char *type;
    } rows[] = { { "\x89PNG\r\n\x1a\n", 8, "image/png" },
                 { "\xFF\xD8\xFF", 3, "image/jpeg" },
                 { "GIF8", 4, "image/gif" } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (length >= rows[i].n_bytes && memcmp(data, rows[i].magic, rows[i].n_bytes) == 0)
            return rows[i].type;
    bool is_webp = length >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
    return is_webp ? "image/webp" : NULL;
}

Attachment *attachment_load(const char *path, const Paths *paths, GError **error) {
    g_autofree char *full = paths_expand_home(paths, path);
    g_autofree char *data = NULL;
    size_t length = 0;
    if (!file_read(full, MAX_IMAGE_BYTES, &data, &length, error)) {
        g_prefix_error(error, "attaching '%s': ", path);
        return NULL;
    }
    g_autoptr(Attachment) attachment = g_new0(Attachment, 1);
    attachment->path = g_strdup(path);
    attachment->n_bytes = length;
    const char *type = image_type(data, length);
    if (type != NULL) {
        attachment->image_base64 = g_base64_encode((const guchar *)data, length);
        attachment->mime_type = g_strdup(type);
        return g_steal_pointer(&attachment);
    }
    if (memchr(data, '\0', length) != NULL || !g_utf8_validate(data, (gssize)length, NULL)) {
        error_set_with_hint(error, ERR_DATA,
                            "Text (UTF-8), PNG, JPEG, GIF and WebP can be attached.",
                            "'%s' is a binary file of a kind that cannot be attached", path);
        return NULL;
    }
    if (length > MAX_TEXT_BYTES) {
        error_set_with_hint(error, ERR_LIMIT, "Attach the part that matters.",
                            "'%s' has %zu kB of text; at most %d kB can be attached", path,
                            length / 1000, MAX_TEXT_BYTES / 1000);
        return NULL;
    }
    attachment->text = g_steal_pointer(&data);
    return g_steal_pointer(&attachment);
}

void attachment_add_to(const Attachment *attachment, Message *message) {
    Label label = label_new(ORIGIN_FILE, attachment->path);
    const char *text = attachment->text != NULL ? attachment->text : "";
    Part *part = message_add_text(message, label, text, -1);
    if (!attachment_is_image(attachment)) return;
    part->kind = PART_IMAGE;
    g_clear_pointer(&part->text, g_free);
    part->image_base64 = g_strdup(attachment->image_base64);
    part->mime_type = g_strdup(attachment->mime_type);
}

/* "@src/parse.c," names src/parse.c: signs of the sentence do not belong to it. NULL: no file. */
static char *file_of_word(const char *word, const Paths *paths) {
    g_autofree char *name = g_strdup(word);
    for (size_t n = strlen(name); n > 0; n--) {
        g_autofree char *full = paths_expand_home(paths, name);
        if (g_file_test(full, G_FILE_TEST_IS_REGULAR)) return g_steal_pointer(&name);
        if (strchr(".,;:!?)'\"", name[n - 1]) == NULL) return NULL;
        name[n - 1] = '\0';
    }
    return NULL;
}

GPtrArray *attachments_in(const char *message, const Paths *paths, GError **error) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
    g_auto(GStrv) words = g_strsplit_set(message, " \t\n", -1);
    for (char **word = words; *word != NULL; word++) {
        if ((*word)[0] != '@' || (*word)[1] == '\0') continue;
        g_autofree char *path = file_of_word(*word + 1, paths);
        if (path == NULL) continue;
        Attachment *attachment = attachment_load(path, paths, error);
        if (attachment == NULL) return NULL;
        g_ptr_array_add(found, attachment);
    }
    return g_steal_pointer(&found);
}
