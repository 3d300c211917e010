/* tool/worker.c: both ends of the pipe through the sandbox's wall. */
#include "tool/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* Arguments hold whole files at most. */
#define MAX_INPUT_BYTES ((size_t)64 << 20)

typedef struct {
    ToolResult result;
    char *problem; /* NULL = it worked */
    char *code;    /* ErrorKind.name of the problem */
} Reply;

/* clang-format off */
static const Field request_fields[] = {
    { "arguments",        FIELD_JSON(ToolRequest, arguments),        .flags = FIELD_REQUIRED },
    { "preview",          FIELD_BOOL(ToolRequest, is_preview) },
    { "max_bytes",        FIELD_INT(ToolRequest, max_bytes),         .min = 0, .max = 1e12 },
    { "max_file_bytes",   FIELD_INT(ToolRequest, max_file_bytes),    .min = 0, .max = 1e12 },
    { "write_folders",    FIELD_STRINGS(ToolRequest, write_folders) },
    { 0 }
};
static const Field reply_fields[] = {
    { "text",        FIELD_STRING(Reply, result.text),         .flags = FIELD_OMIT_EMPTY },
    { "image",       FIELD_STRING(Reply, result.image_base64), .flags = FIELD_OMIT_EMPTY },
    { "mime_type",   FIELD_STRING(Reply, result.mime_type),    .flags = FIELD_OMIT_EMPTY },
    { "source",      FIELD_STRING(Reply, result.source),       .flags = FIELD_OMIT_EMPTY },
    { "is_error",    FIELD_BOOL(Reply, result.is_error),       .flags = FIELD_OMIT_EMPTY },
    { "total_bytes", FIELD_INT(Reply, result.total_bytes),     .flags = FIELD_OMIT_EMPTY },
    { "problem",     FIELD_STRING(Reply, problem),             .flags = FIELD_OMIT_EMPTY },
    { "code",        FIELD_STRING(Reply, code),                .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* clang-format on */

static bool answer(const char *name, const char *input, size_t length, ToolResult *out,
                   GError **error) {
    const ToolOps *ops = tool_find(name);
    if (ops == NULL || ops->work == NULL) {
        error_set(error, ERR_NOT_FOUND, "there is no tool '%s' that runs in the sandbox", name);
        return false;
    }
    ToolRequest request = { 0 };
    if (!field_decode(request_fields, &request, input, length, FIELD_STRICT, error)) return false;
    g_autoptr(ToolCall) call = tool_call_decode(ops, request.arguments, error);
    bool is_ok = call != NULL && ops->work(call->arguments, &request, out, error);
    field_clear(request_fields, &request);
    return is_ok;
}

char *tool_worker_answer(const char *name, const char *input, size_t length) {
    Reply reply = { 0 };
    g_autoptr(GError) error = NULL;
    if (!answer(name, input, length, &reply.result, &error)) {
        tool_result_clear(&reply.result);
        reply.problem = g_strdup(error->message);
        reply.code = g_strdup(error_kind(error)->name);
    }
    char *text = field_encode(reply_fields, &reply, FIELD_COMPACT);
    field_clear(reply_fields, &reply);
    return text;
}

char *tool_worker_request(const ToolCall *call, const ToolRequest *request) {
    ToolRequest whole = *request;
    whole.arguments = call->json;
    return field_encode(request_fields, &whole, FIELD_COMPACT);
}

static ErrorCode code_named(const char *name) {
    for (int i = 0; name != NULL && i < ERR_N_CODES; i++)
        if (strcmp(error_kinds[i].name, name) == 0) return (ErrorCode)i;
    return ERR_FAILED;
}

bool tool_worker_reply(const char *text, size_t length, ToolResult *out, GError **error) {
    Reply reply = { 0 };
    g_autoptr(GError) problem = NULL;
    if (!field_decode(reply_fields, &reply, text, length, FIELD_STRICT, &problem)) {
        error_set(error, ERR_DATA, "the tool's process gave no result: %s", problem->message);
        return false;
    }
    if (reply.problem == NULL) {
        *out = reply.result;
        return true;
    }
    /* A child cannot end the turn: only the user can. */
    ErrorCode code = code_named(reply.code);
    error_set(error, code == ERR_CANCELLED ? ERR_FAILED : code, "%s", reply.problem);
    field_clear(reply_fields, &reply);
    return false;
}

static bool read_all(int fd, GString *into) {
    char block[65536];
    while (into->len <= MAX_INPUT_BYTES) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n == 0;
        g_string_append_len(into, block, n);
    }
    return false;
}

bool tool_worker_is_asked(char **argv) {
    return argv[0] != NULL && strcmp(argv[0], TOOL_WORKER_NAME) == 0;
}

int tool_worker_main(int argc, char **argv) {
    g_autoptr(GString) input = g_string_new(NULL);
    if (argc != 2 || !read_all(STDIN_FILENO, input)) {
        fputs(TOOL_WORKER_NAME ": a tool's name and its arguments on standard input\n", stderr);
        return 2;
    }
    g_autofree char *reply = tool_worker_answer(argv[1], input->str, input->len);
    /* No exit handlers: the leak checker of a sanitizer build has no place in the sandbox. */
    bool is_out = fputs(reply, stdout) >= 0 && fflush(stdout) == 0;
    _exit(is_out ? 0 : 1);
}
