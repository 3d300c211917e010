/* tool/registry.c: every tool, alphabetical. */
#include "tool/tools.h"

const ToolOps *const tool_registry[] = {
    &tool_read_file,
    NULL,
};
