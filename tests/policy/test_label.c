/* Tests of policy/label.c: defaults by origin, and joins that never lower. */
#include "policy/label.h"

static void outside_text_is_untrusted_by_default(void) {
    static const struct {
        Origin origin;
        Integrity integrity;
    } rows[] = { { ORIGIN_OWNER, INTEGRITY_TRUSTED },  { ORIGIN_SYSTEM, INTEGRITY_TRUSTED },
                 { ORIGIN_AGENT, INTEGRITY_TRUSTED },  { ORIGIN_TOOL, INTEGRITY_UNTRUSTED },
                 { ORIGIN_FILE, INTEGRITY_UNTRUSTED }, { ORIGIN_WEB, INTEGRITY_UNTRUSTED } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Label label = label_new(rows[i].origin, "x");
        g_assert_cmpint(label.integrity, ==, rows[i].integrity);
        label_clear(&label);
    }
}

static void a_join_never_lowers(void) {
    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            Label left = { .integrity = a & 1, .secrecy = a >> 1 };
            Label right = { .integrity = b & 1, .secrecy = b >> 1 };
            label_join(&left, &right);
            g_assert_cmpint(left.integrity, ==, (a & 1) | (b & 1));
            g_assert_cmpint(left.secrecy, ==, (a >> 1) | (b >> 1));
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/label/outside_text_is_untrusted_by_default",
                    outside_text_is_untrusted_by_default);
    g_test_add_func("/policy/label/a_join_never_lowers", a_join_never_lowers);
    return g_test_run();
}
