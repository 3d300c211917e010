/*
 * memory/stop_words.h: words of English that say nothing about what a text is about. They are
 * indexed, but count in a query only when it has no others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Lower case. */
bool stop_word_is(const char *word, size_t length);
