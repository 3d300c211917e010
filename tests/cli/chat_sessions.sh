#!/bin/sh
# Sessions inside a chat, over a pipe: found by a word of one message, forked, cleared, summed up, exported,
# begun anew; nothing that was said is ever lost from the disk.
. "$(dirname "$0")/lib.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
sessions=$HOME/.local/state/localgpt/agents/main/sessions
"$root/tools/install-model" >/dev/null || not_ok "the model can be installed" "tools/install-model failed"

# Forty messages; only the 37th knows the word.
mkdir -p "$sessions"
id=3f2a7c00-0000-4000-8000-000000000001
python3 - "$sessions/$id.jsonl" "$id" <<'END'
import json, sys
parent = None
with open(sys.argv[1], "w") as out:
    print(json.dumps({"type": "session", "version": 3, "id": sys.argv[2],
                      "timestamp": "2026-11-01T10:00:00.000Z", "cwd": "/"}), file=out)
    for n in range(1, 41):
        text = "Ich mag Zwetschgenmus, sagte er." if n == 37 else "message number %d" % n
        role = "user" if n % 2 else "assistant"
        entry = {"type": "message", "id": "%08x" % n, "parentId": parent, "timestamp": "2026-11-01T10:00:%02d.000Z" % n,
                 "message": {"role": role, "content": [{"type": "text", "text": text}], "timestamp": 1761991200000 + n}}
        parent = entry["id"]
        print(json.dumps(entry, separators=(",", ":")), file=out)
END
chmod 600 "$sessions/$id.jsonl"
before=$(sha256sum <"$sessions/$id.jsonl")

chat() { # lines to type, then arguments of chat
    printf "$1" >"$HOME_DIR/typed"
    shift
    "$LOCALGPT" chat --plain "$@" <"$HOME_DIR/typed" >"$HOME_DIR/out" 2>"$HOME_DIR/err"
    STATUS=$?
    OUT=$(cat "$HOME_DIR/out")
    ERR=$(cat "$HOME_DIR/err")
}

chat '/search zwetschgenmus\n/sessions\n'
status_is 0 "a chat that only looks around"
has "$OUT" "3f2a7c00" "a word of message 37 finds the session, whatever its case"
has "$OUT" "Zwetschgenmus" "... and shows the words"
chat '/search nosuchword\n'
hasnt "$OUT" "3f2a7c00" "a word that was never said finds nothing"

chat '/fork 2\n/status\n' --session 3f2a
has "$OUT" "Forked session" "/fork begins a copy"
has "$OUT" "Messages:  2" "... of as many messages as asked"
is "$(sha256sum <"$sessions/$id.jsonl")" "$before" "... and the session it comes from keeps every byte"
is "$(grep -l '"parentSession"' "$sessions"/*.jsonl | wc -l)" 1 "... which the copy names as its parent"
copy=$(grep -l '"parentSession"' "$sessions"/*.jsonl)
chat '/fork 99\n' --session 3f2a
has "$ERR" "'99' is no number of messages from 0 to 40" "/fork beyond the end is refused"
chat '/fork x\n' --session 3f2a
has "$ERR" "'x' is no number of messages" "... as is a word"

chat 'What is the capital of France?\n' --session "$(basename "$copy" .jsonl)"
status_is 0 "the copy goes on"
is "$(grep -c '"type":"message"' "$copy")" 4 "... with its own question and answer"
is "$(sha256sum <"$sessions/$id.jsonl")" "$before" "... and not the session it comes from"

chat 'Hello?\nHow are you?\n/rewind 2\nWhat is the capital of France?\n/branch\n/branch previous\n/status\n'
status_is 0 "a chat by lines can go back"
has "$OUT" "What you say next takes the place of message 2 (How are you?)." "/rewind says what comes"
has "$OUT" "  2. What is the capital of France? (branch 2/2)" "... and the next message is another version"
has "$OUT" "Branch 1/2 of message 2:" "/branch goes back to the first"
has "$OUT" "You: How are you?" "... and shows it"
has "$OUT" "Messages:  4" "... and goes on there"
chat '/rewind 3\n/branch next\n' --session "$(basename "$(ls -t "$sessions"/*.jsonl | head -1)" .jsonl)"
has "$ERR" "'3' is no number of a message from 1 to 2" "/rewind beyond the last message is refused"

chat '!echo he""llo; exit 3\n#I like herons\n/memory herons\n!\n'
has "$OUT" "hello
- exit 3 · sandbox " "!command runs in the sandbox and tells how it ended"
has "$OUT" "Remembered in memory/" "#text is remembered"
has "$OUT" "I like herons" "/memory finds it"
has "$ERR" "name the command" "! alone is refused"

chat '/tools\n/mode auto\n/tools\n/sandbox\n/cost\n/reindex\n'
has "$OUT" "In mode ask, in $HOME/" "/tools tells mode and folder"
has "$OUT" "bash           asks " "... and what would ask"
has "$OUT" "bash           runs " "... in each mode"
has "$OUT" "network   denied" "/sandbox shows what commands reach"
has "$OUT" "Cost: none, the model runs on this machine." "/cost tells the cost"
has "$OUT" "Memory index rebuilt: " "/reindex rebuilds the index"

other=4b2a7c00-0000-4000-8000-000000000002
cat >"$sessions/$other.jsonl" <<END
{"type":"session","version":3,"id":"$other","timestamp":"2026-11-01T10:00:00.000Z","cwd":"/"}
{"type":"message","id":"00000001","parentId":null,"timestamp":"2026-11-01T10:00:01.000Z","message":{"role":"user","content":[{"type":"text","text":"hello"}],"timestamp":1761991200001}}
{"type":"message","id":"00000002","parentId":"00000001","timestamp":"2026-11-01T10:00:02.000Z","message":{"role":"assistant","content":[{"type":"text","text":"hello"}],"usage":{"input":10,"output":5,"cacheRead":20,"cacheWrite":400,"totalTokens":435},"timestamp":1761991200002}}
END
chmod 600 "$sessions/$other.jsonl"
chat '/cost\n/status\n' --session 4b2a
has "$OUT" "Tokens read: 430, of them from a cache: 20, written: 5" "/cost counts what was written to a cache"
has "$OUT" "Tokens:    430 read, 5 written" "... as does /status"

chat "/export $HOME_DIR/export.md\n" --session 3f2a
has "$(cat "$HOME_DIR/export.md")" "Zwetschgenmus" "/export writes the session as Markdown"
has "$(cat "$HOME_DIR/export.md")" "**User**" "... with who said what"

chat '/compact\n/status\n' --session 3f2a
status_is 0 "/compact works with the tiny model"
is "$(grep -c '"type":"message"' "$sessions/$id.jsonl")" 40 "... and the file keeps every message"
is "$(grep -c '"type":"compaction"' "$sessions/$id.jsonl")" 1 "... beside one summary"
chat '/clear\n/status\n' --session 3f2a
has "$OUT" "Messages:  0" "/clear empties the context"
is "$(grep -c '"type":"message"' "$sessions/$id.jsonl")" 40 "... and the file keeps every message"
chat '/new\n/status\n' --session 3f2a
has "$OUT" "New session started" "/new begins another session"
has "$OUT" "Messages:  0" "... that is empty"
done_testing
