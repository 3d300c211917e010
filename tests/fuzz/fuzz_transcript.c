/* Any bytes as a session file: opened, continued, opened again. What the context was, it still is,
 * with the new message at its end. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *encode(const Transcript *transcript) {
    GString *text = g_string_new(NULL);
    const GPtrArray *messages = transcript_messages(transcript);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_autofree char *line = field_encode(message_fields, message, FIELD_COMPACT);
        g_string_append(text, line);
        for (unsigned k = 0; k < message->parts->len; k++) {
            const Part *part = g_ptr_array_index(message->parts, k);
            g_autofree char *label = field_encode(label_fields, &part->label, FIELD_COMPACT);
            g_string_append(text, label);
        }
    }
    return g_string_free(text, FALSE);
}

static void open_and_continue(const char *path) {
    g_autoptr(Transcript) first = transcript_open(path, NULL);
    if (first == NULL) return;
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), "more", -1);
    /* A message that came back is one that can be written and copied. */
    const GPtrArray *messages = transcript_messages(first);
    for (unsigned i = 0; i < messages->len; i++)
        message_free(message_copy(g_ptr_array_index(messages, i)));
    if (!transcript_append(first, message, NULL)) abort();
    g_autofree char *expected = encode(first);
    g_autoptr(Transcript) second = transcript_open(path, NULL);
    if (second == NULL) abort();
    g_autofree char *again = encode(second);
    if (strcmp(expected, again) != 0) abort();
}

/* In memory only: a disk would be the slowest part. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char folder[] = "/dev/shm/fuzz-transcript-XXXXXX";
    if (mkdtemp(folder) == NULL) abort();
    g_autofree char *path = g_build_filename(folder, "x.jsonl", NULL);
    g_autofree char *torn = g_strconcat(path, ".torn", NULL);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    close(fd);
    open_and_continue(path);
    unlink(path);
    unlink(torn);
    rmdir(folder);
    return 0;
}
