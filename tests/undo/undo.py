"""The correctness table of undo: whatever a command does to a workspace, undo gives back every byte
and attribute of before, redo those of after, at both levels.

    undo.py SCENARIO LEVEL...        LEVEL: overlay, notify (watched), full, minimal (the real sandbox)

Prints TAP. Every case has a workspace of its own.
"""

import os
import shutil
import subprocess
import sys

from ground import Space, differences, look

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

Space.scenario = os.path.abspath(sys.argv[1])
LEVELS = sys.argv[2:]

# name: script. What a turn may do to a tree.
CASES = {
    "nothing": "true",
    "reading": "cat one src/x.c; ls -lR; grep -r a .",
    "create": "echo new > new; mkdir -p n/e/w; echo f > n/e/w/f",
    "modify": "echo more > one",
    "append": "echo more >> lines; echo x >> src/deep/er/w.c",
    "truncate": ": > lines; truncate -s 100 two",
    "ftruncate": "python3 -c \"f=open('lines','r+'); f.truncate(2)\"",
    "mmap": "python3 -c \"import mmap; f=open('lines','r+b'); m=mmap.mmap(f.fileno(),0); m[0:1]=b'Z'; m.close()\"",
    "chmod": "chmod 640 script; chmod 700 src; chmod 444 lines",
    "chmod and write": "chmod 644 script; echo more >> script",
    "utimes": "touch -d '1999-01-01' two src/y.c; touch -d '1999-01-01' lib; touch -h -d 2002-02-02 link",
    "xattr": "python3 -c \"import os; os.setxattr('one','user.a',b'1'); os.setxattr('two','user.note',b'other'); os.removexattr('src','user.dir')\"",
    "unlink": "rm one two link pipe",
    "rmdir tree": "rm -rf src lib",
    "remove and make again": "rm -rf src; mkdir src; echo other > src/other; echo x2 > src/x.c",
    "folder to file": "rm -rf src; echo file > src",
    "file to folder": "rm one; mkdir one; echo in > one/in",
    "file to link": "rm two; ln -s lines two",
    "link to file": "rm link; echo plain > link",
    "symlink": "ln -s one s1; ln -sf two link; ln -s /etc/passwd out",
    "through a link": "echo via >> link; echo via >> dirlink/x.c; echo new > dirlink/new",
    "rename": "mv one uno; mv src/x.c x.c",
    "rename over": "echo t > t; mv t two; mv lines script",
    "rename and write": "mv two deux; echo more >> deux; mv deux two",
    "rename chain": "mv one a; mv a b; mv b one; mv two t2; mv lines two; mv t2 lines",
    "rename of a folder": "mv src source; echo q >> source/x.c; rm source/y.c",
    "rename of a folder over an empty one": "mv -T src void",
    "rename exchange": "python3 -c \"import ctypes; l=ctypes.CDLL(None); print(l.renameat2(-100,b'one',-100,b'two',2)); print(l.renameat2(-100,b'src/x.c',-100,b'lib/1',2))\"",
    "sed -i": "sed -i s/a/A/ lines; sed -i s/o/0/ one",
    "write through a hard link": "echo more >> hard",
    "hard links": "ln two zwei; ln lines src/lines2; echo m >> zwei",
    "both names of one file": "echo a >> hard; echo b >> one; chmod 600 one; touch hard; echo c >> hard",
    "unlink a hard link": "rm hard; echo more >> one",
    "O_TMPFILE": "python3 -c \"import os; f=os.open('.', os.O_TMPFILE|os.O_RDWR, 0o644); os.write(f,b'tmp'); os.link('/proc/self/fd/%d' % f, 'tmpfile', src_dir_fd=0, follow_symlinks=True)\"",
    "odd names": "echo 1 >> 'o dd,na:me\\x'; mv \"new\nline\" \"$(printf 'x\\377')\"; rm \"$(printf 'b\\377d')\"; echo \"\" > '-n'; mkdir ' '; echo s > ' / '; echo 'é' > 'ünï'",
    "FIFO and socket": "rm pipe; mkfifo other pipe2; python3 -c \"import socket; s=socket.socket(socket.AF_UNIX); s.bind('sock')\"",
    "git": "git init -q . && git add -A && git -c user.name=a -c user.email=b commit -qm one && echo more >> lines && git stash -q && git checkout -qb other && rm src/x.c && git add -A && git -c user.name=a -c user.email=b commit -qm two && git checkout -q -",
    "eight writers": "for w in 1 2 3 4 5 6 7 8; do (for i in 1 2 3 4 5 6 7 8 9 10; do echo $w.$i >> w$w; echo $w >> lib/$w; mv w$w v$w; mv v$w w$w; done) & done; wait",
    "many": "cd lib; for i in $(seq 0 299); do case $((i%4)) in 0) echo m >> many$i;; 1) rm many$i;; 2) mv many$i moved$i;; 3) chmod 600 many$i; cp many$i copy$i;; esac; done",
    "read-only folder": "chmod u+w ro; echo more >> ro/r; echo n > ro/n; chmod 555 ro",
    "cp -a": "cp -a src copy; cp -al lib hardcopy",
    "tar": "tar cf t.tar src lib; rm -rf src lib; tar xf t.tar; rm t.tar",
    "big": "head -c 3000000 /dev/urandom > big; head -c 10000000 /dev/zero >> lines; truncate -s 1G sparse",
    "the same content": "cat lines > l2; cat l2 > lines; rm l2",
    "touched back": "python3 -c \"import os; s=os.stat('one'); open('one','w').write('ONE\\n'); os.utime('one', ns=(s.st_atime_ns, s.st_mtime_ns))\"",
    "workspace's own mode": "chmod 750 .; touch a; rm a",
    "make": "printf 'all: a.o b.o\\n\\tcat a.o b.o > prog\\n%%.o: %%.c\\n\\tcp $< $@\\n' > Makefile; echo a > a.c; echo b > b.c; make -s -j2",
}

# An overlay parts hard links, and `mv` of a folder copies it (EXDEV): the result differs in which
# names are one file.
PARTS_BY_CONTENT = [0, 1, 2, 4]


def check_case(level, script, scripts=None):
    space, plain = Space(), Space()
    problems = []
    before = look(space.workspace)
    done = space.turn(level, *(scripts or [script]))
    if done.returncode != 0:
        problems.append(f"the turn failed: {done.stdout}{done.stderr}")
    after = look(space.workspace)
    # The sandbox takes no hooks over, and makes no sockets.
    told = "\n".join(line for line in done.stdout.splitlines() if not line.endswith("protected"))
    if "withheld" in told or "lost" in told:
        problems.append(f"not all is undoable: {told}")
    for one in scripts or [script]:
        subprocess.run(["sh", "-c", one], cwd=plain.workspace, check=False, capture_output=True)
    expected = look(plain.workspace)
    if script and not script.startswith(("git", "mkfifo", "head -c")):
        problems += ["as without: " + one
                     for one in differences(expected, after, PARTS_BY_CONTENT)
                     if not (level in ("full", "minimal") and "'sock'" in one)
                     if level in ("notify", "minimal") or not one.startswith(("'one'", "'hard'"))]
    is_change = differences(before, after)
    for round_number in (1, 2):
        undone = space.run("undo")
        if is_change and undone.returncode != 0:
            problems.append(f"undo {round_number}: {undone.stdout}{undone.stderr}")
        if "withheld" in undone.stdout or "lost" in undone.stdout:
            problems.append(f"undo {round_number}: {undone.stdout}")
        problems += [f"undo {round_number}: {one}"
                     for one in differences(before, look(space.workspace))]
        redone = space.run("redo")
        if is_change and redone.returncode != 0:
            problems.append(f"redo {round_number}: {redone.stdout}{redone.stderr}")
        problems += [f"redo {round_number}: {one}"
                     for one in differences(after, look(space.workspace))]
    space.close()
    plain.close()
    return problems


def main():
    tap = Tap()
    for level in LEVELS:
        for name, script in CASES.items():
            if os.environ.get("UNDO_TEST_ONLY", name) != name:
                continue
            tap.case(f"{level}: {name}", check_case(level, script))
        tap.case(f"{level}: three steps on the same files",
                 check_case(level, "", ["echo 1 >> one; rm two; echo n > new; mv src s2",
                                        "echo 2 >> one; echo two2 > two; rm new; mv s2 src",
                                        "mv one new; echo 3 >> two; rm -r src/deep"]))
    shutil.rmtree(Space.template)
    tap.end()


main()
