#!/bin/sh
# A note that is saved while a chat runs is recalled one message later; the end of a chat is a note.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tool_model.sh"

WORKSPACE=$HOME/.local/share/localgpt/workspace
# Waits until a file has the text; the limit only ends a test that has failed.
appears() { # file, text, description
    n=0
    while ! grep -qF -e "$2" "$1" 2>/dev/null; do
        n=$((n + 1))
        if [ "$n" -gt 600 ]; then not_ok "$3" "$(cat "$1" "$HOME_DIR/err")"; return 1; fi
        sleep 0.05
    done
    ok "$3"
}

model '["Good morning.", [["memory_search", {"query": "where is the zither"}]], "In the attic, as you noted."]'
mkfifo "$HOME_DIR/keys"
"$LOCALGPT" --plain chat -m openai/gpt-4o <"$HOME_DIR/keys" >"$HOME_DIR/out" 2>"$HOME_DIR/err" &
chat=$!
exec 7>"$HOME_DIR/keys"
echo "Good morning, quokka friends" >&7
appears "$HOME_DIR/out" "Good morning." "the first message is answered"
mkdir -p "$WORKSPACE/knowledge"
echo "The zither stands in the attic behind the red suitcase." >"$WORKSPACE/knowledge/things.md"
echo "Please search my notes for the zither" >&7
appears "$HOME_DIR/out" "In the attic, as you noted." "so is the second"
has "$(request 2)" "behind the red suitcase" "the note that was saved in between reached the model"
has "$(request 2)" "knowledge/things.md" "with its place"
exec 7>&-
wait "$chat"
is "$?" 0 "the chat ends"

note=$WORKSPACE/memory/$(date +%F)-good-morning-quokka-friends.md
[ -f "$note" ] && ok "the end of a chat is a note" || not_ok "the end of a chat is a note" "$(ls -R "$WORKSPACE")"
[ -f "$WORKSPACE/SOUL.md" ] && ok "a new workspace has its files" || not_ok "a new workspace has its files" ""
run memory search "quokka friends" --mode words
has "$OUT" "good-morning-quokka-friends.md" "and is found by the next search"
run memory search --sessions --mode words "quokka friends"
has "$OUT" "session " "the conversation itself is found when it is asked for"

done_testing
