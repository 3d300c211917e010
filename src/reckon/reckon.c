/* reckon/reckon.c: what all requests share: the words around them. */
#include "reckon/reckon.h"

#include <string.h>

void reckon_answer_clear(ReckonAnswer *answer) {
    g_clear_pointer(&answer->text, g_free);
    g_clear_pointer(&answer->value, g_free);
    g_clear_pointer(&answer->how, g_free);
}

typedef struct {
    const char *words; /* lower case */
    int language;      /* LanguageId; -1: of none in particular */
    bool asks;         /* a request for a result; the others are courtesy */
} Frame;

/* clang-format off */
static const Frame before[] = {
    { "what is the result of", LANGUAGE_EN, true }, { "what is the value of", LANGUAGE_EN, true },
    { "what is", LANGUAGE_EN, true },       { "what's", LANGUAGE_EN, true },
    { "whats", LANGUAGE_EN, true },         { "what are", LANGUAGE_EN, true },
    { "what does", LANGUAGE_EN, true },     { "how much is", LANGUAGE_EN, true },
    { "how much are", LANGUAGE_EN, true },  { "how many is", LANGUAGE_EN, true },
    { "calculate", LANGUAGE_EN, true },     { "compute", LANGUAGE_EN, true },
    { "work out", LANGUAGE_EN, true },      { "evaluate", LANGUAGE_EN, true },
    { "solve", LANGUAGE_EN, true },         { "please", LANGUAGE_EN, false },
    { "can you tell me", LANGUAGE_EN, false }, { "could you tell me", LANGUAGE_EN, false },
    { "can you", LANGUAGE_EN, false },      { "could you", LANGUAGE_EN, false },
    { "do you know", LANGUAGE_EN, false },  { "tell me", LANGUAGE_EN, false },
    { "hey", LANGUAGE_EN, false },          { "ok", -1, false },
    { "okay", -1, false },                  { "so", -1, false },
    { "und", LANGUAGE_DE, false },          { "and", LANGUAGE_EN, false },
    { "was ist", LANGUAGE_DE, true },       { "was sind", LANGUAGE_DE, true },
    { "was ergibt", LANGUAGE_DE, true },    { "was macht", LANGUAGE_DE, true },
    { "wie viel ist", LANGUAGE_DE, true },  { "wieviel ist", LANGUAGE_DE, true },
    { "wie viel sind", LANGUAGE_DE, true }, { "wieviel sind", LANGUAGE_DE, true },
    { "berechne", LANGUAGE_DE, true },      { "rechne aus", LANGUAGE_DE, true },
    { "rechne", LANGUAGE_DE, true },        { "bitte", LANGUAGE_DE, false },
    { "kannst du mir sagen", LANGUAGE_DE, false }, { "sag mir", LANGUAGE_DE, false },
    { "kannst du", LANGUAGE_DE, false },
};
static const Frame behind[] = {
    { "please", LANGUAGE_EN, false },   { "equal to", LANGUAGE_EN, true },
    { "equals", LANGUAGE_EN, true },    { "equal", LANGUAGE_EN, true },
    { "bitte", LANGUAGE_DE, false },    { "ausrechnen", LANGUAGE_DE, true },
    { "for me", LANGUAGE_EN, false },   { "=", -1, true },
};
/* clang-format on */

static void take_frame(const Frame *frame, LanguageId *out_language, bool *out_is_asked) {
    if (frame->language >= 0) *out_language = (LanguageId)frame->language;
    *out_is_asked |= frame->asks;
}

static bool starts_word(const char *text, size_t length) {
    char c = text[length];
    return c == '\0' || g_ascii_isspace(c) || c == ',' || c == ':';
}

static bool strip_start(char **text, LanguageId *out_language, bool *out_is_asked) {
    for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
        size_t length = strlen(before[i].words);
        if (g_ascii_strncasecmp(*text, before[i].words, length) != 0) continue;
        if (!starts_word(*text, length)) continue;
        take_frame(&before[i], out_language, out_is_asked);
        *text += length;
        *text += strspn(*text, " ,:\t");
        return true;
    }
    return false;
}

static bool strip_end(char *text, LanguageId *out_language, bool *out_is_asked) {
    size_t length = strlen(text);
    while (length > 0 && strchr(" ?!.\t\n,", text[length - 1]) != NULL) length--;
    text[length] = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(behind); i++) {
        size_t tail = strlen(behind[i].words);
        if (length <= tail || g_ascii_strcasecmp(text + length - tail, behind[i].words) != 0)
            continue;
        bool is_word = behind[i].words[0] == '=' || text[length - tail - 1] == ' ';
        if (!is_word) continue;
        take_frame(&behind[i], out_language, out_is_asked);
        text[length - tail] = '\0';
        return true;
    }
    return false;
}

char *reckon_core(const char *request, LanguageId *out_language, bool *out_is_asked) {
    g_autofree char *copy = g_strstrip(g_strdup(request));
    g_auto(GStrv) quotes = g_strsplit(copy, "\xE2\x80\x99", -1);
    g_autofree char *plain = g_strjoinv("'", quotes);
    char *text = plain;
    *out_language = LANGUAGE_EN;
    *out_is_asked = false;
    while (strip_start(&text, out_language, out_is_asked)) continue;
    while (strip_end(text, out_language, out_is_asked)) continue;
    return g_strdup(text);
}
