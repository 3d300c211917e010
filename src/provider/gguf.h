/*
 * provider/gguf.h: what a model file says about itself, read without loading it.
 *
 * A GGUF file (versions 2 and 3) starts with keys and values, then one entry per tensor, then the
 * data. Only that header is read, 64 KiB at a time, so a 20 GB model costs milliseconds and no
 * memory worth counting. The file may come from anywhere: every count, length, size and depth is
 * held against a limit and against the size of the file before it is believed, and nothing is
 * allocated because a number in the file says so.
 *
 *     g_auto(GgufFacts) facts = { 0 };
 *     if (!gguf_read(path, &facts, error)) return false;
 *     g_print("%s, %" G_GINT64_FORMAT " parameters\n", facts.name, facts.n_parameters);
 *
 * ERR_DATA says what is wrong and at which byte: "reading 'x.gguf': byte 532: key 7: ...". A file
 * whose tensors end behind the end of the file (a broken download) is an error too.
 *
 * Texts that are shown are cut to 200 bytes and free of control characters; absent ones are NULL,
 * absent numbers 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    /* owned */
    char *architecture; /* "llama", "qwen3", "gemma3"; never NULL after a success */
    char *name;
    char *quantisation; /* "Q4_1": as the file says, else the type most elements have */
    char *licence;      /* "apache-2.0" */
    char *tokenizer;    /* "gpt2", "llama" */
    char *chat_template;
    int64_t version;
    int64_t n_parameters; /* elements of all tensors of this file */
    int64_t n_tensors;
    int64_t n_layers;
    int64_t n_files; /* a model split over several files; 0 or 1 = one */
    int64_t context_tokens;
    int64_t size_bytes;
    bool is_embedder; /* made to give vectors, not answers */
} GgufFacts;

bool gguf_read(const char *path, GgufFacts *out_facts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from memory that holds a whole file. */
bool gguf_read_bytes(const void *data, size_t length, GgufFacts *out_facts,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

void gguf_facts_clear(GgufFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GgufFacts, gguf_facts_clear)
