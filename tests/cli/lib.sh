# What every shell test of the command line shares: a home of its own, and TAP.
#
#     . "$(dirname "$0")/lib.sh"
#     run paths; status_is 0 "paths works"; out_has "LocalGPT paths"
#     done_testing
#
# LOCALGPT is the program under test (meson sets it). `run` leaves stdout in $OUT, stderr in $ERR
# and the exit status in $STATUS.
set -u
LOCALGPT=${LOCALGPT:?the program under test}
HOME_DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$HOME_DIR"' EXIT
trap 'exit 1' INT TERM
for name in $(env | sed -n 's/^\(LOCALGPT_[A-Z_]*\|XDG_[A-Z_]*\|NO_COLOR\|CLICOLOR_FORCE\)=.*/\1/p'); do
    case $name in LOCALGPT_BUILD | LOCALGPT_TEST_* | LOCALGPT_WITHOUT_SYSCALL) ;; *) unset "$name" ;; esac
done
# No test reaches for the package clients: 'model pull' finds no script.
export LOCALGPT_INSTALL_MODEL=$HOME_DIR/no-script
export HOME=$HOME_DIR/home TMPDIR=$HOME_DIR/tmp TERM=xterm LC_ALL=C.UTF-8
mkdir -p "$HOME" "$TMPDIR"
cases=0
failures=0

run() {
    "$LOCALGPT" "$@" >"$HOME_DIR/out" 2>"$HOME_DIR/err" </dev/null
    STATUS=$?
    OUT=$(cat "$HOME_DIR/out")
    ERR=$(cat "$HOME_DIR/err")
}

ok() { # description
    cases=$((cases + 1))
    echo "ok $cases - $1"
}

not_ok() { # description, what was seen
    cases=$((cases + 1))
    failures=$((failures + 1))
    echo "not ok $cases - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

is() { # seen, expected, description
    if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "seen:     $1
expected: $2"; fi
}

has() { # text, part, description
    case $1 in *"$2"*) ok "$3" ;; *) not_ok "$3" "'$2' is not in: $1" ;; esac
}

hasnt() { # text, part, description
    case $1 in *"$2"*) not_ok "$3" "'$2' is in: $1" ;; *) ok "$3" ;; esac
}

status_is() { # expected, description
    if [ "$STATUS" = "$1" ]; then ok "$2"; else not_ok "$2" "exit status $STATUS, expected $1; stderr: $ERR"; fi
}

# One JSON document on stdout, and it ends with a newline.
json_is_valid() { # description
    if python3 - "$HOME_DIR/out" <<'END'
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
assert text.endswith("\n") and text.count("\n") == 1, text
assert isinstance(json.loads(text)["ok"], bool)
END
    then ok "$1"; else not_ok "$1" "stdout: $OUT"; fi
}

# A member of the document: json_get error.code
json_get() {
    python3 -c 'import functools, json, sys
print(functools.reduce(lambda value, key: value[int(key)] if isinstance(value, list) else value[key],
                       sys.argv[2].split("."), json.load(open(sys.argv[1]))))' "$HOME_DIR/out" "$1"
}

done_testing() {
    echo "1..$cases"
    [ "$failures" = 0 ]
    exit
}
