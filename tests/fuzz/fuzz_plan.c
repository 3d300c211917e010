/* Any bytes as the plan that the sandbox child is handed: refused, or every text and row of it can
 * be read. */
#include "sandbox/exec/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const PlanHeader *plan) {
    size_t length = strlen(plan_text(plan, plan->working_directory));
    for (uint32_t i = 0; i < plan->n_items; i++) {
        const PlanItem *item = plan_item(plan, i);
        length += strlen(plan_text(plan, item->path));
        if (item->value != 0) length += strlen(plan_text(plan, item->value));
    }
    char **vectors[] = { plan_vector(plan, plan->arguments, plan->n_arguments),
                         plan_vector(plan, plan->environment, plan->n_environment) };
    const uint32_t counts[] = { plan->n_arguments, plan->n_environment };
    for (size_t i = 0; i < 2; i++) {
        if (vectors[i] == NULL) abort();
        for (char **text = vectors[i]; *text != NULL; text++) length += strlen(*text);
        munmap((void *)vectors[i], ((size_t)counts[i] + 1) * sizeof(char *));
    }
    uint64_t sum = length;
    const uint8_t *filter = (const uint8_t *)plan + plan->filter;
    for (size_t i = 0; i < (size_t)plan->n_filter * 8; i++) sum += filter[i];
    if (sum == UINT64_MAX) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("plan", MFD_CLOEXEC);
    if (fd < 0) return 0;
    /* The size and the magic always fit, so that what is behind them is looked at. */
    if (write(fd, data, size) == (ssize_t)size && size >= sizeof(PlanHeader)) {
        uint32_t start[2] = { PLAN_MAGIC, (uint32_t)size };
        if (pwrite(fd, start, sizeof start, 0) != sizeof start) abort();
    }
    ConfineReport report = { 0 };
    const PlanHeader *plan = plan_open(fd, &report);
    if (plan != NULL) {
        read_all(plan);
        munmap((void *)plan, plan->size);
    } else if (report.reason[0] == '\0') {
        abort();
    }
    close(fd);
    return 0;
}
