/* provider/model_config.c: the rows of [models]. */
#include "provider/model_config.h"

#include "base/error.h"

static bool check_hub(const char *value, GError **error) {
    if (value[0] == '\0' || value[0] == '$' || g_str_has_prefix(value, "https://") ||
        g_str_has_prefix(value, "http://"))
        return true;
    error_set(error, ERR_DATA, "expected an address that starts with https://");
    return false;
}

/* clang-format off */
const Field models_config_fields[] = {
    { "hub", FIELD_STRING(ModelsConfig, hub), .default_text = "", .check = check_hub, .help = "Address of the server that 'localgpt model pull' gets models from, laid out like Hugging Face; empty means Hugging Face itself." },
    { 0 }
};
/* clang-format on */
