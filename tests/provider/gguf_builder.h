/*
 * tests/provider/gguf_builder.h: makes small GGUF files, right and wrong ones, byte by byte.
 *
 *     g_autoptr(GByteArray) file = gguf_builder_new(3, 1, 2);
 *     gguf_builder_text(file, "general.architecture", "llama");
 *     gguf_builder_u32(file, "llama.context_length", 2048);
 *     gguf_builder_tensor(file, "token_embd.weight", 64, 0);
 *     gguf_builder_data(file, 64 * 4);
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include <glib.h>

static inline void gguf_builder_number(GByteArray *file, uint64_t value, int n_bytes) {
    for (int i = 0; i < n_bytes; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));
        g_byte_array_append(file, &byte, 1);
    }
}

static inline void gguf_builder_string(GByteArray *file, const char *text) {
    gguf_builder_number(file, strlen(text), 8);
    g_byte_array_append(file, (const uint8_t *)text, (guint)strlen(text));
}

static inline GByteArray *gguf_builder_new(uint32_t version, uint64_t n_tensors, uint64_t n_keys) {
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, (const uint8_t *)"GGUF", 4);
    gguf_builder_number(file, version, 4);
    gguf_builder_number(file, n_tensors, 8);
    gguf_builder_number(file, n_keys, 8);
    return file;
}

static inline void gguf_builder_key(GByteArray *file, const char *key, uint32_t type) {
    gguf_builder_string(file, key);
    gguf_builder_number(file, type, 4);
}

static inline void gguf_builder_text(GByteArray *file, const char *key, const char *value) {
    gguf_builder_key(file, key, 8);
    gguf_builder_string(file, value);
}

static inline void gguf_builder_u32(GByteArray *file, const char *key, uint32_t value) {
    gguf_builder_key(file, key, 4);
    gguf_builder_number(file, value, 4);
}

/* One dimension, at the start of the data. */
static inline void gguf_builder_tensor(GByteArray *file, const char *name, uint64_t n_elements,
                                       uint32_t type) {
    gguf_builder_string(file, name);
    gguf_builder_number(file, 1, 4);
    gguf_builder_number(file, n_elements, 8);
    gguf_builder_number(file, type, 4);
    gguf_builder_number(file, 0, 8);
}

/* Zeros up to the next multiple of 32, then `n_bytes` of data. */
static inline void gguf_builder_data(GByteArray *file, guint n_bytes) {
    guint padding = (32 - file->len % 32) % 32;
    guint start = file->len;
    g_byte_array_set_size(file, start + padding + n_bytes);
    memset(file->data + start, 0, padding + n_bytes);
}

/* A whole small model: 64 floats, named `name`. */
static inline GByteArray *gguf_builder_model(const char *name) {
    GByteArray *file = gguf_builder_new(3, 1, 4);
    gguf_builder_text(file, "general.architecture", "llama");
    gguf_builder_text(file, "general.name", name);
    gguf_builder_text(file, "general.license", "apache-2.0");
    gguf_builder_u32(file, "llama.context_length", 2048);
    gguf_builder_tensor(file, "token_embd.weight", 64, 0);
    gguf_builder_data(file, 64 * 4);
    return file;
}
