/* base/log.c: the writer behind g_debug() and friends. */
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

struct Log {
    SecretSet *secrets; /* borrowed */
    GLogLevelFlags level;
};

static const char *level_name(GLogLevelFlags level) {
    switch (level & G_LOG_LEVEL_MASK) {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL: return "internal error: ";
    case G_LOG_LEVEL_WARNING: return "warning: ";
    case G_LOG_LEVEL_DEBUG: return "debug: ";
    default: return "";
    }
}

static GLogWriterOutput write_record(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                     gpointer user_data) {
    const Log *log = user_data;
    if ((level & G_LOG_LEVEL_MASK) > log->level) return G_LOG_WRITER_HANDLED;
    const char *message = NULL;
    for (gsize i = 0; i < n_fields; i++)
        if (g_str_equal(fields[i].key, "MESSAGE")) message = fields[i].value;
    if (message == NULL) message = "";
    /* First strip, then redact: what is stripped may stand inside a secret. */
    g_autofree char *plain = text_strip_terminal(message, strlen(message));
    g_strdelimit(plain, "\n", ' ');
    g_autofree char *safe = secret_redact(log->secrets, plain);
    g_autofree char *line = g_strdup_printf("localgpt: %s%s\n", level_name(level), safe);
    gsize length = strlen(line);
    /* Nothing sensible can be done when stderr is gone. */
    for (gsize done = 0; done < length;) {
        ssize_t n = write(STDERR_FILENO, line + done, length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += (gsize)n;
    }
    return G_LOG_WRITER_HANDLED;
}

Log *log_open(SecretSet *secrets, GLogLevelFlags level) {
    Log *log = g_new0(Log, 1);
    log->secrets = secrets;
    log->level = level;
    g_log_set_writer_func(write_record, log, NULL);
    return log;
}

void log_set_level(Log *log, GLogLevelFlags level) {
    log->level = level;
}

/* GLib lets a writer be set once per process, so the Log stays installed; only its secrets go. */
void log_close(Log *log) {
    if (log != NULL) log->secrets = NULL;
}
