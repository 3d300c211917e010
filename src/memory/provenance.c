/* memory/provenance.c: see the header. */
#include "memory/provenance.h"

#include <string.h>

#include "base/text.h"
#include "markdown/line_kind.h"

#define OPENING "<!-- localgpt:"
#define CLOSING "-->"

const char *const note_label_names[] = { "owner", "agent", "untrusted", NULL };

void provenance_clear(Provenance *provenance) {
    g_free(provenance->session);
    g_free(provenance->turn);
    g_free(provenance->tool);
    *provenance = (Provenance){ 0 };
}

Provenance provenance_copy(const Provenance *provenance) {
    return (Provenance){ .session = g_strdup(provenance->session),
                         .turn = g_strdup(provenance->turn),
                         .tool = g_strdup(provenance->tool),
                         .label = provenance->label };
}

static void replace(char **member, const char *value) {
    g_free(*member);
    *member = g_strdup(value);
}

static void take_member(Provenance *out, const char *name, const char *value) {
    if (strcmp(name, "session") == 0) replace(&out->session, value);
    if (strcmp(name, "turn") == 0) replace(&out->turn, value);
    if (strcmp(name, "tool") == 0) replace(&out->tool, value);
    if (strcmp(name, "label") != 0) return;
    /* A label that is not known is the least trusted. */
    out->label = NOTE_UNTRUSTED;
    for (int i = 0; note_label_names[i] != NULL; i++)
        if (strcmp(value, note_label_names[i]) == 0) out->label = i;
}

/* "session ID up to ID, trusted" */
static void take_older_form(Provenance *out, char **words) {
    unsigned n_words = g_strv_length(words);
    if (n_words > 1) replace(&out->session, words[1]);
    if (n_words > 4) {
        words[4][strcspn(words[4], ",")] = '\0';
        replace(&out->turn, words[4]);
    }
    bool is_trusted = n_words > 0 && strcmp(words[n_words - 1], "trusted") == 0;
    out->label = is_trusted ? NOTE_AGENT : NOTE_UNTRUSTED;
}

bool provenance_parse(const char *line, size_t length, Provenance *out) {
    size_t n_opening = strlen(OPENING), n_closing = strlen(CLOSING);
    while (length > 0 && g_ascii_isspace(line[length - 1])) length--;
    if (length < n_opening + n_closing || memcmp(line, OPENING, n_opening) != 0) return false;
    if (memcmp(line + length - n_closing, CLOSING, n_closing) != 0) return false;
    g_autofree char *inner = g_strndup(line + n_opening, length - n_opening - n_closing);
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(inner), " \t", -1);
    provenance_clear(out);
    out->label = NOTE_AGENT;
    if (words[0] != NULL && strcmp(words[0], "session") == 0) {
        take_older_form(out, words);
        return true;
    }
    for (char **word = words; *word != NULL; word++) {
        char *value = strchr(*word, '=');
        if (value == NULL) continue;
        *value++ = '\0';
        take_member(out, *word, value);
    }
    return true;
}

/* An id goes into the mark as one word. */
static void add_member(GString *mark, const char *name, const char *value) {
    if (value == NULL || value[0] == '\0') return;
    g_string_append_printf(mark, " %s=", name);
    for (const char *at = value; *at != '\0'; at++)
        g_string_append_c(mark, g_ascii_isalnum(*at) || strchr("._:/+", *at) != NULL ? *at : '-');
}

char *provenance_format(const NoteOrigin *origin) {
    GString *mark = g_string_new(OPENING);
    add_member(mark, "session", origin->session);
    add_member(mark, "turn", origin->turn);
    add_member(mark, "tool", origin->tool);
    add_member(mark, "label", note_label_names[origin->label]);
    /* "--" may not stand in a comment. */
    for (char *at = mark->str; (at = strstr(at + strlen(OPENING), "--")) != NULL;) at[1] = '_';
    g_string_append(mark, " -->");
    return g_string_free(mark, FALSE);
}

/* The section of a note, and so its origin, ends with the next heading: the text gets only deeper
 * ones, and every fence is closed. */
static void add_line(GString *out, const char *line, LineKind *fence) {
    LineKind kind = line_kind_of(line, strlen(line));
    bool is_in_fence = fence->n_fence > 0;
    if (kind.type == LINE_FENCE && !is_in_fence) {
        *fence = kind;
    } else if (is_in_fence) {
        bool is_end = kind.type == LINE_FENCE && kind.fence == fence->fence && !kind.has_info &&
                      kind.n_fence >= fence->n_fence;
        if (is_end) fence->n_fence = 0;
    } else if (kind.type == LINE_HEADING) {
        const char *marks = strchr(line, '#');
        size_t level = strspn(marks, "#");
        for (size_t i = level; i < MIN(level + 3, 6); i++) g_string_append_c(out, '#');
        line = marks;
    } else if (kind.type == LINE_RULE) {
        /* Below a line of words it would make a heading of that. */
        g_string_append_c(out, '\\');
    }
    g_string_append_printf(out, "%s\n", line);
}

static char *keep_in_section(const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);
    LineKind fence = { 0 };
    for (char **line = lines; *line != NULL; line++) add_line(out, *line, &fence);
    for (size_t i = 0; i < fence.n_fence; i++) g_string_append_c(out, fence.fence);
    return g_strstrip(g_string_free(out, FALSE));
}

char *provenance_clean_text(const char *text) {
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    /* Until nothing is left: taking one out may put another together. */
    while (strstr(safe, "<!--") != NULL || strstr(safe, "-->") != NULL) {
        g_auto(GStrv) opened = g_strsplit(safe, "<!--", -1);
        g_autofree char *closed = g_strjoinv("", opened);
        g_auto(GStrv) rest = g_strsplit(closed, "-->", -1);
        g_free(safe);
        safe = g_strjoinv("", rest);
    }
    return keep_in_section(g_strstrip(safe));
}
