"""kill -9 and a full disk at every call with which the journal changes a file: afterwards the
workspace is as before the turn or as after it, and undo and redo still give every byte back.

    crash.py SHIM SCENARIO

Prints TAP.
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys

from ground import Space, differences, look

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

SHIM = os.path.abspath(sys.argv[1])
Space.scenario = os.path.abspath(sys.argv[2])
Space.tree = """
echo one > one; echo two > two; ln one hard; echo secret > locked
mkdir -p src/deep void; echo x > src/x.c; echo y > src/deep/y.c; ln -s one link
"""
SCRIPT = ("echo more >> two; rm locked; echo n > new; mkdir d; echo x > d/x; mv src/x.c src/q; "
          "rm -r src/deep; rmdir void; chmod 600 hard; ln -sf two link; echo w >> one")
CONTENT = [0, 1, 2, 4]  # type, mode, owner, content: not the times of another run
HALVED = {"write", "pwrite", "writev"}


class Run:
    """The scenario with the shim before it."""

    def __init__(self, space, words, mode="count", at=0):
        tally = os.path.join(space.folder, "tally")
        environment = dict(os.environ, LC_ALL="C.UTF-8", LD_PRELOAD=SHIM, CRASH_MODE=mode,
                           CRASH_AT=str(at))
        if mode == "count":
            environment["CRASH_TALLY"] = tally
        done = subprocess.run([Space.scenario, space.state, space.workspace, *words], env=environment,
                              capture_output=True, text=True, timeout=120, errors="replace")
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.calls = open(tally, encoding="ascii").read().split() if mode == "count" else []


def words_of(verb):
    return [verb, "sh", "-c", SCRIPT] if verb in ("overlay", "notify") else [verb]


def prepare(verb):
    """A space in which `verb` can be played; what the tree was before the turn and (for undo and
    redo) after it."""
    space = Space()
    before = look(space.workspace)
    if verb in ("undo", "redo"):
        space.run(*words_of("overlay" if space.level == "overlay" else "notify"))
    after = look(space.workspace)
    if verb == "redo":
        space.run("undo")
    return space, before, after


def check_undo(space, before, problems, what, turn=()):
    done = space.run("undo", *turn)
    problems += [f"{what}: {one}" for one in differences(before, look(space.workspace))]
    return done


def after_turn(space, before, expected, problems):
    """A turn was killed or failed: nothing of it is there, or all; undo gives back what was."""
    opened = space.run("open")
    if opened.returncode != 0:
        problems.append(f"the journal does not open: {opened.stderr}")
    there = look(space.workspace)
    listed = space.run("list").stdout
    if not differences(before, there):
        return
    if space.level == "overlay" and differences(expected, there, CONTENT):
        problems += ["half: " + one for one in differences(expected, there, CONTENT)]
    number = listed.split()[0] if listed else "1"
    undone = check_undo(space, before, problems, "undo", (number,))
    if undone.returncode != 0:
        problems.append(f"undo says: {undone.stdout}{undone.stderr} list: {listed}")
    if space.level == "overlay":
        space.run("redo")
        problems += ["redo: " + one
                     for one in differences(expected, look(space.workspace), CONTENT)]


def after_back(space, verb, before, after, problems):
    """An undo or redo was killed or failed: the next start has ended it, or it had not begun."""
    opened = space.run("open")
    if opened.returncode != 0:
        problems.append(f"the journal does not open: {opened.stderr}")
    start, end = (after, before) if verb == "undo" else (before, after)
    there = look(space.workspace)
    if differences(end, there):
        if differences(start, there):
            problems += [f"half: {one}" for one in differences(end, there)]
        space.run(verb)
        problems += [f"{verb} again: {one}" for one in differences(end, look(space.workspace))]
    other = "redo" if verb == "undo" else "undo"
    space.run(other)
    problems += [f"then {other}: {one}" for one in differences(start, look(space.workspace))]


def try_one(level, verb, mode, k, expected):
    Space.level = level
    space, before, after = prepare(verb)
    run = Run(space, words_of(verb), mode, k)
    problems = []
    if mode in ("before", "after", "torn") and run.status not in (-9, 0):
        problems.append(f"status {run.status}: {run.err}")
    if mode == "ENOSPC" and run.status not in (0, 1):
        problems.append(f"status {run.status}: {run.err}")
    if verb in ("overlay", "notify"):
        after_turn(space, before, expected, problems)
    else:
        after_back(space, verb, before, after, problems)
    space.close()
    return problems


def test(tap, level, verb):
    Space.level = level
    space, _, _ = prepare(verb)
    run = Run(space, words_of(verb))
    expected = look(space.workspace)
    tap.case(f"{level}: {verb}: an undisturbed run makes {len(run.calls)} calls",
             [] if run.status == 0 and len(run.calls) > 20 else [run.status, run.out, run.err])
    space.close()
    for mode, what in (("before", "killed before"), ("after", "killed after"),
                       ("torn", "killed in the middle of"), ("ENOSPC", "the disk full from")):
        wanted = [k for k, name in enumerate(run.calls, 1) if mode != "torn" or name in HALVED]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda k: try_one(level, verb, mode, k, expected), wanted))
        problems = [f"call {k} ({run.calls[k - 1]}): {problem}"
                    for k, one in zip(wanted, found) for problem in one]
        tap.case(f"{level}: {verb}: {what} each call ({len(wanted)} runs)", problems)


def main():
    tap = Tap()
    for level in ("overlay", "notify"):
        for verb in (level, "undo", "redo"):
            test(tap, level, verb)
    shutil.rmtree(Space.template)
    tap.end()


main()
