#!/usr/bin/env python3
"""The numbered attempts to get out of the sandbox: each first without any, where it must succeed,
then at level full and at level standard, where it must not.

    escape.py root|user            as root, or as an ordinary user

One TAP line per attempt, level and control. Ends with "# held H/T at level ... as ...". An attempt
whose control fails is not proven, and that is a failure. A gap that SECURITY.md names and that turns
out to be closed is one too: the page is then wrong.
"""

import os
import re
import shutil
import socket
import subprocess
import sys

import ground as g
import runner_rows
from ground import Tap

LEVELS = tuple(filter(None, os.environ.get("ESCAPE_LEVELS", "full,standard").split(",")))
# What must be seen from outside when the control of a row succeeds.
EVIDENCE = {"canary": [*range(1, 9), 38, 39, 40, 43, 44, 52, 53, 71, 96, 98],
            "changed": [*range(9, 16), 19, 20, *range(23, 29), 98], "planted": [36, 37],
            "victim": [46, 47, 48, 49, 50], "terminal": [54, 55],
            "sink": [56, 57, 58, 59, 62, 63, 96]}
# What these "got" may have been a private folder, or processes of the sandbox's own: only what can be
# seen from outside counts.
MAY_BE_PRIVATE = {"creat_outside", "mkdir_outside", "shared_memory_plant", "temporary_plant",
                  "from_python", "kill_all"}
# Attempts of these rows that give other evidence than the rest of the row.
OTHER_EVIDENCE = {"proc_self_root", "victim_maps", "victim_advice", "read_sibling"}


class Result:
    def __init__(self):
        self.evidence = {}  # kind: what was seen
        self.lines = []
        self.status = None

    def add(self, kind, what):
        if what:
            self.evidence.setdefault(kind, []).append(str(what))

    def said(self, tag):
        return [line for line in self.lines if line.startswith(tag + " ")]

    def text(self):
        return [f"{kind}: {what}" for kind, all_ in self.evidence.items() for what in all_[:6]] + [
            f"status {self.status}"] + self.lines[-25:]


class Runner:
    def __init__(self, account):
        self.account = account
        self.ground = g.Ground(account)
        self.ground.sinks = self.sinks = g.Sinks(self.ground)
        self.environment = self.ground.environment()
        self.plain = {name: value for name, value in self.environment.items()
                      if name not in ("BASH_ENV", "ENV", "SHELLOPTS", "PS4", "LD_LIBRARY_PATH")}
        self.n_counted = 0
        self.without_syscall = os.path.join(self.ground.top, "without_syscall")
        if runner_rows.WITHOUT_SYSCALL:
            shutil.copy(runner_rows.WITHOUT_SYSCALL, self.without_syscall)

    def count(self):
        self.n_counted += 1
        return self.n_counted

    def command(self, level, words, options=()):
        program = [self.ground.program, "sandbox", "run"]
        return words if level is None else [*program, "--level", level, *options, "--", *words]

    def attempt(self, level, row):
        """Makes one attempt and looks at everything."""
        result = Result()
        sibling = None
        victim = self.ground.start_victim()
        if row["flags"] & g.SIBLING:
            victim = sibling = g.Victim(self.ground, level)
        words = [os.path.join(self.ground.workspace, "attempts"), row["name"],
                 *self.ground.keys(victim)]
        options = []
        if row["flags"] & g.HOME_READ:
            self.write_config(f"[sandbox.allow_paths]\nread = [\"{self.ground.home}\"]\n")
        self.execute(self.command(level, words, options), row, result)
        if row["flags"] & g.HOME_READ:
            self.write_config("")
        result.add("victim", victim.touched())
        if sibling:
            sibling.stop()
        self.look(result)
        for line in result.lines:
            if line.startswith("got "):
                result.add("self", line)
        return result

    def write_config(self, extra):
        path = os.path.join(self.ground.home, ".config/localgpt/config.toml")
        info = os.stat(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.ground.config_text(extra))
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    def execute(self, command, row, result):
        arguments = dict(self.account.arguments(), cwd=self.ground.workspace, env=self.environment,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        terminal, opened = None, []
        if row["flags"] & g.WITH_TTY:
            terminal = g.Terminal()
            arguments.update(stdin=terminal.slave, preexec_fn=terminal.take)
        if row["flags"] & g.WITH_FDS:
            opened = self.open_secrets()
            arguments.update(pass_fds=opened)
        with subprocess.Popen(command, **arguments) as process:
            try:
                output, _ = process.communicate(timeout=g.LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                output = b"the command did not end"
            result.status = process.returncode
        result.lines = output.decode("utf-8", "replace").splitlines()
        text = output.decode("utf-8", "replace")
        for name, canary in self.ground.canaries.items():
            if canary in text:
                result.add("canary", name)
        if terminal:
            result.add("terminal", terminal.seen())
            terminal.close()
        for fd in opened:
            os.close(fd)

    def open_secrets(self):
        """A secret, a folder of secrets, and a socket with a secret waiting in it."""
        secret = os.open(os.path.join(self.ground.home, ".ssh/id_rsa"), os.O_RDONLY)
        folder = os.open(self.ground.home, os.O_RDONLY)
        ours, theirs = socket.socketpair()
        socket.send_fds(ours, [b"x"], [secret])
        self.kept = ours
        return [secret, folder, theirs.detach()]

    def look(self, result):
        for line in self.sinks.drain():
            result.add("sink", line)
        for line in self.ground.changes():
            result.add("changed", line)
        for path in (os.path.join("/dev/shm", self.ground.shm), os.path.join("/tmp", self.ground.shm)):
            result.add("planted", os.path.lexists(path) and path)
        if result.evidence:
            self.ground.reset()
        known = {self.ground.victim.process.pid} if self.ground.victim else set()
        g.reap(known)

    # Judgement.

    def control(self, row):
        """Returns why the attempt proves nothing, or None; "" for a thing this kernel has not."""
        result = self.attempt(None, row)
        if not (result.evidence or result.said("no ") or not result.said("na ")):
            return "", result
        missing = [kind for kind, rows in EVIDENCE.items()
                   if row["number"] in rows and row["name"] not in OTHER_EVIDENCE
                   and kind not in result.evidence]
        if missing:
            return "nothing was seen of: " + ", ".join(missing), result
        if result.said("no "):
            return "without a sandbox it fails, too", result
        return (None if result.evidence else "without a sandbox nothing came of it"), result


def read_table():
    rows = []
    listed = subprocess.run([g.ATTEMPTS, "--list"], check=True, capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        number, name, flags, reason = line.split("\t")
        if int(number) > 0:
            rows.append({"number": int(number), "name": name, "flags": int(flags), "reason": reason})
    return sorted(rows, key=lambda row: row["number"])


class Score:
    """Per level: rows held, and what was open by decision."""

    def __init__(self):
        self.rows = {level: {} for level in LEVELS}

    def note(self, level, row, is_held):
        rows = self.rows[level]
        rows[row["number"]] = rows.get(row["number"], True) and is_held

    def print(self, account):
        for level in LEVELS:
            rows = self.rows[level]
            held = sum(rows.values())
            still_open = ", ".join(str(n) for n, is_held in sorted(rows.items()) if not is_held)
            print(f"# held {held}/{len(rows)} at level {level} as {account.name}"
                  + (f"; open: rows {still_open}" if still_open else ""))


def why_not_applicable(row, account):
    if row["reason"]:
        return row["reason"]
    if row["flags"] & g.ROOT_ONLY and not account.is_root:
        return "only root may do this without a sandbox"
    if row["flags"] & g.USER_ONLY and account.is_root:
        return "root gains nothing by it"
    if row["name"] in ("set_user_id", "file_capabilities") and os.geteuid() != 0:
        return "only root can lay out such a program"
    return None


def errno_of(result):
    names = [line.split()[-1] for line in result.said("no ")]
    return ", ".join(dict.fromkeys(names)) or "-"


def judge(runner, row, level, score):
    result = runner.attempt(level, row)
    name = f"{row['number']:3} {row['name']} at {level}"
    seen = result.text()
    has_run = any(line.startswith("begin ") for line in result.lines)
    is_gap = level == "standard" and row["flags"] & g.GAP
    if not has_run:
        Tap.case(False, f"{name}: it was made", seen)
        return
    if row["name"] in MAY_BE_PRIVATE:
        result.evidence.pop("self", None)
    score.note(level, row, not result.evidence)
    if is_gap:
        Tap.case(bool(result.evidence), f"{name}: open, as SECURITY.md says", seen)
    else:
        Tap.case(not result.evidence, f"{name}: held ({errno_of(result)})", seen)


def run_runner_row(runner, row, score):
    attempt = runner_rows.ROWS[row["name"]]
    name = f"{row['number']:3} {row['name']}"
    got_it, seen = attempt(runner, None)
    Tap.case(got_it, f"{name}: control", seen)
    for level in LEVELS:
        got_it, seen = attempt(runner, level)
        outside = Result()
        runner.look(outside)
        score.note(level, row, not got_it and not outside.evidence)
        Tap.case(not got_it and not outside.evidence, f"{name} at {level}: held",
                 [*seen, *outside.text()])


def run_rows(runner, rows, score):
    for row in rows:
        if row["flags"] & g.RUNNER:
            run_runner_row(runner, row, score)
            continue
        name = f"{row['number']:3} {row['name']}"
        reason = why_not_applicable(row, runner.account)
        if reason:
            Tap.skip(name, reason)
            continue
        problem, result = runner.control(row)
        if problem == "":
            Tap.skip(name, re.sub(r"^na +", "", result.said("na ")[0]))
            continue
        Tap.case(problem is None, f"{name}: control" + (f": {problem}" if problem else ""),
                 result.text())
        for level in LEVELS:
            judge(runner, row, level, score)


def main():
    account = g.Account(sys.argv[1])
    if sys.argv[1] == "root" and os.geteuid() != 0:
        Tap.skip("every attempt as root", "not root")
        Tap.done()
    g.enter_namespaces()
    runner = Runner(account)
    score = Score()
    rows = read_table()
    only = sys.argv[2:]
    if only:
        rows = [row for row in rows if str(row["number"]) in only or row["name"] in only]
    run_rows(runner, rows, score)
    runner.ground.close()
    score.print(account)
    Tap.done()


if __name__ == "__main__":
    main()
