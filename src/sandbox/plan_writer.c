/* sandbox/plan_writer.c: strings first, then the arrays of their offsets. */
#include "sandbox/plan_writer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

static const PlanLevel plan_levels[] = {
    [SANDBOX_LEVEL_FULL] = PLAN_FULL,
    [SANDBOX_LEVEL_STANDARD] = PLAN_STANDARD,
    [SANDBOX_LEVEL_MINIMAL] = PLAN_MINIMAL,
    [SANDBOX_LEVEL_NONE] = PLAN_NONE,
};

static uint32_t add_text(GByteArray *bytes, const char *text) {
    uint32_t offset = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text) + 1);
    return offset;
}

/* Aligned for 8-byte rows. */
static uint32_t add_rows(GByteArray *bytes, const void *rows, size_t size) {
    static const guint8 zeros[8] = { 0 };
    g_byte_array_append(bytes, zeros, (8 - bytes->len % 8) % 8);
    uint32_t offset = bytes->len;
    if (size > 0) g_byte_array_append(bytes, rows, (guint)size);
    return offset;
}

static uint32_t add_texts(GByteArray *bytes, const char *const *texts, uint32_t *out_n) {
    g_autoptr(GArray) offsets = g_array_new(false, false, sizeof(uint32_t));
    for (size_t i = 0; texts[i] != NULL; i++) {
        uint32_t offset = add_text(bytes, texts[i]);
        g_array_append_val(offsets, offset);
    }
    *out_n = offsets->len;
    return add_rows(bytes, offsets->data, offsets->len * sizeof(uint32_t));
}

static void add_item(GByteArray *bytes, GArray *items, const SandboxGrant *grant) {
    PlanItem item = { .kind = grant->kind, .flags = grant->flags };
    item.path = add_text(bytes, grant->path);
    if (grant->value != NULL) item.value = add_text(bytes, grant->value);
    g_array_append_val(items, item);
}

static uint32_t add_items(GByteArray *bytes, const SandboxProfile *profile,
                          const PlanDetails *details, uint32_t *out_n) {
    g_autoptr(GArray) items = g_array_new(false, false, sizeof(PlanItem));
    if (details->temp != NULL) {
        SandboxGrant temp = { .kind = PLAN_WRITE, .path = (char *)details->temp };
        add_item(bytes, items, &temp);
    }
    for (unsigned i = 0; i < profile->grants->len; i++)
        add_item(bytes, items, g_ptr_array_index(profile->grants, i));
    *out_n = items->len;
    return add_rows(bytes, items->data, items->len * sizeof(PlanItem));
}

static uint32_t add_environment(GByteArray *bytes, const SandboxProfile *profile,
                                const PlanDetails *details, uint32_t *out_n) {
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (char **variable = profile->environment; *variable != NULL; variable++)
        g_ptr_array_add(list, g_strdup(*variable));
    const char *temp = details->temp;
    g_ptr_array_add(list, g_strconcat("HOME=", temp != NULL ? temp : profile->home, NULL));
    g_ptr_array_add(list, g_strconcat("TMPDIR=", temp != NULL ? temp : "/tmp", NULL));
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY" };
    for (size_t i = 0; profile->has_proxy && i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(list, g_strdup_printf("%s=http://127.0.0.1:%d", names[i], PLAN_PROXY_PORT));
    g_ptr_array_add(list, NULL);
    return add_texts(bytes, (const char *const *)list->pdata, out_n);
}

static void set_limits(PlanHeader *header, const SandboxProfile *profile) {
    header->max_processes = profile->max_processes;
    header->max_open_files = 1024;
    header->max_file_bytes = profile->max_file_bytes;
    header->private_bytes = profile->max_temp_bytes;
#ifndef __SANITIZE_ADDRESS__
    /* The shadow memory of the address sanitizer, in our own file tools, would count too. */
    header->max_data_bytes = profile->max_data_bytes;
#endif
    /* All processors may work for all of the time. */
    header->max_cpu_seconds =
        (uint32_t)MIN((profile->timeout_ms / 1000 + 1) * g_get_num_processors(), G_MAXINT32);
}

static int make_file(const GByteArray *bytes, GError **error) {
    int fd = memfd_create("plan", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, bytes->data, bytes->len) == (ssize_t)bytes->len) return fd;
    error_set_errno(error, errno, "handing a plan to the sandbox");
    if (fd >= 0) close(fd);
    return -1;
}

int plan_write(const SandboxProfile *profile, const char *const *arguments,
               const PlanDetails *details, GError **error) {
    PlanHeader header = { .magic = PLAN_MAGIC, .level = plan_levels[profile->level] };
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new(16 << 10);
    g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
    header.flags = details->flags | (profile->has_proxy ? PLAN_HAS_NETWORK : 0);
    set_limits(&header, profile);
    header.items = add_items(bytes, profile, details, &header.n_items);
    header.arguments = add_texts(bytes, arguments, &header.n_arguments);
    header.environment = add_environment(bytes, profile, details, &header.n_environment);
    header.working_directory = add_text(bytes, details->working_directory);
    if (details->overlay_upper != NULL) {
        header.overlay_upper = add_text(bytes, details->overlay_upper);
        header.overlay_work = add_text(bytes, details->overlay_work);
    }
    header.filter = add_rows(bytes, profile->filter, profile->n_filter * sizeof *profile->filter);
    header.n_filter = (uint32_t)profile->n_filter;
    if (bytes->len > PLAN_MAX_BYTES) {
        error_set(error, ERR_LIMIT, "the command is longer than %d MiB", PLAN_MAX_BYTES >> 20);
        return -1;
    }
    header.size = bytes->len;
    memcpy(bytes->data, &header, sizeof header);
    return make_file(bytes, error);
}
