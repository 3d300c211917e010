/* sandbox/exec/plan.c: mapping and bounds; after plan_open() nothing is checked again. */
#include "sandbox/exec/plan.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool has_room(const PlanHeader *plan, uint32_t offset, uint64_t bytes) {
    return offset % sizeof(uint32_t) == 0 && offset >= sizeof *plan && offset <= plan->size &&
           bytes <= plan->size - offset;
}

static bool is_text(const PlanHeader *plan, uint32_t offset) {
    const char *start = (const char *)plan;
    return offset >= sizeof *plan && offset < plan->size &&
           memchr(start + offset, '\0', plan->size - offset) != NULL;
}

static bool are_texts(const PlanHeader *plan, uint32_t offsets, uint32_t n) {
    if (!has_room(plan, offsets, (uint64_t)n * sizeof(uint32_t))) return false;
    const uint32_t *list = (const uint32_t *)((const char *)plan + offsets);
    for (uint32_t i = 0; i < n; i++)
        if (!is_text(plan, list[i])) return false;
    return true;
}

static bool is_sound(const PlanHeader *plan) {
    if (!has_room(plan, plan->items, (uint64_t)plan->n_items * sizeof(PlanItem)) ||
        !has_room(plan, plan->filter, (uint64_t)plan->n_filter * 8) || plan->n_filter > 4096)
        return false;
    for (uint32_t i = 0; i < plan->n_items; i++) {
        const PlanItem *item = plan_item(plan, i);
        if (!is_text(plan, item->path) || (item->value != 0 && !is_text(plan, item->value)))
            return false;
    }
    if (plan->overlay_upper != 0 &&
        (!is_text(plan, plan->overlay_upper) || !is_text(plan, plan->overlay_work)))
        return false;
    return plan->n_arguments > 0 && plan->level <= PLAN_FULL &&
           are_texts(plan, plan->arguments, plan->n_arguments) &&
           are_texts(plan, plan->environment, plan->n_environment) &&
           is_text(plan, plan->working_directory);
}

const PlanHeader *plan_open(int fd, ConfineReport *report) {
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size < (off_t)sizeof(PlanHeader) ||
        status.st_size > PLAN_MAX_BYTES) {
        confine_fail(report, CONFINE_LAYER_REQUEST, 0, "no plan was handed over");
        return NULL;
    }
    /* Private: nobody can change it under our feet. */
    void *map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED) {
        confine_fail(report, CONFINE_LAYER_REQUEST, errno, "reading the plan");
        return NULL;
    }
    const PlanHeader *plan = map;
    if (plan->magic != PLAN_MAGIC || plan->size != (uint64_t)status.st_size || !is_sound(plan)) {
        confine_fail(report, CONFINE_LAYER_REQUEST, 0, "the plan is damaged");
        return NULL;
    }
    return plan;
}

const char *plan_text(const PlanHeader *plan, uint32_t offset) {
    return (const char *)plan + offset;
}

const PlanItem *plan_item(const PlanHeader *plan, uint32_t index) {
    return (const PlanItem *)((const char *)plan + plan->items) + index;
}

char **plan_vector(const PlanHeader *plan, uint32_t offsets, uint32_t n) {
    size_t bytes = ((size_t)n + 1) * sizeof(char *);
    /* cppcheck-suppress invalidFunctionArg; -1 is what goes with MAP_ANONYMOUS */
    char **vector = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vector == MAP_FAILED) return NULL;
    const uint32_t *list = (const uint32_t *)((const char *)plan + offsets);
    for (uint32_t i = 0; i < n; i++)
        vector[i] = (char *)plan + list[i]; /* execve() does not write to them */
    return vector;
}

bool plan_is_same_or_below(const char *path, const char *folder) {
    return strcmp(path, folder) == 0 || plan_is_below(path, folder);
}

bool plan_is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    if (length == 1 && folder[0] == '/') return path[0] == '/' && path[1] != '\0';
    return strncmp(path, folder, length) == 0 && path[length] == '/' && path[length + 1] != '\0';
}
