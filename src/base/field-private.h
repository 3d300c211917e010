/*
 * base/field-private.h: what field.c (the walkers) and field_value.c (single values) share.
 */
#pragma once

#include "base/field.h"

#define FIELD_MAX_DEPTH 64

typedef struct {
    unsigned flags;
    GString *path; /* borrowed: dotted path of the member at hand */
    GError *first_error;
    FieldProblemFn on_problem;
    FieldProblemFn on_unknown;
    void *user_data;
    unsigned n_problems;
} FieldDecoder;

static inline void *field_member(const Field *field, void *object) {
    return (char *)object + field->offset;
}

static inline const void *field_member_const(const Field *field, const void *object) {
    return (const char *)object + field->offset;
}

void field_problem(FieldDecoder *decoder, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Appends ".name" to the path; returns the length to truncate to afterwards. */
size_t field_path_push(FieldDecoder *decoder, const char *name);

void field_decode_object(FieldDecoder *decoder, const Field *fields, void *object,
                         const json_t *json);
void field_decode_members(FieldDecoder *decoder, const Field *fields, void *object,
                          const json_t *json);
void field_decode_value(FieldDecoder *decoder, const Field *field, void *object,
                        const json_t *value);

void field_encode_members(const Field *fields, const void *object, json_t *into);
json_t *field_encode_value(const Field *field, const void *object);
bool field_is_empty(const Field *field, const void *object);
void field_clear_value(const Field *field, void *object);
void field_default_value(const Field *field, void *object);

/* "a string", "an integer", ... */
const char *field_kind_text(const Field *field);
const char *field_json_kind(const json_t *json);
