#!/bin/sh
# Two of the protocols against llama.cpp's own server and the default model: a streamed conversation
# with a tool call and its result, and a plain one.
#
# LLAMA_SERVER is the program (tests/peers/build_llama_server), MODEL the model, PEER_TURN the program
# that runs a turn with a tool.
. "$(dirname "$0")/../cli/lib.sh"

here=$(cd "$(dirname "$0")" && pwd)

[ -x "$LLAMA_SERVER" ] || { echo "1..0 # SKIP not applicable: no llama-server; tests/peers/build_llama_server makes one"; exit 0; }
[ -f "$MODEL" ] || { echo "1..0 # SKIP not applicable: $MODEL is missing: tools/fetch models"; exit 0; }
server=
trap 'kill $server 2>/dev/null; wait 2>/dev/null; rm -rf "$HOME_DIR"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

behind=$(free_port)
# It looks for the processor's library where it is started.
(cd "$ENGINE" && LD_LIBRARY_PATH=$ENGINE exec "$LLAMA_SERVER" -m "$MODEL" --host 127.0.0.1 --port "$behind" \
    --jinja --chat-template-file "$here/tools.jinja" -c 4096 -np 1 --temp 0 -t 2 --no-warmup) >"$HOME_DIR/server.log" 2>&1 &
server=$!
# It answers 503 until the model is loaded.
until python3 -c 'import sys, urllib.request
urllib.request.urlopen("http://127.0.0.1:%s/health" % sys.argv[1])' "$behind" 2>/dev/null; do
    kill -0 $server 2>/dev/null || { tail -n 5 "$HOME_DIR/server.log" | sed 's/^/# /'; echo "Bail out! the server ended"; exit 1; }
    sleep 0.2
done

for provider in openai anthropic; do
    case $provider in openai) at=http://127.0.0.1:$behind/v1 ;; *) at=http://127.0.0.1:$behind ;; esac
    "$PEER_TURN" $provider "$at" smollm2 "Add 2 and 3." >"$HOME_DIR/out" 2>"$HOME_DIR/err" </dev/null
    STATUS=$?
    OUT=$(cat "$HOME_DIR/out")
    ERR=$(cat "$HOME_DIR/err")
    status_is 0 "$provider: a conversation with a tool call"
    has "$OUT" '"type":"tool_start","id":' "$provider: the model called"
    has "$OUT" '"name":"add","arguments":{"a":2,"b":3}' "$provider: its arguments arrived whole"
    has "$OUT" '"result":"5"' "$provider: the tool ran"
    is "$(grep -c '"type":"done"' "$HOME_DIR/out")" 1 "$provider: an answer after the result"
    is "$(grep -c '"type":"text"' "$HOME_DIR/out" | awk '{ print ($1 > 1) }')" 1 "$provider: in pieces"
    has "$(grep '"type":"done"' "$HOME_DIR/out")" '"output":' "$provider: the tokens are counted"
done

mkdir -p "$HOME/.config/localgpt"
(umask 077; cat >"$HOME/.config/localgpt/config.toml") <<END
[agent]
max_tokens = 40
[providers.openai]
api_key = "sk-canary-key"
base_url = "http://127.0.0.1:$behind/v1"
[providers.anthropic]
api_key = "sk-canary-key"
base_url = "http://127.0.0.1:$behind"
END
for provider in openai anthropic; do
    run ask -m $provider/smollm2 -f json "What is the capital of France?"
    status_is 0 "$provider: ask"
    is "$(json_get text | wc -w | awk '{ print ($1 > 3) }')" 1 "$provider: the model answers"
    is "$(json_get usage.output | awk '{ print ($1 > 1) }')" 1 "$provider: its usage"
    run ask -s "$(json_get session)" -m $provider/smollm2 "And of Italy?"
    status_is 0 "$provider: the session goes on"
done
done_testing
