/*
 * Times what bench/bench_sessions prints.
 *
 *     sessions_bench make FOLDER COUNT       that many sessions of four messages
 *     sessions_bench make-long FILE BYTES    one session of about that size
 *     sessions_bench list FOLDER             ms to list them, once
 *     sessions_bench resume FILE             ms to open it for going on, once
 *     sessions_bench open FILE               ms to read it all, once
 */
#include <stdio.h>
#include <string.h>

#include "session/session_store.h"

#define LONG_MESSAGE_BYTES 2000

static void write_line(FILE *file, int number, const char *role, const char *text) {
    fprintf(file, "{\"type\":\"message\",\"id\":\"%08x\",\"parentId\":", (unsigned)number);
    if (number == 1)
        fputs("null", file);
    else
        fprintf(file, "\"%08x\"", (unsigned)number - 1);
    fprintf(file,
            ",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"message\":{\"role\":\"%s\",\"content\":"
            "[{\"type\":\"text\",\"text\":\"%s\"}],\"timestamp\":1},\"labels\":[{\"origin\":"
            "\"owner\",\"integrity\":\"trusted\",\"secrecy\":\"public\"}]}\n",
            role, text);
}

static bool make_session(const char *path, const char *id, int n_messages, const char *text) {
    FILE *file = fopen(path, "w");
    if (file == NULL) return false;
    fprintf(file, "{\"type\":\"session\",\"version\":3,\"id\":\"%s\"}\n", id);
    for (int i = 1; i <= n_messages; i++)
        write_line(file, i, i % 2 == 1 ? "user" : "assistant", text);
    return fclose(file) == 0;
}

static bool make(const char *folder, int count) {
    for (int i = 0; i < count; i++) {
        g_autofree char *id = g_uuid_string_random();
        g_autofree char *path = g_strdup_printf("%s/%s.jsonl", folder, id);
        if (!make_session(path, id, 4, "a question of some length about the matter at hand"))
            return false;
    }
    return true;
}

static bool show_ms(gint64 start_us, unsigned n, GError *error) {
    if (error != NULL) {
        fprintf(stderr, "%s\n", error->message);
        return false;
    }
    printf("%.2f %u\n", (double)(g_get_monotonic_time() - start_us) / 1000, n);
    return true;
}

static bool time_list(const char *folder) {
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    g_autoptr(GPtrArray) list = session_store_list(folder, NULL, &error);
    return show_ms(start, list != NULL ? list->len : 0, error);
}

static bool time_open(const char *path, Transcript *(*open)(const char *, GError **)) {
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    g_autoptr(Transcript) transcript = open(path, &error);
    return show_ms(start, transcript != NULL ? transcript_messages(transcript)->len : 0, error);
}

int main(int argc, char **argv) {
    const char *verb = argc >= 3 ? argv[1] : "";
    bool is_ok = false;
    if (strcmp(verb, "make") == 0 && argc == 4)
        is_ok = make(argv[2], (int)g_ascii_strtoll(argv[3], NULL, 10));
    else if (strcmp(verb, "make-long") == 0 && argc == 4) {
        g_autofree char *text = g_strnfill(LONG_MESSAGE_BYTES, 'x');
        int n = (int)(g_ascii_strtoll(argv[3], NULL, 10) / (LONG_MESSAGE_BYTES + 280));
        is_ok = make_session(argv[2], "long", n, text);
    } else if (strcmp(verb, "list") == 0)
        is_ok = time_list(argv[2]);
    else if (strcmp(verb, "resume") == 0)
        is_ok = time_open(argv[2], transcript_open_recent);
    else if (strcmp(verb, "open") == 0)
        is_ok = time_open(argv[2], transcript_open);
    else
        fprintf(stderr, "usage: sessions_bench make|make-long|list|resume|open PATH [NUMBER]\n");
    return is_ok ? 0 : 1;
}
