/* cli/terminal/menu.c: see the header. */
#include "cli/terminal/menu.h"

#include <string.h>

#include "base/text.h"

enum { MAX_LABEL_COLUMNS = 72, MIN_LABEL_COLUMNS = 12 };

typedef struct {
    char *label;
    char *detail;
    char *value;
} Item;

struct Menu {
    GPtrArray *items; /* Item, owned */
    GPtrArray *shown; /* Item, borrowed from items */
    size_t chosen;    /* in shown */
};

static void item_free(void *data) {
    Item *item = data;
    g_free(item->label);
    g_free(item->detail);
    g_free(item->value);
    g_free(item);
}

Menu *menu_new(void) {
    Menu *menu = g_new0(Menu, 1);
    menu->items = g_ptr_array_new_with_free_func(item_free);
    menu->shown = g_ptr_array_new();
    return menu;
}

void menu_free(Menu *menu) {
    if (menu == NULL) return;
    g_ptr_array_unref(menu->items);
    g_ptr_array_unref(menu->shown);
    g_free(menu);
}

void menu_add(Menu *menu, const char *label, const char *detail, const char *value) {
    Item *item = g_new0(Item, 1);
    item->label = text_strip_terminal(label, strlen(label));
    item->detail = text_strip_terminal(detail, strlen(detail));
    item->value = g_strdup(value);
    g_strdelimit(item->label, "\n\t", ' ');
    g_strdelimit(item->detail, "\n\t", ' ');
    g_ptr_array_add(menu->items, item);
    g_ptr_array_add(menu->shown, item);
}

static bool has_letters_in_order(const char *text, const char *words) {
    for (; *words != '\0'; words++) {
        text = strchr(text, *words);
        if (text == NULL) return false;
        text++;
    }
    return true;
}

/* 0 is best; 4: no match. */
static int rank_of(const Item *item, const char *words) {
    g_autofree char *label = g_utf8_casefold(item->label, -1);
    if (g_str_has_prefix(label, words)) return 0;
    const char *name = strrchr(label, '/');
    if (name != NULL && g_str_has_prefix(name + 1, words)) return 1;
    g_autofree char *detail = g_utf8_casefold(item->detail, -1);
    if (strstr(label, words) != NULL) return 2;
    if (words[0] != '/' && strstr(detail, words) != NULL) return 2;
    return has_letters_in_order(label, words) ? 3 : 4;
}

void menu_filter(Menu *menu, const char *words) {
    g_autofree char *folded = g_utf8_casefold(words, -1);
    g_ptr_array_set_size(menu->shown, 0);
    menu->chosen = 0;
    g_autofree int *ranks = g_new(int, menu->items->len + 1);
    for (guint i = 0; i < menu->items->len; i++) ranks[i] = rank_of(menu->items->pdata[i], folded);
    for (int rank = 0; rank < 4; rank++)
        for (guint i = 0; i < menu->items->len; i++)
            if (ranks[i] == rank) g_ptr_array_add(menu->shown, menu->items->pdata[i]);
}

size_t menu_length(const Menu *menu) {
    return menu->shown->len;
}

void menu_move(Menu *menu, int step) {
    size_t n = menu->shown->len;
    if (n == 0) return;
    menu->chosen = step < 0 ? (menu->chosen + n - 1) % n : (menu->chosen + 1) % n;
}

static const Item *chosen_item(const Menu *menu) {
    return menu->chosen < menu->shown->len ? menu->shown->pdata[menu->chosen] : NULL;
}

const char *menu_chosen(const Menu *menu) {
    const Item *item = chosen_item(menu);
    return item != NULL ? item->value : NULL;
}

const char *menu_chosen_label(const Menu *menu) {
    const Item *item = chosen_item(menu);
    return item != NULL ? item->label : NULL;
}

static char *row_of(const Item *item, size_t n_label, size_t n_columns, bool is_chosen) {
    g_autofree char *label = text_ellipsize(item->label, n_label);
    size_t used = text_width(label), n_pad = n_label > used ? n_label - used : 0;
    size_t n_detail = n_columns > n_label + 6 ? n_columns - n_label - 6 : 0;
    g_autofree char *detail = text_ellipsize(item->detail, n_detail);
    return g_strdup_printf("%s%s%*s\033[0m  \033[2m%s\033[0m", is_chosen ? "\033[1m› " : "  ",
                           label, (int)n_pad, "", detail);
}

void menu_append_rows(const Menu *menu, size_t n_rows, size_t n_columns, GPtrArray *rows) {
    size_t n = MIN(n_rows, (size_t)menu->shown->len);
    if (n == 0) return;
    size_t first = menu->chosen >= n ? menu->chosen - n + 1 : 0;
    size_t n_label = MIN_LABEL_COLUMNS;
    for (size_t i = first; i < first + n; i++)
        n_label = MAX(n_label, text_width(((const Item *)menu->shown->pdata[i])->label));
    n_label = MIN(n_label, MIN(n_columns / 2, (size_t)MAX_LABEL_COLUMNS));
    for (size_t i = first; i < first + n; i++)
        g_ptr_array_add(rows, row_of(menu->shown->pdata[i], n_label, n_columns, i == menu->chosen));
}
