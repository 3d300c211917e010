#!/bin/sh
# `localgpt chat`: typed by hand in tmux and fed by a pipe, with the real local model.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
sessions=$HOME/.local/state/localgpt/agents/main/sessions
n_starts=0
socket=chat-$$-0
screen() { tmux -L "$socket" capture-pane -p -S - 2>/dev/null; }
end_tmux() { tmux -L "$socket" kill-server 2>/dev/null; }
trap 'end_tmux; rm -rf "$HOME_DIR"' EXIT

start() { # arguments of localgpt
    end_tmux
    n_starts=$((n_starts + 1))
    socket=chat-$$-$n_starts # a server of its own: the last one may still be going
    tmux -L "$socket" -f /dev/null new-session -d -x 100 -y 40 \
        "env HOME='$HOME' TERM=xterm '$LOCALGPT' $*; echo \"rc=\$?\"; exec cat"
}
keys() { tmux -L "$socket" send-keys "$@"; }
# Waits until the screen has the text; the limit only ends a test that has failed.
appears() { # text, description
    n=0
    while ! screen | grep -qF -e "$1"; do
        n=$((n + 1))
        if [ "$n" -gt 600 ]; then not_ok "$2" "the screen has no '$1':
$(screen)"; return 1; fi
        sleep 0.05
    done
    ok "$2"
}
newest() { ls -t "$sessions"/*.jsonl | head -1; }

"$root/tools/install-model" >/dev/null || not_ok "the model can be installed" "tools/install-model failed"

start chat
appears "local/smollm2-135m (offline)" "the banner names the model and that it is offline"
appears "›" "a prompt is there"
keys "What is the capital of France?" Enter
appears "Paris" "a typed question is answered"
is "$(screen | grep -c 'tiny built-in model, may be wrong')" 1 "the tiny model introduces itself once"
keys "/hlep" Enter
appears "unknown command /hlep, did you mean /help?" "a mistyped command is told, with the right one"
keys "/help" Enter
appears "/context" "/help lists the commands"
keys "/status" Enter
appears "Messages:  2" "/status counts the messages"
keys "/context" Enter
appears "    identity" "/context shows where the tokens go"
keys "/model nope" Enter
appears "nope" "/model with an unknown name is an error"
keys "/model local" Enter
appears "Switched to model: local/smollm2-135m" "/model switches"
keys "/quit" Enter
appears "rc=0" "/quit ends with 0"
is "$(grep -c '"role":"assistant"' "$(newest)")" 1 "the session has the answer"
first=$(newest)

run config set agent.max_tokens 1500
status_is 0 "a long answer is allowed"
start chat --resume
appears "Resumed session $(basename "$first" | cut -c1-8) (2 messages)" "--resume goes on with the newest session"
keys "Write a very long story about a dragon, with many chapters." Enter
appears "ragon" "the answer streams"
n=0 # the story itself, beyond the words that were typed
while [ "$(screen | wc -w)" -lt 70 ] && [ "$n" -lt 600 ]; do n=$((n + 1)); sleep 0.05; done
keys C-c
appears "what was said is kept" "Ctrl-C stops the answer"
keys "/status" Enter
appears "Messages:  4" "... the conversation goes on, with the part in it"
has "$(tail -1 "$first")" '"stopReason":"aborted"' "... on disk it is marked as stopped"
keys C-d
appears "rc=0" "Ctrl-D ends with 0"

run config set agent.max_tokens 12
start chat
appears "›" "another chat is ready"
keys "Why is the sky blue?" Enter
appears "cut at its limit of 12 tokens" "an answer that was cut says so"
is "$(screen | grep -n -e '^The sky' -e 'cut at its limit' | sed 's/^[0-9]*:\(the answer\)\{0,1\}.*/\1/' | tr '\n' '|')" \
    "|the answer|" "... below what it is about"

start chat
appears "›" "a new chat is ready"
keys C-c
appears "press Ctrl-C again" "Ctrl-C at the prompt asks"
keys C-c
appears "rc=130" "... and twice ends with 130"

# Who asks for plain output gets lines: nothing is drawn, nothing moves, each speaker has a name.
plain() { # description, "environment", arguments
    end_tmux
    n_starts=$((n_starts + 1))
    socket=chat-$$-$n_starts
    tmux -L "$socket" -f /dev/null new-session -d -x 100 -y 40 \
        "read go; env HOME='$HOME' $2 '$LOCALGPT' $3; echo \"rc=\$?\"; exec cat"
    tmux -L "$socket" pipe-pane -o "cat >'$HOME_DIR/raw'"
    keys "" Enter
    appears "You:" "$1: a prompt is there"
    keys "What is the capital of France?" Enter
    appears "The capital of France is Paris." "... a question is answered"
    has "$(screen)" "Assistant: " "... the assistant has a name"
    keys C-d
    appears "rc=0" "... Ctrl-D ends"
    # The terminal itself echoes CR LF and ^D with its backspaces.
    is "$(sed 's/\r*$//' "$HOME_DIR/raw" | tr -dc '\033\r' | wc -c)" 0 "... nothing drives the terminal"
    is "$(grep -c -e '[─│┌└⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]' "$HOME_DIR/raw")" 0 "... nothing is drawn"
}
plain "--plain" "TERM=xterm" "chat --plain"
plain "NO_COLOR" "TERM=xterm NO_COLOR=1" "chat"
plain "TERM=dumb" "TERM=dumb" "chat"

printf 'What is the capital of France?\n\n/model\n' | "$LOCALGPT" chat --plain >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 0 "a pipe can chat too"
has "$(cat "$HOME_DIR/out")" "Assistant: The capital of France is Paris." "... plain output says who speaks"
has "$(cat "$HOME_DIR/out")" "Current model: local/smollm2-135m" "... commands work"
is "$(tr -dc '\033\r' <"$HOME_DIR/out" | wc -c)" 0 "... and nothing drives a terminal"
printf 'The code word is heron.\n' >"$HOME_DIR/note.txt"
printf 'a\000b' >"$HOME_DIR/blob"
printf '/attach %s\n/attachments\n/clear-attachments\n/attachments\n/sessions\n/save\n' "$HOME_DIR/note.txt" |
    "$LOCALGPT" chat --plain >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 0 "attachments can be managed"
has "$(cat "$HOME_DIR/out")" "Attached: $HOME_DIR/note.txt (24 bytes)" "... /attach tells what it took"
has "$(cat "$HOME_DIR/out")" "  1. [text] $HOME_DIR/note.txt (24 bytes)" "... /attachments lists it"
has "$(cat "$HOME_DIR/out")" "Cleared 1 attachment." "... and it can be taken back"
has "$(cat "$HOME_DIR/out")" "What is the capital of France?" "/sessions lists what was said before"
printf 'What does @%s say?\n/save\n' "$HOME_DIR/note.txt" |
    "$LOCALGPT" chat --plain >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 0 "a message may name a file"
has "$(cat "$HOME_DIR/err")" "file $HOME_DIR/note.txt (24 B)" "... it is told that it goes along"
has "$(cat "$(newest)")" 'The code word is heron.' "... its text is in the session"
has "$(cat "$(newest)")" '"origin":"file","integrity":"untrusted"' "... as what a file says, not the owner"
printf 'What is in @%s ?\n' "$HOME_DIR/blob" | "$LOCALGPT" chat --plain >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 1 "a binary file is refused"
has "$(cat "$HOME_DIR/err")" "is a binary file of a kind that cannot be attached" "... with a clear word"
start chat
appears "›" "a chat to resume in is ready"
keys "/resume" Enter
appears "2 messages" "/resume offers the sessions"
keys "capital" Enter
appears "Resumed session" "... narrowed by their words, and goes on with the chosen one"
keys "/new" Enter
appears "New session started." "/new begins another"
run chat --json
status_is 2 "chat has no JSON form"
json_is_valid "... and says so in JSON"
done_testing
