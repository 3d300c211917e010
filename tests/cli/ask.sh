#!/bin/sh
# `localgpt ask` with the real local model: what it prints where, what it keeps, how it fails.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
sessions=$HOME/.local/state/localgpt/agents/main/sessions

session_file() { # prefix
    find "$sessions" -name "$1*.jsonl"
}
member() { # JSON member of stdout
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$HOME_DIR/out" "$1"
}
lines_are_json() { # description
    if python3 -c 'import json, sys; [json.loads(l) for l in open(sys.argv[1])]' "$HOME_DIR/out" 2>"$HOME_DIR/why"; then
        ok "$1"
    else
        not_ok "$1" "$(cat "$HOME_DIR/why")"
    fi
}

run ask "hello"
status_is 4 "without a model the exit status is 4"
has "$ERR" "localgpt model pull" "... and the next step is named"
is "$OUT" "" "... and nothing is on stdout"
run ask -f json "hello"
json_is_valid "... and as JSON it is one document"
has "$OUT" '"ok":false' "... that says no"
is "$(find "$HOME" -name '*.jsonl')" "" "a question nobody can answer leaves no session behind"

"$root/tools/install-model" >/dev/null || not_ok "the model can be installed" "tools/install-model failed"

run ask What is the capital of France?
status_is 0 "a question is answered"
has "$OUT" "Paris" "... by the local model"
has "$ERR" "tiny built-in model, may be wrong" "... which says what it is"
has "$ERR" "localgpt model pull" "... and how to get a better one"
is "$(find "$HOME" -type f | grep -v -e '^[^ ]*/\.local/share/localgpt/' -e '/\.local/state/localgpt/' -e '/\.cache/localgpt/')" "" \
    "nothing is written outside the program's folders"

run ask -f json "What is the capital of France?"
status_is 0 "-f json works"
json_is_valid "... and is one document"
id=$(member session)
file=$(session_file "$id")
is "$(stat -c %a "$file")" 600 "the session file is private"
is "$(grep -c '"type":"message"' "$file")" 2 "... and holds question and answer"
run ask --session "$(echo "$id" | cut -c1-8)" -f json "And of Italy?"
status_is 0 "a session goes on by a prefix of its id"
is "$(grep -c '"type":"message"' "$file")" 4 "... in the same file"
hasnt "$ERR" "tiny built-in model" "... and the tiny model has introduced itself only once"

run ask -f stream-json "What is the capital of France?"
lines_are_json "stream-json is one JSON document a line"
is "$(python3 - "$HOME_DIR/out" <<'END'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
text = "".join(e["delta"] for e in events if e["type"] == "text")
print(events[0]["type"], events[-1]["type"], text.strip() == events[-1]["text"].strip())
END
)" "start done True" "... from start to done, and the pieces make the whole"

printf 'What is the capital of France?' | "$LOCALGPT" -q ask - >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 0 "ask - takes the question from standard input"
has "$(cat "$HOME_DIR/out")" "Paris" "... and answers it"

printf 'The secret word is marmalade.\n' | "$LOCALGPT" -q ask -f json "Repeat this." >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 0 "text on standard input is attached to the question"
file=$(session_file "$(member session)")
has "$(sed -n 2p "$file")" '{"origin":"file","integrity":"untrusted","secrecy":"public","source":"standard input"}' \
    "... labelled as a file's, untrusted"
has "$(sed -n 2p "$file")" '"labels":[{"origin":"owner","integrity":"trusted"' "... beside the owner's own words"
has "$(sed -n 3p "$file")" '"integrity":"untrusted"' "... and the answer inherits the label"

CLICOLOR_FORCE=1 "$LOCALGPT" ask "hi" >"$HOME_DIR/out" 2>/dev/null </dev/null
is "$(tr -dc '\033\r' <"$HOME_DIR/out" | wc -c)" 0 "a piped answer has no control characters"

run ask ""
status_is 2 "an empty question is a mistake of usage"
run ask --session nope "hi"
status_is 7 "an unknown session is not found"
run ask -m nope "hi"
status_is 7 "an unknown model is not found"
run ask --max-turns 0 "hi"
status_is 2 "no turns at all is a mistake of usage"
run -q ask --max-turns 1 "What is the capital of France?"
status_is 0 "--max-turns 1 is enough for an answer without tools"
run ask -f yaml "hi"
status_is 2 "an unknown format is a mistake of usage"

run ask "$(head -c 60000 /dev/zero | tr '\0' 'x')"
status_is 8 "a question longer than the window is refused, not cut"
has "$ERR" "tokens" "... with the numbers"

run config set memory.workspace '${LOCALGPT_TEST_NOTES}/notes'
run ask "hi"
status_is 3 "a workspace that names a variable nobody set is told"
has "$ERR" "LOCALGPT_TEST_NOTES" "... by its name"
LOCALGPT_TEST_NOTES=$HOME run -q ask "hi"
status_is 0 "... and with the variable it is a folder"
run config unset memory.workspace

mkfifo "$HOME_DIR/never"
sleep 60 >"$HOME_DIR/never" &
sleeper=$!
"$LOCALGPT" --timeout 1 ask - <"$HOME_DIR/never" >/dev/null 2>"$HOME_DIR/err"
is "$?" 124 "--timeout ends a wait for standard input with 124"
kill "$sleeper"

( "$LOCALGPT" ask "Tell me about rain." 2>/dev/null </dev/null; echo $? >"$HOME_DIR/rc" ) | true
is "$(cat "$HOME_DIR/rc")" 141 "a closed stdout ends it quietly with 141"

if unshare -rn true 2>/dev/null; then
    unshare -rn "$LOCALGPT" -q ask "What is the capital of France?" >"$HOME_DIR/out" 2>"$HOME_DIR/err" </dev/null
    is "$?" 0 "with no network at all it answers all the same"
    has "$(cat "$HOME_DIR/out")" "Paris" "... rightly"
else
    not_ok "with no network at all it answers all the same" "unshare -rn does not work here"
fi
printf 'The code word is heron.\n' >"$HOME_DIR/note.txt"
printf '\211PNG\r\n\032\n' >"$HOME_DIR/picture"
run ask -i "$HOME_DIR/note.txt" -i "$HOME_DIR/note.txt" "What is the capital of France?"
status_is 0 "files go along with a question"
is "$(grep -c 'The code word is heron' "$(ls -t "$HOME"/.local/state/localgpt/agents/main/sessions/*.jsonl | head -1)")" 1 "... and are in the session"
run ask -i "$HOME_DIR/nothing.txt" "Hello?"
status_is 7 "a file that is not there is an error"
has "$ERR" "nothing.txt" "... that names it"
run ask -i "$HOME_DIR/picture" "What is this?"
status_is 2 "an image is refused by a model that takes none"
has "$ERR" "takes no images" "... and the error says so"
done_testing
