/* provider/local_tools.c: between requests with tools and plain text. */
#include "provider/local_tools.h"

#include <string.h>

#include "provider/gguf.h"

const ToolFormat *local_tools_format(const StoredModel *model) {
    g_auto(GgufFacts) facts = { 0 };
    g_autoptr(GError) error = NULL;
    if (gguf_read(model->path, &facts, &error))
        return tool_format_for(facts.architecture, facts.chat_template);
    g_debug("reading the template of '%s': %s, ignoring", model->path, error->message);
    return tool_format_for(model->architecture, NULL);
}

static ToolSet tools_of(const ChatRequest *request) {
    return (ToolSet){ .tools = request->tools, .n_tools = request->n_tools };
}

char *local_tools_system(const ToolFormat *format, const ChatRequest *request) {
    const char *system = request->system != NULL ? request->system : "";
    if (request->n_tools == 0) return g_strdup(system);
    ToolSet set = tools_of(request);
    g_autofree char *tools = tool_format_describe(format, &set);
    return g_strconcat(system, system[0] != '\0' ? "\n\n" : "", tools, NULL);
}

char *local_tools_message_text(const ToolFormat *format, const Message *message) {
    g_autofree char *text = message_text(message);
    if (message->role == ROLE_TOOL_RESULT)
        return tool_format_result(format, message->tool_name != NULL ? message->tool_name : "",
                                  text);
    g_autoptr(GString) all = g_string_new(text);
    for (guint i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TOOL_CALL) continue;
        g_autofree char *call = tool_format_call(format, part->call_name, part->arguments);
        g_string_append_printf(all, "%s%s", all->len > 0 ? "\n" : "", call);
    }
    return g_strdup(all->str);
}

void local_tools_constrain(const ToolFormat *format, const ChatRequest *request,
                           EngineGenerate *generate) {
    if (request->n_tools == 0 || generate->grammar != NULL) return;
    ToolSet set = tools_of(request);
    g_autoptr(GError) error = NULL;
    generate->shows_special = true; /* "[TOOL_CALLS]" is one token in some families */
    generate->grammar = tool_format_grammar(format, &set, &error);
    if (generate->grammar == NULL) {
        g_debug("tools without a grammar: %s, ignoring", error->message);
        return;
    }
    generate->trigger_patterns = g_new0(char *, 2);
    generate->trigger_patterns[0] = g_strdup(format->trigger);
}

static Part *add_call(Message *message, const char *name) {
    g_autofree char *uuid = g_uuid_string_random();
    Part *part = g_new0(Part, 1);
    part->kind = PART_TOOL_CALL;
    part->label = label_new(ORIGIN_AGENT, NULL);
    part->call_id = g_strconcat("call_", uuid, NULL); /* unique in the whole session */
    part->call_name = g_strdup(name);
    g_ptr_array_add(message->parts, part);
    return part;
}

static void add_text(Message *message, const char *text) {
    message_add_text(message, label_new(ORIGIN_AGENT, NULL), text, -1);
}

static void add_text_before_call(const ToolFormat *format, const char *answer, Message *message) {
    size_t plain = tool_format_plain_length(format, answer, strlen(answer));
    g_autofree char *text = g_strndup(answer, plain);
    add_text(message, text);
}

static bool take_unreadable(const ToolFormat *format, const char *answer, const char *problem,
                            Message *message) {
    add_text_before_call(format, answer, message);
    Part *call = add_call(message, "unknown");
    call->arguments = field_json_parse("{}", 2, NULL);
    call->call_problem = g_strdup(problem);
    return true;
}

bool local_tools_take(const ToolFormat *format, const ChatRequest *request, const char *answer,
                      bool is_cut, Message *message) {
    ToolSet set = tools_of(request);
    g_auto(ToolFormatReply) reply = { 0 };
    g_autoptr(GError) problem = NULL;
    if (request->n_tools == 0) {
        add_text(message, answer);
        return false;
    }
    if (is_cut) {
        add_text_before_call(format, answer, message);
        return false;
    }
    if (!tool_format_parse(format, answer, &set, &reply, &problem))
        return take_unreadable(format, answer, problem->message, message);
    if (reply.calls->len == 0) add_text(message, answer);
    if (reply.calls->len > 0 && reply.text[0] != '\0') add_text(message, reply.text);
    for (guint i = 0; i < reply.calls->len; i++) {
        const ToolFormatCall *call = g_ptr_array_index(reply.calls, i);
        add_call(message, call->name)->arguments = json_incref(call->arguments);
    }
    return reply.calls->len > 0;
}
