/* cli/cmd_memory.c: `localgpt memory search|recent|reindex|stats`; the notes themselves are the
 * business of cmd_memory_notes.c. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/memory_access.h"

/* clang-format off */
static const Option search_options[] = {
    { "limit",    'l', OPTION_INT,    .argument = "N", .min = 1, .max = 1000, .default_text = "10", .help = "Hits at most" },
    { "mode",     0,   OPTION_CHOICE, .argument = "MODE", .choices = search_mode_names, .default_text = "hybrid", .help = "What to go by" },
    { "sessions", 0,   OPTION_FLAG,   .help = "Look through the conversations, too" },
    { "diverse",  0,   OPTION_FLAG,   .help = "Leave out hits that say the same again" },
    { "explain",  0,   OPTION_FLAG,   .help = "Show what each score is made of" },
    { 0 }
};
static const Example search_examples[] = {
    { "memory search \"when is the train to Vienna\"", "By words and by meaning." },
    { "memory search '\"night train\" since:2026-01'",  "A phrase, in notes of a date." },
    { "memory search --mode words 'vien* path:trips/'", "A beginning, below a folder." },
    { "memory search --sessions --json invoice",        "Conversations too, for a script." },
    { 0 }
};
static const Option recent_options[] = {
    { "count", 'n', OPTION_INT, .argument = "N", .min = 1, .max = 1000, .default_text = "10", .help = "Notes shown at most" },
    { 0 }
};
static const Example recent_examples[] = {
    { "memory recent",      "The newest daily notes." },
    { "memory recent -n 3", "Three of them." },
    { 0 }
};
static const Option reindex_options[] = {
    { "force", 'f', OPTION_FLAG, .help = "Read every file again, changed or not" },
    { 0 }
};
static const Example reindex_examples[] = {
    { "memory reindex",         "Look which files changed." },
    { "memory reindex --force", "Make the whole index again." },
    { 0 }
};
static const Example stats_examples[] = {
    { "memory stats",        "What is indexed." },
    { "memory stats --json", "The same for a script." },
    { 0 }
};

static const Example show_examples[] = {
    { "memory show",                           "MEMORY.md." },
    { "memory show memory/2026-11-24.md#L3-9", "Some lines of a note." },
    { 0 }
};
static const Example add_examples[] = {
    { "memory add The train leaves at 20:15", "A note of today." },
    { "memory add < list.txt",                "The same from a file." },
    { 0 }
};
static const Example edit_examples[] = {
    { "memory edit",                   "MEMORY.md in your editor." },
    { "memory edit knowledge/wine.md", "Another note, made when it is not there." },
    { 0 }
};
static const Example forget_examples[] = {
    { "memory forget --dry-run \"old address\"", "What would go." },
    { "memory forget --yes \"old address\"",     "Remove it everywhere." },
    { 0 }
};
static const Example where_examples[] = {
    { "memory where", "Where notes and index lie." },
    { 0 }
};
static const Example why_examples[] = {
    { "memory why \"the train leaves at 20:15\"", "Which note says so, and who wrote it." },
    { "memory why memory/2026-11-24.md#L3-9",     "Where a cited note comes from." },
    { 0 }
};

const Command cmd_memory_subcommands[] = {
    { "search", .arguments = "QUERY...", .summary = "Find notes by words and by meaning",
      .description = "Best first. In the query, \"quotes\" hold a phrase, word* is a beginning, and since:2026-01-01, before:30d "
                     "and path:trips/ narrow it down. Nothing in a query is an error.\n\n"
                     "Files that changed are indexed first, so a note that was just saved is found. The last line tells how it "
                     "was searched and over how much.",
      .examples = search_examples, .options = search_options, .needs = NEEDS_CONFIG, .min_arguments = 0, .max_arguments = -1,
      .run = cmd_memory_search_run },
    { "recent", .summary = "Show the newest daily notes",
      .description = "Files of the folder memory/, newest name first, each with its last line.",
      .examples = recent_examples, .options = recent_options, .needs = NEEDS_CONFIG, .run = cmd_memory_recent_run },
    { "reindex", .summary = "Bring the index up to date",
      .description = "The index is made from the notes and can always be made again; it is checked first, and what is damaged "
                     "is replaced.",
      .examples = reindex_examples, .options = reindex_options, .needs = NEEDS_CONFIG, .run = cmd_memory_reindex_run },
    { "stats", .summary = "Show what is indexed",
      .description = "The workspace, the size of the index, and every file with its pieces and lines, also those that were "
                     "left out and why.",
      .examples = stats_examples, .needs = NEEDS_CONFIG, .run = cmd_memory_stats_run },
    { "show", .arguments = "[NOTE]", .summary = "Print a note, or some of its lines",
      .description = "A note is named as the search does: a path below the workspace, and #L10-20 for lines of it.",
      .examples = show_examples, .needs = NEEDS_CONFIG, .max_arguments = 1, .run = cmd_memory_show_run },
    { "add", .arguments = "[TEXT...|-]", .summary = "Add a note to today's file",
      .description = "Goes to memory/YYYY-MM-DD.md with the time above it, and is on the disk when the command ends. Without "
                     "words the text comes from standard input.",
      .examples = add_examples, .needs = NEEDS_CONFIG, .max_arguments = -1, .run = cmd_memory_add_run },
    { "edit", .arguments = "[NOTE]", .summary = "Open a note in your editor",
      .description = "Uses VISUAL, EDITOR or 'editor', and indexes what changed.",
      .examples = edit_examples, .needs = NEEDS_CONFIG, .max_arguments = 1, .run = cmd_memory_edit_run },
    { "forget", .arguments = "TEXT...", .summary = "Remove a text from every note",
      .description = "Takes out each list item, paragraph or line that has the text, in any case, then everything in the index "
                     "and the vectors that came from it, and searches again to prove it. Conversations in which it was said stay; "
                     "how many have it is told.",
      .examples = forget_examples, .options = cmd_memory_forget_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = -1,
      .run = cmd_memory_forget_run },
    { "where", .summary = "Show where notes and index lie",
      .description = "The notes are yours, the index can always be made again.",
      .examples = where_examples, .needs = NEEDS_CONFIG, .run = cmd_memory_where_run },
    { "why", .arguments = "CLAIM...", .summary = "Show which note bears a claim out, and who wrote it",
      .description = "Finds the note for a sentence, or takes a citation like memory/2026-11-24.md#L3-9, and walks back: who "
                     "said it (owner, agent, untrusted), in which conversation, after which message, with which tool.",
      .examples = why_examples, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = -1, .run = cmd_memory_why_run },
    { 0 }
};

static const Field searched_fields[] = {
    { "files",    FIELD_INT(MemoryAnswer, n_files),    .help = "Notes." },
    { "chunks",   FIELD_INT(MemoryAnswer, n_chunks),   .help = "Pieces of them." },
    { "messages", FIELD_INT(MemoryAnswer, n_messages), .help = "Messages of conversations." },
    { 0 }
};
static const Field hit_fields[] = {
    { "path",       FIELD_STRING(MemoryHit, path),       .help = "The note, below the workspace or absolute." },
    { "start_line", FIELD_INT(MemoryHit, start_line),    .help = "First line, counted from 1." },
    { "end_line",   FIELD_INT(MemoryHit, end_line),      .help = "Last line." },
    { "session",    FIELD_STRING(MemoryHit, session),    .help = "Id of the conversation, \"\" for a note." },
    { "message",    FIELD_STRING(MemoryHit, message),    .help = "Id of the message in it." },
    { "score",      FIELD_DOUBLE(MemoryHit, score),      .help = "0 to 1: words + meaning + context." },
    { "words",      FIELD_DOUBLE(MemoryHit, words),      .help = "Share of the words." },
    { "meaning",    FIELD_DOUBLE(MemoryHit, meaning),    .help = "Share of the meaning." },
    { "context",    FIELD_DOUBLE(MemoryHit, context),    .help = "Share of what stands around it." },
    { "date",       FIELD_STRING(MemoryHit, date),       .help = "Date of the note, \"\" when it has none." },
    { "heading",    FIELD_STRING(MemoryHit, heading),    .help = "Headings above it." },
    { "text",       FIELD_STRING(MemoryHit, text),       .help = "The whole piece." },
    { 0 }
};
typedef struct {
    char *query;
    char *mode;
    MemoryAnswer searched;
    double took_ms;
    char *notice;
    GPtrArray *hits;
} SearchReply;
static const Field search_fields[] = {
    { "query",    FIELD_STRING(SearchReply, query),  .help = "What was looked for." },
    { "mode",     FIELD_STRING(SearchReply, mode),   .help = "How it was searched: hybrid, words or meaning." },
    { "searched", FIELD_STRUCT(SearchReply, searched, searched_fields), .help = "Over how much." },
    { "took_ms",  FIELD_DOUBLE(SearchReply, took_ms), .help = "Milliseconds." },
    { "notice",   FIELD_STRING(SearchReply, notice), .flags = FIELD_OMIT_EMPTY, .help = "Why it was searched in another way than asked for." },
    { "hits",     FIELD_STRUCTS(SearchReply, hits, MemoryHit, hit_fields), .help = "Best first." },
    { 0 }
};
typedef struct {
    char *date;
    char *path;
    char *preview;
} RecentNote;
static const Field recent_note_fields[] = {
    { "date",    FIELD_STRING(RecentNote, date),    .help = "Of its name, \"\" when there is none." },
    { "path",    FIELD_STRING(RecentNote, path),    .help = "Below the workspace." },
    { "preview", FIELD_STRING(RecentNote, preview), .help = "Its last line." },
    { 0 }
};
typedef struct {
    GPtrArray *notes;
} RecentReply;
static const Field recent_fields[] = {
    { "notes", FIELD_STRUCTS(RecentReply, notes, RecentNote, recent_note_fields), .help = "Newest first." },
    { 0 }
};
static const Field reindex_fields[] = {
    { "seen",    FIELD_INT(SyncReport, n_seen),     .help = "Files that were looked at." },
    { "updated", FIELD_INT(SyncReport, n_updated),  .help = "Read and indexed again." },
    { "removed", FIELD_INT(SyncReport, n_removed),  .help = "Gone." },
    { "skipped", FIELD_INT(SyncReport, n_skipped),  .help = "Could not be read." },
    { "chunks",  FIELD_INT(SyncReport, n_chunks),   .help = "Pieces in the index." },
    { "bytes",   FIELD_INT(SyncReport, n_bytes),    .help = "Of the files that were read." },
    { "took_ms", FIELD_DOUBLE(SyncReport, took_ms), .help = "Milliseconds." },
    { 0 }
};
static const Field file_fields[] = {
    { "path",   FIELD_STRING(MemoryFile, path),  .help = "Below the workspace, or absolute." },
    { "chunks", FIELD_INT(MemoryFile, n_chunks), .help = "Pieces." },
    { "lines",  FIELD_INT(MemoryFile, n_lines),  .help = "Lines." },
    { "bytes",  FIELD_INT(MemoryFile, n_bytes),  .help = "Size." },
    { "date",   FIELD_STRING(MemoryFile, date),  .help = "Of the note, \"\" when it has none." },
    { 0 }
};
static const Field skipped_fields[] = {
    { "path",   FIELD_STRING(MemorySkipped, path),   .help = "The file." },
    { "reason", FIELD_STRING(MemorySkipped, reason), .help = "Why it is left out." },
    { 0 }
};
typedef struct {
    char *workspace;
    MemoryStats stats;
} StatsReply;
static const Field stats_fields[] = {
    { "workspace",   FIELD_STRING(StatsReply, workspace),          .help = "Folder of the notes." },
    { "files",       FIELD_STRUCTS(StatsReply, stats.files, MemoryFile, file_fields), .help = "By name." },
    { "skipped",     FIELD_STRUCTS(StatsReply, stats.skipped, MemorySkipped, skipped_fields), .help = "Left out." },
    { "chunks",      FIELD_INT(StatsReply, stats.n_chunks),        .help = "Pieces of the notes." },
    { "vectors",     FIELD_INT(StatsReply, stats.n_vectors),       .help = "Of them with a vector." },
    { "sessions",    FIELD_INT(StatsReply, stats.n_sessions),      .help = "Conversations that are indexed." },
    { "messages",    FIELD_INT(StatsReply, stats.n_messages),      .help = "Their messages." },
    { "embedder",    FIELD_STRING(StatsReply, stats.embedder),     .help = "What makes the vectors, \"\" for nothing." },
    { "index_bytes", FIELD_INT(StatsReply, stats.n_index_bytes),   .help = "Size of the index and its vectors." },
    { 0 }
};
/* clang-format on */

/* Searching. */

static bool print_hit(const App *app, const MemoryHit *hit, unsigned number, bool is_explained,
                      GError **error) {
    bool is_message = hit->session[0] != '\0';
    g_autofree char *place =
        is_message ? g_strdup_printf("session %.8s (message %s)", hit->session, hit->message)
                   : g_strdup_printf("%s (lines %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT ")",
                                     hit->path, (gint64)hit->start_line, (gint64)hit->end_line);
    g_autofree char *safe = text_strip_terminal(place, strlen(place));
    g_autofree char *shares = is_explained
                                  ? g_strdup_printf(" = words %.3f + meaning %.3f + context %.3f",
                                                    hit->words, hit->meaning, hit->context)
                                  : g_strdup("");
    const char *origin = hit->label == NOTE_UNTRUSTED ? "   Origin: untrusted\n" : "";
    return app_print(app, error, "%u. %s\n   Score: %.3f%s\n%s   %s\n\n", number, safe, hit->score,
                     shares, origin, hit->snippet);
}

static bool print_answer(const App *app, const MemoryAnswer *answer, bool is_explained,
                         GError **error) {
    if (answer->hits->len == 0) {
        if (!app_print(app, error, "No results found for '%s'\n", answer->query)) return false;
    } else if (!app_print(app, error, "Found %u results for '%s':\n\n", answer->hits->len,
                          answer->query)) {
        return false;
    }
    for (unsigned i = 0; i < answer->hits->len; i++)
        if (!print_hit(app, g_ptr_array_index(answer->hits, i), i + 1, is_explained, error))
            return false;
    g_autofree char *messages =
        answer->n_messages > 0
            ? g_strdup_printf(", %" G_GINT64_FORMAT " messages", (gint64)answer->n_messages)
            : g_strdup("");
    return app_print(app, error,
                     "Searched by %s: %" G_GINT64_FORMAT " files, %" G_GINT64_FORMAT
                     " pieces%s, %.1f ms%s%s\n",
                     strcmp(answer->mode, "hybrid") == 0 ? "words and meaning" : answer->mode,
                     (gint64)answer->n_files, (gint64)answer->n_chunks, messages, answer->took_ms,
                     answer->notice[0] != '\0' ? "; " : "", answer->notice);
}

bool cmd_memory_search_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    g_autofree char *query = g_strjoinv(" ", (char **)command_line_arguments(line));
    const MemoryRequest request = {
        .query = query,
        .limit = command_line_int(line, "limit", 10),
        .mode = command_line_choice(line, "mode", SEARCH_HYBRID),
        .flags = (command_line_flag(line, "sessions") ? SEARCH_SESSIONS : 0U) |
                 (command_line_flag(line, "diverse") ? SEARCH_DIVERSE : 0U),
    };
    g_autoptr(MemoryAnswer) answer = memory_search(access->memory, &request, app->cancel, error);
    if (answer == NULL) return false;
    memory_access_tell(app, access);
    if (!app->is_json) return print_answer(app, answer, command_line_flag(line, "explain"), error);
    const SearchReply reply = { .query = answer->query,
                                .mode = answer->mode,
                                .searched = *answer,
                                .took_ms = answer->took_ms,
                                .notice = answer->notice,
                                .hits = answer->hits };
    return app_print_json(app, search_fields, &reply, error);
}

/* The newest notes. */

static void free_recent(void *data) {
    RecentNote *note = data;
    g_free(note->date);
    g_free(note->path);
    g_free(note->preview);
    g_free(note);
}

/* The last line that is not blank. New string, "" when there is none. */
static char *last_line(Memory *memory, const char *path) {
    g_autofree char *text = memory_get(memory, path, 0, 0, NULL);
    if (text == NULL) return g_strdup("");
    g_strchomp(text);
    const char *newline = strrchr(text, '\n');
    g_autofree char *line = text_strip_terminal(newline != NULL ? newline + 1 : text,
                                                strlen(newline != NULL ? newline + 1 : text));
    return text_ellipsize(g_strstrip(line), 100);
}

static int compare_newest(const void *left, const void *right) {
    const MemoryFile *a = *(MemoryFile *const *)left, *b = *(MemoryFile *const *)right;
    int order = strcmp(b->date, a->date);
    return order != 0 ? order : strcmp(b->path, a->path);
}

static GPtrArray *find_recent(Memory *memory, const MemoryStats *stats, unsigned n_most) {
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    for (unsigned i = 0; i < stats->files->len; i++) {
        MemoryFile *file = g_ptr_array_index(stats->files, i);
        bool is_daily = g_str_has_prefix(file->path, "memory/") &&
                        strchr(file->path + strlen("memory/"), '/') == NULL;
        if (is_daily) g_ptr_array_add(files, file);
    }
    g_ptr_array_sort(files, compare_newest);
    GPtrArray *notes = g_ptr_array_new_with_free_func(free_recent);
    for (unsigned i = 0; i < MIN(files->len, n_most); i++) {
        const MemoryFile *file = g_ptr_array_index(files, i);
        RecentNote *note = g_new(RecentNote, 1);
        *note = (RecentNote){ g_strdup(file->date), g_strdup(file->path),
                              last_line(memory, file->path) };
        g_ptr_array_add(notes, note);
    }
    return notes;
}

/* What the index knows, after a look at the files. */
static bool read_stats(App *app, const MemoryAccess *access, MemoryStats *out, GError **error) {
    SyncReport report;
    bool is_ok = memory_refresh(access->memory, app->cancel, &report, error) &&
                 memory_stats(access->memory, out, error);
    memory_access_tell(app, access);
    return is_ok;
}

bool cmd_memory_recent_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    g_auto(MemoryStats) stats = { 0 };
    if (access == NULL || !read_stats(app, access, &stats, error)) return false;
    int64_t count = command_line_int(line, "count", 10);
    g_autoptr(GPtrArray) notes = find_recent(access->memory, &stats, (unsigned)count);
    const RecentReply reply = { .notes = notes };
    if (app->is_json) return app_print_json(app, recent_fields, &reply, error);
    if (notes->len == 0) return app_print(app, error, "No daily notes yet.\n");
    for (unsigned i = 0; i < notes->len; i++) {
        const RecentNote *note = g_ptr_array_index(notes, i);
        if (!app_print(app, error, "[%s] %s\n    %s\n", note->date[0] != '\0' ? note->date : "?",
                       note->path, note->preview))
            return false;
    }
    return true;
}

/* The index. */

/* Long work says every few seconds how far it is. */
typedef struct {
    const App *app;
    int64_t told_us;
} Progress;

#define PROGRESS_US (3 * G_USEC_PER_SEC)

static void on_progress(int64_t n_done, int64_t n_all, void *user_data) {
    Progress *progress = user_data;
    int64_t now = g_get_monotonic_time();
    if (now - progress->told_us < PROGRESS_US) return;
    progress->told_us = now;
    app_note(progress->app, "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, (gint64)n_done,
             (gint64)n_all);
}

bool cmd_memory_reindex_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    bool is_forced = command_line_flag(line, "force");
    if (!app->is_json &&
        !app_print(app, error, "Reindexing memory files%s...\n", is_forced ? " (full)" : ""))
        return false;
    SyncReport report = { 0 };
    Progress progress = { app, g_get_monotonic_time() };
    memory_on_progress(access->memory, on_progress, &progress);
    if (!memory_reindex(access->memory, is_forced, app->cancel, &report, error)) return false;
    memory_access_tell(app, access);
    if (app->is_json) return app_print_json(app, reindex_fields, &report, error);
    g_autofree char *size = text_format_size((unsigned long long)report.n_bytes);
    return app_print(app, error,
                     "  Files processed: %" G_GINT64_FORMAT "\n  Files updated:   %" G_GINT64_FORMAT
                     " (%s)\n  Files removed:   %" G_GINT64_FORMAT
                     "\n  Chunks indexed:  %" G_GINT64_FORMAT "\n  Duration:        %.2f s\n",
                     (gint64)report.n_seen, (gint64)report.n_updated, size,
                     (gint64)report.n_removed, (gint64)report.n_chunks, report.took_ms / 1000);
}

static bool print_files(const App *app, const MemoryStats *stats, GError **error) {
    for (unsigned i = 0; i < stats->files->len; i++) {
        const MemoryFile *file = g_ptr_array_index(stats->files, i);
        g_autofree char *path = text_strip_terminal(file->path, strlen(file->path));
        if (!app_print(app, error,
                       "  %s (%" G_GINT64_FORMAT " chunks, %" G_GINT64_FORMAT " lines)\n", path,
                       (gint64)file->n_chunks, (gint64)file->n_lines))
            return false;
    }
    for (unsigned i = 0; i < stats->skipped->len; i++) {
        const MemorySkipped *skipped = g_ptr_array_index(stats->skipped, i);
        g_autofree char *path = text_strip_terminal(skipped->path, strlen(skipped->path));
        if (!app_print(app, error, "  %s (left out: %s)\n", path, skipped->reason)) return false;
    }
    return true;
}

bool cmd_memory_stats_run(App *app, const CommandLine *line, GError **error) {
    (void)line;
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    g_auto(MemoryStats) stats = { 0 };
    if (access == NULL || !read_stats(app, access, &stats, error)) return false;
    const StatsReply reply = { .workspace = access->workspace, .stats = stats };
    if (app->is_json) return app_print_json(app, stats_fields, &reply, error);
    g_autofree char *folder = paths_shorten_home(app->paths, access->workspace);
    return app_print(app, error,
                     "Workspace:    %s\nTotal files:  %u\nTotal chunks: %" G_GINT64_FORMAT
                     "\nVectors:      %" G_GINT64_FORMAT " (%s)\nIndex size:   %" G_GINT64_FORMAT
                     " KB\n\nFiles:\n",
                     folder, stats.files->len, (gint64)stats.n_chunks, (gint64)stats.n_vectors,
                     stats.embedder[0] != '\0' ? stats.embedder : "words only",
                     (gint64)stats.n_index_bytes / 1024) &&
           print_files(app, &stats, error);
}
