/*
 * embed/static_table.h: the file of the static embedder: word pieces, their int8 rows, and what
 * each character is. data/static-embedding/SPEC.md describes it byte by byte.
 *
 *     g_autoptr(StaticTable) table = static_table_open(path, error);
 *     const int8_t *row = table->rows + id * table->n_dimensions;
 *
 * The file is mapped read-only; nothing is copied. Opening checks that every offset stays inside
 * (so any bytes are safe to read afterwards), not the checksum of 8 MB: static_table_check() does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/paths.h"

/* What a character is to the tokenizer. */
typedef enum { CHAR_ORDINARY, CHAR_DROP, CHAR_SPACE, CHAR_PUNCTUATION, CHAR_CJK } CharClass;

typedef struct {
    uint32_t first, last, class;
} StaticRange;

typedef struct {
    uint32_t code_point, out[3]; /* 0 = unused */
} StaticFold;

typedef struct {
    uint32_t n_entries;
    uint32_t n_dimensions;
    uint32_t unknown_id;
    uint32_t max_word_length; /* code points */
    uint32_t n_ranges;
    uint32_t n_folds;
    uint32_t checksum; /* as the file states it */
    /* borrowed from the mapping */
    const uint32_t *piece_offsets; /* n_entries + 1, ascending, inside `pieces` */
    const char *pieces;
    const float *scales;
    const StaticRange *ranges; /* sorted */
    const StaticFold *folds;   /* sorted */
    const int8_t *rows;
    /* owned */
    const uint8_t *bytes;
    size_t length;
    bool is_mapped;
} StaticTable;

/* ERR_NOT_FOUND, ERR_IO, ERR_DATA ("... is no static embedding: ..."). */
StaticTable *static_table_open(const char *path, GError **error);

/* The same from bytes (borrowed, 4-byte aligned). */
StaticTable *static_table_new(const uint8_t *bytes, size_t length, GError **error);
void static_table_free(StaticTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StaticTable, static_table_free)

/* Reads all of it and compares the checksum: ERR_INTEGRITY. */
bool static_table_check(const StaticTable *table, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where the file is: $LOCALGPT_STATIC_EMBEDDING, else <data>/static-embedding/, else beside the
 * program (data/static-embedding/ of a build folder), else ../share/localgpt/static-embedding/ of
 * an installation. `paths` may be NULL. New string, or NULL with ERR_NOT_FOUND and the places. */
char *static_table_find(const Paths *paths, GError **error);
