#!/bin/sh
# The sandbox commands through the real program: status, test, run, explain, on this kernel and on one
# that lacks a layer.
. "$(dirname "$0")/lib.sh"
config=$HOME/.config/localgpt/config.toml
work=$HOME/project
mkdir -p "$work/sub" "$HOME/.ssh" "$HOME/.config/localgpt"
echo secret-text >"$HOME/.ssh/id_rsa"
echo rules >"$work/LocalGPT.md"
printf '[memory]\nworkspace = "%s"\n' "$work" >"$config"
chmod 600 "$config"

# status
run sandbox status
status_is 0 "status: everything holds"
has "$OUT" "level        full (configured: auto)" "status: the level that holds, and the configured one"
has "$OUT" "ABI " "status: Landlock's version"
has "$OUT" "scope_signal" "status: each right"
has "$OUT" "held         15 of 15" "status: the self-test, made just now"
has "$OUT" "$work" "status: the grants"
run sandbox status --json
json_is_valid "status --json: one document"
is "$(json_get level):$(json_get held):$(json_get failed):$(json_get seccomp):$(json_get namespaces)" \
    "full:15:0:True:True" "status --json: level, self-test, seccomp, namespaces"
is "$(json_get levels.0.name):$(json_get levels.0.available)" "full:True" "status --json: each level"
is "$(json_get rights.0.name):$(json_get rights.0.handled)" "execute:True" "status --json: each right"
run sandbox status --level standard --json
is "$(json_get level):$(json_get configured)" "standard:standard" "status --level: another level"

# test
for level in full standard; do
    run sandbox test --level $level
    status_is 0 "test at $level"
    has "$OUT" "15 held, 0 open, 0 failed" "test at $level: all held"
done
run sandbox test --level minimal --json
status_is 0 "test at minimal: what is not promised is no failure"
is "$(json_get open):$(json_get failed)" "5:0" "test at minimal: five things are open"
run sandbox test --plain
is "$(printf '%s' "$OUT" | LC_ALL=C tr -d '\0-\177')" "" "test --plain is ASCII"
is "$(find "$TMPDIR" -name 'localgpt-sandbox-test*')" "" "test leaves nothing behind"

# run
run sandbox run -- sh -c 'echo out; echo err >&2; exit 7'
status_is 7 "run: the exit status is the command's"
is "$OUT:$ERR" "out:err" "run: its streams are kept apart"
run sandbox run -- cat "$HOME/.ssh/id_rsa"
status_is 1 "run: a secret cannot be read"
hasnt "$OUT$ERR" "secret-text" "run: and is not printed"
run sandbox run -- sh -c 'echo new >sub/note; echo x >>LocalGPT.md'
is "$(cat "$work/sub/note"):$(cat "$work/LocalGPT.md")" "new:rules" "run: the workspace is written, a protected name is not"
run sandbox run -- sh -c 'kill -TERM $$'
status_is 143 "run: ended by a signal"
run sandbox run -- no-such-program
[ "$STATUS" != 0 ] && ok "run: a program that is not there fails" || not_ok "run: a program that is not there" "$OUT"
has "$ERR" "no-such-program" "run: and is named"
mkdir "$HOME/other"
run sandbox run -w "$HOME/other" -- sh -c 'echo t >file; pwd'
is "$OUT:$(cat "$HOME/other/file")" "$HOME/other:t" "run -w: another folder"
run sandbox run -w "$HOME/none" -- true
status_is 7 "run -w: a folder that is not there"
OUT=$(printf 'b\na\n' | "$LOCALGPT" sandbox run -i -- sort)
is "$OUT" "a
b" "run -i: input"
run sandbox run --json -- sh -c 'echo out; echo err >&2; exit 3'
json_is_valid "run --json: one document"
is "$(json_get exit_status):$(json_get output):$(json_get errors):$(json_get level)" "3:out:err:full" "run --json: status, streams, level"
status_is 3 "run --json: the exit status is still the command's"
run --timeout 1 sandbox run -- sleep 1000
status_is 124 "run: --timeout ends it"
printf '[sandbox]\ntimeout_secs = 1\n[memory]\nworkspace = "%s"\n' "$work" >"$config"
run sandbox run -- sleep 1000
status_is 124 "run: sandbox.timeout_secs ends it"
has "$ERR" "sandbox.timeout_secs" "run: and what to set is told"
run sandbox run --json -- sh -c 'echo begun; sleep 1000'
json_is_valid "run --json: one document when its time was up"
is "$STATUS:$(json_get ok):$(json_get timed_out):$(json_get output)" "124:False:True:begun" "run --json: which is no success, with what it printed"
printf '[memory]\nworkspace = "%s"\n' "$work" >"$config"

# Ctrl-C: the command says that it runs by what it writes.
mkfifo "$work/sub/running" "$HOME_DIR/silent"
exec 9<>"$HOME_DIR/silent"
timeout 60 "$LOCALGPT" --timeout 1 sandbox run -i -- true <&9 2>"$HOME_DIR/err"
has "$?:$(cat "$HOME_DIR/err")" "124:localgpt: the time limit of 1 s passed" "run -i: --timeout ends the wait for input"
exec 9<&-
"$LOCALGPT" sandbox run -- sh -c 'echo yes >sub/running; sleep 1000' >"$HOME_DIR/out" 2>"$HOME_DIR/err" </dev/null &
pid=$!
answer=$(timeout 60 head -n 1 "$work/sub/running")
kill -INT $pid
wait $pid
is "$answer:$?" "yes:130" "run: Ctrl-C ends it"

# explain
run sandbox explain '~/.ssh/id_rsa'
has "$OUT" "not there, read: no, write: no" "explain: a credential cannot be had"
has "$OUT" "holds credentials: no setting opens it" "explain: and why"
run sandbox explain "$HOME/other"
has "$OUT" "localgpt config set sandbox.allow_paths.read $HOME/other" "explain: what would open a folder"
run config set sandbox.allow_paths.read "$HOME/other"
run sandbox explain "$HOME/other/file"
has "$OUT" "there, read: yes, write: no" "explain: that does open it"
run sandbox explain cat LocalGPT.md https://a.example/x
has "$OUT" "/usr/bin/cat" "explain: the program of a command"
has "$OUT" "protect LocalGPT.md" "explain: a protected name"
has "$OUT" "sandbox.network.policy" "explain: an address"
for level in full standard; do
    run sandbox explain --level $level /bin/sh
    has "$OUT" "there, read: yes" "explain at $level: a program by the link to its folder"
    has "$OUT" ": may be read and run" "explain at $level: the grant that covers what it leads to"
done
echo x >"$work/full"
run sandbox explain full
has "$OUT" "rule    write $work: may be read and changed" "explain: a file that is called as a level is a file"
run sandbox explain --level minimal /etc/hosts
has "$OUT" "rule    write /: may be read and changed" "explain: at minimal all is open"
run sandbox explain --json "$work/sub/note"
is "$(json_get words.0.read):$(json_get words.0.write):$(json_get words.0.kind)" "True:True:path" "explain --json"

# A kernel without a layer: refused with the reason, never lowered.
LOCALGPT_REAL=$LOCALGPT
LOCALGPT=$LOCALGPT_WITHOUT_SYSCALL
run namespaces:EPERM "$LOCALGPT_REAL" sandbox run --level full -- sh -c 'echo com""pleted'
status_is 6 "no namespaces: full is refused"
hasnt "$OUT" "completed" "no namespaces: nothing runs"
has "$ERR" "namespaces" "no namespaces: the reason"
run namespaces:EPERM "$LOCALGPT_REAL" sandbox run --json -- true
is "$STATUS:$(json_get level)" "0:standard" "no namespaces: auto is standard then, and says so"
run namespaces:EPERM "$LOCALGPT_REAL" sandbox status --level full
status_is 6 "no namespaces: status of full fails"
has "$OUT" "level        none can be had (configured: full)" "no namespaces: status says so"
run landlock_create_ruleset "$LOCALGPT_REAL" sandbox run -- true
status_is 6 "no Landlock: refused"
run landlock_create_ruleset "$LOCALGPT_REAL" sandbox test
status_is 6 "no Landlock: the test says it, too"
done_testing
