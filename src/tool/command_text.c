/* tool/command_text.c: head, tail, and the last word. */
#include "tool/command_text.h"

#include <string.h>

#include "base/text.h"

char *command_text_cut(const char *bytes, size_t length, uint64_t total, size_t max_bytes) {
    g_autofree char *safe = text_strip_terminal(bytes, length);
    size_t n = strlen(safe);
    g_autoptr(GString) out = g_string_new(NULL);
    if (total > length)
        g_string_append_printf(out, "[the first %" G_GUINT64_FORMAT " bytes are gone]\n",
                               (guint64)(total - length));
    if (max_bytes == 0 || n <= max_bytes) {
        g_string_append(out, safe);
        return g_string_free(g_steal_pointer(&out), FALSE);
    }
    size_t head = text_cut(safe, n, max_bytes / 4);
    size_t tail = n - (max_bytes - head);
    while (tail < n && ((unsigned char)safe[tail] & 0xc0) == 0x80) tail++;
    g_string_append_len(out, safe, (gssize)head);
    g_string_append_printf(out,
                           "\n[... %zu bytes left out; to see them send the output to a file and "
                           "read that, or use grep, head or tail ...]\n",
                           tail - head);
    g_string_append(out, safe + tail);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *command_text_end(const SandboxOutcome *outcome, int64_t timeout_ms) {
    g_autoptr(GString) out = g_string_new(NULL);
    if (outcome->is_timed_out)
        g_string_append_printf(
            out,
            "Stopped after %.1f s, its time limit%s. Use a larger timeout_ms, or "
            "background.",
            (double)outcome->duration_ms / 1000, timeout_ms > 0 ? " (timeout_ms)" : "");
    else if (outcome->is_cancelled)
        g_string_append(out, "It was stopped.");
    else if (outcome->signal != 0)
        g_string_append_printf(out, "Ended by signal %d (%s).", outcome->signal,
                               g_strsignal(outcome->signal));
    else
        g_string_append_printf(out, "Exit status: %d", outcome->exit_status);
    if (outcome->limit_hit != NULL) g_string_append_printf(out, "\n%s", outcome->limit_hit);
    for (unsigned i = 0; outcome->withheld != NULL && i < outcome->withheld->len; i++)
        g_string_append_printf(out, "%s\n- %s", i == 0 ? "\nNot taken over:" : "",
                               (const char *)g_ptr_array_index(outcome->withheld, i));
    return g_string_free(g_steal_pointer(&out), FALSE);
}
