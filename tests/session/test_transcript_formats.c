/* Tests of session/transcript_entry.c and transcript_context.c on files of every version, written
 * by hand from the description of the formats (data/). The context is printed one line a message:
 *
 *     user | owner trusted public: text | web untrusted public: another part
 */
#include "session/transcript.h"

#include <stdio.h>

#include "../scratch_folder.h"

static void print_part(const Part *part, GString *out) {
    static const char *const integrity[] = { "trusted", "untrusted" };
    static const char *const secrecy[] = { "public", "secret" };
    g_string_append_printf(out, " | %s %s %s: ", label_origin_name(&part->label),
                           integrity[part->label.integrity], secrecy[part->label.secrecy]);
    switch ((PartKind)part->kind) {
    case PART_TEXT: g_string_append(out, part->text); break;
    case PART_THINKING:
        g_string_append_printf(out, "[thinking %s %s]", part->thinking, part->signature);
        break;
    case PART_IMAGE:
        g_string_append_printf(out, "[image %s %s]", part->mime_type, part->image_base64);
        break;
    case PART_TOOL_CALL: {
        g_autofree char *arguments = field_json_text(part->arguments, FIELD_COMPACT);
        g_string_append_printf(out, "[call %s %s %s]", part->call_id, part->call_name, arguments);
        break;
    }
    }
}

static char *print_context(const Transcript *transcript) {
    GString *out = g_string_new(NULL);
    const GPtrArray *messages = transcript_messages(transcript);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        g_string_append(out, role_names[message->role]);
        if (message->tool_call_id != NULL)
            g_string_append_printf(out, " of %s", message->tool_call_id);
        if (message->is_error) g_string_append(out, " failed");
        for (unsigned k = 0; k < message->parts->len; k++)
            print_part(g_ptr_array_index(message->parts, k), out);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static Transcript *open_data(const char *name) {
    GError *error = NULL;
    g_autofree char *path = g_build_filename(g_getenv("SESSION_DATA"), name, NULL);
    Transcript *transcript = transcript_open(path, &error);
    g_assert_no_error(error);
    return transcript;
}

static void assert_context(const Transcript *transcript, const char *expected) {
    g_autofree char *context = print_context(transcript);
    g_assert_cmpstr(context, ==, expected);
}

static void assert_damage(const Transcript *transcript, unsigned n_bad, unsigned n_mended,
                          unsigned n_stray) {
    TranscriptDamage damage = transcript_damage(transcript);
    g_assert_cmpint(damage.torn_bytes, ==, 0);
    g_assert_cmpuint(damage.n_bad_lines, ==, n_bad);
    g_assert_cmpuint(damage.n_mended_tool_results, ==, n_mended);
    g_assert_cmpuint(damage.n_stray_tool_results, ==, n_stray);
}

static void pi_version_1_is_linear(void) {
    g_autoptr(Transcript) transcript = open_data("pi-v1.jsonl");
    assert_context(transcript,
                   "user | system untrusted public: Summary of the conversation before this "
                   "point:\n\nThe folder holds a.txt.\n"
                   "user | owner trusted public: read it\n"
                   "assistant | agent untrusted public: It is empty.\n");
    assert_damage(transcript, 0, 0, 0);
}

static void pi_version_2_keeps_from_an_id(void) {
    g_autoptr(Transcript) transcript = open_data("pi-v2.jsonl");
    assert_context(transcript,
                   "user | system untrusted public: Summary of the conversation before this "
                   "point:\n\nThey said first and second.\n"
                   "assistant | agent untrusted public: second\n"
                   "user | owner trusted public: third\n");
    const Message *second = g_ptr_array_index(transcript_messages(transcript), 1);
    g_assert_cmpstr(second->provider, ==, "openai");
    g_assert_cmpint(second->usage.input_tokens, ==, 10);
    g_assert_cmpfloat(second->usage.cost_usd, ==, 0.5);
    g_assert_cmpint(second->stop_reason, ==, STOP_END);
    g_assert_cmpint(second->timestamp_ms, ==, 1765360803000);
}

static void the_newest_branch_is_the_context(void) {
    g_autoptr(Transcript) transcript = open_data("pi-v3-branches.jsonl");
    assert_context(transcript,
                   "user | owner trusted public: what is this? | owner trusted public: [image "
                   "image/png aGVsbG8=]\n"
                   "user | system untrusted public: Summary of another branch of this "
                   "conversation:\n\nA guess that failed.\n"
                   "user | tool untrusted public: an extension speaks\n"
                   "user | tool untrusted public: Output of `uname`:\nLinux\n"
                   "assistant | agent untrusted public: [thinking a greeting c2ln] | agent "
                   "untrusted public: It says hello.\n");
    assert_damage(transcript, 0, 0, 0);
}

static void every_call_has_its_result(void) {
    g_autoptr(Transcript) transcript = open_data("pi-v3-orphans.jsonl");
    assert_context(transcript,
                   "user | owner trusted public: build it\n"
                   "assistant | agent untrusted public: Two steps. | agent untrusted public: [call "
                   "t1 exec {\"command\":\"make\"}] | agent untrusted public: [call t2 exec "
                   "{\"command\":\"make install\"}]\n"
                   "toolResult of t1 failed | system trusted public: The result was not recorded: "
                   "the program stopped while the tool ran. It may or may not have taken effect.\n"
                   "toolResult of t2 | tool untrusted public: installed\n"
                   "user | owner trusted public: and?\n");
    assert_damage(transcript, 0, 1, 1);
}

static void the_original_program_is_read(void) {
    g_autoptr(Transcript) transcript = open_data("original-v1.jsonl");
    assert_context(transcript,
                   "user | owner trusted public: look at this\n"
                   "assistant | agent untrusted public: Reading. | agent untrusted public: [call "
                   "call_a read_file {\"path\":\"notes.md\"}] | agent untrusted public: [call "
                   "call_b bash {\"unparsed\":\"not json\"}]\n"
                   "toolResult of call_a | tool untrusted public: milk, eggs\n"
                   "toolResult of call_b | tool untrusted public: bad arguments\n"
                   "assistant | agent untrusted public: Milk and eggs.\n");
    assert_damage(transcript, 0, 0, 0);
}

static void labels_are_believed_only_whole(void) {
    g_autoptr(Transcript) transcript = open_data("labelled-v3.jsonl");
    assert_context(transcript,
                   "user | agent untrusted secret: Summary of the conversation before this "
                   "point:\n\nKeys were asked for.\n"
                   "assistant | agent untrusted secret: It asks for keys.\n"
                   "user | owner trusted public: too few labels | owner untrusted public: no "
                   "label\n"
                   "user | owner untrusted public: strange label\n"
                   "system | system trusted public: The model was changed.\n");
}

/* Copies a file of data/ into a folder where it may be written. New string. */
static char *copy_data(const ScratchFolder *folder, const char *name) {
    GError *error = NULL;
    g_autofree char *path = g_build_filename(g_getenv("SESSION_DATA"), name, NULL);
    g_autofree char *text = NULL;
    gsize length = 0;
    g_file_get_contents(path, &text, &length, &error);
    g_assert_no_error(error);
    return scratch_folder_write(folder, name, text, (gssize)length);
}

/* Going on with a file of any version: all that was in its context stays in it. */
static void every_version_can_be_continued(void) {
    static const char *const names[] = { "pi-v1.jsonl",          "pi-v2.jsonl",
                                         "pi-v3-branches.jsonl", "pi-v3-orphans.jsonl",
                                         "original-v1.jsonl",    "labelled-v3.jsonl" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(ScratchFolder) folder = scratch_folder_new();
        g_autofree char *path = copy_data(folder, names[i]);
        GError *error = NULL;
        g_autoptr(Transcript) before = transcript_open(path, &error);
        g_assert_no_error(error);
        for (int n = 0; n < 2; n++) {
            g_autoptr(Message) message = message_new(ROLE_USER);
            message_add_text(message, label_new(ORIGIN_OWNER, NULL), "more", -1);
            g_assert_true(transcript_append(before, message, &error));
            g_assert_no_error(error);
        }
        g_autofree char *expected = print_context(before);
        g_assert_true(g_str_has_suffix(expected, "user | owner trusted public: more\nuser | owner "
                                                 "trusted public: more\n"));
        g_autoptr(Transcript) after = transcript_open(path, &error);
        g_assert_no_error(error);
        assert_context(after, expected);
    }
}

#define HEADER "{\"type\":\"session\",\"version\":3,\"id\":\"x\"}\n"

/* Opens a file of these bytes. */
static Transcript *open_text(const char *text, gssize length) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(folder, "x.jsonl", text, length);
    GError *error = NULL;
    Transcript *transcript = transcript_open(path, &error);
    g_assert_no_error(error);
    return transcript;
}

static char *entry(const char *id, const char *parent, const char *text) {
    return g_strdup_printf(
        "{\"type\":\"message\",\"id\":\"%s\",\"parentId\":%s,\"message\":{\"role\":"
        "\"user\",\"content\":\"%s\"}}\n",
        id, parent, text);
}

static void a_bad_line_hides_nothing_above_it(void) {
    g_autofree char *first = entry("00000001", "null", "one");
    g_autofree char *third = entry("00000003", "\"00000002\"", "three");
    static const char *const bad[] = {
        "garbage\n",
        "{\"type\":\"message\",\"id\":\"00000002\",\"parentId\":\"0000\n",
        "{\"type\":\"message\",\"id\":\"00000002\",\"parentId\":\"00000001\",\"message\":{bad}}\n",
        "[1,2,3]\n",
        "null\n",
        "{}\n",
        "{\"id\":\"00000002\"}\n",
        "\x00\x00\x00\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GString) text = g_string_new(HEADER);
        g_string_append(text, first);
        g_string_append_len(text, bad[i], bad[i][0] == '\0' ? 4 : (gssize)strlen(bad[i]));
        g_string_append(text, third);
        g_autoptr(Transcript) transcript = open_text(text->str, (gssize)text->len);
        assert_context(transcript, "user | owner trusted public: one\n"
                                   "user | owner trusted public: three\n");
        g_assert_cmpuint(transcript_damage(transcript).n_bad_lines, ==, 1);
    }
}

static void odd_characters_are_made_valid(void) {
    static const struct {
        const char *written, *read;
    } rows[] = {
        { "half \\ud83d pair", "half \xEF\xBF\xBD pair" },
        { "half \\uDE00", "half \xEF\xBF\xBD" },
        { "whole \\ud83d\\ude00 and half \\ud83d", "whole \xF0\x9F\x98\x80 and half \xEF\xBF\xBD" },
        { "\\\\ud83d", "\\ud83d" },
        { "nul \\u0000 inside", "nul  inside" },
        { "ill \xFF formed", "ill \xEF\xBF\xBD formed" },
        { "cut \xE4\xBD", "cut \xEF\xBF\xBD\xEF\xBF\xBD" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *line = entry("00000001", "null", rows[i].written);
        g_autofree char *text = g_strconcat(HEADER, line, NULL);
        g_autoptr(Transcript) transcript = open_text(text, -1);
        g_autofree char *expected =
            g_strdup_printf("user | owner trusted public: %s\n", rows[i].read);
        assert_context(transcript, expected);
        assert_damage(transcript, 0, 0, 0);
    }
}

static void parents_never_lead_in_a_circle(void) {
    g_autofree char *one = entry("00000001", "\"00000002\"", "one");
    g_autofree char *two = entry("00000002", "\"00000001\"", "two");
    g_autofree char *self = entry("00000003", "\"00000003\"", "self");
    g_autofree char *twin = entry("00000001", "\"00000003\"", "twin");
    g_autofree char *text = g_strconcat(HEADER, one, two, self, twin, NULL);
    g_autoptr(Transcript) transcript = open_text(text, -1);
    assert_context(transcript, "user | owner trusted public: one\n"
                               "user | owner trusted public: two\n"
                               "user | owner trusted public: self\n"
                               "user | owner trusted public: twin\n");
}

/* Found by the fuzzer: cut at the NUL, this id was that of another entry. */
static void a_damaged_id_is_no_id(void) {
    g_autofree char *one = entry("00000001", "null", "one");
    static const char two[] = "{\"type\":\"message\",\"id\":\"00000001\0\0\",\"parentId\":\"0\0\","
                              "\"message\":{\"role\":\"user\",\"content\":\"two\"}}\n";
    g_autoptr(GString) text = g_string_new(HEADER);
    g_string_append(text, one);
    g_string_append_len(text, two, sizeof two - 1);
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = scratch_folder_write(folder, "x.jsonl", text->str, (gssize)text->len);
    GError *error = NULL;
    g_autoptr(Transcript) transcript = transcript_open(path, &error);
    g_assert_no_error(error);
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), "three", -1);
    g_assert_true(transcript_append(transcript, message, &error));
    g_autoptr(Transcript) again = transcript_open(path, &error);
    assert_context(again, "user | owner trusted public: one\n"
                          "user | owner trusted public: two\n"
                          "user | owner trusted public: three\n");
}

static void a_compaction_on_another_branch_is_not_ours(void) {
    g_autofree char *one = entry("00000001", "null", "one");
    g_autofree char *two = entry("00000003", "\"00000001\"", "two");
    g_autofree char *text = g_strconcat(
        HEADER, one,
        "{\"type\":\"compaction\",\"id\":\"00000002\",\"parentId\":\"00000001\",\"summary\":\"s\","
        "\"firstKeptEntryId\":\"00000001\"}\n",
        two, NULL);
    g_autoptr(Transcript) transcript = open_text(text, -1);
    assert_context(transcript, "user | owner trusted public: one\n"
                               "user | owner trusted public: two\n");
}

static void an_unreadable_compaction_hides_nothing(void) {
    static const char *const bodies[] = { "\"summary\":12", "\"summary\":\"\"",
                                          "\"summary\":\"s\",\"x\":{nonsense}" };
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *one = entry("00000001", "null", "one");
        g_autofree char *two = entry("00000003", "\"00000002\"", "two");
        g_autofree char *text =
            g_strconcat(HEADER, one,
                        "{\"type\":\"compaction\",\"id\":\"00000002\",\"parentId\":\"00000001\","
                        "\"firstKeptEntryId\":\"gone\",",
                        bodies[i], "}\n", two, NULL);
        g_autoptr(Transcript) transcript = open_text(text, -1);
        assert_context(transcript, "user | owner trusted public: one\n"
                                   "user | owner trusted public: two\n");
    }
}

static void the_last_of_two_compactions_speaks(void) {
    g_autofree char *one = entry("00000001", "null", "one");
    g_autofree char *two = entry("00000003", "\"00000002\"", "two");
    g_autofree char *three = entry("00000005", "\"00000004\"", "three");
    g_autofree char *text = g_strconcat(HEADER, one,
                                        "{\"type\":\"compaction\",\"id\":\"00000002\",\"parentId\":"
                                        "\"00000001\",\"summary\":\"old\","
                                        "\"firstKeptEntryId\":\"00000001\"}\n",
                                        two,
                                        "{\"type\":\"compaction\",\"id\":\"00000004\",\"parentId\":"
                                        "\"00000003\",\"summary\":\"new\","
                                        "\"firstKeptEntryId\":\"00000001\"}\n",
                                        three, NULL);
    g_autoptr(Transcript) transcript = open_text(text, -1);
    assert_context(transcript, "user | system untrusted public: Summary of the conversation before "
                               "this point:\n\nnew\n"
                               "user | owner trusted public: one\n"
                               "user | owner trusted public: two\n"
                               "user | owner trusted public: three\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/session/transcript_formats/" #name, name)
    TEST(pi_version_1_is_linear);
    TEST(pi_version_2_keeps_from_an_id);
    TEST(the_newest_branch_is_the_context);
    TEST(every_call_has_its_result);
    TEST(the_original_program_is_read);
    TEST(labels_are_believed_only_whole);
    TEST(every_version_can_be_continued);
    TEST(a_bad_line_hides_nothing_above_it);
    TEST(odd_characters_are_made_valid);
    TEST(parents_never_lead_in_a_circle);
    TEST(a_damaged_id_is_no_id);
    TEST(a_compaction_on_another_branch_is_not_ours);
    TEST(an_unreadable_compaction_hides_nothing);
    TEST(the_last_of_two_compactions_speaks);
    return g_test_run();
}
