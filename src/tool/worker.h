/*
 * tool/worker.h: how a file tool gets into the sandbox and its result out.
 *
 * The parent starts this program inside the sandbox as `localgpt-tool NAME`, writes one JSON
 * document (tool_worker_request) to its standard input and reads one (tool_worker_reply) from its
 * standard output. The child trusts neither the arguments nor that anybody checked them: it decodes
 * them as strictly as the parent did. The parent takes the reply for what it is, bytes from inside
 * the sandbox: a bound on its size, a strict decoder, and the text is data.
 */
#pragma once

#include "tool/tool.h"

#define TOOL_WORKER_NAME "localgpt-tool"

/* First thing in main(): whether this process is such a child, and then its whole life. Exit status
 * 0 unless there is no reply. */
bool tool_worker_is_asked(char **argv);
int tool_worker_main(int argc, char **argv); /* does not return when it worked */

/* What the child does with its input: never NULL, one JSON document. New string. */
char *tool_worker_answer(const char *name, const char *input, size_t length);

/* The child's input for a call. New string. */
char *tool_worker_request(const ToolCall *call, const ToolRequest *request);

/* The child's output as the result, or as the error it reports. ERR_DATA when it is no reply. */
bool tool_worker_reply(const char *text, size_t length, ToolResult *out,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
