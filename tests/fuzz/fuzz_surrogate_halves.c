/* Any bytes as JSON strings of a stream: whatever is torn, what is put together is valid UTF-8, and
 * a string that was whole stays as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/field.h"
#include "base/text.h"
#include "provider/surrogate_halves.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_private_character(const char *text) {
    return strstr(text, "\xF4\x8F") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(GString) out = g_string_new(NULL);
    gunichar half = 0;
    g_autofree char *valid = text_make_valid((const char *)data, size);
    g_auto(GStrv) pieces = g_strsplit(valid, "\n", 100);
    for (char **piece = pieces; *piece != NULL; piece++) {
        g_autofree char *marked = surrogate_halves_mark(*piece, strlen(*piece));
        json_t *json = field_json_parse(marked, strlen(marked), NULL);
        json_t *plain = field_json_parse(*piece, strlen(*piece), NULL);
        const char *text = json_string_value(json);
        const char *whole = json_string_value(plain);
        if (whole != NULL && (text == NULL || strcmp(whole, text) != 0)) abort();
        size_t before = out->len;
        bool was_alone = half == 0;
        if (text != NULL) surrogate_halves_join(&half, text, out);
        if (whole != NULL && was_alone && !has_private_character(whole) &&
            strcmp(out->str + before, whole) != 0)
            abort();
        json_decref(json);
        json_decref(plain);
    }
    if (!g_utf8_validate(out->str, (gssize)out->len, NULL)) abort();
    return 0;
}
