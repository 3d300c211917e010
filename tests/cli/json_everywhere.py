#!/usr/bin/env python3
"""Runs every command of standard input in three ways with --json and prints TAP about stdout.

    json_everywhere.py N     N cases were told before; $LOCALGPT is the program
"""

import json
import os
import subprocess
import sys

PROGRAM = os.environ["LOCALGPT"]
count = int(sys.argv[1])
failures = 0


def case(good, name, seen):
    global count, failures
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        failures += 1
        print(f"# {seen!r}")


def run(words):
    """The one document, or None; and the finished process."""
    done = subprocess.run([PROGRAM] + words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = None
    is_one = isinstance(document, dict) and done.stdout.endswith("\n") and done.stdout.count("\n") == 1
    case(is_one, f"{' '.join(words)} is one document", done)
    return document if is_one else {}, done


for line in sys.stdin:
    command = line.split()
    name = " ".join(command)
    document, done = run(command + ["--help", "--json"])
    case(done.returncode == 0 and document.get("ok") is True, f"{name} --help --json works", done)
    document, done = run(command + ["--frobnicate", "--json"])
    case(done.returncode == 2 and document.get("error", {}).get("code") == "usage",
         f"{name} --frobnicate --json is a usage error", done)
    case(done.stderr == "", f"{name} --frobnicate --json is silent on stderr", done)
    # As it comes, with nothing configured and nothing to read: whatever happens is one document.
    document, done = run(command + ["--json", "--timeout", "20"])
    case(document.get("ok") is (done.returncode == 0), f"{name} --json: ok goes with the exit status", done)
print(f"1..{count}")
sys.exit(1 if failures else 0)
