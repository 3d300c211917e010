#!/bin/sh
# The three protocols against a model server that nobody here wrote: aimock, with tool calls and with
# every kind of failure it can play.
#
# AIMOCK is its package (tools/fetch aimock), PEER_TURN the program that runs a turn with a tool.
. "$(dirname "$0")/../cli/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
server=

command -v node >/dev/null || { echo "1..0 # SKIP node is not installed: apt-get install nodejs"; exit 0; }
[ -f "$AIMOCK" ] || { echo "1..0 # SKIP $AIMOCK is missing: tools/fetch aimock"; exit 0; }
tar -xzf "$AIMOCK" -C "$HOME_DIR" package/dist package/package.json
mkdir "$HOME_DIR/fixtures"
cp "$here/aimock.json" "$HOME_DIR/fixtures"
trap 'stop_server; rm -rf "$HOME_DIR"' EXIT

stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; server=; }; }

# Starts the server with more options; its address is in $address.
start_server() {
    stop_server
    mkfifo "$HOME_DIR/said"
    node "$HOME_DIR/package/dist/cli.js" -p 0 -f "$HOME_DIR/fixtures" --chunk-size 3 "$@" \
        >"$HOME_DIR/said" 2>&1 &
    server=$!
    address=
    exec 3<"$HOME_DIR/said"
    while [ -z "$address" ] && read -r line <&3; do
        case $line in *"listening on "*) address=${line##*listening on } ;; esac
    done
    cat <&3 >/dev/null & # the server must never wait for a reader
    exec 3<&-
    rm "$HOME_DIR/said"
}

peer() { # provider question
    case $1 in openai) at=$address/v1 ;; *) at=$address ;; esac
    "$PEER_TURN" "$1" "$at" some-model "$2" >"$HOME_DIR/out" 2>"$HOME_DIR/err" </dev/null
    STATUS=$?
    OUT=$(cat "$HOME_DIR/out")
    ERR=$(cat "$HOME_DIR/err")
}

configure() {
    mkdir -p "$HOME/.config/localgpt"
    (umask 077; cat >"$HOME/.config/localgpt/config.toml") <<END
[providers.openai]
api_key = "sk-canary-key"
base_url = "$address/v1"
[providers.anthropic]
api_key = "sk-canary-key"
base_url = "$address"
[providers.ollama]
endpoint = "$address"
END
}

start_server
configure
for provider in openai anthropic ollama; do
    peer $provider "add two and three"
    status_is 0 "$provider: a conversation with tool calls"
    has "$OUT" '"type":"tool_end","id":' "$provider: the tool ran"
    has "$OUT" '"result":"5"' "$provider: the first call"
    has "$OUT" '"result":"42"' "$provider: the second call of the same answer"
    has "$OUT" '"text":"Die Summen: fünf und zweiundvierzig 😀."' "$provider: the answer after the results"
    is "$(grep -c '"type":"text"' "$HOME_DIR/out" | awk '{ print ($1 > 3) }')" 1 "$provider: in pieces"

    mkdir -p "$HOME/lists"
    printf 'eins\nzwei\n' >"$HOME/lists/list.txt"
    run ask -C "$HOME/lists" --mode auto -f json -m $provider/some-model "count the lines"
    status_is 0 "$provider: real tools in the sandbox"
    is "$(json_get text)" "Zwei Zeilen." "$provider: the answer after them"
    is "$(json_get tools.0.exit_status) $(json_get tools.1.is_error)" "3 False" "$provider: how they ended"

    run ask -m $provider/some-model "hello"
    status_is 0 "$provider: ask"
    is "$OUT" "Grüße aus der Ferne: ein längerer Satz, der in Stücken kommt. 😀" "$provider: every character whole"
    run ask -m $provider/some-model -f json "hello"
    is "$(json_get model)" "$provider/some-model" "$provider: who answered"
done

start_server --chaos-ratelimit 1
configure
for provider in openai anthropic ollama; do
    run ask -m $provider/some-model "hello"
    status_is 5 "$provider: 429 at every try is exit 5"
    has "$ERR" "429 Too Many Requests; trying again in" "$provider: 429: each try is told"
    has "$ERR" "attempt 3 of 3" "$provider: 429: and counted"
    is "$OUT" "" "$provider: 429: stdout is empty"
    hasnt "$OUT$ERR" canary "$provider: 429: no key is shown"
done

start_server --chaos-drop 1
configure
for provider in openai anthropic ollama; do
    run ask -m $provider/some-model -f json "hello"
    status_is 5 "$provider: 500 at every try is exit 5"
    is "$(json_get error.code)" provider "$provider: 500: its code"
done

start_server --chaos-disconnect 1
configure
for provider in openai anthropic ollama; do
    run ask -m $provider/some-model -f json "hello"
    status_is 5 "$provider: a connection that breaks is exit 5"
done

start_server --chaos-malformed 1
configure
for provider in openai anthropic ollama; do
    run ask -m $provider/some-model -f json "hello"
    status_is 5 "$provider: an answer that is no JSON is exit 5"
    is "$(json_get error.code)" provider "$provider: no JSON: its code"
done

start_server --chaos-latency 30000
configure
for provider in openai anthropic ollama; do
    run ask --timeout 1 -m $provider/some-model "hello"
    status_is 124 "$provider: a server that hangs is left after --timeout"
done

stop_server
done_testing
