/*
 * memory/intern.h: short byte strings to small numbers, counted from 0 in the order they come.
 *
 *     Intern *names = intern_new();
 *     bool is_new;
 *     uint32_t id = intern_add(names, "word", 4, &is_new);
 *     size_t length;
 *     const char *bytes = intern_get(names, id, &length);     // borrowed until the next add
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct Intern Intern;

Intern *intern_new(void);
void intern_free(Intern *intern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Intern, intern_free)

uint32_t intern_add(Intern *intern, const char *bytes, size_t length, bool *out_is_new);
const char *intern_get(const Intern *intern, uint32_t id, size_t *out_length);
uint32_t intern_count(const Intern *intern);
