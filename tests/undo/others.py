"""Undo when others are at work too: an owner who edits meanwhile, a database that is open elsewhere,
writers that outlive their command, a full disk, files over the cap, other file systems.

    others.py SCENARIO [GROUP...]

Prints TAP.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

from ground import Space, differences, look

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

Space.scenario = os.path.abspath(sys.argv[1])


class Turn:
    """A turn that stops in the middle of its command until it is told to go on."""

    def __init__(self, space, level, script, then="true"):
        self.ready = os.path.join(space.folder, "ready")
        self.go = os.path.join(space.folder, "go")
        for name in (self.ready, self.go):
            if not os.path.exists(name):
                os.mkfifo(name)
        script = f"{script}; echo > {self.ready}; read x < {self.go}; {then}"
        self.process = subprocess.Popen(
            [Space.scenario, space.state, space.workspace, level, "sh", "-c", script],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        with open(self.ready, encoding="ascii") as pipe:
            pipe.read()

    def end(self):
        with open(self.go, "w", encoding="ascii") as pipe:
            pipe.write("\n")
        return self.process.communicate(timeout=60)[0]


def write(space, name, text, mode="w"):
    with open(os.path.join(space.workspace, name), mode, encoding="utf-8") as file:
        file.write(text)


def read(space, name):
    path = os.path.join(space.workspace, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


def wants(problems, what, seen, expected):
    if seen != expected:
        problems.append(f"{what}: {seen!r}, expected {expected!r}")


def has(problems, text, part):
    if part not in text:
        problems.append(f"no {part!r} in: {text}")


def edits_meanwhile():
    """What an owner does to a file while a command works on its copy of it."""
    def save(space):
        write(space, "lines.new", "mine\n")
        os.rename(os.path.join(space.workspace, "lines.new"), os.path.join(space.workspace, "lines"))

    cases = [
        ("edits a file that it edits", "echo agent >> lines", lambda s: write(s, "lines", "mine\n")),
        ("saves a file over the one that it edits", "echo agent >> lines", save),
        ("edits a file that it removes", "rm lines", lambda s: write(s, "lines", "mine\n")),
        ("edits a file that it moves away", "mv lines moved", lambda s: write(s, "lines", "mine\n")),
        ("makes a file that it makes", "rm -f mine; echo agent > mine", lambda s: write(s, "mine", "mine\n")),
        ("adds a file to a folder that it removes", "rm -rf src", lambda s: write(s, "src/mine", "mine\n")),
        ("adds a file to a folder that it makes anew", "rm -rf src; mkdir src; echo a > src/a",
         lambda s: write(s, "src/mine", "mine\n")),
    ]
    for name, script, edit in cases:
        space, problems = Space(), []
        target = "lines" if "lines" in script else "mine" if "src" not in script else "src/mine"
        turn = Turn(space, "overlay", script + "; echo other > other")
        edit(space)
        out = turn.end()
        wants(problems, "after the turn", read(space, target), "mine\n")
        if "makes anew" not in name:
            has(problems, out, "withheld")
        wants(problems, "another file of the turn", read(space, "other"), "other\n")
        done = space.run("undo")
        wants(problems, "after undo", read(space, target), "mine\n")
        wants(problems, "the other file after undo", read(space, "other"), None)
        if done.returncode != 0:
            problems.append(done.stderr)
        space.close()
        yield f"an owner who {name} keeps it", problems


def edits_afterwards():
    for level in ("overlay", "notify"):
        space, problems = Space(), []
        space.turn(level, "echo agent >> lines; echo a > made; rm two; mkdir d; echo x > d/x")
        write(space, "lines", "mine\n", "a")
        write(space, "two", "mine\n")
        write(space, "d/mine", "mine\n")
        there = look(space.workspace)
        tried = space.run("try")
        problems += ["a dry run: " + one for one in differences(there, look(space.workspace))]
        done = space.run("undo")
        for name in ("lines", "two"):
            has(problems, tried.stdout, f"withheld {name}")
            has(problems, done.stdout, f"withheld {name}")
        has(problems, done.stdout, "withheld d:")
        has(problems, read(space, "lines"), "mine")
        wants(problems, "two", read(space, "two"), "mine\n")
        wants(problems, "d/mine", read(space, "d/mine"), "mine\n")
        wants(problems, "made", read(space, "made"), None)
        wants(problems, "d/x", read(space, "d/x"), None)
        os.unlink(os.path.join(space.workspace, "two"))
        again = space.run("undo", "1")
        has(problems, again.stdout, "changed two: created")
        wants(problems, "two, once the way is free", read(space, "two"), "two\n")
        space.close()
        yield f"{level}: what was edited since is a conflict, and kept; later it is tried again", problems


def appends_all_the_time():
    """0 of the owner's lines are lost, whenever a commit falls between open and write."""
    space, problems = Space(), []
    write(space, "log", "")
    is_over, n_lines = threading.Event(), 0

    def owner():
        nonlocal n_lines
        while not is_over.is_set():
            with open(os.path.join(space.workspace, "log"), "a", encoding="ascii") as file:
                file.write(f"owner {n_lines}\n")
            n_lines += 1
            is_over.wait(0.02)

    thread = threading.Thread(target=owner)
    thread.start()
    n_withheld = 0
    for i in range(60):
        n_withheld += "withheld log" in space.turn("overlay", f"echo agent {i} >> log").stdout
    is_over.set()
    thread.join()
    lines = read(space, "log").splitlines()
    missing = [i for i in range(n_lines) if f"owner {i}" not in set(lines)]
    wants(problems, "lost lines of the owner", missing, [])
    space.close()
    yield f"an owner who appends all the time loses 0 of {n_lines} lines ({n_withheld} of 60 withheld)", problems


def database_open_elsewhere():
    space, problems = Space(), []
    path = os.path.join(space.workspace, "data.db")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("create table t (who text)")
    script = "python3 -c \"import sqlite3; d=sqlite3.connect('data.db'); d.execute('insert into t values (\\'agent\\')'); d.commit()\""
    n_rows = 0
    for _ in range(10):
        turn = Turn(space, "overlay", script)
        for _ in range(5):
            database.execute("insert into t values ('owner')")
            n_rows += 1
        has(problems, turn.end(), "withheld data.db")
    out = space.turn("overlay", script).stdout  # open, but nothing was written meanwhile
    has(problems, out, "withheld data.db")
    database.execute("insert into t values ('owner')")
    database.close()
    database = sqlite3.connect(path)
    wants(problems, "rows", database.execute("select who, count(*) from t group by who").fetchall(),
          [("owner", n_rows + 1)])
    database.close()
    space.close()
    yield "a database that is open elsewhere keeps every row of its owner", problems


def living_below(folder):
    """Processes whose working folder is there."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{number}/cwd").startswith(folder):
                yield number
        except OSError:
            pass


def writers_that_stay():
    for level in ("overlay", "notify"):
        space, problems = Space(), []
        before = look(space.workspace)
        space.turn(level, "setsid sh -c 'while :; do echo x >> late; mv late later; mv later late; done' "
                          "> /dev/null 2>&1 & until [ -s late ]; do :; done")
        problems += [f"{one} lives" for one in living_below(space.workspace)]
        space.run("undo")
        problems += ["undo: " + one for one in differences(before, look(space.workspace))]
        space.close()
        yield f"{level}: a writer that left its session is dead when the turn ends", problems


def races():
    script = r"""
import os, threading
def work(me):
    for i in range(150):
        try:
            if me % 3 == 0: os.rename('a', 'b')
            elif me % 3 == 1: os.rename('b', 'a')
            else:
                with open('a', 'a') as file: file.write('%d.%d\n' % (me, i))
            if me % 4 == 0: os.rename('src', 'srd')
            if me % 4 == 1: os.rename('srd', 'src')
            if me % 4 == 2:
                with open('src/x.c', 'r+') as file: file.write('Z')
        except OSError: pass
open('a', 'w').close(); open('b', 'w').close()
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for one in threads: one.start()
for one in threads: one.join()
"""
    space, found = Space(), []
    write(space, "a", "of the owner\n")
    write(space, "race.py", script)
    before = look(space.workspace)
    for _ in range(5):
        space.turn("notify", "python3 race.py")
        space.run("undo")
        found = differences(before, look(space.workspace))
        if found:
            break
    space.close()
    yield "notify: threads that race with open and rename: 0 of 5 trees differ after undo", \
        found


def over_the_cap():
    space, problems = Space(), []
    write(space, "large", "x" * 5000)
    out = space.turn("notify", "echo y >> large; echo z >> one", UNDO_MAX_FILE="1000").stdout
    has(problems, out, "lost large: it is larger than undo.max_file_bytes")
    done = space.run("undo")
    has(problems, done.stdout, "lost large")
    wants(problems, "large", len(read(space, "large")), 5002)
    wants(problems, "one", read(space, "one"), "one\n")
    out = space.turn("notify", "rm large", UNDO_MAX_FILE="1000").stdout
    has(problems, out, "changed large: removed")
    space.run("undo")
    wants(problems, "large, removed and restored", len(read(space, "large") or ""), 5002)
    space.close()
    yield "notify: a file over the cap is named at once; its removal can be undone", problems


def pruned():
    space, problems = Space(), []
    for i in range(4):
        space.turn("overlay", f"head -c 100000 /dev/urandom > f{i}; echo {i} > big")
    space.turn("overlay", "rm f0 f1 f2 f3")
    space.run("open", UNDO_MAX="450000")
    listed = space.run("list").stdout.split("\n")[:-1]
    wants(problems, "turns", [line.split()[0] for line in listed], ["5", "4", "3", "2", "1"])
    space.run("open", UNDO_MAX="420000")
    listed = space.run("list").stdout.split("\n")[:-1]
    if not listed or len(listed) == 5 or listed[0].split()[0] != "5":
        problems.append(f"not pruned from the old end: {listed}")
    space.close()
    yield "the oldest turns go when the journal is too large", problems


def plan_mode():
    space, problems = Space(), []
    write(space, "LocalGPT.md", "rules\n")
    before = look(space.workspace)
    out = space.run("preview", "sh", "-c", "echo more >> lines; rm two; mkdir d; echo n > d/n; rm -r src; "
                    "printf '\\0' > binary; chmod 600 one; echo x > LocalGPT.md").stdout
    problems += differences(before, look(space.workspace))
    for part in ("+++ b/lines", "+more", "--- a/two", "-two", "+++ b/d/n", "--- a/src/deep/er/w.c",
                 "# binary: was nothing, is a file of 1 B", "# one: mode 0644, now 0600"):
        has(problems, out, part)
    if "LocalGPT.md" in out:
        problems.append("a protected name is offered: " + out)
    wants(problems, "turns", space.run("list").stdout, "")
    out = space.turn("overlay", "echo x > LocalGPT.md; echo y > y").stdout
    has(problems, out, "withheld LocalGPT.md: protected")
    wants(problems, "LocalGPT.md", read(space, "LocalGPT.md"), "rules\n")
    space.close()
    yield "a preview shows all and changes nothing; a protected name is never taken over", problems


def living_turn():
    space, problems = Space(), []
    space.turn("overlay", "echo 1 > first")
    turn = Turn(space, "notify", "echo 2 > second")
    has(problems, space.run("list").stdout, "2 open")
    done = space.run("undo", "2")
    has(problems, done.stderr, "still runs")
    space.run("undo")
    wants(problems, "the turn before can be undone meanwhile", read(space, "first"), None)
    turn.end()
    wants(problems, "second", read(space, "second"), "2\n")
    space.run("undo")
    wants(problems, "second undone", read(space, "second"), None)
    turn = Turn(space, "notify", "echo 3 > third")
    turn.process.kill()
    turn.process.wait()
    with open(turn.go, "w", encoding="ascii") as pipe:
        pipe.write("\n")
    done = space.run("undo")
    has(problems, done.stderr, "was killed")
    space.run("undo", "3")
    wants(problems, "a killed turn is undone by its number", read(space, "third"), None)
    space.close()
    yield "a turn that runs is left alone; one that was killed is undone when it is named", problems


def mounted(size, at):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", at], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def full_disk():
    for level in ("overlay", "notify"):
        folder = tempfile.mkdtemp(prefix="localgpt-undo-disk-")
        if not mounted("3m", folder):
            os.rmdir(folder)
            yield f"{level}: a full disk # SKIP not applicable: only root can mount one", []
            continue
        space, problems = Space(make=False), []
        shutil.rmtree(space.folder)
        space.folder, space.workspace = folder, os.path.join(folder, "w")
        space.state = os.path.join(folder, "state")
        os.mkdir(space.workspace)
        os.mkdir(space.state, 0o700)
        write(space, "one", "one\n")
        write(space, "half", "x" * 1000000)
        before = look(space.workspace)
        out = space.turn(level, "echo more >> one; dd if=/dev/zero of=big bs=64k count=64; "
                                "dd if=/dev/zero of=half bs=64k conv=notrunc; echo end >> one; cat one")
        has(problems, out.stdout + out.stderr, "No space left")
        space.run("undo", "1")
        problems += differences(before, look(space.workspace))
        subprocess.run(["umount", folder], check=False)
        os.rmdir(folder)
        yield f"{level}: a full disk: the command is told, undo is exact", problems


def other_file_systems():
    space, problems = Space(), []
    far = tempfile.mkdtemp(prefix="localgpt-undo-state-", dir="/var/tmp")
    near, space.state = space.state, far
    before = look(space.workspace)
    space.turn("overlay", "echo more >> one; rm two")
    if not os.path.isdir(os.path.join(space.folder, ".w.localgpt-undo")):
        problems.append("the journal is not beside the workspace")
    space.run("undo")
    problems += differences(before, look(space.workspace))
    space.state = near
    shutil.rmtree(far)
    space.close()
    yield "with the state elsewhere the journal lies beside the workspace, hidden", problems

    space, problems = Space(make=False), []
    if not mounted("50m", space.workspace):
        yield "a workspace that is a mount # SKIP not applicable: only root can mount one", []
        return
    subprocess.run(["cp", "-a", Space.template + "/.", space.workspace], check=True)
    before = look(space.workspace)
    out = space.turn("overlay", "true")
    has(problems, out.stderr, "another file system")
    space.turn("notify", "echo more >> one; rm two link; mv src s2; echo n > n; chmod 600 locked; "
                         "rm script; mkdir script; ln -s x y; rm -r lib")
    after = look(space.workspace)
    for _ in range(2):
        space.run("undo")
        problems += ["undo: " + one for one in differences(before, look(space.workspace))
                     if "'hard'" not in one and "'one'" not in one]
        space.run("redo")
        problems += ["redo: " + one for one in differences(after, look(space.workspace))
                     if "'hard'" not in one and "'one'" not in one]
    subprocess.run(["umount", space.workspace], check=False)
    space.close()
    yield "a workspace that is a mount of its own: watched, kept by copies, exact", problems


def main():
    tap = Tap()
    Space().close()
    for group in [globals()[name] for name in sys.argv[2:]] or (edits_meanwhile, edits_afterwards, appends_all_the_time, database_open_elsewhere,
                  writers_that_stay, races, over_the_cap, pruned, plan_mode, living_turn, full_disk,
                  other_file_systems):
        for name, problems in group():
            tap.case(name, problems)
    shutil.rmtree(Space.template)
    tap.end()


main()
