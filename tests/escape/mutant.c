/* tests/escape/mutant.c: takes one layer out of a copy of the program, at link time: the linker
 * sends every call of the layer's function here (--wrap). Nothing in the product knows of it.
 * mutants.py runs the attempts that this layer stands against, and wants to see one get through.
 *
 * Compiled once per layer, with -DWITHOUT_<LAYER>. */
#include <spawn.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "sandbox/exec/confine.h"
#include "sandbox/exec/grants.h"
#include "sandbox/exec/namespaces.h"
#include "sandbox/exec/plan.h"
#include "sandbox/exec/small_root.h"
#include "sandbox/plan_writer.h"

#include <linux/filter.h>

/* What the linker makes of a wrapped name; not ours to choose. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */

#ifdef WITHOUT_LANDLOCK
bool __wrap_grants_enter(const PlanHeader *plan, int self, ConfineReport *report);
bool __wrap_grants_enter(const PlanHeader *plan, int self, ConfineReport *report) {
    (void)plan;
    (void)self;
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_SECCOMP
bool __wrap_command_filter_load(const struct sock_filter *program, size_t length,
                                ConfineReport *report);
bool __wrap_command_filter_load(const struct sock_filter *program, size_t length,
                                ConfineReport *report) {
    (void)program;
    (void)length;
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_CAPABILITIES
bool __wrap_confine_drop_capabilities(ConfineReport *report);
bool __wrap_confine_drop_capabilities(ConfineReport *report) {
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_PRIVILEGES
bool __wrap_confine_refuse_new_privileges(ConfineReport *report);
bool __wrap_confine_refuse_new_privileges(ConfineReport *report) {
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_LIMITS
bool __wrap_confine_limit(int resource, uint64_t value, ConfineReport *report);
bool __wrap_confine_limit(int resource, uint64_t value, ConfineReport *report) {
    (void)resource;
    (void)value;
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_PROTECTED
bool __wrap_protect_all(const PlanHeader *plan, ConfineReport *report);
bool __wrap_protect_all(const PlanHeader *plan, ConfineReport *report) {
    (void)plan;
    (void)report;
    return true;
}
#endif

#if defined WITHOUT_ROOT || defined WITHOUT_NAMESPACES
bool __wrap_small_root_enter(const PlanHeader *plan, ConfineReport *report);
bool __wrap_small_root_enter(const PlanHeader *plan, ConfineReport *report) {
    (void)plan;
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_NAMESPACES
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (number == SYS_clone) a &= ~(long)NAMESPACES_AT_FORK;
    return __real_syscall(number, a, b, c, d, e, f);
}

bool __wrap_namespaces_begin_network(NetworkMaker *maker, ConfineReport *report);
bool __wrap_namespaces_begin_network(NetworkMaker *maker, ConfineReport *report) {
    (void)maker;
    (void)report;
    return true;
}

bool __wrap_namespaces_enter_network(NetworkMaker *maker, ConfineReport *report);
bool __wrap_namespaces_enter_network(NetworkMaker *maker, ConfineReport *report) {
    (void)maker;
    (void)report;
    return true;
}

bool __wrap_namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report);
bool __wrap_namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report) {
    (void)uid;
    (void)gid;
    (void)report;
    return true;
}
#endif

#ifdef WITHOUT_DESCRIPTORS
int __wrap_posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int __wrap_posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from) {
    (void)actions;
    (void)from;
    return 0;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    return number == SYS_close_range ? 0 : __real_syscall(number, a, b, c, d, e, f);
}
#endif

#ifdef WITHOUT_ENVIRONMENT
int __real_plan_write(const SandboxProfile *profile, const char *const *arguments,
                      const PlanDetails *details, GError **error);
int __wrap_plan_write(const SandboxProfile *profile, const char *const *arguments,
                      const PlanDetails *details, GError **error);
int __wrap_plan_write(const SandboxProfile *profile, const char *const *arguments,
                      const PlanDetails *details, GError **error) {
    SandboxProfile open = *profile;
    g_auto(GStrv) everything = g_get_environ();
    open.environment = everything;
    return __real_plan_write(&open, arguments, details, error);
}
#endif

#ifdef WITHOUT_REAPER
/* Either way alone finds what has run away: by whose child it becomes, and by what it may signal.
 */
bool __wrap_landlock_scope_signals(void);
bool __wrap_landlock_scope_signals(void) {
    return false;
}

int __real_prctl(int operation, ...);
int __wrap_prctl(int operation, ...);
int __wrap_prctl(int operation, ...) {
    va_list list;
    va_start(list, operation);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long);
    va_end(list);
    return operation == PR_SET_CHILD_SUBREAPER ? 0 : __real_prctl(operation, a, b, c, d);
}
#endif
/* NOLINTEND(bugprone-reserved-identifier) */
