#!/bin/sh
# Each gate passes a clean tree and names file and line of a planted fault.
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$scratch/tree

# A small clean tree: two folders, one of them nested, a header each.
plant_clean() {
    rm -rf "$tree"
    mkdir -p "$tree/src/base" "$tree/src/sandbox/exec"
    printf 'base:\nsandbox/exec: base\n' >"$tree/src/LAYERS"
    printf '/* What it is. */\n#pragma once\n\nint text_length(const char *text);\n' >"$tree/src/base/text.h"
    printf '#include "base/text.h"\n\nint text_length(const char *text) {\n    return text[0] != 0;\n}\n' \
        >"$tree/src/base/text.c"
    printf '/* The child. */\n#pragma once\n\n#include "base/text.h"\n' >"$tree/src/sandbox/exec/child.h"
    printf '#include "sandbox/exec/child.h"\n' >"$tree/src/sandbox/exec/child.c"
    cp "$root/.clang-format" "$root/.clang-tidy" "$tree"
}

# gate, what must be said, file to append to, text
fault() {
    plant_clean
    mkdir -p "$(dirname "$tree/$3")"
    printf "$4" >>"$tree/$3"
    run "$root/tools/$1" "$tree"
    check "$1 fails: $2" equals "$status" 1
    check "$1 says: $2" contains "$out$err" "$2"
}

for gate in layers shape format cppcheck; do
    plant_clean
    run "$root/tools/check-$gate" "$tree"
    check "check-$gate passes a clean tree" equals "$status:$out$err" "0:"
done

fault check-layers 'src/base/text.c:6: base may not include sandbox/exec' src/base/text.c \
    '#include "sandbox/exec/child.h"\n'
fault check-layers 'src/store/db.c:1: folder store has no line in src/LAYERS' src/store/db.c 'int x;\n'
fault check-layers 'src/sandbox/policy.c:1: folder sandbox has no line' src/sandbox/policy.c 'int x;\n'
fault check-layers 'folders in a circle: a -> b -> a' src/LAYERS 'a: b\nb: a\n'
fault check-layers 'src/LAYERS:3: a may include nowhere, which has no line' src/LAYERS 'a: nowhere\n'
plant_clean
printf '#include "base/a.h"\n' >>"$tree/src/base/text.h"
printf '/* A. */\n#pragma once\n#include "base/text.h"\n' >"$tree/src/base/a.h"
run "$root/tools/check-layers" "$tree"
check "check-layers sees files that include each other" contains "$out" \
    'src/base/a.h:1: files include each other in a circle: src/base/a.h -> src/base/text.h -> src/base/a.h'

lines() { # n text
    awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s\\n", text }'
}
shape() { fault check-shape "src/base/x.c:$1" src/base/x.c "$2"; }
shape '1: function f of 101 lines (at most 100)' "void f(void) {\n$(lines 99 '    x++;')}\n"
shape '801: file of 801 lines (at most 800)' "$(lines 801 '')"
shape '2: f has 6 parameters (at most 5)' '\nvoid f(int a, int b, int c, int d, int e, int f) {\n}\n'
shape '1: f has 6 parameters (at most 5)' 'void f(int a, int b, int c, int d, int e, int f);\n'
shape '1: f has 2 bool parameters (at most 1)' 'void f(bool a, int b, bool c) {\n}\n'
shape '6: nesting deeper than 4' \
    'void f(void) {\n    if (a) {\n  for (;;) {\n  while (b) {\n  switch (c) {\n  if (d) {\n  }}}}}\n}\n'
shape '2: banned function strcpy' '\nvoid f(char *a) { strcpy(a, "b"); }\n'
shape '1: banned function popen' 'void f(void) { popen("ls", "r"); }\n'
shape '2: // comment: use /* */' '\n// no\n'
shape '1: json_object_set_new builds JSON by hand' 'void f(void) { json_object_set_new(a, "b", c); }\n'
shape '1: json_pack builds JSON by hand' 'void f(void) { json_pack("{}"); }\n'
shape '3: a variable that outlives its owner' '\n\nstatic int counter;\n'
shape '1: a variable that outlives its owner' 'static const char *names[] = { "a", "b" };\n'
shape '2: a variable that outlives its owner' 'void f(void) {\n    static int calls = 0;\n}\n'
fault check-shape 'src/base/utils.c:1: a file is named for a concept' src/base/utils.c '\n'
fault check-shape 'src/base/text_helpers.c:1: a file is named' src/base/text_helpers.c '\n'
fault check-shape 'src/base/y.h:1: a header has #pragma once' src/base/y.h '/* Y. */\n'
fault check-shape 'src/base/y.h:1: a header opens with a comment' src/base/y.h '#pragma once\n'
fault check-shape 'notes.md:2: mentions /work' notes.md "\nsee /work""/shared/x\n"
fault check-shape 'notes.md:1: mentions' notes.md "get it from registry.npm""js.org\n"

plant_clean
cat >"$tree/src/base/fine.c" <<'END'
/* Not faults: strcpy(a, b) in a comment, and what only looks like one. */
static const char *const names[] = { "json_pack(", "// not a comment" };
static const struct {
    const char *name;
    int value;
} rows[] = { { "a", 1 } };
static volatile int stop; /* global: set by the signal handler */
typedef void (*Callback)(int a, void *user_data);
int many(int a, int b, int c, int d, int e, GError **error);
int outer(Callback callback, const char *text) {
    static const int limit = 3;
    for (int i = 0; i < limit; i++) {
        if (text[i]) {
            Row row = (Row){ .name = "x", .list = { 1, 2 } };
            my_strcpy(row);
        }
    }
    return limit;
}
END
run "$root/tools/check-shape" "$tree"
check "check-shape knows what is no fault" equals "$status:$out$err" "0:"

fault check-format 'src/base/x.c:1:' src/base/x.c 'int  x ;\n'
fault check-cppcheck 'src/base/x.c:4:' src/base/x.c \
    'int f(void);\nint f(void) {\n    int a[2] = { 0 };\n    return a[2];\n}\n'

# These two need a tree that builds.
plant_clean
mkdir -p "$tree/tools"
cp "$root/tools/check-clang" "$root/tools/check-tidy" "$tree/tools"
cat >"$tree/meson.build" <<'END'
project('tree', 'c', default_options: ['warning_level=2', 'werror=true'])
static_library('tree', 'src/base/text.c', include_directories: 'src')
END
echo "option('static_deps', type: 'boolean')" >"$tree/meson_options.txt"
run "$tree/tools/check-clang"
check "check-clang passes a clean tree" equals "$status" 0
run "$tree/tools/check-tidy"
check "check-tidy passes a clean tree" equals "$status:$out" "0:"
cp "$tree/src/base/text.c" "$scratch/text.c"
printf 'static inline int unused(void) {\n    return 0;\n}\n' >>"$tree/src/base/text.c"
run "$tree/tools/check-clang"
check "check-clang refuses what only clang warns of" contains "$out" 'text.c:6:19: error: unused function'
cp "$scratch/text.c" "$tree/src/base/text.c"
printf 'int twice(int a);\nint twice(int a) {\n    if (a > 1 && a > 1) return 2;\n    return a;\n}\n' \
    >>"$tree/src/base/text.c"
run "$tree/tools/check-tidy"
check "check-tidy fails on a planted fault" equals "$status" 1
check "check-tidy names file and line" contains "$out" 'src/base/text.c:8:'
cp "$scratch/text.c" "$tree/src/base/text.c"
printf 'int cut(long a);\nint cut(long a) {\n    return a;\n}\n' >>"$tree/src/base/text.c"
run "$tree/tools/check-tidy"
check "check-tidy sees a number that is cut" contains "$out" 'src/base/text.c:8:12: error: implicit conversion'
cp "$scratch/text.c" "$tree/src/base/text.c"
run "$tree/tools/check-tidy"
check "check-tidy passes again when it is mended" equals "$status:$out" "0:"

finish
