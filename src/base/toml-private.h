/*
 * base/toml-private.h: what the files of the TOML reader and editor share.
 *
 * A document is its text, a tree of nodes that know where they stand in it, and two flat lists in
 * the order of the text: sections (the part before the first header, then one per [header]) and
 * entries (one per `key = value`, those inside inline tables included). Every node carries its JSON
 * value, so that the tree for the outside is ready when reading ends.
 *
 * toml_read.c reads sections and keys and knows the rules of redefinition, toml_value.c reads
 * values with toml_string.c, toml_number.c and toml_date.c, toml_node.c owns the tree, toml_path.c
 * finds a path in it, toml_set.c and toml_unset.c make an edit, toml_edit.c applies and checks it.
 *
 * Nothing here is for other folders or other files of base.
 */
#pragma once

#include "base/toml.h"

#include "base/error.h"

enum {
    TOML_MAX_SIZE = 4 * 1024 * 1024,
    TOML_MAX_DEPTH = 64, /* of tables and values together */
};

typedef enum {
    TOML_SCALAR,
    TOML_ARRAY,    /* [ 1, 2 ] */
    TOML_INLINE,   /* { a = 1 }: closed once it is read */
    TOML_ROOT,     /* the document */
    TOML_IMPLICIT, /* `a` of [a.b] */
    TOML_DOTTED,   /* `a` of a.b = 1 */
    TOML_HEADER,   /* [a] */
    TOML_TABLES,   /* [[a]]: the list */
    TOML_ITEM,     /* [[a]]: one table of it */
} TomlKind;

typedef struct {
    char *text; /* owned; may hold NUL: "\u0000" is a key */
    size_t length;
} TomlKey;

typedef struct TomlNode TomlNode;
struct TomlNode {
    TomlKey key; /* first, for the table of members; no text for items of lists */
    TomlKind kind;
    unsigned depth;      /* of the root 0 */
    TomlNode *parent;    /* borrowed */
    size_t key_start;    /* of this part of the key, where it was first named */
    size_t key_end;      /* */
    size_t value_start;  /* of the value; of the header, of a table that has one */
    size_t value_end;    /* */
    GPtrArray *children; /* TomlNode, owned; NULL when empty */
    GHashTable *members; /* TomlKey to child, borrowed; NULL for lists and small tables */
    json_t *json;        /* owned reference */
};

/* One part of a dotted key in the text. */
typedef struct {
    TomlKey key; /* owned */
    size_t start, end;
} TomlKeyPart;

/* `key = value` */
typedef struct {
    TomlNode *scope;           /* the section's table or the inline table */
    TomlNode *leaf;            /* what the value is assigned to */
    size_t key_start, key_end; /* of the whole dotted key */
} TomlEntry;

typedef struct {
    TomlNode *table;   /* the root for the first section */
    size_t start, end; /* of the header with its brackets; both the first byte for the root */
} TomlSection;

struct TomlDocument {
    char *file;
    char *text; /* NUL-terminated; holds no NUL */
    size_t length;
    TomlNode *root;
    GArray *sections; /* TomlSection */
    GArray *entries;  /* TomlEntry */
};

/* The bytes [start, end) of a text. */
typedef struct {
    size_t start, end;
} TomlRange;

#define TOML_RANGE(start_, end_) ((TomlRange){ (start_), (end_) })

/* A cursor on a text. The text ends in a NUL and holds no other, so looking one byte ahead is
 * always allowed. */
typedef struct {
    const char *file; /* for errors */
    const char *text;
    size_t length;
    size_t at;
    TomlDocument *document; /* gets the entries; NULL for a value alone */
    ErrorCode error_code;
    GError **error;
} TomlReader;

/* toml_read.c */

/* Sets the reader's error to a diagnostic at these bytes; always false. */
bool toml_fail(TomlReader *reader, TomlRange at, const char *note, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* Checks size and encoding of the whole text. */
bool toml_check_text(TomlReader *reader);
bool toml_read_document(TomlReader *reader);
/* A dotted key, with the blanks around it. Array of TomlKeyPart, or NULL. */
GArray *toml_read_key(TomlReader *reader);
/* `key = value` into a table. */
bool toml_read_entry(TomlReader *reader, TomlNode *scope);
void toml_skip_blanks(TomlReader *reader);
/* Blanks, comments and newlines. */
bool toml_skip_lines(TomlReader *reader);
/* "\n" or "\r\n"; false without an error when there is none. */
bool toml_take_newline(TomlReader *reader);
/* The line (1-based) of a byte. */
size_t toml_line_of(const TomlReader *reader, size_t at);
/* The end of the word, for underlining: up to a blank, a separator or the end of the line. */
size_t toml_word_end(const TomlReader *reader, size_t start);
bool toml_is_bare(char c);

/* toml_value.c: fills kind, span and JSON of a node whose parent and depth are set. */
bool toml_read_value(TomlReader *reader, TomlNode *node);

/* toml_string.c: any of the four kinds, the cursor on its quote; a key may not be multi-line. */
typedef enum { TOML_STRING_VALUE, TOML_STRING_KEY } TomlStringUse;
bool toml_read_string(TomlReader *reader, TomlStringUse use, GString *out);
/* A key part in TOML spelling: bare when it can be. New string. */
char *toml_key_text(TomlKey key);

/* toml_number.c: [start, end) is a bare token. NULL sets the error. */
json_t *toml_read_number(TomlReader *reader, size_t start, size_t end);

/* toml_date.c */
bool toml_looks_like_date(const char *token, size_t length);
/* False sets the error. */
bool toml_check_date(TomlReader *reader, size_t start, size_t end);

/* toml_node.c */
TomlNode *toml_node_new(TomlKind kind, TomlNode *parent);
void toml_node_free(TomlNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TomlNode, toml_node_free)
/* Gives the child to its parent: as a member under its key, or as the next item of a list. */
void toml_node_attach(TomlNode *child);
TomlNode *toml_node_member(const TomlNode *table, const char *key, size_t length);
TomlNode *toml_node_item(const TomlNode *list, size_t index);
bool toml_node_is_table(const TomlNode *node);
bool toml_node_is_list(const TomlNode *node);
/* Whether `node` is `ancestor` or stands in it. */
bool toml_node_is_within(const TomlNode *node, const TomlNode *ancestor);
/* "a string", "a table", ... for messages. */
const char *toml_node_type(const TomlNode *node);
void toml_key_parts_free(GArray *parts);

/* toml_path.c */
typedef struct {
    char *key; /* owned; NULL: an index */
    size_t index;
} TomlPathPart;

typedef struct {
    TomlPathPart *parts;
    size_t n_parts;
} TomlPath;

TomlPath *toml_path_parse(const char *text, GError **error);
void toml_path_free(TomlPath *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TomlPath, toml_path_free)
/* Follows the path as far as it goes; `out_depth` is the number of parts that were found. */
TomlNode *toml_path_walk(TomlDocument *document, const TomlPath *path, size_t *out_depth);
/* The first `n_parts` parts as text. New string. */
char *toml_path_text(const TomlPath *path, size_t n_parts);

/* toml_edit.c */

/* One change of the text: [start, end) becomes `text`. */
typedef struct {
    size_t start, end;
    char *text; /* owned */
} TomlChange;

/* Array of TomlChange. */
GArray *toml_changes_new(void);
/* Takes `text`. */
void toml_changes_add(GArray *changes, size_t start, size_t end, char *text);
/* Applies changes that do not overlap, if the result reads as `intended`; else an error and no
 * change. */
bool toml_apply(TomlDocument *document, GArray *changes, const json_t *intended, GError **error);
/* The document's tree once more, to be changed (json_deep_copy() of jansson 2.14 cuts keys at NUL).
 * New reference. */
json_t *toml_copy_json(const TomlDocument *document);
/* The first byte after a byte order mark. */
size_t toml_text_start(const char *text);
/* Where the line of a byte starts, and where the next one does. */
size_t toml_line_start(const TomlDocument *document, size_t at);
size_t toml_line_next(const TomlDocument *document, size_t at);
/* The first character of a line that is not a blank: '#' for a comment, '\n' for an empty line. */
char toml_line_first(const TomlDocument *document, size_t line);
/* The line end of the document: that of its first line. */
const char *toml_newline(const TomlDocument *document);
/* The last entry of a table or inline table, or NULL. */
const TomlEntry *toml_last_entry(const TomlDocument *document, const TomlNode *scope);
/* Where the line after the section's last entry (or its header) starts. */
size_t toml_section_end(const TomlDocument *document, const TomlSection *section);
