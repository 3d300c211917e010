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

static const ReflexPattern undo_patterns[] = {
    { LANGUAGE_EN, "[please] (undo|revert|take back) [that|it|this|the last change|what you did] [please]" },
    { LANGUAGE_EN, "[please] take (that|it) back" },
    { LANGUAGE_DE, "[bitte] (mach|mache|nimm) (das|es) (rückgängig|zurück)" },
    { 0 }
};
static const ReflexPattern correct_patterns[] = {
    { LANGUAGE_EN, "(no|wrong|that's wrong|that is wrong|not quite|correction) (it|that|he|she|this) (is|was) {value}" },
    { LANGUAGE_EN, "(no|wrong|that's wrong|correction) (it's|its|that's|he's|she's) {value}" },
    { LANGUAGE_EN, "(no|wrong|that's wrong|correction) they (are|were) {value}" },
    { LANGUAGE_EN, "[no] (actually|correction) my {thing} (is|are) [now] {value}" },
    { LANGUAGE_EN, "no my {thing} (is|are) {value}" },
    { LANGUAGE_EN, "(correct|change) (it|that) to {value}" },
    { LANGUAGE_EN, "it should be {value}" },
    { LANGUAGE_DE, "(nein|falsch|stimmt nicht) (es|er|sie|das) (ist|war) {value}" },
    { LANGUAGE_DE, "(nein|eigentlich) (mein|meine) {thing} (ist|sind) {value}" },
    { 0 }
};
static const ReflexPattern forget_patterns[] = {
    { LANGUAGE_EN, "[please] forget (that|about|what i said about|the note about|my note about|everything about) {fact}" },
    { LANGUAGE_EN, "[please] (delete|remove|erase) (the|my) (note|notes) (about|on|that|of) {fact}" },
    { LANGUAGE_DE, "[bitte] vergiss (dass|das mit|die notiz über|die notiz zu) {fact}" },
    { LANGUAGE_DE, "[bitte] (lösch|lösche) (die|meine) (notiz|notizen) (über|zu|von) {fact}" },
    { 0 }
};
static const ReflexPattern remember_patterns[] = {
    { LANGUAGE_EN, "[please|can you|could you] (remember|note|note down|write down|jot down|keep in mind|make a note|take a note|don't forget|do not forget) that {fact}" },
    { LANGUAGE_EN, "[please|can you|could you] remember [this|the following] for me {fact}" },
    { LANGUAGE_EN, "[please] [remember|note|note down|write down|jot down] [this|the following] (remember:|note:|down:|this:|following:|reminder:|self:) {fact}" },
    { LANGUAGE_EN, "[please] (remember:|note:|memo:) {fact}" },
    { LANGUAGE_EN, "[please] note to self [that] {fact}" },
    { LANGUAGE_EN, "[please|can you|could you] (remember|note|note down|write down|jot down|keep in mind|don't forget|do not forget) {said}" },
    { LANGUAGE_EN, "[please] (remember this|remember something|make a note|take a note)" },
    { LANGUAGE_DE, "[bitte] (merk|merke) dir [bitte] (dass|folgendes|das) {fact}" },
    { LANGUAGE_DE, "[bitte] (merk|merke) dir {said}" },
    { LANGUAGE_DE, "[bitte] (merke:|notiz:|notiere:|notier:|dir:) {fact}" },
    { LANGUAGE_DE, "[bitte] (notier|notiere|schreib auf|schreibe auf|denk daran|vergiss nicht) [bitte] dass {fact}" },
    { LANGUAGE_DE, "[bitte] (notier|notiere|schreib auf|schreibe auf) {said}" },
    { 0 }
};
static const ReflexPattern day_patterns[] = {
    { LANGUAGE_EN, "what did i (write|note|note down|log|jot down) [down] [on] {day}" },
    { LANGUAGE_EN, "what did i do [on] {day}" },
    { LANGUAGE_EN, "what happened [on] {day}" },
    { LANGUAGE_EN, "[show|show me|read|what are] [me] [my|the] notes (of|from|for|on) {day}" },
    { LANGUAGE_DE, "was habe ich [am] {day} (geschrieben|notiert|gemacht|aufgeschrieben)" },
    { LANGUAGE_DE, "[zeig|zeige] [mir] [meine|die] notizen (vom|von|für) {day}" },
    { 0 }
};
static const ReflexPattern session_patterns[] = {
    { LANGUAGE_EN, "what did we (talk|speak|chat|discuss) [about] [on] {day}" },
    { LANGUAGE_EN, "what (were we|was i) (talking|chatting|asking) [you] [about] [on] {day}" },
    { LANGUAGE_EN, "what did i (ask|tell) you [on] {day}" },
    { LANGUAGE_DE, "worüber haben wir [am] {day} (gesprochen|geredet)" },
    { LANGUAGE_DE, "was haben wir [am] {day} besprochen" },
    { 0 }
};
static const ReflexPattern recall_patterns[] = {
    { LANGUAGE_EN, "what do you (know|remember) (about|of) {topic}" },
    { LANGUAGE_EN, "do you (know|remember) (my|our) {topic}" },
    { LANGUAGE_EN, "what did i (say|tell you|write|note|note down|write down) about {topic}" },
    { LANGUAGE_EN, "(have|did) i (noted|written|told you|write|note|tell you) (anything|something) about {topic}" },
    { LANGUAGE_EN, "(find|search|show|show me|look for|look up) [me] [all] [my|the] (note|notes) (about|on|for|with|of) {topic}" },
    { LANGUAGE_EN, "(search|look in|look through) [my|the] (notes|memory) for {topic}" },
    { LANGUAGE_EN, "what do my notes say about {topic}" },
    { LANGUAGE_EN, "[please|can you] tell me [about] (my|our) {topic}" },
    { LANGUAGE_EN, "[please|can you] remind me (of|about) {topic}" },
    { LANGUAGE_EN, "(search|find in) my (notes|memory)" },
    { LANGUAGE_DE, "was weißt du (über|von) {topic}" },
    { LANGUAGE_DE, "was habe ich über {topic} (gesagt|geschrieben|notiert|erzählt)" },
    { LANGUAGE_DE, "(suche|such|finde|zeig|zeige) [mir] [meine|die] notizen (über|zu|nach|mit) {topic}" },
    { 0 }
};

static const ReflexPattern list_patterns[] = {
    { LANGUAGE_EN, "[please] list [all] [the|my] (files|workspace) [in [the] [folder] {folder}]" },
    { LANGUAGE_EN, "(what|which) files (are there|do i have|are here|are) [in [the] [folder] {folder}]" },
    { LANGUAGE_EN, "show [me] [all] [the|my] files [in [the] [folder] {folder}]" },
    { LANGUAGE_EN, "what is in [the] folder {folder}" },
    { LANGUAGE_DE, "(liste|zeig|zeige) [mir] [alle] [die|meine] dateien [in [dem] [ordner] {folder}] [auf]" },
    { LANGUAGE_DE, "welche dateien (gibt es|habe ich|sind) [in [dem] [ordner] {folder}]" },
    { 0 }
};
static const ReflexPattern read_patterns[] = {
    { LANGUAGE_EN, "[please] (read|show|show me|open|display|print|cat) [me] [the] [file|contents of] {path}" },
    { LANGUAGE_EN, "(what is|what's) in [the] [file] {path}" },
    { LANGUAGE_EN, "what does [the] [file] {path} (say|contain)" },
    { LANGUAGE_DE, "[bitte] (lies|zeig|zeige|öffne) [mir] [die] [datei] {path} [vor]" },
    { LANGUAGE_DE, "was steht in [der] [datei] {path}" },
    { 0 }
};
static const ReflexPattern search_patterns[] = {
    { LANGUAGE_EN, "[please] (search|look) [in|through] [all] [the|my] files for {words}" },
    { LANGUAGE_EN, "[please] (search for|find|grep|look for|grep for) {words} in [all] [the|my] files" },
    { LANGUAGE_EN, "(which|what) [of my] files (contain|mention|have|say) {words}" },
    { LANGUAGE_EN, "in which (file|files) is {words}" },
    { LANGUAGE_DE, "[bitte] (suche|such) [in] [den|meinen] dateien nach {words}" },
    { LANGUAGE_DE, "welche dateien enthalten {words}" },
    { 0 }
};
static const ReflexPattern append_patterns[] = {
    { LANGUAGE_EN, "[please] (append|add) [the] [line|text|words] {content} to [the] [end of] [the] [file|list] {path}" },
    { LANGUAGE_DE, "[bitte] (füg|füge|häng|hänge) {content} (zu|an) [der] [datei] {path} [hinzu|an]" },
    { 0 }
};
static const ReflexPattern write_patterns[] = {
    { LANGUAGE_EN, "[please] (create|make|write) [a|the] [new] file [called|named] {path} (with|containing|saying) [the] [text|content|words|line] {content}" },
    { LANGUAGE_EN, "[please] (write|save|put) [the] [text|words|line] {content} (to|into|as|in) [the|a] [new] [file] {path}" },
    { LANGUAGE_DE, "[bitte] (erstelle|erstell|schreib|schreibe) [eine] [neue] datei [namens] {path} mit [dem] [text|inhalt] {content}" },
    { LANGUAGE_DE, "[bitte] (schreib|schreibe|speichere) {content} (in|nach|als) [die] [datei] {path}" },
    { 0 }
};
static const ReflexPattern run_patterns[] = {
    { LANGUAGE_EN, "[please|can you] (run|execute) [the] [command] {command}" },
    { LANGUAGE_EN, "what does [the] [command] {command} (print|say|output)" },
    { LANGUAGE_DE, "[bitte] (führe|führ) [den] [befehl] {command} aus" },
    { LANGUAGE_DE, "[bitte] (starte|start) [den] [befehl] {command}" },
    { 0 }
};
static const ReflexPattern fetch_patterns[] = {
    { LANGUAGE_EN, "[please|can you] (fetch|get|open|read|download|show|show me|load) [me] [the] [page|site|website|url|article] [at] {url}" },
    { LANGUAGE_EN, "what (is|does) [the] [page] {url} [say|about]" },
    { LANGUAGE_DE, "[bitte] (lade|öffne|hole|zeig|zeige) [mir] [die] [seite] {url} [herunter]" },
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
    { .name = "fetch_page", .summary = "a page of the web", .source = "web", .flags = REFLEX_CHANGES,
      .patterns = fetch_patterns, .accepts = reflex_accepts_file, .act = reflex_fetch_page,
      .examples = { "fetch https://example.org/a", "please read the page http://localhost:8080/", "öffne die Seite https://example.org" },
      .near_misses = { "https://example.org is nice", "I read the page", "open the window" } },
    { .name = "append_file", .summary = "adds a line to a file", .source = "file", .flags = REFLEX_CHANGES,
      .patterns = append_patterns, .accepts = reflex_accepts_file, .act = reflex_append_file,
      .examples = { "append 'buy milk' to todo.txt", "add eggs to the file shopping.md", "füge Brot zu einkauf.txt hinzu" },
      .near_misses = { "add sugar to the coffee", "I want to add something to it", "this adds to my worries" } },
    { .name = "write_file", .summary = "writes a file", .source = "file", .flags = REFLEX_CHANGES,
      .patterns = write_patterns, .accepts = reflex_accepts_file, .act = reflex_write_file,
      .examples = { "create a file hello.txt with hello world", "write 'call Anna' to notes/today.md", "erstelle eine Datei gruss.txt mit Hallo" },
      .near_misses = { "write a poem about rain", "she wrote it to the end", "save the whales in the sea" } },
    { .name = "run_command", .summary = "runs a command in the sandbox", .source = "command", .flags = REFLEX_CHANGES,
      .patterns = run_patterns, .accepts = reflex_accepts_file, .act = reflex_run_command,
      .examples = { "run ls -la", "please run the command `make test`", "führe git status aus" },
      .near_misses = { "run to the shop", "I run make believe games", "execute the plan" } },
    { .name = "list_files", .summary = "the files of a folder", .source = "file",
      .patterns = list_patterns, .accepts = reflex_accepts_file, .act = reflex_list_files,
      .examples = { "list my files", "what files are in memory/", "welche Dateien gibt es" },
      .near_misses = { "list some ideas", "my files are a mess", "show me the way" } },
    { .name = "read_file", .summary = "what is in a file", .source = "file",
      .patterns = read_patterns, .accepts = reflex_accepts_file, .act = reflex_read_file,
      .examples = { "read MEMORY.md", "what is in notes/plan.txt?", "was steht in todo.txt" },
      .near_misses = { "read me a story", "what is in the box", "I read books" } },
    { .name = "search_files", .summary = "words in files", .source = "file",
      .patterns = search_patterns, .accepts = reflex_accepts_file, .act = reflex_search_files,
      .examples = { "search my files for invoice", "which files mention Anna", "suche in den Dateien nach Rechnung" },
      .near_misses = { "I searched for hours", "the files mention nothing", "look for a job" } },
    { .name = "undo", .summary = "takes back the last change to files", .source = "file", .flags = REFLEX_CHANGES,
      .patterns = undo_patterns, .act = reflex_undo,
      .examples = { "undo that", "take it back", "mach das rückgängig" },
      .near_misses = { "undo is a nice feature", "I want to undo my mistakes in life", "she took it back to the shop" } },
    { .name = "correct", .summary = "changes a note that was wrong", .source = "memory", .flags = REFLEX_CHANGES,
      .patterns = correct_patterns, .accepts = reflex_accepts_value, .act = reflex_correct,
      .examples = { "no, it is red", "actually, my bike is red", "nein, es ist rot" },
      .near_misses = { "is it red?", "no, that is wrong", "no thanks" } },
    { .name = "forget", .summary = "removes a note", .source = "memory", .flags = REFLEX_CHANGES,
      .patterns = forget_patterns, .accepts = reflex_accepts_forgotten, .act = reflex_forget,
      .examples = { "forget that my bike is blue", "delete the note about the dentist", "vergiss dass ich Tee mag" },
      .near_misses = { "forget it", "I always forget that name", "don't forget about me" } },
    { .name = "remember", .summary = "keeps a note, word for word", .source = "memory", .flags = REFLEX_CHANGES,
      .patterns = remember_patterns, .accepts = reflex_accepts_fact, .act = reflex_remember, .asked = "remember that %s",
      .examples = { "remember that my bike is blue", "please note: the train leaves at 20:15", "merk dir, dass ich Tee mag" },
      .near_misses = { "do you remember me", "I can't remember the name", "remember when we met?" } },
    { .name = "sessions", .summary = "what was talked about on a day", .source = "sessions",
      .patterns = session_patterns, .accepts = reflex_accepts_day, .act = reflex_sessions_of_day,
      .examples = { "what did we talk about on Monday", "what did I ask you yesterday", "worüber haben wir am Montag gesprochen" },
      .near_misses = { "what did we talk about", "we talked on Monday", "what did they discuss on Monday" } },
    { .name = "day", .summary = "the notes of a day", .source = "memory",
      .patterns = day_patterns, .accepts = reflex_accepts_day, .act = reflex_notes_of_day,
      .examples = { "what did I write on Monday?", "show me my notes of 3 March", "was habe ich gestern notiert" },
      .near_misses = { "I wrote on Monday", "what happened in Rome", "the notes of the song" } },
    { .name = "recall", .summary = "notes about something, word for word", .source = "memory",
      .patterns = recall_patterns, .act = reflex_recall_topic, .asked = "what do you know about %s",
      .examples = { "what do you know about my bike", "search my notes for the train", "was weißt du über Anna" },
      .near_misses = { "I know about it", "do you know Paris", "what do they know" } },
    { .name = "own_question", .summary = "a question about the owner, answered by a note or not at all", .source = "memory",
      .claims = reflex_claims_own_question, .act = reflex_recall_own,
      .examples = { "what is my favourite tea?", "where did I park the car", "wann ist mein Zahnarzttermin" },
      .near_misses = { "what should I cook tonight", "my bike is blue", "how do I cook rice" } },
    { .name = "manual", .summary = "how this program is used, from its manual", .source = "manual", .flags = REFLEX_GUESSES,
      .patterns = manual_patterns, .act = reflex_manual,
      .examples = { "how do I change the model?", "how can I get a better model", "what can you do" },
      .near_misses = { "I change the model every day", "the manual is long", "she showed me how" } },
    { .name = "question", .summary = "any question that a note answers well", .source = "memory", .flags = REFLEX_GUESSES,
      .claims = reflex_claims_question, .act = reflex_recall_any,
      .examples = { "when is Anna's birthday", "what is the wifi password", "wo liegt der Schlüssel" },
      .near_misses = { "Anna's birthday is soon", "tell me a joke", "thank you very much" } },
    { 0 }
};
/* clang-format on */
