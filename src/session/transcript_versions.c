/* session/transcript_versions.c: who stands beside whom in the tree of a session file. */
#include "session/transcript_versions.h"

#include <string.h>

#include "base/error.h"
#include "session/transcript_context.h"

typedef struct {
    const Transcript *transcript;
    const TranscriptIndex *index;
    const TranscriptLines *lines;
    int32_t *above;  /* owned: of each entry, the message (or root) it stands below; -1: none */
    int32_t *newest; /* owned: of each entry, the newest one below it */
} Tree;

static const TranscriptPlace *place_at(const Tree *tree, int32_t at) {
    return &g_array_index(tree->index->places, TranscriptPlace, at);
}

/* What is no message (a change of the model, a switch of the branch) does not part two versions,
 * but where the context was cleared another conversation begins. */
static int32_t find_above(const Tree *tree, int32_t at) {
    int32_t parent = place_at(tree, at)->parent;
    bool is_passed = parent >= 0 && place_at(tree, parent)->kind == TRANSCRIPT_OTHER &&
                     place_at(tree, parent)->parent >= 0;
    return is_passed ? tree->above[parent] : parent;
}

static void read_tree(Tree *tree) {
    guint n = tree->index->places->len;
    tree->above = g_new(int32_t, n + 1);
    tree->newest = g_new(int32_t, n + 1);
    for (guint i = 0; i < n; i++) {
        tree->above[i] = find_above(tree, (int32_t)i);
        tree->newest[i] = (int32_t)i;
    }
    /* A parent is always in front of its children. */
    for (guint i = n; i > 0; i--) {
        int32_t parent = place_at(tree, (int32_t)i - 1)->parent;
        if (parent >= 0) tree->newest[parent] = MAX(tree->newest[parent], tree->newest[i - 1]);
    }
}

/* New string; NULL when the entry has none, or is no longer there. */
static char *read_id(const Tree *tree, int32_t at) {
    const TranscriptPlace *place = place_at(tree, at);
    g_autofree char *line = transcript_lines_read_at(tree->lines, place->offset, place->length);
    TranscriptHead head;
    if (line == NULL || !transcript_entry_scan(line, place->length, &head)) return NULL;
    bool is_own = head.id.start != NULL && transcript_index_find(tree->index, head.id) == at;
    return is_own ? g_strndup(head.id.start, head.id.length) : NULL;
}

static bool is_owners(const Tree *tree, int32_t at) {
    const TranscriptPlace *place = place_at(tree, at);
    if (place->kind != TRANSCRIPT_MESSAGE) return false;
    g_autofree char *line = transcript_lines_read_at(tree->lines, place->offset, place->length);
    json_t *entry = line != NULL ? transcript_entry_parse(line, place->length) : NULL;
    g_autoptr(Message) message = entry != NULL ? transcript_entry_message(entry) : NULL;
    json_decref(entry);
    return message != NULL && message->role == ROLE_USER;
}

static void add_version(const Tree *tree, TranscriptAsked *asked, int32_t at) {
    char *id = read_id(tree, at), *leaf = read_id(tree, tree->newest[at]);
    if (id == NULL || leaf == NULL) {
        g_free(id);
        g_free(leaf);
        return;
    }
    g_ptr_array_add(asked->versions, id);
    g_ptr_array_add(asked->leaves, leaf);
}

static void asked_free(void *data) {
    TranscriptAsked *asked = data;
    g_free(asked->parent_id);
    g_ptr_array_unref(asked->versions);
    g_ptr_array_unref(asked->leaves);
    g_free(asked);
}

static TranscriptAsked *read_asked(const Tree *tree, unsigned index, int32_t at) {
    TranscriptAsked *asked = g_new0(TranscriptAsked, 1);
    asked->index = index;
    asked->versions = g_ptr_array_new_with_free_func(g_free);
    asked->leaves = g_ptr_array_new_with_free_func(g_free);
    int32_t parent = place_at(tree, at)->parent;
    if (parent >= 0) asked->parent_id = read_id(tree, parent);
    for (int32_t i = 0; i < (int32_t)tree->index->places->len; i++) {
        if (tree->above[i] != tree->above[at] || (i != at && !is_owners(tree, i))) continue;
        if (i == at) asked->version = asked->versions->len;
        add_version(tree, asked, i);
    }
    return asked;
}

static GPtrArray *read_all(const Tree *tree) {
    GPtrArray *all = g_ptr_array_new_with_free_func(asked_free);
    const GPtrArray *messages = transcript_messages(tree->transcript);
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        const char *id = transcript_entry_id(tree->transcript, i);
        if (message->role != ROLE_USER || id == NULL) continue;
        int32_t at = transcript_index_find(tree->index, (TranscriptSlice){ id, strlen(id) });
        if (at >= 0 && place_at(tree, at)->kind == TRANSCRIPT_MESSAGE)
            g_ptr_array_add(all, read_asked(tree, i, at));
    }
    return all;
}

GPtrArray *transcript_versions_read(const Transcript *transcript, GError **error) {
    if (transcript_messages(transcript)->len == 0)
        return g_ptr_array_new_with_free_func(asked_free);
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, transcript_path(transcript), error)) return NULL;
    g_autoptr(TranscriptIndex) index = transcript_index_build(&lines, 0);
    Tree tree = { .transcript = transcript, .index = index, .lines = &lines };
    read_tree(&tree);
    GPtrArray *all = read_all(&tree);
    g_free(tree.above);
    g_free(tree.newest);
    transcript_lines_close(&lines);
    return all;
}
