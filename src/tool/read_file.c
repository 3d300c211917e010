/* tool/read_file.c: text by lines, images for the model, PDF through pdftotext. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "tool/path.h"
#include "tool/tools.h"

typedef struct {
    char *path;
    int64_t offset;
    int64_t limit;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "path",   FIELD_STRING(Arguments, path), .flags = FIELD_REQUIRED, .help = "The file, relative to the workspace." },
    { "offset", FIELD_INT(Arguments, offset),  .default_text = "1", .min = 1, .max = 1e9, .help = "The first line to read, counting from 1." },
    { "limit",  FIELD_INT(Arguments, limit),   .default_text = "2000", .min = 1, .max = 1e9, .help = "How many lines to read." },
    { 0 }
};

static const struct {
    const char *mime_type;
    const char *magic;
    size_t length;
    size_t at;
} images[] = {
    { "image/png",  "\x89PNG\r\n\x1a\n", 8, 0 },
    { "image/jpeg", "\xff\xd8\xff",      3, 0 },
    { "image/gif",  "GIF8",              4, 0 },
    { "image/webp", "WEBP",              4, 8 },
};
/* clang-format on */

#define MAX_IMAGE_BYTES ((off_t)5 << 20)
/* No line of a file that matters to a model is longer; the rest is counted and dropped. */
#define MAX_LINE_BYTES 2000
#define SNIFFED_BYTES 8192

static const char *image_type(const char *head, size_t length) {
    for (size_t i = 0; i < G_N_ELEMENTS(images); i++) {
        size_t end = images[i].at + images[i].length;
        if (length >= end && memcmp(head + images[i].at, images[i].magic, images[i].length) == 0)
            return images[i].mime_type;
    }
    return NULL;
}

static bool read_image(FILE *file, const struct stat *info, const Arguments *arguments,
                       ToolResult *out, GError **error) {
    if (info->st_size > MAX_IMAGE_BYTES) {
        g_autofree char *size = text_format_size((unsigned long long)info->st_size);
        error_set(error, ERR_LIMIT,
                  "the image '%s' has %s; models take at most 5 MB. Scale it down", arguments->path,
                  size);
        return false;
    }
    g_autofree unsigned char *data = g_malloc((size_t)info->st_size + 1);
    size_t n = fread(data, 1, (size_t)info->st_size, file);
    out->image_base64 = g_base64_encode(data, n);
    out->text = g_strdup_printf("The image '%s' (%s, %zu bytes) follows.", arguments->path,
                                out->mime_type, n);
    return true;
}

/* ---- text ---- */

typedef struct {
    GString *text;
    size_t max_bytes;
    int64_t first, last; /* wanted */
    int64_t n_lines;     /* seen */
    int64_t n_shown;
    int64_t last_shown;
    bool is_full; /* max_bytes reached */
} Lines;

static void show_line(Lines *lines, const char *line, size_t length) {
    lines->n_lines++;
    if (lines->n_lines < lines->first || lines->n_lines > lines->last || lines->is_full) return;
    size_t kept = length > MAX_LINE_BYTES ? text_cut(line, length, MAX_LINE_BYTES) : length;
    g_autofree char *valid = text_make_valid(line, kept);
    g_autofree char *numbered =
        g_strdup_printf("%6" G_GINT64_FORMAT "\t%s", (gint64)lines->n_lines, valid);
    if (lines->n_shown > 0 && lines->text->len + strlen(numbered) > lines->max_bytes) {
        lines->is_full = true;
        return;
    }
    g_string_append(lines->text, numbered);
    if (kept < length)
        g_string_append_printf(lines->text, "[... %zu more bytes in this line]", length - kept);
    g_string_append_c(lines->text, '\n');
    lines->n_shown++;
    lines->last_shown = lines->n_lines;
}

static void tell_rest(const Lines *lines, const char *path, ToolResult *out) {
    if (lines->n_lines == 0) {
        out->text = g_strdup_printf("'%s' is empty.", path);
        return;
    }
    if (lines->n_shown == 0) {
        out->is_error = true;
        out->text = g_strdup_printf("'%s' has only %" G_GINT64_FORMAT
                                    " lines; offset %" G_GINT64_FORMAT " is past its end.",
                                    path, (gint64)lines->n_lines, (gint64)lines->first);
        return;
    }
    if (lines->last_shown < lines->n_lines)
        g_string_append_printf(lines->text,
                               "[lines %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                               " of %" G_GINT64_FORMAT "; offset %" G_GINT64_FORMAT
                               " shows what follows]\n",
                               (gint64)lines->first, (gint64)lines->last_shown,
                               (gint64)lines->n_lines, (gint64)lines->last_shown + 1);
    out->text = g_strdup(lines->text->str);
}

/* One line into `line`, of which at most a bound is kept; false at the end. */
static bool next_line(FILE *file, GString *line, size_t *out_length) {
    g_string_truncate(line, 0);
    size_t length = 0;
    int c;
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        if (length < MAX_LINE_BYTES + 4) g_string_append_c(line, (char)c);
        length++;
    }
    if (c == EOF && length == 0) return false;
    if (length > 0 && length == line->len && line->str[length - 1] == '\r') length--;
    *out_length = length;
    return true;
}

static void read_lines(FILE *file, const Arguments *arguments, const ToolRequest *request,
                       ToolResult *out) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) line = g_string_new(NULL);
    Lines lines = { .text = text,
                    .max_bytes = request->max_bytes > 0 ? (size_t)request->max_bytes : SIZE_MAX,
                    .first = arguments->offset,
                    .last = arguments->offset + arguments->limit - 1 };
    size_t length = 0;
    while (next_line(file, line, &length)) show_line(&lines, line->str, length);
    tell_rest(&lines, arguments->path, out);
}

/* ---- documents ---- */

static void read_into(int fd, GString *text, size_t max_bytes) {
    char block[65536];
    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        if (text->len < max_bytes) g_string_append_len(text, block, n);
    }
}

static bool pdf_to_text(int fd, GString *text, GError **error) {
    const char *argv[] = { "pdftotext", "-layout", "-enc", "UTF-8", "-", "-", NULL };
    g_autoptr(GError) problem = NULL;
    int out_fd = -1;
    GPid pid = 0;
    unsigned flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL;
    if (lseek(fd, 0, SEEK_SET) != 0 ||
        !g_spawn_async_with_pipes_and_fds(NULL, argv, NULL, flags, NULL, NULL, fd, -1, -1, NULL,
                                          NULL, 0, &pid, NULL, &out_fd, NULL, &problem)) {
        error_set(
            error, ERR_NOT_FOUND,
            "PDF files are read with 'pdftotext' (Debian: poppler-utils), which is not there");
        return false;
    }
    read_into(out_fd, text, (size_t)64 << 20);
    close(out_fd);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    g_spawn_close_pid(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    error_set(error, ERR_DATA, "'pdftotext' could not read it: it is damaged or encrypted");
    return false;
}

static bool read_pdf(FILE *file, const Arguments *arguments, const ToolRequest *request,
                     ToolResult *out, GError **error) {
    g_autoptr(GString) text = g_string_new(NULL);
    if (!pdf_to_text(fileno(file), text, error)) {
        g_prefix_error(error, "'%s': ", arguments->path);
        return false;
    }
    if (text->len == 0) {
        out->text = g_strdup_printf("'%s' is a PDF without text (scanned pages).", arguments->path);
        return true;
    }
    FILE *pages = fmemopen(text->str, text->len, "r");
    read_lines(pages, arguments, request, out);
    fclose(pages);
    return true;
}

/* ---- the tool ---- */

static bool read_open_file(FILE *file, const struct stat *info, const Arguments *arguments,
                           const ToolRequest *request, ToolResult *out, GError **error) {
    char head[SNIFFED_BYTES];
    size_t n = fread(head, 1, sizeof head, file);
    rewind(file);
    const char *type = image_type(head, n);
    if (type != NULL) {
        out->mime_type = g_strdup(type);
        return read_image(file, info, arguments, out, error);
    }
    bool is_document = n >= 5 && memcmp(head, "%PDF-", 5) == 0;
    if (is_document && request->max_file_bytes > 0 && info->st_size > request->max_file_bytes) {
        error_set(error, ERR_LIMIT,
                  "'%s' has more than the %" G_GINT64_FORMAT
                  " bytes that tools.document_max_bytes allows",
                  arguments->path, (gint64)request->max_file_bytes);
        return false;
    }
    if (is_document) return read_pdf(file, arguments, request, out, error);
    if (memchr(head, '\0', n) != NULL) {
        g_autofree char *size = text_format_size((unsigned long long)info->st_size);
        error_set(error, ERR_DATA, "'%s' is a binary file (%s), not text", arguments->path, size);
        return false;
    }
    read_lines(file, arguments, request, out);
    return true;
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    const Arguments *arguments = data;
    struct stat info;
    int fd = tool_path_open_read(arguments->path, &info, error);
    if (fd < 0) return false;
    if (S_ISDIR(info.st_mode)) {
        close(fd);
        error_set(error, ERR_DATA, "'%s' is a folder; list_dir shows what is in it",
                  arguments->path);
        return false;
    }
    out->source = g_strdup(arguments->path);
    FILE *file = fdopen(fd, "r");
    bool is_ok = read_open_file(file, &info, arguments, request, out, error);
    fclose(file);
    return is_ok;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    if (arguments->offset <= 1) return g_strdup_printf("read %s", arguments->path);
    return g_strdup_printf("read %s from line %" G_GINT64_FORMAT, arguments->path,
                           (gint64)arguments->offset);
}

const ToolOps tool_read_file = {
    .name = "read_file",
    .summary = "Read a file: text with line numbers, an image, a PDF",
    .description =
        "Reads a file. Text comes with line numbers, which are no part of it; a long file "
        "is cut and the answer says how to go on. Images are shown to you, PDFs come as "
        "text.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_PARALLEL | TOOL_FOR_SMALL | TOOL_CUTS_ITSELF,
    .origin = ORIGIN_FILE,
    .title = title,
    .work = work,
};
