/* cli/models_topic.c: four tables and the words around them. */
#include "cli/models_topic.h"

#include "agent/tier.h"
#include "base/text.h"
#include "cli/layout.h"
#include "provider/model_catalog.h"
#include "provider/provider.h"

enum { NAME_COLUMN = 18 };

static void append_names(GString *out) {
    layout_text(
        out, "A model is named after -m, in agent.default_model or after 'localgpt model use':", 0);
    g_string_append_c(out, '\n');
    layout_row(out, "  NAME", "A local model by its short name, or by its file's name",
               NAME_COLUMN);
    layout_row(out, "  PATH", "Any GGUF file: /x.gguf, ./x.gguf, ~/x.gguf", NAME_COLUMN);
    layout_row(out, "  local", "The best local model that is here", NAME_COLUMN);
    layout_row(out, "  PROVIDER/NAME", "A provider's model, split at the first slash", NAME_COLUMN);
    g_string_append_c(out, '\n');
    layout_text(out,
                "Without a name the first provider that is configured answers, else the best local "
                "model. Nothing is silently replaced.",
                0);
}

static void append_providers(GString *out) {
    layout_heading(out, "Providers, in the order of the choice without a name");
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        bool is_named = (*row)->caps & PROVIDER_NAMED;
        g_autofree char *left = g_strconcat("  ", is_named ? "NAME" : (*row)->name, NULL);
        g_autofree char *variable =
            (*row)->env != NULL ? g_strconcat("; or ", (*row)->env, NULL) : g_strdup("");
        g_autofree char *setup = (*row)->setup != NULL
                                     ? g_strdup_printf(" Set %s%s.", (*row)->setup, variable)
                                     : g_strdup("");
        g_autofree char *right = g_strconcat((*row)->summary, setup, NULL);
        layout_row(out, left, right, NAME_COLUMN);
    }
}

static void append_catalog(GString *out) {
    layout_heading(out, "Models that 'localgpt model pull NAME' gets");
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++) {
        g_autofree char *left = g_strconcat("  ", row->name, NULL);
        g_autofree char *size = text_format_size((unsigned long long)row->size_bytes);
        g_autofree char *right = g_strdup_printf("%s, %s; %s", size, row->good_for, row->licence);
        layout_row(out, left, right, NAME_COLUMN);
    }
}

static void append_tiers(GString *out) {
    layout_heading(out, "What a model is asked depends on its size");
    for (const ModelTier *tier = model_tiers; tier->name != NULL; tier++) {
        g_autofree char *left = g_strconcat("  ", tier->name, NULL);
        layout_row(out, left, tier->summary, NAME_COLUMN);
    }
}

bool models_topic_render(GString *out, const char *argument, GError **error) {
    (void)argument;
    (void)error;
    append_names(out);
    append_providers(out);
    append_catalog(out);
    append_tiers(out);
    return true;
}
