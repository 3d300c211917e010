/*
 * Judges what the search of memory finds, for bench/bench_quality.
 *
 *     quality_bench cranfield FOLDER        nDCG@10 and R@100 of the Cranfield collection
 *     quality_bench dialogue FILE           recall of turns of a small set of dialogues (JSONL)
 *
 * Everything goes the way a user's question goes: notes are written to a workspace, indexed, and
 * asked through memory_search().
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/field.h"
#include "base/file.h"
#include "memory/memory.h"
#include "scratch_folder.h"

#define DEPTH 100
/* Hits asked for: a document may have two pieces. */
#define LIMIT 120

typedef struct {
    ScratchFolder *folder;
    char *workspace, *database; /* owned */
    const char *sessions;       /* borrowed, or NULL */
    EmbedderSettings settings;
    Memory *memory;
} Ground;

static void stop(const char *what, const GError *error) {
    fprintf(stderr, "quality_bench: %s: %s\n", what, error != NULL ? error->message : "failed");
    exit(1);
}

static void ground_init(Ground *ground) {
    *ground = (Ground){ .folder = scratch_folder_new(), .settings = { .provider = "static" } };
    ground->workspace = g_build_filename(ground->folder->path, "workspace", NULL);
    ground->database = g_build_filename(ground->folder->path, "memory.sqlite", NULL);
    GError *error = NULL;
    if (!file_make_folders(ground->workspace, &error)) stop("workspace", error);
}

static void write_note(const Ground *ground, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(ground->workspace, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    GError *error = NULL;
    if (!file_make_folders(folder, &error) || !g_file_set_contents(path, text, -1, &error))
        stop(path, error);
}

static void index_notes(Ground *ground) {
    GError *error = NULL;
    const MemoryPlace place = { .workspace = ground->workspace,
                                .database = ground->database,
                                .sessions = ground->sessions,
                                .embedder = &ground->settings };
    ground->memory = memory_open(&place, &error);
    if (ground->memory == NULL) stop("memory", error);
    SyncReport report;
    if (!memory_reindex(ground->memory, /* is_forced= */ false, NULL, &report, &error))
        stop("reindex", error);
    if (report.n_seen > 0)
        printf("  %" G_GINT64_FORMAT " notes, %" G_GINT64_FORMAT " pieces\n", report.n_seen,
               report.n_chunks);
}

static void ground_clear(Ground *ground) {
    memory_close(ground->memory);
    g_free(ground->workspace);
    g_free(ground->database);
    scratch_folder_free(ground->folder);
}

static MemoryAnswer *ask(const Ground *ground, const char *question, int mode, int64_t limit) {
    GError *error = NULL;
    const MemoryRequest request = { .query = question,
                                    .limit = limit,
                                    .mode = mode,
                                    .flags = ground->sessions != NULL ? SEARCH_SESSIONS : 0 };
    MemoryAnswer *answer = memory_search(ground->memory, &request, NULL, &error);
    if (answer == NULL) stop(question, error);
    return answer;
}

/* ---- Cranfield ---- */

typedef struct {
    int number;
    char *title, *text; /* of a question only the text */
} Item;

static void item_free(void *data) {
    Item *item = data;
    g_free(item->title);
    g_free(item->text);
    g_free(item);
}

/* Records of ".I number", then ".T", ".W" and others, each with lines. */
static GPtrArray *read_items(const char *folder, const char *name) {
    GError *error = NULL;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *content = NULL;
    if (!file_read(path, 64 << 20, &content, NULL, &error)) stop(path, error);
    GPtrArray *items = g_ptr_array_new_with_free_func(item_free);
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    g_autoptr(GString) title = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    char part = 0;
    for (char **line = lines;; line++) {
        bool is_begin = *line == NULL || g_str_has_prefix(*line, ".I ");
        if (is_begin && items->len > 0) {
            Item *last = items->pdata[items->len - 1];
            last->title = g_strdup(title->str);
            last->text = g_strdup(text->str);
        }
        if (*line == NULL) break;
        if (is_begin) {
            Item *item = g_new0(Item, 1);
            item->number = (int)g_ascii_strtoll(*line + 3, NULL, 10);
            g_ptr_array_add(items, item);
            g_string_truncate(title, 0);
            g_string_truncate(text, 0);
            part = 'I';
        } else if ((*line)[0] == '.' && g_ascii_isupper((*line)[1]) &&
                   strlen(g_strchomp(*line)) == 2) {
            part = (*line)[1];
        } else if (part == 'T') {
            g_string_append_printf(title, "%s ", *line);
        } else if (part == 'W') {
            g_string_append_printf(text, "%s\n", *line);
        }
    }
    return items;
}

/* relevant[question - 1]: documents judged 1 to 4; -1 means not relevant. */
static GPtrArray *read_relevant(const char *folder, size_t n_questions) {
    GError *error = NULL;
    g_autofree char *path = g_build_filename(folder, "cranqrel", NULL);
    g_autofree char *content = NULL;
    if (!file_read(path, 64 << 20, &content, NULL, &error)) stop(path, error);
    GPtrArray *relevant = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    for (size_t i = 0; i < n_questions; i++)
        g_ptr_array_add(relevant, g_hash_table_new(NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        int question, document, grade;
        if (sscanf(*line, "%d %d %d", &question, &document, &grade) != 3) continue;
        if (question < 1 || (size_t)question > n_questions || grade < 1) continue;
        g_hash_table_insert(relevant->pdata[question - 1], GINT_TO_POINTER(document),
                            GINT_TO_POINTER(grade));
    }
    return relevant;
}

static void write_documents(const Ground *ground, const GPtrArray *items) {
    for (guint i = 0; i < items->len; i++) {
        const Item *item = items->pdata[i];
        g_autofree char *name = g_strdup_printf("cranfield/%04d.md", item->number);
        g_autofree char *text = g_strdup_printf("# %s\n\n%s", item->title, item->text);
        write_note(ground, name, text);
    }
}

/* The documents of the hits, each once, best first. */
static size_t found_documents(const MemoryAnswer *answer, int out[DEPTH]) {
    size_t n = 0;
    for (guint i = 0; i < answer->hits->len && n < DEPTH; i++) {
        const MemoryHit *hit = answer->hits->pdata[i];
        const char *name = strrchr(hit->path, '/');
        int number = name != NULL ? (int)g_ascii_strtoll(name + 1, NULL, 10) : 0;
        bool is_known = false;
        for (size_t k = 0; k < n; k++) is_known |= out[k] == number;
        if (number > 0 && !is_known) out[n++] = number;
    }
    return n;
}

/* Each relevant document gains 1. */
static void judge(GHashTable *relevant, const int *found, size_t n, double *out_ndcg,
                  double *out_recall) {
    double gain = 0;
    double most = 0;
    size_t n_relevant = g_hash_table_size(relevant);
    size_t n_seen = 0;
    for (size_t i = 0; i < n; i++) {
        if (!g_hash_table_contains(relevant, GINT_TO_POINTER(found[i]))) continue;
        n_seen++;
        if (i < 10) gain += 1 / log2((double)i + 2);
    }
    for (size_t i = 0; i < MIN(n_relevant, 10); i++) most += 1 / log2((double)i + 2);
    *out_ndcg = most > 0 ? gain / most : 0;
    *out_recall = n_relevant > 0 ? (double)n_seen / (double)n_relevant : 0;
}

static void judge_mode(const Ground *ground, const char *label, int mode,
                       const GPtrArray *questions, const GPtrArray *relevant) {
    double ndcg = 0;
    double recall = 0;
    double ms = 0;
    guint n_questions = 0;
    for (guint q = 0; q < questions->len; q++) {
        const Item *question = questions->pdata[q];
        if (g_hash_table_size(relevant->pdata[q]) == 0) continue;
        int found[DEPTH];
        g_autofree char *text = g_strdelimit(g_strdup(question->text), "\n", ' ');
        g_autoptr(MemoryAnswer) answer = ask(ground, text, mode, LIMIT);
        size_t n = found_documents(answer, found);
        double one_ndcg;
        double one_recall;
        judge(relevant->pdata[q], found, n, &one_ndcg, &one_recall);
        ndcg += one_ndcg;
        recall += one_recall;
        ms += answer->took_ms;
        n_questions++;
    }
    printf("  %-18s nDCG@10 %.3f   R@100 %.3f   %u questions, %.2f ms each\n", label,
           ndcg / n_questions, recall / n_questions, n_questions, ms / n_questions);
}

static void cranfield(const char *folder) {
    static const struct {
        const char *label;
        int mode;
    } rows[] = { { "words", SEARCH_WORDS },
                 { "meaning (static)", SEARCH_MEANING },
                 { "hybrid", SEARCH_HYBRID } };
    Ground ground;
    ground_init(&ground);
    printf("Cranfield: nDCG@10 and R@100 over all questions\n");
    g_autoptr(GPtrArray) documents = read_items(folder, "cran.all.1400");
    g_autoptr(GPtrArray) questions = read_items(folder, "cran.qry");
    g_autoptr(GPtrArray) relevant = read_relevant(folder, questions->len);
    write_documents(&ground, documents);
    index_notes(&ground);
    for (size_t r = 0; r < G_N_ELEMENTS(rows); r++) {
        judge_mode(&ground, rows[r].label, rows[r].mode, questions, relevant);
    }
    ground_clear(&ground);
}

/* ---- dialogues ---- */

static json_t *read_dialogues(const char *path) {
    GError *error = NULL;
    g_autofree char *content = NULL;
    if (!file_read(path, 64 << 20, &content, NULL, &error)) stop(path, error);
    g_autofree char *stripped = g_strdup(g_strstrip(content));
    g_auto(GStrv) lines = g_strsplit(stripped, "\n", -1);
    g_autofree char *joined = g_strjoinv(",", lines);
    g_autofree char *list = g_strconcat("[", joined, "]", NULL);
    json_t *dialogues = field_json_parse(list, strlen(list), &error);
    if (dialogues == NULL) stop(path, error);
    return dialogues;
}

/* A transcript as a chat leaves it. */
static void write_transcript(const char *folder, const json_t *dialogue) {
    const char *id = json_string_value(json_object_get(dialogue, "id"));
    const char *date = json_string_value(json_object_get(dialogue, "date"));
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "{\"type\":\"session\",\"version\":3,\"id\":\"%s\"}\n", id);
    size_t i;
    const json_t *turn;
    json_array_foreach (json_object_get(dialogue, "turns"), i, turn) {
        g_autofree char *quoted = field_json_text(turn, FIELD_COMPACT);
        g_autofree char *parent = g_strdup_printf("\"%08zx\"", i);
        g_string_append_printf(
            text,
            "{\"type\":\"message\",\"id\":\"%08zx\",\"parentId\":%s,\"timestamp\":"
            "\"%sT10:%02zu:00.000Z\",\"message\":{\"role\":\"%s\",\"content\":[{\"type\":"
            "\"text\",\"text\":%s}],\"timestamp\":1},\"labels\":[{\"origin\":\"owner\","
            "\"integrity\":\"trusted\",\"secrecy\":\"public\"}]}\n",
            i + 1, i == 0 ? "null" : parent, date, i, i % 2 == 0 ? "user" : "assistant", quoted);
    }
    g_autofree char *name = g_strconcat(id, ".jsonl", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    GError *error = NULL;
    if (!g_file_set_contents(path, text->str, -1, &error)) stop(path, error);
}

static int compare_alone(const void *a, const void *b) {
    const MemoryHit *left = *(MemoryHit *const *)a;
    const MemoryHit *right = *(MemoryHit *const *)b;
    double first = left->words + left->meaning;
    double second = right->words + right->meaning;
    return (first < second) - (first > second);
}

/* The hits as they would be without neighbours and sessions: by their own shares. */
static void forget_context(GPtrArray *hits) {
    qsort(hits->pdata, hits->len, sizeof(void *), compare_alone);
    for (guint i = hits->len; i-- > 0;) {
        const MemoryHit *hit = hits->pdata[i];
        if (hit->words + hit->meaning > 0) break;
        g_ptr_array_remove_index(hits, i);
    }
}

static bool is_wanted(const MemoryHit *hit, const char *session, const json_t *turns) {
    size_t i;
    const json_t *turn;
    if (strcmp(hit->session, session) != 0) return false;
    json_array_foreach (turns, i, turn)
        if (g_ascii_strtoull(hit->message, NULL, 16) == (guint64)json_integer_value(turn) + 1)
            return true;
    return false;
}

enum { N_CUTS = 3 };
static const unsigned cuts[N_CUTS] = { 1, 3, 10 };

typedef struct {
    double turns[N_CUTS]; /* recall of turns among the first 1, 3, 10 hits */
    double sessions;      /* whether the first hit is of the session */
    int n;
} Recall;

static void judge_question(const MemoryAnswer *answer, const char *session, const json_t *turns,
                           Recall *recall) {
    for (size_t c = 0; c < N_CUTS; c++) {
        unsigned n_found = 0;
        for (guint i = 0; i < MIN(answer->hits->len, cuts[c]); i++)
            n_found += is_wanted(answer->hits->pdata[i], session, turns);
        recall->turns[c] += (double)n_found / (double)MIN(json_array_size(turns), cuts[c]);
    }
    const MemoryHit *first = answer->hits->len > 0 ? answer->hits->pdata[0] : NULL;
    recall->sessions += first != NULL && strcmp(first->session, session) == 0;
    recall->n++;
}

typedef enum { WITH_CONTEXT, WITHOUT_CONTEXT } ContextRule;

static void judge_dialogues(const Ground *ground, const json_t *dialogues, int mode,
                            ContextRule rule) {
    Recall recall = { 0 };
    size_t d;
    const json_t *dialogue;
    json_array_foreach (dialogues, d, dialogue) {
        const char *session = json_string_value(json_object_get(dialogue, "id"));
        size_t q;
        const json_t *question;
        json_array_foreach (json_object_get(dialogue, "questions"), q, question) {
            const char *text = json_string_value(json_object_get(question, "text"));
            g_autoptr(MemoryAnswer) answer = ask(ground, text, mode, 1000);
            if (rule == WITHOUT_CONTEXT) forget_context(answer->hits);
            judge_question(answer, session, json_object_get(question, "turns"), &recall);
        }
    }
    printf("  %-8s %-16s R@1 %.3f   R@3 %.3f   R@10 %.3f   session first %.3f   %d questions\n",
           search_mode_names[mode], rule == WITH_CONTEXT ? "with context" : "without context",
           recall.turns[0] / recall.n, recall.turns[1] / recall.n, recall.turns[2] / recall.n,
           recall.sessions / recall.n, recall.n);
}

static void dialogue(const char *path) {
    Ground ground;
    ground_init(&ground);
    printf("dialogues: recall of the turns that answer a question\n");
    json_auto_t *dialogues = read_dialogues(path);
    g_autofree char *sessions = g_build_filename(ground.folder->path, "sessions", NULL);
    GError *error = NULL;
    if (!file_make_folders(sessions, &error)) stop(sessions, error);
    size_t d;
    const json_t *one;
    json_array_foreach (dialogues, d, one) write_transcript(sessions, one);
    ground.sessions = sessions;
    index_notes(&ground);
    const int modes[] = { SEARCH_WORDS, SEARCH_MEANING, SEARCH_HYBRID };
    for (size_t m = 0; m < G_N_ELEMENTS(modes); m++)
        for (int rule = WITH_CONTEXT; rule <= WITHOUT_CONTEXT; rule++)
            judge_dialogues(&ground, dialogues, modes[m], (ContextRule)rule);
    ground_clear(&ground);
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "cranfield") == 0) {
        cranfield(argv[2]);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "dialogue") == 0) {
        dialogue(argv[2]);
        return 0;
    }
    fprintf(stderr, "usage: quality_bench cranfield FOLDER | dialogue FILE\n");
    return 2;
}
