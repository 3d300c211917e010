#!/bin/sh
# 'localgpt undo|redo|diff': a scripted model changes a project through the real program and the
# real sandbox; undo restores every byte, redo brings it back, and nobody else's edit is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tool_model.sh"

project=$HOME/project
fresh() {
    rm -rf "$project"
    mkdir -p "$project/src"
    printf 'one\ntwo\nthree\n' >"$project/list.txt"
    printf 'int main(void) { return 1; }\n' >"$project/src/main.c"
    printf 'old\0binary' >"$project/blob"
    echo 'to go' >"$project/gone.txt"
    chmod 640 "$project/list.txt"
    touch -d 2001-02-03T04:05:06 "$project/src/main.c" "$project/gone.txt" "$project/src" "$project"
}
state() { # every byte, mode and time
    (cd "$project" && find . -printf '%p %m %T@ %y ' -type f -exec sha256sum {} \; -o -printf '\n' | sort)
}

mkdir -p "$project"
run undo -C "$project"
status_is 7 "with nothing to take back, undo says so"
has "$ERR" "there is nothing to undo" "in a sentence"

# At standard a command cannot make or replace entries of the top level.
script() { # level
    if [ "$1" = full ]; then
        first="sed -i s/two/TWO/ list.txt && rm gone.txt && mkdir new && echo made > new/file && printf x >> blob"
        last="chmod 600 list.txt; mv new/file src/moved; ln -s list.txt link"
    else
        first="head -n1 list.txt > src/h; echo TWO >> src/h; echo three >> src/h; cat src/h > list.txt; rm src/h; mkdir src/new; echo made > src/new/file; printf x >> blob"
        last="chmod 600 list.txt; mv src/new/file src/moved; ln -s ../list.txt src/link"
    fi
    printf '[[["bash", {"command": "%s"}]], [["edit_file", {"path": "src/main.c", "old_string": "return 1", "new_string": "return 0"}]], [["bash", {"command": "%s"}]], "Done."]' "$first" "$last"
}

for level in full standard; do
    config=$HOME/.config/localgpt/config.toml
    fresh
    before=$(state)
    model "$(script $level)"
    printf '\n[sandbox]\nlevel = "%s"\n' $level >>"$config"
    run ask -C "$project" --mode auto "change things"
    status_is 0 "$level: a turn changes the project"
    after=$(state)
    if [ "$before" != "$after" ]; then ok "$level: it did"; else not_ok "$level: it did" "nothing changed: $ERR"; fi
    run diff -C "$project"
    has "$OUT" "-two
+TWO" "$level: diff shows lines"
    has "$OUT" "# blob: was a file of 10 B, is a file of 11 B" "$level: and names binary files with their sizes"
    run undo -C "$project" --dry-run
    has "$OUT" "would take back" "$level: a dry run tells"
    is "$(state)" "$after" "$level: and changes nothing"
    run undo -C "$project"
    status_is 0 "$level: the turn is undone"
    is "$(state)" "$before" "$level: every byte, mode and time is as before"
    run undo -C "$project"
    status_is 7 "$level: once"
    run redo -C "$project"
    is "$(state)" "$after" "$level: redo brings all of it back"
    run --json undo --list -C "$project"
    has "$OUT" '"state":"done"' "$level: the list knows"
    has "$OUT" '"summary":"change things"' "$level: with what was asked"

    echo "mine" >>"$project/list.txt"
    run undo -C "$project"
    has "$OUT" "list.txt: changed since by somebody else; left as it is" "$level: an edit of the owner is a conflict, and shown"
    has "$(cat "$project/list.txt")" "mine" "$level: and kept"
    has "$(cat "$project/src/main.c")" "return 1" "$level: the rest is undone"
done

# A note is appended in place, so what it was must not be the same file by another name.
workspace=$HOME/.local/share/localgpt/workspace
run config set agent.reflexes on
run ask "remember that my bicycle is blue"
notes=$(cat "$workspace"/memory/*.md)
has "$notes" "my bicycle is blue" "a note is kept"
run ask "remember that my kettle is red"
has "$(cat "$workspace"/memory/*.md)" "my kettle is red" "and a second in the same file"
run undo
is "$(cat "$workspace"/memory/*.md)" "$notes" "undo takes the second one back"

printf '\n[undo]\nenabled = false\n' >>"$config"
run undo -C "$project"
has "$ERR" "undo is switched off" "switched off, it says so"
done_testing
