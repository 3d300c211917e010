"""Kills a program at every call that changes a file, and fails every such call, and looks whether
anything was lost that had been acknowledged.

    crash.py SHIM SCENARIO                     the parts: configuration and session files
    crash.py SHIM SCENARIO LOCALGPT DEPS       the program: a chat with the local model

Prints TAP. Every run has a folder of its own, in memory where that is possible.
"""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

SHIM, SCENARIO = map(os.path.abspath, sys.argv[1:3])
PARENT = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
HALVED = {"write", "pwrite", "writev"}
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


class Run:
    def __init__(self, command, folder, mode="count", at=0, text=None, extra=None):
        self.tally = os.path.join(folder, "tally")
        environment = dict(ENVIRONMENT, HOME=os.path.join(folder, "home"), LD_PRELOAD=SHIM,
                           CRASH_MODE=mode, CRASH_AT=str(at), **(extra or {}))
        if os.path.exists(self.tally):
            os.remove(self.tally)
        if mode in ("count", "power"):
            environment["CRASH_TALLY"] = self.tally
        done = subprocess.run(command, input=text or "", capture_output=True, text=True,
                              env=environment, cwd=folder, timeout=120)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def calls(self):
        if not os.path.exists(self.tally):
            return []
        with open(self.tally, encoding="utf-8") as lines:
            return lines.read().splitlines()


def look(sessions, config=None):
    """What is on the disk: the texts of all messages, the configured model, and what is wrong."""
    done = subprocess.run([SCENARIO, "check", sessions] + ([config] if config else []),
                          capture_output=True, text=True, env=ENVIRONMENT)
    texts, model, problems = [], None, []
    if done.returncode != 0:
        problems.append("does not load: " + done.stderr.strip())
    for line in done.stdout.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "message":
            texts.append(rest.split(" ", 1)[1])
        elif kind == "config":
            model = rest
        elif kind == "unreadable" and rest != "0":
            problems.append(f"{rest} files are no sessions")
        elif kind == "session" and " bad 0 " not in line:
            problems.append(line)
    return texts, model, problems


def temporaries(folder):
    return [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names
            if name.startswith(".") and name.endswith(".tmp")]


def age(paths):
    """As if the process had died an hour ago."""
    then = time.time() - 3600
    for path in paths:
        os.utime(path, (then, then))


def each(calls, modes, try_one):
    """Runs try_one(mode, k) for every call of every mode, two at a time; the problems."""
    wanted = [(mode, k) for mode in modes for k, name in enumerate(calls, 1)
              if mode != "torn" or name in HALVED]
    problems = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (mode, k), found in zip(wanted, pool.map(lambda one: try_one(*one), wanted)):
            problems += [f"{mode} call {k} ({calls[k - 1]}): {problem}" for problem in found]
    return problems, len(wanted)


# The parts.

WHOLE = re.compile(r"([a-z]+-\d) \.{6000} \\344\\275\\240\\345\\245\\275$")


class Parts:
    """One folder in which the scenario is played again and again. `is_torn`: a process before died
    in the middle of its line, and left a temporary file."""

    def __init__(self, is_torn=False):
        self.folder = tempfile.mkdtemp(prefix="localgpt-crash-", dir=PARENT)
        self.sessions = os.path.join(self.folder, "agents/main/sessions")
        self.config = os.path.join(self.folder, "config/config.toml")
        self.acknowledged = []
        self.models = []
        self.notes = []
        self.is_failing = False
        self.problems = []
        if is_torn:
            self.play("play")
            [name] = os.listdir(self.sessions)
            with open(os.path.join(self.sessions, name), "a", encoding="ascii") as file:
                file.write('{"type":"message","id":"0000')
            self.models.clear()

    def close(self):
        shutil.rmtree(self.folder)

    def play(self, verb, mode="count", at=0):
        run = Run([SCENARIO, verb, self.folder], self.folder, mode, at)
        for line in run.out.splitlines():
            _, kind, value = line.split()
            {"message": self.acknowledged, "config": self.models, "note": self.notes}[kind].append(value)
        return run

    def check_notes(self, when):
        """A note that counts is whole and there once; a summary that no note could
        precede is told."""
        files = glob.glob(os.path.join(self.folder, "workspace/memory/*.md"))
        text = "".join(open(name, encoding="utf-8").read() for name in files)
        notes = re.findall(r"from a conversation\n\n<!-- localgpt: session \S+ up to \S+, trusted -->\n"
                           r"((?:- \S+-\d [^\n]*\n)*)\n<!-- end of (\S+ \S+) -->\n", text)
        if len({mark for _, mark in notes}) != len(notes) or notes and text.count("<!-- end") != len(notes):
            self.problems.append(f"{when}: a note is torn, or there twice: {text}")
        n_whole = sum("- question-1 " in facts and "- question-2 " in facts for facts, _ in notes)
        n_summaries = 0
        for name in glob.glob(os.path.join(self.sessions, "*.jsonl")):
            with open(name, encoding="utf-8", errors="replace") as file:
                n_summaries += sum('"type":"compaction"' in line for line in file)
        # A note that cannot be written is told, and the summary made all the same.
        if n_whole < (len(self.notes) if self.is_failing else max(len(self.notes), n_summaries)):
            self.problems.append(f"{when}: {len(self.notes)} notes acknowledged, {n_summaries} "
                                 f"summaries, {n_whole} notes there:\n{text}")

    def check(self, when, n_unsure):
        """All that was acknowledged is there, in order, and at most `n_unsure` more."""
        texts, model, problems = look(self.sessions, self.config)
        self.problems += [f"{when}: {problem}" for problem in problems]
        self.check_notes(when)
        names = []
        for text in texts:
            match = WHOLE.match(text)
            names.append(match.group(1) if match else "broken: " + text[:40])
        rest = iter(names)
        if not all(name in rest for name in self.acknowledged):
            self.problems.append(f"{when}: acknowledged {self.acknowledged}, there {names}")
        if len(names) > len(self.acknowledged) + n_unsure:
            self.problems.append(f"{when}: too many: {names}")
        wanted = self.models[-1:] or [""]
        if model not in (wanted[0], "one", "two"):
            self.problems.append(f"{when}: the model is '{model}', set was {wanted}")
        if wanted == ["two"] and model != "two" and n_unsure == 0:
            self.problems.append(f"{when}: the model is '{model}', not two")

    def go_on(self, n_unsure):
        """After whatever happened: the next process works and cleans up."""
        left = temporaries(self.folder)
        if len(left) > 1:
            self.problems.append(f"temporaries add up: {left}")
        age(left)
        for verb in ("play", "new"):
            run = self.play(verb)
            if run.status != 0:
                self.problems.append(f"then '{verb}' fails: {run.err.strip()}")
        texts, model, problems = look(self.sessions, self.config)
        self.problems += problems
        self.check_notes("then")
        missing = list(self.acknowledged)
        for text in texts:
            match = WHOLE.match(text)
            if match and match.group(1) in missing:
                missing.remove(match.group(1))
        if missing or model != "two" or len(texts) > len(self.acknowledged) + n_unsure:
            self.problems.append(f"then: missing {missing}, model '{model}', {len(texts)} messages")
        if temporaries(self.folder):
            self.problems.append(f"temporaries stay: {temporaries(self.folder)}")


NEEDS_ROOM = {"mkdir", "mkostemps", "open", "write", "pwrite", "writev"}


def kill_parts(mode, k, is_torn):
    parts = Parts(is_torn)
    run = parts.play("play", mode, k)
    if run.status != -9:
        parts.problems.append(f"was not killed: status {run.status} {run.err}")
    parts.check("after the kill", 1)
    parts.go_on(1)
    parts.close()
    return parts.problems


def fail_parts(mode, k, is_torn, calls):
    parts = Parts(is_torn)
    parts.is_failing = True
    run = parts.play("play", mode, k)
    if run.status == 1 and len(run.err.strip().splitlines()) != 1:
        parts.problems.append(f"is not told in one line: {run.err}")
    if run.status not in (0, 1):
        parts.problems.append(f"status {run.status}: {run.err}")
    is_felt = mode == "EROFS" or (mode == "ENOSPC" and NEEDS_ROOM & set(calls[k - 1:]))
    if run.status == 0 and is_felt:
        parts.problems.append("nobody noticed")
    parts.check("after the failure", 1)
    parts.go_on(1)
    parts.close()
    return parts.problems


def test_parts(tap, is_torn):
    state = "after a torn line, " if is_torn else ""
    parts = Parts(is_torn)
    n_before = len(parts.acknowledged)
    run = parts.play("play")
    calls = run.calls()
    parts.check("undisturbed", 0)
    n_kept = len(parts.acknowledged) - n_before
    tap.case(f"{state}an undisturbed run keeps everything",
             parts.problems or ([run.err] if run.status or n_kept != 5 else []))
    parts.close()
    expected = {"mkostemps", "write", "fsync", "rename", "fdatasync"}
    expected |= {"ftruncate"} if is_torn else {"mkdir", "open"}
    tap.case(f"{state}the shim sees the calls ({len(calls)})",
             [f"not seen: {expected - set(calls)}"] if expected - set(calls) else [])

    parts = Parts(is_torn)
    tap.case(f"{state}a power cut at any acknowledgement loses nothing",
             parts.play("play", "power").calls())
    parts.close()
    for mode, what in (("before", "killed before"), ("torn", "killed in the middle of"),
                       ("after", "killed after")):
        problems, n_runs = each(calls, [mode], lambda *one: kill_parts(*one, is_torn))
        tap.case(f"{state}{what} each call: nothing acknowledged is lost ({n_runs} runs)", problems)
    for mode, what in (("ENOSPC", "the disk full from"), ("EIO", "an error of the disk at"),
                       ("EROFS", "the disk read-only from")):
        problems, n_runs = each(calls, [mode], lambda *one: fail_parts(*one, is_torn, calls))
        tap.case(f"{state}{what} each call: told, and nothing is lost ({n_runs} runs)", problems)


# A session of 20 MB.

N_OLD = 2000


def make_long(folder):
    """A folder with one session of 20 MB."""
    sessions = os.path.join(folder, "agents/main/sessions")
    os.makedirs(sessions)
    with open(os.path.join(sessions, "long.jsonl"), "w", encoding="ascii") as file:
        file.write('{"type":"session","version":3,"id":"long"}\n')
        for i in range(1, N_OLD + 1):
            parent = f'"{i - 1:08x}"' if i > 1 else "null"
            file.write(f'{{"type":"message","id":"{i:08x}","parentId":{parent},"message":{{"role":'
                       f'"user","content":"old-{i} {"o" * 10000}"}}}}\n')


def try_long(template, mode, k):
    """Plays on with a copy of the session, and kills at call k: nothing of the 20 MB is lost."""
    folder = tempfile.mkdtemp(prefix="localgpt-crash-", dir=PARENT)
    shutil.copytree(template, folder, dirs_exist_ok=True)
    run = Run([SCENARIO, "play", folder], folder, mode, k)
    calls = run.calls()
    sessions = os.path.join(folder, "agents/main/sessions")
    texts, _, problems = look(sessions)
    if mode != "count" and run.status != -9:
        problems.append(f"was not killed: status {run.status} {run.err}")
    if [text.split()[0] for text in texts[:N_OLD]] != [f"old-{i}" for i in range(1, N_OLD + 1)]:
        problems.append(f"of {N_OLD} old messages {len(texts)} are left")
    said = [match.group(1) for match in map(WHOLE.match, texts[N_OLD:]) if match]
    acknowledged = [line.split()[2] for line in run.out.splitlines() if " message " in line]
    if said[:len(acknowledged)] != acknowledged:
        problems.append(f"acknowledged {acknowledged}, there {said}")
    shutil.rmtree(folder)
    return problems, calls


def test_long(tap):
    template = tempfile.mkdtemp(prefix="localgpt-crash-", dir=PARENT)
    make_long(template)
    problems, calls = try_long(template, "count", 0)
    tap.case(f"20 MB: an undisturbed run keeps everything ({len(calls)} calls)", problems)
    for mode, what in (("torn", "killed in the middle of"), ("after", "killed after")):
        problems, n_runs = each(calls, [mode], lambda *one: try_long(template, *one)[0])
        tap.case(f"20 MB: {what} each call, also of the compaction, loses nothing ({n_runs} runs)",
                 problems)
    shutil.rmtree(template)


# The program.

QUESTIONS = "hello\nwhat is 2+2?\n"
ANSWER = re.compile(r"Assistant: (.*?)\n\n", re.S)


class Home:
    """A home of its own with the real engine and model."""

    def __init__(self, program, deps, template=None):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="localgpt-crash-", dir=PARENT)
        self.home = os.path.join(self.folder, "home")
        self.sessions = os.path.join(self.home, ".local/state/localgpt/agents/main/sessions")
        if template:
            shutil.copytree(template, self.home, symlinks=True)
            return
        data = os.path.join(self.home, ".local/share/localgpt")
        config = os.path.join(self.home, ".config/localgpt")
        os.makedirs(data)
        os.makedirs(config, mode=0o700)
        for name in ("engine", "models"):
            os.symlink(os.path.join(deps, name), os.path.join(data, name))
        with open(os.open(os.path.join(config, "config.toml"), os.O_CREAT | os.O_WRONLY, 0o600),
                  "w", encoding="ascii") as file:
            file.write("[agent]\nmax_tokens = 2\n")

    def close(self):
        shutil.rmtree(self.folder)

    def chat(self, mode="count", at=0):
        return Run([self.program, "chat", "--plain"], self.folder, mode, at, QUESTIONS)

    def problems_of(self, run):
        """Every question that was being answered, and every answer that was shown to its end, is on
        the disk."""
        texts, _, problems = look(self.sessions)
        answers = ANSWER.findall(run.out)
        begun = re.findall(r"Assistant: \S", run.out)
        if run.status == 1 and len(answers) == len(begun):
            answers = answers[:-1]  # streamed, but then told not to be kept
        questions = QUESTIONS.split("\n")
        expected = []
        for i, question in enumerate(questions[:len(begun)]):
            expected += [question] + answers[i:i + 1]
        shown = [text.encode().decode("unicode_escape") for text in texts]
        if shown[:len(expected)] != expected:
            problems.append(f"shown {expected}, kept {shown}")
        if len(temporaries(self.home)) > 1:
            problems.append(f"temporaries add up: {temporaries(self.home)}")
        return problems


def test_program(tap, program, deps):
    first = Home(program, deps)
    first.chat()  # leaves the saved state of the prompt, as after any first chat
    template = first.home
    shutil.rmtree(os.path.join(template, ".local/state"))

    whole = Home(program, deps, template)
    run = whole.chat()
    calls = run.calls()
    texts, _, problems = look(whole.sessions)
    if run.status != 0 or len(ANSWER.findall(run.out)) != 2 or len(texts) != 4:
        problems.append(f"status {run.status}, {texts}, {run.out}, {run.err}")
    whole.close()
    tap.case(f"a chat answers twice and keeps both ({len(calls)} calls)",
             problems + whole_problems(calls))

    def kill(mode, k):
        home = Home(program, deps, template)
        run = home.chat(mode, k)
        found = home.problems_of(run)
        if run.status != -9:
            found.append(f"was not killed: status {run.status} {run.err}")
        home.close()
        return found

    home = Home(program, deps, template)
    tap.case("a power cut while a chat shows something loses nothing it showed",
             home.chat("power").calls())
    home.close()

    def fill(mode, k):
        home = Home(program, deps, template)
        run = home.chat(mode, k)
        found = home.problems_of(run)
        # The note of a conversation is made from what is kept: its loss is told, and no failure.
        lines = [line for line in run.err.splitlines() if "No space left on device" in line
                 and not line.startswith("no note of the conversation")]
        if run.status not in (0, 1) or (run.status == 1) != (len(lines) == 1):
            found.append(f"status {run.status}: {run.err}")
        home.close()
        return found

    problems, n_runs = each(calls, ["ENOSPC"], fill)
    tap.case(f"the disk full from each call of a chat: told, and nothing is lost ({n_runs} runs)",
             problems)
    for mode, what in (("before", "killed before"), ("torn", "killed in the middle of")):
        problems, n_runs = each(calls, [mode], kill)
        tap.case(f"a chat {what} each call loses nothing it showed ({n_runs} runs)", problems)
    first.close()


def whole_problems(calls):
    missing = {"mkostemps", "write", "fsync", "rename", "fdatasync"} - set(calls)
    return [f"the shim does not see {missing}"] if missing else []


def main():
    tap = Tap()
    if len(sys.argv) == 3:
        test_parts(tap, False)
        test_parts(tap, True)
        test_long(tap)
    else:
        test_program(tap, *map(os.path.abspath, sys.argv[3:5]))
    tap.end()


if __name__ == "__main__":
    main()
