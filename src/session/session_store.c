/* session/session_store.c: finding and listing the session files of one agent. */
#include "session/session_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "session/session_index.h"
#include "session/transcript_entry.h"
#include "session/transcript_lines.h"

#define SUFFIX ".jsonl"

enum {
    MAX_ID_CHARS = 128,
    MAX_COUNTED_BYTES = 4 << 20, /* a larger file is not read to its end for a list */
    MAX_HEAD_BYTES = 1 << 20,    /* the first user message of such a file is looked for here */
    MAX_TITLE_CHARS = 60,
    MAX_NAMED_CANDIDATES = 5
};

static bool is_id(const char *text, size_t length) {
    if (length == 0 || length > MAX_ID_CHARS) return false;
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_') return false;
    return true;
}

char *session_store_folder(const Paths *paths, const char *agent, GError **error) {
    if (!is_id(agent, strlen(agent))) {
        error_set_with_hint(error, ERR_USAGE, "Use letters, digits, '-' and '_', at most 128.",
                            "'%s' is not an agent name", agent);
        return NULL;
    }
    return g_build_filename(paths->state, "agents", agent, "sessions", NULL);
}

/* A file named like a session. */
typedef struct {
    char *id;
    char *path;
    int64_t changed_ns;
    int64_t size_bytes;
    bool is_regular;
} Candidate;

static void candidate_free(void *data) {
    Candidate *candidate = data;
    g_free(candidate->id);
    g_free(candidate->path);
    g_free(candidate);
}

static int compare_newest_first(const void *left, const void *right) {
    const Candidate *a = *(Candidate *const *)left, *b = *(Candidate *const *)right;
    if (a->changed_ns != b->changed_ns) return a->changed_ns < b->changed_ns ? 1 : -1;
    return strcmp(a->id, b->id);
}

/* NULL when the name is not that of a session, or the file went away meanwhile. */
static Candidate *read_candidate(const char *folder, int folder_fd, const char *name) {
    if (!g_str_has_suffix(name, SUFFIX)) return NULL;
    size_t length = strlen(name) - strlen(SUFFIX);
    struct stat info;
    if (!is_id(name, length) || fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return NULL;
    Candidate *candidate = g_new0(Candidate, 1);
    candidate->id = g_strndup(name, length);
    candidate->path = g_build_filename(folder, name, NULL);
    candidate->changed_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    candidate->size_bytes = info.st_size;
    candidate->is_regular = S_ISREG(info.st_mode);
    return candidate;
}

/* Candidate, owned, newest first; empty for a folder that is missing. */
static GPtrArray *read_folder(const char *folder, GError **error) {
    GPtrArray *candidates = g_ptr_array_new_with_free_func(candidate_free);
    DIR *listing = opendir(folder);
    if (listing == NULL && errno == ENOENT) return candidates;
    if (listing == NULL) {
        error_set_errno(error, errno, "reading '%s'", folder);
        g_ptr_array_unref(candidates);
        return NULL;
    }
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        Candidate *candidate = read_candidate(folder, dirfd(listing), entry->d_name);
        if (candidate != NULL) g_ptr_array_add(candidates, candidate);
    }
    closedir(listing);
    g_ptr_array_sort(candidates, compare_newest_first);
    return candidates;
}

static void set_ambiguous(const GPtrArray *found, const char *prefix, GError **error) {
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned i = 0; i < found->len && i < MAX_NAMED_CANDIDATES; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
                               ((const Candidate *)g_ptr_array_index(found, i))->id);
    if (found->len > MAX_NAMED_CANDIDATES)
        g_string_append_printf(names, " and %u more", found->len - MAX_NAMED_CANDIDATES);
    error_set_with_hint(error, ERR_USAGE, "Give more characters of the id.",
                        "'%s' begins the id of %u sessions: %s", prefix, found->len, names->str);
}

char *session_store_find(const char *folder, const char *prefix, GError **error) {
    if (!is_id(prefix, strlen(prefix))) {
        error_set(error, ERR_USAGE, "'%s' is not a session id or the beginning of one", prefix);
        return NULL;
    }
    g_autoptr(GPtrArray) candidates = read_folder(folder, error);
    if (candidates == NULL) return NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    for (unsigned i = 0; i < candidates->len; i++) {
        Candidate *candidate = g_ptr_array_index(candidates, i);
        if (!candidate->is_regular || !g_str_has_prefix(candidate->id, prefix)) continue;
        if (strcmp(candidate->id, prefix) == 0) return g_strdup(candidate->path);
        g_ptr_array_add(found, candidate);
    }
    if (found->len == 1) return g_strdup(((const Candidate *)g_ptr_array_index(found, 0))->path);
    if (found->len == 0)
        error_set(error, ERR_NOT_FOUND, "there is no session whose id begins with '%s'", prefix);
    else
        set_ambiguous(found, prefix, error);
    return NULL;
}

char *session_store_newest(const char *folder, GError **error) {
    g_autoptr(GPtrArray) candidates = read_folder(folder, error);
    if (candidates == NULL) return NULL;
    for (unsigned i = 0; i < candidates->len; i++) {
        const Candidate *candidate = g_ptr_array_index(candidates, i);
        if (candidate->is_regular) return g_strdup(candidate->path);
    }
    error_set_with_hint(error, ERR_NOT_FOUND, "Start one with 'localgpt chat'.",
                        "there is no session yet");
    return NULL;
}

void session_summary_free(SessionSummary *summary) {
    if (summary == NULL) return;
    g_free(summary->id);
    g_free(summary->path);
    g_free(summary->title);
    g_free(summary);
}

static char *make_title(const Message *message) {
    g_autofree char *text = message_text(message);
    /* Enough for the title, wherever the cut falls. */
    size_t length = text_cut(text, strlen(text), 4096);
    g_autofree char *safe = text_strip_terminal(text, length);
    g_strdelimit(safe, "\n\t", ' ');
    return text_ellipsize(g_strstrip(safe), MAX_TITLE_CHARS);
}

/* What reading a file for its summary found so far. */
typedef struct {
    bool has_header;
    int64_t n_messages;
    char *title; /* owned */
} Reading;

static void read_line(Reading *reading, const TranscriptLine *line) {
    TranscriptHead head;
    if (line->text == NULL || !transcript_entry_scan(line->text, line->length, &head)) return;
    if (head.kind == TRANSCRIPT_SESSION) reading->has_header = true;
    if (head.kind != TRANSCRIPT_MESSAGE) return;
    reading->n_messages++;
    if (reading->title != NULL) return;
    json_t *entry = transcript_entry_parse(line->text, line->length);
    g_autoptr(Message) message = entry != NULL ? transcript_entry_message(entry) : NULL;
    if (message != NULL && message->role == ROLE_USER) reading->title = make_title(message);
    json_decref(entry);
}

enum { NOT_COUNTED = -1, NO_SESSION = -2 };

/* Reads the file; its title is owned by the caller. */
static SessionRow read_row(const Candidate *candidate) {
    SessionRow row = { .changed_ns = candidate->changed_ns,
                       .size_bytes = candidate->size_bytes,
                       .n_messages = NO_SESSION };
    TranscriptLines lines;
    Reading reading = { 0 };
    if (candidate->is_regular && transcript_lines_open(&lines, candidate->path, NULL)) {
        bool is_counted = candidate->size_bytes <= MAX_COUNTED_BYTES;
        TranscriptLine line;
        while (transcript_lines_next(&lines, &line)) {
            read_line(&reading, &line);
            if (!is_counted && (reading.title != NULL || lines.offset > MAX_HEAD_BYTES)) break;
        }
        if (reading.has_header && lines.read_errno == 0)
            row.n_messages = is_counted ? reading.n_messages : NOT_COUNTED;
        transcript_lines_close(&lines);
    }
    row.title = reading.title != NULL ? reading.title : g_strdup("");
    return row;
}

/* NULL when the file is no session. */
static SessionSummary *summarize(SessionIndex *index, const Candidate *candidate) {
    const SessionRow *row =
        session_index_find(index, candidate->id, candidate->changed_ns, candidate->size_bytes);
    if (row == NULL) {
        SessionRow fresh = read_row(candidate);
        row = session_index_put(index, candidate->id, &fresh);
        g_free(fresh.title);
    }
    if (row->n_messages == NO_SESSION) return NULL;
    SessionSummary *summary = g_new0(SessionSummary, 1);
    summary->id = g_strdup(candidate->id);
    summary->path = g_strdup(candidate->path);
    summary->title = g_strdup(row->title);
    summary->changed_ms = candidate->changed_ns / 1000000;
    summary->n_messages = row->n_messages;
    return summary;
}

GPtrArray *session_store_list(const char *folder, unsigned *out_n_unreadable, GError **error) {
    g_autoptr(GPtrArray) candidates = read_folder(folder, error);
    if (candidates == NULL) return NULL;
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)session_summary_free);
    g_autoptr(SessionIndex) index = session_index_load(folder);
    unsigned n_unreadable = 0;
    for (unsigned i = 0; i < candidates->len; i++) {
        SessionSummary *summary = summarize(index, g_ptr_array_index(candidates, i));
        if (summary != NULL)
            g_ptr_array_add(list, summary);
        else
            n_unreadable++;
    }
    session_index_save(index, folder);
    if (out_n_unreadable != NULL) *out_n_unreadable = n_unreadable;
    return list;
}
