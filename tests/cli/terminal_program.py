#!/usr/bin/env python3
"""localgpt chat itself in tmux, with a server that plays its answers: what only the whole program
can show."""

import glob
import os
import sys

from tmux_screen import LOCALGPT, END, ModelServer, Screen, check, main, marks, once_each, sse


def test_stream(folder):
    """Criteria 3 and 4 of the terminal, over a server that streams and then hangs."""
    lines = [f"- **MARK{i:04d}** is a `line` of the answer\n" for i in range(1, 401)]
    long_answer = [part for event in sse(lines) for part in (event, 3)]
    server = ModelServer(folder, [long_answer + END, sse(["a ", "part ", "of it"]) + ["!hang"],
                                  sse(["still here"]) + END])
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    screen.keys("tell me", "Enter")
    screen.wait("MARK02")
    screen.resize(50)
    screen.wait("MARK0400", gone=["Esc to stop"])
    text = screen.all()
    check(once_each(text, 400), "localgpt chat: 400 streamed lines, each once, resized in the middle",
          [mark for mark in marks(text) if marks(text).count(mark) > 1] or text[-2000:])
    raw = screen.bytes()
    clears = [code for code in (b"\x1b[2J", b"\x1b[3J", b"\x1b[?1049h") if code in raw]
    check(not clears and len(raw) <= 4 * len(text.encode()), "... within four bytes for one, no clear",
          (clears, len(raw), len(text.encode())))
    screen.keys("and then?", "Enter")
    screen.wait("a part of it", "Esc to stop")
    screen.keys("Escape")
    seconds = screen.wait("what was said is kept", gone=["Esc to stop", "stopping"])
    check(seconds <= 0.3, "Esc brings the prompt back from a server that hangs", seconds)
    screen.keys("there?", "Enter")
    screen.wait("still here", gone=["Esc to stop"])
    screen.keys("C-d")
    screen.wait("rc=0")
    pattern = f"{folder}/home/.local/state/localgpt/agents/main/sessions/*.jsonl"
    with open(glob.glob(pattern)[0], encoding="utf-8") as file:
        kept = file.read()
    check('"stopReason":"aborted"' in kept and "a part of it" in kept,
          "the part is on disk, marked as stopped, and the next message was answered", kept[-800:])
    screen.close()
    server.close()


if __name__ == "__main__":
    sys.exit(main(globals()))
