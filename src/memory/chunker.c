/*
 * memory/chunker.c: see the header. Two passes: lines to blocks (what stays together), blocks to
 * chunks.
 */
#include "memory/chunker.h"

#include <string.h>

#include "base/text.h"
#include "markdown/line_kind.h"
#include "memory/front_matter.h"

#define MAX_HEADING_CHARACTERS 200
#define N_LEVELS 7 /* 0: the title of the front matter */

/* Weights are quarters of a token. */
#define TOKEN 4

typedef struct {
    size_t offset, length; /* without the newline */
    uint32_t weight;
} Line;

typedef struct {
    unsigned first, n_lines;
    int64_t weight;
    unsigned heading, provenance;
    bool is_heading;
    bool begins_section; /* a heading, or what another wrote */
} Block;

typedef struct {
    /* borrowed */
    const char *text;
    const ChunkerLimits *limits;
    ChunkList *list;
    /* owned */
    GArray *lines;  /* Line */
    GArray *blocks; /* Block */
    char *titles[N_LEVELS];
    /* state */
    unsigned heading, provenance;
    unsigned provenance_level; /* of the heading below which the mark stands */
    unsigned level;            /* of the heading above */
} Chunker;

static void free_provenance(void *provenance) {
    provenance_clear(provenance);
    g_free(provenance);
}

void chunk_list_free(ChunkList *list) {
    if (list == NULL) return;
    g_array_unref(list->chunks);
    g_ptr_array_unref(list->headings);
    g_ptr_array_unref(list->provenances);
    g_free(list->title);
    g_free(list->date);
    g_free(list);
}

static ChunkList *chunk_list_new(void) {
    ChunkList *list = g_new0(ChunkList, 1);
    list->chunks = g_array_new(FALSE, FALSE, sizeof(Chunk));
    list->headings = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(list->headings, g_strdup(""));
    list->provenances = g_ptr_array_new_with_free_func(free_provenance);
    g_ptr_array_add(list->provenances, g_new0(Provenance, 1));
    return list;
}

static uint32_t weigh(const char *text, size_t length) {
    uint32_t weight = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        weight += byte < 0x80 ? 1 : byte >= 0xe0 ? TOKEN : byte >= 0xc0 ? 2 : 0;
    }
    return weight;
}

static void split_lines(Chunker *chunker, size_t length) {
    const char *text = chunker->text;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t end = newline != NULL ? (size_t)(newline - text) : length;
        const Line line = { at, end - at, weigh(text + at, end - at) };
        g_array_append_val(chunker->lines, line);
        at = end + 1;
    }
    chunker->list->n_lines = chunker->lines->len;
}

static const Line *line_at(const Chunker *chunker, unsigned index) {
    return &g_array_index(chunker->lines, Line, index);
}

static LineKind look(const Chunker *chunker, unsigned index) {
    const Line *line = line_at(chunker, index);
    return line_kind_of(chunker->text + line->offset, line->length);
}

/* The path of headings to where we are. */
static void note_path(Chunker *chunker) {
    GString *path = g_string_new(NULL);
    for (unsigned level = 0; level < N_LEVELS; level++) {
        if (chunker->titles[level] == NULL || chunker->titles[level][0] == '\0') continue;
        g_string_append_printf(path, "%s%s", path->len > 0 ? " > " : "", chunker->titles[level]);
    }
    g_autofree char *whole = g_string_free(path, FALSE);
    g_ptr_array_add(chunker->list->headings, text_ellipsize(whole, MAX_HEADING_CHARACTERS));
    chunker->heading = chunker->list->headings->len - 1;
}

static void enter_heading(Chunker *chunker, unsigned level, const char *title, size_t length) {
    for (unsigned below = level; below < N_LEVELS; below++)
        g_clear_pointer(&chunker->titles[below], g_free);
    g_autofree char *valid = text_make_valid(title, MIN(length, 4 * MAX_HEADING_CHARACTERS));
    chunker->titles[level] = text_strip_terminal(valid, strlen(valid));
    chunker->level = level;
    if (chunker->provenance != 0 && level <= chunker->provenance_level) chunker->provenance = 0;
    note_path(chunker);
}

/* "## Title ##" */
static void enter_atx_heading(Chunker *chunker, const Line *line) {
    const char *start = chunker->text + line->offset, *end = start + line->length;
    while (start < end && g_ascii_isspace(*start)) start++;
    unsigned level = 0;
    while (start < end && *start == '#') {
        start++;
        level++;
    }
    while (start < end && g_ascii_isspace(*start)) start++;
    while (end > start && g_ascii_isspace(end[-1])) end--;
    const char *marks = end;
    while (marks > start && marks[-1] == '#') marks--;
    /* "# C#" keeps its mark, "# C #" does not. */
    if (marks == start || g_ascii_isspace(marks[-1])) end = marks;
    while (end > start && g_ascii_isspace(end[-1])) end--;
    enter_heading(chunker, CLAMP(level, 1, N_LEVELS - 1), start, (size_t)(end - start));
}

static bool take_mark(Chunker *chunker, const Line *line) {
    const char *start = chunker->text + line->offset;
    if (line->length < 8 || start[0] != '<') return false;
    Provenance found = { 0 };
    if (!provenance_parse(start, line->length, &found)) return false;
    g_ptr_array_add(chunker->list->provenances, g_memdup2(&found, sizeof found));
    chunker->provenance = chunker->list->provenances->len - 1;
    chunker->provenance_level = chunker->level;
    return true;
}

static void add_block(Chunker *chunker, Block block) {
    block.weight = 0;
    for (unsigned i = 0; i < block.n_lines; i++)
        block.weight += line_at(chunker, block.first + i)->weight;
    block.heading = chunker->heading;
    block.provenance = chunker->provenance;
    g_array_append_val(chunker->blocks, block);
}

/* The line after a fence that opens at `first`: after its closing line, or the end of the note. */
static unsigned end_of_fence(const Chunker *chunker, unsigned first) {
    LineKind opening = look(chunker, first);
    for (unsigned i = first + 1; i < chunker->lines->len; i++) {
        LineKind line = look(chunker, i);
        if (line.type == LINE_FENCE && line.fence == opening.fence && !line.has_info &&
            line.n_fence >= opening.n_fence)
            return i + 1;
    }
    return chunker->lines->len;
}

/* An item with what is indented below it, its nested items and the fences among them. */
static unsigned end_of_item(const Chunker *chunker, unsigned first) {
    LineKind item = look(chunker, first);
    bool is_after_blank = false;
    unsigned i = first + 1, end = i;
    while (i < chunker->lines->len) {
        LineKind line = look(chunker, i);
        bool is_inside = line.n_indent > item.n_indent;
        if (line.type == LINE_BLANK) {
            is_after_blank = true;
            i++;
            continue;
        }
        if (line.type == LINE_ITEM && !is_inside) break;
        if (!is_inside && (is_after_blank || line.type != LINE_TEXT)) break;
        is_after_blank = false;
        i = line.type == LINE_FENCE ? end_of_fence(chunker, i) : i + 1;
        end = i;
    }
    return end;
}

static bool is_table_row(const Chunker *chunker, unsigned index) {
    if (index >= chunker->lines->len) return false;
    const Line *line = line_at(chunker, index);
    const char *start = chunker->text + line->offset;
    size_t at = 0;
    while (at < line->length && start[at] == ' ') at++;
    if (at < line->length && start[at] == '|') return true;
    return line_is_table_rule(start, line->length) && memchr(start, '|', line->length) != NULL;
}

/* Lines of words up to what begins something else. */
static unsigned end_of_paragraph(const Chunker *chunker, unsigned first) {
    bool is_table = is_table_row(chunker, first) || is_table_row(chunker, first + 1);
    unsigned i = first + 1;
    for (; i < chunker->lines->len; i++) {
        LineKind line = look(chunker, i);
        if (line.type != LINE_TEXT && line.type != LINE_QUOTE) break;
        if (!is_table && is_table_row(chunker, i)) break;
        const char *start = chunker->text + line_at(chunker, i)->offset;
        if (g_str_has_prefix(start, "<!-- localgpt:")) break;
    }
    return i;
}

/* "Title" above "=====" or "-----". */
static bool take_setext_heading(Chunker *chunker, unsigned first, unsigned end) {
    if (end != first + 1 || end >= chunker->lines->len) return false;
    const Line *rule = line_at(chunker, end);
    const char *start = chunker->text + rule->offset;
    size_t length = rule->length;
    while (length > 0 && g_ascii_isspace(start[length - 1])) length--;
    if (length < 3 || (start[0] != '=' && start[0] != '-')) return false;
    for (size_t i = 0; i < length; i++)
        if (start[i] != start[0]) return false;
    const Line *title = line_at(chunker, first);
    const char *words = chunker->text + title->offset;
    size_t n_words = title->length;
    while (n_words > 0 && g_ascii_isspace(words[n_words - 1])) n_words--;
    enter_heading(chunker, start[0] == '=' ? 1 : 2, words, n_words);
    add_block(chunker,
              (Block){ .first = first, .n_lines = 2, .is_heading = true, .begins_section = true });
    return true;
}

static unsigned take_text(Chunker *chunker, unsigned first) {
    unsigned end = end_of_paragraph(chunker, first);
    if (take_setext_heading(chunker, first, end)) return end + 1;
    unsigned before = chunker->provenance;
    bool is_mark = take_mark(chunker, line_at(chunker, first));
    if (is_mark) end = first + 1;
    /* Right below its heading a mark belongs to the section that the heading began. */
    const Block *last = chunker->blocks->len > 0
                            ? &g_array_index(chunker->blocks, Block, chunker->blocks->len - 1)
                            : NULL;
    bool is_below_heading = last != NULL && last->is_heading;
    add_block(chunker, (Block){ .first = first,
                                .n_lines = end - first,
                                .is_heading = is_mark,
                                .begins_section = is_mark && !is_below_heading &&
                                                  before != chunker->provenance });
    return end;
}

static unsigned take_block(Chunker *chunker, unsigned first) {
    LineKind line = look(chunker, first);
    unsigned end = first + 1;
    switch (line.type) {
    case LINE_BLANK: return end;
    case LINE_HEADING:
        enter_atx_heading(chunker, line_at(chunker, first));
        add_block(
            chunker,
            (Block){ .first = first, .n_lines = 1, .is_heading = true, .begins_section = true });
        return end;
    case LINE_FENCE: end = end_of_fence(chunker, first); break;
    case LINE_ITEM: end = end_of_item(chunker, first); break;
    case LINE_TEXT:
    case LINE_QUOTE: return take_text(chunker, first);
    case LINE_RULE: break;
    }
    add_block(chunker, (Block){ .first = first, .n_lines = end - first });
    return end;
}

/* Chunks. */

/* Lines of one chunk that is being put together; none when n_blocks is 0. */
typedef struct {
    unsigned first, end; /* lines */
    int64_t weight;
    unsigned heading, provenance;
    unsigned n_blocks;
    bool has_content; /* more than headings */
} Draft;

static void add_chunk(Chunker *chunker, Chunk chunk) {
    /* Without what is blank at its end. */
    while (chunk.length > 0 && g_ascii_isspace(chunker->text[chunk.offset + chunk.length - 1]))
        chunk.length--;
    if (chunk.length > 0) g_array_append_val(chunker->list->chunks, chunk);
}

static void add_lines(Chunker *chunker, const Draft *draft) {
    const Line *first = line_at(chunker, draft->first), *last = line_at(chunker, draft->end - 1);
    add_chunk(chunker, (Chunk){ .offset = first->offset,
                                .length = last->offset + last->length - first->offset,
                                .start_line = draft->first + 1,
                                .end_line = draft->end,
                                .heading = draft->heading,
                                .provenance = draft->provenance });
}

static void flush(Chunker *chunker, Draft *draft) {
    if (draft->n_blocks > 0) add_lines(chunker, draft);
    *draft = (Draft){ 0 };
}

/* The first line of the overlap: whole lines in front of `end`, none of them in front of `from`;
 * UINT_MAX when there is none. */
static unsigned overlap_start(const Chunker *chunker, unsigned from, unsigned end) {
    int64_t room = chunker->limits->overlap_tokens * TOKEN;
    unsigned start = end;
    while (start > from && line_at(chunker, start - 1)->weight <= room)
        room -= line_at(chunker, --start)->weight;
    while (start < end && line_at(chunker, start)->weight == 0) start++;
    return start < end ? start : UINT_MAX;
}

static void add_to_draft(const Chunker *chunker, Draft *draft, const Block *block, unsigned first) {
    if (draft->n_blocks == 0) {
        draft->first = first;
        draft->heading = block->heading;
        draft->provenance = block->provenance;
        for (unsigned i = first; i < block->first; i++)
            draft->weight += line_at(chunker, i)->weight;
    }
    if (!draft->has_content) {
        draft->heading = block->heading;
        draft->provenance = block->provenance;
    }
    draft->end = block->first + block->n_lines;
    draft->weight += block->weight;
    draft->has_content = draft->has_content || !block->is_heading;
    draft->n_blocks++;
}

/* Where a piece of at most `weight` ends: at a word, else between characters. */
static size_t cut_at_word(const char *text, size_t length, int64_t weight) {
    size_t at = 0, space = 0;
    while (at < length && weight > 0) {
        unsigned char byte = (unsigned char)text[at];
        weight -= byte < 0x80 ? 1 : byte >= 0xe0 ? TOKEN : byte >= 0xc0 ? 2 : 0;
        if (byte == ' ' || byte == '\t') space = at + 1;
        at++;
    }
    if (at == length) return length;
    if (space > 0) return space;
    size_t whole = text_cut(text, length, at);
    return whole > 0 ? whole : at;
}

static void add_long_line(Chunker *chunker, const Block *block, unsigned index) {
    const Line *line = line_at(chunker, index);
    int64_t weight = chunker->limits->size_tokens * TOKEN;
    for (size_t at = 0; at < line->length;) {
        size_t n = cut_at_word(chunker->text + line->offset + at, line->length - at, weight);
        add_chunk(chunker, (Chunk){ .offset = line->offset + at,
                                    .length = n,
                                    .start_line = index + 1,
                                    .end_line = index + 1,
                                    .heading = block->heading,
                                    .provenance = block->provenance });
        at += n;
    }
}

/* A block that is too large to stay whole: by lines, and the largest of those by words. */
static void split_block(Chunker *chunker, const Block *block) {
    int64_t size = chunker->limits->size_tokens * TOKEN;
    Draft draft = { 0 };
    for (unsigned i = block->first; i < block->first + block->n_lines; i++) {
        Block line = *block;
        line.first = i;
        line.n_lines = 1;
        line.weight = line_at(chunker, i)->weight;
        if (line.weight > 2 * size) {
            flush(chunker, &draft);
            add_long_line(chunker, block, i);
            continue;
        }
        unsigned start = i;
        if (draft.n_blocks > 0 && draft.weight + line.weight > size) {
            start = MIN(overlap_start(chunker, draft.first + 1, draft.end), i);
            flush(chunker, &draft);
        }
        add_to_draft(chunker, &draft, &line, start);
    }
    flush(chunker, &draft);
}

static void make_chunks(Chunker *chunker) {
    int64_t size = chunker->limits->size_tokens * TOKEN;
    Draft draft = { 0 };
    for (unsigned i = 0; i < chunker->blocks->len; i++) {
        const Block *block = &g_array_index(chunker->blocks, Block, i);
        unsigned start = block->first;
        if (block->begins_section && draft.has_content) flush(chunker, &draft);
        if (draft.has_content && draft.weight + block->weight > size) {
            start = MIN(overlap_start(chunker, draft.first + 1, draft.end), block->first);
            flush(chunker, &draft);
        }
        if (block->weight > 2 * size) {
            flush(chunker, &draft);
            split_block(chunker, block);
            continue;
        }
        if (draft.n_blocks == 0 && start < block->first) {
            int64_t weight = 0;
            for (unsigned line = start; line < block->first; line++)
                weight += line_at(chunker, line)->weight;
            if (weight + block->weight > size) start = block->first;
        }
        add_to_draft(chunker, &draft, block, start);
    }
    flush(chunker, &draft);
}

static unsigned take_front_matter(Chunker *chunker, size_t length) {
    FrontMatter front = front_matter_parse(chunker->text, length);
    unsigned n_lines = front.n_lines;
    chunker->list->title = g_steal_pointer(&front.title);
    chunker->list->date = g_steal_pointer(&front.date);
    front_matter_clear(&front);
    if (chunker->list->title != NULL) {
        chunker->titles[0] = g_strdup(chunker->list->title);
        note_path(chunker);
    }
    /* Alone it says nothing: it goes with what follows, as a heading does. */
    if (n_lines > 0)
        add_block(chunker, (Block){ .first = 0, .n_lines = n_lines, .is_heading = true });
    return n_lines;
}

ChunkList *chunker_split(const char *text, size_t length, const ChunkerLimits *limits) {
    Chunker chunker = { .text = text, .limits = limits, .list = chunk_list_new() };
    chunker.lines = g_array_new(FALSE, FALSE, sizeof(Line));
    chunker.blocks = g_array_new(FALSE, FALSE, sizeof(Block));
    split_lines(&chunker, length);
    unsigned line = take_front_matter(&chunker, length);
    while (line < chunker.lines->len) line = take_block(&chunker, line);
    make_chunks(&chunker);
    for (unsigned level = 0; level < N_LEVELS; level++) g_free(chunker.titles[level]);
    g_array_unref(chunker.lines);
    g_array_unref(chunker.blocks);
    return chunker.list;
}
