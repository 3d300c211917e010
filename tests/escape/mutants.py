#!/usr/bin/env python3
"""Every layer counts: the program without one of them (mutant.c) must let an attempt through, or
notice the loss itself and refuse. If it does neither, the attempts do not test that layer."""

import os
import sys

import escape
import ground as g
from ground import Tap

# Layer: level, who, the attempts it stands against.
LAYERS = [
    ("capabilities", "full", "root", ["self_report"]),
    ("capabilities", "standard", "root", ["self_report", "proc_init_root"]),
    ("descriptors", "full", "root", ["inherited_descriptors", "passed_descriptors"]),
    ("descriptors", "standard", "root", ["inherited_descriptors", "passed_descriptors"]),
    ("environment", "full", "root", ["environment"]),
    ("environment", "standard", "root", ["environment"]),
    ("landlock", "full", "root", ["read_secret", "write_outside"]),
    ("landlock", "standard", "user", ["read_secret", "write_outside", "protected_write"]),
    ("limits", "full", "root", ["memory_bomb", "big_file"]),
    ("limits", "standard", "root", ["memory_bomb", "big_file"]),
    ("namespaces", "full", "user", ["stat_secret", "chmod_outside"]),
    ("privileges", "full", "root", ["self_report"]),
    ("privileges", "standard", "root", ["self_report"]),
    ("protected", "full", "root", ["protected_write", "protected_create_missing"]),
    ("reaper", "standard", "root", ["daemonising"]),
    ("root", "full", "root", ["stat_secret", "chmod_outside", "protected_write"]),
    ("seccomp", "full", "root", ["io_uring_ways", "tcp4", "user_namespace"]),
    ("seccomp", "standard", "user", ["io_uring_ways", "tcp4", "user_namespace"]),
]


def what_happened(runner, level, row):
    """"held", "through" or "refused", and what was seen."""
    if row["flags"] & g.RUNNER:
        got_it, seen = escape.runner_rows.ROWS[row["name"]](runner, level)
        return ("through" if got_it else "held"), seen
    result = runner.attempt(level, row)
    if not any(line.startswith("begin ") for line in result.lines):
        return ("refused" if result.status == 6 else "broken"), result.text()
    return ("through" if result.evidence else "held"), result.text()


def main():
    g.enter_namespaces()
    table = {row["name"]: row for row in escape.read_table()}
    accounts = {name: g.Account(name) for name in ("root", "user")}
    for layer, level, who, names in LAYERS:
        if sys.argv[1:] and layer not in sys.argv[1:]:
            continue
        name = f"without {layer} at {level} as {who}"
        if who == "root" and os.geteuid() != 0:
            Tap.skip(name, "not root")
            continue
        g.LOCALGPT = os.path.join(os.environ["ESCAPE_MUTANTS"], "localgpt-without-" + layer)
        runner = escape.Runner(accounts[who])
        outcomes, seen = [], []
        for attempt in names:
            outcome, lines = what_happened(runner, level, table[attempt])
            outcomes.append(f"{attempt} {outcome}")
            seen += lines
        runner.ground.close()
        is_noticed = any(o.endswith((" through", " refused")) for o in outcomes)
        Tap.case(is_noticed and not any(o.endswith(" broken") for o in outcomes),
                 f"{name}: {', '.join(outcomes)}", seen)
    Tap.done()


main()
