/*
 * What the crash tests play and look at.
 *
 *     crash_scenario play FOLDER           changes the configuration and a session, as a chat does;
 *                                          goes on with the newest session when there is one
 *     crash_scenario new FOLDER            the same with a new session
 *     crash_scenario check FOLDER [CONFIG] prints every session of a folder and its messages, and
 *                                          the configured model
 *
 * "ack ..." is printed when the call that keeps a thing has returned: from then on it may not be
 * lost. Exit status 1 and one line on stderr when something failed.
 */
#include <string.h>
#include <unistd.h>

#include "agent/compaction.h"
#include "base/error.h"
#include "base/text.h"
#include "config/config.h"
#include "session/session_store.h"

typedef struct {
    char *default_model;
} AgentConfig;

static const Field agent_fields[] = { { "default_model", FIELD_STRING(AgentConfig, default_model) },
                                      { 0 } };
static const ConfigSection sections[] = {
    { "agent", "The agent.", agent_fields, sizeof(AgentConfig) }, { 0 }
};

static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* At once, past every buffer: what is acknowledged is what the driver has read. */
static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    for (size_t done = 0, length = strlen(line); done < length;) {
        ssize_t n = write(STDOUT_FILENO, line + done, length - done);
        if (n <= 0) return;
        done += (size_t)n;
    }
}

static bool set_model(const char *path, const char *model, GError **error) {
    if (!config_set(path, sections, "agent.default_model", model, error)) return false;
    say("ack config %s\n", model);
    return true;
}

static bool append(Transcript *transcript, Role role, const char *text, GError **error) {
    g_autoptr(Message) message = message_new(role);
    /* Long enough that half a line is not a whole one by chance. */
    g_autofree char *filler = g_strnfill(6000, '.');
    g_autofree char *whole = g_strdup_printf("%s %s \xE4\xBD\xA0\xE5\xA5\xBD", text, filler);
    Origin origin = role == ROLE_USER ? ORIGIN_OWNER : ORIGIN_AGENT;
    message_add_text(message, label_new(origin, NULL), whole, -1);
    if (!transcript_append(transcript, message, error)) return false;
    say("ack message %s\n", text);
    return true;
}

/* Notes what must last and sums up the rest, as a turn does when its window is full. The tiny tier
 * asks no model: the provider only has to be there. */
static bool compact(Transcript *transcript, const char *workspace, GError **error) {
    const ProviderSettings settings = { .provider = "ollama", .model = "nobody" };
    g_autoptr(Provider) provider = provider_open(&settings, error);
    if (provider == NULL) return false;
    const CompactionInput input = { .provider = provider,
                                    .tier = model_tier_for(0, /* is_local= */ true),
                                    .transcript = transcript,
                                    .workspace = workspace,
                                    .window_tokens = 8000,
                                    .room_tokens = 6000 };
    CompactionResult result = { 0 };
    if (!compaction_run(&input, NULL, &result, error)) return false;
    if (result.note_problem != NULL) error_set(error, ERR_IO, "%s", result.note_problem);
    bool is_ok = result.note_problem == NULL;
    if (is_ok) say("ack note %s\n", result.note);
    compaction_result_clear(&result);
    return is_ok;
}

static Transcript *choose_session(const char *folder, bool is_new, GError **error) {
    g_autoptr(GError) problem = NULL;
    g_autofree char *path = is_new ? NULL : session_store_newest(folder, &problem);
    if (path != NULL) return transcript_open(path, error);
    return transcript_create(folder, "/home/someone", error);
}

static bool play(const char *folder, bool is_new, GError **error) {
    g_autofree char *config = g_build_filename(folder, "config", "config.toml", NULL);
    g_autofree char *sessions = g_build_filename(folder, "agents", "main", "sessions", NULL);
    g_autofree char *workspace = g_build_filename(folder, "workspace", NULL);
    if (!set_model(config, "one", error)) return false;
    g_autoptr(Transcript) first = choose_session(sessions, is_new, error);
    if (first == NULL || !append(first, ROLE_USER, "question-1", error) ||
        !append(first, ROLE_ASSISTANT, "answer-1", error) ||
        !append(first, ROLE_USER, "question-2", error))
        return false;
    if (!set_model(config, "two", error)) return false;
    g_autoptr(Transcript) again = transcript_open(transcript_path(first), error);
    return again != NULL && append(again, ROLE_ASSISTANT, "answer-2", error) &&
           transcript_append_model(again, "local", "two", error) &&
           compact(again, workspace, error) && append(again, ROLE_USER, "question-3", error);
}

static bool check_session(const SessionSummary *summary, GError **error) {
    g_autoptr(Transcript) transcript = transcript_open(summary->path, error);
    if (transcript == NULL) return false;
    TranscriptDamage damage = transcript_damage(transcript);
    say("session %s bad %u torn %" G_GINT64_FORMAT "\n", summary->id, damage.n_bad_lines,
        (gint64)damage.torn_bytes);
    /* The view is whole: a summary and what it keeps, or all that was said. */
    g_autoptr(Transcript) recent = transcript_open_recent(summary->path, error);
    if (recent == NULL) return false;
    bool is_same = transcript_messages(recent)->len == transcript_messages(transcript)->len;
    if (!is_same && !transcript_is_cut(recent)) {
        error_set(error, ERR_DATA, "the end of the file tells another conversation");
        return false;
    }
    g_autoptr(GPtrArray) messages = transcript_read_history(summary->path, error);
    if (messages == NULL) return false;
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_autofree char *text = message_text(message);
        g_autofree char *shown = g_strescape(text, NULL);
        say("message %s %s\n", role_names[message->role], shown);
    }
    return true;
}

static bool check(const char *folder, const char *config_path, GError **error) {
    unsigned n_unreadable = 0;
    g_autoptr(GPtrArray) list = session_store_list(folder, &n_unreadable, error);
    if (list == NULL) return false;
    say("unreadable %u\n", n_unreadable);
    for (unsigned i = 0; i < list->len; i++)
        if (!check_session(g_ptr_array_index(list, i), error)) return false;
    if (config_path == NULL) return true;
    g_autoptr(Config) config = config_load(config_path, sections, NULL, NULL, error);
    if (config == NULL) return false;
    const AgentConfig *agent = config_section(config, "agent");
    say("config %s\n", agent->default_model != NULL ? agent->default_model : "");
    return true;
}

int main(int argc, char **argv) {
    g_autoptr(GError) error = NULL;
    const char *verb = argc >= 3 ? argv[1] : "";
    bool is_ok = false;
    if (strcmp(verb, "play") == 0 || strcmp(verb, "new") == 0)
        is_ok = play(argv[2], strcmp(verb, "new") == 0, &error);
    else if (strcmp(verb, "check") == 0)
        is_ok = check(argv[2], argc > 3 ? argv[3] : NULL, &error);
    else
        error_set(&error, ERR_USAGE, "crash_scenario play|new|check FOLDER");
    if (!is_ok) g_printerr("%s\n", error->message);
    return is_ok ? 0 : 1;
}
