/* Ten gigabytes of output: the process that reads them keeps the end, counts the rest, and does not
 * grow. */
#include <stdio.h>

#include "../sandbox/sandbox_ground.h"

enum { ALLOWED_GROWTH_KB = 4 << 10 };

static long peak_kb(void) {
    g_autofree char *status = NULL;
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    const char *line = strstr(status, "VmHWM:");
    g_assert_nonnull(line);
    return strtol(line + strlen("VmHWM:"), NULL, 10);
}

static void flood(SandboxLevel level, const char *script, uint64_t at_least) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(level);
    sandbox_ground_run(ground, "echo hello");
    long before = peak_kb();
    sandbox_ground_run(ground, script);
    long grown = peak_kb() - before;
    g_test_message("%s: %" G_GUINT64_FORMAT " bytes, %ld kB more", script,
                   ground->outcome.output_total, grown);
    g_assert_cmpuint(ground->outcome.output_total, >=, at_least);
    g_assert_cmpuint(ground->outcome.output_length, <=, (size_t)ground->config.max_output_bytes);
    g_assert_cmpint(ground->outcome.exit_status, ==, 0);
    g_assert_cmpint(grown, <=, ALLOWED_GROWTH_KB);
}

static void ten_gigabytes_without_a_newline(void) {
    flood(SANDBOX_LEVEL_FULL, "head -c 10000000000 /dev/zero", UINT64_C(10000000000));
}

static void lines_at_level_standard(void) {
    flood(SANDBOX_LEVEL_STANDARD, "yes | head -c 500000000", 500000000);
}

static void noise_on_both_streams(void) {
    flood(SANDBOX_LEVEL_FULL, "head -c 50000000 /dev/urandom; head -c 50000000 /dev/urandom >&2",
          100000000);
}

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/escape/flood/ten_gigabytes_without_a_newline",
                    ten_gigabytes_without_a_newline);
    g_test_add_func("/escape/flood/lines_at_level_standard", lines_at_level_standard);
    g_test_add_func("/escape/flood/noise_on_both_streams", noise_on_both_streams);
    return g_test_run();
}
