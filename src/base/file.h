/*
 * base/file.h: files that survive a crash.
 *
 * file_replace() writes a temporary file beside the target, fsyncs it, renames it over the target
 * and fsyncs the folder: a reader sees the old content or the new, never a mixture (Pillai et al.,
 * OSDI'14). FileLog appends whole lines with one write() and fdatasync(); a kill in the middle
 * leaves a torn last line, which file_log_open() and every reader cuts.
 *
 * Temporary names are ".<name>.<random>.tmp"; file_replace() removes stale ones of the same target
 * (nobody holds their lock, and they are older than ten seconds).
 * New files are 0600, new folders 0700 unless said otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Reads a regular file of at most `max_bytes` (ERR_LIMIT beyond; ERR_NOT_FOUND; ERR_IO; a FIFO or
 * device is refused with ERR_DATA and never blocks). *out_text is NUL-terminated and owned by the
 * caller; `out_length` may be NULL. */
bool file_read(const char *path, size_t max_bytes, char **out_text, size_t *out_length,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Atomically replaces `path`, following symlinks at `path` to their target (which need not exist);
 * keeps the mode bits of an existing file, minus group and other when `mode` is 0600. ERR_DATA when
 * a folder, FIFO or device is there. */
bool file_replace(const char *path, const char *data, size_t length, unsigned mode,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes every stale temporary of file_replace() in a folder where all files are ours, for targets
 * that are made once and never replaced. */
void file_remove_stale(const char *folder);

/* mkdir -p with 0700 for every folder it makes; they are on the disk when it returns. */
bool file_make_folders(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* write() until all of it is written. False with errno. */
bool file_write_all(int fd, const char *data, size_t length);

/* Makes the name of a new file last: syncs the folder it is in. False with errno. */
bool file_sync_folder_of(const char *path);

/* An append-only file of lines. One writer per FileLog; writers of several processes are kept apart
 * with flock(). */
typedef struct FileLog FileLog;

/* Opens or creates `path` (0600). A torn tail (bytes after the last newline) is first copied to
 * "<path>.torn", fsynced, and then cut; *out_torn_bytes (may be NULL) tells how many. */
FileLog *file_log_open(const char *path, int64_t *out_torn_bytes, GError **error);

/* Gives the last line of `path` the newline it lacks, when the file still has `size_bytes`: for a
 * reader who found that line to be whole all the same (another program wrote it), so that opening
 * does not cut it. */
bool file_log_end_line(const char *path, int64_t size_bytes,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends `line` and a newline (no newline inside), returns only when it is on the disk. On failure
 * (disk full) the file is cut back to what it was. */
bool file_log_append(FileLog *log, const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void file_log_close(FileLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FileLog, file_log_close)
