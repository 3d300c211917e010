/* memory/index_put.c: a batch of files, in one transaction. */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "memory/front_matter.h"
#include "memory/index-private.h"

/* A batch of this size is committed: it bounds the memory, and what a kill costs. */
#define FULL_BYTES ((size_t)96 << 20)
#define FULL_TEXT_BYTES ((size_t)48 << 20)

void index_clear_text(void *text) {
    g_free(((IndexedText *)text)->text);
}

void index_keep_texts(Index *index, bool is_kept) {
    index->keeps_texts = is_kept;
}

const GArray *index_added_texts(const Index *index) {
    return index->added_texts;
}

const GArray *index_removed_chunks(const Index *index) {
    return index->removed_chunks;
}

static bool read_next(Index *index, const char *key, int64_t *out, GError **error) {
    g_autofree char *value = index_get_meta(index, key);
    *out = value != NULL ? g_ascii_strtoll(value, NULL, 10) : 0;
    if (*out > 0) return true;
    error_set(error, ERR_DATA, "the index has lost its counter of ids");
    return false;
}

static void end_batch(Index *index) {
    g_clear_pointer(&index->terms, term_table_free);
    g_clear_pointer(&index->words, word_batch_free);
    g_clear_pointer(&index->file_terms, g_array_unref);
    g_clear_pointer(&index->chunk_terms, g_array_unref);
    index->text_bytes = 0;
}

void index_rollback(Index *index) {
    end_batch(index);
    if (index->store != NULL) store_rollback(index->store);
}

bool index_begin(Index *index, GError **error) {
    g_array_set_size(index->added_texts, 0);
    g_array_set_size(index->removed_chunks, 0);
    if (!store_begin(index->store, error)) return false;
    index->terms = term_table_new(store_sqlite(index->store), error);
    index->words = word_batch_new();
    index->file_terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    index->chunk_terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (index->terms != NULL && read_next(index, "next_file", &index->next_file, error) &&
        read_next(index, "next_chunk", &index->next_chunk, error))
        return true;
    index_rollback(index);
    return false;
}

static bool write_next(Index *index, const char *key, int64_t value, GError **error) {
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)value);
    return index_set_meta(index, key, text, error);
}

bool index_commit(Index *index, GError **error) {
    bool has_words = word_batch_bytes(index->words) > 0;
    bool is_ok = (!has_words || word_index_add(index->store, index->words, index->terms, error)) &&
                 write_next(index, "next_file", index->next_file, error) &&
                 write_next(index, "next_chunk", index->next_chunk, error) &&
                 store_commit(index->store, error);
    if (!is_ok) store_rollback(index->store);
    end_batch(index);
    return is_ok;
}

bool index_is_full(const Index *index) {
    return index->text_bytes >= FULL_TEXT_BYTES ||
           word_batch_bytes(index->words) + term_table_bytes(index->terms) >= FULL_BYTES;
}

/* Removing. */

typedef struct {
    IndexSource source;
    int64_t id, first_chunk, n_chunks;
    char hash[HASH_SHA256_HEX_LENGTH + 1];
} KnownFile;

/* id 0: not there. */
static bool find_file(Index *index, IndexSource source, const char *path, KnownFile *out,
                      GError **error) {
    StoreQuery query;
    *out = (KnownFile){ 0 };
    store_query(&query, index->store,
                "SELECT id, first_chunk, n_chunks, hash FROM files WHERE source = ? AND path = ?");
    store_bind_int(&query, 1, source);
    store_bind_text(&query, 2, path);
    if (store_next(&query)) {
        *out = (KnownFile){ source, store_int(&query, 0), store_int(&query, 1),
                            store_int(&query, 2), "" };
        g_strlcpy(out->hash, store_text(&query, 3), sizeof out->hash);
    }
    return store_end(&query, error);
}

static bool delete_rows(Store *store, const char *sql, int64_t first, int64_t second,
                        GError **error) {
    StoreQuery query;
    store_query(&query, store, sql);
    store_bind_int(&query, 1, first);
    store_bind_int(&query, 2, second);
    store_step(&query);
    return store_end(&query, error);
}

static bool count_file(Index *index, int source, int64_t n_files, int64_t n_chunks,
                       GError **error) {
    StoreQuery query;
    store_query(&query, index->store,
                "UPDATE totals SET files = files + ?, chunks = chunks + ? WHERE source = ?");
    store_bind_int(&query, 1, n_files);
    store_bind_int(&query, 2, n_chunks);
    store_bind_int(&query, 3, source);
    store_step(&query);
    return store_end(&query, error);
}

static bool remove_known(Index *index, const KnownFile *known, GError **error) {
    for (int64_t i = 0; i < known->n_chunks; i++) {
        const int64_t id = known->first_chunk + i;
        g_array_append_val(index->removed_chunks, id);
    }
    return count_file(index, known->source, -1, -known->n_chunks, error) &&
           delete_rows(index->store, "DELETE FROM chunks WHERE id BETWEEN ? AND ?",
                       known->first_chunk, known->first_chunk + known->n_chunks - 1, error) &&
           delete_rows(index->store, "DELETE FROM files WHERE id BETWEEN ? AND ?", known->id,
                       known->id, error) &&
           word_index_remove(index->store, WORDS_OF_CHUNKS, known->first_chunk, known->n_chunks,
                             error) &&
           word_index_remove(index->store, WORDS_OF_FILES, known->id, 1, error);
}

static bool remove_skipped(Index *index, IndexSource source, const char *path, GError **error) {
    StoreQuery query;
    store_query(&query, index->store, "DELETE FROM skipped WHERE source = ? AND path = ?");
    store_bind_int(&query, 1, source);
    store_bind_text(&query, 2, path);
    store_step(&query);
    return store_end(&query, error);
}

bool index_remove(Index *index, IndexSource source, const char *path, GError **error) {
    KnownFile known;
    return find_file(index, source, path, &known, error) &&
           (known.id == 0 || remove_known(index, &known, error)) &&
           remove_skipped(index, source, path, error);
}

bool index_skip(Index *index, const IndexFile *file, const char *reason, GError **error) {
    if (!index_remove(index, file->source, file->path, error)) return false;
    StoreQuery query;
    store_query(&query, index->store,
                "INSERT INTO skipped(source, path, mtime, size, inode, reason)"
                " VALUES (?, ?, ?, ?, ?, ?)");
    store_bind_int(&query, 1, file->source);
    store_bind_text(&query, 2, file->path);
    store_bind_int(&query, 3, file->mtime_ns);
    store_bind_int(&query, 4, file->size_bytes);
    store_bind_int(&query, 5, (int64_t)file->inode);
    store_bind_text(&query, 6, reason);
    store_step(&query);
    return store_end(&query, error);
}

/* Adding. */

static bool update_facts(Index *index, int64_t id, const IndexFile *file, GError **error) {
    StoreQuery query;
    store_query(&query, index->store,
                "UPDATE files SET mtime = ?, size = ?, inode = ? WHERE id = ?");
    store_bind_int(&query, 1, file->mtime_ns);
    store_bind_int(&query, 2, file->size_bytes);
    store_bind_int(&query, 3, (int64_t)file->inode);
    store_bind_int(&query, 4, id);
    store_step(&query);
    return store_end(&query, error);
}

typedef struct {
    int64_t first_chunk, n_chunks, n_lines;
    const char *hash, *date;
    bool is_raw;
} FileRow;

static bool add_file_row(Index *index, const IndexFile *file, const FileRow *row, GError **error) {
    StoreQuery query;
    store_query(&query, index->store,
                "INSERT INTO files(id, source, path, mtime, size, inode, hash, date, first_chunk,"
                " n_chunks, n_lines, is_raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    store_bind_int(&query, 1, index->next_file);
    store_bind_int(&query, 2, file->source);
    store_bind_text(&query, 3, file->path);
    store_bind_int(&query, 4, file->mtime_ns);
    store_bind_int(&query, 5, file->size_bytes);
    store_bind_int(&query, 6, (int64_t)file->inode);
    store_bind_text(&query, 7, row->hash);
    store_bind_text(&query, 8, row->date != NULL ? row->date : "");
    store_bind_int(&query, 9, row->first_chunk);
    store_bind_int(&query, 10, row->n_chunks);
    store_bind_int(&query, 11, row->n_lines);
    store_bind_int(&query, 12, row->is_raw);
    store_step(&query);
    return store_end(&query, error) && count_file(index, file->source, 1, row->n_chunks, error);
}

typedef struct {
    int64_t start_line, end_line;
    size_t offset, length;
    const char *heading, *entry;
    int64_t provenance;
} ChunkRow;

static bool add_chunk_row(Index *index, const ChunkRow *row, GError **error) {
    StoreQuery query;
    store_query(&query, index->store,
                "INSERT INTO chunks(id, start_line, end_line, offset, length, heading, provenance,"
                " entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    store_bind_int(&query, 1, index->next_chunk);
    store_bind_int(&query, 2, row->start_line);
    store_bind_int(&query, 3, row->end_line);
    store_bind_int(&query, 4, (int64_t)row->offset);
    store_bind_int(&query, 5, (int64_t)row->length);
    store_bind_text(&query, 6, row->heading);
    store_bind_int(&query, 7, row->provenance);
    store_bind_text(&query, 8, row->entry);
    store_step(&query);
    return store_end(&query, error);
}

/* Rows that are alike are one. */
static bool add_provenance(Index *index, const Provenance *provenance, int64_t *out_id,
                           GError **error) {
    static const char *const questions[] = {
        "SELECT id FROM provenances WHERE session = ? AND turn = ? AND tool = ? AND label = ?",
        "INSERT INTO provenances(session, turn, tool, label) VALUES (?, ?, ?, ?) RETURNING id",
    };
    const char *values[] = { provenance->session, provenance->turn, provenance->tool };
    *out_id = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(questions) && *out_id == 0; i++) {
        StoreQuery query;
        store_query(&query, index->store, questions[i]);
        for (int k = 0; k < 3; k++)
            store_bind_text(&query, k + 1, values[k] != NULL ? values[k] : "");
        store_bind_int(&query, 4, provenance->label);
        while (store_next(&query)) *out_id = store_int(&query, 0);
        if (!store_end(&query, error)) return false;
    }
    return true;
}

/* Words that say little are left out of whole files: their lists would be the longest. */
static void add_to_file(Index *index, unsigned from) {
    for (unsigned i = from; i < index->chunk_terms->len; i++) {
        uint32_t term = g_array_index(index->chunk_terms, uint32_t, i);
        if ((term_table_flags(index->terms, term) & TERM_STOP) == 0)
            g_array_append_val(index->file_terms, term);
    }
}

static void keep_text(Index *index, const char *heading, const char *text, size_t length) {
    index->text_bytes += length;
    if (!index->keeps_texts) return;
    IndexedText kept = { .id = index->next_chunk };
    /* What a piece is about often stands only above it. */
    bool has_heading = length > 0 && text[0] != '#' && heading[0] != '\0';
    g_autofree char *piece = g_strndup(text, length);
    kept.text = has_heading ? g_strconcat(heading, "\n", piece, NULL) : g_steal_pointer(&piece);
    kept.length = strlen(kept.text);
    g_array_append_val(index->added_texts, kept);
}

/* The words of the name, in the file and in its first chunk: "recipes/pancakes.md". */
static void add_name(Index *index, const char *path) {
    g_autofree char *name = g_path_get_basename(path);
    char *dot = strrchr(name, '.');
    if (dot != NULL) *dot = '\0';
    term_table_scan(index->terms, name, strlen(name), index->chunk_terms);
}

typedef struct {
    const char *text, *heading;
    size_t offset, length;
    size_t n_repeated; /* bytes at its beginning that the chunk before has too */
} Piece;

static void add_words(Index *index, const Piece *piece) {
    size_t n_repeated = MIN(piece->n_repeated, piece->length);
    const char *text = piece->text + piece->offset;
    term_table_scan(index->terms, text, n_repeated, index->chunk_terms);
    unsigned from = index->chunk_terms->len;
    term_table_scan(index->terms, text + n_repeated, piece->length - n_repeated,
                    index->chunk_terms);
    add_to_file(index, from);
    term_table_scan(index->terms, piece->heading, strlen(piece->heading), index->chunk_terms);
    word_batch_add(index->words, WORDS_OF_CHUNKS, index->next_chunk,
                   (const uint32_t *)(void *)index->chunk_terms->data, index->chunk_terms->len);
    g_array_set_size(index->chunk_terms, 0);
    keep_text(index, piece->heading, text, piece->length);
}

static void end_file(Index *index) {
    word_batch_add(index->words, WORDS_OF_FILES, index->next_file,
                   (const uint32_t *)(void *)index->file_terms->data, index->file_terms->len);
    g_array_set_size(index->file_terms, 0);
    index->next_file++;
}

static bool add_note_chunks(Index *index, const NoteText *note, const ChunkList *list,
                            GError **error) {
    g_autofree int64_t *provenances = g_new0(int64_t, list->provenances->len);
    size_t end = 0;
    for (unsigned i = 0; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        const char *heading = g_ptr_array_index(list->headings, chunk->heading);
        int64_t *provenance = &provenances[chunk->provenance];
        if (*provenance == 0 &&
            !add_provenance(index, g_ptr_array_index(list->provenances, chunk->provenance),
                            provenance, error))
            return false;
        const ChunkRow row = { chunk->start_line, chunk->end_line, chunk->offset,
                               chunk->length,     heading,         NULL,
                               *provenance };
        if (!add_chunk_row(index, &row, error)) return false;
        size_t n_repeated = end > chunk->offset ? end - chunk->offset : 0;
        add_words(index, &(Piece){ note->text, heading, chunk->offset, chunk->length, n_repeated });
        end = chunk->offset + chunk->length;
        index->next_chunk++;
    }
    return true;
}

static bool add_note(Index *index, const IndexFile *file, const NoteText *note, const char *hash,
                     GError **error) {
    g_autoptr(ChunkList) list = chunker_split(note->text, note->length, &index->limits);
    g_autofree char *base = g_path_get_basename(file->path);
    g_autofree char *date = note_date_find(base);
    const FileRow row = { .first_chunk = index->next_chunk,
                          .n_chunks = list->chunks->len,
                          .n_lines = list->n_lines,
                          .hash = hash,
                          .date = date != NULL ? date : list->date,
                          .is_raw = note->is_raw };
    if (!add_file_row(index, file, &row, error)) return false;
    add_name(index, file->path);
    add_to_file(index, 0);
    if (!add_note_chunks(index, note, list, error)) return false;
    g_array_set_size(index->chunk_terms, 0);
    end_file(index);
    return true;
}

bool index_put_note(Index *index, const IndexFile *file, const NoteText *note, bool *out_is_changed,
                    GError **error) {
    KnownFile known;
    g_autofree char *hash = hash_sha256_of(note->text, note->length);
    if (out_is_changed != NULL) *out_is_changed = false;
    if (!find_file(index, file->source, file->path, &known, error)) return false;
    if (known.id != 0 && strcmp(known.hash, hash) == 0)
        return update_facts(index, known.id, file, error);
    if (known.id != 0 && !remove_known(index, &known, error)) return false;
    if (known.id == 0 && !remove_skipped(index, file->source, file->path, error)) return false;
    if (out_is_changed != NULL) *out_is_changed = true;
    return add_note(index, file, note, hash, error);
}

static bool add_messages(Index *index, const GArray *messages, GError **error) {
    for (unsigned i = 0; i < messages->len; i++) {
        const IndexMessage *message = &g_array_index(messages, IndexMessage, i);
        int64_t provenance = 0;
        const Provenance owner = { .label = message->label };
        if (!add_provenance(index, &owner, &provenance, error)) return false;
        const ChunkRow row = { message->line,  message->line, message->offset, message->length, "",
                               message->entry, provenance };
        if (!add_chunk_row(index, &row, error)) return false;
        add_words(index, &(Piece){ message->text, "", 0, strlen(message->text), 0 });
        index->next_chunk++;
    }
    return true;
}

bool index_put_session(Index *index, const IndexFile *file, const char *date,
                       const GArray *messages, GError **error) {
    if (!index_remove(index, file->source, file->path, error)) return false;
    const FileRow row = { .first_chunk = index->next_chunk,
                          .n_chunks = messages->len,
                          .hash = "",
                          .date = date,
                          .is_raw = true };
    if (!add_file_row(index, file, &row, error) || !add_messages(index, messages, error))
        return false;
    end_file(index);
    return true;
}
