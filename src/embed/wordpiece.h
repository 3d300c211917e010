/*
 * embed/wordpiece.h: text to the ids of its word pieces, by the rules of BERT-uncased (SPEC.md,
 * "Tokenizer").
 *
 *     g_autoptr(WordPiece) pieces = wordpiece_new(table);
 *     g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
 *     wordpiece_append_ids(pieces, text, length, ids);
 *
 * Any bytes are safe; invalid UTF-8 is skipped. There is no limit of length. It remembers the words
 * it has cut, so one WordPiece belongs to one thread.
 */
#pragma once

#include "embed/static_table.h"

typedef struct WordPiece WordPiece;

/* `table` is borrowed and must outlive it. */
WordPiece *wordpiece_new(const StaticTable *table);
void wordpiece_free(WordPiece *pieces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WordPiece, wordpiece_free)

/* Appends one id (uint32_t) per piece. */
void wordpiece_append_ids(WordPiece *pieces, const char *text, size_t length, GArray *ids);
