/* tool/registry.c: every tool, alphabetical. */
#include "tool/tools.h"

/* clang-format off */
const ToolOps *const tool_registry[] = {
    &tool_edit_file,
    &tool_glob,
    &tool_grep,
    &tool_list_dir,
    &tool_read_file,
    &tool_write_file,
    NULL,
};
/* clang-format on */
