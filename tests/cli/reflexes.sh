#!/bin/sh
# What is answered without a model, through the real program: who answered and from where, what each mode
# allows, and how it is switched off.
. "$(dirname "$0")/lib.sh"
today=$(date +%Y-%m-%d)
notes=$HOME/.local/share/localgpt/workspace/memory/$today.md

run ask "what is 15% of 240?"
status_is 0 "a sum needs no model"
is "$OUT" "15% of 240 = 36" "stdout is the answer"
is "$ERR" "" "stderr is silent"
run ask -f json "what is 15% of 240?"
is "$(json_get source)" computed "its source"
is "$(json_get model)" reflex/arithmetic "and who answered"
run ask "tell me a story"
status_is 4 "talk needs a model, and there is none"

run ask --mode plan "remember that my bike is blue"
status_is 6 "mode plan: nothing is written"
has "$ERR" "mode 'plan' changes nothing" "and it says why"
is "$(cat "$notes" 2>/dev/null)" "" "there is no note"
run ask "remember that my bike is blue"
status_is 0 "a note is kept"
has "$(cat "$notes")" "my bike is blue" "word for word"
run ask -f json "what is my bike?"
is "$(json_get source)" memory "a note is found"
has "$(json_get text)" "memory/$today.md#L" "with its place"
run ask "what is my shoe size?"
is "$OUT" "I have no note about that." "what no note says is declined"
run ask "actually, my bike is red"
has "$(cat "$notes")" "my bike is red" "a note is corrected"
run ask "undo that"
has "$(cat "$notes")" "my bike is blue" "and put back"
hasnt "$(cat "$notes")" "red" "wholly"

run ask "write hello to a.txt"
has "$OUT" "needs the owner's approval" "a file is only written with leave"
run ask --mode edits "write hello to a.txt"
is "$(cat "$HOME/.local/share/localgpt/workspace/a.txt")" "hello" "with leave it is"
run ask "read a.txt"
is "$OUT" "a.txt:
hello" "and read"

ws=$HOME/.local/share/localgpt/workspace
: >"$ws/empty.txt"
run ask --mode edits "append one to empty.txt"
is "$(cat "$ws/empty.txt")" "one" "an empty file gets its first line"
run ask --mode edits "append two to none.txt"
is "$(cat "$ws/none.txt")" "two" "and so does one that was not there"
{ head -c 9000 /dev/zero | tr '\0' l; printf '\r\n\377 ill-formed'; } >"$ws/odd.txt"
{ cat "$ws/odd.txt"; printf '\nmore\n'; } >"$HOME_DIR/expected"
run ask --mode edits "append more to odd.txt"
cmp -s "$ws/odd.txt" "$HOME_DIR/expected"
is "$?" 0 "what stood there stays, byte for byte"

printf 'what is 2+2\n/why\n' | "$LOCALGPT" chat --plain >"$HOME_DIR/out" 2>&1
has "$(cat "$HOME_DIR/out")" "reflex 'arithmetic'" "/why names the row"

run config set agent.reflexes off
run ask "what is 15% of 240?"
status_is 4 "switched off, all is for a model"
done_testing
