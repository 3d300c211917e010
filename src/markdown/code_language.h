/*
 * markdown/code_language.h: what a highlighter must know of a programming language: one row each.
 *
 *     const CodeLanguage *language = code_language_find("python title=x.py");   // or NULL
 */
#pragma once

typedef enum {
    CODE_IGNORES_CASE = 1 << 0,   /* keywords: SQL */
    CODE_SPACED_COMMENT = 1 << 1, /* "#" begins a comment only behind a space: shell, YAML */
    CODE_DIRECTIVES = 1 << 2,     /* "#include" at the start of a line */
    CODE_KEYS_COLON = 1 << 3,     /* "key:" */
    CODE_KEYS_EQUALS = 1 << 4,    /* "key =", "[section]" */
    CODE_DIFF = 1 << 5,           /* what a line begins with says all */
    CODE_DOUBLED_QUOTES = 1 << 6, /* a quote is written twice, a backslash is one */
} CodeLanguageFlags;

typedef struct {
    const char *names;         /* as they stand behind a fence, between spaces: " c h " */
    const char *keywords;      /* between spaces: " break case " */
    const char *line_comments; /* that begin one: "// #", by spaces; "" = none */
    const char *block_begin;   /* of a comment, or NULL */
    const char *block_end;
    const char *quotes;      /* of strings that end with their line */
    const char *long_quotes; /* of strings that go on, by spaces; each ends as it began */
    unsigned flags;          /* CodeLanguageFlags */
} CodeLanguage;

/* By the first word of what stands behind a fence, in any case. NULL when it is not known. */
const CodeLanguage *code_language_find(const char *info);
