/* markdown/code_language.c: the languages, alphabetical. */
#include "markdown/code_language.h"

#include <stddef.h>
#include <string.h>

#include <glib.h>

#define C_WORDS                                                                                    \
    " auto bool break case char const continue default do double else enum extern false float for" \
    " goto if inline int long NULL register restrict return short signed sizeof static struct"     \
    " switch true typedef union unsigned void volatile while int8_t int16_t int32_t int64_t"       \
    " uint8_t uint16_t uint32_t uint64_t size_t ssize_t "

/* clang-format off */
static const CodeLanguage languages[] = {
    { .names = " c h objc ",
      .keywords = C_WORDS,
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "",
      .flags = CODE_DIRECTIVES },
    { .names = " c++ cc cpp cxx hpp cuda ",
      .keywords = C_WORDS " alignas and catch class concept consteval constexpr constinit co_await co_return"
                  " co_yield decltype delete explicit final friend mutable namespace new noexcept not nullptr"
                  " operator or override private protected public requires static_assert template this throw"
                  " try typename using virtual string vector ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "",
      .flags = CODE_DIRECTIVES },
    { .names = " diff patch ", .keywords = "", .line_comments = "", .quotes = "", .long_quotes = "",
      .flags = CODE_DIFF },
    { .names = " go golang ",
      .keywords = " any append bool break byte case chan const continue default defer else error fallthrough"
                  " false float32 float64 for func go goto if import int int32 int64 interface len make map"
                  " new nil package panic range return rune select string struct switch true type uint uint64"
                  " var ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "`" },
    { .names = " java kotlin kt scala csharp cs c# ",
      .keywords = " abstract assert async await boolean break byte case catch char class const continue default do"
                  " double else enum extends false final finally float for fun if implements import in"
                  " instanceof int interface is long namespace native new null object override package private"
                  " protected public record return sealed short static string String super switch"
                  " synchronized this throw throws true try using val var void volatile when while yield ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "\"\"\"" },
    { .names = " javascript js jsx mjs cjs node typescript ts tsx ",
      .keywords = " abstract any as async await boolean break case catch class const continue debugger declare"
                  " default delete do else enum export extends false finally for from function get if"
                  " implements import in instanceof interface keyof let new null number of private protected"
                  " public readonly return satisfies set static string super switch this throw true try type"
                  " typeof undefined unknown var void while with yield ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "`" },
    { .names = " json jsonc json5 jsonl ",
      .keywords = " false null true ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"", .long_quotes = "",
      .flags = CODE_KEYS_COLON },
    { .names = " python py python3 pycon ",
      .keywords = " and as assert async await break case class continue def del elif else except False finally"
                  " for from global if import in is lambda match None nonlocal not or pass raise return self"
                  " True try while with yield ",
      .line_comments = "#", .quotes = "\"'", .long_quotes = "\"\"\" '''" },
    { .names = " rust rs ",
      .keywords = " as async await bool break char const continue crate dyn else enum extern f32 f64 false fn"
                  " for i16 i32 i64 i8 if impl in isize let loop match mod move mut None Ok Err Option pub ref"
                  " Result return Self self Some static str String struct super trait true type u16 u32 u64 u8"
                  " unsafe use usize Vec where while ",
      .line_comments = "//", .block_begin = "/*", .block_end = "*/", .quotes = "\"", .long_quotes = "" },
    { .names = " sh bash shell zsh console shell-session ",
      .keywords = " alias break case cd continue do done echo elif else esac eval exec exit export fi for"
                  " function if in local printf read readonly return select set shift source sudo then trap"
                  " unset until while ",
      .line_comments = "#", .quotes = "\"'", .long_quotes = "", .flags = CODE_SPACED_COMMENT },
    { .names = " sql sqlite mysql postgres postgresql psql ",
      .keywords = " add all alter and as asc begin between by case cast check commit constraint create cross"
                  " default delete desc distinct drop else end exists explain foreign from full group having if"
                  " in index inner insert integer into is join key left like limit not null on or order outer"
                  " primary references returning right rollback select set table text then transaction trigger"
                  " union unique update using values view when where with ",
      .line_comments = "--", .block_begin = "/*", .block_end = "*/", .quotes = "\"'", .long_quotes = "",
      .flags = CODE_IGNORES_CASE | CODE_DOUBLED_QUOTES },
    { .names = " toml ini cfg conf properties ",
      .keywords = " false true ",
      .line_comments = "# ;", .quotes = "\"'", .long_quotes = "\"\"\" '''",
      .flags = CODE_KEYS_EQUALS | CODE_SPACED_COMMENT },
    { .names = " yaml yml ",
      .keywords = " false no null off on true yes ",
      .line_comments = "#", .quotes = "\"'", .long_quotes = "",
      .flags = CODE_KEYS_COLON | CODE_SPACED_COMMENT },
};
/* clang-format on */

const CodeLanguage *code_language_find(const char *info) {
    if (info == NULL) return NULL;
    info += strspn(info, " \t{.");
    size_t length = strcspn(info, " \t{},:");
    if (length == 0 || length > 20) return NULL;
    g_autofree char *name = g_ascii_strdown(info, (gssize)length);
    g_autofree char *wanted = g_strdup_printf(" %s ", name);
    for (size_t i = 0; i < G_N_ELEMENTS(languages); i++)
        if (strstr(languages[i].names, wanted) != NULL) return &languages[i];
    return NULL;
}
