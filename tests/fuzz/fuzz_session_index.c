/* Fuzz target of session/session_index.c: whatever the file holds, rows are whole or not there. */
#include "session/session_index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char folder[] = "/dev/shm/fuzz-index-XXXXXX";
    if (mkdtemp(folder) == NULL) abort();
    g_autofree char *path = g_build_filename(folder, ".sessions.index", NULL);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    close(fd);
    SessionIndex *index = session_index_load(folder);
    const SessionRow *row = session_index_find(index, "one", 1, 2);
    if (row != NULL && !g_utf8_validate(row->title, -1, NULL)) abort();
    const SessionRow fresh = { 3, 4, 5, (char *)"a\ttitle" };
    session_index_put(index, "two", &fresh);
    session_index_save(index, folder);
    session_index_free(index);
    SessionIndex *again = session_index_load(folder);
    row = session_index_find(again, "two", 3, 4);
    if (row == NULL || strcmp(row->title, "a title") != 0) abort();
    session_index_free(again);
    unlink(path);
    rmdir(folder);
    return 0;
}
