/* cli/doctor.c: the table of checks. */
#include "cli/doctor.h"

#include <string.h>

#include "base/error.h"

/* clang-format off */
static const char *const status_names[] = { "ok", "warning", "problem", "skipped", NULL };

const Field doctor_finding_fields[] = {
    { "name",   FIELD_STRING(DoctorFinding, name),               .help = "The check." },
    { "status", FIELD_ENUM(DoctorFinding, status, status_names), .help = "How it went." },
    { "detail", FIELD_STRING(DoctorFinding, detail),             .help = "What was seen." },
    { "fix",    FIELD_STRING(DoctorFinding, fix),                .help = "What to type.", .flags = FIELD_OMIT_EMPTY },
    { "fixed",  FIELD_BOOL(DoctorFinding, is_fixed),             .help = "Mended by --fix just now.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};

const DoctorCheck doctor_checks[] = {
    /* The file is mended before it is read. */
    { "permissions", "Only you can read the configuration and your folders",               doctor_check_permissions, doctor_mend_permissions },
    { "config",      "The configuration file can be read, and every key is known",         doctor_check_config,      NULL },
    { "folders",     "The folders are there and can be written",                           doctor_check_folders,     doctor_mend_folders },
    { "disk",        "There is room to write",                                             doctor_check_disk,        NULL },
    { "leftovers",   "No temporary file was left behind by a crash",                       doctor_check_leftovers,   doctor_mend_leftovers },
    { "keys",        "Every variable that a provider's key names is set",                  doctor_check_keys,        NULL },
    { "sandbox",     "A process that locks itself in can open no file and no connection",  doctor_check_sandbox,     NULL },
    { "commands",    "A command in the sandbox does its work and cannot get out",          doctor_check_commands,    NULL },
    { "provider",    "The model of the configuration can be asked",                        doctor_check_provider,    NULL },
    { "program",     "The engine's program is there",                                      doctor_check_program,     NULL },
    { "library",     "The engine's library is there",                                      doctor_check_library,     NULL },
    { "model",       "The local model is there and whole",                                 doctor_check_model,       NULL },
    { "answer",      "The local model answers",                                            doctor_check_answer,      NULL },
    { "meaning",     "What finds notes by meaning is there and whole",                     doctor_check_meaning,     NULL },
    { "terminal",    "The terminal shows every character",                                 doctor_check_terminal,    NULL },
    { 0 }
};
/* clang-format on */

void doctor_found(DoctorFinding *out, DoctorStatus status, const char *fix, const char *format,
                  ...) {
    va_list arguments;
    va_start(arguments, format);
    g_free(out->detail);
    out->detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_free(out->fix);
    out->fix = g_strdup(fix != NULL ? fix : "");
    out->status = (int)status;
}

void doctor_failed(DoctorFinding *out, const GError *error) {
    const char *message = error != NULL ? error->message : "it failed without a reason";
    int length = (int)strcspn(message, "\n");
    doctor_found(out, DOCTOR_PROBLEM, error_hint(error), "%.*s", length, message);
}

void doctor_clear(Doctor *doctor) {
    field_clear(engine_config_fields, doctor->engine);
    g_free(doctor->engine);
    g_free(doctor->local_name);
    stored_model_free(doctor->model);
}
