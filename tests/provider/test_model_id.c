/* Tests of provider/model_id.c: one table of what people write. */
#include "provider/model_id.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "provider/gguf_builder.h"

typedef struct {
    const char *text;
    const char *configured; /* separated by spaces */
    const char *expected;   /* "provider/model"; NULL = an error ... */
    const char *word;       /* ... whose message or hint has this word */
} Case;

static const Case cases[] = {
    { "", "", "local", NULL },
    { NULL, "", "local", NULL },
    { "  ", "openai", "openai/gpt-4o", NULL },
    { "", "xai openai", "openai/gpt-4o", NULL },
    { "", "ollama anthropic", "anthropic/claude-sonnet-4-6", NULL },
    { "", "ollama", "ollama", NULL },
    { "", "custom.mylab xai", "xai/grok-3-mini", NULL },
    { "", "custom.mylab", "custom.mylab", NULL },
    { "openai-compatible/x", "", "openai-compat/x", NULL },
    { "OPUS", "", "anthropic/claude-opus-4-6", NULL },
    { "sonnet", "", "anthropic/claude-sonnet-4-6", NULL },
    { "gpt", "", "openai/gpt-4o", NULL },
    { "gpt-mini", "", "openai/gpt-4o-mini", NULL },
    { "glm", "", "glm/glm-4.7", NULL },
    { "grok", "", "xai/grok-3-mini", NULL },
    { "codex", "", "codex-cli/o4-mini", NULL },
    { "OpenAI/gpt-4.1", "", "openai/gpt-4.1", NULL },
    { "openrouter/meta-llama/llama-3", "", "openrouter/meta-llama/llama-3", NULL },
    { "openai_compat/x", "", "openai-compat/x", NULL },
    { "claude-cli/opus", "", "claude-cli/opus", NULL },
    { "claude-cli/", "", "claude-cli/opus", NULL },
    { "gpt-4o", "", "openai/gpt-4o", NULL },
    { "o1-preview", "", "openai/o1-preview", NULL },
    { "claude-3-7-sonnet", "", "anthropic/claude-3-7-sonnet", NULL },
    { "glm-4.7", "", "glm/glm-4.7", NULL },
    { "grok-4", "", "xai/grok-4", NULL },
    { "gemini-2.5-pro", "", "gemini/gemini-2.5-pro", NULL },
    { "mistral-nemo", "ollama anthropic", "ollama/mistral-nemo", NULL },
    { "mistral-nemo", "anthropic", "anthropic/mistral-nemo", NULL },
    { "mistral-nemo", "claude-cli", "claude-cli/mistral-nemo", NULL },
    { "mylab/qwen", "custom.mylab", "custom.mylab/qwen", NULL },
    { "custom.mylab/qwen", "custom.mylab", "custom.mylab/qwen", NULL },
    { "local", "openai", "local", NULL },
    { "builtin", "openai", "local", NULL },
    { "local/tiny", "", "local/tiny", NULL },
    { "local//models/x.gguf", "", "local//models/x.gguf", NULL },
    { "/models/x.gguf", "", "local//models/x.gguf", NULL },
    { "./x.gguf", "", "local/./x.gguf", NULL },
    { "Mine", "", "local/Mine", NULL },
    { "mine.gguf", "openai ollama", "local/mine.gguf", NULL },
    { "gpt-oss-20b", "openai", "openai/gpt-oss-20b", NULL },
    { "gpt-oss-20b", "", NULL, "localgpt model pull gpt-oss-20b" },
    { "qwen3-1.7b", "", NULL, "localgpt model pull qwen3-1.7b" },
    { "opsu", "", NULL, "did you mean 'opus'?" },
    { "anthropc/claude", "", NULL, "did you mean 'anthropic'?" },
    { "meta-llama/x", "", NULL, "there is no provider 'meta-llama'" },
    { "mylab/qwen", "", NULL, "there is no provider 'mylab'" },
    { "mistral-nemo", "", NULL, "mistral-nemo" },
};

static void what_people_write(void) {
    g_autofree char *root = g_dir_make_tmp("ids-XXXXXX", NULL);
    g_autofree char *models = g_build_filename(root, "models", NULL);
    g_autofree char *file = g_build_filename(models, "Mine.gguf", NULL);
    g_autoptr(GByteArray) bytes = gguf_builder_model("Mine");
    Paths paths = { .home = root, .data = root };
    g_assert_cmpint(g_mkdir(models, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, (const char *)bytes->data, bytes->len, NULL));

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) configured = g_strsplit(cases[i].configured, " ", -1);
        ModelIdContext context = { (const char *const *)configured, &paths };
        g_auto(ModelId) id = { 0 };
        g_autoptr(GError) error = NULL;
        bool is_ok = model_id_parse(cases[i].text, &context, &id, &error);
        g_autofree char *text = is_ok ? model_id_text(&id) : NULL;
        if (g_strcmp0(text, cases[i].expected) != 0)
            g_error("'%s' with '%s': expected %s, got %s (%s)", cases[i].text, cases[i].configured,
                    cases[i].expected, text, error != NULL ? error->message : "no error");
        if (is_ok) continue;
        g_assert_true(error_is(error, ERR_NOT_FOUND));
        g_assert_null(id.provider);
        g_autofree char *all = g_strconcat(error->message, " ", error_hint(error), NULL);
        if (strstr(all, cases[i].word) == NULL) g_error("'%s' not in '%s'", cases[i].word, all);
    }
    g_unlink(file);
    g_rmdir(models);
    g_rmdir(root);
}

static void works_without_a_context(void) {
    g_auto(ModelId) id = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_true(model_id_parse("", NULL, &id, &error));
    g_assert_cmpstr(id.provider, ==, "local");
    g_assert_true(model_id_parse("xai/grok", NULL, &id, &error));
    g_assert_cmpstr(id.provider, ==, "xai");
    g_assert_false(model_id_parse("whatever", NULL, &id, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_cmpstr(id.provider, ==, "xai");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/model_id/what_people_write", what_people_write);
    g_test_add_func("/provider/model_id/works_without_a_context", works_without_a_context);
    return g_test_run();
}
