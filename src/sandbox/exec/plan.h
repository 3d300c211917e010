/*
 * sandbox/exec/plan.h: what the sandbox child has to do, as plain data in a memory file.
 *
 * The parent writes a PlanHeader, the arrays and strings it points to (as offsets from its start)
 * into it: only the two processes have the file. The child maps it, checks every offset
 * once (plan_open) and then plays it from top to bottom.
 *
 *     const PlanHeader *plan = plan_open(PLAN_FD, &report);
 *     for (uint32_t i = 0; i < plan->n_items; i++) {
 *         const PlanItem *item = plan_item(plan, i);
 *         plan_text(plan, item->path) ...
 *
 * Items come with outer paths before inner ones.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/exec/confine.h"

enum {
    PLAN_MAGIC = 0x4c47504c,
    PLAN_CONTROL_FD = 3,
    PLAN_FD = 4,
    PLAN_MAX_BYTES = 64 << 20,
    PLAN_REPORT_BYTES = 320,
    PLAN_PROXY_PORT = 3128, /* on the loopback of the command's own network */
};

/* Ordered: a higher one holds all that the lower ones hold. */
typedef enum { PLAN_NONE, PLAN_MINIMAL, PLAN_STANDARD, PLAN_FULL } PlanLevel;

typedef enum {
    PLAN_READ,      /* files and folders below `path` can be read and run */
    PLAN_WRITE,     /* and changed */
    PLAN_WORKSPACE, /* PLAN_WRITE of the one folder that the protected names are below */
    PLAN_DEVICE,    /* a device file, for reading and writing */
    PLAN_LINK,      /* full: a symbolic link at `path` to `value` */
    PLAN_FOLDER,    /* full: an empty private folder, gone afterwards */
    PLAN_PROCESSES, /* full: a /proc of its own at `path`; standard: one file of it, read */
    PLAN_PROTECT,   /* `path` below the workspace stays as it is, or stays missing */
    PLAN_HIDE,      /* nothing of `path`, even when something above it is granted */
} PlanKind;

enum {
    PLAN_IS_OPTIONAL = 1 << 0, /* skipped when it is missing */
    PLAN_IS_FOLDER = 1 << 1,   /* PLAN_PROTECT: what stays missing would be a folder */
};

typedef struct {
    uint32_t kind;  /* PlanKind */
    uint32_t flags; /* PLAN_IS_... */
    uint32_t path;  /* offset of a string */
    uint32_t value; /* offset of a string, 0 = none */
} PlanItem;

enum {
    PLAN_RUNS_SELF = 1 << 0,   /* execute this very binary under the name argv[0] */
    PLAN_IS_PROBE = 1 << 1,    /* only look whether all holds, then end with status 0 */
    PLAN_HAS_NETWORK = 1 << 2, /* TCP to a proxy in the own network namespace */
    PLAN_IS_WATCHED = 1 << 3,  /* stops at calls that change files: watch_filter.h */
};

typedef struct {
    uint32_t magic;
    uint32_t size;  /* of everything */
    uint32_t level; /* PlanLevel */
    uint32_t flags;
    uint32_t items, n_items;             /* PlanItem[] */
    uint32_t arguments, n_arguments;     /* uint32_t[] of string offsets */
    uint32_t environment, n_environment; /* uint32_t[] of string offsets, "NAME=value" */
    uint32_t working_directory;
    uint32_t filter, n_filter; /* struct sock_filter[], 8 bytes each */
    uint32_t max_processes;    /* 0 = no limit, as with all that follow */
    uint32_t max_open_files;
    uint32_t max_cpu_seconds;
    uint64_t max_file_bytes;
    uint64_t max_data_bytes;
    uint64_t private_bytes; /* full: of all private folders together */
    /* full, with undo: an overlay over the workspace; strings, 0 = none */
    uint32_t overlay_upper;
    uint32_t overlay_work;
} PlanHeader;

/* Child to parent, one packet each. */
typedef enum {
    PLAN_REPORT_FAILED,   /* it never ran: text says why, value is an errno or 0 */
    PLAN_REPORT_PID,      /* value: the process to wait for */
    PLAN_REPORT_RUNNING,  /* the command was executed */
    PLAN_REPORT_ENDED,    /* value: its wait status */
    PLAN_REPORT_LIMIT,    /* the watch ended it: text says why */
    PLAN_REPORT_LISTENER, /* the descriptor that comes along is where the proxy answers */
    PLAN_REPORT_WATCHED,  /* the descriptor that comes along is the watch filter's listener */
} PlanReportKind;

typedef struct {
    uint32_t kind;
    int32_t value;
    uint32_t layer; /* PLAN_REPORT_FAILED: ConfineLayer */
    char text[PLAN_REPORT_BYTES - 12];
} PlanReport;

/* Parent to child, one byte each. */
enum { PLAN_ORDER_TERMINATE = 'T', PLAN_ORDER_KILL = 'K' };

/* Maps and checks; NULL with `report` filled. */
const PlanHeader *plan_open(int fd, ConfineReport *report);

const char *plan_text(const PlanHeader *plan, uint32_t offset);
const PlanItem *plan_item(const PlanHeader *plan, uint32_t index);

/* The strings as a NULL-terminated vector for execve(); NULL without memory. */
char **plan_vector(const PlanHeader *plan, uint32_t offsets, uint32_t n);

/* Whether `path` lies below `folder` (and is not `folder` itself). */
bool plan_is_below(const char *path, const char *folder);
bool plan_is_same_or_below(const char *path, const char *folder);
