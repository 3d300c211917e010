/* agent/compaction.c: see the header. */
#include "agent/compaction.h"

#include "agent/notes.h"
#include "agent/token_count.h"
#include "base/error.h"

/* Of what a large window could keep word for word. */
#define MAX_KEPT_TOKENS 20000
#define MIN_SUMMARY_TOKENS 96
#define MAX_SUMMARY_TOKENS 2000

static const Message *message_at(const GPtrArray *messages, unsigned index) {
    return g_ptr_array_index(messages, index);
}

/* The last place where the conversation may be cut: before the newest question, or before the
 * newest calls. Behind an answer that is complete, everything may be summed up. */
static unsigned last_cut(const GPtrArray *messages) {
    unsigned cut = messages->len - 1;
    while (cut > 0 && message_at(messages, cut)->role == ROLE_TOOL_RESULT) cut--;
    bool is_complete =
        cut == messages->len - 1 && message_at(messages, cut)->role == ROLE_ASSISTANT;
    return is_complete ? messages->len : cut;
}

/* How many messages the summary stands for; 0: none can be. */
static unsigned choose_cut(const CompactionInput *input, int64_t kept_tokens) {
    const GPtrArray *messages = transcript_messages(input->transcript);
    if (messages->len == 0) return 0;
    unsigned last = last_cut(messages);
    unsigned cut = messages->len;
    int64_t kept = 0;
    while (cut > 0) {
        kept += token_count_message(input->provider, message_at(messages, cut - 1));
        if (kept > kept_tokens) break;
        cut--;
    }
    if (cut > last) cut = last;
    /* Everything would fit; whoever asks for it all the same gets the older half summed up. */
    if (cut == 0) cut = last / 2;
    while (cut < last && !transcript_can_keep_from(input->transcript, cut)) cut++;
    return transcript_can_keep_from(input->transcript, cut) ? cut : 0;
}

static bool write_note(const CompactionInput *input, const ConversationText *conversation,
                       Cancel *cancel, CompactionResult *out, GError **error) {
    if (input->workspace == NULL) return true;
    const char *entry = transcript_entry_id(input->transcript, conversation->n_messages - 1);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    const NotesPlace place = { .workspace = input->workspace,
                               .session = transcript_id(input->transcript),
                               .last_entry = entry != NULL ? entry : "",
                               .now = now };
    g_autoptr(GError) problem = NULL;
    if (notes_flush(conversation, &place, cancel, &out->note, &problem)) return true;
    if (!cancel_check(cancel, error)) return false;
    /* A workspace that cannot be written is told; the conversation goes on. */
    out->note_problem = g_strdup(problem->message);
    return true;
}

/* NULL with *error only when the user stopped it. New string. */
static char *summarize(const ConversationText *conversation, int64_t max_tokens, Cancel *cancel,
                       CompactionResult *out, GError **error) {
    char *summary = conversation_ask(conversation, "compaction", max_tokens, cancel, NULL);
    if (!cancel_check(cancel, error)) {
        g_free(summary);
        return NULL;
    }
    if (summary != NULL) return summary;
    out->is_mechanical = true;
    summary = conversation_sentences(conversation, SENTENCES_OF_ALL, max_tokens);
    if (summary[0] != '\0') return summary;
    g_free(summary);
    return g_strdup("(nothing was said in words)");
}

/* Of a long file only the end was read: a summary of it is none of the beginning. */
#define UNREAD "(Older messages of this session were not read; they can be searched.)\n"

static bool replace_beginning(const CompactionInput *input, const ConversationText *conversation,
                              const char *summary, const CompactionResult *result, GError **error) {
    bool is_cut = transcript_is_cut(input->transcript);
    g_autofree char *whole = g_strconcat(is_cut ? UNREAD : "", summary, NULL);
    TranscriptCompaction compaction = { .summary = whole,
                                        .n_summed_up = conversation->n_messages,
                                        .tokens_before = result->tokens_before,
                                        .label = conversation_label(conversation) };
    bool is_ok = transcript_append_compaction(input->transcript, &compaction, error);
    label_clear(&compaction.label);
    return is_ok;
}

bool compaction_run(const CompactionInput *input, Cancel *cancel, CompactionResult *out,
                    GError **error) {
    const GPtrArray *messages = transcript_messages(input->transcript);
    int64_t room = MAX(input->room_tokens, 1);
    int64_t kept_tokens = MIN(room / (input->divisor > 0 ? input->divisor : 3), MAX_KEPT_TOKENS);
    int64_t summary_tokens = CLAMP(room / 4, MIN_SUMMARY_TOKENS, MAX_SUMMARY_TOKENS);
    const ConversationText conversation = { .provider = input->provider,
                                            .tier = input->tier,
                                            .messages = messages,
                                            .n_messages = choose_cut(input, kept_tokens),
                                            .window_tokens = input->window_tokens };
    if (conversation.n_messages == 0) {
        error_set(error, ERR_USAGE, "there is nothing to sum up yet");
        return false;
    }
    CompactionResult result = { .tokens_before = token_count_messages(input->provider, messages),
                                .n_summed_up = conversation.n_messages };
    g_autofree char *summary = NULL;
    bool is_ok = write_note(input, &conversation, cancel, &result, error);
    if (is_ok) summary = summarize(&conversation, summary_tokens, cancel, &result, error);
    is_ok = is_ok && summary != NULL &&
            replace_beginning(input, &conversation, summary, &result, error);
    if (!is_ok) {
        compaction_result_clear(&result);
        return false;
    }
    result.tokens_after =
        token_count_messages(input->provider, transcript_messages(input->transcript));
    *out = result;
    return true;
}

void compaction_result_clear(CompactionResult *result) {
    g_clear_pointer(&result->note, g_free);
    g_clear_pointer(&result->note_problem, g_free);
}
