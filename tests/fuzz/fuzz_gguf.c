/* Any bytes as the header of a model file: read, or refused with a reason; what was read is in
 * bounds and can be shown. */
#include "provider/gguf.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GgufFacts facts = { 0 };
    g_autoptr(GError) error = NULL;
    if (!gguf_read_bytes(data, size, &facts, &error)) {
        if (!error_is(error, ERR_DATA) || facts.architecture != NULL) abort();
        return 0;
    }
    if (facts.architecture == NULL || strlen(facts.architecture) > 200) abort();
    if (facts.n_parameters < 0 || facts.context_tokens < 0 || facts.size_bytes != (int64_t)size)
        abort();
    if (facts.chat_template != NULL && !g_utf8_validate(facts.chat_template, -1, NULL)) abort();
    gguf_facts_clear(&facts);
    return 0;
}
