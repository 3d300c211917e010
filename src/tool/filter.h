/*
 * tool/filter.h: [tools.filters.NAME]: what the owner never wants to see in a call, or always.
 *
 * A filter only ever refuses: it grants nothing that mode, approval and sandbox do not. It reads
 * the exact bytes of the call (the command, or the arguments as JSON); it is a seat belt for
 * mistakes, not a wall against malice: that is the sandbox's job.
 *
 *     g_autoptr(ToolFilters) filters = tool_filters_new(config, error);   // a bad pattern:
 * ERR_CONFIG if (!tool_filters_pass(filters, "bash", "rm -rf /", error)) ...     // ERR_DENIED,
 * with the rule
 */
#pragma once

#include "tool/tool_config.h"

typedef struct ToolFilters ToolFilters;

ToolFilters *tool_filters_new(const ToolConfig *config, GError **error);
void tool_filters_free(ToolFilters *filters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolFilters, tool_filters_free)

/* Thread-safe. */
bool tool_filters_pass(ToolFilters *filters, const char *tool, const char *exact,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
