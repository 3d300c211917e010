/* cli/doctor_system.c: checks of keys, the kernel's confinement and the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/config_sections.h"
#include "cli/doctor.h"

/* keys */

void doctor_check_keys(Doctor *doctor, DoctorFinding *out) {
    if (doctor->app->config == NULL) {
        doctor_found(out, DOCTOR_SKIPPED, NULL, "the configuration comes first");
        return;
    }
    unsigned count = 0;
    for (const ConfigSection *section = config_sections; section->name != NULL; section++) {
        if (!g_str_has_prefix(section->name, "providers")) continue;
        /* [providers] itself holds only the user's own. */
        bool is_parent = strcmp(section->name, "providers") == 0;
        const char *table = is_parent ? "providers.custom" : section->name;
        if (!config_is_set(doctor->app->config, table)) continue;
        g_autoptr(GError) error = NULL;
        void *expanded =
            config_section_expand(doctor->app->config, section->name, doctor->app->secrets, &error);
        if (expanded == NULL) {
            doctor_failed(out, error);
            return;
        }
        config_section_free(doctor->app->config, section->name, expanded);
        count++;
    }
    if (count == 0)
        doctor_found(out, DOCTOR_OK, NULL, "no provider is configured, none needs a key");
    else
        doctor_found(out, DOCTOR_OK, NULL, "every variable of %u provider %s is set", count,
                     count == 1 ? "section" : "sections");
}

/* terminal */

static const char *locale_name(void) {
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = g_getenv(names[i]);
        if (value != NULL && value[0] != '\0') return value;
    }
    return "";
}

void doctor_check_terminal(Doctor *doctor, DoctorFinding *out) {
    const char *locale = locale_name();
    g_autofree char *lower = g_ascii_strdown(locale, -1);
    bool is_utf8 = strstr(lower, "utf-8") != NULL || strstr(lower, "utf8") != NULL;
    const char *terminal = g_getenv("TERM");
    bool is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    if (!is_utf8)
        doctor_found(out, DOCTOR_WARNING, "export LC_ALL=C.UTF-8", "the locale %s is not UTF-8",
                     locale[0] != '\0' ? locale : "C");
    else if (is_dumb && isatty(STDOUT_FILENO) == 1)
        doctor_found(out, DOCTOR_WARNING, "export TERM=xterm-256color",
                     "TERM is %s: plain text only", terminal != NULL ? terminal : "not set");
    else
        doctor_found(out, DOCTOR_OK, NULL, "%s, %s%s", terminal != NULL ? terminal : "no TERM",
                     locale, doctor->app->has_color ? ", colours" : "");
}
