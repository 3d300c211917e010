#!/bin/sh
# Every exit status that can be had today, one by one, and what a lost stdout does.
. "$(dirname "$0")/lib.sh"
config=$HOME/.config/localgpt/config.toml
data=$HOME/.local/share/localgpt

# What the table says: status and name, as 'help exit-codes' prints it.
run help exit-codes
status_is 0 "0: success"
for pair in 1:failed 1:io 2:usage 3:config 4:auth 4:no_provider 5:provider 5:network 6:denied 6:integrity \
    7:not_found 8:limit 9:no_daemon 124:timeout 130:cancelled 141:pipe_closed; do
    name=${pair#*:}
    seen=$(printf '%s\n' "$OUT" | awk -v name="$name:" '/^  [0-9]/ { status = $1; sub(/^ +[0-9]+ +/, "") } $1 == name { print status }')
    is "$seen" "${pair%%:*}" "help exit-codes: $name is ${pair%%:*}"
done

fails() { # status, code, description; then the command line
    expected=$1 code=$2 what=$3
    shift 3
    run "$@"
    status_is "$expected" "$expected: $what"
    has "$ERR" "localgpt: " "$expected: $what is told"
    run "$@" --json
    is "$STATUS:$(json_get error.code)" "$expected:$code" "$expected: $what, in JSON"
}

run config init
fails 1 exists "a file is there already" config init
fails 2 usage "an unknown command" frobnicate
fails 2 usage "an unknown option" paths --frobnicate
fails 2 usage "no command"
fails 2 usage "no question" ask
echo '[agent' >"$config"
fails 3 config "a broken configuration" ask hello
fails 3 config "a configuration that is not there" ask hello --config "$HOME/none.toml"
rm "$config"
fails 4 no_provider "no model at all" ask hello
mkdir -p "$data/models"
ln -s "$LOCALGPT_TEST_LIBRARY" "$data/engine"
ln -s "$LOCALGPT_TEST_MODEL" "$data/models/"
LOCALGPT_ENGINE=/bin/false
export LOCALGPT_ENGINE
fails 5 provider "an engine that ends" ask hello
unset LOCALGPT_ENGINE
fails 7 not_found "an unknown key" help config agent.nothing
fails 7 not_found "an unknown session" ask -s ffffffff hello
head -c 17000000 /dev/zero | tr '\0' x >"$HOME_DIR/huge"
"$LOCALGPT" ask - <"$HOME_DIR/huge" >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 8 "8: a question of 17 MB"

# Standard input that never says anything.
mkfifo "$HOME_DIR/silent"
exec 3<>"$HOME_DIR/silent"
"$LOCALGPT" ask - --timeout 1 <&3 >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?" 124 "124: the time is over"
has "$(cat "$HOME_DIR/err")" "--timeout SECONDS" "124: the hint"
"$LOCALGPT" ask - --json --timeout 1 <&3 >"$HOME_DIR/out" 2>"$HOME_DIR/err"
is "$?:$(json_get error.code)" "124:timeout" "124: in JSON"

# Starts the command, waits until it says that it waits, and sends the signal.
interrupted() { # signal, arguments
    signal=$1
    shift
    : >"$HOME_DIR/err"
    # A shell without job control would have the child ignore Ctrl-C.
    python3 - "$signal" "$LOCALGPT" "$@" <<'END' 3<&3
import os, signal, subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=3, stdout=open(os.environ["HOME_DIR"] + "/out", "w"),
                         stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
child.stderr.readline()
child.send_signal(getattr(signal, sys.argv[1]))
child.stderr.read()
sys.exit(child.wait())
END
    STATUS=$?
}
export HOME_DIR
interrupted SIGINT ask -
status_is 130 "130: Ctrl-C"
interrupted SIGTERM ask -
status_is 130 "130: SIGTERM"
interrupted SIGINT ask - --json
is "$STATUS:$(json_get error.code)" "130:cancelled" "130: in JSON"
exec 3>&-

# stdout goes away in three ways: its reader, its room, itself.
cat >"$HOME_DIR/lost.py" <<'END'
import os, subprocess, sys
program, *lines = sys.argv[1:]
for line in lines:
    for how in "pipe", "full", "closed":
        reader, writer = os.pipe()
        os.close(reader)
        out = {"pipe": writer, "full": os.open("/dev/full", os.O_WRONLY), "closed": None}[how]
        done = subprocess.run([program] + line.split(), stdout=out, stderr=subprocess.PIPE, text=True,
                              preexec_fn=(lambda: os.close(1)) if out is None else None)
        print(f"{line} {how}:{done.returncode}:{done.stderr.strip()}".replace("\n", "|"))
        os.close(writer)
END
set -- --version help "help paths" paths "paths --json" "completion bash" "config show" "config list" doctor "ask -q hello"
python3 "$HOME_DIR/lost.py" "$LOCALGPT" "$@" >"$HOME_DIR/lost"
told="localgpt: writing to standard output:"
for command in "$@"; do
    is "$(grep "^$command pipe:" "$HOME_DIR/lost")" "$command pipe:141:" "141: $command, silently"
    is "$(grep "^$command full:" "$HOME_DIR/lost")" "$command full:1:$told No space left on device|  Free some space, then try again." "1: $command on a full disk"
    is "$(grep "^$command closed:" "$HOME_DIR/lost")" "$command closed:1:$told Bad file descriptor" "1: $command with stdout closed"
done

# Nothing but text on a pipe.
run help
hasnt "$OUT" "$(printf '\033')" "no escape on a pipe"
run --version
is "$(printf '%s' "$OUT$ERR" | LC_ALL=C tr -d '\0-\177')" "" "--version is ASCII"

done_testing
