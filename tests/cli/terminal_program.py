#!/usr/bin/env python3
"""localgpt chat itself in tmux, with a server that plays its answers: what only the whole program
can show."""

import glob
import json
import os
import re
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


def seed_session(folder):
    """Forty messages, of which only the 37th has a word; and another session."""
    sessions = f"{folder}/home/.local/state/localgpt/agents/main/sessions"
    os.makedirs(sessions)
    for number, last in ((1, 40), (2, 2)):
        name = f"3f2a7c0{number}-0000-4000-8000-000000000001"
        lines = [{"type": "session", "version": 3, "id": name, "timestamp": "2026-11-01T10:00:00.000Z",
                  "cwd": "/"}]
        for n in range(1, last + 1):
            text = "Ich mag Zwetschgenmus." if n == 37 else f"message number {n} of {number}"
            lines.append({"type": "message", "id": f"{n:08x}", "timestamp": "2026-11-01T10:00:00.000Z",
                          "parentId": f"{n - 1:08x}" if n > 1 else None,
                          "message": {"role": "user" if n % 2 else "assistant",
                                      "content": [{"type": "text", "text": text}], "timestamp": 1761991200000}})
        with open(f"{sessions}/{name}.jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        os.chmod(f"{sessions}/{name}.jsonl", 0o600)


def test_sessions(folder):
    """Criterion 15: found by one word, picked from a list that narrows, forked."""
    server = ModelServer(folder, [sse(["an answer"]) + END])
    seed_session(folder)
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    screen.keys("/search zwetschgenmus", "Enter")
    screen.wait("3f2a7c01 (1 match", "Ich mag Zwetschgenmus.")
    check("3f2a7c02" not in screen.all(), "/search finds a word of message 37, and nothing else")
    screen.keys("/resume", "Enter")
    screen.wait("message number 1 of 1", "message number 1 of 2")
    screen.type("of 2")
    screen.wait("message number 1 of 2", gone=["message number 1 of 1"])
    check(True, "the picker of /resume narrows as one types")
    screen.keys("BSpace")
    screen.type("1")
    screen.wait("message number 1 of 1", gone=["message number 1 of 2"])
    screen.keys("Enter")
    screen.wait("Resumed session 3f2a7c01 (40 messages)")
    screen.keys("/fork 4", "Enter")
    screen.wait("Forked session", "4 messages kept")
    screen.keys("go on", "Enter")
    screen.wait("an answer", gone=["Esc to stop"])
    said = [message["content"] for message in server.requests(1)[0]["messages"][1:]]
    check(str(said).count("message number") == 4 and "go on" in str(said[-1]),
          "a fork goes on from the messages it kept", said)
    screen.keys("/resume 3f2a7c01", "Enter")
    screen.wait("Resumed session 3f2a7c01 (40 messages)", "? help")
    check(True, "... and what it was forked from is as it was")
    screen.close()
    server.close()


def words_of(body):
    """The owner's words of a request."""
    return [message["content"] for message in body["messages"] if message["role"] == "user"]


def test_branches(folder):
    """Criterion 15: a message said anew is a second version; both are there after a restart."""
    answers = ["alpha answer", "beta answer", "gamma answer", "delta answer"]
    server = ModelServer(folder, [sse([answer]) + END for answer in answers])
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    for words, answer in zip(("question one", "question two"), answers):
        screen.keys(words, "Enter")
        screen.wait(answer, gone=["Esc to stop"])
    screen.keys("Escape")
    screen.wait("Esc again")
    screen.keys("Escape")
    screen.wait("question two", "message 2", "message 1")
    check(True, "Esc Esc on an empty line lists one's messages")
    screen.keys("Enter")
    screen.wait("› question two", "editing an earlier message")
    screen.keys("Escape")
    screen.wait("the conversation stays as it is", gone=["› question two\n\n"])
    screen.keys("Escape", "Escape")
    screen.wait("message 2")
    screen.keys("Enter")
    screen.wait("editing an earlier message")
    screen.keys("C-w")
    screen.type("zwei")
    screen.keys("Enter")
    screen.wait("gamma answer", "branch 2/2 of message 2", gone=["Esc to stop"])
    check(words_of(server.requests(3)[2])[-2:] == ["question one", "question zwei"],
          "Enter edits one, and what is sent takes its place: branch 2/2", server.requests(3)[2])
    screen.keys("Escape", "Escape")
    screen.wait("‹ 2/2 ›")
    screen.keys("Left")
    screen.wait("Branch 1/2 of message 2:", "? help")
    shown = screen.all().split("Branch 1/2 of message 2:")[1]
    check("› question two" in shown and "beta answer" in shown and "gamma" not in shown,
          "← goes to the first version, and shows it", shown)
    screen.keys("C-d")
    screen.wait("rc=0")
    screen.close()
    screen = Screen(folder, program=f"'{LOCALGPT}' chat --resume")
    check("› question two" in screen.all() and "beta answer" in screen.all(),
          "a chat that is resumed shows where it stands", screen.all())
    screen.keys("Escape", "Escape")
    screen.wait("question two", "‹ 1/2 ›")
    check(True, "after a restart the chosen version goes on")
    screen.keys("Right")
    screen.wait("Branch 2/2 of message 2:", "gamma answer", "? help")
    screen.keys("and on", "Enter")
    screen.wait("delta answer", gone=["Esc to stop"])
    check(words_of(server.requests(4)[3])[-3:] == ["question one", "question zwei", "and on"],
          "→ goes to the other one, and the next message goes on there", server.requests(4)[3])
    screen.keys("/branch 2 1", "Enter")
    screen.wait("Branch 1/2 of message 2:", "? help")
    check("beta answer" in screen.all(), "/branch goes by number")
    screen.keys("/branch 2 3", "Enter")
    screen.wait("'3' is no number of a branch from 1 to 2")
    check(True, "... and refuses a number that is none")
    screen.close()
    server.close()


def test_keys(folder):
    """Criterion 16 as far as one model and no tools go."""
    server = ModelServer(folder, [sse(["an answer"]) + END])
    with open(f"{folder}/project/src/parse.c", "w", encoding="ascii") as file:
        file.write("int parse(void);\n")
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    screen.type("/mo")
    screen.wait("› /mode ", "/model ", "/models")
    screen.keys("Down", "Enter")
    screen.wait("Current model: openai/test-model", "? help")
    check(True, "/mo lists model and mode, ↓ Enter runs the one below")
    screen.keys("/mode edits", "Enter")
    screen.wait("Mode edits: change files of the workspace", "edits mode ⇧⇥")
    screen.keys("/mode", "Enter", "Enter")
    screen.wait("* edits  change files", "  auto   do whatever the sandbox allows")
    screen.keys("/mode edit", "Enter", "Enter")
    screen.wait("there is no mode 'edit', did you mean 'edits'?")
    check(True, "/mode shows and changes the mode")
    screen.keys("C-u")
    screen.type("what is in @pars")
    screen.wait("src/parse.c", "src/parse.h")
    screen.keys("Tab")
    screen.wait("› what is in @src/parse.c")
    screen.keys("Enter")
    screen.wait("an answer", gone=["Esc to stop"])
    check("int parse(void);" in str(server.requests(1)[0]["messages"][-1]),
          "@pars Tab writes the path, and the file goes along", server.requests(1)[0]["messages"][-1])
    screen.keys("C-d")
    screen.wait("rc=0")
    screen.close()
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    screen.keys("C-r")
    screen.type("what is")
    screen.wait("(reverse-i-search) 'what is' : what is in @src/parse.c")
    check(True, "Ctrl-R finds yesterday's prompt after a restart")
    screen.keys("C-c", "C-c")
    screen.close()
    server.close()


def call(name, **arguments):
    """An answer that calls one tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    delta = {"tool_calls": [{"index": 0, "id": "call_" + name, "type": "function", "function": function}]}
    events = [{"choices": [{"index": 0, "delta": delta}]},
              {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}]
    return ["data: " + json.dumps(event) + "\n\n" for event in events] + ["data: [DONE]\n\n"]


def results_of(body):
    return [message["content"] for message in body["messages"] if message["role"] == "tool"]


def test_tools(folder):
    """Tools for real: asked, allowed, denied with a reason, and their cards."""
    server = ModelServer(folder, [
        call("bash", command="echo made >sentinel; echo out"), sse(["first"]) + END,
        call("bash", command="touch other"), sse(["second"]) + END,
        call("edit_file", path="src/parse.c", old_string="text", new_string="words"), sse(["third"]) + END,
        call("edit_file", path="src/parse.c", old_string="words", new_string="more"), sse(["fourth"]) + END,
        call("bash", command="exit 7"), sse(["fifth"]) + END])
    project = f"{folder}/project"
    screen = Screen(folder, program=f"'{LOCALGPT}' chat -C '{project}'")
    screen.keys("one", "Enter")
    screen.wait("┌ Run this command?", "│ echo made >sentinel; echo out", "sandbox full · network off")
    check(not os.path.exists(f"{project}/sentinel"), "a command waits for its yes")
    screen.keys("1")
    screen.wait("first", "allowed once", gone=["Esc to stop"])
    check(os.path.exists(f"{project}/sentinel") and "out" in results_of(server.requests(2)[1])[0],
          "... then runs, and the model has its output", results_of(server.requests(2)[1]))
    check("⎿ run echo made >sentinel; echo out" in screen.all(), "... and is one row when it is done", screen.all())
    screen.keys("two", "Enter")
    screen.wait("│ touch other", "┌ Run this command?")
    screen.keys("3")
    screen.wait("What should it do instead?")
    screen.type("not that one")
    screen.keys("Enter")
    screen.wait("second", "not allowed: not that one", gone=["Esc to stop"])
    check(not os.path.exists(f"{project}/other") and "not that one" in results_of(server.requests(4)[3])[1],
          "a no keeps it from running, and its reason goes to the model", results_of(server.requests(4)[3]))
    screen.keys("three", "Enter")
    screen.wait("┌ Change this?", "│ -text", "│ +words")
    screen.keys("1")
    screen.wait("third", gone=["Esc to stop"])
    with open(f"{project}/src/parse.c", encoding="ascii") as file:
        check(file.read() == "words\n", "a change is made as its diff said")
    screen.keys("BTab")
    screen.wait("edits mode: ")
    screen.keys("four", "Enter")
    screen.wait("fourth", "│ -words", "│ +more", gone=["Esc to stop"])
    rows = re.findall(r"^⎿ .*src/parse.c.*  \+1 −1 · \d+ ms$", screen.all(), re.M)
    check(len(rows) == 2, "in mode edits it is made unasked, and shown", screen.all())
    screen.keys("BTab")
    screen.wait("auto mode: ")
    screen.keys("five", "Enter")
    screen.wait("fifth", "  exit 7 · ", gone=["Esc to stop"])
    check(True, "in mode auto a command runs unasked; how it ended is told")
    screen.keys("/diff", "Enter", "Enter")
    screen.wait("-words\n+more", "? help")
    screen.keys("/undo", "Enter", "Enter")
    screen.wait("Took back turn ", "src/parse.c", "? help")
    with open(f"{project}/src/parse.c", encoding="ascii") as file:
        check(file.read() == "words\n", "/diff shows what was changed last, /undo takes it back")
    screen.keys("/redo", "Enter", "Enter")
    screen.wait("Did again turn ", "? help")
    with open(f"{project}/src/parse.c", encoding="ascii") as file:
        check(file.read() == "more\n", "... and /redo does it again")
    screen.keys("/undo 99", "Enter")
    screen.wait("99", "? help")
    screen.keys("what is there now?", "Enter")
    screen.wait("fifth", gone=["Esc to stop"])
    check("The user took back what the tools had changed" in str(server.requests(11)[10]["messages"]),
          "the model is told")
    screen.close()
    server.close()


def test_plan(folder):
    """Mode plan: tried in an overlay, shown, and kept only with a yes."""
    server = ModelServer(folder, [
        call("bash", command="echo planned >plan.txt; cat plan.txt"), sse(["first"]) + END,
        call("bash", command="echo again >plan.txt"), sse(["second"]) + END])
    project = f"{folder}/project"
    screen = Screen(folder, program=f"'{LOCALGPT}' chat -C '{project}' --mode plan")
    screen.wait("plan mode ⇧⇥")
    screen.keys("one", "Enter")
    screen.wait("first", "┌ It was tried apart. Keep these changes?", "│ +planned")
    check(not os.path.exists(f"{project}/plan.txt") and "planned" in results_of(server.requests(2)[1])[0],
          "what is tried in mode plan is shown, and changes nothing yet")
    screen.keys("1")
    screen.wait("allowed once", "? help", gone=["Esc to stop"])
    with open(f"{project}/plan.txt", encoding="ascii") as file:
        check(file.read() == "planned\n", "... until it is kept")
    screen.keys("two", "Enter")
    screen.wait("second", "┌ It was tried apart. Keep these changes?", "│ +again")
    screen.keys("Escape")
    screen.wait("not allowed", "? help", gone=["Esc to stop"])
    with open(f"{project}/plan.txt", encoding="ascii") as file:
        check(file.read() == "planned\n", "... and a no drops it")
    screen.close()
    server.close()


def test_plain_approvals(folder):
    """The same questions as lines, where nothing is drawn."""
    server = ModelServer(folder, [
        call("bash", command="echo made >sentinel"), sse(["first"]) + END,
        call("bash", command="touch other"), sse(["second"]) + END,
        call("bash", command="touch third"), sse(["third"]) + END])
    project = f"{folder}/project"
    screen = Screen(folder, env="TERM=dumb", program=f"'{LOCALGPT}' chat --plain -C '{project}'", ready="You:")
    screen.keys("one", "Enter")
    screen.wait("command:  echo made >sentinel", "sandbox:  full", "network:  none", "(y)es, (a)lways")
    check(not os.path.exists(f"{project}/sentinel"), "a plain chat asks, too")
    screen.keys("y", "Enter")
    screen.wait("Assistant: first")
    check(os.path.exists(f"{project}/sentinel"), "... and yes is a yes")
    screen.keys("two", "Enter")
    screen.wait("command:  touch other")
    screen.keys("Enter")
    screen.type("make a folder instead")
    screen.keys("Enter")
    screen.wait("Assistant: second")
    check("make a folder instead" in results_of(server.requests(4)[3])[1] and not os.path.exists(f"{project}/other"),
          "anything else is what to do instead", results_of(server.requests(4)[3]))
    check(not re.search(rb"[\x1b\r](?!\r*\n)", screen.bytes()), "... and nothing drives the terminal", screen.bytes())
    screen.close()
    screen = Screen(folder, program=f"sh -c \"echo material | '{LOCALGPT}' ask -C '{project}' three\"",
                    ready="command:  touch third")
    screen.keys("y", "Enter")
    screen.wait("third", "rc=0")
    check(os.path.exists(f"{project}/third"), "ask asks on its terminal, also when it is fed by a pipe")
    screen.close()
    server.close()


def test_shell(folder):
    """Criterion 16: !command in the sandbox, its output for the model; #note in the memory."""
    server = ModelServer(folder, [sse(["an answer"]) + END])
    screen = Screen(folder, program=f"'{LOCALGPT}' chat")
    screen.keys("!false", "Enter")
    screen.wait("⎿ exit 1 · sandbox full", "? help")
    check(True, "!false shows its exit status and how it was locked in")
    screen.keys("!printf 'hea%s\\033[2Jrt\\n' r", "Enter")
    screen.wait("hearrt", "⎿ exit 0")
    screen.keys("!!echo se''cret", "Enter")
    screen.wait("secret\n⎿ exit 0")
    check(b"\x1b[2J" not in screen.bytes(), "what a command prints does not drive the terminal")
    screen.keys("!sleep 600", "Enter")
    screen.wait("› !sleep 600", gone=["? help"])
    screen.keys("Escape")
    screen.wait("⎿ stopped by you", "? help")
    check(True, "Esc stops a command")
    screen.keys("#I like herons", "Enter")
    screen.wait("Remembered in memory/20", "? help")
    screen.keys("/memory herons", "Enter")
    screen.wait("Notes on 'herons'", "I like herons", "? help")
    check(True, "#text is kept in the memory, /memory finds it")
    screen.keys("what happened?", "Enter")
    screen.wait("an answer", gone=["Esc to stop"])
    said = str(server.requests(1)[0]["messages"])
    check("(exit 1): false" in said and "hearrt" in said, "the model is told of a command with its next message", said)
    check("secret" not in said, "... but not of one with two marks", said)
    screen.keys("Escape", "Escape")
    screen.wait("what happened?", "message ")
    check("false" not in screen.visible().split("what happened?")[-1], "commands are no messages to say anew",
          screen.visible())
    screen.close()
    server.close()


if __name__ == "__main__":
    sys.exit(main(globals()))
