/*
 * base/text_cluster.h: what a person calls one character, and how many columns it takes.
 *
 * A cluster is a base character with everything that belongs to it: combining marks, variation
 * selectors, skin tones, what a zero-width joiner joins, the second half of a flag. It is what one
 * key press moves over and deletes, and what is never torn apart at the end of a row.
 *
 *     for (size_t at = 0; at < length; at += cluster.n_bytes) {
 *         cluster = text_cluster_at(text + at, length - at);
 *         column += cluster.n_columns;
 *     }
 */
#pragma once

#include <stddef.h>

typedef struct {
    size_t n_bytes;   /* at least 1 when there is text; 0 only at its end */
    size_t n_columns; /* 0, 1 or 2 */
} TextCluster;

/* The cluster that begins at `text`, which has `length` bytes of valid UTF-8. A byte that is not
 * valid is a cluster of its own, one column wide. Tabs and other controls: 0 columns. */
TextCluster text_cluster_at(const char *text, size_t length);

/* Where the cluster that ends at `offset` begins; 0 for 0. */
size_t text_cluster_before(const char *text, size_t offset);

/* Columns of `length` bytes. */
size_t text_cluster_columns(const char *text, size_t length);
