/* cli/chat_screen_menu.c: the lists below the prompt: commands, files, choices. */
#include <string.h>

#include "cli/chat_commands.h"
#include "cli/chat_screen-private.h"
#include "cli/file_finder.h"

void chat_screen_close_menu(ChatScreen *screen) {
    g_clear_pointer(&screen->menu, menu_free);
    screen->menu_kind = MENU_NONE;
}

static void open_menu(ChatScreen *screen, MenuKind kind, size_t start) {
    chat_screen_close_menu(screen);
    screen->menu = menu_new();
    screen->menu_kind = kind;
    screen->menu_start = start;
    screen->shows_help = false;
}

static void open_commands(ChatScreen *screen) {
    open_menu(screen, MENU_COMMANDS, 0);
    for (const ChatCommand *row = chat_commands; row->name != NULL; row++) {
        g_autofree char *label = g_strconcat("/", row->name, NULL);
        g_autofree char *detail = row->arguments != NULL
                                      ? g_strdup_printf("%s  %s", row->arguments, row->summary)
                                      : g_strdup(row->summary);
        menu_add(screen->menu, label, detail, label);
    }
}

static void open_files(ChatScreen *screen, size_t start) {
    open_menu(screen, MENU_FILES, start);
    g_autoptr(GPtrArray) files = file_finder_list();
    for (guint i = 0; i < files->len; i++)
        menu_add(screen->menu, files->pdata[i], "", files->pdata[i]);
}

void chat_screen_open_choices(ChatScreen *screen, ChatRequestKind choice) {
    open_menu(screen, MENU_CHOICES, 0);
    screen->choice = choice;
    screen->host->fill_choices(screen->host->user_data, choice, screen->menu);
    if (menu_length(screen->menu) == 0) chat_screen_close_menu(screen);
}

/* Where the word before the cursor begins. */
static size_t word_start(const ChatScreen *screen) {
    const char *text = editor_text(screen->editor);
    size_t at = editor_cursor(screen->editor);
    while (at > 0 && (unsigned char)text[at - 1] > ' ') at--;
    return at;
}

static char *word_before_cursor(const ChatScreen *screen, size_t start) {
    return g_strndup(editor_text(screen->editor) + start, editor_cursor(screen->editor) - start);
}

/* The menu that fits what stands before the cursor. */
static MenuKind wanted_menu(size_t start, const char *word) {
    if (word[0] == '@') return MENU_FILES;
    if (word[0] == '/' && start == 0) return MENU_COMMANDS;
    return MENU_NONE;
}

void chat_screen_update_menu(ChatScreen *screen) {
    if (screen->menu_kind == MENU_CHOICES) {
        menu_filter(screen->menu, editor_text(screen->editor));
        return;
    }
    size_t start = word_start(screen);
    g_autofree char *word = word_before_cursor(screen, start);
    MenuKind kind = wanted_menu(start, word);
    bool is_other = kind != screen->menu_kind || start != screen->menu_start;
    if (kind == MENU_NONE) {
        screen->is_menu_refused = false;
        chat_screen_close_menu(screen);
        return;
    }
    if (screen->is_menu_refused) return;
    if (is_other && kind == MENU_COMMANDS) open_commands(screen);
    if (is_other && kind == MENU_FILES) open_files(screen, start);
    menu_filter(screen->menu, kind == MENU_FILES ? word + 1 : word);
}

void chat_screen_complete_path(ChatScreen *screen) {
    size_t start = word_start(screen);
    g_autofree char *word = word_before_cursor(screen, start);
    if (word[0] == '\0') return;
    g_autoptr(GPtrArray) paths = file_finder_complete(word, screen->app->paths->home);
    if (paths->len == 0) return;
    if (paths->len == 1) {
        editor_replace_before(screen->editor, start, paths->pdata[0]);
        return;
    }
    open_menu(screen, MENU_PATHS, start);
    for (guint i = 0; i < paths->len; i++)
        menu_add(screen->menu, paths->pdata[i], "", paths->pdata[i]);
}

static const ChatCommand *find_command(const char *name) {
    for (const ChatCommand *row = chat_commands; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return row;
    return NULL;
}

/* Puts the chosen value where the word stands. */
static void insert_chosen(ChatScreen *screen) {
    const char *value = menu_chosen(screen->menu);
    bool is_folder = g_str_has_suffix(value, "/");
    g_autofree char *text = g_strdup_printf("%s%s%s", screen->menu_kind == MENU_FILES ? "@" : "",
                                            value, is_folder ? "" : " ");
    size_t start = screen->menu_start;
    chat_screen_close_menu(screen);
    editor_replace_before(screen->editor, start, text);
}

/* Enter on a command: it runs when it needs nothing more. */
static void accept_command(ChatScreen *screen) {
    g_autofree char *name = g_strdup(menu_chosen(screen->menu) + 1);
    const ChatCommand *row = find_command(name);
    insert_chosen(screen);
    bool is_whole = row == NULL || row->arguments == NULL || row->arguments[0] == '[';
    if (is_whole) chat_screen_submit(screen);
}

static void accept_choice(ChatScreen *screen) {
    g_autofree char *line = g_strdup(menu_chosen(screen->menu));
    chat_screen_close_menu(screen);
    editor_set_text(screen->editor, "");
    chat_screen_run_line(screen, line);
}

/* The arrows step through the versions of a message while nothing is typed. */
static bool step_branch(ChatScreen *screen, int step) {
    bool is_message = screen->menu_kind == MENU_CHOICES &&
                      screen->choice == CHAT_REQUEST_PICK_MESSAGE &&
                      editor_is_empty(screen->editor);
    if (is_message) chat_screen_step_branch(screen, step);
    return is_message;
}

/* What is typed is whole already: Enter means to send it. */
static bool is_typed_out(const ChatScreen *screen) {
    g_autofree char *word = word_before_cursor(screen, screen->menu_start);
    switch (screen->menu_kind) {
    case MENU_COMMANDS: return chat_command_exists(word + 1);
    case MENU_FILES: return g_strcmp0(word + 1, menu_chosen_label(screen->menu)) == 0;
    default: return false;
    }
}

static bool accept(ChatScreen *screen) {
    if (is_typed_out(screen)) {
        chat_screen_close_menu(screen);
        return false;
    }
    if (screen->menu_kind == MENU_COMMANDS)
        accept_command(screen);
    else if (screen->menu_kind == MENU_CHOICES)
        accept_choice(screen);
    else
        insert_chosen(screen);
    return true;
}

static void refuse(ChatScreen *screen) {
    bool is_choice = screen->menu_kind == MENU_CHOICES;
    screen->is_menu_refused = !is_choice;
    chat_screen_close_menu(screen);
    if (is_choice) editor_set_text(screen->editor, "");
}

bool chat_screen_menu_key(ChatScreen *screen, const Key *key) {
    if (screen->menu == NULL) return false;
    if (key->code == KEY_ESCAPE) {
        refuse(screen);
        return true;
    }
    bool is_plain = (key->modifiers & ~(unsigned)KEY_SHIFT) == 0;
    if (key->code == KEY_TAB && key->modifiers != 0) return false;
    if (menu_length(screen->menu) == 0 || !is_plain) return false;
    switch (key->code) {
    case KEY_UP: menu_move(screen->menu, -1); return true;
    case KEY_DOWN: menu_move(screen->menu, 1); return true;
    case KEY_LEFT: return step_branch(screen, -1);
    case KEY_RIGHT: return step_branch(screen, 1);
    case KEY_TAB:
        if (screen->menu_kind == MENU_CHOICES) return accept(screen);
        insert_chosen(screen);
        return true;
    case KEY_ENTER: return accept(screen);
    default: return false;
    }
}
