#!/usr/bin/env python3
"""Runs a command on a terminal of its own and answers its questions.

    on_terminal.py 'yes|use make instead' COMMAND...

Each time the output ends in "instead: " (cli/approval_prompt.h) the next answer is typed. Prints all
that came; the exit status is the command's, or 99 when a question had no answer.
"""

import os
import pty
import sys

answers = [answer for answer in sys.argv[1].split("|") if answer]
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, answered = b"", 0
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if seen[answered:].endswith(b"instead: "):
        answered = len(seen)
        if not answers:
            os.write(1, seen)
            os.close(fd)
            sys.exit(99)
        os.write(fd, answers.pop(0).encode() + b"\r")
status = os.waitpid(pid, 0)[1]
os.write(1, seen.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(status) if not answers else 98)
