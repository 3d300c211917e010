/*
 * memory/sync.h: the files below the roots, as they are now.
 *
 *     g_autoptr(SyncListing) listing = sync_list(memory, cancel, error);
 *     for (i < listing->files->len) SyncFile *file = &g_array_index(listing->files, SyncFile, i);
 *
 * Hidden names are passed over. A folder is visited once, however many links lead there. Nothing is
 * opened: FIFOs, devices and sockets are passed over. What cannot be looked at is named in
 * `problems`.
 */
#pragma once

#include "memory/memory-private.h"

typedef struct {
    char *path; /* as shown; owned by the listing */
    IndexSource source;
    int64_t mtime_ns, size_bytes;
    uint64_t inode;
} SyncFile;

typedef struct {
    char *path; /* absolute */
    int64_t mtime_ns;
} SyncFolder;

typedef struct {
    /* owned */
    GArray *files;       /* SyncFile */
    GArray *folders;     /* SyncFolder */
    GPtrArray *problems; /* char *: "'secret': Permission denied" */
} SyncListing;

SyncListing *sync_list(const Memory *memory, Cancel *cancel, GError **error);
void sync_listing_free(SyncListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyncListing, sync_listing_free)

/* One file by its shown path; false when it is not there or is no file of a root. */
bool sync_look(const Memory *memory, const char *path, SyncFile *out);

/* What changed a moment ago may change again within the same tick of the clock: then the time that
 * is kept is one that no look will find. */
int64_t sync_safe_time(int64_t mtime_ns);
