"""kill -9, a full disk and a failing disk at every call with which the index of the notes, its
vectors and the daily log change a file: the next search finds every note, and every note that was
acknowledged is there.

    crash.py SHIM LOCALGPT TABLE
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

SHIM, LOCALGPT, TABLE = map(os.path.abspath, sys.argv[1:4])
PARENT = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
N_NOTES = 5
tap = Tap()


class Home:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="localgpt-memory-", dir=PARENT)
        self.workspace = os.path.join(self.folder, ".local/share/localgpt/workspace")
        os.makedirs(os.path.join(self.workspace, "memory"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def write(self, word):
        for i in range(N_NOTES):
            with open(os.path.join(self.workspace, f"n{i}.md"), "w", encoding="utf-8") as file:
                file.write(f"# Note {i}\n\nthe {word} of number{i}\n")

    def run(self, arguments, mode="count", at=0):
        tally = os.path.join(self.folder, "tally")
        if os.path.exists(tally):
            os.remove(tally)
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": self.folder,
                       "LOCALGPT_STATIC_EMBEDDING": TABLE}
        if mode is not None:
            environment.update(LD_PRELOAD=SHIM, CRASH_MODE=mode, CRASH_AT=str(at))
        if mode == "count":
            environment["CRASH_TALLY"] = tally
        done = subprocess.run([LOCALGPT, *arguments], capture_output=True, text=True,
                              env=environment, stdin=subprocess.DEVNULL, timeout=120)
        calls = []
        if os.path.exists(tally):
            with open(tally, encoding="utf-8") as lines:
                calls = lines.read().splitlines()
        return done, calls

    def hits(self, query, mode="words"):
        done, _ = self.run(["memory", "search", "--json", "--mode", mode, "-l", "100", query], None)
        if done.returncode != 0:
            return None, done.stdout + done.stderr
        return {hit["path"] for hit in json.loads(done.stdout)["hits"]}, done.stderr

    def problems(self, word, gone):
        found, text = self.hits(word)
        wanted = {f"n{i}.md" for i in range(N_NOTES)}
        if found != wanted:
            return [f"'{word}' is found in {found}: {text}"]
        found, text = self.hits(gone)
        if found != set():
            return [f"'{gone}' is still found in {found}: {text}"]
        found, text = self.hits(f"a {word}", "hybrid")
        if found is None or not wanted <= found:
            return [f"by meaning '{word}' is found in {found}: {text}"]
        return []


def reindex_at(mode, at):
    """An index of the first state; killed while it follows to the second."""
    with Home() as home:
        home.write("walrus")
        home.run(["memory", "reindex"], None)
        home.write("penguin")
        home.run(["memory", "reindex"], mode, at)
        return [f"{mode} at call {at}: {one}" for one in home.problems("penguin", "walrus")]


def first_index_at(mode, at):
    with Home() as home:
        home.write("walrus")
        home.run(["memory", "reindex"], mode, at)
        return [f"{mode} at call {at}: {one}" for one in home.problems("walrus", "penguin")]


def note_at(mode, at):
    with Home() as home:
        home.run(["memory", "add", "the first walrus"], None)
        done, _ = home.run(["memory", "add", "the second walrus"], mode, at)
        home.run(["memory", "add", "the third walrus"], None)
        with open(os.path.join(home.workspace, "memory",
                               sorted(os.listdir(os.path.join(home.workspace, "memory")))[0]),
                  encoding="utf-8") as file:
            text = file.read()
        problems = []
        for word, is_sure in ("first", True), ("second", "Noted" in done.stdout), ("third", True):
            if is_sure and f"\nthe {word} walrus\n" not in text:
                problems.append(f"{mode} at call {at}: the {word} note is lost: {text!r}")
        if not problems and home.hits('"third walrus"')[0] == set():
            problems.append(f"{mode} at call {at}: the third note is not found")
        return problems


def count_calls(prepare, arguments):
    with Home() as home:
        prepare(home)
        _, calls = home.run(arguments)
        return len(calls)


def everywhere(name, try_one, n_calls):
    problems = [] if n_calls > 3 else [f"only {n_calls} calls were seen"]
    wanted = [(mode, at) for mode in ("before", "torn", "ENOSPC", "EIO")
              for at in range(1, n_calls + 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda one: try_one(*one), wanted):
            problems += found
    tap.case(f"{name}, at each of {n_calls} calls in four ways", problems)


def second_state(home):
    home.write("walrus")
    home.run(["memory", "reindex"], None)
    home.write("penguin")


everywhere("a first index is whole at the next search", first_index_at,
           count_calls(lambda home: home.write("walrus"), ["memory", "reindex"]))
everywhere("an index that follows its notes is whole at the next search", reindex_at,
           count_calls(second_state, ["memory", "reindex"]))
everywhere("an acknowledged note is there", note_at,
           count_calls(lambda home: home.run(["memory", "add", "the first walrus"], None),
                       ["memory", "add", "the second walrus"]))
tap.end()
