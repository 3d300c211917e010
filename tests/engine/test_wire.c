/* Tests of engine/wire.c and messages.c over a real socket pair. */
#include "engine/messages.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

typedef struct {
    EngineWire *left, *right;
} Pair;

static Pair pair_new(void) {
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    return (Pair){ engine_wire_new(fds[0]), engine_wire_new(fds[1]) };
}

static void pair_clear(Pair *pair) {
    g_clear_pointer(&pair->left, engine_wire_free);
    g_clear_pointer(&pair->right, engine_wire_free);
}

static void frames_arrive_whole_and_in_order(void) {
    Pair pair = pair_new();
    g_autoptr(GError) error = NULL;
    EngineProgress progress = { .fraction = 0.25 };
    g_assert_true(engine_message_send(pair.left, ENGINE_PROGRESS, &progress, &error));
    g_assert_true(engine_wire_send(pair.left, ENGINE_TEXT, "a\0b", 3, &error));
    g_assert_true(engine_wire_send(pair.left, ENGINE_CANCEL, NULL, 0, &error));
    g_auto(EngineFrame) first = ENGINE_FRAME_INIT, second = ENGINE_FRAME_INIT,
                        third = ENGINE_FRAME_INIT;
    g_assert_true(engine_wire_receive(pair.right, 1000, NULL, &first, &error));
    g_assert_true(engine_wire_receive(pair.right, 1000, NULL, &second, &error));
    g_assert_true(engine_wire_receive(pair.right, 1000, NULL, &third, &error));
    EngineProgress back = { 0 };
    g_assert_true(engine_message_decode(&first, &back, &error));
    g_assert_cmpfloat(back.fraction, ==, 0.25);
    g_assert_cmpmem(second.payload, second.length, "a\0b", 3);
    g_assert_cmpint(third.type, ==, ENGINE_CANCEL);
    g_assert_cmpuint(third.length, ==, 0);
    pair_clear(&pair);
}

static gpointer send_large(gpointer data) {
    EngineWire *wire = data;
    g_autofree char *large = g_malloc(ENGINE_FRAME_MAX_BYTES);
    memset(large, 'x', ENGINE_FRAME_MAX_BYTES);
    g_assert_true(engine_wire_send(wire, ENGINE_BYTES, large, ENGINE_FRAME_MAX_BYTES, NULL));
    return NULL;
}

static void largest_frame_fits_and_one_more_byte_does_not(void) {
    Pair pair = pair_new();
    g_autoptr(GError) error = NULL;
    GThread *thread = g_thread_new("send", send_large, pair.left);
    g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
    g_assert_true(engine_wire_receive(pair.right, 10000, NULL, &frame, &error));
    g_thread_join(thread);
    g_assert_cmpuint(frame.length, ==, ENGINE_FRAME_MAX_BYTES);
    g_autofree char *large = g_malloc0(ENGINE_FRAME_MAX_BYTES + 1);
    g_assert_false(
        engine_wire_send(pair.left, ENGINE_BYTES, large, ENGINE_FRAME_MAX_BYTES + 1, &error));
    g_assert_true(error_is(error, ERR_LIMIT));
    pair_clear(&pair);
}

static void bad_frames_are_errors(void) {
    static const struct {
        unsigned char bytes[8];
        size_t length;
    } cases[] = {
        { { 0, 0, 0, 0, 0, 0 }, 6 },               /* type 0 */
        { { 0, 0, 0, 0, 40, 0 }, 6 },              /* between requests and replies */
        { { 0, 0, 0, 0, 5, 1 }, 6 },               /* the high byte counts */
        { { 1, 0, 0, 1, 66, 0 }, 6 },              /* 16 MiB and one byte */
        { { 255, 255, 255, 255, 66, 0, 'x' }, 7 }, /* 4 GiB */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pair pair = pair_new();
        g_autoptr(GError) error = NULL;
        g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
        ssize_t n = write(engine_wire_fd(pair.left), cases[i].bytes, cases[i].length);
        g_assert_cmpint(n, ==, (gssize)cases[i].length);
        g_assert_false(engine_wire_receive(pair.right, 1000, NULL, &frame, &error));
        g_assert_true(error_is(error, ERR_DATA));
        pair_clear(&pair);
    }
}

static void unknown_members_are_errors(void) {
    g_autoptr(GError) error = NULL;
    char payload[] = "{\"fraction\":0.5,\"surprise\":1}";
    EngineFrame frame = { ENGINE_PROGRESS, payload, strlen(payload), -1 };
    EngineProgress progress = { 0 };
    g_assert_false(engine_message_decode(&frame, &progress, &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_assert_nonnull(strstr(error->message, "progress"));
}

static void end_and_silence_are_told_apart(void) {
    Pair pair = pair_new();
    g_autoptr(GError) error = NULL;
    g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
    g_assert_false(engine_wire_receive(pair.right, 10, NULL, &frame, &error));
    g_assert_true(error_is(error, ERR_TIMEOUT));
    g_clear_error(&error);
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_false(engine_wire_receive(pair.right, -1, cancel, &frame, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_clear_error(&error);
    g_clear_pointer(&pair.left, engine_wire_free);
    g_assert_false(engine_wire_receive(pair.right, -1, NULL, &frame, &error));
    g_assert_true(error_is(error, ERR_PIPE_CLOSED));
    g_clear_error(&error);
    g_assert_false(engine_wire_send(pair.right, ENGINE_TEXT, "x", 1, &error));
    g_assert_true(error_is(error, ERR_PIPE_CLOSED));
    pair_clear(&pair);
}

static void an_open_file_travels_with_its_frame(void) {
    Pair pair = pair_new();
    g_autoptr(GError) error = NULL;
    int pipe_fds[2];
    g_assert_cmpint(pipe2(pipe_fds, O_CLOEXEC), ==, 0);
    g_assert_true(engine_wire_send(pair.left, ENGINE_TEXT, "before", 6, &error));
    g_assert_true(
        engine_wire_send_descriptor(pair.left, ENGINE_STATE_SAVE, "{}", pipe_fds[1], &error));
    g_auto(EngineFrame) text = ENGINE_FRAME_INIT, state = ENGINE_FRAME_INIT;
    g_assert_true(engine_wire_receive(pair.right, 1000, NULL, &text, &error));
    g_assert_true(engine_wire_receive(pair.right, 1000, NULL, &state, &error));
    g_assert_cmpint(text.descriptor, ==, -1);
    g_assert_cmpint(state.descriptor, >=, 0);
    g_assert_cmpint(fcntl(state.descriptor, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    g_assert_cmpint(write(state.descriptor, "y", 1), ==, 1);
    char byte = 0;
    g_assert_cmpint(read(pipe_fds[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    pair_clear(&pair);
}

static void every_type_has_a_name(void) {
    for (unsigned type = 1; type <= ENGINE_LAST_REQUEST; type++)
        g_assert_nonnull(engine_frame_name(type));
    for (unsigned type = ENGINE_PROGRESS; type <= ENGINE_LAST_REPLY; type++)
        g_assert_nonnull(engine_frame_name(type));
    g_assert_null(engine_frame_name(ENGINE_LAST_REPLY + 1));
    g_assert_cmpstr(engine_frame_name(ENGINE_ERROR), ==, "error");
    g_assert_cmpstr(engine_frame_name(ENGINE_CANCEL), ==, "cancel");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/wire/frames_arrive_whole_and_in_order",
                    frames_arrive_whole_and_in_order);
    g_test_add_func("/engine/wire/largest_frame_fits_and_one_more_byte_does_not",
                    largest_frame_fits_and_one_more_byte_does_not);
    g_test_add_func("/engine/wire/bad_frames_are_errors", bad_frames_are_errors);
    g_test_add_func("/engine/wire/unknown_members_are_errors", unknown_members_are_errors);
    g_test_add_func("/engine/wire/end_and_silence_are_told_apart", end_and_silence_are_told_apart);
    g_test_add_func("/engine/wire/an_open_file_travels_with_its_frame",
                    an_open_file_travels_with_its_frame);
    g_test_add_func("/engine/wire/every_type_has_a_name", every_type_has_a_name);
    return g_test_run();
}
