/* embed/static_table.c: see the header. */
#include "embed/static_table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define MAGIC "LGSTEMB1"
#define FILE_NAME "static-embedding.bin"
#define FOLDER_NAME "static-embedding"
#define HEADER_BYTES 128
#define CHECKED_FROM 128
#define MAX_BYTES (1U << 30)
#define MAX_DIMENSIONS 4096
/* The tokenizer's table of slots holds 16-bit ids. */
#define MAX_ENTRIES 65535

G_STATIC_ASSERT(sizeof(StaticRange) == 12 && sizeof(StaticFold) == 16);

static uint32_t read_u32(const uint8_t *bytes, size_t offset) {
    uint32_t value;
    memcpy(&value, bytes + offset, sizeof value);
    return GUINT32_FROM_LE(value);
}

/* A section of `size` bytes at the offset that stands at `at` in the header; NULL when outside. */
static const void *find_section(const StaticTable *table, size_t at, uint64_t size) {
    uint32_t offset = read_u32(table->bytes, at);
    if (offset < HEADER_BYTES || offset % 4 != 0 || offset > table->length) return NULL;
    if (size > table->length - offset) return NULL;
    return table->bytes + offset;
}

static bool are_offsets_sound(const StaticTable *table, uint32_t n_piece_bytes) {
    for (uint32_t i = 0; i < table->n_entries; i++)
        if (table->piece_offsets[i] > table->piece_offsets[i + 1]) return false;
    return table->piece_offsets[table->n_entries] <= n_piece_bytes;
}

/* NULL, or what is wrong. */
static const char *read_header(StaticTable *table) {
    const uint8_t *bytes = table->bytes;
    if (table->length < HEADER_BYTES) return "it is too short";
    if (memcmp(bytes, MAGIC, strlen(MAGIC)) != 0) return "it begins with other bytes";
    if (read_u32(bytes, 8) != 1) return "its version is not 1";
    if (G_BYTE_ORDER != G_LITTLE_ENDIAN) return "this machine is big-endian";
    table->n_entries = read_u32(bytes, 12);
    table->n_dimensions = read_u32(bytes, 16);
    table->unknown_id = read_u32(bytes, 20);
    table->max_word_length = read_u32(bytes, 24);
    table->n_ranges = read_u32(bytes, 28);
    table->n_folds = read_u32(bytes, 32);
    table->checksum = read_u32(bytes, 68);
    uint32_t n_piece_bytes = read_u32(bytes, 36);
    if (read_u32(bytes, 64) != table->length) return "it was cut or has grown";
    if (table->n_entries == 0 || table->n_entries > MAX_ENTRIES ||
        table->unknown_id >= table->n_entries)
        return "its number of entries is wrong";
    if (table->n_dimensions == 0 || table->n_dimensions > MAX_DIMENSIONS ||
        table->n_dimensions % 16 != 0)
        return "its number of dimensions is wrong";
    if (table->max_word_length == 0 || table->max_word_length > 100)
        return "its longest word is too long";
    uint64_t n = table->n_entries;
    table->piece_offsets = find_section(table, 40, (n + 1) * 4);
    table->pieces = find_section(table, 44, n_piece_bytes);
    table->scales = find_section(table, 48, n * 4);
    table->ranges = find_section(table, 52, (uint64_t)table->n_ranges * sizeof(StaticRange));
    table->folds = find_section(table, 56, (uint64_t)table->n_folds * sizeof(StaticFold));
    table->rows = find_section(table, 60, n * table->n_dimensions);
    if (table->piece_offsets == NULL || table->pieces == NULL || table->scales == NULL ||
        table->ranges == NULL || table->folds == NULL || table->rows == NULL)
        return "a section lies outside of it";
    if (!are_offsets_sound(table, n_piece_bytes)) return "a word piece lies outside of it";
    return NULL;
}

StaticTable *static_table_new(const uint8_t *bytes, size_t length, GError **error) {
    StaticTable *table = g_new0(StaticTable, 1);
    table->bytes = bytes;
    table->length = length;
    const char *problem = read_header(table);
    if (problem == NULL) return table;
    error_set(error, ERR_DATA, "no static embedding: %s", problem);
    static_table_free(table);
    return NULL;
}

StaticTable *static_table_open(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_set_errno(error, errno, "reading '%s'", path);
        if (fd >= 0) close(fd);
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size < HEADER_BYTES || status.st_size > MAX_BYTES) {
        close(fd);
        error_set(error, ERR_DATA, "'%s' is no static embedding: its size is wrong", path);
        return NULL;
    }
    size_t length = (size_t)status.st_size;
    void *bytes = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    int mmap_errno = errno;
    close(fd);
    if (bytes == MAP_FAILED) {
        error_set_errno(error, mmap_errno, "reading '%s'", path);
        return NULL;
    }
    StaticTable *table = static_table_new(bytes, length, error);
    if (table == NULL) {
        munmap(bytes, length);
        g_prefix_error(error, "'%s': ", path);
        return NULL;
    }
    table->is_mapped = true;
    return table;
}

void static_table_free(StaticTable *table) {
    if (table == NULL) return;
    if (table->is_mapped) munmap((void *)table->bytes, table->length);
    g_free(table);
}

/* CRC-32 as zlib counts it, four bits at a time: 8 MB take some 40 ms, and only doctor asks. */
static uint32_t crc32_of(const uint8_t *bytes, size_t length) {
    uint32_t steps[16];
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 4; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320U : 0);
        steps[i] = value;
    }
    uint32_t crc = ~0U;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ steps[crc & 15];
        crc = crc >> 4 ^ steps[crc & 15];
    }
    return ~crc;
}

bool static_table_check(const StaticTable *table, GError **error) {
    if (crc32_of(table->bytes + CHECKED_FROM, table->length - CHECKED_FROM) == table->checksum)
        return true;
    error_set_with_hint(error, ERR_INTEGRITY, "Install LocalGPT again.",
                        "the table of the static embedder is damaged");
    return false;
}

char *static_table_find(const Paths *paths, GError **error) {
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
    const char *named = g_getenv("LOCALGPT_STATIC_EMBEDDING");
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
    if (named != NULL && named[0] != '\0') g_ptr_array_add(places, g_strdup(named));
    if (paths != NULL)
        g_ptr_array_add(places, g_build_filename(paths->data, FOLDER_NAME, FILE_NAME, NULL));
    if (folder != NULL) {
        g_ptr_array_add(places, g_build_filename(folder, "data", FOLDER_NAME, FILE_NAME, NULL));
        g_autofree char *up = g_path_get_dirname(folder);
        g_ptr_array_add(places,
                        g_build_filename(up, "share", "localgpt", FOLDER_NAME, FILE_NAME, NULL));
    }
    for (guint i = 0; i < places->len; i++)
        if (access(places->pdata[i], R_OK) == 0) return g_ptr_array_steal_index(places, i);
    g_ptr_array_add(places, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)places->pdata);
    error_set_with_hint(error, ERR_NOT_FOUND,
                        "Install LocalGPT again, or name the file in LOCALGPT_STATIC_EMBEDDING.",
                        "the table of the static embedder is not there (looked for %s)", list);
    return NULL;
}
