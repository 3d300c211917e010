#!/usr/bin/env python3
"""What got through the sandboxes of other assistants (one-liners, and the same from a script in the
workspace), tried here. Prints a table and TAP.

    peers.py root|user"""

import os
import sys

import escape
import ground as g
import runner_rows
from ground import Tap

# Rows of the table: name, the one-liner; $H the home, $P the port that listens, $V a process outside.
LINES = [
    ("read ~/.ssh", "cat $H/.ssh/id_rsa"),
    ("read by tar", "tar -cf - -C $H .ssh | cat"),
    ("read by grep", "grep -r CANARY $H/.aws $H/.netrc"),
    ("read by git grep -O", "git -c safe.directory='*' grep --untracked \"-Ocat $H/.ssh/id_rsa\" hello"),
    ("read by git diff", "git diff --no-index /dev/null $H/.ssh/id_rsa"),
    ("read by find", "find $H/.ssh -type f -exec cat {} +"),
    ("read by awk", "awk 1 $H/.ssh/id_rsa"),
    ("read by node", "node -e 'process.stdout.write(require(\"fs\").readFileSync(\"'$H'/.ssh/id_rsa\"))'"),
    ("read by openssl", "openssl base64 -in $H/.ssh/id_rsa | openssl base64 -d"),
    ("read by dd", "dd if=$H/.ssh/id_rsa 2>&1"),
    ("write home", "echo owned >>$H/.bashrc"),
    ("write by find -fprint", "find / -maxdepth 0 -fprint $H/.bashrc"),
    ("write by git diff --output", "git diff --no-index --output=$H/.bashrc /dev/null README.md"),
    ("write by tee", "echo owned | tee -a $H/.bashrc"),
    ("write by sed -i", "sed -i s/mine/owned/ $H/.bashrc"),
    ("write by cp", "cp README.md $H/.bashrc"),
    ("write /tmp", "echo $T >/tmp/$S"),
    ("connect on loopback", "exec 3<>/dev/tcp/127.0.0.1/$P; echo $T >&3"),
    ("connect by python", "/usr/bin/python3 -c 'import socket,sys; socket.create_connection((\"127.0.0.1\", "
                          "int(sys.argv[1]))).send(b\"x\")' $P"),
    ("connect by perl", "perl -MIO::Socket::INET -e 'IO::Socket::INET->new(\"127.0.0.1:\".shift) or exit 1' $P"),
    ("ancestor's environment", "cat /proc/*/environ"),
    ("end another process", "kill -TERM $V"),
    ("mount in a user namespace", "unshare -Urm sh -c 'mount -t tmpfs none /mnt && echo got mount'"),
]


def variables(runner):
    ground = runner.ground
    return (f"H={ground.home} P={runner.sinks.tcp_port} V={ground.start_victim().pid} T={ground.token} "
            f"S={ground.shm}\n")


def attempt(runner, level, script, as_file):
    """The evidence that the script got what it wanted."""
    result = escape.Result()
    script = variables(runner) + script
    words = ["bash", "--noprofile", "--norc", "-c", script]
    if as_file:
        path = os.path.join(runner.ground.workspace, "sub/script.sh")
        g.write(path, script + "\n", 0o755)
        runner.ground.own(os.path.dirname(path))
        words = ["bash", "--noprofile", "--norc", path]
    row = {"flags": 0, "name": "peers"}
    plain, runner.environment = runner.environment, runner.plain
    runner.execute(runner.command(level, words), row, result)
    runner.environment = plain
    result.add("victim", runner.ground.victim.touched())
    for line in result.lines:
        if line.startswith("got "):
            result.add("self", line)
    runner.look(result)
    return result


def survives(runner, level):
    tricks = ["setsid", "double fork", "daemon in python"]
    unseen, left = runner_rows.run_tricks(runner, level, tricks, 20 if level is None else 3)
    return bool(left or unseen), [f"never seen: {unseen}, survivors: {left}"]


def main():
    account = g.Account(sys.argv[1])
    if sys.argv[1] == "root" and os.geteuid() != 0:
        Tap.skip("what got through elsewhere, as root", "not root")
        Tap.done()
    g.enter_namespaces()
    runner = escape.Runner(account)
    levels = ("full", "standard")
    table = []
    for name, script in LINES:
        outcomes = []
        control = attempt(runner, None, script, False)
        Tap.case(bool(control.evidence), f"{name}: works without a sandbox", control.text())
        for level in levels:
            for as_file in (False, True):
                result = attempt(runner, level, script, as_file)
                how = "script" if as_file else "one-liner"
                is_held = not result.evidence or (name == "write /tmp" and set(result.evidence) == {"self"})
                Tap.case(is_held, f"{name}: {how} held at {level}", result.text())
                outcomes.append("held" if is_held else "open")
        table.append((name, outcomes))
    outcomes = []
    got_it, seen = survives(runner, None)
    Tap.case(got_it, "a daemon survives the time limit: works without a sandbox", seen)
    for level in levels:
        got_it, seen = survives(runner, level)
        Tap.case(not got_it, f"a daemon survives the time limit: held at {level}", seen)
        outcomes += ["open" if got_it else "held"] * 2
    table.append(("daemon survives the timeout", outcomes))
    runner.ground.close()
    print(f"# {'as ' + account.name:30} full: line  script   standard: line  script")
    for name, outcomes in table:
        print(f"# {name:30} {outcomes[0]:>10}  {outcomes[1]:<8} {outcomes[2]:>14}  {outcomes[3]}")
    Tap.done()


main()
