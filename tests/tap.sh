# TAP for shell tests: source it, call `check` once for each case, end with `finish`.
#
#     . "$(dirname "$0")/../tap.sh"
#     run program --flag              # keeps status, stdout and stderr in $status, $out, $err
#     check "says what is wrong" contains "$err" "no such file"
#     finish
#
# $scratch is an empty folder that goes away at the end.

n_cases=0
n_failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

run() {
    status=0
    "$@" >"$scratch/.out" 2>"$scratch/.err" </dev/null || status=$?
    out=$(cat "$scratch/.out")
    err=$(cat "$scratch/.err")
}

check() { # name, then a command that must succeed
    n_cases=$((n_cases + 1))
    case_name=$1
    shift
    if "$@"; then
        echo "ok $n_cases $case_name"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $n_cases $case_name"
        {
            printf 'failed: %s\nstatus: %s\nstdout:\n%s\nstderr:\n%s\n' "$*" "${status:-}" "${out:-}" "${err:-}"
        } | sed 's/^/# /'
    fi
}

equals() { [ "$1" = "$2" ]; }
contains() { case $1 in *"$2"*) true ;; *) false ;; esac; }
lacks() { ! contains "$1" "$2"; }

finish() {
    echo "1..$n_cases"
    [ "$n_failed" = 0 ]
    exit
}
