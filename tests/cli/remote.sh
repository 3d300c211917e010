#!/bin/sh
# `ask` over a remote provider: which one is chosen, what is told when it fails, who takes over.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
for name in ANTHROPIC OPENAI XAI GLM OPENROUTER; do unset ${name}_API_KEY; done
unset OLLAMA_HOST
servers=
trap 'exec 8>&- 9>&-; for one in $servers; do kill $one 2>/dev/null; done; rm -rf "$HOME_DIR"' EXIT

# A server that plays a script; its port is in $port. It lives as long as its standard input.
play() { # name script
    printf '%s' "$2" >"$HOME_DIR/$1.json"
    mkfifo "$HOME_DIR/$1.in" "$HOME_DIR/$1.out"
    python3 "$here/../fake/model_server.py" "$HOME_DIR/$1.json" <"$HOME_DIR/$1.in" >"$HOME_DIR/$1.out" &
    servers="$servers $!"
    sleep 1000 >"$HOME_DIR/$1.in" &
    servers="$servers $!"
    read -r port <"$HOME_DIR/$1.out"
}
words() { # text, as OpenAI streams it
    printf '{"body":["data: {\\"choices\\":[{\\"delta\\":{\\"content\\":\\"%s\\"},\\"finish_reason\\":\\"stop\\"}],\\"usage\\":{\\"prompt_tokens\\":1000,\\"completion_tokens\\":100}}\\n\\ndata: [DONE]\\n\\n"]}' "$1"
}
requests() { python3 -c 'import sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:%s/requests" % sys.argv[1]).read().decode())' "$1"; }
configure() {
    mkdir -p "$HOME/.config/localgpt"
    (umask 077; cat >"$HOME/.config/localgpt/config.toml")
}

play good "[$(words 'Hello from afar')]"
good=$port
play bad '[{"status":503,"headers":{"Retry-After":"0"},"type":"application/json","body":["{\"error\":{\"message\":\"no capacity for sk-canary-key\"}}"]}]'
bad=$port
play cut '[{"body":["data: {\"choices\":[{\"delta\":{\"content\":\"Half an ans\"}}]}\n\n","!cut"]}]'
cut=$port

configure <<END
[providers.openai]
api_key = "\${TEST_KEY}"
base_url = "http://127.0.0.1:$good/v1"
END
export TEST_KEY=sk-canary-key
run ask hi
status_is 0 "the provider whose key is set answers without being named"
is "$OUT" "Hello from afar" "stdout is the answer"
is "$ERR" "" "stderr is silent"
is "$(ls "$HOME/.local/state/localgpt/agents/main/sessions/sessions.json" 2>&1 | grep -c "No such")" 1 "a question that stands alone is not registered"
registry=$HOME/.local/state/localgpt/agents/main/sessions/sessions.json
run ask -f json hi
is "$(json_get usage.cost_usd | cut -c1-6)" "0.0035" "the cost of a known model"
has "$(requests "$good")" '"authorization": "Bearer sk-canary-key"' "the key of the variable leaves"
run ask -s "$(json_get session)" again
status_is 0 "a session goes on"
has "$(cat "$registry")" '"agent:main:ask"' "sessions.json is kept by ask too"
has "$(cat "$registry")" '"totalTokens": 1100' "and what it took"
unset TEST_KEY
run ask -m openai/gpt-4o hi
status_is 3 "a key whose variable is not set is exit 3"
has "$ERR" "TEST_KEY" "and names the variable"

rm "$HOME/.config/localgpt/config.toml"
run ask -m anthropic/claude-opus-4-6 hi
status_is 4 "no key is exit 4"
has "$ERR" "ANTHROPIC_API_KEY" "no key: the variable to set"
has "$ERR" "providers.anthropic.api_key" "no key: the setting"
run ask -m opneai/gpt-4o hi
status_is 7 "a provider that does not exist is exit 7"
has "$ERR" "did you mean 'openai'?" "and the nearest one"

configure <<END
[agent]
default_model = "openai/gpt-4o"
fallback_models = ["anthropic/claude-opus-4-6", "lab/qwen"]
[providers.openai]
api_key = "sk-canary-key"
base_url = "http://127.0.0.1:$bad/v1"
[providers.custom.lab]
base_url = "http://127.0.0.1:$good/v1"
END
run ask hi
status_is 0 "a fallback model answers"
is "$OUT" "Hello from afar" "fallback: the answer"
has "$ERR" "503 Service Unavailable; trying again" "fallback: each try is told"
has "$ERR" "anthropic/claude-opus-4-6 cannot answer: there is no key" "fallback: a candidate without a key is told"
has "$ERR" "openai/gpt-4o failed: " "fallback: why"
has "$ERR" "; asking custom.lab/qwen" "fallback: who takes over"
hasnt "$OUT$ERR" canary "fallback: no key is shown"
run ask -f json hi
is "$(json_get model)" "custom.lab/qwen" "fallback: who answered"

configure <<END
[providers.openai]
api_key = "sk-canary-key"
base_url = "http://127.0.0.1:$bad/v1"
END
run ask -f json hi
status_is 5 "a server that fails at every try is exit 5"
has "$(json_get error.message)" "no capacity for ***" "failure: the server's own words, without the key"
run ask -m openai/gpt-4o --json hi
is "$(json_get ok)" False "failure: ok is false"

configure <<END
[agent]
fallback_models = ["lab/qwen"]
[providers.openai]
api_key = "sk-canary-key"
base_url = "http://127.0.0.1:$cut/v1"
[providers.custom.lab]
base_url = "http://127.0.0.1:$good/v1"
END
run ask -m openai/gpt-4o hi
status_is 5 "a cut answer is exit 5"
is "$OUT" "Half an ans" "cut: what came is shown"
has "$ERR" "the answer was cut off by the server" "cut: and told"
hasnt "$ERR" "asking" "cut: nobody takes over after the first word"
has "$(cat "$HOME"/.local/state/localgpt/agents/main/sessions/*.jsonl)" '"Half an ans"' "cut: the part is kept"
done_testing
