/* tool/jobs.c: a list under one lock; waiting happens outside of it. */
#include "tool/jobs.h"

#include <poll.h>
#include <string.h>

#include "base/error.h"
#include "tool/command_text.h"

#define POLL_MS 50

typedef struct {
    char *id;
    ToolJob job;
    uint64_t offset;   /* of the output that was reported */
    bool is_reaped;    /* its outcome was told */
    bool is_reporting; /* by one thread at a time */
    char *end;         /* owned: how it ended, once known */
} Entry;

struct ToolJobs {
    GMutex lock;
    GPtrArray *entries; /* Entry, owned */
    unsigned n_made;
};

static void end_undo(Entry *entry) {
    g_autoptr(GError) error = NULL;
    if (entry->job.undo != NULL && !undo_turn_end(entry->job.undo, &error))
        g_debug("the journal of %s: %s", entry->id, error->message);
    entry->job.undo = NULL;
}

static void free_entry(void *data) {
    Entry *entry = data;
    sandbox_process_free(entry->job.process);
    end_undo(entry);
    g_free(entry->job.command);
    g_free(entry->id);
    g_free(entry->end);
    g_free(entry);
}

ToolJobs *tool_jobs_new(void) {
    ToolJobs *jobs = g_new0(ToolJobs, 1);
    g_mutex_init(&jobs->lock);
    jobs->entries = g_ptr_array_new_with_free_func(free_entry);
    return jobs;
}

void tool_jobs_free(ToolJobs *jobs) {
    if (jobs == NULL) return;
    for (unsigned i = 0; i < jobs->entries->len; i++) {
        Entry *entry = g_ptr_array_index(jobs->entries, i);
        if (!entry->is_reaped) sandbox_process_kill(entry->job.process);
    }
    g_ptr_array_unref(jobs->entries);
    g_mutex_clear(&jobs->lock);
    g_free(jobs);
}

bool tool_jobs_has_room(ToolJobs *jobs, GError **error) {
    unsigned n = 0;
    g_mutex_lock(&jobs->lock);
    for (unsigned i = 0; i < jobs->entries->len; i++) {
        Entry *entry = g_ptr_array_index(jobs->entries, i);
        if (!entry->is_reaped && !sandbox_process_is_over(entry->job.process)) n++;
    }
    g_mutex_unlock(&jobs->lock);
    if (n < TOOL_MAX_JOBS) return true;
    error_set(error, ERR_LIMIT, "%u commands run in the background; end one with bash_kill", n);
    return false;
}

const char *tool_jobs_add(ToolJobs *jobs, ToolJob *job) {
    Entry *entry = g_new0(Entry, 1);
    entry->job = *job;
    memset(job, 0, sizeof *job);
    g_mutex_lock(&jobs->lock);
    entry->id = g_strdup_printf("job%u", ++jobs->n_made);
    g_ptr_array_add(jobs->entries, entry);
    g_mutex_unlock(&jobs->lock);
    return entry->id;
}

/* With the lock held. */
static Entry *find(ToolJobs *jobs, const char *id, GError **error) {
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned i = 0; i < jobs->entries->len; i++) {
        Entry *entry = g_ptr_array_index(jobs->entries, i);
        if (strcmp(entry->id, id) == 0) return entry;
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", entry->id);
    }
    error_set(error, ERR_NOT_FOUND, "there is no job '%s'; %s%s", id,
              names->len > 0 ? "there are " : "nothing runs in the background", names->str);
    return NULL;
}

/* Not where nothing can run in the background. */
static bool can_run(const ToolJobs *jobs, GError **error) {
    if (jobs != NULL) return true;
    error_set(error, ERR_NOT_FOUND, "nothing runs in the background");
    return false;
}

/* The entry for this thread alone; given back with release(). */
static Entry *take(ToolJobs *jobs, const char *id, GError **error) {
    if (!can_run(jobs, error)) return NULL;
    g_mutex_lock(&jobs->lock);
    Entry *entry = find(jobs, id, error);
    if (entry != NULL && entry->is_reporting) {
        error_set(error, ERR_USAGE, "'%s' is being asked already", id);
        entry = NULL;
    }
    if (entry != NULL) entry->is_reporting = true;
    g_mutex_unlock(&jobs->lock);
    return entry;
}

static void release(ToolJobs *jobs, Entry *entry) {
    g_mutex_lock(&jobs->lock);
    entry->is_reporting = false;
    g_mutex_unlock(&jobs->lock);
}

static bool wait_for_end(Entry *entry, int64_t wait_ms, Cancel *cancel, GError **error) {
    int64_t end_us = g_get_monotonic_time() + wait_ms * 1000;
    while (!sandbox_process_is_over(entry->job.process)) {
        if (!cancel_check(cancel, error)) return false;
        if (g_get_monotonic_time() >= end_us) return true;
        struct pollfd fd = { cancel_fd(cancel), POLLIN, 0 };
        (void)poll(&fd, 1, cancel_poll_timeout_ms(cancel, POLL_MS));
    }
    return true;
}

/* Once it is over: how it ended, and its journal closed. */
static bool reap(ToolJobs *jobs, Entry *entry, GError **error) {
    SandboxOutcome outcome = { 0 };
    if (!sandbox_process_wait(entry->job.process, NULL, &outcome, error)) return false;
    entry->end = command_text_end(&outcome, 0);
    sandbox_outcome_clear(&outcome);
    end_undo(entry);
    g_mutex_lock(&jobs->lock);
    entry->is_reaped = true;
    g_mutex_unlock(&jobs->lock);
    return true;
}

static char *report(ToolJobs *jobs, Entry *entry, const ToolJobLook *look, Cancel *cancel,
                    GError **error) {
    if (!entry->is_reaped && !wait_for_end(entry, look->wait_ms, cancel, error)) return NULL;
    bool is_over = entry->is_reaped || sandbox_process_is_over(entry->job.process);
    uint64_t before = entry->offset;
    size_t length = 0;
    g_autofree char *bytes = sandbox_process_output(entry->job.process, &entry->offset, &length);
    if (is_over && !entry->is_reaped && !reap(jobs, entry, error)) return NULL;
    g_autofree char *text =
        command_text_cut(bytes, length, entry->offset - before, look->max_bytes);
    return g_strdup_printf("%s%s%s: %s", text,
                           text[0] != '\0' && !g_str_has_suffix(text, "\n") ? "\n" : "", entry->id,
                           is_over ? entry->end : "still running; bash_output shows what comes");
}

char *tool_jobs_report(ToolJobs *jobs, const ToolJobLook *look, Cancel *cancel, GError **error) {
    Entry *entry = take(jobs, look->id, error);
    if (entry == NULL) return NULL;
    char *text = report(jobs, entry, look, cancel, error);
    release(jobs, entry);
    return text;
}

bool tool_jobs_kill(ToolJobs *jobs, const char *id, GError **error) {
    if (!can_run(jobs, error)) return false;
    g_mutex_lock(&jobs->lock);
    Entry *entry = find(jobs, id, error);
    if (entry != NULL && !entry->is_reaped) sandbox_process_kill(entry->job.process);
    g_mutex_unlock(&jobs->lock);
    return entry != NULL;
}
