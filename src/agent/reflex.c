/* agent/reflex.c: finding the row that fires, and making its outcome a message. */
#include "agent/reflex-private.h"

#include <string.h>

#include "base/error.h"

/* A request is a sentence or two; a page that was pasted is none. */
#define MAX_REQUEST_BYTES 600

void reflex_outcome_clear(ReflexOutcome *outcome) {
    g_clear_pointer(&outcome->text, g_free);
    g_clear_pointer(&outcome->call, g_free);
    g_clear_pointer(&outcome->arguments, json_decref);
    g_clear_pointer(&outcome->why, g_free);
    label_clear(&outcome->label);
}

void reflex_reply_clear(ReflexReply *reply) {
    chat_result_clear(&reply->result);
    *reply = (ReflexReply){ 0 };
}

bool reflex_has_tool(const ReflexFiring *firing, const char *name) {
    for (size_t i = 0; i < firing->context->n_tools; i++)
        if (strcmp(firing->context->tools[i].name, name) == 0) return true;
    return false;
}

const char *reflex_say(const ReflexFiring *firing, const char *english, const char *german) {
    return firing->language == LANGUAGE_DE ? german : english;
}

char *reflex_owner_text(const Message *message) {
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind == PART_TEXT && part->label.origin == ORIGIN_OWNER && part->text != NULL)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", part->text);
    }
    char *trimmed = g_strstrip(g_string_free(text, FALSE));
    return trimmed;
}

/* ---- which row ---- */

static bool hole_fits(const char *name, const char *text, void *user_data) {
    const ReflexRow *row = user_data;
    return row->accepts == NULL || row->accepts(name, text);
}

/* "keep in mind that I love you?" asks for nothing to be kept; "can you ...?" does. */
static bool is_mere_question(const char *text) {
    static const char *const polite[] = { "can you ",  "could you ", "would you ",
                                          "will you ", "kannst du ", "könntest du " };
    if (!g_str_has_suffix(text, "?")) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(polite); i++)
        if (g_ascii_strncasecmp(text, polite[i], strlen(polite[i])) == 0) return false;
    return true;
}

/* Whether the row's words are there; the holes are filled. */
static bool fires(const ReflexRow *row, ReflexFiring *firing) {
    if ((row->flags & REFLEX_CHANGES) && is_mere_question(firing->text)) return false;
    if (row->claims != NULL) return row->claims(firing->text, firing->now, &firing->language);
    for (const ReflexPattern *pattern = row->patterns; pattern->pattern != NULL; pattern++) {
        if (!phrase_match(pattern->pattern, firing->text, hole_fits, (void *)row, firing->holes))
            continue;
        firing->language = pattern->language;
        return true;
    }
    return false;
}

static void firing_clear(ReflexFiring *firing) {
    phrase_holes_clear(firing->holes);
}

/* The first row from `from` on that fires; the firing is then filled. */
static const ReflexRow *find(ReflexFiring *firing, const ReflexRow *from) {
    if (firing->text[0] == '\0' || strlen(firing->text) > MAX_REQUEST_BYTES) return NULL;
    for (const ReflexRow *row = from; row->name != NULL; row++) {
        firing->row = row;
        if (fires(row, firing)) return row;
    }
    firing->row = NULL;
    return NULL;
}

const ReflexRow *reflex_find(const char *text, GDateTime *now, const ReflexRow *from) {
    ReflexFiring firing = { .text = text, .now = now };
    const ReflexRow *row = find(&firing, from != NULL ? from : reflex_rows);
    firing_clear(&firing);
    return row;
}

/* ---- the conversation ---- */

static const Message *message_at(const GPtrArray *messages, unsigned index) {
    return g_ptr_array_index(messages, index);
}

static bool is_reflex(const Message *message) {
    return message->role == ROLE_ASSISTANT && g_strcmp0(message->provider, REFLEX_PROVIDER) == 0;
}

const ReflexRow *reflex_row_of(const Message *message) {
    if (!is_reflex(message)) return NULL;
    for (const ReflexRow *row = reflex_rows; row->name != NULL; row++)
        if (g_strcmp0(row->name, message->model) == 0) return row;
    return NULL;
}

/* Where the owner's newest message is; -1: nowhere. */
static int newest_request(const GPtrArray *messages) {
    for (int i = (int)messages->len - 1; i >= 0; i--)
        if (message_at(messages, (unsigned)i)->role == ROLE_USER) return i;
    return -1;
}

/* A message with more than words is for a model. */
static bool is_plain_request(const Message *message) {
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TEXT || part->label.origin != ORIGIN_OWNER) return false;
    }
    return message->parts->len > 0;
}

/* The row whose call the newest result answers; NULL when a model made it. *out_result is borrowed.
 * The name of the row is the model of the message that called. */
static const ReflexRow *row_of_call(const GPtrArray *messages, int request,
                                    const Message **out_result) {
    const Message *newest = message_at(messages, messages->len - 1);
    if (newest->role != ROLE_TOOL_RESULT) return NULL;
    for (unsigned i = messages->len - 1; (int)i > request; i--) {
        const Message *message = message_at(messages, i);
        if (message->role != ROLE_ASSISTANT) continue;
        *out_result = newest;
        return reflex_row_of(message);
    }
    return NULL;
}

/* The row that asked for something just before this request, or NULL: "remember?" asked. */
static const ReflexRow *row_that_asked(const GPtrArray *messages, int request) {
    if (request < 1 || !is_reflex(message_at(messages, (unsigned)request - 1))) return NULL;
    const char *model = message_at(messages, (unsigned)request - 1)->model;
    for (const ReflexRow *row = reflex_rows; model != NULL && row->name != NULL; row++) {
        size_t length = strlen(row->name);
        if (strncmp(model, row->name, length) == 0 && strcmp(model + length, "?") == 0) return row;
    }
    return NULL;
}

bool reflex_is_asked(const GPtrArray *messages) {
    return row_that_asked(messages, (int)messages->len) != NULL;
}

static bool takes_it_back(const char *text) {
    return phrase_match(
        "(never mind|nevermind|nothing|cancel|forget it|stop|no|nein|nichts|vergiss "
        "es|schon gut|abbrechen)",
        text, NULL, NULL, NULL);
}

/* What is missing was asked for, and this is it. The pattern is a row's own, with one "%s". New
 * string. */
static char *complete(const ReflexRow *row, const char *text) {
    g_auto(GStrv) around = g_strsplit(row->asked, "%s", 2);
    return g_strconcat(around[0], text, around[1], NULL);
}

/* ---- the answer ---- */

static void add_call(Message *message, ReflexOutcome *outcome) {
    Part *part = g_new0(Part, 1);
    part->kind = PART_TOOL_CALL;
    g_autofree char *id = g_uuid_string_random();
    id[8] = '\0';
    part->call_id = g_strdup_printf("reflex_%s", id);
    part->call_name = g_steal_pointer(&outcome->call);
    part->arguments = g_steal_pointer(&outcome->arguments);
    part->label = label_new(ORIGIN_OWNER, NULL); /* its words are the owner's */
    g_ptr_array_add(message->parts, part);
}

static void fill_reply(const ReflexRow *row, ReflexOutcome *outcome, int64_t start_us,
                       ReflexReply *out) {
    Message *message = message_new(ROLE_ASSISTANT);
    message->provider = g_strdup(REFLEX_PROVIDER);
    message->model = g_strdup_printf("%s%s", row->name, outcome->asks ? "?" : "");
    bool is_call = outcome->call != NULL;
    message->stop_reason = is_call ? STOP_TOOL_USE : STOP_END;
    Label label = label_copy(&outcome->label);
    label.origin = ORIGIN_AGENT;
    if (is_call)
        add_call(message, outcome);
    else
        message_add_text(message, label, outcome->text, -1);
    if (is_call) label_clear(&label);
    int64_t passed_ms = (g_get_monotonic_time() - start_us) / 1000;
    out->row = row;
    out->source = outcome->source != NULL ? outcome->source : row->source;
    out->result = (ChatResult){ .message = message,
                                .first_token_ms = is_call ? -1 : passed_ms,
                                .duration_ms = passed_ms };
}

/* Lets the rows from `firing->row` on act, until one has an answer. */
static bool act(ReflexFiring *firing, const Message *result, ReflexOutcome *out, GError **error) {
    const ReflexRow *row = firing->row;
    while (row != NULL) {
        if (!row->act(firing, result, out, error)) {
            g_prefix_error(error, "reflex '%s': ", row->name);
            return false;
        }
        if (out->text != NULL || out->call != NULL) return true;
        reflex_outcome_clear(out);
        phrase_holes_clear(firing->holes);
        row = find(firing, row + 1);
    }
    return true;
}

static GDateTime *clock_of(const ReflexContext *context) {
    return context->now != NULL ? g_date_time_ref(context->now) : g_date_time_new_now_local();
}

/* The firing's text: the request, or what it makes of the question before it. New string; NULL:
 * there is no request. */
static char *request_text(const GPtrArray *messages, int request) {
    if (request < 0 || !is_plain_request(message_at(messages, (unsigned)request))) return NULL;
    return reflex_owner_text(message_at(messages, (unsigned)request));
}

/* Fills firing->row; *out_text is what the text is completed to, owned. */
static void choose(ReflexFiring *firing, int request, char **out_text) {
    if (find(firing, reflex_rows) != NULL) return;
    const ReflexRow *asked = row_that_asked(firing->messages, request);
    if (asked == NULL || asked->asked == NULL) return;
    *out_text = complete(asked, firing->text);
    firing->text = *out_text;
    if (find(firing, reflex_rows) != NULL) firing->row = asked;
}

static bool dismiss(const ReflexFiring *firing, int request, ReflexReply *out, int64_t start_us) {
    const ReflexRow *asked = row_that_asked(firing->messages, request);
    if (asked == NULL || !takes_it_back(firing->text)) return false;
    ReflexOutcome outcome = { .text = g_strdup("All right.") };
    fill_reply(asked, &outcome, start_us, out);
    reflex_outcome_clear(&outcome);
    return true;
}

bool reflex_answer(const ReflexContext *context, const GPtrArray *messages, Cancel *cancel,
                   ReflexReply *out, GError **error) {
    *out = (ReflexReply){ 0 };
    int64_t start_us = g_get_monotonic_time();
    int request = newest_request(messages);
    g_autofree char *text = request_text(messages, request);
    if (text == NULL) return true;
    const Message *result = NULL;
    const ReflexRow *called = row_of_call(messages, request, &result);
    bool is_first = (int)messages->len - 1 == request;
    if (called == NULL && !is_first) return true;
    g_autoptr(GDateTime) now = clock_of(context);
    ReflexFiring firing = {
        .context = context, .text = text, .messages = messages, .cancel = cancel, .now = now
    };
    if (is_first && dismiss(&firing, request, out, start_us)) return true;
    g_autofree char *completed = NULL;
    choose(&firing, request, &completed);
    /* After a call, its own row goes on. */
    if (called != NULL && firing.row != called) {
        phrase_holes_clear(firing.holes);
        firing.row = called;
        if (!fires(called, &firing)) firing.row = NULL;
    }
    ReflexOutcome outcome = { 0 };
    bool is_ok = firing.row == NULL || act(&firing, result, &outcome, error);
    if (is_ok && (outcome.text != NULL || outcome.call != NULL))
        fill_reply(firing.row, &outcome, start_us, out);
    reflex_outcome_clear(&outcome);
    firing_clear(&firing);
    return is_ok;
}

/* ---- why ---- */

static void explain_row(const ReflexFiring *firing, GString *out) {
    const ReflexRow *row = firing->row;
    g_string_append_printf(out, "reflex '%s': %s\n", row->name, row->summary);
    for (int i = 0; i < PHRASE_MAX_HOLES && firing->holes[i].name != NULL; i++)
        g_string_append_printf(out, "  %s: %s\n", firing->holes[i].name, firing->holes[i].text);
}

char *reflex_explain(const ReflexContext *context, const GPtrArray *messages, Cancel *cancel) {
    int request = newest_request(messages);
    g_autofree char *text = request_text(messages, request);
    bool is_answered = request >= 0 && (int)messages->len - 1 > request;
    const Message *answer = is_answered ? message_at(messages, messages->len - 1) : NULL;
    if (answer == NULL || text == NULL) return g_strdup("there is no answer yet\n");
    if (!is_reflex(answer))
        return g_strdup_printf("no reflex fired; %s/%s answered\n",
                               answer->provider != NULL ? answer->provider : "a model",
                               answer->model != NULL ? answer->model : "");
    g_autoptr(GDateTime) now = clock_of(context);
    ReflexFiring firing = {
        .context = context, .text = text, .messages = messages, .cancel = cancel, .now = now
    };
    g_autofree char *completed = NULL;
    choose(&firing, request, &completed);
    GString *out = g_string_new(NULL);
    while (firing.row != NULL && g_strcmp0(firing.row->name, answer->model) != 0) {
        phrase_holes_clear(firing.holes);
        find(&firing, firing.row + 1);
    }
    if (firing.row == NULL) {
        g_string_append_printf(out, "reflex '%s'\n", answer->model);
        return g_string_free(out, FALSE);
    }
    explain_row(&firing, out);
    /* What only looks is looked up again; what changes something is not done twice. */
    ReflexOutcome outcome = { 0 };
    bool may_look = !(firing.row->flags & REFLEX_CHANGES);
    if (may_look && firing.row->act(&firing, NULL, &outcome, NULL) && outcome.why != NULL)
        g_string_append(out, outcome.why);
    reflex_outcome_clear(&outcome);
    firing_clear(&firing);
    return g_string_free(out, FALSE);
}
