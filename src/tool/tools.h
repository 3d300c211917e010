/*
 * tool/tools.h: the rows of registry.c, one per file of this folder.
 */
#pragma once

#include "tool/tool.h"

extern const ToolOps tool_read_file;
