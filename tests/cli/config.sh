#!/bin/sh
# `localgpt config` as a person uses it: a file is made, changed and read; nothing but the key at
# hand changes; secrets stay where they are.
. "$(dirname "$0")/../tap.sh"
HOME=$scratch/home
export HOME
mkdir "$HOME"
unset XDG_CONFIG_HOME LOCALGPT_CONFIG LOCALGPT_CONFIG_DIR
file=$HOME/.config/localgpt/config.toml
config() { run "$LOCALGPT" config "$@"; }
says() { # name, status, stdout
    check "$1" equals "$status:$out" "$2:$3"
}
mode() { stat -c %a "$1"; }

config path
says "path needs no file" 0 "$file"
config get server.port
says "without a file every key has its default" 0 31327
config show
check "show tells that there is no file" contains "$out" "# $file (not there: all defaults)"
check "nothing is made by reading" test ! -e "$HOME/.config"

config init
says "init" 0 "Created config file at $file"
check "the file is closed to others" equals "$(mode "$file")" 600
check "the folder is closed to others" equals "$(mode "$HOME/.config/localgpt")" 700
cp "$file" "$scratch/example"
config init
check "init keeps a file that is there" equals "$status:$err" "1:localgpt: there is a config file at '$file' already
  Use --force to overwrite it."
echo "# mine" >"$file"
config init --force
check "init --force replaces it" cmp -s "$file" "$scratch/example"

# The example, with every "#key = value" in force, is what is in force without it.
config show -f json
defaults=$out
sed 's/^#\([^ ]\)/\1/' "$scratch/example" | sed 's/^timeout = "15m"$//' >"$scratch/all.toml"
chmod 600 "$scratch/all.toml"
run "$LOCALGPT" -c "$scratch/all.toml" config show -f json
check "the example with every key in force warns of nothing" equals "$err" ""
check "the example shows the true defaults" python3 -c '
import json, sys
one, other = json.loads(sys.argv[1]), json.loads(sys.argv[2])
assert one["providers"].pop("custom") == {} and list(other["providers"].pop("custom")) == ["NAME"]
assert one["tools"].pop("filters") == {} and list(other["tools"].pop("filters")) == ["NAME"]
assert one == other
' "$defaults" "$out"

# One key changes, every other byte stays.
cat >"$file" <<'END'
# Settings of mine
[agent]            # the model
default_model   =   'openai/gpt-4o'   # good one
max_tokens = 0x1000

[providers.openai]
api_key = "${OPENAI_API_KEY}"
base_url = "http://127.0.0.1:8080/v1"
END
chmod 600 "$file"
OPENAI_API_KEY=sk-verysecret-1234567890
export OPENAI_API_KEY
cp "$file" "$scratch/before"
config set agent.max_tokens 2_048
says "set says what is in force" 0 "Set agent.max_tokens = 2048"
sed 's/0x1000/2048/' "$scratch/before" >"$scratch/expected"
check "set changes one value and no other byte" cmp -s "$file" "$scratch/expected"
check "a variable is never written out" lacks "$(cat "$file")" verysecret
config set heartbeat.active_hours.start 09:00
config set providers.custom.lab.base_url http://192.168.1.5:8080/v1
config set server.cors_origins http://a.example,http://b.example
config set memory.paths '[{ path = "notes" }]'
config get heartbeat.active_hours
says "a nested table" 0 '[heartbeat.active_hours]
start = "09:00"
end = ""'
config get providers.custom.lab.base_url
says "a server by a name of one's own" 0 http://192.168.1.5:8080/v1
config get server.cors_origins
says "a list typed with commas" 0 '["http://a.example", "http://b.example"]'
config get memory.paths
says "a list of tables typed as TOML" 0 '[{ path = "notes", pattern = "**/*.md" }]'
for key in memory.paths server.cors_origins providers.custom.lab.base_url heartbeat.active_hours.start; do
    config unset $key
    says "unset $key" 0 "Unset $key"
done
config unset server.cors_origins
check "what is not set cannot be unset" equals "$status:$err" \
    "7:localgpt: 'server.cors_origins' is not set in '$file'"
check "the first lines are as they were" equals "$(head -8 "$file")" "$(cat "$scratch/expected")"

# What cannot be.
cp "$file" "$scratch/before"
config set agent.defualt_model x
check "a misspelt key is told" equals "$status:$err" "3:localgpt: unknown key 'agent.defualt_model', did you mean 'agent.default_model'?
  See 'localgpt config list'."
config set heartbeat.interval 30
check "a wrong value is told" equals "$status:$err" "3:localgpt: cannot set 'heartbeat.interval': expected a duration like \"30m\" or \"2h30m\", got \"30\"
  See 'localgpt help config heartbeat.interval'."
config set server.port 70000
check "a number out of range is told" equals "$status:$err" "3:localgpt: cannot set 'server.port': 70000 is outside 1 to 65535
  See 'localgpt help config server.port'."
config set cron.jobs '[{ name = "x", promt = "y" }]'
check "a wrong table is told" contains "$status:$err" "3:localgpt: cannot set 'cron.jobs': "
config set agent.fallback_models '["a"'
check "a list that does not end is told" equals "$status" 3
config set server yes
check "a section is no value" equals "$status" 3
check "nothing of this is written" cmp -s "$file" "$scratch/before"

# Secrets.
printf 'sk-other-secret-12345\n' >"$scratch/key"
"$LOCALGPT" config set providers.xai.api_key - <"$scratch/key" >"$scratch/said"
check "a value is read from stdin" equals "$(cat "$scratch/said")" "Set providers.xai.api_key = ***"
config get providers.xai.api_key
check "get hides a secret" equals "$out:$err" "***:'providers.xai.api_key' is secret; --reveal prints it"
config get providers.xai.api_key --reveal
says "get --reveal prints it" 0 sk-other-secret-12345
config get providers.openai.api_key
says "a variable is no secret" 0 '${OPENAI_API_KEY}'
config set providers.openai.base_url http://sk-other-secret-12345@127.0.0.1:1/v1
for view in "show" "show -f json" "show --json" "list" "list --json" "get providers" "get providers.openai.base_url --json"; do
    config $view
    check "$view works" equals "$status" 0
    case $view in get*) continue ;; esac
    check "$view shows no secret" lacks "$out$err" other-secret
    check "$view shows no variable's value" lacks "$out$err" verysecret
done
for view in "show -f json" "show --json" "list --json" "get providers --json" "path --json" "set --json server.port 1" "unset --json server.port" "init --json --force"; do
    config $view
    check "$view is one JSON document" python3 -c 'import json, sys; json.loads(sys.argv[1])' "$out"
done

# A variable is filled in when the value is used, and missed only then.
config init --force
config set agent.default_model '${LG_MODEL}'
says "a model in a variable" 0 'Set agent.default_model = ${LG_MODEL}'
unset LG_MODEL
run "$LOCALGPT" ask hello
line=$(grep -n '^default_model' "$file" | cut -d: -f1)
check "an unset variable is named with key and line" equals "$status:$(printf '%s\n' "$err" | head -1)" \
    "3:localgpt: $file:$line:17: 'agent.default_model' needs the variable LG_MODEL, which is not set"
run env LG_MODEL=nobody/model "$LOCALGPT" ask hello
check "a set one is used" contains "$err" nobody
run "$LOCALGPT" config get server.port
check "who does not use it does not miss it" equals "$status:$out:$err" "0:31327:"

# What is not ours stays: other lines, a key of tomorrow, the mode.
printf '[agent]\r\nfuture_key = 1 # tomorrow\r\n' >"$file"
chmod 644 "$file"
config get agent.max_tokens
check "a file that others can read is warned of" equals "$err" \
    "localgpt: warning: other users can read or change '$file'; close it with: chmod 600 '$file'
localgpt: warning: $file:2:1: unknown key 'agent.future_key'"
config set agent.max_tokens 7
check "CRLF and unknown keys survive" equals "$(od -c "$file")" \
    "$(printf '[agent]\r\nfuture_key = 1 # tomorrow\r\nmax_tokens = 7\r\n' | od -c)"
check "set closes the file to others" equals "$(mode "$file")" 600
config unset agent.future_key
says "an unknown key can be removed" 0 "Unset agent.future_key"

# Two at once: neither is lost.
config init --force
for port in 1 2 3 4 5 6 7 8; do
    "$LOCALGPT" config set providers.custom.s$port.model m$port >/dev/null &
done
wait
config get providers.custom
check "eight changes at once are all there" equals "$(printf '%s\n' "$out" | grep -c '^model = "m[1-8]"')" 8
check "no temporary file is left" equals "$(ls -A "$HOME/.config/localgpt")" config.toml

# A link stays a link; a folder that cannot be written is told.
mv "$file" "$scratch/real.toml"
ln -s "$scratch/real.toml" "$file"
config set server.port 9
check "a link is followed" test -L "$file"
check "its target is changed" contains "$(cat "$scratch/real.toml")" "port = 9"
run "$LOCALGPT" -c /proc/none/config.toml config set server.port 9
check "a folder that cannot be made is told" test "$status" != 0
check "and named" contains "$err" "/proc/none"
finish
