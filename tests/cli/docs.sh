#!/bin/sh
# tools/check-docs: the checked-in pages are what the tables say, and it names what is not.
. "$(dirname "$0")/lib.sh"
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
tree=$HOME_DIR/tree
mkdir -p "$tree/tools" "$tree/docs" "$tree/data"
cp "$ROOT/tools/check-docs" "$tree/tools"
"$LOCALGPT_BUILD/tools/docgen" "$tree"

check() {
    OUT=$("$tree/tools/check-docs" 2>&1)
    STATUS=$?
}
check
is "$STATUS:$OUT" "0:" "fresh pages pass"
echo more >>"$tree/docs/reference/cli.md"
check
is "$STATUS:$OUT" "1:docs/reference/cli.md:1: is not what the tables say: run 'make docs'" "a stale page is named"
rm "$tree/docs/reference/cli.md"
check
is "$STATUS:$OUT" "1:docs/reference/cli.md:1: is missing: run 'make docs'" "a missing page is named"
"$LOCALGPT_BUILD/tools/docgen" "$tree"
echo old >"$tree/docs/man/man1/localgpt-gone.1"
check
is "$STATUS:$OUT" "1:docs/man/man1/localgpt-gone.1:1: nothing makes it any more: remove it" "a page nobody makes is named"

# Every option of the table is in the manual, the reference and the completions.
for word in $("$LOCALGPT" help | sed -n 's/^ .*\(--[a-z-]*\).*/\1/p' | sort -u); do
    plain=${word#--}
    for page in man/man1/localgpt.1 reference/cli.md; do
        sed 's/\\-/-/g' "$tree/docs/$page" | grep -qF -e "$word" && ok "$word is in $page" || not_ok "$word is in $page" ""
    done
    grep -qF -e "$word" "$tree/data/completions/localgpt.bash" && ok "$word is completed in bash" || not_ok "$word is completed in bash" ""
    grep -qF -e "$word" "$tree/data/completions/_localgpt" && ok "$word is completed in zsh" || not_ok "$word is completed in zsh" ""
    grep -qF -e "-l $plain" "$tree/data/completions/localgpt.fish" && ok "$word is completed in fish" || not_ok "$word is completed in fish" ""
done

# Every key is in the manual with its default, in the reference and in the example file.
"$LOCALGPT" completion values key | cut -f1 >"$HOME_DIR/keys"
sed 's/\\-/-/g' "$tree/docs/man/man5/localgpt.toml.5" >"$HOME_DIR/manual"
missing=$(while read -r key; do
    grep -qxF ".B $key" "$HOME_DIR/manual" || echo "$key (manual)"
    grep -qF "| \`$key\` |" "$tree/docs/reference/config.md" || echo "$key (config.md)"
done <"$HOME_DIR/keys")
is "$missing" "" "every key is in localgpt.toml(5) and config.md"
is "$([ "$(wc -l <"$HOME_DIR/keys")" -gt 100 ] && echo many)" many "there are many keys"
has "$(cat "$HOME_DIR/manual")" 'default "30m"' "the manual tells defaults"
cp "$tree/docs/reference/config.example.toml" "$HOME_DIR/example.toml"
chmod 600 "$HOME_DIR/example.toml"
run ask -c "$HOME_DIR/example.toml" ""
is "$ERR" "localgpt: there is no question
  Try: localgpt ask \"What is the capital of France?\"" "the example file loads without a warning"

# A topic tells about one key.
run help config agent.default_model
has "$OUT" 'a string; default ""' "help config KEY tells type and default"
run help config agent.defualt_model
is "$STATUS:$ERR" "7:localgpt: unknown key 'agent.defualt_model', did you mean 'agent.default_model'?
  'localgpt help config' lists the keys." "an unknown key is told"

done_testing
