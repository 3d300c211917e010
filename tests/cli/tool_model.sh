# A scripted model with tools, for tests of the command line: sourced after lib.sh.
#
#     model '[[["bash", {"command": "true"}]], "Done."]'     # the configuration points to it
#     run ask --mode auto "do it"
#     request 1                                              # the body of the second request
fake=$(cd "$(dirname "$0")/../fake" && pwd)
for name in ANTHROPIC OPENAI XAI GLM OPENROUTER; do unset ${name}_API_KEY; done
unset OLLAMA_HOST
model_pids=
trap 'for one in $model_pids; do kill "$one" 2>/dev/null; done; rm -rf "$HOME_DIR"' EXIT

model() { # steps, further lines of the configuration
    python3 "$fake/tool_script.py" "$1" >"$HOME_DIR/script.json" || exit 1
    if [ -z "$model_pids" ]; then
        mkfifo "$HOME_DIR/model.in" "$HOME_DIR/model.out"
        python3 "$fake/model_server.py" <"$HOME_DIR/model.in" >"$HOME_DIR/model.out" &
        model_pids=$!
        sleep 1000 >"$HOME_DIR/model.in" &
        model_pids="$model_pids $!"
        read -r model_port <"$HOME_DIR/model.out"
    fi
    python3 - "$model_port" "$HOME_DIR/script.json" <<'END'
import sys, urllib.request
request = urllib.request.Request("http://127.0.0.1:%s/script" % sys.argv[1],
                                 data=open(sys.argv[2], "rb").read(), method="PUT")
urllib.request.urlopen(request).read()
END
    mkdir -p "$HOME/.config/localgpt"
    (umask 077; cat >"$HOME/.config/localgpt/config.toml") <<END
[providers.openai]
api_key = "sk-test-key"
base_url = "http://127.0.0.1:$model_port/v1"
${2-}
END
}

# The body of request N (from 0), as text in which \" and \n are gone.
request() {
    python3 - "$model_port" "$1" <<'END'
import json, sys, urllib.request
all = json.load(urllib.request.urlopen("http://127.0.0.1:%s/requests" % sys.argv[1]))
body = all[int(sys.argv[2])]["body"]
for message in body["messages"]:
    print(message["role"], message.get("content"), json.dumps(message.get("tool_calls", "")))
END
}

# The names of the tools that request N offers.
offered() {
    python3 - "$model_port" "$1" <<'END'
import json, sys, urllib.request
all = json.load(urllib.request.urlopen("http://127.0.0.1:%s/requests" % sys.argv[1]))
print(*[tool["function"]["name"] for tool in all[int(sys.argv[2])]["body"].get("tools", [])])
END
}
