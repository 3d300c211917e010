/* provider/gguf.c: one pass over the header of a GGUF file; every number is doubted. */
#include "provider/gguf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/gguf_type.h"

enum {
    BUFFER_BYTES = 64 * 1024,
    MAX_KEYS = 64 * 1024,
    MAX_TENSORS = 64 * 1024,
    MAX_KEY_BYTES = 64 * 1024 - 1,
    MAX_NAME_BYTES = 200, /* of a text that is shown */
    MAX_TEMPLATE_BYTES = 1024 * 1024,
    MAX_HEADER_BYTES = 512 * 1024 * 1024, /* the largest known vocabularies take 30 MB */
    MAX_DEPTH = 4,                        /* of arrays in arrays */
    MAX_DIMENSIONS = 4,
    MAX_ALIGNMENT = 1024 * 1024,
    MAX_NUMBERS = 32,
};

/* Values of a key. */
enum {
    VALUE_U8,
    VALUE_I8,
    VALUE_U16,
    VALUE_I16,
    VALUE_U32,
    VALUE_I32,
    VALUE_F32,
    VALUE_BOOL,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_U64,
    VALUE_I64,
    VALUE_F64,
    N_VALUES,
};

static const uint8_t value_bytes[N_VALUES] = {
    [VALUE_U8] = 1,  [VALUE_I8] = 1,  [VALUE_U16] = 2, [VALUE_I16] = 2,
    [VALUE_U32] = 4, [VALUE_I32] = 4, [VALUE_F32] = 4, [VALUE_BOOL] = 1,
    [VALUE_U64] = 8, [VALUE_I64] = 8, [VALUE_F64] = 8,
};

/* A key "<architecture>.<suffix>"; which one counts is known when the architecture is. */
typedef struct {
    char *key;
    int64_t value;
} Number;

typedef struct {
    int fd; /* -1 = `memory` */
    const uint8_t *memory;
    uint64_t size;
    uint64_t at;
    uint64_t buffer_start;
    size_t buffer_length;
    uint8_t buffer[BUFFER_BYTES];
    /* what is being read, for errors */
    const char *part; /* "key", "tensor"; NULL = the start */
    uint64_t index;
    /* gathered */
    GgufFacts facts;
    Number numbers[MAX_NUMBERS];
    size_t n_numbers;
    uint64_t file_type; /* UINT64_MAX = not said */
    uint64_t alignment;
    uint64_t data_end; /* of the tensor that ends last, from the start of the data */
    uint64_t elements_of_type[GGUF_N_TYPES];
} Reader;

G_GNUC_PRINTF(3, 4)
static bool fail(const Reader *reader, GError **error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (reader->part != NULL)
        error_set(error, ERR_DATA, "byte %" G_GUINT64_FORMAT ": %s %" G_GUINT64_FORMAT ": %s",
                  reader->at, reader->part, reader->index + 1, message);
    else
        error_set(error, ERR_DATA, "byte %" G_GUINT64_FORMAT ": %s", reader->at, message);
    return false;
}

static uint64_t bytes_left(const Reader *reader) {
    return reader->size - reader->at;
}

static bool fill_buffer(Reader *reader, GError **error) {
    size_t length = 0;
    while (length < BUFFER_BYTES) {
        ssize_t n = pread(reader->fd, reader->buffer + length, BUFFER_BYTES - length,
                          (off_t)(reader->at + length));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            error_set_errno(error, errno, "reading at byte %" G_GUINT64_FORMAT, reader->at);
            return false;
        }
        if (n == 0) break;
        length += (size_t)n;
    }
    reader->buffer_start = reader->at;
    reader->buffer_length = length;
    if (length > 0) return true;
    return fail(reader, error, "the file became shorter while it was read");
}

static bool read_bytes(Reader *reader, void *out, size_t length, GError **error) {
    if (length > bytes_left(reader))
        return fail(reader, error, "the file ends here, in the middle of its header");
    if (reader->at + length > MAX_HEADER_BYTES)
        return fail(reader, error, "the header is larger than %d MB", MAX_HEADER_BYTES >> 20);
    uint8_t *to = out;
    while (length > 0) {
        const uint8_t *from = reader->memory != NULL ? reader->memory + reader->at : NULL;
        size_t piece = length;
        if (from == NULL) {
            bool is_buffered = reader->at >= reader->buffer_start &&
                               reader->at < reader->buffer_start + reader->buffer_length;
            if (!is_buffered && !fill_buffer(reader, error)) return false;
            size_t skipped = (size_t)(reader->at - reader->buffer_start);
            from = reader->buffer + skipped;
            piece = MIN(length, reader->buffer_length - skipped);
        }
        memcpy(to, from, piece);
        to += piece;
        reader->at += piece;
        length -= piece;
    }
    return true;
}

static bool skip_bytes(Reader *reader, uint64_t length, GError **error) {
    if (length > bytes_left(reader))
        return fail(reader, error,
                    "%" G_GUINT64_FORMAT
                    " bytes are announced, but the file has only %" G_GUINT64_FORMAT " more",
                    length, bytes_left(reader));
    if (reader->at + length > MAX_HEADER_BYTES)
        return fail(reader, error, "the header is larger than %d MB", MAX_HEADER_BYTES >> 20);
    reader->at += length;
    return true;
}

static bool read_u32(Reader *reader, uint32_t *out, GError **error) {
    uint32_t value = 0;
    if (!read_bytes(reader, &value, sizeof value, error)) return false;
    *out = GUINT32_FROM_LE(value);
    return true;
}

static bool read_u64(Reader *reader, uint64_t *out, GError **error) {
    uint64_t value = 0;
    if (!read_bytes(reader, &value, sizeof value, error)) return false;
    *out = GUINT64_FROM_LE(value);
    return true;
}

/* A string of at most `max_bytes` into a new string; a longer one is skipped and gives NULL. */
static bool read_string(Reader *reader, size_t max_bytes, char **out, size_t *out_length,
                        GError **error) {
    uint64_t length = 0;
    if (!read_u64(reader, &length, error)) return false;
    if (length > bytes_left(reader) || length > max_bytes) {
        *out = NULL;
        return skip_bytes(reader, length, error);
    }
    g_autofree char *text = g_malloc((size_t)length + 1);
    if (!read_bytes(reader, text, (size_t)length, error)) return false;
    text[length] = '\0';
    if (out_length != NULL) *out_length = (size_t)length;
    *out = g_steal_pointer(&text);
    return true;
}

static bool skip_value(Reader *reader, uint32_t type, int depth, GError **error);

static bool skip_array(Reader *reader, int depth, GError **error) {
    uint32_t type = 0;
    uint64_t count = 0;
    if (!read_u32(reader, &type, error) || !read_u64(reader, &count, error)) return false;
    if (type >= N_VALUES) return fail(reader, error, "unknown type %u of an array", type);
    if (depth >= MAX_DEPTH) return fail(reader, error, "arrays nested deeper than %d", MAX_DEPTH);
    /* A string takes at least 8 bytes, an array 12. */
    uint64_t least = value_bytes[type] != 0 ? value_bytes[type] : type == VALUE_ARRAY ? 12 : 8;
    if (count > bytes_left(reader) / least)
        return fail(reader, error,
                    "an array of %" G_GUINT64_FORMAT
                    " items is announced, but the file has only %" G_GUINT64_FORMAT " more bytes",
                    count, bytes_left(reader));
    if (value_bytes[type] != 0) return skip_bytes(reader, count * value_bytes[type], error);
    for (uint64_t i = 0; i < count; i++)
        if (!skip_value(reader, type, depth + 1, error)) return false;
    return true;
}

static bool skip_value(Reader *reader, uint32_t type, int depth, GError **error) {
    if (type == VALUE_ARRAY) return skip_array(reader, depth, error);
    if (type != VALUE_STRING) return skip_bytes(reader, value_bytes[type], error);
    uint64_t length = 0;
    return read_u64(reader, &length, error) && skip_bytes(reader, length, error);
}

/* Any whole number or bool; a negative one is an error, because none we ask for can be. */
static bool read_whole(Reader *reader, uint32_t type, uint64_t *out, GError **error) {
    uint8_t raw[8] = { 0 };
    if (!read_bytes(reader, raw, value_bytes[type], error)) return false;
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | raw[i];
    bool is_signed =
        type == VALUE_I8 || type == VALUE_I16 || type == VALUE_I32 || type == VALUE_I64;
    if ((is_signed && raw[value_bytes[type] - 1] & 0x80) || value > INT64_MAX)
        return fail(reader, error, "a number that cannot be negative is");
    *out = value;
    return true;
}

static bool is_whole(uint32_t type) {
    return type < N_VALUES && value_bytes[type] != 0 && type != VALUE_F32 && type != VALUE_F64;
}

/* For showing: one line, no control characters, at most MAX_NAME_BYTES. NULL when nothing is left.
 */
static char *clean_name(const char *text, size_t length) {
    g_autofree char *stripped = text_strip_terminal(text, length);
    g_strdelimit(stripped, "\n\t", ' ');
    stripped[text_cut(stripped, strlen(stripped), MAX_NAME_BYTES)] = '\0';
    g_strstrip(stripped);
    return stripped[0] != '\0' ? g_steal_pointer(&stripped) : NULL;
}

/* clang-format off */
static const struct { const char *key; size_t offset; } text_keys[] = {
    { "general.architecture",    offsetof(GgufFacts, architecture) },
    { "general.license",         offsetof(GgufFacts, licence) },
    { "general.name",            offsetof(GgufFacts, name) },
    { "tokenizer.chat_template", offsetof(GgufFacts, chat_template) },
    { "tokenizer.ggml.model",    offsetof(GgufFacts, tokenizer) },
};

static const char *const number_suffixes[] = { ".context_length", ".block_count", ".pooling_type" };
/* clang-format on */

static bool take_text(Reader *reader, size_t offset, GError **error) {
    char **member = (char **)((char *)&reader->facts + offset);
    bool is_template = offset == offsetof(GgufFacts, chat_template);
    g_autofree char *text = NULL;
    size_t length = 0;
    if (*member != NULL) return fail(reader, error, "the same key a second time");
    if (!read_string(reader, MAX_TEMPLATE_BYTES, &text, &length, error)) return false;
    if (text == NULL)
        return fail(reader, error, "a text of more than %d bytes", MAX_TEMPLATE_BYTES);
    *member = is_template ? text_make_valid(text, length) : clean_name(text, length);
    return true;
}

static bool take_number(Reader *reader, const char *key, uint32_t type, GError **error) {
    uint64_t value = 0;
    if (!read_whole(reader, type, &value, error)) return false;
    if (strcmp(key, "general.file_type") == 0) {
        reader->file_type = value;
    } else if (strcmp(key, "split.count") == 0) {
        reader->facts.n_files = (int64_t)value;
    } else if (strcmp(key, "general.alignment") == 0) {
        if (value == 0 || value > MAX_ALIGNMENT || (value & (value - 1)) != 0)
            return fail(reader, error, "an alignment of %" G_GUINT64_FORMAT " is impossible",
                        value);
        reader->alignment = value;
    } else if (reader->n_numbers < MAX_NUMBERS) {
        reader->numbers[reader->n_numbers++] =
            (Number){ .key = g_strdup(key), .value = (int64_t)value };
    }
    return true;
}

static bool is_wanted_number(const char *key) {
    for (size_t i = 0; i < G_N_ELEMENTS(number_suffixes); i++)
        if (g_str_has_suffix(key, number_suffixes[i])) return true;
    return strcmp(key, "general.file_type") == 0 || strcmp(key, "general.alignment") == 0 ||
           strcmp(key, "split.count") == 0;
}

static bool read_key(Reader *reader, GError **error) {
    g_autofree char *key = NULL;
    uint32_t type = 0;
    if (!read_string(reader, MAX_KEY_BYTES, &key, NULL, error)) return false;
    if (key == NULL) return fail(reader, error, "a name of more than %d bytes", MAX_KEY_BYTES);
    if (!read_u32(reader, &type, error)) return false;
    if (type >= N_VALUES) return fail(reader, error, "unknown type %u of a value", type);
    for (size_t i = 0; type == VALUE_STRING && i < G_N_ELEMENTS(text_keys); i++)
        if (strcmp(key, text_keys[i].key) == 0)
            return take_text(reader, text_keys[i].offset, error);
    if (is_whole(type) && is_wanted_number(key)) return take_number(reader, key, type, error);
    return skip_value(reader, type, 0, error);
}

static bool read_dimensions(Reader *reader, uint64_t *out_elements, GError **error) {
    uint32_t n_dimensions = 0;
    if (!read_u32(reader, &n_dimensions, error)) return false;
    if (n_dimensions > MAX_DIMENSIONS)
        return fail(reader, error, "%u dimensions (at most %d)", n_dimensions, MAX_DIMENSIONS);
    uint64_t elements = 1;
    for (uint32_t i = 0; i < n_dimensions; i++) {
        uint64_t length = 0;
        if (!read_u64(reader, &length, error)) return false;
        if (__builtin_mul_overflow(elements, length, &elements) || elements > INT64_MAX)
            return fail(reader, error, "more elements than any model has");
    }
    *out_elements = elements;
    return true;
}

static bool read_tensor(Reader *reader, GError **error) {
    g_autofree char *name = NULL;
    uint64_t elements = 0;
    uint32_t type = 0;
    uint64_t offset = 0;
    if (!read_string(reader, MAX_NAME_BYTES, &name, NULL, error)) return false;
    if (name == NULL) return fail(reader, error, "a name of more than %d bytes", MAX_NAME_BYTES);
    if (!read_dimensions(reader, &elements, error) || !read_u32(reader, &type, error) ||
        !read_u64(reader, &offset, error))
        return false;
    uint64_t sum = 0;
    if (__builtin_add_overflow((uint64_t)reader->facts.n_parameters, elements, &sum) ||
        sum > INT64_MAX)
        return fail(reader, error, "more elements than any model has");
    reader->facts.n_parameters = (int64_t)sum;
    if (type >= GGUF_N_TYPES || gguf_types[type].block_elements == 0)
        return true; /* newer than this table: the engine will know */
    reader->elements_of_type[type] += elements;
    uint64_t blocks = elements / gguf_types[type].block_elements;
    uint64_t bytes = 0;
    uint64_t end = 0;
    if (__builtin_mul_overflow(blocks, gguf_types[type].block_bytes, &bytes) ||
        __builtin_add_overflow(offset, bytes, &end))
        return fail(reader, error, "its data end behind the end of any file");
    reader->data_end = MAX(reader->data_end, end);
    return true;
}

static bool read_counts(Reader *reader, uint64_t *out_tensors, uint64_t *out_keys, GError **error) {
    char magic[4] = { 0 };
    uint32_t version = 0;
    if (!read_bytes(reader, magic, MIN(sizeof magic, bytes_left(reader)), error)) return false;
    if (memcmp(magic, "GGUF", sizeof magic) != 0) {
        reader->at = 0;
        return fail(reader, error, "this is not a GGUF file (it does not start with GGUF)");
    }
    if (!read_u32(reader, &version, error)) return false;
    reader->facts.version = version;
    if (version != 0 && (version & 0xffff) == 0)
        return fail(reader, error, "a big-endian file, made for another kind of processor");
    if (version != 2 && version != 3)
        return fail(reader, error, "version %u of the format; versions 2 and 3 can be read",
                    version);
    if (!read_u64(reader, out_tensors, error) || !read_u64(reader, out_keys, error)) return false;
    if (*out_tensors > MAX_TENSORS)
        return fail(reader, error, "%" G_GUINT64_FORMAT " tensors are announced (at most %d)",
                    *out_tensors, MAX_TENSORS);
    if (*out_keys > MAX_KEYS)
        return fail(reader, error, "%" G_GUINT64_FORMAT " keys are announced (at most %d)",
                    *out_keys, MAX_KEYS);
    return true;
}

static int64_t number_of(const Reader *reader, const char *suffix, int64_t fallback) {
    g_autofree char *key = g_strconcat(reader->facts.architecture, suffix, NULL);
    for (size_t i = 0; i < reader->n_numbers; i++)
        if (strcmp(reader->numbers[i].key, key) == 0) return reader->numbers[i].value;
    return fallback;
}

static const char *main_type(const Reader *reader) {
    size_t best = 0;
    for (size_t i = 1; i < GGUF_N_TYPES; i++)
        if (reader->elements_of_type[i] > reader->elements_of_type[best]) best = i;
    return reader->elements_of_type[best] > 0 ? gguf_types[best].name : NULL;
}

static bool finish(Reader *reader, GError **error) {
    GgufFacts *facts = &reader->facts;
    reader->part = NULL;
    if (facts->architecture == NULL)
        return fail(reader, error, "the header does not name an architecture");
    uint64_t data_start = (reader->at + reader->alignment - 1) & ~(reader->alignment - 1);
    uint64_t needed = 0;
    if (__builtin_add_overflow(data_start, reader->data_end, &needed)) needed = UINT64_MAX;
    if (facts->n_tensors > 0 && needed > reader->size) {
        g_autofree char *missing = text_format_size(needed - reader->size);
        return fail(reader, error, "the file is cut off: %s of its tensors are missing", missing);
    }
    const char *quantisation = gguf_file_type_name(reader->file_type);
    if (quantisation == NULL) quantisation = main_type(reader);
    facts->quantisation = g_strdup(quantisation);
    facts->context_tokens = number_of(reader, ".context_length", 0);
    facts->n_layers = number_of(reader, ".block_count", 0);
    facts->is_embedder =
        number_of(reader, ".pooling_type", 0) > 0 || g_str_has_suffix(facts->architecture, "bert");
    facts->size_bytes = (int64_t)reader->size;
    return true;
}

static bool read_header(Reader *reader, GError **error) {
    uint64_t n_tensors = 0;
    uint64_t n_keys = 0;
    if (!read_counts(reader, &n_tensors, &n_keys, error)) return false;
    reader->facts.n_tensors = (int64_t)n_tensors;
    reader->part = "key";
    for (reader->index = 0; reader->index < n_keys; reader->index++)
        if (!read_key(reader, error)) return false;
    reader->part = "tensor";
    for (reader->index = 0; reader->index < n_tensors; reader->index++)
        if (!read_tensor(reader, error)) return false;
    return finish(reader, error);
}

static bool run(Reader *reader, GgufFacts *out_facts, GError **error) {
    reader->file_type = UINT64_MAX;
    reader->alignment = 32;
    bool is_ok = read_header(reader, error);
    for (size_t i = 0; i < reader->n_numbers; i++) g_free(reader->numbers[i].key);
    if (is_ok)
        *out_facts = reader->facts;
    else
        gguf_facts_clear(&reader->facts);
    return is_ok;
}

bool gguf_read(const char *path, GgufFacts *out_facts, GError **error) {
    /* O_NONBLOCK: a FIFO in the place of the file must be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return false;
    }
    struct stat status;
    bool is_ok = false;
    if (fstat(fd, &status) != 0) {
        error_set_errno(error, errno, "reading '%s'", path);
    } else if (!S_ISREG(status.st_mode)) {
        error_set(error, ERR_DATA, "'%s' is not a regular file", path);
    } else {
        g_autofree Reader *reader = g_new0(Reader, 1);
        reader->fd = fd;
        reader->size = (uint64_t)status.st_size;
        is_ok = run(reader, out_facts, error);
        if (!is_ok) g_prefix_error(error, "reading '%s': ", path);
    }
    close(fd);
    return is_ok;
}

bool gguf_read_bytes(const void *data, size_t length, GgufFacts *out_facts, GError **error) {
    g_autofree Reader *reader = g_new0(Reader, 1);
    reader->fd = -1;
    reader->memory = data;
    reader->size = length;
    return run(reader, out_facts, error);
}

void gguf_facts_clear(GgufFacts *facts) {
    g_free(facts->architecture);
    g_free(facts->name);
    g_free(facts->quantisation);
    g_free(facts->licence);
    g_free(facts->tokenizer);
    g_free(facts->chat_template);
    *facts = (GgufFacts){ 0 };
}
