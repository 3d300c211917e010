#!/bin/sh
# With --json, stdout is exactly one JSON document for every command of the table, on success and
# on failure; a failure has its kind's exit status.
. "$(dirname "$0")/lib.sh"

# Every command that is shown, found as a person would: "paths", "config get", ...
names() { # of the command in $@
    "$LOCALGPT" help "$@" | sed -n '/^Commands:/,/^$/p' | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'
}
top=$("$LOCALGPT" help | sed '/^Options:/,$d' | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')
all=$(for name in $top; do
    echo "$name"
    for sub in $(names "$name"); do echo "$name $sub"; done
done)
has "$all" "paths" "commands are found in help"

# 'model pull' would fetch: there is no network in here, and no package client.
cat >"$HOME_DIR/offline" <<END
#!/bin/sh
PATH=/nonexistent
/usr/bin/unshare -rn /bin/true 2>/dev/null && exec /usr/bin/unshare -rn "$LOCALGPT" "\$@"
exec "$LOCALGPT" "\$@"
END
chmod +x "$HOME_DIR/offline"
LOCALGPT=$HOME_DIR/offline

echo "$all" >"$HOME_DIR/all"
while read -r command; do
    # shellcheck disable=SC2086
    set -- $command
    run "$@" --help --json
    json_is_valid "$command --help --json is one document"
    is "$STATUS" 0 "$command --help --json works"
    run "$@" --frobnicate --json
    json_is_valid "$command --frobnicate --json is one document"
    is "$STATUS:$(json_get error.code)" "2:usage" "$command --frobnicate --json is a usage error"
    is "$ERR" "" "$command --frobnicate --json is silent on stderr"
    # As it comes, with nothing configured and nothing to read: whatever happens is one document.
    run "$@" --json --timeout 20
    json_is_valid "$command --json is one document"
    if [ "$STATUS" = 0 ]; then is "$(json_get ok)" True "$command --json: ok goes with exit 0"; else
        is "$(json_get ok)" False "$command --json: not ok goes with exit $STATUS"; fi
done <"$HOME_DIR/all"

done_testing
