/* memory/stop_words.c: see the header. */
#include "memory/stop_words.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

/* Sorted. */
static const char *const words[] = {
    "a",     "about", "after", "again",  "against", "all",   "also",    "am",      "an",
    "and",   "any",   "are",   "as",     "at",      "be",    "because", "been",    "before",
    "being", "both",  "but",   "by",     "can",     "could", "d",       "did",     "do",
    "does",  "doing", "down",  "during", "each",    "few",   "for",     "from",    "further",
    "had",   "has",   "have",  "having", "he",      "her",   "here",    "hers",    "him",
    "his",   "how",   "i",     "if",     "in",      "into",  "is",      "it",      "its",
    "just",  "ll",    "m",     "me",     "more",    "most",  "my",      "no",      "nor",
    "not",   "of",    "off",   "on",     "once",    "only",  "or",      "other",   "our",
    "ours",  "out",   "over",  "own",    "re",      "s",     "same",    "she",     "should",
    "so",    "some",  "such",  "t",      "than",    "that",  "the",     "their",   "theirs",
    "them",  "then",  "there", "these",  "they",    "this",  "those",   "through", "to",
    "too",   "under", "until", "up",     "us",      "ve",    "very",    "was",     "we",
    "were",  "what",  "when",  "where",  "which",   "while", "who",     "whom",    "whose",
    "why",   "will",  "with",  "would",  "you",     "your",  "yours",
};

typedef struct {
    const char *bytes;
    size_t length;
} Word;

static int compare(const void *key, const void *element) {
    const Word *word = key;
    const char *other = *(const char *const *)element;
    int order = strncmp(word->bytes, other, word->length);
    return order != 0 ? order : other[word->length] == '\0' ? 0 : -1;
}

bool stop_word_is(const char *word, size_t length) {
    const Word key = { word, length };
    return length > 0 &&
           bsearch(&key, words, G_N_ELEMENTS(words), sizeof words[0], compare) != NULL;
}
