/* agent/approval_rules.c: the file of standing rules. */
#include "agent/approval_rules.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

#define MAX_FILE_BYTES ((size_t)16 << 20)
#define ID_LENGTH 12
#define MIN_PREFIX 4

typedef struct {
    int64_t version;
    GPtrArray *rules; /* ApprovalRule */
} RuleFile;

/* clang-format off */
const Field approval_rule_fields[] = {
    { "id",          FIELD_STRING(ApprovalRule, id),          .flags = FIELD_REQUIRED, .help = "What 'approvals remove' takes." },
    { "tool",        FIELD_STRING(ApprovalRule, tool),        .flags = FIELD_REQUIRED, .help = "The tool." },
    { "exact",       FIELD_STRING(ApprovalRule, exact),       .flags = FIELD_REQUIRED, .help = "The command or arguments, to the byte." },
    { "directory",   FIELD_STRING(ApprovalRule, directory),   .flags = FIELD_REQUIRED, .help = "The folder it may run in." },
    { "environment", FIELD_STRING(ApprovalRule, environment), .flags = FIELD_OMIT_EMPTY, .help = "The environment policy it is bound to." },
    { "sha256",      FIELD_STRING(ApprovalRule, sha256),      .flags = FIELD_REQUIRED, .help = "Hash of the four." },
    { "created_at",  FIELD_STRING(ApprovalRule, created_at),  .help = "When it was given." },
    { 0 }
};
static const Field file_fields[] = {
    { "version", FIELD_INT(RuleFile, version), .flags = FIELD_REQUIRED, .min = 1, .max = 2 },
    { "rules",   FIELD_STRUCTS(RuleFile, rules, ApprovalRule, approval_rule_fields) },
    { 0 }
};
/* clang-format on */

static void hash_text(HashSha256 *hash, const char *text) {
    uint64_t length = strlen(text);
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(length >> (8 * i));
    hash_sha256_update(hash, bytes, sizeof bytes);
    hash_sha256_update(hash, text, length);
}

static char *hash_of(const ApprovalBytes *bytes) {
    HashSha256 hash;
    hash_sha256_init(&hash);
    hash_text(&hash, bytes->tool);
    hash_text(&hash, bytes->exact);
    hash_text(&hash, bytes->directory);
    hash_text(&hash, bytes->environment != NULL ? bytes->environment : "");
    return hash_sha256_finish(&hash);
}

ApprovalRule approval_rule_new(const ApprovalBytes *bytes) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    char *sha256 = hash_of(bytes);
    return (ApprovalRule){ .id = g_strndup(sha256, ID_LENGTH),
                           .tool = g_strdup(bytes->tool),
                           .exact = g_strdup(bytes->exact),
                           .directory = g_strdup(bytes->directory),
                           .environment =
                               g_strdup(bytes->environment != NULL ? bytes->environment : ""),
                           .sha256 = sha256,
                           .created_at = g_date_time_format_iso8601(now) };
}

static char *file_path(const Paths *paths) {
    return g_build_filename(paths->state, "approvals.json", NULL);
}

static bool check_rule(const ApprovalRule *rule, GError **error) {
    g_autofree char *sha256 = hash_of(&(ApprovalBytes){ .tool = rule->tool,
                                                        .exact = rule->exact,
                                                        .directory = rule->directory,
                                                        .environment = rule->environment });
    if (strcmp(sha256, rule->sha256) == 0) return true;
    error_set(error, ERR_INTEGRITY, "rule '%s' was changed: its text does not give its hash",
              rule->id);
    return false;
}

/* `out` zeroed; a file that is not there is empty. */
static bool read_file(const char *path, RuleFile *out, GError **error) {
    g_autofree char *text = NULL;
    size_t length = 0;
    g_autoptr(GError) problem = NULL;
    out->version = 1;
    if (!file_read(path, MAX_FILE_BYTES, &text, &length, &problem)) {
        if (error_is(problem, ERR_NOT_FOUND)) return true;
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    bool is_ok = field_decode(file_fields, out, text, length, 0, &problem);
    for (unsigned i = 0; is_ok && out->rules != NULL && i < out->rules->len; i++)
        is_ok = check_rule(g_ptr_array_index(out->rules, i), &problem);
    if (is_ok) return true;
    field_clear(file_fields, out);
    error_set_with_hint(error, (ErrorCode)problem->code,
                        "Look at it, then remove all rules: localgpt approvals remove --all",
                        "the standing approvals in '%s' cannot be trusted: %s", path,
                        problem->message);
    return false;
}

static bool write_file(const Paths *paths, const RuleFile *file, GError **error) {
    g_autofree char *path = file_path(paths);
    g_autofree char *text = field_encode(file_fields, file, FIELD_PRETTY);
    g_autofree char *ended = g_strconcat(text, "\n", NULL);
    return file_make_folders(paths->state, error) &&
           file_replace(path, ended, strlen(ended), 0600, error);
}

static void free_rule(void *data) {
    field_clear(approval_rule_fields, data);
    g_free(data);
}

GPtrArray *approval_rules_load(const Paths *paths, GError **error) {
    g_autofree char *path = file_path(paths);
    RuleFile file = { 0 };
    if (!read_file(path, &file, error)) return NULL;
    GPtrArray *rules = g_ptr_array_new_with_free_func(free_rule);
    for (unsigned i = 0; file.rules != NULL && i < file.rules->len; i++) {
        ApprovalRule *rule = g_ptr_array_index(file.rules, i);
        g_ptr_array_add(rules, g_memdup2(rule, sizeof *rule));
        memset(rule, 0, sizeof *rule);
    }
    field_clear(file_fields, &file);
    return rules;
}

bool approval_rules_add(const Paths *paths, const ApprovalRule *rule, GError **error) {
    g_autofree char *path = file_path(paths);
    RuleFile file = { 0 };
    if (!read_file(path, &file, error)) return false;
    bool is_there = false;
    for (unsigned i = 0; file.rules != NULL && i < file.rules->len; i++) {
        const ApprovalRule *other = g_ptr_array_index(file.rules, i);
        is_there = is_there || strcmp(other->sha256, rule->sha256) == 0;
    }
    bool is_ok = true;
    if (!is_there) {
        g_autoptr(GPtrArray) all = g_ptr_array_new();
        for (unsigned i = 0; file.rules != NULL && i < file.rules->len; i++)
            g_ptr_array_add(all, g_ptr_array_index(file.rules, i));
        g_ptr_array_add(all, (void *)rule);
        is_ok = write_file(paths, &(RuleFile){ .version = 1, .rules = all }, error);
    }
    field_clear(file_fields, &file);
    return is_ok;
}

static int find_rule(const RuleFile *file, const char *id, GError **error) {
    int found = -1;
    bool is_unique = true;
    for (unsigned i = 0; file->rules != NULL && i < file->rules->len; i++) {
        const ApprovalRule *rule = g_ptr_array_index(file->rules, i);
        if (strlen(id) < MIN_PREFIX || !g_str_has_prefix(rule->sha256, id)) continue;
        is_unique = found < 0;
        found = (int)i;
    }
    if (found < 0)
        error_set_with_hint(error, ERR_NOT_FOUND, "See 'localgpt approvals list'.",
                            "there is no standing approval '%s'", id);
    else if (!is_unique)
        error_set(error, ERR_USAGE, "'%s' begins the id of more than one standing approval", id);
    return is_unique ? found : -1;
}

bool approval_rules_remove(const Paths *paths, const char *id, GError **error) {
    g_autofree char *path = file_path(paths);
    RuleFile file = { 0 };
    if (!read_file(path, &file, error)) return false;
    int index = find_rule(&file, id, error);
    bool is_ok = index >= 0;
    if (is_ok) {
        g_autoptr(GPtrArray) kept = g_ptr_array_new();
        for (unsigned i = 0; i < file.rules->len; i++)
            if ((int)i != index) g_ptr_array_add(kept, g_ptr_array_index(file.rules, i));
        is_ok = write_file(paths, &(RuleFile){ .version = 1, .rules = kept }, error);
    }
    field_clear(file_fields, &file);
    return is_ok;
}

bool approval_rules_remove_all(const Paths *paths, GError **error) {
    return write_file(paths, &(RuleFile){ .version = 1 }, error);
}
