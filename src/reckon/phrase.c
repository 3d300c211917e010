/* reckon/phrase.c: a pattern becomes a small graph of nodes, which is walked with backtracking. */
#include "reckon/phrase.h"

#include <string.h>

#include <glib.h>

enum { MAX_NODES = 160, MAX_WORDS = 200, MAX_STEPS = 20000, MAX_DEPTH = 4 };

typedef enum { NODE_WORD, NODE_CHOICE, NODE_HOLE } NodeKind;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    char *word;       /* NODE_WORD, and the name of a NODE_HOLE; in Graph.text */
    Node *next;       /* what must follow; NULL: the end */
    Node *first;      /* NODE_CHOICE: of its first branch; NULL: an empty branch */
    Node *other;      /* NODE_CHOICE: the choice between the rest of the branches, or NULL */
    bool may_be_left; /* NODE_CHOICE of an optional part */
};

/* ---- reading a pattern ---- */

typedef struct {
    char *text; /* owned: words end in NUL */
    char *at;
    Node nodes[MAX_NODES];
    unsigned n_nodes;
    bool is_bad;
} Graph;

static Node *new_node(Graph *graph, NodeKind kind) {
    if (graph->n_nodes == MAX_NODES) {
        graph->is_bad = true;
        return &graph->nodes[0];
    }
    Node *node = &graph->nodes[graph->n_nodes++];
    *node = (Node){ .kind = kind };
    return node;
}

static bool ends_sequence(char c) {
    return c == '\0' || c == '|' || c == ')' || c == ']';
}

/* The next word ends where a special character begins. New string in the graph's text. */
static char *take_word(Graph *graph, const char *stops) {
    char *start = graph->at;
    size_t length = strcspn(start, stops);
    graph->at += length;
    return g_strndup(start, length);
}

static Node *read_sequence(Graph *graph, Node *next, int depth);

/* Behind the opening bracket; `close` is its partner. */
static Node *read_choice(Graph *graph, Node *next, char close, int depth) {
    Node *first = NULL, *last = NULL;
    for (;;) {
        Node *choice = new_node(graph, NODE_CHOICE);
        choice->next = next;
        choice->may_be_left = close == ']';
        choice->first = read_sequence(graph, next, depth + 1);
        if (first == NULL) first = choice;
        if (last != NULL) last->other = choice;
        last = choice;
        if (graph->is_bad || *graph->at != '|') break;
        graph->at++;
    }
    if (*graph->at == close)
        graph->at++;
    else
        graph->is_bad = true;
    return first;
}

static Node *read_item(Graph *graph, Node *next, int depth) {
    char c = *graph->at;
    if (c == '(' || c == '[') {
        graph->at++;
        return read_choice(graph, next, c == '(' ? ')' : ']', depth);
    }
    Node *node = new_node(graph, c == '{' ? NODE_HOLE : NODE_WORD);
    node->next = next;
    if (c == '{') graph->at++;
    node->word = take_word(graph, c == '{' ? "}" : " ()[]{}|");
    if (node->word[0] == '\0' || (c == '{' && *graph->at != '}')) graph->is_bad = true;
    if (c == '{' && *graph->at == '}') graph->at++;
    return node;
}

/* Read back to front by way of an array: each item must know what follows it. */
static Node *read_sequence(Graph *graph, Node *next, int depth) {
    if (depth > MAX_DEPTH) graph->is_bad = true;
    char *starts[64];
    unsigned n = 0;
    /* Where each item begins; brackets are skipped whole. */
    char *at = graph->at;
    int n_open = 0;
    while (*at != '\0' && !(n_open == 0 && ends_sequence(*at))) {
        if (n_open == 0 && *at != ' ' && n < G_N_ELEMENTS(starts)) starts[n++] = at;
        if (*at == '(' || *at == '[' || *at == '{') {
            for (n_open = 0; *at != '\0'; at++) {
                if (*at == '(' || *at == '[' || *at == '{') n_open++;
                if (*at == ')' || *at == ']' || *at == '}') n_open--;
                if (n_open == 0) break;
            }
            if (*at == '\0') graph->is_bad = true;
            if (*at != '\0') at++;
            n_open = 0;
            continue;
        }
        if (*at == ' ')
            at++;
        else
            at += strcspn(at, " ()[]{}|");
        if (*at == '}') graph->is_bad = true;
        if (graph->is_bad) break;
    }
    char *end = at;
    Node *first = next;
    for (unsigned i = n; i > 0 && !graph->is_bad; i--) {
        graph->at = starts[i - 1];
        first = read_item(graph, first, depth);
    }
    graph->at = end;
    return first;
}

static Node *graph_read(Graph *graph, const char *pattern) {
    graph->n_nodes = 0;
    graph->is_bad = false;
    graph->text = g_strdup(pattern);
    graph->at = graph->text;
    Node *first = read_sequence(graph, NULL, 0);
    if (*graph->at != '\0' || first == NULL) graph->is_bad = true;
    return first;
}

static void graph_clear(Graph *graph) {
    for (unsigned i = 0; i < graph->n_nodes; i++) g_free(graph->nodes[i].word);
    g_free(graph->text);
}

bool phrase_is_sound(const char *pattern) {
    Graph graph;
    graph_read(&graph, pattern);
    bool is_sound = !graph.is_bad;
    graph_clear(&graph);
    return is_sound;
}

/* ---- the words of a sentence ---- */

typedef struct {
    const char *start; /* in the sentence, without punctuation around it */
    const char *end;
    const char *raw_start, *raw_end; /* with it */
    char *folded;                    /* owned: for comparing */
} Word;

static bool is_around_words(gunichar c) {
    return c != '$' && c != '%' && c != '+' && c != '-' && c != '*' && c != '/' && c != '=' &&
           c != '^' && c != '~' && c != '#' && c != '@' && c != '<' && c != '>' && c != '|' &&
           c != '_' && c != '&' && g_unichar_ispunct(c);
}

/* "'" whichever way it is typed. */
static char *fold(const char *start, const char *end) {
    g_autofree char *word = g_strndup(start, (gsize)(end - start));
    g_autofree char *lower = g_utf8_strdown(word, -1);
    g_auto(GStrv) parts = g_strsplit(lower, "\xE2\x80\x99", -1);
    return g_strjoinv("'", parts);
}

static void trim(Word *word) {
    while (word->start < word->end && is_around_words(g_utf8_get_char(word->start)))
        word->start = g_utf8_next_char(word->start);
    while (word->end > word->start) {
        const char *last = g_utf8_prev_char(word->end);
        if (!is_around_words(g_utf8_get_char(last))) break;
        word->end = last;
    }
}

/* The number of words; 0 also when there are too many. */
static unsigned split(const char *sentence, Word words[MAX_WORDS]) {
    unsigned n = 0;
    for (const char *at = sentence; *at != '\0';) {
        if (g_unichar_isspace(g_utf8_get_char(at))) {
            at = g_utf8_next_char(at);
            continue;
        }
        Word word = { .start = at };
        while (*at != '\0' && !g_unichar_isspace(g_utf8_get_char(at))) at = g_utf8_next_char(at);
        word.end = at;
        word.raw_start = word.start;
        word.raw_end = word.end;
        trim(&word);
        if (word.start == word.end) continue;
        if (n == MAX_WORDS) return 0;
        words[n++] = word;
    }
    return n;
}

/* ---- the walk ---- */

typedef struct {
    Word words[MAX_WORDS];
    unsigned n_words;
    PhraseCheckFn check;
    void *user_data;
    struct {
        const char *name;
        unsigned from, to; /* words */
    } holes[PHRASE_MAX_HOLES];
    unsigned n_holes;
    unsigned n_steps;
} Walk;

/* "note:" wants the colon, too. */
static bool word_is(Word *word, const char *wanted) {
    if (word->folded == NULL) word->folded = fold(word->start, word->end);
    size_t length = strlen(wanted);
    bool has_colon = length > 1 && wanted[length - 1] == ':';
    if (has_colon) length--;
    return strlen(word->folded) == length && strncmp(word->folded, wanted, length) == 0 &&
           (!has_colon || *word->end == ':');
}

/* What a hole holds: quotes and brackets are kept, the marks of the sentence are not. */
static char *text_between(const Walk *walk, unsigned from, unsigned to) {
    const char *start = walk->words[from].raw_start, *end = walk->words[to - 1].raw_end;
    while (start < end && strchr(",;:.!?", *start) != NULL && start < walk->words[from].start)
        start++;
    while (end > start && strchr(",;:.!?", end[-1]) != NULL && end > walk->words[to - 1].end) end--;
    return g_strndup(start, (gsize)(end - start));
}

static bool walk_node(Walk *walk, const Node *node, unsigned at);

static bool walk_hole(Walk *walk, const Node *node, unsigned at) {
    if (walk->n_holes == PHRASE_MAX_HOLES) return false;
    unsigned index = walk->n_holes++;
    for (unsigned to = at + 1; to <= walk->n_words; to++) {
        walk->n_holes = index + 1;
        walk->holes[index].name = node->word;
        walk->holes[index].from = at;
        walk->holes[index].to = to;
        if (!walk_node(walk, node->next, to)) continue;
        if (walk->check == NULL) return true;
        g_autofree char *text = text_between(walk, at, to);
        if (walk->check(node->word, text, walk->user_data)) return true;
    }
    walk->n_holes = index;
    return false;
}

static bool walk_node(Walk *walk, const Node *node, unsigned at) {
    if (walk->n_steps++ > MAX_STEPS) return false;
    if (node == NULL) return at == walk->n_words;
    switch (node->kind) {
    case NODE_WORD:
        return at < walk->n_words && word_is(&walk->words[at], node->word) &&
               walk_node(walk, node->next, at + 1);
    case NODE_HOLE: return walk_hole(walk, node, at);
    case NODE_CHOICE: break;
    }
    for (const Node *choice = node; choice != NULL; choice = choice->other)
        if (walk_node(walk, choice->first, at)) return true;
    return node->may_be_left && walk_node(walk, node->next, at);
}

bool phrase_match(const char *pattern, const char *sentence, PhraseCheckFn check, void *user_data,
                  PhraseHole holes[PHRASE_MAX_HOLES]) {
    Graph graph;
    const Node *first = graph_read(&graph, pattern);
    Walk walk;
    memset(&walk, 0, sizeof walk);
    walk.check = check;
    walk.user_data = user_data;
    walk.n_words = split(sentence, walk.words);
    bool is_ok = !graph.is_bad && walk.n_words > 0 && walk_node(&walk, first, 0);
    for (unsigned i = 0; is_ok && holes != NULL && i < walk.n_holes; i++)
        holes[i] = (PhraseHole){ g_strdup(walk.holes[i].name),
                                 text_between(&walk, walk.holes[i].from, walk.holes[i].to) };
    for (unsigned i = 0; i < walk.n_words; i++) g_free(walk.words[i].folded);
    graph_clear(&graph);
    return is_ok;
}

const char *phrase_hole(const PhraseHole holes[PHRASE_MAX_HOLES], const char *name) {
    for (int i = 0; i < PHRASE_MAX_HOLES && holes[i].name != NULL; i++)
        if (strcmp(holes[i].name, name) == 0) return holes[i].text;
    return NULL;
}

void phrase_holes_clear(PhraseHole holes[PHRASE_MAX_HOLES]) {
    for (int i = 0; i < PHRASE_MAX_HOLES; i++) {
        g_clear_pointer(&holes[i].name, g_free);
        g_clear_pointer(&holes[i].text, g_free);
    }
}
