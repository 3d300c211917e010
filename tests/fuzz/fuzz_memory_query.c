/* Any bytes as a query, its terms, and a snippet of the same bytes. */
#include <stdint.h>
#include <string.h>

#include "memory/posting_list.h"
#include "memory/query.h"
#include "memory/snippet.h"
#include "memory/terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(const char *text) {
    g_autoptr(GDateTime) today = g_date_time_new_utc(2026, 11, 24, 12, 0, 0);
    MemoryQuery query = memory_query_parse(text, today);
    g_assert_true(g_utf8_validate(query.words, -1, NULL));
    if (query.since != NULL) g_assert_cmpint(strlen(query.since), ==, 10);
    if (query.before != NULL) g_assert_cmpint(strlen(query.before), ==, 10);
    for (unsigned i = 0; i < query.prefixes->len; i++)
        g_assert_cmpint(((const char *)g_ptr_array_index(query.prefixes, i))[0], !=, '\0');
    memory_query_clear(&query);
}

static void check_postings(const uint8_t *data, size_t size) {
    PostingReader reader = posting_reader_new(data, size);
    int64_t before = 0;
    for (Posting posting; posting_reader_next(&reader, &posting);) {
        if (posting.document <= before) break; /* an overflow of what nobody wrote */
        before = posting.document;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static sqlite3 *handle; /* global: one database for all runs */
    /* Nearly every word of noise is a new one: more of it finds nothing more. */
    size = MIN(size, 8192);
    if (handle == NULL && sqlite3_open(":memory:", &handle) != SQLITE_OK) return 0;
    g_autofree char *text = g_strndup((const char *)data, size);
    check_query(text);
    check_postings(data, size);
    g_autoptr(TermTable) table = term_table_new(handle, NULL);
    g_assert_nonnull(table);
    g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    term_table_scan(table, (const char *)data, size, terms);
    for (unsigned i = 0; i < terms->len; i++) {
        size_t length;
        term_table_get(table, g_array_index(terms, uint32_t, i), &length);
        g_assert_cmpint(length, >, 0);
    }
    /* A question has fewer words than a text. */
    g_array_set_size(terms, MIN(terms->len, 20));
    g_autofree char *snippet = snippet_make(table, terms, text, 20);
    g_assert_true(g_utf8_validate(snippet, -1, NULL));
    return 0;
}
