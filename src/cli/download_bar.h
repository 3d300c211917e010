/*
 * cli/download_bar.h: how far a long piece of work is, on stderr: a bar that moves on a terminal, a
 * line for every tenth elsewhere and with --plain, nothing with -q or --json.
 *
 *     DownloadBar bar = { .app = app, .title = "qwen3-1.7b" };
 *     pull.on_progress = download_bar_on_download, pull.user_data = &bar;
 *     ...
 *     download_bar_end(&bar);   // always, before anything else is printed
 */
#pragma once

#include "cli/app.h"
#include "http/download.h"

typedef struct {
    const App *app;    /* borrowed */
    const char *title; /* borrowed */
    /* state, zero at first */
    bool is_drawn;
    int last_tenth; /* 1 = 0 % was told */
    int64_t last_drawn_us;
} DownloadBar;

void download_bar_on_download(const HttpDownloadProgress *progress, void *user_data);

/* For HashProgress. */
void download_bar_on_hash(int64_t done_bytes, int64_t total_bytes, void *user_data);

void download_bar_end(DownloadBar *bar);
