#!/usr/bin/env python3
"""docs/offline.md, typed again: an empty home, no network, no model; what the terminal shows is what the page
says, but for days, times and ids.

    offline.py            the test, as TAP
    offline.py --film     what the page's block should be, on stdout
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

LOCALGPT = os.environ["LOCALGPT"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs/offline.md")
LIMIT_SECONDS = 30


def block():
    """The lines of the page's console block."""
    with open(PAGE, encoding="utf-8") as file:
        return re.search(r"```console\n(.*?)```", file.read(), re.S).group(1).rstrip("\n").split("\n")


def has_namespaces():
    return shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], capture_output=True,
                                                      check=False).returncode == 0


class Terminal:
    def __init__(self, home):
        self.socket = f"offline-{os.getpid()}"
        cut = "unshare -rn " if has_namespaces() else ""
        bin_folder = os.path.join(home, "bin")
        os.makedirs(bin_folder)
        os.symlink(LOCALGPT, os.path.join(bin_folder, "localgpt"))
        shell = (f"cd '{home}' && exec {cut}env -i HOME='{home}/home' PATH='{bin_folder}:/usr/bin:/bin' "
                 "TERM=xterm-256color LC_ALL=C.UTF-8 TZ=UTC PS1='$ ' sh")
        os.mkdir(os.path.join(home, "home"))
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "50", shell)
        self.wait(lambda text: text.rstrip().endswith("$"))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=False, capture_output=True,
                              text=True).stdout

    def all(self):
        return self.tmux("capture-pane", "-p", "-J", "-S", "-")

    def wait(self, is_there):
        start = time.monotonic()
        while not is_there(self.all()):
            if time.monotonic() - start > LIMIT_SECONDS:
                return False
            time.sleep(0.02)
        return True

    def enter(self, text):
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def close(self):
        self.tmux("kill-server")


def play(inputs):
    """Types them; the screen's lines, without what is only there for typing."""
    home = tempfile.mkdtemp(prefix="offline-")
    terminal = Terminal(home)
    n_answers = 0
    for line in inputs:
        kind, text = line[:2], line[2:]
        if kind == "$ ":
            terminal.enter(text)
            is_chat = text == "localgpt chat"
            terminal.wait(lambda shown, chat=is_chat: ("? help" in shown.rstrip().split("\n")[-1]) if chat
                          else shown.rstrip().endswith("$"))
            continue
        terminal.enter(text)
        if text == "/quit":
            terminal.wait(lambda shown: shown.rstrip().endswith("$"))
            continue
        n_answers += 1
        terminal.wait(lambda shown, n=n_answers: len(re.findall(r"^\s*· ", shown, re.M)) >= n
                      or "localgpt: " in shown)
    shown = terminal.all()
    terminal.close()
    shutil.rmtree(home, ignore_errors=True)
    lines = [line.rstrip() for line in shown.rstrip("\n").split("\n")]
    if lines and lines[-1] == "$":
        lines.pop()
    return [line for line in lines if not re.search(r"\? help$|^─+$", line)]


def normal(line):
    line = re.sub(r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d+ \w+ \d{4}", "DAY", line.strip())
    line = re.sub(r"\d{4}-\d\d-\d\d", "DATE", line)
    line = re.sub(r"session [0-9a-f]{8}", "session ID", line)
    return re.sub(r"LocalGPT \d+\.\d+\.\d+", "LocalGPT VERSION", line)


def main():
    inputs = [line for line in block() if line.startswith(("$ ", "› "))]
    shown = play(inputs)
    if "--film" in sys.argv:
        print("\n".join(shown))
        return
    wanted = [normal(line) for line in block() if line.strip()]
    seen = [normal(line) for line in shown if line.strip()]
    is_same = wanted == seen
    print(f"{'' if is_same else 'not '}ok 1 - docs/offline.md is what happens: no home, no network, no model")
    if not is_same:
        for line in difflib.unified_diff(wanted, seen, "the page", "the terminal", lineterm=""):
            print("# " + line)
    print("1..1")
    sys.exit(0 if is_same else 1)


main()
