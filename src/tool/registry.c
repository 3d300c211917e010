/* tool/registry.c: every tool, alphabetical. */
#include "tool/tools.h"

/* clang-format off */
const ToolOps *const tool_registry[] = {
    &tool_bash,
    &tool_bash_kill,
    &tool_bash_output,
    &tool_edit_file,
    &tool_glob,
    &tool_grep,
    &tool_list_dir,
    &tool_memory_append,
    &tool_memory_get,
    &tool_memory_search,
    &tool_read_file,
    &tool_spawn_agent,
    &tool_write_file,
    NULL,
};
/* clang-format on */
