#!/bin/sh
# 'localgpt memory search|recent|reindex|stats': notes are found, by words, at once.
. "$(dirname "$0")/lib.sh"

WORKSPACE=$HOME/.local/share/localgpt/workspace
mkdir -p "$WORKSPACE/memory" "$WORKSPACE/knowledge"
cat >"$WORKSPACE/MEMORY.md" <<'END'
# Trips

## Vienna
The night train leaves Hamburg at 20:15 on Friday.

## Food
- I like pancakes with maple syrup
END
printf '# 2026-11-22\n\nMet Anna about the budget.\n' >"$WORKSPACE/memory/2026-11-22.md"
printf '# 2026-11-23\n\nBought a bicycle.\n\n' >"$WORKSPACE/memory/2026-11-23.md"

run memory search when does the train leave
status_is 0 "a search works with nothing configured"
has "$OUT" "MEMORY.md (lines 1-4)" "it names file and lines"
has "$OUT" "leaves Hamburg at 20:15" "it shows the text"
has "$OUT" "Searched by" "it says how it searched"

run memory search xylophone --mode words
is "$OUT" "No results found for 'xylophone'
Searched by words: 3 files, 4 pieces, $(echo "$OUT" | sed -n 's/.*pieces, //p')" "nothing is found where nothing is"

echo "A xylophone is in the attic." >"$WORKSPACE/knowledge/attic.md"
run memory search xylophone
has "$OUT" "knowledge/attic.md (lines 1-1)" "a new file is found by the next search"
echo "The zither is there, too." >>"$WORKSPACE/knowledge/attic.md"
run memory search zither
has "$OUT" "knowledge/attic.md (lines 1-2)" "so is a line that was added"
rm "$WORKSPACE/knowledge/attic.md"
run memory search zither --mode words
has "$OUT" "No results found" "a file that is gone is not found any more"

run memory search '"train night"' --mode words
has "$OUT" "No results found" "a phrase has to stand as it was typed"
run memory search '"night train"' --mode words
has "$OUT" "Found 1 results" "and is found where it does"
run memory search 'budget since:2026-11-23' --mode words
has "$OUT" "No results found" "since: leaves older notes out"
run memory search 'budget before:2026-11-23' --mode words
has "$OUT" "memory/2026-11-22.md" "before: leaves newer ones out"
run memory search 'the path:memory/ bicycle' --mode words
has "$OUT" "memory/2026-11-23.md" "path: keeps to a folder"

for query in '' '"' '""' '*' 'AND OR NOT' "'" '((' 'a:b"c' 'since:yesteryear' '-' '\' '%_' 'NEAR(a b)'; do
    run memory search "$query"
    status_is 0 "the query <$query> is no error"
done

run memory search --json train
is "$(printf '%s' "$OUT" | python3 -c '
import json, sys
reply = json.load(sys.stdin)
print(reply["ok"], reply["query"], sorted(reply["searched"]), sorted(reply["hits"][0]))')" \
    "True train ['chunks', 'files', 'messages'] ['context', 'date', 'end_line', 'heading', 'meaning', 'message', 'path', 'score', 'session', 'start_line', 'text', 'words']" \
    "--json keeps its contract"

run memory search -l 1 the
has "$OUT" "Found 1 results" "-l bounds the hits"
run memory search --explain --mode words train
has "$OUT" " = words 0." "--explain shows the shares"

run memory recent -n 1
is "$OUT" "[2026-11-23] memory/2026-11-23.md
    Bought a bicycle." "recent shows the newest day and its last line"

run memory reindex
has "$OUT" "Files processed: 3" "reindex looks at every file"
has "$OUT" "Files updated:   0" "and reads none that did not change"
run memory reindex --force
has "$OUT" "Files updated:   3" "--force reads them all"

run memory stats
has "$OUT" "MEMORY.md (2 chunks, 7 lines)" "stats lists the files"

printf '\000\001\002binary' >"$WORKSPACE/knowledge/odd.md"
printf 'caf\351 in Latin-1\n' >"$WORKSPACE/knowledge/old.md"
run memory search café
has "$OUT" "café in Latin-1" "a file of another encoding is read"
has "$ERR" "'knowledge/odd.md' is left out: not text" "what is no text is named"
run memory search café
is "$ERR" "" "but only once"
run memory stats
has "$OUT" "knowledge/odd.md (left out: not text)" "and in stats"

done_testing
