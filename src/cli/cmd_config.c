/* cli/cmd_config.c: `localgpt config init|show|get|set|unset|path|list`. */
#include "cli/cmd_config.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/config_sections.h"
#include "cli/standard_input.h"

enum { MAX_TYPED_BYTES = 64 * 1024 };

typedef struct {
    char *path;
    bool is_there;
} PathReply;

typedef struct {
    char *path;
    json_t *config;
} ShowReply;

typedef struct {
    char *key;
    json_t *value;
    bool is_set;
    bool is_secret;
} ValueReply;

typedef struct {
    char *key;
} KeyReply;

typedef struct {
    char *key;
    char *type;
    char *default_text;
    json_t *value;
    bool is_set;
    int64_t line;
    char *help;
    bool is_secret;
    bool is_inert;
    bool needs_restart;
} ListedKey;

typedef struct {
    char *path;
    GPtrArray *keys; /* ListedKey, owned */
} ListReply;

/* clang-format off */
static const Field path_fields[] = {
    { "path",   FIELD_STRING(PathReply, path),   .help = "The file." },
    { "exists", FIELD_BOOL(PathReply, is_there), .help = "Whether it is there." },
    { 0 }
};
static const Field show_fields[] = {
    { "path",   FIELD_STRING(ShowReply, path), .help = "The file." },
    { "config", FIELD_JSON(ShowReply, config), .help = "What is in force, by section; secrets are \"***\"." },
    { 0 }
};
static const Field value_fields[] = {
    { "key",       FIELD_STRING(ValueReply, key),     .help = "The key." },
    { "value",     FIELD_JSON(ValueReply, value),     .help = "What is in force." },
    { "is_set",    FIELD_BOOL(ValueReply, is_set),    .help = "Whether the file sets it; else it is the default." },
    { "is_secret", FIELD_BOOL(ValueReply, is_secret), .help = "Whether it is hidden without --reveal." },
    { 0 }
};
static const Field key_fields[] = {
    { "key", FIELD_STRING(KeyReply, key), .help = "The key." },
    { 0 }
};
static const Field listed_key_fields[] = {
    { "key",           FIELD_STRING(ListedKey, key),          .help = "The key; <name> stands for a name of your own." },
    { "type",          FIELD_STRING(ListedKey, type),         .help = "What it takes." },
    { "default",       FIELD_STRING(ListedKey, default_text), .help = "Its default as in the file." },
    { "value",         FIELD_JSON(ListedKey, value),          .help = "What is in force; secrets are \"***\"." },
    { "is_set",        FIELD_BOOL(ListedKey, is_set),         .help = "Whether the file sets it." },
    { "line",          FIELD_INT(ListedKey, line),            .help = "Line of the file, 0 when it does not." },
    { "help",          FIELD_STRING(ListedKey, help),         .help = "What it does." },
    { "secret",        FIELD_BOOL(ListedKey, is_secret),      .help = "A key or token." },
    { "inert",         FIELD_BOOL(ListedKey, is_inert),       .help = "Accepted, but without effect yet." },
    { "needs_restart", FIELD_BOOL(ListedKey, needs_restart),  .help = "A change needs a restart of the daemon." },
    { 0 }
};
static const Field list_fields[] = {
    { "path", FIELD_STRING(ListReply, path), .help = "The file." },
    { "keys", FIELD_STRUCTS(ListReply, keys, ListedKey, listed_key_fields), .help = "Every key." },
    { 0 }
};
/* clang-format on */

static bool run_init(App *app, const CommandLine *line, GError **error) {
    g_autofree char *text = config_example(config_sections);
    if (!config_write_new(app->config_path, text, command_line_flag(line, "force"), error))
        return false;
    PathReply reply = { app->config_path, /* is_there= */ true };
    if (app->is_json) return app_print_json(app, path_fields, &reply, error);
    return app_print(app, error, "Created config file at %s\n", app->config_path);
}

static bool run_path(App *app, const CommandLine *line, GError **error) {
    (void)line;
    PathReply reply = { app->config_path, g_file_test(app->config_path, G_FILE_TEST_EXISTS) };
    if (app->is_json) return app_print_json(app, path_fields, &reply, error);
    return app_print(app, error, "%s\n", app->config_path);
}

/* --json wraps the tree like every command; `-f json` prints the tree alone, as the original. */
static bool show_json(App *app, const CommandLine *line, GError **error) {
    ShowReply reply = { app->config_path, config_show_json(app->config, app->secrets) };
    bool is_ok;
    if (command_line_flag(line, "json")) {
        is_ok = app_print_json(app, show_fields, &reply, error);
    } else {
        g_autofree char *text = field_json_text(reply.config, FIELD_PRETTY);
        is_ok = app_print(app, error, "%s\n", text);
    }
    json_decref(reply.config);
    return is_ok;
}

static bool run_show(App *app, const CommandLine *line, GError **error) {
    bool wants_json = g_strcmp0(command_line_string(line, "format"), "json") == 0;
    if (app->is_json || wants_json) return show_json(app, line, error);
    g_autofree char *text = config_show_toml(app->config, app->secrets);
    const char *note = config_file_exists(app->config) ? "" : " (not there: all defaults)";
    return app_print(app, error, "# %s%s\n\n%s", app->config_path, note, text);
}

static bool print_value_json(App *app, const char *key, bool is_revealed, GError **error) {
    ValueReply reply = { .key = (char *)key, .is_set = config_is_set(app->config, key) };
    g_autofree char *ignored = config_get(app->config, key, &reply.is_secret, error);
    if (ignored == NULL) return false;
    reply.value = is_revealed ? config_get_json(app->config, key, error)
                              : config_get_masked_json(app->config, key, app->secrets, error);
    if (reply.value == NULL) return false;
    bool is_ok = app_print_json(app, value_fields, &reply, error);
    json_decref(reply.value);
    return is_ok;
}

static bool run_get(App *app, const CommandLine *line, GError **error) {
    const char *key = command_line_arguments(line)[0];
    bool is_revealed = command_line_flag(line, "reveal");
    if (app->is_json) return print_value_json(app, key, is_revealed, error);
    g_autofree char *value = config_get(app->config, key, NULL, error);
    if (value == NULL) return false;
    if (is_revealed) return app_print(app, error, "%s\n", value);
    g_autofree char *masked = config_get_masked(app->config, key, app->secrets, error);
    if (masked == NULL) return false;
    if (strcmp(masked, value) != 0) app_note(app, "'%s' is secret; --reveal prints it", key);
    return app_print(app, error, "%s\n", masked);
}

/* "-" as value: the first line of stdin, so that a key is in no history and no list of processes.
 */
static char *read_typed(App *app, GError **error) {
    /* A line ends it here, not Ctrl-D: nothing is told. */
    StandardInput input = { .app = app, .has_told = true };
    g_autofree char *text = g_malloc(MAX_TYPED_BYTES + 1);
    size_t length = 0;
    while (length < MAX_TYPED_BYTES) {
        ssize_t n = standard_input_read(&input, text + length, MAX_TYPED_BYTES - length, error);
        if (n < 0) return NULL;
        if (n == 0 || memchr(text + length, '\n', (size_t)n) != NULL) {
            length += (size_t)n;
            break;
        }
        length += (size_t)n;
    }
    text[length] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return g_steal_pointer(&text);
}

/* Tells what is in force now, by a fresh look at the file. */
static bool confirm_set(App *app, const char *key, GError **error) {
    g_autoptr(Config) config = config_load(app->config_path, config_sections, NULL, NULL, NULL);
    g_autofree char *value =
        config != NULL ? config_get_masked(config, key, app->secrets, NULL) : NULL;
    if (value == NULL) return app_print(app, error, "Set %s\n", key);
    const char *separator = strchr(value, '\n') != NULL ? ":\n" : " = ";
    return app_print(app, error, "Set %s%s%s\n", key, separator, value);
}

static bool run_set(App *app, const CommandLine *line, GError **error) {
    const char *const *arguments = command_line_arguments(line);
    bool is_piped = strcmp(arguments[1], "-") == 0;
    g_autofree char *value = is_piped ? read_typed(app, error) : g_strdup(arguments[1]);
    if (value == NULL) return false;
    if (!config_set(app->config_path, config_sections, arguments[0], value, error)) return false;
    KeyReply reply = { (char *)arguments[0] };
    if (app->is_json) return app_print_json(app, key_fields, &reply, error);
    return confirm_set(app, arguments[0], error);
}

static bool run_unset(App *app, const CommandLine *line, GError **error) {
    const char *key = command_line_arguments(line)[0];
    if (!config_unset(app->config_path, config_sections, key, error)) return false;
    KeyReply reply = { (char *)key };
    if (app->is_json) return app_print_json(app, key_fields, &reply, error);
    return app_print(app, error, "Unset %s\n", key);
}

static void listed_key_free(ListedKey *listed) {
    field_clear(listed_key_fields, listed);
    g_free(listed);
}

static void add_listed(GPtrArray *keys, const App *app, const ConfigKey *row, const char *key) {
    ListedKey *listed = g_new0(ListedKey, 1);
    listed->key = g_strdup(key);
    listed->type = field_type_text(row->field);
    listed->default_text = config_default_text(row->field);
    listed->value = config_get_masked_json(app->config, key, app->secrets, NULL);
    listed->is_set = config_is_set(app->config, key);
    listed->line = (int64_t)config_line(app->config, key);
    listed->help = g_strdup(row->field->help);
    listed->is_secret = (row->field->flags & FIELD_SECRET) != 0;
    listed->is_inert = (row->field->flags & FIELD_INERT) != 0;
    listed->needs_restart = (row->field->flags & FIELD_RESTART) != 0;
    g_ptr_array_add(keys, listed);
}

/* Below a map of tables: the pattern, and each name that the file has. */
static void add_named(GPtrArray *keys, const App *app, const ConfigKey *row) {
    const char *slot = strstr(row->key, ".<name>");
    g_autofree char *table = g_strndup(row->key, (size_t)(slot - row->key));
    json_t *items = config_get_json(app->config, table, NULL);
    const char *name;
    json_t *item;
    json_object_foreach (items, name, item) {
        g_autofree char *key = config_key_join(table, name);
        g_autofree char *whole = g_strconcat(key, slot + strlen(".<name>"), NULL);
        if (config_is_set(app->config, whole)) add_listed(keys, app, row, whole);
    }
    json_decref(items);
    add_listed(keys, app, row, row->key);
}

/* "server" wants server.port, "server.po" nothing. */
static bool is_wanted(const char *key, const char *prefix) {
    if (prefix == NULL) return true;
    size_t length = strlen(prefix);
    return strncmp(key, prefix, length) == 0 && (key[length] == '.' || key[length] == '\0');
}

static GPtrArray *list_keys(const App *app, const char *prefix) {
    GPtrArray *keys = g_ptr_array_new_with_free_func((GDestroyNotify)listed_key_free);
    g_autoptr(GPtrArray) rows = config_keys(config_sections);
    for (unsigned i = 0; i < rows->len; i++) {
        const ConfigKey *row = g_ptr_array_index(rows, i);
        if (!is_wanted(row->key, prefix)) continue;
        if (strstr(row->key, ".<name>") != NULL)
            add_named(keys, app, row);
        else
            add_listed(keys, app, row, row->key);
    }
    return keys;
}

static void append_value(GString *out, const json_t *value) {
    if (value == NULL || json_is_null(value)) return;
    g_autofree char *text = config_value_text(value);
    g_string_append_printf(out, " = %s", text[0] != '\0' ? text : "\"\"");
}

static void append_listed(GString *out, const ListedKey *listed) {
    g_string_append(out, listed->key);
    append_value(out, listed->value);
    g_string_append_printf(out, "\n    %s\n    %s", listed->help, listed->type);
    const char *default_text = listed->default_text != NULL ? listed->default_text : "none";
    if (listed->is_set)
        g_string_append_printf(out, "; set in line %" G_GINT64_FORMAT ", default %s",
                               (gint64)listed->line, default_text);
    else
        g_string_append(out, listed->value == NULL || json_is_null(listed->value) ? "; not set"
                                                                                  : "; default");
    if (listed->is_secret) g_string_append(out, "; secret");
    if (listed->needs_restart) g_string_append(out, "; needs a restart of the daemon");
    if (listed->is_inert) g_string_append(out, "; no effect yet");
    g_string_append_c(out, '\n');
}

static bool print_list(App *app, const ListReply *reply, GError **error) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < reply->keys->len; i++)
        append_listed(text, g_ptr_array_index(reply->keys, i));
    g_autofree char *safe = text_strip_terminal(text->str, text->len);
    return app_print_text(app, safe, error);
}

static bool run_list(App *app, const CommandLine *line, GError **error) {
    const char *prefix = command_line_arguments(line)[0];
    ListReply reply = { app->config_path, list_keys(app, prefix) };
    bool is_ok = false;
    if (reply.keys->len == 0) {
        /* The error of a wrong key, with "did you mean". */
        g_autofree char *value = config_get(app->config, prefix, NULL, error);
        if (value != NULL) error_set(error, ERR_NOT_FOUND, "'%s' has no keys", prefix);
    } else {
        is_ok = app->is_json ? app_print_json(app, list_fields, &reply, error)
                             : print_list(app, &reply, error);
    }
    g_ptr_array_unref(reply.keys);
    return is_ok;
}

/* clang-format off */
static const char *const formats[] = { "toml", "json", NULL };

static const Option init_options[] = {
    { "force", 'f', OPTION_FLAG, .help = "Replace the file that is there" },
    { 0 }
};
static const Option show_options[] = {
    { "format", 'f', OPTION_CHOICE, .argument = "FORMAT", .choices = formats, .default_text = "toml", .json_choice = "json", .help = "Language of the output" },
    { 0 }
};
static const Option get_options[] = {
    { "reveal", 0, OPTION_FLAG, .help = "Print a secret instead of ***" },
    { 0 }
};

static const Example init_examples[] = {
    { "config init", "Write a file with every key, its default and what it does." },
    { 0 }
};
static const Example show_examples[] = {
    { "config show",         "What is in force, defaults included; secrets are ***." },
    { "config show -f json", "The same for a script." },
    { 0 }
};
static const Example get_examples[] = {
    { "config get agent.default_model",                 "One value." },
    { "config get heartbeat",                           "A whole section." },
    { "config get providers.openai.api_key --reveal",   "A secret, in full." },
    { 0 }
};
static const Example set_examples[] = {
    { "config set agent.default_model openai/gpt-4o",                          "A string needs no quotes." },
    { "config set sandbox.allow_paths.read /opt/data,/srv",                    "A list, with commas." },
    { "config set providers.openai.api_key '${OPENAI_API_KEY}'",               "Keep the key in a variable." },
    { "config set providers.openai.api_key -",                                 "Read the value from standard input." },
    { "config set providers.custom.lab.base_url http://192.168.1.5:8080/v1",   "A server of your own, by a name of your own." },
    { 0 }
};
static const Example unset_examples[] = {
    { "config unset server.port", "Back to the default." },
    { 0 }
};
static const Example path_examples[] = {
    { "config path", "Print where the file is, for $EDITOR \"$(localgpt config path)\"." },
    { 0 }
};
static const Example list_examples[] = {
    { "config list",        "Every key: what it takes, its value, where it is set." },
    { "config list server", "The keys of one section." },
    { 0 }
};

const Example config_examples[] = {
    { "config init",                                "Write a commented file to start from." },
    { "config set logging.level debug",             "Change one key; comments and order stay." },
    { "config list agent",                          "What can be set." },
    { 0 }
};

const Command config_commands[] = {
    { "init", .summary = "Write a commented file with every key",
      .description = "Every key is in it as a comment, with its default and what it does. The file and its folder are "
                     "readable by you alone. A file that is there is kept, unless --force is given.",
      .examples = init_examples, .options = init_options, .run = run_init },
    { "show", .summary = "Show what is in force",
      .description = "Prints every key with its value or default. Secrets are shown as ***; a value that is only a "
                     "variable like ${OPENAI_API_KEY} is shown as it is, and is filled in when it is used.",
      .examples = show_examples, .options = show_options, .needs = NEEDS_CONFIG, .run = run_show },
    { "get", .arguments = "KEY", .summary = "Print one value or a section",
      .description = "Prints the value as the file has it, else the default; a section as TOML. A secret is printed as "
                     "*** unless --reveal is given.",
      .examples = get_examples, .options = get_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = 1,
      .complete = "key", .run = run_get },
    { "set", .arguments = "KEY VALUE", .summary = "Change one key in the file",
      .description = "The value is checked before anything is written; comments, order and every other byte of the file "
                     "stay. A string needs no quotes, a list may be words with commas; lists and tables may be TOML. "
                     "With - as VALUE it is read from standard input: a key then stands in no history.\n\n"
                     "${NAME} in a string is the environment variable NAME, filled in when the value is used and never "
                     "written to the file; $$ is a plain dollar.",
      .examples = set_examples, .min_arguments = 2, .max_arguments = 2, .complete = "key", .run = run_set },
    { "unset", .arguments = "KEY", .summary = "Remove one key from the file",
      .description = "The default is in force again. A key that LocalGPT does not know can be removed too.",
      .examples = unset_examples, .min_arguments = 1, .max_arguments = 1, .complete = "key", .run = run_unset },
    { "path", .summary = "Print where the file is", .description = "The file need not be there.",
      .examples = path_examples, .run = run_path },
    { "list", .arguments = "[SECTION]", .summary = "List every key and what it takes",
      .description = "For each key: its value, what it does, what it takes, the line that sets it, and whether it is "
                     "secret, needs a restart or has no effect yet. <name> stands for a name of your own.",
      .examples = list_examples, .needs = NEEDS_CONFIG, .max_arguments = 1, .complete = "key", .run = run_list },
    { 0 }
};
/* clang-format on */
