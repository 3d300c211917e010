/*
 * sandbox/exec/confine.h: how a process locks itself in. GLib-free, so that a child between two
 * execs can use it; the engine uses it too.
 *
 * A Confinement is plain data: what stays possible. All zero is the tightest one: no file can be
 * opened, no socket made, no program or process started. confine_apply() plays it on the calling
 * process, for good:
 *
 *     Confinement confinement = { 0 };
 *     confine_grant(&confinement, model_path, CONFINE_READ);
 *     confine_keep_descriptor(&confinement, socket_fd);
 *     ConfineReport report;
 *     if (!confine_apply(&confinement, &report)) {
 *         fprintf(stderr, "%s\n", report.reason);
 *         _exit(1);
 *     }
 *
 * It never fails open: a layer that cannot be put in place is a failure whose reason names it, and
 * the caller must end then (some layers may already hold). The process must have one thread:
 * Landlock binds only the calling one, and threads made later inherit it.
 *
 * Layers, in this order: no new privileges · other descriptors closed · resource limits · no
 * capabilities (for root too) · Landlock at the highest ABI of the kernel · seccomp allowlist ·
 * a look whether it holds.
 *
 * Strings are borrowed until confine_apply() returns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFINE_MAX_GRANTS = 64, CONFINE_MAX_DESCRIPTORS = 16, CONFINE_REASON_BYTES = 256 };

/* What a grant allows below its path (or on it, when it is a file). */
typedef enum {
    CONFINE_READ = 1 << 0,    /* read files, list folders */
    CONFINE_EXECUTE = 1 << 1, /* run files */
    CONFINE_WRITE = 1 << 2,   /* change the content of files that exist */
    CONFINE_CREATE = 1 << 3,  /* make, rename and remove entries */
    CONFINE_DEVICE = 1 << 4,  /* ioctl on device files */
    CONFINE_LIST = 1 << 5,    /* list folders, read no file */
} ConfineRights;

typedef struct {
    const char *path; /* absolute; NULL = use `descriptor` */
    int descriptor;   /* already open, O_PATH is enough */
    unsigned rights;  /* ConfineRights */
} ConfineGrant;

/* Groups of system calls beyond computing on open files and opening granted ones. */
typedef enum {
    CONFINE_ALLOW_NETWORK = 1 << 0,   /* socket, connect, bind, ... */
    CONFINE_ALLOW_PROCESSES = 1 << 1, /* fork, wait, pipes */
    CONFINE_ALLOW_PROGRAMS = 1 << 2,  /* execve, and new executable memory */
    CONFINE_ALLOW_CODE = 1 << 3,      /* new executable memory: libraries loaded later, drivers */
    CONFINE_ALLOW_DEVICES = 1 << 4,   /* ioctl */
} ConfineAllows;

typedef struct {
    ConfineGrant grants[CONFINE_MAX_GRANTS];
    size_t n_grants;
    int descriptors[CONFINE_MAX_DESCRIPTORS]; /* stay open, besides 0, 1 and 2 */
    size_t n_descriptors;
    unsigned allows;         /* ConfineAllows */
    int min_landlock_abi;    /* refuse an older kernel; 0 counts as 1 */
    uint64_t max_data_bytes; /* RLIMIT_DATA; 0 = as it is */
    uint64_t max_file_bytes; /* RLIMIT_FSIZE; 0 = no file can grow */
    unsigned max_open_files; /* RLIMIT_NOFILE; 0 = 64 */
    bool is_overfull;        /* more was added than fits: confine_apply() refuses */
} Confinement;

typedef enum {
    CONFINE_LAYER_REQUEST, /* the Confinement itself */
    CONFINE_LAYER_PRIVILEGES,
    CONFINE_LAYER_DESCRIPTORS,
    CONFINE_LAYER_LIMITS,
    CONFINE_LAYER_CAPABILITIES,
    CONFINE_LAYER_LANDLOCK,
    CONFINE_LAYER_SECCOMP,
    CONFINE_LAYER_CHECK,
    CONFINE_N_APPLIED, /* the layers of confine_apply() */
    /* further ones that only a command has: see child.h */
    CONFINE_LAYER_NAMESPACES = CONFINE_N_APPLIED,
    CONFINE_LAYER_ROOT,
    CONFINE_LAYER_OVERLAY,
    CONFINE_LAYER_PROGRAM,
    CONFINE_N_LAYERS
} ConfineLayer;

typedef struct {
    unsigned applied;          /* 1 << ConfineLayer for each that holds */
    int landlock_abi;          /* of the kernel; 0 = none */
    unsigned landlock_errata;  /* bits of fixed kernel errors, as the kernel tells them */
    ConfineLayer failed_layer; /* when confine_apply() returned false */
    int errno_value;           /* why, or 0 */
    char reason[CONFINE_REASON_BYTES];
} ConfineReport;

/* Adds a grant by path. Too many mark the Confinement, which confine_apply() then refuses. */
void confine_grant(Confinement *confinement, const char *path, unsigned rights);

/* Adds a grant by open descriptor (borrowed). */
void confine_grant_descriptor(Confinement *confinement, int descriptor, unsigned rights);

/* Leaves `descriptor` open. */
void confine_keep_descriptor(Confinement *confinement, int descriptor);

/* Plays the Confinement on this process. On failure `report` names the layer and the cause. */
bool confine_apply(const Confinement *confinement, ConfineReport *report);

/* Writes the Confinement as lines of text ("read  /path"), cut at `size`; returns the length the
 * whole text has, like snprintf(). */
size_t confine_print(const Confinement *confinement, char *buffer, size_t size);

/* "landlock", "seccomp", ...: the layer's name in messages. */
const char *confine_layer_name(ConfineLayer layer);

/* Single layers, for the child that runs commands and for the layers' own files. */
bool confine_refuse_new_privileges(ConfineReport *report);
bool confine_drop_capabilities(ConfineReport *report);
bool confine_limit(int resource, uint64_t value, ConfineReport *report);

/* Sets the failed layer and reason; returns false. */
bool confine_fail(ConfineReport *report, ConfineLayer layer, int errno_value, const char *what);
