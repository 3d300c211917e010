#!/usr/bin/env python3
"""Protected names: nobody in the sandbox makes, changes, replaces or removes one, whether it is there
or not, and nothing of the protection is left in the workspace afterwards.

    protect.py root|user

One TAP line per way, state and level, for all names at once; each way first without a sandbox,
where it must succeed with every name."""

import os
import subprocess
import sys

import ground as g
from ground import Tap

# The file that an attacker would want, and what of it is protected.
NAMES = [
    "LocalGPT.md", ".localgpt_manifest.json", "IDENTITY.md", "localgpt.device.key",
    "localgpt.audit.jsonl", ".git/hooks/pre-commit", ".git/config", ".gitconfig", ".gitmodules",
    ".husky/pre-commit", ".bashrc", ".profile", ".zshrc", ".envrc", ".vscode/tasks.json",
    ".claude/settings.json", ".codex/config.toml", ".cursor/rules", ".mcp.json", ".idea/workspace.xml",
]
# Each is run for every name: $n the file, $d its folder, $v what stands for it in the workspace.
WAYS = {
    "overwrite": ("both", 'mkdir -p "$d"; echo owned >"$n"'),
    "create exclusively": ("absent", 'mkdir -p "$d"; set -C; echo owned >"$n"'),
    "append": ("both", 'mkdir -p "$d"; echo owned >>"$n"'),
    "truncate": ("both", 'mkdir -p "$d"; truncate -s 0 "$n"'),
    "rename over": ("both", 'mkdir -p "$d"; echo owned >sub/x; mv -fT sub/x "$n"'),
    "rename away": ("present", 'mv -T "$n" "sub/away$i"'),
    "rename what is around": ("present", 'mv -T "$v" "sub/v$i"; mkdir -p "$d"; echo owned >"$n"'),
    "move a folder in": ("absent", 'mkdir -p "sub/t$i/$d"; echo owned >"sub/t$i/$n"; '
                         'if [ -e "$v" ]; then mv -T "sub/t$i/$n" "$n"; else mv -T "sub/t$i/$v" "$v"; fi'),
    "hard link over": ("both", 'mkdir -p "$d"; echo owned >sub/x; ln -fT sub/x "$n"'),
    "hard link and write": ("present", 'ln -T "$n" "sub/h$i"; echo owned >>"sub/h$i"'),
    "symbolic link": ("both", 'mkdir -p "$d"; echo owned >sub/x; ln -sfnT "$PWD/sub/x" "$n"'),
    "folder in its place": ("both", 'rm -rf "$n"; mkdir -p "$n"'),
    "fifo in its place": ("both", 'mkdir -p "$d"; rm -f "$n"; mkfifo "$n"'),
    "remove": ("present", 'rm -rf "$n"'),
    "remove what is around": ("present", 'rm -rf "$v"'),
    "remove and create": ("both", 'mkdir -p "$d"; rm -rf "$n"; echo owned >"$n"'),
    "chmod": ("present", 'chmod 777 "$n"'),
    "exchange": ("present", 'echo owned >"sub/e$i"; perl -e \'exit(syscall(316, -100, "sub/e$ARGV[0]", '
                            '-100, $ARGV[1], 2) == 0 ? 0 : 1)\' "$i" "$n"'),
    "unpack over": ("both", 'mkdir -p "sub/u$i/$d"; echo owned >"sub/u$i/$n"; '
                            'tar -C "sub/u$i" -cf - "$n" | tar -xf - --overwrite'),
    "copy over": ("both", 'mkdir -p "$d"; echo owned >sub/x; cp -f --remove-destination sub/x "$n"'),
}

# What stays open at level standard, as SECURITY.md says: no rule of Landlock covers modes and times.
OPEN_AT_STANDARD = {"chmod"}


def script(way):
    words = " ".join(f"'{name}'" for name in NAMES)
    return (f"i=0\nfor n in {words}; do\n  i=$((i+1)); d=$(dirname \"$n\"); v=${{n%%/*}}\n"
            f"  ( {WAYS[way][1]} ) 2>&1\ndone\nexit 0\n")


class Bench:
    def __init__(self, account):
        self.account = account
        self.ground = g.Ground(account, programs=False)
        self.environment = {"HOME": self.ground.home, "XDG_RUNTIME_DIR": self.ground.runtime, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def lay(self, is_present):
        """A workspace with all of them, or with none."""
        self.ground.reset()
        work = self.ground.workspace
        subprocess.run(["rm", "-rf", *[os.path.join(work, name.split("/")[0]) for name in NAMES]],
                       check=True)
        if is_present:
            for name in NAMES:
                g.write(os.path.join(work, name), f"{name} of the user\n", 0o644)
        self.ground.own(work)

    def look(self):
        seen = {}
        for name in NAMES:
            g.describe(os.path.join(self.ground.workspace, name), self.ground.workspace, seen)
        return seen

    def left_behind(self, is_present):
        """What the protection itself left: anything at a protected name that was not there, but for
        folders the command made around it."""
        if is_present:
            return []
        work, left = self.ground.workspace, []
        for name in {name.split("/")[0] for name in NAMES}:
            path = os.path.join(work, name)
            if os.path.lexists(path) and not os.path.isdir(path):
                left.append(name)
        for name in (".git/hooks", ".git/config"):
            if os.path.lexists(os.path.join(work, name)):
                left.append(name)
        return left

    def try_way(self, level, way, is_present):
        """The names that changed, what was left behind, and what was printed."""
        self.lay(is_present)
        before = self.look()
        words = ["bash", "--noprofile", "--norc", "-c", script(way)]
        if level is not None:
            words = [self.ground.program, "sandbox", "run", "--level", level, "--", *words]
        done = subprocess.run(words, cwd=self.ground.workspace, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=g.LIMIT_SECONDS, errors="replace",
                              **self.account.arguments())
        after = self.look()
        changed = [name for name in NAMES if before.get(name) != after.get(name)]
        left = self.left_behind(is_present) if level is not None else []
        return changed, left, done

    def killed_and_run_again(self, level):
        """kill -9 of the program leaves placeholders; the next command takes them away."""
        self.lay(False)
        start = [self.ground.program, "sandbox", "run", "--level", level, "--"]
        arguments = dict(cwd=self.ground.workspace, env=self.environment, stdin=subprocess.DEVNULL,
                         **self.account.arguments())
        process = subprocess.Popen([*start, "sh", "-c", "echo running; exec sleep 1000"], text=True,
                                   stdout=subprocess.PIPE, **arguments)
        line = process.stdout.readline()
        process.kill()
        # The pipe ends when the last process of the sandbox has.
        process.stdout.read()
        process.wait()
        done = subprocess.run([*start, "true"], timeout=g.LIMIT_SECONDS, **arguments)
        left = self.left_behind(False)
        return line.strip() == "running" and done.returncode == 0 and not left, [line, f"left {left}"]


def main():
    account = g.Account(sys.argv[1])
    if sys.argv[1] == "root" and os.geteuid() != 0:
        Tap.skip("protected names as root", "not root")
        Tap.done()
    g.enter_namespaces()
    bench = Bench(account)
    levels = tuple(filter(None, os.environ.get("ESCAPE_LEVELS", "full,standard").split(",")))
    held, tried = {level: 0 for level in levels}, 0
    for way, (states, _) in WAYS.items():
        if sys.argv[2:] and way not in sys.argv[2:]:
            continue
        for state in ("present", "absent"):
            if states not in ("both", state):
                continue
            tried += len(NAMES)
            changed, _, done = bench.try_way(None, way, state == "present")
            missing = [name for name in NAMES if name not in changed]
            Tap.case(not missing, f"{way}, {state}: works without a sandbox",
                     [f"not with {missing}", *done.stdout.splitlines()])
            for level in levels:
                changed, left, done = bench.try_way(level, way, state == "present")
                if level == "standard" and way in OPEN_AT_STANDARD:
                    Tap.case(len(changed) == len(NAMES), f"{way}, {state}: open at standard, as "
                             "SECURITY.md says", [f"changed only {changed}"])
                    continue
                held[level] += len(NAMES) - len(changed) if done.returncode == 0 else 0
                Tap.case(done.returncode == 0 and not changed and not left,
                         f"{way}, {state}: held at {level} for {len(NAMES)} names",
                         [f"status {done.returncode}, changed {changed}, left behind {left}",
                          *done.stdout.splitlines()[-20:]])
    for level in levels if not sys.argv[2:] else ():
        is_clean, seen = bench.killed_and_run_again(level)
        Tap.case(is_clean, f"after kill -9 at {level} the next command leaves nothing behind", seen)
    bench.ground.close()
    for level in levels:
        print(f"# held {held[level]}/{tried} attempts on protected names at level {level} as {account.name}")
    Tap.done()


main()
