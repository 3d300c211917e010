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

# One interpreter for all of them: starting one per check takes longer than the checks.
export LOCALGPT
python3 "$(dirname "$0")/json_everywhere.py" $cases <<END
$all
END
exit
