/* memory/chunk_text.c: see the header. */
#include "memory/chunk_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "memory/session_source.h"

void chunk_place_clear(ChunkPlace *place) {
    g_free(place->path);
    g_free(place->date);
    g_free(place->heading);
    g_free(place->entry);
    *place = (ChunkPlace){ 0 };
}

bool chunk_place_find(Memory *memory, int64_t id, ChunkPlace *out, GError **error) {
    StoreQuery query;
    *out = (ChunkPlace){ 0 };
    store_query(&query, index_store(memory->index),
                "SELECT c.start_line, c.end_line, c.offset, c.length, c.heading, c.entry, p.label,"
                " f.id, f.source, f.path, f.date, f.is_raw, f.mtime, f.size FROM chunks c"
                " JOIN files f ON f.id = (SELECT id FROM files WHERE first_chunk <= c.id"
                " AND n_chunks > 0 ORDER BY first_chunk DESC LIMIT 1)"
                " LEFT JOIN provenances p ON p.id = c.provenance WHERE c.id = ?");
    store_bind_int(&query, 1, id);
    bool is_there = store_next(&query);
    if (is_there) {
        *out = (ChunkPlace){ .id = id,
                             .start_line = store_int(&query, 0),
                             .end_line = store_int(&query, 1),
                             .offset = (size_t)store_int(&query, 2),
                             .length = (size_t)store_int(&query, 3),
                             .heading = g_strdup(store_text(&query, 4)),
                             .entry = g_strdup(store_text(&query, 5)),
                             .label = (int)store_int(&query, 6),
                             .file = store_int(&query, 7),
                             .source = (IndexSource)store_int(&query, 8),
                             .path = g_strdup(store_text(&query, 9)),
                             .date = g_strdup(store_text(&query, 10)),
                             .is_raw = store_int(&query, 11) != 0,
                             .mtime_ns = store_int(&query, 12),
                             .size_bytes = store_int(&query, 13) };
        /* What an untrusted conversation left waits for the owner there. */
        if (g_str_has_prefix(out->path, "memory/inbox/")) out->label = NOTE_UNTRUSTED;
    }
    return store_end(&query, error) && is_there;
}

void chunk_reader_clear(ChunkReader *reader) {
    g_free(reader->path);
    note_text_clear(&reader->note);
    reader->path = NULL;
}

/* memory/sync.h: a time that was not sure is kept as the next one. */
static bool is_stale(int fd, const ChunkPlace *place) {
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size != place->size_bytes) return true;
    int64_t mtime_ns = info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    return mtime_ns != place->mtime_ns && mtime_ns + 1 != place->mtime_ns;
}

static char *read_part(const char *path, ChunkPlace *place) {
    size_t offset = place->offset, length = place->length;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return NULL;
    place->is_stale = is_stale(fd, place);
    char *text = g_malloc(length + 1);
    size_t done = 0;
    while (done < length) {
        ssize_t n = pread(fd, text + done, length - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += (size_t)n;
    }
    close(fd);
    text[done] = '\0';
    if (done == length) return text;
    g_free(text);
    return NULL;
}

static bool keep(ChunkReader *reader, const char *path) {
    if (g_strcmp0(reader->path, path) == 0) return true;
    chunk_reader_clear(reader);
    if (!note_text_read(path, &reader->note, NULL)) return false;
    reader->path = g_strdup(path);
    return true;
}

char *chunk_reader_read(ChunkReader *reader, ChunkPlace *place) {
    g_autofree char *path = memory_absolute_path(reader->memory, place->source, place->path);
    if (place->source == INDEX_SESSIONS)
        return session_source_message(path, (int64_t)place->offset, place->length);
    g_autofree char *part = NULL;
    if (place->is_raw) {
        part = read_part(path, place);
    } else if (keep(reader, path) && place->offset + place->length <= reader->note.length) {
        part = g_strndup(reader->note.text + place->offset, place->length);
    }
    /* A file that changed since may have been cut within a character. */
    return part != NULL ? text_make_valid(part, strlen(part)) : NULL;
}
