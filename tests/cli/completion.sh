#!/bin/sh
# Completions in the real shells: commands, options, choices, and values that only this home knows.
. "$(dirname "$0")/lib.sh"
HERE=$(cd "$(dirname "$0")" && pwd)

# A session name that would run something if it were ever evaluated.
evil='$(touch pwned)`touch pwned`;touch pwned'
mkdir -p "$HOME/.local/state/localgpt/agents/main" "$HOME/.local/state/localgpt/agents/$evil"

# A session of today's format.
mkdir -p "$HOME/.local/state/localgpt/agents/main/sessions"
printf '%s\n' '{"type":"session","version":3,"id":"3f2a1111-2222-4333-8444-555566667777","timestamp":"2026-11-24T12:00:00.000Z","cwd":"/"}' \
    >"$HOME/.local/state/localgpt/agents/main/sessions/3f2a1111-2222-4333-8444-555566667777.jsonl"

for shell in bash zsh fish; do
    run completion "$shell"
    status_is 0 "completion $shell works"
    cp "$HOME_DIR/out" "$HOME_DIR/script.$shell"
    if "$shell" -n "$HOME_DIR/script.$shell" 2>"$HOME_DIR/err"; then ok "$shell takes the script"; else
        not_ok "$shell takes the script" "$(cat "$HOME_DIR/err")"; fi
done
cd "$HOME_DIR" || exit 1

# What _localgpt offers for the words; the last one is being typed.
in_bash() {
    bash --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _localgpt
        printf "%s\n" "${COMPREPLY[@]}"' bash "$HOME_DIR/script.bash" "$@" 2>&1 | sort | tr '\n' ' '
}
is "$(in_bash "$LOCALGPT" pa)" "paths " "bash: a command"
is "$(in_bash "$LOCALGPT" -v --agent x pa)" "paths " "bash: a command after global options"
is "$(in_bash "$LOCALGPT" paths --pl)" "--plain " "bash: a global option after a command"
is "$(in_bash "$LOCALGPT" completion "")" "bash fish zsh " "bash: values from the program"
is "$(in_bash "$LOCALGPT" help exit)" "exit-codes " "bash: topics"
is "$(in_bash "$LOCALGPT" -a m)" "main " "bash: the value of a letter"
is "$(in_bash "$LOCALGPT" --agent = ma)" "main " "bash: the value after ="
is "$(in_bash "$LOCALGPT" -- --pl)" " " "bash: no options after --"
is "$(in_bash "$LOCALGPT" config se)" "set " "bash: a subcommand"
is "$(in_bash "$LOCALGPT" config set agent.default)" "agent.default_model " "bash: a key"
is "$(in_bash "$LOCALGPT" ask -f js)" "json " "bash: a choice"
is "$(in_bash "$LOCALGPT" ask --format = str)" "stream-json " "bash: a choice after ="
is "$(in_bash "$LOCALGPT" model use smollm2-135)" "smollm2-135m " "bash: a model"
is "$(in_bash "$LOCALGPT" chat --se)" "--session " "bash: a command's own option"
is "$(in_bash "$LOCALGPT" chat -s 3f2a)" "3f2a1111-2222-4333-8444-555566667777 " "bash: a session"
touch "a file.toml"
is "$(in_bash "$LOCALGPT" --config 'a f')" "a file.toml " "bash: a file with a space"
has "$(in_bash "$LOCALGPT" -a '$')" '\$\(touch' "bash: a hostile value is quoted"
is "$(ls pwned 2>&1 | grep -c 'cannot access')" 1 "bash: a hostile value is not run"

in_fish() {
    fish --no-config -c 'set -x PATH (dirname $argv[2]) $PATH; source $argv[1]; complete -C $argv[3]' \
        "$HOME_DIR/script.fish" "$LOCALGPT" "$1" 2>&1 | cut -f1 | sort | tr '\n' ' '
}
is "$(in_fish 'localgpt pa')" "paths " "fish: a command"
is "$(in_fish 'localgpt -v --agent x pa')" "paths " "fish: a command after global options"
is "$(in_fish 'localgpt paths --pl')" "--plain " "fish: a global option after a command"
is "$(in_fish 'localgpt completion ')" "bash fish zsh " "fish: values from the program"
is "$(in_fish 'localgpt help exit')" "exit-codes " "fish: topics"
is "$(in_fish 'localgpt --agent=ma')" "--agent=main " "fish: the value after ="
is "$(in_fish 'localgpt config se')" "set " "fish: a subcommand"
is "$(in_fish 'localgpt config set agent.default')" "agent.default_model " "fish: a key"
is "$(in_fish 'localgpt ask -f js')" "json " "fish: a choice"
is "$(in_fish 'localgpt model use smollm2-135')" "smollm2-135m " "fish: a model"
is "$(in_fish 'localgpt chat -s 3f2a')" "3f2a1111-2222-4333-8444-555566667777 " "fish: a session"
has "$(in_fish 'localgpt -a ')" 'touch pwned' "fish: a hostile value is offered as a word"
is "$(ls pwned 2>&1 | grep -c 'cannot access')" 1 "fish: a hostile value is not run"

tab() { # shell, typed, expected, description
    if python3 "$HERE/press_tab.py" "$1" "$HOME_DIR/script.$1" "$LOCALGPT" "$2" "$3" 2>"$HOME_DIR/err"; then
        ok "$4"; else not_ok "$4" "$(cat "$HOME_DIR/err")"; fi
}
tab bash 'localgpt path' 'paths ' "bash: Tab on a terminal completes a command"
tab zsh 'localgpt path' 'paths ' "zsh: Tab on a terminal completes a command"
tab zsh 'localgpt paths --plai' 'plain ' "zsh: an option"
tab zsh 'localgpt -v --agent x compl' 'completion ' "zsh: a command after global options"
tab zsh 'localgpt completion ' 'fish' "zsh: values from the program"
tab zsh 'localgpt help exi' 'exit-codes ' "zsh: topics"
tab zsh 'localgpt --agent=ma' 'main' "zsh: the value after ="
tab zsh 'localgpt config set agent.default' '_model ' "zsh: a key"
tab zsh 'localgpt ask -f stre' 'am-json ' "zsh: a choice"
tab zsh 'localgpt model use smollm2-135' 'm ' "zsh: a model"
tab zsh 'localgpt chat -s 3f2a' '1111-2222' "zsh: a session"
tab zsh 'localgpt --agent ' 'touch pwned' "zsh: a hostile value is offered as a word"
is "$(ls pwned 2>&1 | grep -c 'cannot access')" 1 "zsh: a hostile value is not run"

run completion bsah
status_is 2 "an unknown shell is a usage error"
is "$ERR" "localgpt: unknown shell 'bsah', did you mean 'bash'?
  See 'localgpt help'." "an unknown shell is told"
run completion values agent
has "$OUT" "main	agent" "values tell what they are"
run completion bash --json
json_is_valid "completion --json is one document"

done_testing
