#!/bin/sh
# A full disk and a read-only one, real ones: told in one sentence, exit 1, and nothing is lost.
if [ -z "${IN_NAMESPACE-}" ]; then
    for flags in -m -Urm; do
        unshare $flags true 2>/dev/null && IN_NAMESPACE=1 exec unshare $flags "$0"
    done
    echo "ok 1 - a full disk # SKIP not applicable: no mount namespace here"
    echo 1..1
    exit
fi
. "$(dirname "$0")/../cli/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/tools/install-model" >/dev/null || not_ok "the model can be installed" "tools/install-model failed"

disk=$HOME_DIR/disk
mkdir "$disk"
mount -t tmpfs -o size=1m none "$disk" || { not_ok "a disk of 1 MB" "mount failed"; done_testing; }
export LOCALGPT_STATE_DIR="$disk/state" LOCALGPT_CONFIG_DIR="$disk/config"
run config set agent.max_tokens 4
status_is 0 "with room left a setting is kept"
run ask "hello"
status_is 0 "... and a question is answered"
sessions=$disk/state/agents/main/sessions
before=$(cat "$sessions"/*.jsonl "$disk/config/config.toml" | sha256sum)

told() { # what, sentence
    status_is 1 "$1 ends with 1"
    is "$(printf '%s\n' "$ERR" | grep -c "$2")" 1 "... and one sentence: $2"
    is "$(printf '%s\n' "$ERR" | wc -l)" 2 "... with one more line, the next step"
    is "$OUT" "" "... nothing is answered"
    is "$(cat "$sessions"/*.jsonl "$disk/config/config.toml" | sha256sum)" "$before" "... all is as before"
    is "$(find "$disk" -name '.*.tmp')" "" "... no temporary file stays"
}

# To the last byte, also of the files that are there: the rest of their last page is room too.
fill() {
    dd if=/dev/zero of="$disk/filler" bs=4096 2>/dev/null
    : >"$HOME_DIR/err"
}
fill
run ask "hello again"
told "a question on a full disk" "No space left on device"
run config set agent.max_tokens 5
told "a setting on a full disk" "No space left on device"
long=$(head -c 20000 /dev/zero | tr '\0' x)
printf '%s\n' "$long" >"$HOME_DIR/in"
"$LOCALGPT" ask --session "$(basename "$(ls "$sessions"/*.jsonl)" .jsonl)" - <"$HOME_DIR/in" >"$HOME_DIR/out" 2>"$HOME_DIR/err"
STATUS=$? OUT=$(cat "$HOME_DIR/out") ERR=$(cat "$HOME_DIR/err")
told "a long message to a session on a full disk" "No space left on device"
printf 'hello\nagain\n' | "$LOCALGPT" -q chat --plain >"$HOME_DIR/out" 2>"$HOME_DIR/err"
STATUS=$? OUT=$(sed 's/^Assistant: $//' "$HOME_DIR/out") ERR=$(cat "$HOME_DIR/err")
told "a chat over a pipe on a full disk" "No space left on device"

rm "$disk/filler"
run ask "hello"
status_is 0 "with room again a question is answered"
before=$(cat "$sessions"/*.jsonl "$disk/config/config.toml" | sha256sum)
mount -o remount,ro "$disk"
run ask "hello again"
told "a question on a read-only disk" "Read-only file system"
run config set agent.max_tokens 5
told "a setting on a read-only disk" "Read-only file system"
mount -o remount,rw "$disk"
umount "$disk" 2>/dev/null
done_testing
