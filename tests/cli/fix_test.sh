#!/bin/sh
# "Fix the failing test in this C project": a scripted model works through the real program and the
# real sandbox, shows its diff, and `undo` restores every byte.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tool_model.sh"
command -v gcc >/dev/null || { echo "1..0 # SKIP gcc is not installed"; exit 0; }

project=$HOME/project
mkdir -p "$project"
cat >"$project/add.c" <<'END'
int add(int a, int b) {
    return a - b;
}
END
cat >"$project/test.c" <<'END'
#include <stdio.h>
int add(int a, int b);
int main(void) {
    if (add(2, 3) == 5) return 0;
    printf("FAIL: add(2, 3) is %d, not 5\n", add(2, 3));
    return 1;
}
END
cat >"$project/Makefile" <<'END'
check: test
	./test
test: test.c add.c
	gcc -o test test.c add.c
END
chmod 640 "$project/add.c"
# Every name, mode, time and byte of the tree (the time of the folder itself is its own).
state() { (cd "$project" && find . -mindepth 1 -printf '%P %m %y %T@\n' | sort && find . -type f | sort | xargs sha256sum); }
before=$(state)

script='[
 [["bash", {"command": "make check"}]],
 [["read_file", {"path": "add.c"}], ["grep", {"pattern": "add\\("}]],
 [["edit_file", {"path": "add.c", "old_string": "a - b", "new_string": "a + b"}]],
 [["bash", {"command": "make check"}]],
 "The test failed because add() subtracted. Fixed; make check passes."]'
model "$script"
run ask -C "$project" --mode auto "fix the failing test in this C project"
status_is 0 "the task is done"
is "$OUT" "The test failed because add() subtracted. Fixed; make check passes." "stdout is the answer alone"
has "$ERR" "run make check: exit status 2" "the first run fails, and says so"
has "$ERR" "-    return a - b;" "the diff is shown: what went"
has "$ERR" "+    return a + b;" "and what came"
has "$(cat "$project/add.c")" "return a + b;" "the file is changed"
is "$(stat -c %a "$project/add.c")" 640 "and keeps its mode"
"$project/test" && ok "the test passes outside of the sandbox too" || not_ok "the test passes outside of the sandbox too" ""
has "$(request 1)" "FAIL: add(2, 3) is -1, not 5" "the model was shown the failure"
has "$(request 1)" "Exit status: 2" "with the exit status"
has "$(request 2)" 'add.c:1:int add(int a, int b) {' "grep found it"
has "$(request 4)" "Exit status: 0" "and the success at last"

after=$(state)

run undo -C "$project"
status_is 0 "undo"
is "$(state)" "$before" "every byte, mode, name and time is as before"
run redo -C "$project"
status_is 0 "redo"
is "$(state)" "$after" "and as after again"
done_testing
