/*
 * tests/escape/attempt.h: one attempt to get out of the sandbox; GLib-free, as an attacker's is.
 *
 * `attempts NAME key=value...` makes one attempt and tells on stdout what came of it, a line each:
 *
 *     got read /home/.../id_rsa        it worked; unsandboxed it has to, sandboxed it must not
 *     no  read /home/.../id_rsa EACCES it did not, and this is why
 *     na  this kernel has no io_uring  nothing to attempt here, with or without a sandbox
 *
 * What it read it prints as well: escape.py knows the canaries and looks for them itself, as it
 * looks at every file, socket and process outside. The lines are a hint, never the proof.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What escape.py laid out, from the key=value arguments; "" and 0 when absent. */
typedef struct {
    const char *home;
    const char *workspace; /* the only place that may be written */
    const char *state;     /* LocalGPT's state folder */
    const char *config;    /* LocalGPT's configuration file */
    const char *token;     /* what a sink must never see */
    const char *program;   /* localgpt */
    const char *shm;       /* /dev/shm name of the victim */
    pid_t victim;          /* a process outside, of the same user */
    unsigned long address; /* of a canary in the victim's memory */
    int victim_fd;         /* the victim's descriptor of a secret */
    int shm_key;           /* System V */
    int tcp_port, tcp6_port, udp_port;
} Ground;

extern Ground ground;

typedef void AttemptFn(void);

typedef enum {
    ROOT_ONLY = 1 << 0, /* an ordinary user may not do it anyway: no control to compare with */
    USER_ONLY = 1 << 1, /* root gains nothing by it */
    GAP = 1 << 2,       /* open at level standard, and SECURITY.md says so */
    HOME_READ = 1 << 3, /* again with sandbox.allow_paths.read = [the home] */
    WITH_FDS = 1 << 4,  /* started with descriptors of secrets open */
    WITH_TTY = 1 << 5,  /* started with a terminal */
    SIBLING = 1 << 6,   /* the victim is itself in a sandbox of that level */
    RUNNER = 1 << 7,    /* escape.py makes the attempt */
    CHANGES_NOTHING = 1 << 8,
} AttemptFlags;

typedef struct {
    int number; /* of the row in the table of attempts */
    const char *name;
    AttemptFn *run;
    unsigned flags;             /* AttemptFlags */
    const char *not_applicable; /* why there is nothing to run */
} Attempt;

extern const Attempt file_attempts[], kernel_attempts[], limit_attempts[], network_attempts[],
    process_attempts[];

void got(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Tells errno, too. */
void no(const char *format, ...) __attribute__((format(printf, 1, 2)));
void na(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* got or no. */
bool tried(bool has_worked, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A step on the way that proves nothing by itself: told only when it failed. */
bool step(bool has_worked, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "<folder>/<name>", in one of a few buffers that are used in turn. */
const char *in_folder(const char *folder, const char *name);

/* Reads and prints the file, at most 64 KiB. */
bool print_file(const char *path);
bool print_descriptor(int fd, const char *what);
bool append_to(const char *path, const char *text);

/* Forks, lets the child do it, and tells whether it ended with 0. */
bool in_child(bool (*function)(void));

int victim_main(void);
int linger_main(const char *how);
