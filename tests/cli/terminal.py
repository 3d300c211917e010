#!/usr/bin/env python3
"""The chat's screen as a person sees it: typed into through tmux, judged by what tmux shows and by
the bytes that reached it. The model is scripted (scripted_chat.c); the screen is the real one."""

import os
import re
import signal
import sys
import time

from tmux_screen import PROGRAM, Screen, check, main, marks, once_each


def test_stream(folder):
    screen = Screen(folder)
    screen.keys("lines 400 5", "Enter")
    screen.wait("MARK0400", gone=["Esc to stop"])
    text = screen.all()
    check(once_each(text, 400), "400 Markdown lines are in the scrollback, each once", text[-3000:])
    raw = screen.bytes()
    clears = [code for code in (b"\x1b[2J", b"\x1b[3J", b"\x1b[?1049h", b"\x1b[?47h") if code in raw]
    check(not clears, "nothing clears the screen or leaves it", clears)
    payload = len(text.encode())
    check(len(raw) <= 4 * payload, "at most four bytes are written for one of text",
          f"{len(raw)} for {payload}")
    check(raw.count(b"\x1b[?2026h") == raw.count(b"\x1b[?2026l"), "frames begin and end")
    screen.keys("C-d")
    screen.wait("rc=0", "icanon", gone=["-icanon"])
    check(True, "Ctrl-D on an empty line ends with 0, and the terminal is as it was")
    screen.close()


def test_slow_stream(folder):
    """Words that trickle in cost little more each than a block of them."""
    screen = Screen(folder)
    before = len(screen.bytes())
    screen.keys("slow 120 35", "Enter")
    screen.wait("word120", gone=["Esc to stop"])
    text = sum(len(f"word{i} ") for i in range(1, 121))
    written = len(screen.bytes()) - before
    check(written <= 6 * text, "words one by one cost at most six bytes for one", (written, text))
    words = re.findall(r"word(\d+)", screen.all())
    check(words == [str(i) for i in range(1, 121)], "... and each is there once, in its place", screen.all())
    screen.close()


def test_typed_ahead(folder):
    gate = os.path.join(folder, "gate")
    os.mkfifo(gate)
    screen = Screen(folder, program=f"sh -c 'echo early; read go <\"{gate}\"; exec \"{PROGRAM}\" \"{folder}/state\"'",
                    ready="early")
    screen.keys("first", "Enter", "sec")
    screen.wait("first", "sec")
    with open(gate, "w", encoding="ascii") as file:
        file.write("go\n")
    screen.wait("heard 5 bytes, 1 lines: first", "› sec")
    check(True, "what is typed before the prompt is there is sent by its Enter, the rest can be edited")
    screen.keys("ond", "Enter")
    screen.wait("heard 6 bytes, 1 lines: second")
    screen.close()


def test_reading_back(folder):
    screen = Screen(folder)
    screen.keys("lines 400 8", "Enter")
    screen.wait("MARK0080")
    screen.tmux("copy-mode")
    screen.tmux("send-keys", "-X", "-N", "40", "scroll-up")
    screen.tmux("send-keys", "-X", "top-line")
    screen.tmux("send-keys", "-X", "search-forward", "MARK")
    place = "#{pane_in_mode} #{scroll_position} #{copy_cursor_line}"
    before = screen.tmux("display-message", "-p", place)
    while b"MARK0400" not in screen.bytes():
        time.sleep(0.05)
    check(before.startswith("1 40 ") and "MARK" in before and screen.tmux("display-message", "-p", place) == before,
          "who reads further up stays there while it streams", before)
    screen.tmux("send-keys", "-X", "cancel")
    screen.wait("MARK0400", gone=["Esc to stop"])
    check(once_each(screen.all(), 400), "... and finds every line once", screen.all()[-2000:])
    screen.close()


def test_resize(folder):
    screen = Screen(folder)
    screen.keys("lines 400 8", "Enter")
    screen.wait("MARK01")
    screen.resize(50)
    screen.wait("MARK02")
    screen.resize(100)
    screen.wait("MARK0400", gone=["Esc to stop"])
    text = screen.all()
    check(once_each(text, 400), "two changes of the size in the middle double and lose no line",
          [mark for mark in marks(text) if marks(text).count(mark) > 1])
    check(text.count("script/model") == 1 and "Esc to stop" not in text,
          "... and leave nothing of the live zone behind", text[-2000:])
    screen.close()


def test_stop(folder):
    screen = Screen(folder)
    screen.keys("slow 600 100", "Enter")
    screen.wait("word5 ", "Esc to stop")
    screen.keys("Escape")
    seconds = screen.wait("what was said is kept", gone=["Esc to stop", "stopping"])
    check(seconds <= 0.3, "Esc brings the prompt back within 300 ms", seconds)
    screen.keys("still there?", "Enter")
    screen.wait("heard 12 bytes")
    check("word5" in screen.all(), "the part that was said stays, and the next message is answered")
    screen.keys("slow 600 100", "Enter")
    screen.wait("word3 ", "Esc to stop")
    screen.keys("C-c")
    screen.wait("press Ctrl-C again to exit", gone=["Esc to stop"])
    screen.keys("C-c")
    screen.wait("rc=130", "icanon", gone=["-icanon"])
    check(True, "Ctrl-C stops an answer, a second one ends with 130")
    screen.close()


def test_queue(folder):
    screen = Screen(folder)
    screen.keys("slow 600 100", "Enter")
    screen.wait("word2 ")
    screen.type("second")
    screen.wait("› second")
    screen.keys("Enter")
    screen.wait("↵ queued (1)")
    check(True, "what is typed while an answer comes is queued")
    screen.keys("Escape")
    screen.wait("heard 6 bytes", gone=["queued"])
    text = screen.all()
    check(text.index("stopped after") < text.index("› second") < text.index("heard 6 bytes"),
          "Esc sends it now, below what came before", text)
    screen.close()


def test_editing(folder):
    screen = Screen(folder, rows=40)
    screen.type("one")
    screen.keys("C-j")
    screen.type("two\\")
    screen.keys("Enter")
    screen.type("three")
    screen.keys("M-Enter")
    screen.type("four")
    screen.tmux("send-keys", "-l", "\x1b[13;2u")
    screen.type("five")
    screen.keys("Enter")
    screen.wait("heard 23 bytes, 5 lines")
    check(True, "Ctrl-J, backslash, Alt-Enter and Shift-Enter begin a new line, Enter sends")
    screen.type("wörld 日本語 👨‍👩‍👧")
    screen.keys("BSpace", "BSpace", "BSpace", "C-a")
    screen.type("hello ")
    screen.keys("C-e", "Enter")
    screen.wait("hello wörld 日本")
    check("heard" in screen.all() and "語" not in screen.all().split("› hello")[1],
          "backspace takes one character of any script", screen.all())
    screen.type("alpha beta gamma")
    screen.keys("C-w", "C-w", "C-y", "C-a", "C-k", "C-y", "Enter")
    screen.wait("heard 16 bytes, 1 lines: alpha beta gamma")
    check(True, "killed words come back as they were")
    screen.type("draft")
    screen.keys("Up")
    screen.wait("› alpha beta gamma")
    screen.keys("Down")
    screen.wait("› draft")
    check(True, "the arrows go through what was sent, and back to the draft")
    screen.keys("C-c")
    screen.wait("script/model", gone=["› draft"])
    screen.keys("Up")
    screen.wait("› draft")
    check(True, "Ctrl-C clears the line, and the history has it")
    screen.keys("C-c")
    screen.wait("script/model", gone=["› draft"])
    screen.keys("?")
    screen.wait("Ctrl-R search")
    screen.keys("Escape")
    screen.wait("script/model", gone=["Ctrl-R search"])
    check(True, "? on an empty line shows the keys, Esc hides them")
    screen.close()


def test_paste(folder):
    screen = Screen(folder)
    screen.type("see: ")
    screen.paste("".join(f"pasted line {i}\n" for i in range(214)))
    screen.wait("› see: [Pasted 214 lines]")
    check(True, "a long paste stands there as one word")
    screen.keys("Enter")
    screen.wait("heard 3318 bytes, 214 lines")
    check(True, "... and is sent in full")
    screen.paste("a\nb")
    screen.wait("› a\n", "  b")
    screen.keys("Enter")
    screen.wait("heard 3 bytes, 2 lines")
    check(True, "a short one is text, and its newline sends nothing")
    screen.paste("x\x1b[2Jy")
    screen.keys("Enter")
    screen.wait("heard 2 bytes, 1 lines: xy")
    check(True, "what a paste could drive the terminal with is left out")
    screen.close()


def test_menus(folder):
    screen = Screen(folder)
    screen.type("/mo")
    screen.wait("› /mode ", "/model ")
    check("/status" not in screen.visible(), "the palette narrows as one types")
    screen.keys("Escape")
    screen.wait("› /mo", gone=["› /mode "])
    check(True, "Esc closes it")
    screen.keys("C-u")
    screen.type("/stat")
    screen.wait("› /status")
    screen.keys("Enter")
    screen.wait("ran /status")
    check(True, "Enter runs what is chosen")
    screen.keys("C-u")
    screen.type("look at @pars")
    screen.wait("src/parse.c", "src/parse.h")
    screen.keys("Down", "Tab")
    screen.wait("› look at @src/parse.h")
    screen.keys("Enter")
    screen.wait("heard 20 bytes, 1 lines: look at @src/parse.h")
    check(True, "@name finds a file, Tab writes its path, Enter sends")
    screen.type("src/pa")
    screen.keys("Tab")
    screen.wait("src/parse.c", "src/parse.h")
    screen.keys("Enter")
    screen.wait("› src/parse.c", gone=["src/parse.h\n  "])
    check(True, "Tab completes a path")
    screen.close()


def test_history(folder):
    screen = Screen(folder, state="kept")
    screen.keys("the off-by-one in parse.c", "Enter")
    screen.wait("heard 25 bytes")
    screen.type("two")
    screen.keys("C-j")
    screen.type("lines")
    screen.keys("Enter")
    screen.wait("heard 9 bytes")
    screen.keys("C-d")
    screen.wait("rc=0")
    screen.close()
    mode = os.stat(os.path.join(folder, "kept", "history")).st_mode & 0o777
    check(mode == 0o600, "the history is the owner's alone", oct(mode))
    screen = Screen(folder, state="kept")
    screen.keys("C-r")
    screen.type("OFF-BY")
    screen.wait("(reverse-i-search) 'OFF-BY' : the off-by-one in parse.c")
    check(True, "Ctrl-R finds what was sent before the restart")
    screen.keys("Enter")
    screen.wait("heard 25 bytes")
    check(True, "... and Enter sends it")
    screen.keys("C-r")
    screen.type("lines")
    screen.wait("two lines")
    screen.keys("Tab", "Enter")
    screen.wait("heard 9 bytes, 2 lines")
    check(True, "an entry of two lines is one entry")
    screen.close()


def test_editor(folder):
    script = os.path.join(folder, "editor")
    with open(script, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nprintf ' and more' >>\"$1\"\n")
    os.chmod(script, 0o700)
    screen = Screen(folder, env=f"EDITOR='{script}'")
    screen.type("text")
    screen.keys("C-g")
    screen.wait("› text and more")
    screen.keys("Enter")
    screen.wait("heard 13 bytes")
    check(not [name for name in os.listdir(f"{folder}/state") if name.startswith("message")],
          "Ctrl-G edits in $EDITOR and leaves no file")
    screen.close()


def test_markdown(folder):
    with open(f"{folder}/project/doc.md", "w", encoding="utf-8") as file:
        file.write("# Title\n\nA [link](https://example.org/) and a "
                   "[trap](javascript:alert(1)) and \x1b[2J\x1b]0;owned\x07&#27;[31m.\n\n"
                   "1. one\n2. two\n   - nested\n\n```c\nint main(void) {\n    return 0;\n}\n```\n\n"
                   "| a | b |\n|---|--:|\n" + "".join(f"| row{i:02d} | {i} |\n" for i in range(30)) +
                   "\n> quoted\n\n日本語のとても長い段落は、画面の幅で折り返されるべきです。" * 3 + "\n\nEND")
    screen = Screen(folder, rows=30)
    screen.keys("file doc.md", "Enter")
    screen.wait("END", gone=["Esc to stop"])
    text = screen.all()
    check("1. one\n2. two\n   • nested\n\n  int main(void) {\n      return 0;\n  }\n" in text,
          "lists keep their numbers and depth, code its lines", text)
    check("trap (javascript:alert(1))" in text, "where a link leads is told", text)
    rows = re.findall(r"row\d\d +│ +\d+$", text, re.M)
    check(len(rows) == 30 and len(set(map(len, rows))) == 1 and text.count("a     │") == 1,
          "a long table is written in parts that line up, its head once", text)
    raw = screen.bytes()
    links = re.findall(rb"\x1b\]8;;([^\x1b]+)\x1b", raw)
    check(set(links) == {b"https://example.org/"}, "only web addresses become links", links)
    check(b"\x1b[2J" not in raw and b"owned" not in raw and b"\x1b[31m" not in raw,
          "a model's words never drive the terminal")
    check(all(len(line) <= 80 for line in text.split("\n")), "nothing is wider than the screen")
    screen.close()


def test_code(folder):
    with open(f"{folder}/project/code.md", "w", encoding="utf-8") as file:
        file.write("```python\ndef f(x):\n    \"\"\"two\n    lines\"\"\"\n    return 'x' # why\n```\n\n"
                   "> ```sql\n> SELECT 1\n> ```\n\n```\nplain\n```\n\nEND")
    screen = Screen(folder)
    screen.keys("file code.md", "Enter")
    screen.wait("END", gone=["Esc to stop"])
    parts = [b"\x1b[35mdef\x1b[0m f(x):", b"\x1b[32m\"\"\"two\x1b[0m", b"\x1b[32m    lines\"\"\"\x1b[0m",
             b"\x1b[35mreturn\x1b[0m \x1b[32m'x'\x1b[0m \x1b[2m# why\x1b[0m", b"\x1b[35mSELECT\x1b[0m",
             b"\x1b[36mplain\x1b[0m"]
    screen.wait_bytes(parts[-1])
    raw = screen.bytes()
    check(all(part in raw for part in parts), "code has its colours, line by line, also where it is quoted",
          [part for part in parts if part not in raw] or raw)
    screen.close()


def test_failures(folder):
    screen = Screen(folder)
    screen.keys("fail", "Enter")
    screen.wait("the scripted model failed", "script/model")
    screen.keys("and on", "Enter")
    screen.wait("heard 6 bytes")
    check(True, "a failure is told, and the chat goes on")
    child = screen.child()
    ticks = wakeups(child)
    time.sleep(1)
    check(wakeups(child) == ticks, "an idle prompt wakes nobody up", (ticks, wakeups(child)))
    os.kill(child, signal.SIGTERM)
    screen.wait("rc=130", "icanon", gone=["-icanon"])
    check(True, "SIGTERM ends it, and the terminal is as it was")
    screen.close()


def test_crash(folder):
    for number, status in ((signal.SIGABRT, 134), (signal.SIGHUP, 129)):
        screen = Screen(folder)
        screen.type("half a word")
        screen.wait("half a word")
        os.kill(screen.child(), number)
        screen.wait(f"rc={status}", "icanon", gone=["-icanon"])
        check(b"\x1b[?2004l" in screen.bytes(), f"{number.name} leaves the terminal as it was")
        screen.close()


def test_tools(folder):
    screen = Screen(folder)
    screen.keys("tool search 3 20000", "Enter")
    screen.wait("search src/parse.c · ", "Esc to stop")
    check("⎿" not in screen.visible(), "a tool that runs is named in the live zone only")
    screen.keys("Escape")
    screen.wait("stopped after", gone=["stopping", "Esc to stop"])
    check(re.search(r"^⎿ search src/parse.c  +stopped · ", screen.all(), re.M), "... and told when it is stopped",
          screen.all())
    screen.keys("tool search 3 0", "Enter")
    screen.wait("done", gone=["Esc to stop"])
    rows = re.findall(r"^⎿ search src/parse.c  +3 lines · \d+ ms$", screen.all(), re.M)
    check(len(rows) == 1 and "output" not in screen.all(),
          "... and is one row with how much and how long when it is done", screen.all())
    screen.keys("C-o")
    screen.wait("│ output    line 3", "the output of tools is shown")
    screen.keys("tool second 2 0", "Enter")
    screen.wait("⎿ second src/parse.c", gone=["Esc to stop"])
    check(screen.all().count("│ output    line 1\n") == 2, "Ctrl-O shows its output below, and that of the next",
          screen.all())
    screen.keys("C-o")
    screen.wait("tools are one row each")
    screen.keys("tool third 2 0", "Enter")
    screen.wait("⎿ third src/parse.c", gone=["Esc to stop", "one row each"])
    check(screen.all().count("│ output    line 1\n") == 2, "... until it is pressed again", screen.all())
    screen.keys("tool search 0 0", "Enter")
    screen.wait("✗ failed", "no such file", gone=["Esc to stop"])
    check(True, "why a tool failed is told")
    screen.close()


def test_attention(folder):
    screen = Screen(folder, env="-u TMUX TERM_PROGRAM=ghostty")
    screen.keys("hello", "Enter")
    screen.wait("heard 5 bytes", gone=["Esc to stop"])
    check(b"\x1b]777;" not in screen.bytes() and b"\x07" not in screen.bytes(), "who looks here is not notified")
    screen.wait_bytes(b"\x1b]9;4;0")
    check(re.findall(rb"\x1b\]9;4;(\d)\x1b", screen.bytes()) == [b"3", b"0"],
          "the tab shows that it works, and that it is done",
          screen.bytes()[-300:])
    screen.type("\x1b[O")
    screen.keys("again", "Enter")
    screen.wait("heard 5 bytes, 1 lines: again", gone=["Esc to stop"])
    check(screen.wait_bytes(b"\x1b]777;notify;LocalGPT;the answer is there\x1b\\"),
          "who looks elsewhere is notified when the answer is there", screen.bytes()[-300:])
    screen.type("\x1b[I")
    screen.keys("back", "Enter")
    screen.wait("heard 4 bytes", gone=["Esc to stop"])
    check(screen.bytes().count(b"\x1b]777;") == 1, "... and no longer when they are back")
    screen.keys("C-d")
    screen.wait("rc=0")
    check(screen.wait_bytes(b"\x1b[?1004l"), "focus reports end with the chat")
    screen.close()
    screen = Screen(folder)
    screen.type("\x1b[O")
    screen.keys("hello", "Enter")
    screen.wait("heard 5 bytes", gone=["Esc to stop"])
    check(screen.wait_bytes(b"\x07") and b"\x1b]9;" not in screen.bytes(),
          "a terminal that is not known gets a bell and nothing else", screen.bytes()[-300:])
    screen.close()


CHOICES = "1 Yes     2 Always for exactly this     3 No, tell it what to do"


def test_approvals(folder):
    screen = Screen(folder)
    screen.keys("approve command", "Enter")
    screen.wait("┌ Run this command? mode 'ask' asks before commands", CHOICES, "└ ↑↓ or 1-3")
    rows = screen.visible().rstrip().split("\n")
    first = next(i for i, row in enumerate(rows) if row.startswith("┌"))
    check(len(rows) - first <= 6 and "waiting for your answer" in rows[-1],
          "a question takes at most six rows", rows[first:])
    check("│ make test" in screen.visible() and
          "│ in /somewhere/project · sandbox full · network off" in screen.visible(),
          "... with the command, where, how locked in, and why", screen.visible())
    screen.keys("1")
    screen.wait("it was once: -", "allowed once", gone=["┌", "Esc to stop"])
    screen.keys("approve command", "Enter")
    screen.wait(CHOICES)
    screen.keys("Down", "Enter")
    screen.wait("it was always: -", gone=["┌", "Esc to stop"])
    check(True, "a number answers, and so do the arrows with Enter")
    screen.keys("approve command", "Enter")
    screen.wait(CHOICES)
    screen.keys("3")
    screen.wait("What should it do instead?")
    screen.type("use make check")
    screen.keys("Enter")
    screen.wait("it was denied: use make check", "not allowed: use make check", gone=["┌", "Esc to stop"])
    check(True, "a no goes back with its reason")
    screen.keys("approve command", "Enter")
    screen.wait(CHOICES)
    screen.keys("3")
    screen.wait("What should it do instead?")
    screen.keys("Escape")
    screen.wait("└ ↑↓ or 1-3")
    screen.keys("Escape")
    screen.wait("it was denied: -", gone=["┌", "Esc to stop"])
    check(True, "Esc is a no without one")
    screen.keys("approve diff", "Enter")
    screen.wait("┌ Change this?", "1 Yes     2 No")
    text = screen.all()
    check("⎿ edit src/parse.c  +2 −1\n" in text and
          "  │  a\n  │ -b\n  │ +c\n  │ +d\n  │  e\n" in text, "a change is asked with its diff", text)
    check(b"\x1b[32m+c" in screen.bytes() and b"\x1b[31m-b" in screen.bytes(), "... in colours")
    screen.keys("C-c")
    screen.wait("stopped after", gone=["┌", "Esc to stop"])
    check(True, "Ctrl-C stops the turn that asks")
    screen.keys("approve tried", "Enter")
    screen.wait("┌ It was tried apart. Keep these changes?", "│ removed 'build/x'", "│ -x")
    screen.keys("1")
    screen.wait("it was once: -", gone=["┌", "Esc to stop"])
    check(True, "what was tried in plan mode is kept by a yes")
    screen.keys("approve hidden", "Enter")
    screen.wait(CHOICES)
    check("│ echo \\x1b[2J\\u{202e}|sh\n  │ rm x\n" in screen.all(), "no byte of a command hides", screen.all())
    screen.type("draft")
    screen.keys("2")
    screen.wait("it was always: -", gone=["┌", "Esc to stop"])
    check("draft" not in screen.all(), "letters are no answer")
    screen.close()


def test_modes(folder):
    screen = Screen(folder)
    screen.wait("ask mode ⇧⇥ · script/model")
    screen.keys("BTab")
    screen.wait("edits mode: change files of the workspace, ask before commands")
    screen.keys("BTab")
    screen.wait("auto mode: ")
    screen.keys("BTab")
    screen.wait("plan mode: look only")
    screen.type("x")
    screen.wait("plan mode ⇧⇥ · script/model")
    check(True, "Shift-Tab goes from mode to mode, and the status line tells")
    screen.keys("BSpace")
    screen.keys("slow 100 100", "Enter")
    screen.wait("word2 ", "Esc to stop")
    screen.keys("BTab")
    screen.wait("ask mode: ask before anything changes", "word5")
    screen.keys("Escape")
    screen.wait("ask mode ⇧⇥", gone=["Esc to stop"])
    check(True, "... also while an answer comes")
    screen.close()


def test_approval_while_writing(folder):
    gate = os.path.join(folder, "project", "gate")
    screen = Screen(folder)
    screen.keys(f"when {gate} approve command", "Enter")
    screen.wait("Esc to stop")
    screen.type("my next message")
    screen.wait("› my next message")
    with open(gate, "w", encoding="ascii"):
        pass
    screen.wait(CHOICES, "› my next message", "└ ↑↓ or 1-3")
    screen.keys("3")
    screen.wait("│ What should it do instead?", gone=["my next message"])
    screen.type("another way")
    screen.keys("Enter")
    screen.wait("it was denied: another way", "› my next message", gone=["Esc to stop"])
    check(True, "what was being written is there again after the answer")
    screen.close()


def wakeups(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.M).group(1)


if __name__ == "__main__":
    sys.exit(main(globals()))
