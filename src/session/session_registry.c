/* session/session_registry.c: see the header. */
#include "session/session_registry.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"

#define NAME "sessions.json"
#define MAX_BYTES ((size_t)64 << 20)

typedef struct {
    char *session_id;
    int64_t updated_at_ms;
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t total_tokens;
    double cost_usd;
    int64_t n_compactions;
    int64_t noted_at; /* n_compactions when notes were last written before one */
} Entry;

/* clang-format off */
static const Field entry_fields[] = {
    { "sessionId",    FIELD_STRING(Entry, session_id),  .help = "Id of the session that goes on." },
    { "updatedAt",    FIELD_INT(Entry, updated_at_ms),  .help = "Milliseconds since 1970, UTC." },
    { "inputTokens",  FIELD_INT(Entry, input_tokens),   .help = "Tokens read." },
    { "outputTokens", FIELD_INT(Entry, output_tokens),  .help = "Tokens written." },
    { "totalTokens",  FIELD_INT(Entry, total_tokens),   .help = "Both." },
    { "costUsd",      FIELD_DOUBLE(Entry, cost_usd),    .help = "US dollars." },
    { "compactionCount", FIELD_INT(Entry, n_compactions), .help = "How often older messages were summed up." },
    { "memoryFlushCompactionCount", FIELD_INT(Entry, noted_at), .help = "compactionCount when what must last was noted." },
    { 0 }
};
/* clang-format on */

static void ignore_problem(const char *path, const char *message, void *user_data) {
    (void)path, (void)message, (void)user_data;
}

/* The file as a tree; an empty one when there is none, or when it is damaged. New reference, or
 * NULL with *error. */
static json_t *load(const char *path, char **out_problem, GError **error) {
    g_autofree char *text = NULL;
    size_t length = 0;
    g_autoptr(GError) problem = NULL;
    if (file_read(path, MAX_BYTES, &text, &length, &problem)) {
        json_t *root = field_json_parse(text, length, &problem);
        if (json_is_object(root)) return root;
        json_decref(root);
        g_autofree char *beside = g_strconcat(path, ".corrupt", NULL);
        if (g_rename(path, beside) != 0) {
            error_set_errno(error, errno, "moving the damaged '%s' aside", path);
            return NULL;
        }
        *out_problem =
            g_strdup_printf("'%s' was damaged; it is kept as '%s' and begun anew", path, beside);
    } else if (!error_is(problem, ERR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    return field_json_parse("{}", 2, error);
}

/* What the entry was, when it is of the same session. */
static void add_former(const json_t *member, Entry *entry) {
    Entry former = { 0 };
    field_from_json_lenient(entry_fields, &former, member, 0, ignore_problem, NULL, NULL);
    if (g_strcmp0(former.session_id, entry->session_id) == 0) {
        entry->input_tokens += former.input_tokens;
        entry->output_tokens += former.output_tokens;
        entry->total_tokens += former.total_tokens;
        entry->cost_usd += former.cost_usd;
        entry->noted_at = entry->n_compactions > 0 ? former.n_compactions + entry->n_compactions - 1
                                                   : former.noted_at;
        entry->n_compactions += former.n_compactions;
    }
    field_clear(entry_fields, &former);
}

static void put(json_t *root, const char *key, Entry *entry) {
    json_t *member = json_object_get(root, key);
    if (json_is_object(member)) {
        add_former(member, entry);
        field_merge(entry_fields, entry, member);
        return;
    }
    const Field row[] = { { key, .type = FIELD_TYPE_STRUCT, .offset = 0, .fields = entry_fields },
                          { 0 } };
    field_merge(row, entry, root);
}

static bool is_of(const json_t *member, const char *session_id) {
    const char *id = json_string_value(json_object_get(member, "sessionId"));
    return g_strcmp0(id, session_id) == 0;
}

/* The key that stands for this session already, else `key`. Borrowed. */
static const char *key_of(json_t *root, const char *key, const char *session_id) {
    const char *name;
    json_t *member;
    if (is_of(json_object_get(root, key), session_id)) return key;
    json_object_foreach (root, name, member) {
        if (is_of(member, session_id)) return name;
    }
    return key;
}

bool session_registry_update(const char *folder, const char *key, const SessionNews *news,
                             char **out_problem, GError **error) {
    g_autofree char *path = g_build_filename(folder, NAME, NULL);
    *out_problem = NULL;
    json_t *root = load(path, out_problem, error);
    if (root == NULL) return false;
    const Usage *turn = &news->turn;
    int64_t read = turn->input_tokens + turn->cache_read_tokens + turn->cache_write_tokens;
    g_autofree char *id = g_strdup(news->session_id);
    Entry entry = { .session_id = id,
                    .updated_at_ms = news->updated_at_ms,
                    .input_tokens = read,
                    .output_tokens = turn->output_tokens,
                    .total_tokens = read + turn->output_tokens,
                    .cost_usd = turn->cost_usd,
                    .n_compactions = news->n_compactions,
                    .noted_at = MAX(news->n_compactions - 1, 0) };
    put(root, key_of(root, key, id), &entry);
    g_autofree char *text = field_json_text(root, FIELD_PRETTY);
    json_decref(root);
    return file_replace(path, text, strlen(text), 0600, error);
}
