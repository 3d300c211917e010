/* tests/memory/test_search.c: what a question finds, and what it does not. */
#include "memory/memory.h"

#include <string.h>

#include "memory_ground.h"

static void test_finds_text_of_every_script(void) {
    g_auto(Ground) ground = ground_new();
    static const struct {
        const char *name, *text, *queries[5];
    } rows[] = {
        { "chinese.md", "我喜欢吃苹果。今天天气很好。", { "苹果", "天气", "喜欢吃", "气" } },
        { "japanese.md", "京都の寺を訪ねました。カタカナも。", { "京都", "カタカナ", "寺" } },
        { "korean.md", "내일 서울에서 회의가 있습니다", { "서울", "회의", "서울에서" } },
        { "thai.md", "ประเทศไทยสวยงามมาก", { "ประเทศไทย", "สวยงาม" } },
        { "arabic.md", "السَّلامُ عليكم، القاهرة مدينة كبيرة", { "السلام", "القاهرة", "مدينه" } },
        { "hebrew.md", "שָׁלוֹם מירושלים", { "שלום" } },
        { "russian.md", "Поезд отправляется в Москву", { "поезд", "МОСКВУ" } },
        { "greek.md", "Η Αθήνα είναι όμορφη", { "αθηνα", "ΑΘΉΝΑ" } },
        { "german.md", "Straße nach Köln überquert", { "strasse", "koln", "KÖLN" } },
        { "french.md", "un café crème à Orléans", { "cafe", "CRÈME", "orleans" } },
        { "emoji.md", "launch day \xf0\x9f\x9a\x80 and a party", { "\xf0\x9f\x9a\x80" } },
        { "flag.md", "thumbs \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd up", { "\xf0\x9f\x91\x8d" } },
        { "code.md",
          "call parseHttpRequest() in src/http_client.c, see MAX_RETRY_COUNT",
          { "parseHttpRequest", "http_client", "max retry", "HttpReq", "MAX_RETRY_COUNT" } },
        { "languages.md", "C++ and C# and F# are languages", { "C++", "c#", "F#" } },
        { "letters.md", "the programs R and Q are one letter long", { "R", "q" } },
        { "numbers.md", "version 3.40.1 of 2026-11-24 at 20:15", { "3.40.1", "2026-11-24" } },
        { "wide.md", "ｆｕｌｌ ｗｉｄｔｈ", { "full width" } },
        { "money.md", "costs 100 € or 5 ₿", { "€", "₿" } },
        { "wiki.md", "see [[Quokka Island|the island]] #holiday", { "quokka", "#holiday" } },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        ground_write(&ground, rows[i].name, rows[i].text);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int k = 0; k < 5 && rows[i].queries[k] != NULL; k++)
            ground_finds(&ground, rows[i].queries[k], rows[i].name);
}

static void test_english_endings_do_not_matter(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "a.md", "The trains were parsing connections quickly.\n");
    ground_finds(&ground, "train", "a.md");
    ground_finds(&ground, "parse", "a.md");
    ground_finds(&ground, "connected", "a.md");
}

static void test_stop_words_count_when_there_is_nothing_else(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "who.md", "The Who is a band\n");
    ground_write(&ground, "other.md", "nothing here says it\n");
    ground_finds(&ground, "the who", "who.md");
    ground_finds(&ground, "who is a band that says nothing", "other.md");
}

static void test_phrases_prefixes_and_filters(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "memory/2026-01-05.md", "the night train to Vienna\n");
    ground_write(&ground, "memory/2026-03-05.md", "train at night, Viennese coffee\n");
    ground_write(&ground, "trips/undated.md", "trains run through the night\n");
    g_assert_cmpint(ground_count(&ground, "\"night train\""), ==, 1);
    ground_finds(&ground, "\"Night TRAIN\"", "memory/2026-01-05.md");
    g_assert_cmpint(ground_count(&ground, "\"train night\""), ==, 0);
    g_assert_cmpint(ground_count(&ground, "vienn*"), ==, 2);
    g_assert_cmpint(ground_count(&ground, "runn*"), ==, 0);
    g_assert_cmpint(ground_count(&ground, "train"), ==, 3);
    g_assert_cmpint(ground_count(&ground, "train since:2026-02-01"), ==, 1);
    g_assert_cmpint(ground_count(&ground, "train before:2026-02-01"), ==, 1);
    g_assert_cmpint(ground_count(&ground, "train since:2026"), ==, 2);
    g_assert_cmpint(ground_count(&ground, "train path:trips/"), ==, 1);
    g_assert_cmpint(ground_count(&ground, "train path:*2026-03*"), ==, 1);
    g_assert_cmpint(ground_count(&ground, "train path:nowhere/"), ==, 0);
}

static void test_a_word_finds_the_words_it_is_part_of(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "a.md", "Donaudampfschifffahrt is one word\n");
    ground_finds(&ground, "dampfschiff", "a.md");
    ground_finds(&ground, "zzz", "");
}

static void test_no_query_is_an_error(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "a.md", "text\n");
    static const char *const queries[] = {
        "",
        " ",
        "\"",
        "\"\"",
        "*",
        "**",
        "AND",
        "a AND OR NOT b",
        "NEAR(a, 5)",
        "(",
        ")",
        "a:b",
        "^",
        "-",
        "--",
        "'",
        "\\",
        "%",
        "since:",
        "before:",
        "path:",
        "since:99999-99-99",
        "since:-3d",
        "since:3",
        "\xff\xfe",
        "\xe4\xbd",
        "\x01\x02",
        "\n\t",
        "text\"unclosed",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        for (int mode = SEARCH_HYBRID; mode <= SEARCH_MEANING; mode++) {
            const MemoryRequest request = { .query = queries[i], .mode = mode };
            g_autoptr(MemoryAnswer) answer = ground_ask(&ground, &request);
            g_assert_true(g_utf8_validate(answer->query, -1, NULL));
        }
    }
    g_autofree char *huge = g_strnfill(2 << 20, 'x');
    g_assert_cmpint(ground_count(&ground, huge), ==, 0);
    ground_finds(&ground, "text\"unclosed", "a.md");
}

static void test_neighbours_and_the_file_count(void) {
    g_auto(Ground) ground = ground_new();
    /* The answer stands next to the question, in the file that is about it. */
    ground_write(&ground, "talk.md",
                 "# Talk\n## 1\nDid Anna bring the zither?\n## 2\nIn the attic, she said.\n"
                 "## 3\nUnrelated things.\n## 4\nMore of those.\n");
    ground_write(&ground, "other.md", "# Other\n## 1\nAnna cooks.\n## 2\nAnna reads.\n");
    const MemoryRequest request = { .query = "anna zither", .mode = SEARCH_WORDS };
    g_autoptr(MemoryAnswer) answer = ground_ask(&ground, &request);
    g_assert_cmpint(answer->hits->len, >=, 3);
    const MemoryHit *first = g_ptr_array_index(answer->hits, 0);
    const MemoryHit *second = g_ptr_array_index(answer->hits, 1);
    g_assert_cmpstr(first->path, ==, "talk.md");
    g_assert_cmpint(first->start_line, ==, 1);
    g_assert_cmpstr(second->path, ==, "talk.md");
    g_assert_cmpint(second->start_line, ==, 4);
    g_assert_cmpfloat(second->words, ==, 0);
    g_assert_cmpfloat(second->context, >, 0);
}

static void test_scores_are_on_one_scale(void) {
    g_auto(Ground) ground = ground_new();
    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("n%02d.md", i);
        g_autofree char *text =
            g_strdup_printf("apple %s banana %d\n", i % 3 == 0 ? "pear" : "plum", i);
        ground_write(&ground, name, text);
    }
    const MemoryRequest request = { .query = "pear apple 7", .limit = 30, .mode = SEARCH_WORDS };
    g_autoptr(MemoryAnswer) answer = ground_ask(&ground, &request);
    g_assert_cmpint(answer->hits->len, ==, 30);
    double before = 1;
    for (unsigned i = 0; i < answer->hits->len; i++) {
        const MemoryHit *hit = g_ptr_array_index(answer->hits, i);
        g_assert_cmpfloat(hit->score, <=, before);
        g_assert_cmpfloat(hit->score, >, 0);
        g_assert_cmpfloat_with_epsilon(hit->score, hit->words + hit->meaning + hit->context, 1e-6);
        before = hit->score;
    }
    g_assert_cmpint(answer->n_files, ==, 30);
    g_assert_cmpint(answer->n_chunks, ==, 30);
}

static void test_recent_notes_weigh_more_when_asked_to(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "memory/2020-01-01.md", "the dentist dentist dentist\n");
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *today = g_date_time_format(now, "memory/%Y-%m-%d.md");
    ground_write(&ground, today,
                 "the dentist, among many other things that were done on this day\n");
    ground_finds(&ground, "dentist", "memory/2020-01-01.md");
    ground.config->temporal_decay_lambda = 0.01;
    ground_finds(&ground, "dentist", today);
}

static void test_diverse_hits_do_not_repeat_themselves(void) {
    g_auto(Ground) ground = ground_new();
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("same%d.md", i);
        ground_write(&ground, name, "the budget of the zoo is large\n");
    }
    ground_write(&ground, "another.md",
                 "the budget of our garden, with tomatoes and a long fence\n");
    MemoryRequest request = {
        .query = "budget zoo", .limit = 2, .mode = SEARCH_WORDS, .flags = SEARCH_DIVERSE
    };
    g_autoptr(MemoryAnswer) answer = ground_ask(&ground, &request);
    g_assert_cmpint(answer->hits->len, ==, 2);
    g_assert_cmpstr(((MemoryHit *)g_ptr_array_index(answer->hits, 1))->path, ==, "another.md");
}

static void test_snippets_are_cut_at_words_around_the_match(void) {
    g_auto(Ground) ground = ground_new();
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 100; i++) g_string_append(text, "filler words ");
    g_string_append(text, "the xylophone stands here ");
    for (int i = 0; i < 30; i++) g_string_append(text, "more filler ");
    ground_write(&ground, "a.md", text->str);
    g_string_free(text, TRUE);
    const MemoryRequest request = { .query = "xylophone", .mode = SEARCH_WORDS };
    g_autoptr(MemoryAnswer) answer = ground_ask(&ground, &request);
    const MemoryHit *hit = g_ptr_array_index(answer->hits, 0);
    g_assert_nonnull(strstr(hit->snippet, " xylophone stands here "));
    g_assert_true(g_str_has_prefix(hit->snippet, "…"));
    g_assert_true(g_str_has_suffix(hit->snippet, "…"));
    g_assert_cmpint(g_utf8_strlen(hit->snippet, -1), <, 260);
    const char *start = hit->snippet + strlen("…");
    g_assert_true(g_str_has_prefix(start, "filler ") || g_str_has_prefix(start, "words "));
}

static void test_names_of_files_and_headings_are_found(void) {
    g_auto(Ground) ground = ground_new();
    ground_write(&ground, "recipes/pancakes.md", "Flour and eggs.\n");
    ground_write(&ground, "long.md", "# Marmalade\n\nboil it\n");
    ground_finds(&ground, "pancake", "recipes/pancakes.md");
    ground_finds(&ground, "marmalade", "long.md");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/search/finds_text_of_every_script", test_finds_text_of_every_script);
    g_test_add_func("/memory/search/english_endings_do_not_matter",
                    test_english_endings_do_not_matter);
    g_test_add_func("/memory/search/stop_words_count_when_there_is_nothing_else",
                    test_stop_words_count_when_there_is_nothing_else);
    g_test_add_func("/memory/search/phrases_prefixes_and_filters",
                    test_phrases_prefixes_and_filters);
    g_test_add_func("/memory/search/a_word_finds_the_words_it_is_part_of",
                    test_a_word_finds_the_words_it_is_part_of);
    g_test_add_func("/memory/search/no_query_is_an_error", test_no_query_is_an_error);
    g_test_add_func("/memory/search/neighbours_and_the_file_count",
                    test_neighbours_and_the_file_count);
    g_test_add_func("/memory/search/scores_are_on_one_scale", test_scores_are_on_one_scale);
    g_test_add_func("/memory/search/recent_notes_weigh_more_when_asked_to",
                    test_recent_notes_weigh_more_when_asked_to);
    g_test_add_func("/memory/search/diverse_hits_do_not_repeat_themselves",
                    test_diverse_hits_do_not_repeat_themselves);
    g_test_add_func("/memory/search/snippets_are_cut_at_words_around_the_match",
                    test_snippets_are_cut_at_words_around_the_match);
    g_test_add_func("/memory/search/names_of_files_and_headings_are_found",
                    test_names_of_files_and_headings_are_found);
    return g_test_run();
}
