/* cli/approval_text.c: see the header. */
#include "cli/approval_text.h"

#include <string.h>

char *approval_text_question(const ApprovalRequest *request) {
    if (request->is_done) return g_strdup("It was tried apart. Keep these changes?");
    if (request->command != NULL) return g_strdup("Run this command?");
    if (request->diff != NULL) return g_strdup("Change this?");
    return g_strdup_printf("Allow %s?", request->tool);
}

char *approval_text_place(const ApprovalRequest *request, const Paths *paths) {
    g_autofree char *folder =
        request->directory != NULL ? paths_shorten_home(paths, request->directory) : NULL;
    g_autofree char *visible = folder != NULL ? approval_text_visible(folder) : NULL;
    GString *out = g_string_new(NULL);
    if (visible != NULL) g_string_append_printf(out, "in %s", visible);
    if (request->level != NULL)
        g_string_append_printf(out, "%ssandbox %s", out->len > 0 ? " · " : "", request->level);
    if (request->network != NULL)
        g_string_append_printf(out, "%snetwork %s", out->len > 0 ? " · " : "",
                               strcmp(request->network, "none") == 0 ? "off" : request->network);
    return g_string_free(out, FALSE);
}

char *approval_text_subject(const ApprovalRequest *request) {
    if (request->command != NULL) return approval_text_visible(request->command);
    if (request->diff != NULL || request->arguments == NULL) return NULL;
    return approval_text_visible(request->arguments);
}

/* A letter that stands for itself. */
static bool is_visible(gunichar letter) {
    switch (g_unichar_type(letter)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED: return false;
    default: return true;
    }
}

char *approval_text_visible(const char *text) {
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at != '\0';) {
        gunichar letter = g_utf8_get_char_validated(at, -1);
        if (letter == (gunichar)-1 || letter == (gunichar)-2) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*at++);
            continue;
        }
        const char *next = g_utf8_next_char(at);
        if (letter == '\n' || is_visible(letter))
            g_string_append_len(out, at, next - at);
        else if (letter == '\t')
            g_string_append(out, "\\t");
        else if (letter < 0x80)
            g_string_append_printf(out, "\\x%02x", letter);
        else
            g_string_append_printf(out, "\\u{%x}", letter);
        at = next;
    }
    return g_string_free(out, FALSE);
}

char *approval_text_counts(const char *diff) {
    unsigned n_added = 0, n_removed = 0;
    g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, "+++ ") || g_str_has_prefix(*line, "--- ")) continue;
        n_added += **line == '+';
        n_removed += **line == '-';
    }
    return g_strdup_printf("+%u −%u", n_added, n_removed);
}

const char *approval_text_find_diff(const char *text) {
    if (text == NULL) return NULL;
    const char *diff = g_str_has_prefix(text, "--- ") ? text : strstr(text, "\n--- ");
    if (diff == NULL || strstr(diff, "\n+++ ") == NULL) return NULL;
    return *diff == '\n' ? diff + 1 : diff;
}

const char *approval_text_diff_style(const char *line) {
    if (g_str_has_prefix(line, "+++ ") || g_str_has_prefix(line, "--- ")) return "\033[1m";
    if (line[0] == '+') return "\033[32m";
    if (line[0] == '-') return "\033[31m";
    return line[0] == '@' ? "\033[36m" : "";
}
