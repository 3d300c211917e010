#!/bin/sh
# tools/run-tests counts every case of every test, and nothing that did not run counts as passed.
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$scratch/tree
mkdir -p "$tree/tools"
cp "$root/tools/run-tests" "$tree/tools"
echo "project('tree')" >"$tree/meson.build"

# name, then the lines of a shell script that is the test
add() {
    name=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" >"$tree/$name.sh"
    chmod +x "$tree/$name.sh"
    echo "test('$name', files('$name.sh'), protocol: 'tap', timeout: 5)" >>"$tree/meson.build"
}
gate() {
    printf '%s\n' '#!/bin/sh' "$2" >"$tree/tools/check-$1"
    chmod +x "$tree/tools/check-$1"
}
count() {
    meson setup --wipe "$tree/build" "$tree" >/dev/null 2>&1 || meson setup "$tree/build" "$tree" >/dev/null
    run "$tree/tools/run-tests" "$tree/build" "$@"
    last=$(printf '%s\n' "$out" | tail -n 1)
}

count
check "no test at all is a failure" equals "$status:$last" "1:0 passed, 1 failed"

add good 'echo 1..3' 'echo ok 1 a' 'echo ok 2 - b' 'echo "ok 3 c # SKIP not applicable: no such kernel"'
gate good 'exit 0'
count
check "cases and gates are counted" equals "$status:$last" "0:4 passed, 0 failed"
count --no-gates
check "gates can be left out" equals "$status:$last" "0:3 passed, 0 failed"

add red 'echo 1..2' 'echo ok 1 a' 'echo "the reason" >&2' 'echo not ok 2 broken'
count
check "a failed case fails the run" equals "$status:$last" "1:5 passed, 1 failed"
check "its name is told" contains "$out" "FAIL red: broken: failed"
check "its output is told in full" contains "$out" "the reason"

add skips 'echo 1..1' 'echo "ok 1 lazy # SKIP no tmux"'
count
check "a skip is a failure" equals "$last" "5 passed, 2 failed"
add short 'echo 1..3' 'echo ok 1 a'
count
check "too few cases are a failure" contains "$out" "FAIL short: plan: 3 cases planned, 1 seen"
add dies 'echo 1..1' 'echo ok 1 a' 'kill -SEGV $$'
count
check "a crash after the last case is a failure" contains "$out" "FAIL dies: exit code"
add silent 'exit 0'
count
check "a test without output is a failure" contains "$out" "FAIL silent: plan: None cases planned"
gate bad 'echo src/x.c:3: wrong; exit 1'
count
check "a failed gate is told" contains "$out" "src/x.c:3: wrong"
check "everything is counted" equals "$status:$last" "1:7 passed, 6 failed"

finish
