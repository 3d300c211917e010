/* cli/download_bar.c: one line, drawn over and over. */
#include "cli/download_bar.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

enum { BAR_CELLS = 20, REDRAW_US = 100000 };

static bool moves(const App *app) {
    return !app->is_plain && isatty(STDERR_FILENO) == 1;
}

static char *time_text(double seconds) {
    if (seconds < 0) return g_strdup("");
    if (seconds < 90) return g_strdup_printf("  %.0f s left", seconds);
    if (seconds < 5400) return g_strdup_printf("  %.0f min left", seconds / 60);
    return g_strdup_printf("  %.1f h left", seconds / 3600);
}

/* "578.1 MB of 1.3 GB  12.0 MB/s  58 s left" */
static char *numbers_text(const HttpDownloadProgress *progress) {
    g_autofree char *done = text_format_size((unsigned long long)progress->done_bytes);
    g_autofree char *total = progress->total_bytes > 0
                                 ? text_format_size((unsigned long long)progress->total_bytes)
                                 : NULL;
    if (progress->is_checking) return g_strdup_printf("checking %s", total != NULL ? total : done);
    g_autofree char *speed = progress->bytes_per_second > 0
                                 ? text_format_size((unsigned long long)progress->bytes_per_second)
                                 : NULL;
    g_autofree char *left = time_text(progress->seconds_left);
    return g_strdup_printf("%s%s%s%s%s%s%s", done, total != NULL ? " of " : "",
                           total != NULL ? total : "", speed != NULL ? "  " : "",
                           speed != NULL ? speed : "", speed != NULL ? "/s" : "", left);
}

static void draw(DownloadBar *bar, const HttpDownloadProgress *progress) {
    int64_t now_us = g_get_monotonic_time();
    bool is_last = progress->done_bytes == progress->total_bytes;
    if (bar->is_drawn && !is_last && now_us - bar->last_drawn_us < REDRAW_US) return;
    bar->is_drawn = true;
    bar->last_drawn_us = now_us;
    g_autoptr(GString) cells = g_string_new(NULL);
    double share = progress->total_bytes > 0
                       ? (double)progress->done_bytes / (double)progress->total_bytes
                       : 0;
    for (int i = 0; i < BAR_CELLS; i++)
        g_string_append(cells, (i + 0.5) / BAR_CELLS < share ? "█" : "░");
    g_autofree char *numbers = numbers_text(progress);
    fprintf(stderr, "\r%s  %3.0f %%  %s  %s\033[K", bar->title, share * 100, cells->str, numbers);
    fflush(stderr);
}

static void tell(DownloadBar *bar, const HttpDownloadProgress *progress) {
    if (progress->is_checking || progress->total_bytes <= 0) return;
    int tenth = (int)(progress->done_bytes * 10 / progress->total_bytes) + 1;
    if (tenth <= bar->last_tenth) return;
    bar->last_tenth = tenth;
    g_autofree char *numbers = numbers_text(progress);
    app_note(bar->app, "%s: %d %%, %s", bar->title, (tenth - 1) * 10, numbers);
}

void download_bar_on_download(const HttpDownloadProgress *progress, void *user_data) {
    DownloadBar *bar = user_data;
    if (bar->app->is_quiet || bar->app->is_json) return;
    if (moves(bar->app))
        draw(bar, progress);
    else
        tell(bar, progress);
}

void download_bar_on_hash(int64_t done_bytes, int64_t total_bytes, void *user_data) {
    HttpDownloadProgress progress = { .done_bytes = done_bytes,
                                      .total_bytes = total_bytes,
                                      .seconds_left = -1,
                                      .is_checking = true };
    download_bar_on_download(&progress, user_data);
}

void download_bar_end(DownloadBar *bar) {
    if (bar->is_drawn) fputc('\n', stderr);
    bar->is_drawn = false;
}
