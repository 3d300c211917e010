#!/bin/sh
# Broken configurations: each NAME.toml of config_errors/ is told exactly as NAME.txt says, to the
# byte, with the exit status in its last line; nothing goes to stdout; no secret is shown.
. "$(dirname "$0")/../tap.sh"
cases=$(cd "$(dirname "$0")/config_errors" && pwd)
HOME=$scratch
export HOME
cd "$scratch" || exit 1

for file in "$cases"/*.toml; do
    name=$(basename "$file" .toml)
    install -m 600 "$file" config.toml
    run "$LOCALGPT" -c config.toml config get server.port
    check "$name is told with line, column and caret" \
        equals "$err
exit $status" "$(cat "$cases/$name.txt")"
    case $name in
    unknown_*) check "$name does not stop the program" equals "$out" 31327 ;;
    *) check "$name prints nothing else" equals "$out" "" ;;
    esac
    check "$name shows no secret" lacks "$out$err" verysecret
done

# The same for a program: one document, on stdout.
install -m 600 "$cases/several_problems.toml" config.toml
run "$LOCALGPT" -c config.toml --json config get server.port
check "with --json the error is one document" python3 -c '
import json, sys
error = json.loads(sys.argv[1])
assert error["ok"] is False and error["error"]["code"] == "config"
for place in ("config.toml:2:8:", "config.toml:3:8:", "config.toml:6:12:"):
    assert place in error["error"]["message"], place
' "$out"
check "with --json nothing is on stderr" equals "$err" ""
check "the status is 3" equals "$status" 3

# A folder, a device and an unreadable size are no configuration either.
mkdir folder
run "$LOCALGPT" -c folder config show
check "a folder is refused" equals "$status" 3
run "$LOCALGPT" -c /dev/zero config show
check "a device is refused" equals "$status" 3
head -c 5000000 /dev/zero | tr '\0' '#' >large.toml
run "$LOCALGPT" -c large.toml config show
check "5 MB are refused" equals "$status" 3
run "$LOCALGPT" -c missing.toml config show
check "a missing file that was named is refused" equals "$status" 3

# A thousand mistakes are told in short.
{ echo "[server]"; seq -f 'unknown%g = 1' 20000; } >many.toml
chmod 600 many.toml
run "$LOCALGPT" -c many.toml config get server.port
check "20000 unknown keys do not drown the answer" equals "$out" 31327
check "20000 unknown keys are cut" test "$(printf '%s\n' "$err" | wc -l)" -le 101
finish
