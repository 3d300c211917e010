/* A pattern, a newline, paths and lines of a .gitignore: matching ends, and never reads past an
 * end. */
#include <stdint.h>
#include <string.h>

#include "tool/glob_pattern.h"
#include "tool/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 4096) return 0;
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 40);
    if (lines[0] == NULL) return 0;
    g_auto(GStrv) patterns = glob_patterns_expand(lines[0], NULL);
    g_autoptr(IgnoreStack) stack = ignore_stack_new();
    ignore_stack_push(stack, "", -1);
    ignore_stack_add(stack, text, strlen(text));
    for (char **line = lines; *line != NULL; line++) {
        for (char **pattern = patterns; pattern != NULL && *pattern != NULL; pattern++)
            if (glob_pattern_match(*pattern, *line))
                g_assert_true(strlen(*pattern) > 0 || **line == '\0');
        bool is_hidden = ignore_stack_hides(stack, *line, /* is_folder= */ false);
        g_assert_true(!is_hidden || strlen(text) > 0);
    }
    return 0;
}
