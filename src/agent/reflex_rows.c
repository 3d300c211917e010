/* agent/reflex_rows.c: the table. The order counts: the first row that fires is asked first. */
#include <stddef.h>

#include "agent/reflex-private.h"

/* clang-format off */
static const ReflexPattern status_patterns[] = {
    { LANGUAGE_EN, "[show|tell me|what is] [me] [your|the] status" },
    { LANGUAGE_EN, "how are you (set up|configured)" },
    { LANGUAGE_EN, "(what|which) model (are you|do you use|are you using|is this|is answering)" },
    { LANGUAGE_EN, "(who|what) are you" },
    { LANGUAGE_EN, "are you (offline|online|local|private)" },
    { LANGUAGE_DE, "(welches modell (bist du|benutzt du|ist das)|wer bist du|was bist du|bist du (offline|online|lokal))" },
    { 0 }
};
static const ReflexPattern manual_patterns[] = {
    { LANGUAGE_EN, "[localgpt] how (do|can|could|would|should) (i|you|one|we) {topic}" },
    { LANGUAGE_EN, "how to {topic}" },
    { LANGUAGE_EN, "(where|what) (is|are) (your|the) {topic}" },
    { LANGUAGE_EN, "(can|could|do|does) (you|localgpt|this program) {topic}" },
    { LANGUAGE_EN, "what can (you|i) do [here|with you]" },
    { LANGUAGE_EN, "[i need] help [me] [with|on] {topic}" },
    { LANGUAGE_EN, "(help|help me)" },
    { LANGUAGE_EN, "what (does|is) [the] [command|setting|option] {topic} [do|for|mean]" },
    { LANGUAGE_DE, "wie (kann|soll) ich {topic}" },
    { LANGUAGE_DE, "(hilfe|was kannst du)" },
    { 0 }
};

const ReflexRow reflex_rows[] = {
    { .name = "arithmetic", .summary = "sums, percentages, powers and roots", .source = "computed",
      .claims = reflex_claims_arithmetic, .act = reflex_compute,
      .examples = { "what is 3+4*2", "15% of 80", "was ist zwölf mal drei" },
      .near_misses = { "I have 3 + 4 cats", "what is 9/11", "call 555-1234" } },
    { .name = "units", .summary = "lengths, weights, temperatures, data and more in other units", .source = "computed",
      .claims = reflex_claims_units, .act = reflex_compute,
      .examples = { "5 km in miles", "how many feet are in a mile?", "was sind 20 Grad Celsius in Fahrenheit" },
      .near_misses = { "I ran 5 km in the rain", "meet me in 5 minutes", "the walk is a mile in all" } },
    { .name = "calendar", .summary = "days, dates, weeks and feasts", .source = "computed",
      .claims = reflex_claims_calendar, .act = reflex_compute,
      .examples = { "what day is 90 days from 3 March", "how many days until Christmas?", "welcher Tag ist heute" },
      .near_misses = { "see you tomorrow", "I will be there in ten days", "Christmas was nice" } },
    { .name = "clock", .summary = "the time here and elsewhere, and spans of time", .source = "computed",
      .claims = reflex_claims_clock, .act = reflex_compute,
      .examples = { "what time is it in Tokyo", "how long is it from 9:30 to 17:15", "wie spät ist es" },
      .near_misses = { "time flies", "we had a great time in Paris", "lunch is at 12:30" } },
    { .name = "status", .summary = "what this program is and how it is set up", .source = "status",
      .patterns = status_patterns, .act = reflex_status,
      .examples = { "which model are you using?", "are you offline", "wer bist du" },
      .near_misses = { "who are they", "the model is late", "what is the status of the Berlin project" } },
    { .name = "manual", .summary = "how this program is used, from its manual", .source = "manual", .flags = REFLEX_GUESSES,
      .patterns = manual_patterns, .act = reflex_manual,
      .examples = { "how do I change the model?", "how can I get a better model", "what can you do" },
      .near_misses = { "I change the model every day", "the manual is long", "she showed me how" } },
    { 0 }
};
/* clang-format on */
