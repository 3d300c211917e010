#!/usr/bin/env python3
"""Types into a real interactive shell on a terminal of its own, presses Tab, and waits for a text.

    press_tab.py SHELL SCRIPT PROGRAM TYPED EXPECTED     exit 0 when EXPECTED appears

PROGRAM's folder goes first in PATH. What is typed does not count as seen.
"""

import os
import pty
import select
import signal
import sys
import time

shell, script, program, typed, expected = sys.argv[1:6]
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source '{}'; bind 'set bell-style none'"),
    "zsh": (["zsh", "-f", "-i"],
            "autoload -Uz compinit; compinit -u -D; source '{}'; setopt no_beep; bindkey -e"),
}
PATIENCE_SECONDS = 20

words, setup = START[shell]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["PATH"] = os.path.dirname(program) + ":" + os.environ["PATH"]
    os.environ.update(TERM="dumb", PS1="$ ", PROMPT="$ ", COLUMNS="200", LINES="50")
    os.execvp(words[0], words)


def wait_for(text):
    seen = b""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
        if text.encode() in seen:
            return True
    print(f"press_tab: waited for {text!r}, saw {seen!r}", file=sys.stderr)
    return False


def send(text):
    os.write(terminal, text.encode())


send(setup.format(script) + "\n")
send("echo rea''dy\n")
good = wait_for("ready")
if good:
    send(typed + "\t\t")
    good = wait_for(expected)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
sys.exit(0 if good else 1)
