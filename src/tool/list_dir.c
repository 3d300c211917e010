/* tool/list_dir.c: what is in a folder. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "tool/tools.h"
#include "tool/walk.h"

typedef struct {
    char *path;
    int64_t depth;
    bool with_hidden;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "path",   FIELD_STRING(Arguments, path),      .default_text = ".", .help = "The folder, relative to the workspace; the workspace itself by default." },
    { "depth",  FIELD_INT(Arguments, depth),        .default_text = "1", .min = 1, .max = 8, .help = "How many levels of folders to show." },
    { "hidden", FIELD_BOOL(Arguments, with_hidden), .default_text = "true", .help = "Show names that begin with a dot." },
    { 0 }
};
/* clang-format on */

#define MAX_ENTRIES 1000

typedef struct {
    GString *text;
    unsigned n_entries;
    unsigned n_more;
} Listing;

static void add_link_target(Listing *listing, const WalkEntry *entry) {
    char target[4096];
    ssize_t n = readlinkat(entry->folder_fd, entry->name, target, sizeof target);
    g_autofree char *valid = text_make_valid(target, n > 0 ? (size_t)n : 0);
    g_string_append_printf(listing->text, " -> %s", valid);
}

static bool on_entry(const WalkEntry *entry, void *user_data) {
    Listing *listing = user_data;
    if (listing->n_entries == MAX_ENTRIES) {
        listing->n_more++;
        return true;
    }
    listing->n_entries++;
    g_autofree char *inner = text_make_valid(entry->inner, strlen(entry->inner));
    g_string_append(listing->text, inner);
    struct stat info;
    if (entry->is_folder) {
        g_string_append_c(listing->text, '/');
    } else if (entry->is_link) {
        add_link_target(listing, entry);
    } else if (fstatat(entry->folder_fd, entry->name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        g_autofree char *size = text_format_size((unsigned long long)info.st_size);
        g_string_append_printf(listing->text, "  (%s)", size);
    }
    g_string_append_c(listing->text, '\n');
    return true;
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    (void)request;
    const Arguments *arguments = data;
    g_autoptr(GString) text = g_string_new(NULL);
    Listing listing = { .text = text };
    Walk walk = { .path = arguments->path,
                  .with_hidden = arguments->with_hidden,
                  .with_ignored = true,
                  .with_folders = true,
                  .max_depth = (int)arguments->depth,
                  .on_entry = on_entry,
                  .user_data = &listing };
    if (!walk_run(&walk, error)) return false;
    if (walk.is_single) {
        error_set(error, ERR_DATA, "'%s' is a file; read_file shows it", arguments->path);
        return false;
    }
    if (listing.n_entries == 0) g_string_append_printf(text, "'%s' is empty.\n", arguments->path);
    if (listing.n_more > 0)
        g_string_append_printf(text, "[%u more; list a folder below, or use glob]\n",
                               listing.n_more);
    if (walk.n_unreadable > 0)
        g_string_append_printf(text, "[%u folders could not be opened]\n", walk.n_unreadable);
    out->text = g_strdup(text->str);
    out->source = g_strdup(arguments->path);
    return true;
}

static char *title(const void *data) {
    return g_strdup_printf("list %s", ((const Arguments *)data)->path);
}

const ToolOps tool_list_dir = {
    .name = "list_dir",
    .summary = "List what is in a folder",
    .description =
        "Lists a folder: folders end in '/', links show where they lead, files their size.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_PARALLEL,
    .origin = ORIGIN_FILE,
    .title = title,
    .work = work,
};
