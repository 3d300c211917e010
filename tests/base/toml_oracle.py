#!/usr/bin/python3
"""Holds src/base/toml to two readers that others wrote: python3-tomlkit and Python's own tomllib.

    toml_oracle.py PATH/TO/toml_dump     prints TAP

Reading: the same documents are accepted and refused, and the accepted ones read as the same tree.
Editing: after each set and unset, tomllib sees exactly that one key changed, and every byte outside
of it is the byte that was there. The differences that are known and meant are in the tables below.
"""

import datetime
import difflib
import itertools
import json
import math
import random
import re
import subprocess
import sys
import tomllib

try:
    import tomlkit
except ImportError:
    print("1..1\nnot ok 1 - python3-tomlkit is not installed: apt-get install python3-tomlkit")
    sys.exit(1)

import toml_documents

# Valid by the letter of the specification; Python cannot hold the value, or holds any.
BEYOND_PYTHON = {
    "leap second": "a = 1990-12-31T23:59:60Z\n",
    "year 0": "a = 0000-01-01\n",
    "nine digits of a second": "a = 07:32:00.123456789\n",
}
# The specification wants 64 bits; Python's integers have no end.
BEYOND_64_BITS = {
    "integer too large": "a = 9223372036854775808\n",
    "integer too small": "a = -9223372036854775809\n",
    "hexadecimal too large": "a = 0x8000000000000000\n",
    "integer far too large": "a = 99999999999999999999999\n",
}
# Invalid by the specification and refused by tomllib, yet accepted by tomlkit: found by running it.
TOMLKIT_IS_LAXER = {
    "lone CR in multi-line", "lone CR at the end", "form feed", "short year", "item closed once",
    "dotted into a table", "dotted into a deep table",
}


class Dump:
    """The program under test, one request a line."""

    def __init__(self, path):
        self.process = subprocess.Popen([path, "--serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, *fields):
        raw = [field if isinstance(field, bytes) else field.encode() for field in fields[1:]]
        line = " ".join([fields[0]] + [field.hex() for field in raw])
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().split(" ")
        if len(answer) != 2:
            raise SystemExit(f"Bail out! toml_dump died on: {fields!r}")
        return answer[0] == "ok", bytes.fromhex(answer[1].strip()).decode(errors="replace")


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def report(self, name, problems):
        self.count += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name.replace('#', '')}")
        for problem in problems[:3]:
            print("\n".join("# " + line for line in problem.splitlines()))

    def finish(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def read_tomllib(raw):
    """tomllib's tree, or None. A lone CR is refused by the specification; tomllib sees to it."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


def read_tomlkit(raw):
    try:
        return tomlkit.parse(raw.decode().removeprefix("\ufeff").replace("\r\n", "\n")).unwrap()
    except Exception:  # it raises its own errors and, on odd input, any other
        return None


def moment(text):
    """What a date or time as written stands for; Python holds microseconds only."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace(" ", "T", 1))
    for kind in (datetime.date, datetime.time, datetime.datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def same(ours, theirs):
    """Whether our JSON stands for their value. Dates, inf and nan are strings in JSON."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(
            same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(
            same(a, b) for a, b in zip(ours, theirs))
    if isinstance(theirs, (datetime.date, datetime.time)):
        return isinstance(ours, str) and moment(ours) == theirs and type(moment(ours)) is type(theirs)
    if isinstance(theirs, float) and (math.isinf(theirs) or math.isnan(theirs)):
        return ours == str(theirs).replace("-nan", "nan")
    if isinstance(theirs, float) and theirs == 0:
        return isinstance(ours, float) and math.copysign(1, ours) == math.copysign(1, theirs)
    return type(ours) is type(theirs) and ours == theirs


def check_reading(dump, name, raw):
    ok, answer = dump.ask("parse", raw)
    theirs = read_tomllib(raw)
    if ok != (theirs is not None):
        return [f"we {'accept' if ok else 'refuse'}, tomllib does not: {raw!r}\n{answer}"]
    kit = read_tomlkit(raw)
    if not ok:
        where = re.match(r"test\.toml:\d+:\d+: .+\n +\|\n *\d+ \| .*\n +\| *\^+", answer)
        problems = [] if where else [f"no place and caret in the error:\n{answer}"]
        if (kit is not None) != (name in TOMLKIT_IS_LAXER):
            problems.append(f"tomlkit {'accepts' if kit else 'refuses'} this: {raw!r}\n{answer}")
        return problems
    ours = json.loads(answer)
    problems = [] if same(ours, theirs) else [f"tomllib differs:\n{ours}\n{theirs}"]
    if kit is None or not same(ours, kit):
        problems.append(f"tomlkit differs:\n{ours}\n{kit}")
    return problems


def spell(path):
    """A path in the spelling of toml_set()."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
            continue
        bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
        key = part if bare else json.dumps(part, ensure_ascii=True)
        out += ("." if out else "") + key
    return out


def walk(tree, path=()):
    """Every path of a tree with its value."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield path + (key,), value
        if isinstance(value, (dict, list)):
            yield from walk(value, path + (key,))


def copied(tree):
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(item) for item in tree] if isinstance(tree, list) else tree


def with_value(tree, path, value):
    tree = copied(tree)
    at = tree
    for part in path[:-1]:
        at = at.setdefault(part, {}) if isinstance(at, dict) else at[part]
    at[path[-1]] = value
    return tree


def without(tree, path):
    """The trees that may remain: the tables that the key leaves empty may stay or go."""
    trees = []
    for length in range(len(path), 0, -1):
        rest = copied(tree)
        at = rest
        for part in path[:length - 1]:
            at = at[part]
        del at[path[length - 1]]
        trees.append(rest)
        if at:
            break
    return trees


def same_trees(a, b):
    return repr(a) == repr(b) or a == b or sort_keys(a) == sort_keys(b)


def sort_keys(tree):
    """A form in which nan equals nan and the order of keys does not count."""
    if isinstance(tree, dict):
        return sorted((key, sort_keys(value)) for key, value in tree.items())
    return [sort_keys(item) for item in tree] if isinstance(tree, list) else repr(tree)


SENTINELS = ['"\u00a7 new \u00a7"', "[ 73577357, 2 ]", "{ sentinel = 73577357 }",
             '"""\nsentinel\n73577357"""', "73577357.25"]


def check_replaced(old, new, value, before):
    """Only the bytes of the old value may be gone."""
    at = new.find(value)
    if at < 0:
        return ["the new value is not in the text"]
    head, tail = new[:at], new[at + len(value):]
    if not old.startswith(head) or not old.endswith(tail):
        return [f"bytes outside of the value changed:\n{old!r}\n{new!r}"]
    gone = old[len(head):len(old) - len(tail)]
    if sort_keys(tomllib.loads("x = " + gone)["x"]) != sort_keys(before):
        return [f"{gone!r} is not the old value"]
    return []


def common_ends(a, b):
    head = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(a, b))))
    rest = min(len(a), len(b)) - head
    tail = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1],
                                        zip(reversed(a[len(a) - rest:]), reversed(b[len(b) - rest:])))))
    return head, tail


def check_added(old, new):
    head, tail = common_ends(old, new)
    gone = old[head:len(old) - tail] if tail else old[head:]
    if gone.strip(" \t"):
        return [f"{gone!r} is gone:\n{old!r}\n{new!r}"]
    return []


def check_removed(old, new):
    """One run of bytes is gone; whole lines, or the inside of an inline table."""
    head, tail = common_ends(new, old)
    if head + tail < len(new):
        return [f"more than one place changed:\n{old!r}\n{new!r}"]
    return []


def check_removed_lines(old, new):
    """Of a table, whole lines go and none changes."""
    lines = [text.removeprefix("\ufeff").splitlines(True) for text in (old, new)]
    added = [line for line in difflib.ndiff(*lines)
             if line.startswith("+ ")]
    return [f"lines changed: {added}\n{old!r}\n{new!r}"] if added else []


def try_set(dump, old, tree, path, value, is_new):
    ok, new = dump.ask("set", old, spell(path), value)
    newline = "\r\n" if re.search("^[^\n]*\r\n", old) else "\n"
    fitted = value.replace("\n", newline)
    if not ok:
        return [f"set {spell(path)} failed:\n{new}\n{old!r}"]
    wanted = with_value(tree, path, tomllib.loads("x = " + value)["x"])
    read = read_tomllib(new.encode())
    if read is None or sort_keys(read) != sort_keys(wanted):
        return [f"set {spell(path)} gave another tree:\n{old!r}\n{new!r}"]
    if is_new:
        return check_added(old, new)
    before = tree
    for part in path:
        before = before[part]
    return check_replaced(old, new, fitted, before)


def try_unset(dump, old, tree, path, value):
    ok, new = dump.ask("unset", old, spell(path))
    if not ok:
        return [f"unset {spell(path)} failed:\n{new}\n{old!r}"]
    read = read_tomllib(new.encode())
    if read is None or sort_keys(read) not in [sort_keys(rest) for rest in without(tree, path)]:
        return [f"unset {spell(path)} gave another tree:\n{old!r}\n{new!r}"]
    is_table = isinstance(value, (dict, list))
    return check_removed_lines(old, new) if is_table and "{" not in old else (
        [] if is_table else check_removed(old, new))


def is_table_list(value):
    return isinstance(value, list) and value and all(isinstance(item, dict) for item in value)


def edits(tree, rng):
    """A few edits of each kind that fit the tree: (path, kind, value)."""
    paths = [(path, value) for path, value in walk(tree)
             if not any(isinstance(part, str) and "\0" in part for part in path)]
    leaves = [(path, value) for path, value in paths if not isinstance(value, (dict, list))]
    tables = [()] + [path for path, value in paths if isinstance(value, dict)]
    in_lists = {path[:-1] for path, _ in paths if isinstance(path[-1], int)}
    removable = [(path, value) for path, value in paths if isinstance(path[-1], str)]
    for path, value in rng.sample(leaves, min(5, len(leaves))):
        yield path, "set", value
    for path in rng.sample(tables, min(5, len(tables))):
        yield path + ("brand-new",), "new", None
        yield path + ("new table", "deep", "key"), "new", None
    for path, value in rng.sample(removable, min(5, len(removable))):
        yield path, "unset", value
    for path, value in paths:
        if isinstance(value, list) and path not in in_lists and not is_table_list(value):
            yield path, "set", value
            break


def check_edits(dump, name, text, counts):
    tree = read_tomllib(text.encode())
    rng = random.Random(name)
    problems = []
    for path, kind, value in edits(tree, rng):
        counts[kind] = counts.get(kind, 0) + 1
        if kind == "unset":
            problems += try_unset(dump, text, tree, path, value)
        else:
            problems += try_set(dump, text, tree, path, rng.choice(SENTINELS), kind == "new")
    return problems


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def check_refused(dump, text):
    ok, answer = dump.ask("parse", text)
    return [] if not ok and "64 bits" in answer else [f"accepted or told badly: {answer}"]


def check_accepted(dump, text):
    ok, answer = dump.ask("parse", text)
    written = text.split("= ")[1].strip()
    return [] if ok and json.loads(answer) == {"a": written} else [answer]


def check_mutations(dump, texts, count):
    problems = []
    n_valid = 0
    for name, text in toml_documents.mutated(texts, count).items():
        raw = text.encode()
        ok, answer = dump.ask("parse", raw)
        theirs = read_tomllib(raw)
        n_valid += ok
        if not ok and "64 bits" in answer or ok and re.search(r":60\b|0000-", text):
            continue
        if ok != (theirs is not None):
            problems.append(f"{name}: we {'accept' if ok else 'refuse'}: {raw!r}\n{answer}")
        elif ok and not same(json.loads(answer), theirs):
            problems.append(f"{name}: read differently: {raw!r}")
    if not 0 < n_valid < count:
        problems.append(f"{n_valid} of {count} mutations were valid: the test tests nothing")
    return problems


def main():
    dump = Dump(sys.argv[1])
    tap = Tap()
    generated = toml_documents.generated(160)
    valid = {**toml_documents.VALID, **generated}
    for name, text in valid.items():
        problems = check_reading(dump, name, as_bytes(text))
        if read_tomllib(as_bytes(text)) is None:
            problems.append("tomllib refuses this document: it does not belong here")
        tap.report("reads " + name, problems)
    for name, text in toml_documents.INVALID.items():
        problems = check_reading(dump, name, as_bytes(text))
        if read_tomllib(as_bytes(text)) is not None:
            problems.append("tomllib accepts this document: it does not belong here")
        tap.report("refuses " + name, problems)
    for name, text in BEYOND_PYTHON.items():
        tap.report("reads " + name, check_accepted(dump, text))
    for name, text in BEYOND_64_BITS.items():
        tap.report("refuses " + name, check_refused(dump, text))
    tap.report("agrees on 3000 mutations", check_mutations(dump, list(generated.values()), 3000))
    counts = {}
    for name, text in valid.items():
        tap.report("edits " + name, check_edits(dump, name, text, counts))
    print("# edits:", counts)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
