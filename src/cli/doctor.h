/*
 * cli/doctor.h: is everything as it should be? One row per check; each tells one line, with the
 * command that mends what is wrong.
 *
 * A check looks and changes nothing; its `mend`, run by `doctor --fix`, repairs what can be
 * repaired without asking, and the check runs again. Checks run in the order of the table and may
 * leave what they found in the Doctor for later ones.
 */
#pragma once

#include "cli/app.h"
#include "provider/engine_config.h"
#include "provider/model_store.h"

typedef enum { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_PROBLEM, DOCTOR_SKIPPED } DoctorStatus;

typedef struct {
    char *name;    /* of the check */
    int status;    /* DoctorStatus */
    char *detail;  /* what was seen */
    char *fix;     /* what to type, "" = nothing */
    bool is_fixed; /* by --fix, just now */
} DoctorFinding;

extern const Field doctor_finding_fields[];

typedef struct {
    App *app; /* borrowed */
    /* owned; what checks left for later ones. The configuration is app->config, NULL when it does
     * not load. */
    EngineConfig *engine; /* expanded; NULL: the defaults */
    char *local_name;     /* of the local model that is meant, "" = the best; NULL: none is */
    StoredModel *model;   /* NULL: it is not there or not whole */
    bool has_program;
    bool has_library;
} Doctor;

typedef struct {
    const char *name;
    const char *summary; /* one line, for the reference */
    /* Fills the finding; `out` is zeroed but for its name. */
    void (*check)(Doctor *doctor, DoctorFinding *out);
    /* Repairs; NULL = cannot. */
    bool (*mend)(Doctor *doctor, GError **error);
} DoctorCheck;

/* Ended by { 0 }. */
extern const DoctorCheck doctor_checks[];

/* Sets status, detail and fix ("" or NULL = none). `format` makes the detail. */
void doctor_found(DoctorFinding *out, DoctorStatus status, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* A problem: the first line of the error's message, with its hint as what to type. */
void doctor_failed(DoctorFinding *out, const GError *error);

void doctor_clear(Doctor *doctor);

/* doctor_files.c */
void doctor_check_config(Doctor *doctor, DoctorFinding *out);
void doctor_check_permissions(Doctor *doctor, DoctorFinding *out);
bool doctor_mend_permissions(Doctor *doctor, GError **error);
void doctor_check_folders(Doctor *doctor, DoctorFinding *out);
bool doctor_mend_folders(Doctor *doctor, GError **error);
void doctor_check_disk(Doctor *doctor, DoctorFinding *out);
void doctor_check_leftovers(Doctor *doctor, DoctorFinding *out);
bool doctor_mend_leftovers(Doctor *doctor, GError **error);

/* doctor_engine.c */
void doctor_check_provider(Doctor *doctor, DoctorFinding *out);
void doctor_check_program(Doctor *doctor, DoctorFinding *out);
void doctor_check_library(Doctor *doctor, DoctorFinding *out);
void doctor_check_model(Doctor *doctor, DoctorFinding *out);
void doctor_check_answer(Doctor *doctor, DoctorFinding *out);

/* doctor_memory.c */
void doctor_check_meaning(Doctor *doctor, DoctorFinding *out);

/* doctor_sandbox.c */
void doctor_check_sandbox(Doctor *doctor, DoctorFinding *out);
void doctor_check_commands(Doctor *doctor, DoctorFinding *out);

/* doctor_system.c */
void doctor_check_keys(Doctor *doctor, DoctorFinding *out);
void doctor_check_terminal(Doctor *doctor, DoctorFinding *out);
