#!/bin/sh
# Tools through the real program: who is asked, what is refused, what is told, to people and to scripts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tool_model.sh"

work=$HOME/work
tab=$(printf '\t')
mkdir -p "$work"
echo one >"$work/a.txt"

# ---- without a terminal nobody can say yes ----
model '[[["write_file", {"path": "b.txt", "content": "b\n"}]], [["read_file", {"path": "a.txt"}]], "I could not write."]'
run ask -C "$work" "write b.txt"
status_is 0 "a refused tool is no failure of the turn"
is "$OUT" "I could not write." "stdout is the answer"
has "$ERR" "write b.txt (2 B): failed" "what was not done is told"
has "$(request 1)" "Not done: write_file needs the owner's approval (mode 'ask' asks before changes to files)" "the model is told why"
has "$(request 1)" "--mode edits" "and how it would be allowed"
has "$(request 2)" "1${tab}one" "reading needs no approval"
[ ! -e "$work/b.txt" ] && ok "nothing was written" || not_ok "nothing was written" ""

# ---- modes ----
model '[[["write_file", {"path": "b.txt", "content": "b\n"}]], [["bash", {"command": "rm a.txt"}]], "Done."]'
run ask -C "$work" --mode edits "write b.txt"
is "$(cat "$work/b.txt")" b "mode edits writes"
[ -e "$work/a.txt" ] && ok "and runs no command without a yes" || not_ok "and runs no command without a yes" ""
rm "$work/b.txt"
model '[[["bash", {"command": "echo x >c.txt; exit 3"}]], "Done."]'
run ask -C "$work" --mode auto -f json "do it"
status_is 0 "mode auto"
json_is_valid "one JSON document"
is "$(json_get tools.0.name) $(json_get tools.0.title)" "bash run echo x >c.txt; exit 3" "with the call"
is "$(json_get tools.0.exit_status) $(json_get tools.0.is_error) $(json_get tools.0.approval) $(json_get tools.0.label)" \
    "3 True mode untrusted" "its exit status, who allowed it, its label"
is "$(cat "$work/c.txt")" x "and it ran"
model '[[["bash", {"command": "exit 4"}]], "Done."]'
run ask -C "$work" --mode auto -f stream-json "do it"
has "$OUT" '"type":"tool_start","id":"call_0_0","name":"bash","title":"run exit 4","arguments":{"command":"exit 4"}' "a line when it starts"
has "$OUT" '"result":"Exit status: 4","is_error":true,"label":"untrusted","approval":"mode","exit_status":4}' "a line when it ends"
run ask --mode edit hi
status_is 2 "a misspelt mode is a usage error"
has "$ERR" "edits" "which names what was meant"
run ask -C "$HOME/none" hi
status_is 2 "a folder that is not there is a usage error"

echo old words >"$work/a --- b.txt"
model '[[["edit_file", {"path": "a --- b.txt", "old_string": "old", "new_string": "new"}]], "Done."]'
run ask -C "$work" --mode edits "change it"
has "$ERR" "+new words" "what was changed is shown, whatever the name of the file"
rm "$work/a --- b.txt"

# ---- the configuration ----
model '[[["bash", {"command": "echo y >d.txt"}]], [["read_file", {"path": "a.txt"}]], "Done."]' '
[tools]
require_approval = ["bash", "read_file"]'
run ask -C "$work" --mode auto "do it"
has "$(request 1)" "tools.require_approval names bash" "require_approval holds in mode auto"
has "$(request 2)" "tools.require_approval names read_file" "and on the next hop, for a tool that only reads"
[ ! -e "$work/d.txt" ] && ok "nothing ran" || not_ok "nothing ran" ""
model '[[["bash", {"command": "echo z; true"}]], "Done."]' '
[agent]
permission_level = "admin"
[tools]
tool_output_max_chars = 1000
[tools.filters.bash]
deny_substrings = ["rm -rf"]'
run ask -C "$work" "do it"
has "$(request 1)" "z" "permission_level admin runs commands"
model '[[["bash", {"command": "RM -RF x"}]], "Done."]' '
[agent]
permission_level = "admin"
[tools.filters.bash]
deny_substrings = ["rm -rf"]'
run ask -C "$work" "do it"
has "$(request 1)" "the owner's filter refuses it: it contains 'rm -rf'" "a filter refuses"
model '["Done."]' '
[tools.filters.bash]
deny_patterns = ["a("]'
run ask -C "$work" "do it"
status_is 3 "a pattern that does not compile stops the program before anything runs"
has "$ERR" "tools.filters.bash: the regular expression 'a(' is wrong" "and is named"
model '[[["bash", {"command": "sleep 60"}]], "Done."]' '
[tools]
bash_timeout_ms = 300'
run ask -C "$work" --mode auto "do it"
has "$(request 1)" "Stopped after" "a command has a time limit"
model '[[["list_dir", {}]], [["glob", {"pattern": "*"}]], [["list_dir", {"depth": 2}]], "Done."]' '
[agent]
max_turns = 2'
run ask -C "$work" "do it"
status_is 8 "agent.max_turns bounds the turn"
has "$ERR" "stopped after 2 requests" "and says so"

# ---- the workspace, and what is out of reach ----
model '[[["bash", {"command": "pwd; echo $HOME; env"}]], [["write_file", {"path": "w.txt", "content": "w"}]], "Done."]'
OPENAI_API_KEY=sk-canary-env run ask --mode auto "where"
workspace=$HOME/.local/share/localgpt/workspace
has "$(request 1)" "$workspace" "without -C the workspace is where tools work"
hasnt "$(request 1)" "canary" "no key is in a command's environment"
is "$(cat "$workspace/w.txt")" w "and relative paths begin there"
mkdir -p "$HOME/.ssh"
echo private-key >"$HOME/.ssh/id_rsa"
model '[[["bash", {"command": "cat ~/.ssh/id_rsa ~/.config/localgpt/config.toml"}], ["read_file", {"path": "'"$HOME"'/.ssh/id_rsa"}], ["read_file", {"path": "'"$HOME"'/.config/localgpt/config.toml"}]], "Done."]'
run ask --mode auto "leak it"
hasnt "$(request 1)" "private-key" "no tool reads a key"
hasnt "$(request 1)" "sk-test-key" "nor the configuration"
model '[[["write_file", {"path": "LocalGPT.md", "content": "evil"}], ["bash", {"command": "echo evil >IDENTITY.md"}]], "Done."]'
run ask --mode auto "persist"
! grep -qs evil "$workspace/LocalGPT.md" "$workspace/IDENTITY.md" && ok "protected names stay out of reach" || not_ok "protected names stay out of reach" ""

# ---- ${NAME} in the paths of the sandbox ----
mkdir -p "$HOME/notes/x"
echo expanded-note >"$HOME/notes/x/n.txt"
model '[[["bash", {"command": "cat '"$HOME"'/notes/x/n.txt"}], ["read_file", {"path": "'"$HOME"'/notes/x/n.txt"}]], "Done."]' '
[sandbox]
allow_paths.read = ["${NOTES}/x"]'
NOTES=$HOME/notes run ask -C "$work" --mode auto "look there"
is "$(request 1 | grep -c expanded-note)" 2 "a variable in sandbox.allow_paths is expanded for tools"
run ask -C "$work" --mode auto "look there"
status_is 3 "one that is not set is an error of the configuration"
has "$ERR" "NOTES" "which names it"

# ---- calls of one answer ----
model '[[["read_file", {"path": "a.txt"}], ["glob", {"pattern": "*.txt"}], ["grep", {"pattern": "o"}], ["nosuch", {}], ["read_file", {"file": "a.txt"}]], "Done."]'
run ask -C "$work" "look"
has "$(request 1)" "1${tab}one" "several calls of one answer all run"
has "$(request 1)" "a.txt:1:one" "the third too"
has "$(request 1)" "there is no tool 'nosuch'" "a tool that is none is told to the model"
has "$(request 1)" "unknown key 'file'" "and an argument that is none"
has "$(offered 0)" "bash bash_kill bash_output edit_file glob grep list_dir memory_append memory_get memory_search read_file spawn_agent write_file" "what a large model is offered"

# ---- an image ----
printf '\211PNG\r\n\032\nrest' >"$work/a.png"
model '[[["read_file", {"path": "a.png"}], ["read_file", {"path": "a.txt"}]], "A picture."]'
run ask -C "$work" "look at it"
has "$(request 1)" "data:image/png;base64,iVBORw0KGgpyZXN0" "an image goes to the model"
is "$(request 1 | awk '{ print $1 }' | tail -n 1)" user "in a message behind all results"

if command -v pdftotext >/dev/null; then
    printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n4 0 obj<</Length 40>>stream\nBT /F 12 Tf 9 50 Td (Hello from a PDF) Tj ET\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n' >"$work/a.pdf"
    model '[[["read_file", {"path": "a.pdf"}]], "Read."]'
    run ask -C "$work" "read it"
    has "$(request 1)" "1${tab}Hello from a PDF" "a PDF is read in the sandbox"
fi

# ---- circles ----
model '[[["read_file", {"path": "a.txt"}]]]'
run ask -C "$work" --max-turns 20 "loop"
has "$ERR" "the model repeats the same call of read_file" "a model that does not listen ends the turn"
has "$(request 3)" "This call was not made: it is the same call of read_file" "after it was told"
hasnt "$OUT" "This call was not made" "the user is not given that for an answer"

# ---- plan mode ----
model '[[["bash", {"command": "echo planned >>a.txt; cat a.txt"}]], "Planned."]'
run ask -C "$work" --mode plan "plan it"
status_is 0 "plan mode"
has "$(request 1)" "planned" "the command ran for real, in the overlay"
is "$(cat "$work/a.txt")" one "and nothing changed"
has "$ERR" "+planned" "the diff is shown"

# ---- another agent ----
model '[[["spawn_agent", {"task": "explore", "description": "What is in a.txt?"}]], [["read_file", {"path": "a.txt"}], ["write_file", {"path": "s.txt", "content": "x"}]], "It says one.", "The agent says: one."]'
run ask -C "$work" --mode auto "look into it"
is "$OUT" "The agent says: one." "a sub-agent works and reports"
has "$(request 1)" "What is in a.txt?" "it has its task"
hasnt "$(request 1)" "look into it" "and nothing of the conversation"
hasnt "$(offered 1)" "write_file" "one that explores only reads"
hasnt "$(offered 1)" "spawn_agent" "and starts no further one"
has "$(request 2)" "there is no tool 'write_file'" "whatever it tries"
has "$(request 3)" "It says one." "its report is the result"
[ ! -e "$work/s.txt" ] && ok "nothing was written" || not_ok "nothing was written" ""

# ---- memory ----
model '[[["memory_append", {"text": "The owner likes green tea."}]], [["memory_search", {"query": "green tea"}]], "Noted."]'
run ask "remember that I like green tea"
has "$(request 1)" "Kept in memory/" "a note is kept"
has "$(request 2)" "green tea" "and found"

# ---- a kernel that lacks a layer: nothing runs, nothing is lowered in silence ----
rm -f "$work"/*
echo one >"$work/a.txt"
program=$LOCALGPT
for layer in landlock_create_ruleset seccomp:EPERM; do
    model '[[["bash", {"command": "echo x >leak.txt"}], ["write_file", {"path": "leak.txt", "content": "x"}], ["read_file", {"path": "a.txt"}]], "It cannot be done."]'
    LOCALGPT=$LOCALGPT_WITHOUT_SYSCALL
    run "$layer" "$program" ask -C "$work" --mode auto "leak"
    LOCALGPT=$program
    [ ! -e "$work/leak.txt" ] && ok "without $layer no tool runs" || not_ok "without $layer no tool runs" "$ERR"
    has "$(request 1)" "Error: " "without $layer: the model is told"
    hasnt "$(request 1)" "1${tab}one" "without $layer: not even reading"
done

# ---- on a terminal a person is asked ----
terminal() { # answers, arguments...
    answers=$1
    shift
    python3 "$(dirname "$0")/on_terminal.py" "$answers" "$LOCALGPT" "$@" >"$HOME_DIR/out" 2>&1
    STATUS=$?
    OUT=$(cat "$HOME_DIR/out")
    ERR=$OUT
}
rm -f "$work"/*
echo one >"$work/a.txt"
model '[[["edit_file", {"path": "a.txt", "old_string": "one", "new_string": "two"}]], [["bash", {"command": "cat a.txt"}]], "Done."]'
terminal 'y|cat is enough, stop' ask -C "$work" "change it"
status_is 0 "a terminal asks"
has "$OUT" "-one" "the question shows what goes"
has "$OUT" "+two" "and what comes"
has "$OUT" "why:      mode 'ask' asks before changes to files" "and why it asks"
has "$OUT" "command:  cat a.txt" "a command is shown as it is"
has "$OUT" "network:  none" "with what it can reach"
is "$(cat "$work/a.txt")" two "yes: it is done"
has "$(request 2)" "Not done: the owner said no: cat is enough, stop" "no: the reason goes to the model"

steps='[[["bash", {"command": "echo x >>log"}]], "Done."]'
model "$steps"
terminal 'always' ask -C "$work" "log it"
status_is 0 "always for exactly this"
model "$steps"
terminal '' ask -C "$work" "log it"
status_is 0 "the same bytes are not asked about again"
is "$(cat "$work/log")" "x
x" "and run"
model '[[["bash", {"command": "echo x  >>log"}]], "Done."]'
terminal 'n' ask -C "$work" "log it"
status_is 0 "one more blank is another command"
model "$steps"
run ask -C "$work" "log it"
is "$(grep -c x "$work/log")" 3 "a standing approval holds where nobody can be asked"
run approvals list
has "$OUT" "bash in ~/work, since 20" "it is listed"
has "$OUT" "    echo x >>log" "to the byte"
id=$(printf '%s\n' "$OUT" | awk 'NR == 1 { print $1 }')
run approvals remove "$id"
is "$OUT" "Removed 1." "and removed"
model "$steps"
run ask -C "$work" "log it"
has "$(request 1)" "Not done: bash needs the owner's approval" "then it is asked about again"

model '[[["bash", {"command": "echo planned >>a.txt"}]], [["bash", {"command": "cat a.txt"}]], "Planned."]'
terminal 'y' ask -C "$work" --mode plan "plan it"
status_is 0 "plan mode asks once, at the end"
has "$OUT" "+planned" "with the diff of all that was tried"
has "$(request 2)" "planned" "later commands saw what earlier ones did"
is "$(cat "$work/a.txt")" "two
planned" "yes keeps it"
run undo -C "$work"
is "$(cat "$work/a.txt")" two "and undo takes it back"

# ---- standing approvals ----
run approvals list
is "$OUT" "Nothing is allowed for good; every call is asked about." "no standing approval"
run approvals list --json
json_is_valid "as JSON"
run approvals remove
status_is 2 "remove needs an id"
run approvals remove abcdef
has "$ERR" "there is no standing approval 'abcdef'" "one that is there"
done_testing
