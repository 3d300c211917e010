#!/bin/sh
# What is told about a wrong command line, word for word, and the version.
. "$(dirname "$0")/lib.sh"

tells() { # description, stderr; the rest is the command line
    what=$1 expected=$2
    shift 2
    run "$@"
    status_is 2 "$what: exit status 2"
    is "$ERR" "$expected" "$what: words"
    is "$OUT" "" "$what: nothing on stdout"
}

run --version
status_is 0 "--version works"
is "$OUT" "localgpt 0.1.0" "--version tells the version"
is "$(ls -A "$HOME")" "" "--version makes no file"

overview="  Usage: localgpt [OPTIONS] COMMAND [ARGUMENTS] (more: localgpt help)"
paths="  Usage: localgpt paths [OPTIONS] (more: localgpt paths --help)"
tells "unknown command" "localgpt: unknown command 'pahts', did you mean 'paths'?
$overview" pahts
tells "far unknown command" "localgpt: unknown command 'xyzzy'
$overview" xyzzy
tells "unknown option" "localgpt: unknown option '--quite', did you mean '--quiet'?
$paths" paths --quite
tells "unknown letter" "localgpt: unknown option '-x'
$paths" paths -vx
tells "too many arguments" "localgpt: 'paths' takes no arguments, got 'here'
$paths" paths here
tells "missing value" "localgpt: option '--profile' needs a value: --profile NAME
$paths" paths --profile
tells "value for a flag" "localgpt: option '--quiet' takes no value
$paths" paths --quiet=yes
tells "not a number" "localgpt: option '--timeout': expected a whole number from 1 to 31536000, got '1.5'
$paths" paths --timeout 1.5
tells "number out of range" "localgpt: option '--timeout': expected a whole number from 1 to 31536000, got '0'
$paths" paths --timeout=0
tells "bad profile" "localgpt: '../x' is not a profile name
  Use letters, digits, '-' and '_', at most 64." paths -p../x
run -a ../x paths
status_is 2 "an agent's name is checked"
has "$ERR" "'../x'" "an agent's name is told"
tells "control characters in a word" "localgpt: unknown command 'red'
$overview" "$(printf '\033[31mred\033[0m')"

run
status_is 2 "without a command and a terminal: exit status 2"
has "$ERR" "Usage: localgpt [OPTIONS] COMMAND" "without a command: usage on stderr"
has "$ERR" "localgpt: no command was given" "without a command: the reason"
is "$OUT" "" "without a command: nothing on stdout"

run paths here --json
status_is 2 "a failure with --json has the status of its kind"
json_is_valid "a failure with --json is one document"
is "$(json_get error.code)" usage "the document tells the kind"
is "$(json_get error.message)" "'paths' takes no arguments, got 'here'" "the document tells the message"
is "$ERR" "" "with --json stderr is silent about it"
run pahts --json
json_is_valid "an unknown command with --json after it is one document"

# A folder's name may hold anything; the terminal gets none of it.
LOCALGPT_DATA_DIR=$(printf '/nowhere/\033[31mred\377')
export LOCALGPT_DATA_DIR
run paths
has "$OUT" "/nowhere/red" "paths: a name without its control characters"
hasnt "$OUT" "$(printf '\033')" "paths: no escape"
run paths --json
json_is_valid "paths --json of a name that is not UTF-8"
unset LOCALGPT_DATA_DIR

# Whoever starts us may have made the pipe non-blocking (node does), and read slowly.
python3 - "$LOCALGPT" >"$HOME_DIR/out" <<'END'
import fcntl, os, subprocess, sys
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
os.set_blocking(writer, False)
child = subprocess.Popen([sys.argv[1], "help", "config"], stdout=writer)
os.close(writer)
text = b""
while block := os.read(reader, 100):
    text += block
print(child.wait(), len(text) > 8192, text.endswith(b"\n"))
END
is "$(cat "$HOME_DIR/out")" "0 True True" "a slow reader of a non-blocking pipe gets all"

done_testing
