#!/bin/sh
# `localgpt model`: pull (whole, stopped, gone on with, wrong), list, info, use, remove, and files
# that were put there by hand. The hub is on loopback, the package script is a stand-in.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
models=$HOME/.local/share/localgpt/models
hub=$HOME_DIR/hub
log=$HOME_DIR/log
mkdir "$hub"
: >"$log"
mkfifo "$HOME_DIR/hold-open" "$HOME_DIR/port" "$HOME_DIR/held"
python3 "$here/model_server.py" "$hub" "$log" "$HOME_DIR/held" <"$HOME_DIR/hold-open" >"$HOME_DIR/port" &
exec 9>"$HOME_DIR/hold-open" # the server ends when this does
read -r port <"$HOME_DIR/port"
address=http://127.0.0.1:$port
file=smollm2-360m-instruct-q8_0.gguf
python3 "$here/make_gguf.py" "$hub/$file" 3000000 "Small"
sha=$(sha256sum "$hub/$file" | cut -d' ' -f1)
wrong=$(echo other | sha256sum | cut -d' ' -f1)

use_hub() { # mode
    mkdir -p "$HOME/.config/localgpt"
    printf '[models]\nhub = "%s/%s"\n' "$address" "$1" >"$HOME/.config/localgpt/config.toml"
    chmod 600 "$HOME/.config/localgpt/config.toml"
}
exists() { # path, description
    if [ -e "$1" ]; then ok "$2"; else not_ok "$2" "not there: $1, but: $(ls -a "$models" 2>&1)"; fi
}
missing() {
    if [ -e "$1" ]; then not_ok "$2" "is there: $1"; else ok "$2"; fi
}
# --- nothing there
run model list
status_is 0 "list works with nothing installed"
has "$OUT" "No local model is installed. 'localgpt model pull'" "list names the next step"
has "$OUT" "qwen3-1.7b" "list shows what can be got"
run model list --json
json_is_valid "list --json is one document"
is "$(json_get models.0.is_installed)" False "list --json: the catalog is not installed"
run model info smollm2-360m
has "$OUT" "smollm2-360m (not installed)" "info tells of a model before it is got"
run model use qwen3-1.7b
status_is 7 "use refuses a model that is not installed"
has "$ERR" "localgpt model pull qwen3-1.7b" "use names the command that gets it"
run model remove -y qwen3-1.7b
status_is 7 "remove of what is not there fails"
run model pull smolm2-360m
has "$ERR" "did you mean 'smollm2-360m'?" "pull asks what was meant"
missing "$models" "nothing was made so far"

# --- the package script
run model pull
status_is 7 "pull without a script fails"
has "$ERR" "is not there ('$HOME_DIR/no-script')" "and says which script is missing"
cat >"$LOCALGPT_INSTALL_MODEL" <<'END'
#!/bin/sh
echo "script: $*"
[ -z "${OPENAI_API_KEY:-}" ] || echo "a key leaked"
case " $* " in *" engine "*) mkdir -p "$LOCALGPT_DATA_DIR/engine" && : >"$LOCALGPT_DATA_DIR/engine/libllama.so" ;; esac
case " $* " in *" model "*) echo "no network here" >&2; exit 1 ;; esac
END
chmod +x "$LOCALGPT_INSTALL_MODEL"
OPENAI_API_KEY=sk-secret run model pull
status_is 5 "pull fails when the script does"
has "$ERR" "no network here" "and tells its last words"
hasnt "$ERR" "a key leaked" "the script gets no keys"
exists "$HOME/.local/share/localgpt/engine/libllama.so" "the engine was asked for with the model"

cat >"$LOCALGPT_INSTALL_MODEL" <<END
#!/bin/sh
sleep 1000 &
echo \$! >"$HOME_DIR/child"
echo started >"$HOME_DIR/held"
wait
END
# A shell starts background jobs with Ctrl-C ignored, and what was ignored stays so.
env --default-signal=INT "$LOCALGPT" model pull >"$HOME_DIR/out" 2>"$HOME_DIR/err" &
pid=$!
read -r _ <"$HOME_DIR/held"
kill -INT $pid
wait $pid
STATUS=$? ERR=$(cat "$HOME_DIR/err")
status_is 130 "Ctrl-C ends the script, too"
while kill -0 "$(cat "$HOME_DIR/child")" 2>/dev/null; do :; done
ok "and all that it started"
cat >"$LOCALGPT_INSTALL_MODEL" <<'END'
#!/bin/sh
echo "no network here" >&2
exit 1
END

# --- stopped, gone on with
use_hub once
env --default-signal=INT "$LOCALGPT" model pull smollm2-360m >"$HOME_DIR/out" 2>"$HOME_DIR/err" &
pid=$!
read -r _ <"$HOME_DIR/held"
part=$models/.$file.new.part
while [ "$(stat -c %s "$part" 2>/dev/null || echo 0)" -lt 1000000 ] && kill -0 $pid 2>/dev/null; do :; done
kill -INT $pid
wait $pid
STATUS=$? OUT=$(cat "$HOME_DIR/out") ERR=$(cat "$HOME_DIR/err")
status_is 130 "Ctrl-C ends a pull with 130"
has "$ERR" "are kept; to go on: localgpt model pull smollm2-360m" "and says how to go on"
exists "$part" "the part is kept"
run model list
has "$OUT" "No local model is installed" "a part is not a model"
run model pull smollm2-360m
status_is 0 "the same command goes on"
has "$OUT" "smollm2-360m is installed: 3 M parameters, 3.0 MB, Apache-2.0" "and says what is there"
has "$ERR" "(386 MB, licence: Apache-2.0) from $address/once/" "size, licence and address are told before"
has "$(tail -n 1 "$log")" "once $file bytes=" "only the rest was asked for"
is "$(sha256sum "$models/$file" | cut -d' ' -f1)" "$sha" "the file is whole"
missing "$part" "no part is left"
is "$(stat -c %a "$models/$file.json")" 600 "the record is private"
requests=$(wc -l <"$log")
run model pull smollm2-360m --json
json_is_valid "pull --json is one document"
is "$(json_get was_installed)" True "a second pull fetches nothing"
is "$(wc -l <"$log")" "$requests" "and asks the hub for nothing"

# --- list, info, use
run model list
has "$OUT" "* smollm2-360m" "the only model is the default"
run model list --json
json_is_valid "list --json is one document with a model"
is "$(json_get models.0.name):$(json_get models.0.sha256)" "smollm2-360m:$sha" "name and hash are there"
is "$(json_get default_path)" "$models/$file" "the default is named by its path"
run model info smollm2-360m --verify
has "$OUT" "verified      the file is what it was" "info --verify hashes"
run model use SmolLM2-360M
status_is 0 "use works"
has "$(cat "$HOME/.config/localgpt/config.toml")" 'default_model = "local/smollm2-360m"' "use writes the configuration"
has "$(cat "$HOME/.config/localgpt/config.toml")" "[models]" "and keeps the rest"
printf 'x' | dd of="$models/$file" bs=1 seek=2000000 conv=notrunc status=none
touch -d @1700000000 "$models/$file"
run model info smollm2-360m --verify --json
is "$(json_get model.source)" "found in the models folder" "a changed file is a new one"

# --- a hash that was recorded, and one that was asked for
run model pull --force smollm2-360m
status_is 0 "pull --force gets it again"
is "$(sha256sum "$models/$file" | cut -d' ' -f1)" "$sha" "and it is whole again"
use_hub good
python3 "$here/make_gguf.py" "$hub/$file" 2999999 "Other"
run model pull --force smollm2-360m
status_is 6 "other bytes than recorded are refused"
has "$ERR" "recorded by an earlier download" "and it is said what they were held against"
is "$(sha256sum "$models/$file" | cut -d' ' -f1)" "$sha" "the good file stays"
run model pull --url "$address/good/$file" --sha256 "$wrong" mine
status_is 6 "a wrong hash is refused"
has "$ERR" "$wrong" "with the hash that was expected"
hasnt "$ERR" ".new" "and the name of the model's file"
run model list --json
hasnt "$OUT" mine "and nothing is installed"
run model pull --url "$address/good/$file" --sha256 zzz mine
status_is 2 "a hash that is none is a usage error"
run model pull --url "$address/good/$file"
status_is 2 "--url needs a name"
run model pull --url "http://192.0.2.1/x.gguf" mine
status_is 6 "an address without TLS and hash is refused"

# --- what hubs do
run model pull --url "$address/missing/x.gguf" mine
status_is 7 "404 is a failure"
has "$ERR" "404" "and is named"
run model pull --url "$address/page/$file" mine
status_is 1 "a web page is no model"
has "$ERR" "not a GGUF file" "and that is said"
missing "$models/.$file.new" "the page is gone"
run model pull --url "$address/short/$file" --timeout 60 mine
hasnt "$STATUS" 0 "a file that is cut short is a failure"
cp "$hub/$file" "$hub/mine.gguf"
run model pull --url "$address/good/mine.gguf" --sha256 "$(sha256sum "$hub/mine.gguf" | cut -d' ' -f1)" mine
status_is 0 "any address with its hash"
run model info mine --json
is "$(json_get model.licence):$(json_get model.source)" "mit:$address/good/mine.gguf" "the record names licence and address"
use_hub missing
run model pull qwen3-0.6b
status_is 7 "a hub without the file is a failure"
has "$ERR" "404" "and is told"

# --- put there by hand, broken, elsewhere
cp "$hub/$file" "$models/hand.gguf"
run model list
has "$OUT" "hand" "a file put there by hand is a model"
exists "$models/hand.gguf.json" "and gets a record"
echo '{"name": "evil", "file": "../x"}' >"$models/hand.gguf.json"
run model info hand
status_is 0 "a corrupt record is made anew"
head -c 100000 "$hub/$file" >"$models/half.gguf"
run model list
has "$OUT" "cut off" "a broken file is told"
run model remove half
status_is 2 "remove does not ask where nobody is"
run model remove -y half
status_is 0 "a broken file can be removed"
missing "$models/half.gguf" "and is gone"
cp "$hub/$file" "$HOME/far.gguf"
run model use "$HOME/far.gguf"
has "$OUT" "local/far answers" "a file elsewhere can be used"
run model info far
has "$OUT" "~/far.gguf" "and has a name from then on"
run model remove -y far
has "$OUT" "its file stays" "remove only forgets it"
exists "$HOME/far.gguf" "and the file is there"
run model remove -y smollm2-360m --json
json_is_valid "remove --json is one document"
missing "$models/$file" "the model is gone"
missing "$models/$file.json" "and its record"

# --- on a terminal
on_terminal() { # answer, arguments: what the program writes, with its status at the end
    answer=$1
    shift
    ANSWER=$answer python3 - "$LOCALGPT" "$@" <<'END'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, is_asked = b"", False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if b"[y/N] " in seen and not is_asked:
        is_asked = True
        os.write(terminal, os.environ["ANSWER"].encode() + b"\n")
print(seen.decode(), "status", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
}
seen=$(on_terminal n model remove mine)
has "$seen" "Remove mine (3.0 MB)? [y/N]" "remove asks on a terminal"
has "$seen" "status 6" "and takes no for an answer"
exists "$models/mine.gguf" "and the file stays"
seen=$(on_terminal y model remove mine)
has "$seen" "mine is removed, 3.0 MB are free" "yes removes it"
seen=$(on_terminal "" model pull --url "$address/good/mine.gguf" mine)
has "$seen" "100 %  ████████████████████" "a terminal gets a bar"
seen=$(on_terminal "" model pull --plain --force --url "$address/good/mine.gguf" mine)
hasnt "$seen" "█" "and none with --plain"
has "$seen" "mine: 100 %" "but lines"

# --- a full disk
small=$HOME_DIR/small
mkdir "$small"
cat >"$HOME_DIR/on-a-small-disk" <<'END'
mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"
END
if unshare -rm sh "$HOME_DIR/on-a-small-disk" "$small" true 2>/dev/null; then
    unshare -rm sh "$HOME_DIR/on-a-small-disk" "$small" env LOCALGPT_DATA_DIR="$small" \
        "$LOCALGPT" model pull --url "$address/good/mine.gguf" full >"$HOME_DIR/out" 2>"$HOME_DIR/err"
    STATUS=$? ERR=$(cat "$HOME_DIR/err")
    status_is 1 "a full disk is a failure"
    has "$ERR" "needs 3.0 MB of disk space" "and is named"
    unshare -rm sh "$HOME_DIR/on-a-small-disk" "$small" env LOCALGPT_DATA_DIR="$small" \
        "$LOCALGPT" model pull qwen3-1.7b >"$HOME_DIR/out" 2>"$HOME_DIR/err"
    STATUS=$? ERR=$(cat "$HOME_DIR/err")
    status_is 1 "too little room is told"
    has "$ERR" "the disk is too full: 1.3 GB are needed" "before anything is fetched"
else
    ok "a full disk # SKIP no user namespaces here"
fi

exec 9>&-
done_testing
