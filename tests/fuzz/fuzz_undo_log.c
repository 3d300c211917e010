/* Any bytes as the log of a turn: read, and what was read is written and read again the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "undo/turn_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a line says does not change by being written anew. */
static void check_line(const char *line, size_t length) {
    UndoRecord record, again;
    if (!undo_record_parse(line, length, &record)) return;
    g_autoptr(GString) first = g_string_new(NULL);
    undo_record_format(&record, first);
    if (!undo_record_parse(first->str, first->len - 1, &again)) abort();
    g_autoptr(GString) second = g_string_new(NULL);
    undo_record_format(&again, second);
    if (!g_string_equal(first, second)) abort();
    undo_record_clear(&record);
    undo_record_clear(&again);
}

/* With a right checksum behind it, so that what is behind the checksum is reached too. */
static void check_sealed(const char *text, size_t length) {
    const char *end = memchr(text, '\n', length);
    size_t body = end != NULL ? (size_t)(end - text) : length;
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < body; i++) sum = (sum ^ (unsigned char)text[i]) * 16777619u;
    g_autoptr(GString) line = g_string_new_len(text, (gssize)body);
    g_string_append_printf(line, " #%08x", sum);
    check_line(line->str, line->len);
    g_string_append_c(line, '\n');
    g_autoptr(UndoTurnLog) log = undo_turn_log_new();
    undo_turn_log_apply_text(log, line->str, line->len);
    undo_turn_log_apply_text(log, line->str, line->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    g_autoptr(UndoTurnLog) log = undo_turn_log_new();
    size_t good = undo_turn_log_apply_text(log, text, size);
    if (good > size) abort();
    for (unsigned i = 0; i < log->entries->len; i++) {
        const UndoEntry *entry = log->entries->pdata[i];
        if (undo_turn_log_entry(log, entry->step, entry->path) != entry) abort();
    }
    check_line(text, size);
    check_sealed(text, size);
    return 0;
}
