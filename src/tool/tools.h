/*
 * tool/tools.h: the rows of registry.c, one per file of this folder.
 */
#pragma once

#include "tool/tool.h"

extern const ToolOps tool_bash;
extern const ToolOps tool_bash_kill;
extern const ToolOps tool_bash_output;
extern const ToolOps tool_edit_file;
extern const ToolOps tool_glob;
extern const ToolOps tool_grep;
extern const ToolOps tool_list_dir;
extern const ToolOps tool_memory_append;
extern const ToolOps tool_memory_get;
extern const ToolOps tool_memory_search;
extern const ToolOps tool_read_file;
extern const ToolOps tool_spawn_agent;
extern const ToolOps tool_write_file;
