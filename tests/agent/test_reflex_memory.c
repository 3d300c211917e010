/* Tests of the reflexes of memory over a real memory: what is told is kept word for word, found
 * with its place, corrected, forgotten, and what no note says is declined. */
#include <string.h>

#include "../scratch_folder.h"
#include "agent/reflex.h"
#include "agent/reflex_evidence.h"

typedef struct {
    ScratchFolder *folder;
    Memory *memory;
    GPtrArray *messages; /* Message */
    GDateTime *now;
    GString *changed; /* paths, as undo is told */
} Ground;

static Memory *open_memory(void *user_data, GError **error) {
    (void)error;
    return ((Ground *)user_data)->memory;
}

static bool before_change(const char *path, void *user_data, GError **error) {
    (void)error;
    Ground *ground = user_data;
    g_autofree char *name = g_path_get_basename(path);
    g_string_append_printf(ground->changed, "%s;", name);
    return true;
}

static void ground_init(Ground *ground) {
    ground->folder = scratch_folder_new();
    g_autofree char *database = g_build_filename(ground->folder->path, "index.sqlite", NULL);
    const MemoryPlace place = { .workspace = ground->folder->path, .database = database };
    GError *error = NULL;
    ground->memory = memory_open(&place, &error);
    g_assert_no_error(error);
    ground->messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    ground->now = g_date_time_new_now_local();
    ground->changed = g_string_new(NULL);
}

static void ground_clear(Ground *ground) {
    memory_close(ground->memory);
    g_ptr_array_unref(ground->messages);
    g_date_time_unref(ground->now);
    g_string_free(ground->changed, TRUE);
    scratch_folder_free(ground->folder);
}

/* The answer, kept in the conversation; "" when no reflex has one. */
static char *say(Ground *ground, const char *text) {
    Message *message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    g_ptr_array_add(ground->messages, message);
    const ReflexContext context = { .now = ground->now,
                                    .workspace = ground->folder->path,
                                    .open_memory = open_memory,
                                    .before_change = before_change,
                                    .user_data = ground };
    ReflexReply reply = { 0 };
    GError *error = NULL;
    g_assert_true(reflex_answer(&context, ground->messages, NULL, &reply, &error));
    g_assert_no_error(error);
    if (reply.row == NULL) return g_strdup("");
    char *answer = message_text(reply.result.message);
    g_ptr_array_add(ground->messages, g_steal_pointer(&reply.result.message));
    reflex_reply_clear(&reply);
    return answer;
}

typedef struct {
    const char *text;
    const char *part; /* of the answer; "" = none; NULL = not looked at */
    const char *absent;
} Line;

static void talk(Ground *ground, const Line *lines) {
    for (; lines->text != NULL; lines++) {
        g_autofree char *answer = say(ground, lines->text);
        g_test_message("%s -> %s", lines->text, answer);
        if (lines->part != NULL && lines->part[0] == '\0') g_assert_cmpstr(answer, ==, "");
        if (lines->part != NULL) g_assert_nonnull(strstr(answer, lines->part));
        if (lines->absent != NULL) g_assert_null(strstr(answer, lines->absent));
    }
}

static void what_is_told_is_found_word_for_word(void) {
    Ground ground;
    ground_init(&ground);
    talk(&ground,
         (const Line[]){
             { "remember that my bike is Blue, with 7 gears", "Noted: my bike is Blue", NULL },
             { "please note: Anna likes pancakes", "Noted: Anna likes pancakes", NULL },
             { "what is my bike?", "my bike is Blue, with 7 gears\nmemory/", NULL },
             { "what do you know about Anna", "Anna likes pancakes", "bike" },
             { "what does Anna like", "Anna likes pancakes", NULL },
             { "what is my favourite colour?", "I have no note about that.", NULL },
             { "merk dir, dass mein Zahnarzt Dr. Weber heißt", "Notiert:", NULL },
             { "was weißt du über meinen Zahnarzt", "Dr. Weber", NULL },
             { "wie heißt mein Bruder", "Dazu habe ich keine Notiz.", NULL },
             { "what did I write today", "Anna likes pancakes", "<!--" },
             { "what did I write on 3 March 2020", "There are no notes", NULL },
             { NULL, NULL, NULL } });
    ground_clear(&ground);
}

static void a_note_is_corrected_in_its_place(void) {
    Ground ground;
    ground_init(&ground);
    talk(&ground,
         (const Line[]){ { "remember that the wifi password is tulip42", NULL, NULL },
                         { "remember that my bike is blue", NULL, NULL },
                         { "what is the wifi password?", "tulip42", NULL },
                         { "no, it is rose77", "Corrected: the wifi password is rose77", NULL },
                         { "what is the wifi password?", "rose77", "tulip42" },
                         { "no, that is wrong", "", NULL },
                         { "what is the wifi password?", "rose77", NULL },
                         { "no, it is not", "", NULL },
                         { "actually my bike is red", "before: my bike is blue", NULL },
                         { "what is my bike", "my bike is red", "blue" },
                         { "tell me a joke", "", NULL },
                         { "no, it is green", "", NULL },
                         { NULL, NULL, NULL } });
    g_assert_nonnull(strstr(ground.changed->str, ".md;"));
    ground_clear(&ground);
}

/* What a reflex said before, as the conversation has it. */
static void add_answer(Ground *ground, const char *row, const char *text) {
    Message *message = message_new(ROLE_ASSISTANT);
    message->provider = g_strdup(REFLEX_PROVIDER);
    message->model = g_strdup(row);
    message_add_text(message, label_new(ORIGIN_AGENT, NULL), text, -1);
    g_ptr_array_add(ground->messages, message);
}

/* A place in a stranger's words, or out of the workspace, is not where a note is. */
static void only_a_note_is_corrected(void) {
    Ground ground;
    ground_init(&ground);
    g_autofree char *name = g_path_get_basename(ground.folder->path);
    g_autofree char *outside = g_strdup_printf("x\n../%s/plan.md#L1", name);
    g_autofree char *absolute = g_strdup_printf("x\n/%s/plan.md#L1", name);
    const struct {
        const char *row, *text;
    } answers[] = { { "read_file", "x\nplan.md#L1" }, { "run_command", "plan.md#L1" },
                    { "search_files", "plan.md#L1" }, { "recall", outside },
                    { "recall", absolute },           { "recall", "x\nsub/../plan.md#L1" } };
    g_free(scratch_folder_write(ground.folder, "plan.md", "the door is open\n", -1));
    g_autofree char *path = g_build_filename(ground.folder->path, "plan.md", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_test_message("%s: %s", answers[i].row, answers[i].text);
        add_answer(&ground, answers[i].row, answers[i].text);
        g_autofree char *answer = say(&ground, "no, it is shut");
        g_assert_cmpstr(answer, ==, "");
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "the door is open\n");
    }
    g_assert_cmpstr(ground.changed->str, ==, "");
    ground_clear(&ground);
}

static void a_note_is_forgotten_whole(void) {
    Ground ground;
    ground_init(&ground);
    talk(&ground,
         (const Line[]){ { "remember that my bike is blue", NULL, NULL },
                         { "remember that Anna likes pancakes", NULL, NULL },
                         { "forget that Bob likes waffles", "nothing was removed", NULL },
                         { "forget that my bike is blue", "Forgotten: my bike is blue", NULL },
                         { "what is my bike", "I have no note", NULL },
                         { "what does Anna like", "pancakes", NULL },
                         { NULL, NULL, NULL } });
    g_autofree char *day = g_date_time_format(ground.now, "memory/%Y-%m-%d.md");
    g_autofree char *path = g_build_filename(ground.folder->path, day, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_null(strstr(text, "bike"));
    char *mark = strstr(text, "<!--");
    g_assert_nonnull(mark);
    g_assert_null(strstr(mark + 4, "<!--"));
    ground_clear(&ground);
}

static void write_notes(const Ground *ground, const char *name, const char *text) {
    g_autofree char *notes = g_build_filename(ground->folder->path, "memory", NULL);
    g_mkdir(notes, 0700);
    g_free(scratch_folder_write(ground->folder, name, text, -1));
}

static void assert_notes(const Ground *ground, const char *name, const char *expected) {
    g_autofree char *path = g_build_filename(ground->folder->path, name, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
}

/* The heading makes the first one the better answer; it is the second one that must go first. */
static void the_same_note_twice_in_a_file_is_forgotten_twice(void) {
    Ground ground;
    ground_init(&ground);
    g_autofree char *filler = g_strnfill(3000, 'x');
    for (char *at = filler; *at != '\0'; at += MIN(strlen(at), 60)) *at = '\n';
    g_autofree char *notes = g_strdup_printf(
        "# Things\n\n## trek\n\n- my bike is blue\n- keep this\n\n## other\n%s\n\n## more\n\n"
        "- my bike is blue\n- keep that\n- and that\n",
        filler);
    g_autofree char *expected =
        g_strdup_printf("# Things\n\n## trek\n\n- keep this\n\n## other\n%s\n\n## more\n\n"
                        "- keep that\n- and that\n",
                        filler);
    write_notes(&ground, "memory/things.md", notes);
    g_autofree char *answer = say(&ground, "delete the note about my blue trek bike");
    g_assert_nonnull(strstr(answer, "Forgotten: my bike is blue"));
    assert_notes(&ground, "memory/things.md", expected);
    ground_clear(&ground);
}

/* What the owner's next words come to when they fail. */
static char *say_in_vain(Ground *ground, const char *text,
                         bool (*before)(const char *path, void *user_data, GError **error)) {
    Message *message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    g_ptr_array_add(ground->messages, message);
    const ReflexContext context = { .now = ground->now,
                                    .workspace = ground->folder->path,
                                    .open_memory = open_memory,
                                    .before_change = before,
                                    .user_data = ground };
    ReflexReply reply = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(reflex_answer(&context, ground->messages, NULL, &reply, &error));
    return g_strdup(error->message);
}

/* An editor, while the first of two files is changed. */
static bool change_the_other(const char *path, void *user_data, GError **error) {
    (void)error;
    if (g_str_has_suffix(path, "a.md"))
        write_notes(user_data, "memory/b.md", "# B\n\n- my car is old\n- my bike is blue\n");
    return true;
}

static void what_has_changed_meanwhile_stays(void) {
    Ground ground;
    ground_init(&ground);
    write_notes(&ground, "memory/a.md", "# A\n\n- my bike is blue\n- keep\n");
    write_notes(&ground, "memory/b.md", "# B\n\n- my bike is blue\n- keep\n");
    g_autofree char *told = say_in_vain(&ground, "forget that my bike is blue", change_the_other);
    g_assert_nonnull(strstr(told, "'memory/b.md' has changed meanwhile"));
    assert_notes(&ground, "memory/a.md", "# A\n\n- keep\n");
    assert_notes(&ground, "memory/b.md", "# B\n\n- my car is old\n- my bike is blue\n");

    write_notes(&ground, "memory/c.md", "# C\n\n- the door is open\n");
    g_autofree char *shown = say(&ground, "what do you know about the door?");
    g_assert_nonnull(strstr(shown, "the door is open\nmemory/c.md#L3"));
    write_notes(&ground, "memory/c.md", "# C\n\n- the gate is open\n- the door is open\n");
    g_autofree char *why = say_in_vain(&ground, "no, it is shut", before_change);
    g_assert_nonnull(strstr(why, "'memory/c.md' has changed meanwhile"));
    assert_notes(&ground, "memory/c.md", "# C\n\n- the gate is open\n- the door is open\n");
    ground_clear(&ground);
}

static void notes_that_differ_are_told_newest_first(void) {
    Ground ground;
    ground_init(&ground);
    g_autofree char *notes = g_build_filename(ground.folder->path, "memory", NULL);
    g_mkdir(notes, 0700);
    g_free(scratch_folder_write(ground.folder, "memory/2026-01-05.md",
                                "# 2026-01-05\n\n- my bike is blue\n", -1));
    g_free(scratch_folder_write(ground.folder, "memory/2026-03-07.md",
                                "# 2026-03-07\n\n- my bike is red\n", -1));
    g_autofree char *answer = say(&ground, "what is my bike?");
    const char *newer = strstr(answer, "my bike is red\nmemory/2026-03-07.md#L3 · 2026-03-07");
    const char *older = strstr(answer, "my bike is blue\nmemory/2026-01-05.md#L3 · 2026-01-05");
    g_assert_nonnull(strstr(answer, "Your notes differ; the newest first:"));
    g_assert_true(newer != NULL && older != NULL && newer < older);
    ground_clear(&ground);
}

static void what_is_missing_is_asked_for(void) {
    Ground ground;
    ground_init(&ground);
    talk(&ground,
         (const Line[]){ { "remember something", "What shall I remember?", NULL },
                         { "the key is under the mat", "Noted: the key is under the mat", NULL },
                         { "remember something", "What shall I remember?", NULL },
                         { "never mind", "All right.", NULL },
                         { "remember something", "What shall I remember?", NULL },
                         { "what is 2+3", "2 + 3 = 5", NULL },
                         { "the key is under the mat", "", NULL },
                         { NULL, NULL, NULL } });
    ground_clear(&ground);
}

static void statements_are_compared_by_what_they_say(void) {
    g_assert_true(statement_contradicts("my bike is blue", "my bike is red"));
    g_assert_false(statement_contradicts("my bike is blue", "my car is red"));
    g_assert_false(statement_contradicts("my bike is blue", "My bike is blue."));
    g_assert_false(statement_contradicts("my bike", "my car"));
    g_assert_cmpstr(statement_value("my bike is blue"), ==, "blue");
    g_assert_null(statement_value("buy milk"));
    g_autofree char *words = evidence_words("What is my dentist's telephone number?");
    g_assert_cmpstr(words, ==, "dentist numb phon");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/agent/reflex_memory/" #name, name)
    TEST(what_is_told_is_found_word_for_word);
    TEST(a_note_is_corrected_in_its_place);
    TEST(only_a_note_is_corrected);
    TEST(a_note_is_forgotten_whole);
    TEST(the_same_note_twice_in_a_file_is_forgotten_twice);
    TEST(what_has_changed_meanwhile_stays);
    TEST(notes_that_differ_are_told_newest_first);
    TEST(what_is_missing_is_asked_for);
    TEST(statements_are_compared_by_what_they_say);
    return g_test_run();
}
