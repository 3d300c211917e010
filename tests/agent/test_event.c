/* Tests of agent/event.c: every kind encodes as one line of JSON with its type. */
#include "agent/event.h"

#include <string.h>

static void every_kind_is_one_line_with_its_type(void) {
    for (int kind = 0; kind < EVENT_N_KINDS; kind++) {
        AgentEvent event = { .kind = kind, .text = (char *)"a\nb", .stop_reason = STOP_END };
        g_autofree char *line = agent_event_encode(&event);
        g_autofree char *start = g_strdup_printf("{\"type\":\"%s\"", agent_events[kind].name);
        g_assert_true(g_str_has_prefix(line, start));
        g_assert_null(strchr(line, '\n'));
        g_assert_nonnull(agent_events[kind].summary);
    }
}

static void text_is_a_delta(void) {
    AgentEvent event = { .kind = EVENT_TEXT, .text = (char *)"h\xC3\xA9" };
    g_autofree char *line = agent_event_encode(&event);
    g_assert_cmpstr(line, ==, "{\"type\":\"text\",\"delta\":\"h\xC3\xA9\"}");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/event/every_kind_is_one_line_with_its_type",
                    every_kind_is_one_line_with_its_type);
    g_test_add_func("/agent/event/text_is_a_delta", text_is_a_delta);
    return g_test_run();
}
