#!/bin/sh
# A newcomer follows docs/how-to/add-a-command.md to the letter, in a copy of the tree: the command is there, in
# help, in completions and in JSON. And every function that docs/life-of-a-message.md names exists.
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$scratch/tree

mkdir "$tree"
(cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$tree")
run python3 "$root/tests/tools/follow_page.py" "$tree"
check "the page's pieces have their places" equals "$status" 0
(cd "$root" && diff -r -q "$root/src" "$tree/src" | sed "s|$root/||; s|$tree/||") >"$scratch/changes"
check "one new file" equals "$(grep -c '^Only in' "$scratch/changes")" 1
check "... and three lines' places elsewhere" equals "$(grep -c '^Files' "$scratch/changes")" 3

cd "$tree" || exit 1
run sh -c 'meson setup build >/dev/null && ninja -C build --quiet localgpt'
check "it builds" equals "$status" 0
run build/localgpt moon
check "the command runs" equals "$out" "Good night."
run build/localgpt moon --json
check "... as JSON" equals "$out" '{"ok":true,"greeting":"Good night."}'
run build/localgpt help moon
check "... has help" contains "$out" "Prints one line."
run build/localgpt mon
check "... is suggested" contains "$err" "moon"
run build/localgpt completion bash
check "... is completed" contains "$out" "moon"
check "the gates are content" sh -c 'git init -q . && git add -A && tools/check-layers && tools/check-shape && tools/check-format'

missing=$(grep -o '`[a-z_]*()`' "$root/docs/life-of-a-message.md" | tr -d '`()' | sort -u | while read -r name; do
    grep -rqE "(^|[ *])$name\(" "$root/src" || echo "$name"
done)
check "every function of life-of-a-message.md exists" equals "$missing" ""
missing=$(grep -ohE '(src|tests|tools|docs|data|bench)/[a-zA-Z0-9_./-]+[a-z]' "$root"/*.md "$root"/docs/*.md | grep -v NAME | sort -u | while read -r path; do
    [ -e "$root/$path" ] || echo "$path"
done)
check "every path that the pages name exists" equals "$missing" ""
finish
