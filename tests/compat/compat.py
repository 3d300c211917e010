#!/usr/bin/env python3
"""Everyday commands, in the sandbox. Each runs first without one (else it proves nothing), then at
level full, where it must work, and at level standard, where it is counted.

    compat.py root|user

Every command runs in an existing folder of the workspace; `top` ones in the workspace itself. A
command that is known not to work at standard says why; should it work, that is told as a failure,
so that the reason goes."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "escape"))
import ground as g  # noqa: E402
from ground import Tap  # noqa: E402

PYTHON = "/usr/bin/python3 -B"
GIT = "git -c init.defaultBranch=main -c user.name=A -c user.email=a@b.c -c safe.directory='*' "

# (name, script, expected output; at standard: None = works, else why it does not)
COMMANDS = [
    ("echo", "echo hello", "hello"),
    ("ls", "touch a b; ls -la . >/dev/null && ls", "a\nb"),
    ("cat a here-document", "cat <<END\none\ntwo\nEND", "one\ntwo"),
    ("a pipeline", "printf 'b\\na\\nb\\n' | sort | uniq -c | tr -s ' '", " 1 a\n 2 b"),
    ("throw output away", "ls /usr >/dev/null 2>&1; echo $?", "0"),
    ("overwrite by >", "echo one >f; echo two >f; cat f", "two"),
    ("append by >>", "echo one >f; echo two >>f; cat f", "one\ntwo"),
    ("rename across folders", "mkdir -p x y; echo t >x/f; mv x/f y/g; cat y/g; ls x", "t"),
    ("cp -p", "echo t >f; chmod 640 f; cp -p f g; stat -c %a g", "640"),
    ("cp -r and rm -rf", "mkdir -p d/e; echo t >d/e/f; cp -r d c; rm -rf d; cat c/e/f", "t"),
    ("mkdir -p, rmdir", "mkdir -p p/q/r; rmdir -p p/q/r; ls", ""),
    ("symbolic links", "echo t >f; ln -s f l; cat l; readlink l", "t\nf"),
    ("hard links", "echo t >f; ln f h; stat -c %h f", "2"),
    ("touch -d", "touch -d '2020-02-02 00:00 UTC' f; date -u -r f +%Y-%m-%d", "2020-02-02"),
    ("chmod and run a script", "printf '#!/bin/sh\\necho ran $1\\n' >s; chmod +x s; ./s it", "ran it"),
    ("find -exec", "mkdir d; echo t >d/f; find . -name f -exec cat {} +", "t"),
    ("grep -r", "mkdir d; echo needle >d/f; grep -rn needle .", "./d/f:1:needle"),
    ("sed -i", "echo one >f; sed -i s/one/two/ f; cat f", "two"),
    ("awk", "printf '1 2\\n3 4\\n' | awk '{ s += $2 } END { print s }'", "6"),
    ("tar", "mkdir d; echo t >d/f; tar -czf a.tgz d; rm -r d; tar -xzf a.tgz; cat d/f", "t"),
    ("gzip", "echo t >f; gzip f; gunzip f.gz; cat f", "t"),
    ("diff", "echo a >f; echo b >g; diff f g | head -1", "1c1"),
    ("cut, tr, wc", "echo a:b:c | cut -d: -f2 | tr a-z A-Z; echo abc | wc -c", "B\n4"),
    ("head and tail", "seq 10 | tail -3 | head -1", "8"),
    ("xargs -P", "seq 8 | xargs -P4 -n1 echo | sort -n | tail -1", "8"),
    ("mkfifo", "mkfifo p; echo t >p & cat p; wait", "t"),
    ("process substitution", "diff <(echo a) <(echo a) && echo same; cat <(echo t)", "same\nt"),
    ("background and wait", "sleep 0 & wait $!; echo $?", "0"),
    ("kill one's own child", "sleep 1000 & kill $!; wait $!; echo $?", "143"),
    ("trap", "trap 'echo bye' EXIT; echo hi", "hi\nbye"),
    ("mktemp", "f=$(mktemp) && echo t >$f && cat $f && rm $f", "t"),
    ("dd", "dd if=/dev/zero of=f bs=1024 count=8 2>/dev/null; stat -c %s f", "8192"),
    ("sha256sum, base64", "echo t | sha256sum | cut -c1-8; echo t | base64", "fe8edeeb\ndAo="),
    ("ps and id", "ps -o pid= -p $$ | wc -l; id -u >/dev/null && echo ok", "1\nok"),
    ("/dev/stdin, /dev/fd", "echo t | cat /dev/stdin; { echo t >/dev/stderr; } 2>&1 | cat; cat /dev/fd/3 3<<<u",
     "t\nt\nu"),
    ("perl", "perl -e 'print 6*7, \"\\n\"'", "42"),
    ("python", f"{PYTHON} -c 'import json; print(json.dumps([1]))'", "[1]"),
    ("python threads", f"{PYTHON} -c 'import threading as t; x=[t.Thread(target=lambda: None) for _ in "
     "range(9)]; [i.start() for i in x]; [i.join() for i in x]; print(len(x))'", "9"),
    ("python multiprocessing", f"""cat >m.py <<'END'
import multiprocessing as m
def work(q): q.put(6 * 7)
if __name__ == '__main__':
    q = m.Queue(); p = m.Process(target=work, args=(q,)); p.start(); print(q.get()); p.join()
    with m.Pool(2) as pool: print(sum(pool.map(abs, [-1, -2])))
END
{PYTHON} m.py""", "42\n3"),
    ("python subprocess, tempfile", f"{PYTHON} -c 'import subprocess as s, tempfile as t\n"
     "f=t.NamedTemporaryFile(); print(s.run([\"echo\",\"t\"],capture_output=True,text=True).stdout,end=\"\")'", "t"),
    ("python sqlite3", f"{PYTHON} -c 'import sqlite3 as s; d=s.connect(\"x.db\"); d.execute(\"create table t(a)\");"
     " d.execute(\"insert into t values(7)\"); d.commit(); print(d.execute(\"select a from t\").fetchone()[0])'", "7"),
    ("python asyncio", f"{PYTHON} -c 'import asyncio as a\nasync def f():\n p=await a.create_subprocess_exec(\"true\");"
     " print(await p.wait())\na.run(f())'", "0"),
    ("node", "node -e 'console.log(6*7)'", "42"),
    ("node workers", "node -e 'const{Worker}=require(\"worker_threads\");new Worker(\"require("
     "\\\"worker_threads\\\").parentPort.postMessage(7)\",{eval:true}).on(\"message\",m=>console.log(m))'", "7"),
    ("node fs.watch", "node -e 'const fs=require(\"fs\");const w=fs.watch(\".\",(e,f)=>{console.log(f);w.close()});"
     "fs.writeFileSync(\"f\",\"t\")'", "f"),
    ("gcc", "printf '#include <stdio.h>\\nint main(void){puts(\"built\");}\\n' >m.c; gcc -o m m.c && ./m",
     "built"),
    ("make -j2", "printf 'all: a b\\na b:\\n\\t@echo $@ >$@\\n' >Makefile; make -s -j2 && cat a b", "a\nb"),
    ("git init, commit, status", f"{GIT} init -q r; cd r; echo t >f; {GIT} add f; {GIT} commit -qm one; "
     f"{GIT} status --short; {GIT} log --oneline | wc -l", "1"),
    ("git branch, merge, diff, stash", f"{GIT} init -q r; cd r; echo t >f; {GIT} add f; {GIT} commit -qm one; "
     f"{GIT} checkout -qb b; echo u >f; {GIT} commit -qam two; {GIT} checkout -q main; {GIT} merge -q b; cat f; "
     f"echo v >f; {GIT} diff --stat | tail -1; {GIT} stash -q; cat f",
     "u\n 1 file changed, 1 insertion(+), 1 deletion(-)\nu"),
    ("openssl", "echo t | openssl dgst -sha256 | tail -c 9; openssl rand -hex 4 | wc -c", "937b7703\n9"),
]
# In the workspace itself.
TOP = [
    ("overwrite a file of the workspace", "echo new >README.md; cat README.md", "new"),
    ("git commit in the workspace's repository",
     f"echo t >>README.md; {GIT} add README.md && {GIT} commit -qm one && {GIT} log --oneline | wc -l", "1"),
]
NOT_AT_STANDARD = {
    "ps and id": "processes are seen only where /proc is one's own",
    "python multiprocessing": "its semaphores lie in /dev/shm, which is everybody's there",
    "git commit in the workspace's repository": "new names beside a protected one cannot be made",
    "node fs.watch": "inotify would tell of files elsewhere, too",
}


def run(command, cwd, account, environment):
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=g.LIMIT_SECONDS,
                          errors="replace", **account.arguments())
    return done.returncode, done.stdout


class Bench:
    def __init__(self, account):
        self.account = account
        self.ground = g.Ground(account, programs=False)
        self.environment = {"HOME": self.ground.home, "XDG_RUNTIME_DIR": self.ground.runtime, "PATH": "/usr/local/bin:/usr/bin:/bin",
                            "LC_ALL": "C.UTF-8", "TERM": "xterm"}

    def try_one(self, level, script, expected, is_top):
        self.ground.reset()
        where = self.ground.workspace if is_top else os.path.join(self.ground.workspace, "sub")
        words = ["bash", "--noprofile", "--norc", "-c", script if is_top else f"cd sub\n{script}"]
        if level is not None:
            words = [self.ground.program, "sandbox", "run", "--level", level, "--", *words]
            where = self.ground.home
        else:
            where = self.ground.workspace
        status, output = run(words, where, self.account, self.environment)
        lines = "\n".join(line.rstrip() for line in output.rstrip("\n").split("\n"))
        return status == 0 and lines == expected.rstrip(), [f"exit status {status}", *output.splitlines(),
                                                 f"expected {expected!r}"]


def main():
    account = g.Account(sys.argv[1])
    if sys.argv[1] == "root" and os.geteuid() != 0:
        Tap.skip("everyday commands as root", "not root")
        Tap.done()
    g.enter_namespaces()
    bench = Bench(account)
    levels = tuple(filter(None, os.environ.get("ESCAPE_LEVELS", "full,standard").split(",")))
    works = {level: 0 for level in levels}
    rows = [(row, False) for row in COMMANDS] + [(row, True) for row in TOP]
    rows = [row for row in rows if not sys.argv[2:] or row[0][0] in sys.argv[2:]]
    for (name, script, expected), is_top in rows:
        is_ok, seen = bench.try_one(None, script, expected, is_top)
        Tap.case(is_ok, f"{name}: works without a sandbox", seen)
        for level in levels:
            is_ok, seen = bench.try_one(level, script, expected, is_top)
            works[level] += is_ok
            reason = NOT_AT_STANDARD.get(name) if level == "standard" else None
            if reason:
                Tap.case(not is_ok, f"{name} does not at standard: {reason}", seen)
            else:
                Tap.case(is_ok, f"{name} at {level}", seen)
    bench.ground.close()
    for level in levels:
        print(f"# works {works[level]}/{len(rows)} at level {level} as {account.name}")
    Tap.done()


main()
