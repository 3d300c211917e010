/* markdown/markdown.c: md4c's callbacks to rows. */
#include "markdown/markdown.h"

#include <md4c.h>
#include <string.h>

#include "base/error.h"
#include "base/lazy_library.h"
#include "base/text.h"
#include "base/text_cluster.h"
#include "markdown/table.h"

enum { MAX_DEPTH = 16, MAX_LINK_BYTES = 2000, MIN_TEXT_COLUMNS = 8 };

typedef struct {
    int (*parse)(const MD_CHAR *text, MD_SIZE size, const MD_PARSER *parser, void *user_data);
} Md4c;

/* What stands before the rows of a quote or a list item. */
typedef struct {
    char *first;      /* of the first row; owned */
    char *rest;       /* of the others; owned */
    size_t n_columns; /* of either */
    bool is_begun;
    bool is_tight; /* a list: no empty rows between what is in it */
    unsigned next_number;
    bool is_list; /* a list itself writes nothing */
} Container;

typedef struct {
    const MarkdownStyle *style;
    GPtrArray *rows; /* borrowed */
    StyledText *text;
    Container containers[MAX_DEPTH];
    size_t n_containers;
    size_t n_skipped; /* containers too deep or too far to the right */
    unsigned flags;   /* of the spans that are open */
    GPtrArray *links; /* char *, owned: of the open links and images */
    size_t link_start;
    MarkdownTable *table;
    CodeScanner code; /* of the block of code */
    bool is_code;
    bool has_sibling; /* a block came before in this container */
} Renderer;

static const Md4c *md4c(GError **error) {
    static Md4c api;       /* global: function pointers, written once */
    static gsize is_ready; /* global: guards api */
    static const LazySymbol symbols[] = { { "md_parse", offsetof(Md4c, parse) }, { 0 } };
    if (is_ready) return &api;
    if (!lazy_library_load("libmd4c.so.0", "libmd4c0", symbols, &api, NULL, error)) return NULL;
    is_ready = 1;
    return &api;
}

bool markdown_is_ready(GError **error) {
    return md4c(error) != NULL;
}

static bool is_plain(const Renderer *renderer) {
    return renderer->style->format == STYLED_PLAIN;
}

static size_t prefix_columns(const Renderer *renderer) {
    size_t n = renderer->style->n_indent;
    for (size_t i = 0; i < renderer->n_containers; i++) n += renderer->containers[i].n_columns;
    return n;
}

static size_t text_columns(const Renderer *renderer) {
    size_t used = prefix_columns(renderer);
    size_t total = renderer->style->n_columns;
    return total > used + MIN_TEXT_COLUMNS ? total - used : MIN_TEXT_COLUMNS;
}

static void append_prefix(Renderer *renderer, GString *out) {
    for (size_t i = 0; i < renderer->style->n_indent; i++) g_string_append_c(out, ' ');
    for (size_t i = 0; i < renderer->n_containers; i++) {
        Container *container = &renderer->containers[i];
        if (container->is_list) continue;
        g_string_append(out, container->is_begun ? container->rest : container->first);
        container->is_begun = true;
    }
}

static void write_row(const char *row, void *user_data) {
    Renderer *renderer = user_data;
    GString *out = g_string_new(NULL);
    append_prefix(renderer, out);
    g_string_append(out, row);
    while (out->len > 0 && out->str[out->len - 1] == ' ') g_string_truncate(out, out->len - 1);
    g_ptr_array_add(renderer->rows, g_string_free(out, FALSE));
}

static bool is_tight(const Renderer *renderer) {
    for (size_t i = renderer->n_containers; i > 0; i--)
        if (renderer->containers[i - 1].is_list) return renderer->containers[i - 1].is_tight;
    return false;
}

/* An empty row between blocks. */
static void begin_block(Renderer *renderer) {
    if (renderer->has_sibling && !is_tight(renderer)) write_row("", renderer);
    renderer->has_sibling = true;
    styled_text_clear(renderer->text);
}

static void flush_text(Renderer *renderer) {
    StyledRow row;
    size_t columns = text_columns(renderer);
    for (size_t at = 0; styled_text_next_row(renderer->text, columns, &at, &row);) {
        g_autoptr(GString) out = g_string_new(NULL);
        styled_text_write(renderer->text, row, renderer->style->format, out);
        write_row(out->str, renderer);
    }
    styled_text_clear(renderer->text);
}

static void flush_code(Renderer *renderer) {
    StyledRow row;
    size_t columns = text_columns(renderer);
    size_t inset = is_plain(renderer) ? 4 : 2;
    columns = columns > inset + MIN_TEXT_COLUMNS ? columns - inset : MIN_TEXT_COLUMNS;
    for (size_t at = 0; styled_text_next_cut(renderer->text, columns, &at, &row);) {
        g_autoptr(GString) out = g_string_new(inset == 4 ? "    " : "  ");
        styled_text_write(renderer->text, row, renderer->style->format, out);
        write_row(out->str, renderer);
    }
    styled_text_clear(renderer->text);
}

static void push(Renderer *renderer, Container container) {
    bool is_too_wide = prefix_columns(renderer) + container.n_columns + MIN_TEXT_COLUMNS >
                       renderer->style->n_columns;
    if (renderer->n_containers == MAX_DEPTH || renderer->n_skipped > 0 || is_too_wide) {
        g_free(container.first);
        g_free(container.rest);
        renderer->n_skipped++;
        return;
    }
    renderer->containers[renderer->n_containers++] = container;
    renderer->has_sibling = false;
}

static void pop(Renderer *renderer) {
    renderer->has_sibling = true;
    if (renderer->n_skipped > 0) {
        renderer->n_skipped--;
        return;
    }
    Container *container = &renderer->containers[--renderer->n_containers];
    g_clear_pointer(&container->first, g_free);
    g_clear_pointer(&container->rest, g_free);
}

static char *spaces(size_t n) {
    return g_strnfill(n, ' ');
}

static void push_quote(Renderer *renderer) {
    if (renderer->has_sibling) begin_block(renderer);
    const char *bar = is_plain(renderer) ? "> " : "\033[2m│\033[0m ";
    push(renderer, (Container){ .first = g_strdup(bar), .rest = g_strdup(bar), .n_columns = 2 });
}

static void push_item(Renderer *renderer, const MD_BLOCK_LI_DETAIL *detail) {
    Container *list =
        renderer->n_containers > 0 ? &renderer->containers[renderer->n_containers - 1] : NULL;
    char *mark;
    bool is_numbered = list != NULL && list->is_list && list->next_number != G_MAXUINT;
    if (detail->is_task)
        mark = g_strdup(detail->task_mark == ' ' ? "[ ] " : "[x] ");
    else if (is_numbered)
        mark = g_strdup_printf("%u. ", list->next_number++);
    else
        mark = g_strdup(is_plain(renderer) ? "- " : "• ");
    size_t n_columns = text_cluster_columns(mark, strlen(mark));
    push(renderer, (Container){ .first = mark, .rest = spaces(n_columns), .n_columns = n_columns });
}

static void push_list(Renderer *renderer, unsigned number, bool tight) {
    push(renderer, (Container){ .is_list = true, .is_tight = tight, .next_number = number });
}

static void write_rule(Renderer *renderer) {
    begin_block(renderer);
    g_autoptr(GString) out = g_string_new(is_plain(renderer) ? "" : "\033[2m");
    size_t n = MIN(text_columns(renderer), 40);
    for (size_t i = 0; i < n; i++) g_string_append(out, is_plain(renderer) ? "-" : "─");
    if (!is_plain(renderer)) g_string_append(out, "\033[0m");
    write_row(out->str, renderer);
}

static char *attribute_text(const MD_ATTRIBUTE *attribute) {
    if (attribute->size == 0) return g_strdup(""); /* its text is NULL then */
    g_autofree char *text = g_strndup(attribute->text, attribute->size);
    return text_strip_terminal(text, strlen(text));
}

static void begin_code(Renderer *renderer, const MD_BLOCK_CODE_DETAIL *detail) {
    begin_block(renderer);
    g_autofree char *info = attribute_text(&detail->info);
    renderer->code = code_scanner_for(info);
    renderer->is_code = true;
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *user_data) {
    Renderer *renderer = user_data;
    switch (type) {
    case MD_BLOCK_QUOTE: push_quote(renderer); break;
    case MD_BLOCK_UL:
        push_list(renderer, G_MAXUINT, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight != 0);
        break;
    case MD_BLOCK_OL:
        push_list(renderer, ((MD_BLOCK_OL_DETAIL *)detail)->start,
                  ((MD_BLOCK_OL_DETAIL *)detail)->is_tight != 0);
        break;
    case MD_BLOCK_LI: push_item(renderer, detail); break;
    case MD_BLOCK_HR: write_rule(renderer); break;
    case MD_BLOCK_H:
        begin_block(renderer);
        renderer->flags |= STYLE_BOLD;
        if (((MD_BLOCK_H_DETAIL *)detail)->level <= 1) renderer->flags |= STYLE_UNDERLINE;
        break;
    case MD_BLOCK_CODE: begin_code(renderer, detail); break;
    case MD_BLOCK_P:
    case MD_BLOCK_HTML: begin_block(renderer); break;
    case MD_BLOCK_TABLE:
        begin_block(renderer);
        renderer->table = markdown_table_new();
        break;
    case MD_BLOCK_TR: markdown_table_add_row(renderer->table); break;
    case MD_BLOCK_TH: renderer->flags |= STYLE_BOLD; break;
    default: break;
    }
    return 0;
}

static void finish_cell(Renderer *renderer, const MD_BLOCK_TD_DETAIL *detail) {
    TableAlign align = detail->align == MD_ALIGN_RIGHT    ? TABLE_RIGHT
                       : detail->align == MD_ALIGN_CENTER ? TABLE_CENTER
                                                          : TABLE_LEFT;
    markdown_table_add_cell(renderer->table, renderer->text, align);
    renderer->text = styled_text_new();
    renderer->flags = 0;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *user_data) {
    Renderer *renderer = user_data;
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
    case MD_BLOCK_QUOTE: pop(renderer); break;
    case MD_BLOCK_LI:
        flush_text(renderer); /* of a tight item, which has no paragraph */
        if (renderer->n_skipped == 0 && !renderer->containers[renderer->n_containers - 1].is_begun)
            write_row("", renderer);
        pop(renderer);
        break;
    case MD_BLOCK_H:
        flush_text(renderer);
        renderer->flags = 0;
        break;
    case MD_BLOCK_CODE:
        flush_code(renderer);
        renderer->is_code = false;
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_HTML: flush_text(renderer); break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: finish_cell(renderer, detail); break;
    case MD_BLOCK_TABLE:
        markdown_table_write(renderer->table, renderer->style, text_columns(renderer), write_row,
                             renderer);
        g_clear_pointer(&renderer->table, markdown_table_free);
        break;
    default: break;
    }
    return 0;
}

/* What may stand inside OSC 8: nothing but visible ASCII, and only the web. */
static bool is_safe_link(const char *link) {
    size_t length = strlen(link);
    if (length > MAX_LINK_BYTES) return false;
    for (size_t i = 0; i < length; i++)
        if (link[i] <= 0x20 || link[i] >= 0x7F) return false;
    return g_ascii_strncasecmp(link, "https://", 8) == 0 ||
           g_ascii_strncasecmp(link, "http://", 7) == 0;
}

static Style current_style(const Renderer *renderer) {
    const char *link = renderer->links->len > 0
                           ? g_ptr_array_index(renderer->links, renderer->links->len - 1)
                           : NULL;
    Style style = { .flags = renderer->flags };
    if (link == NULL) return style;
    style.flags |= STYLE_UNDERLINE;
    if (is_safe_link(link)) style.link = link;
    return style;
}

static unsigned span_flag(MD_SPANTYPE type) {
    switch (type) {
    case MD_SPAN_EM: return STYLE_ITALIC;
    case MD_SPAN_STRONG: return STYLE_BOLD;
    case MD_SPAN_CODE: return STYLE_CODE;
    case MD_SPAN_DEL: return STYLE_STRIKE;
    default: return 0;
    }
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *user_data) {
    Renderer *renderer = user_data;
    renderer->flags |= span_flag(type);
    if (is_plain(renderer) && type == MD_SPAN_CODE)
        styled_text_append(renderer->text, "`", 1, (Style){ 0 });
    if (type == MD_SPAN_A)
        g_ptr_array_add(renderer->links, attribute_text(&((MD_SPAN_A_DETAIL *)detail)->href));
    if (type == MD_SPAN_IMG)
        g_ptr_array_add(renderer->links, attribute_text(&((MD_SPAN_IMG_DETAIL *)detail)->src));
    if (type == MD_SPAN_A || type == MD_SPAN_IMG)
        renderer->link_start = styled_text_length(renderer->text);
    return 0;
}

/* Where a link leads is told when its words do not say it: nobody should have to trust them. */
static void finish_link(Renderer *renderer) {
    const char *link = g_ptr_array_index(renderer->links, renderer->links->len - 1);
    size_t shown = styled_text_length(renderer->text) - renderer->link_start;
    bool is_its_own_text = styled_text_has_suffix(renderer->text, shown, link);
    if (!is_its_own_text && *link != '\0') {
        Style style = current_style(renderer);
        style.flags = STYLE_DIM;
        styled_text_append(renderer->text, " (", 2, (Style){ .flags = STYLE_DIM });
        styled_text_append(renderer->text, link, -1, style);
        styled_text_append(renderer->text, ")", 1, (Style){ .flags = STYLE_DIM });
    }
    g_ptr_array_set_size(renderer->links, (int)renderer->links->len - 1);
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *user_data) {
    (void)detail;
    Renderer *renderer = user_data;
    if (is_plain(renderer) && type == MD_SPAN_CODE)
        styled_text_append(renderer->text, "`", 1, (Style){ 0 });
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) finish_link(renderer);
    renderer->flags &= ~span_flag(type);
    return 0;
}

/* The few entities that models write; others stay as they are. */
static char *decode_entity(const char *text, size_t length) {
    static const struct {
        const char *name;
        const char *text;
    } names[] = { { "&amp;", "&" },   { "&lt;", "<" },    { "&gt;", ">" },   { "&quot;", "\"" },
                  { "&apos;", "'" },  { "&nbsp;", " " },  { "&copy;", "©" }, { "&hellip;", "…" },
                  { "&mdash;", "—" }, { "&ndash;", "–" }, { "&times;", "×" } };
    g_autofree char *entity = g_strndup(text, length);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(entity, names[i].name) == 0) return g_strdup(names[i].text);
    if (entity[0] != '&' || entity[1] != '#') return g_steal_pointer(&entity);
    bool is_hexadecimal = entity[2] == 'x' || entity[2] == 'X';
    guint64 code =
        g_ascii_strtoull(entity + (is_hexadecimal ? 3 : 2), NULL, is_hexadecimal ? 16 : 10);
    char character[8] = { 0 };
    if (code == 0 || code > 0x10FFFF || !g_unichar_validate((gunichar)code)) code = 0xFFFD;
    g_unichar_to_utf8((gunichar)code, character);
    /* "&#27;" must not become what the source was rid of. */
    g_autofree char *safe = text_strip_terminal(character, strlen(character));
    return g_strdelimit(g_steal_pointer(&safe), "\n\t", ' ');
}

/* Code whose language is not known has one colour, else each part its own. */
static void append_code(Renderer *renderer, const char *text, size_t length) {
    static const unsigned flags[] = { [CODE_PLAIN] = 0,
                                      [CODE_KEYWORD] = STYLE_KEYWORD,
                                      [CODE_STRING] = STYLE_STRING,
                                      [CODE_COMMENT] = STYLE_DIM,
                                      [CODE_NUMBER] = STYLE_NUMBER,
                                      [CODE_KEY] = STYLE_CODE,
                                      [CODE_ADDED] = STYLE_STRING,
                                      [CODE_REMOVED] = STYLE_REMOVED };
    bool is_known = renderer->code.language != NULL && !is_plain(renderer);
    if (!is_known) {
        unsigned all = is_plain(renderer) ? 0 : STYLE_CODE;
        styled_text_append(renderer->text, text, (gssize)length, (Style){ .flags = all });
        return;
    }
    CodePiece piece;
    for (size_t at = 0; code_scanner_next(&renderer->code, text, length, &at, &piece);)
        styled_text_append(renderer->text, text + piece.start, (gssize)piece.length,
                           (Style){ .flags = flags[piece.token] });
}

static void append_words(Renderer *renderer, const char *text, size_t length, Style style) {
    g_autofree char *words = g_strndup(text, length);
    if (!renderer->is_code) {
        styled_text_append(renderer->text, g_strdelimit(words, "\t", ' '), -1, style);
        return;
    }
    g_auto(GStrv) parts = g_strsplit(words, "\t", -1);
    g_autofree char *code = g_strjoinv("    ", parts);
    append_code(renderer, code, strlen(code));
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user_data) {
    Renderer *renderer = user_data;
    Style style = current_style(renderer);
    switch (type) {
    case MD_TEXT_NULLCHAR: styled_text_append(renderer->text, "\xEF\xBF\xBD", -1, style); break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR: {
        /* Models break lines where they mean it; a table's cell has but one. */
        const char *end = renderer->table != NULL ? " " : "\n";
        styled_text_append(renderer->text, end, 1, style);
        break;
    }
    case MD_TEXT_ENTITY: {
        g_autofree char *decoded = decode_entity(text, size);
        styled_text_append(renderer->text, decoded, -1, style);
        break;
    }
    default: append_words(renderer, text, size, style); break;
    }
    return 0;
}

static void render_source(Renderer *renderer, const char *source, size_t length) {
    g_autofree char *copy = g_strndup(source, length);
    g_strdelimit(copy, "\t", ' ');
    styled_text_append(renderer->text, copy, -1, (Style){ 0 });
    flush_text(renderer);
}

void markdown_render(const char *source, gssize length, const MarkdownStyle *style,
                     GPtrArray *rows) {
    size_t n_bytes = length < 0 ? strlen(source) : (size_t)length;
    Renderer renderer = { .style = style, .rows = rows, .text = styled_text_new() };
    renderer.links = g_ptr_array_new_with_free_func(g_free);
    MD_PARSER parser = { .flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML,
                         .enter_block = on_enter_block,
                         .leave_block = on_leave_block,
                         .enter_span = on_enter_span,
                         .leave_span = on_leave_span,
                         .text = on_text };
    const Md4c *api = md4c(NULL);
    if (api == NULL || api->parse(source, (MD_SIZE)n_bytes, &parser, &renderer) != 0)
        render_source(&renderer, source, n_bytes);
    while (renderer.n_containers > 0) pop(&renderer); /* only after an error */
    markdown_table_free(renderer.table);
    g_ptr_array_unref(renderer.links);
    styled_text_free(renderer.text);
}

void markdown_render_code_line(const char *line, CodeScanner *scanner, const MarkdownStyle *style,
                               GPtrArray *rows) {
    if (line[0] == '\0') {
        g_ptr_array_add(rows, g_strdup(""));
        return;
    }
    Renderer renderer = { .style = style, .rows = rows, .text = styled_text_new() };
    renderer.is_code = true;
    renderer.code = *scanner;
    append_words(&renderer, line, strlen(line), (Style){ 0 });
    *scanner = renderer.code;
    flush_code(&renderer);
    styled_text_free(renderer.text);
}
