/* memory/stemmer.c: see the header. */
#include "memory/stemmer.h"

#include "base/error.h"

struct Stemmer {
    fts5_tokenizer methods;
    Fts5Tokenizer *tokenizer; /* owned */
};

/* The documented way to FTS5's functions: a query that fills in a pointer. */
static fts5_api *find_api(sqlite3 *handle) {
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
    return api;
}

Stemmer *stemmer_new(sqlite3 *handle, GError **error) {
    const char *arguments[] = { "unicode61" };
    fts5_api *api = find_api(handle);
    void *context = NULL;
    Stemmer *stemmer = g_new0(Stemmer, 1);
    if (api != NULL &&
        api->xFindTokenizer(api, "porter", &context, &stemmer->methods) == SQLITE_OK &&
        stemmer->methods.xCreate(context, arguments, 1, &stemmer->tokenizer) == SQLITE_OK)
        return stemmer;
    error_set(error, ERR_FAILED, "this SQLite has no full-text search (FTS5)");
    g_free(stemmer);
    return NULL;
}

void stemmer_free(Stemmer *stemmer) {
    if (stemmer == NULL) return;
    stemmer->methods.xDelete(stemmer->tokenizer);
    g_free(stemmer);
}

static int on_fts5_token(void *out, int flags, const char *token, int length, int start, int end) {
    (void)flags, (void)start, (void)end;
    g_string_append_len(out, token, length);
    return SQLITE_OK;
}

void stemmer_append(Stemmer *stemmer, const char *word, size_t length, GString *out) {
    size_t before = out->len;
    int status = stemmer->methods.xTokenize(stemmer->tokenizer, out, FTS5_TOKENIZE_DOCUMENT, word,
                                            (int)length, on_fts5_token);
    if (status == SQLITE_OK && out->len > before) return;
    g_string_truncate(out, before);
    g_string_append_len(out, word, (gssize)length);
}
