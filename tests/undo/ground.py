"""What the tests of undo stand on: a workspace with its journal beside it, a look at every byte and
attribute of a tree."""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile


def attributes(path):
    return tuple((name, os.getxattr(path, name, follow_symlinks=False))
                 for name in sorted(os.listxattr(path, follow_symlinks=False))
                 if name.startswith("user."))


def look(root):
    """Everything about a tree: type, mode, owner, time, size, content, target, attributes, and
    which names are one file."""
    found, names_of = {}, {}
    for folder, folders, files in os.walk(root):
        for name in [""] + files + [one for one in folders]:
            path = os.path.join(folder, name) if name else folder
            info = os.lstat(path)
            content = None
            if stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            elif stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            below = os.path.relpath(path, root)
            found[below] = [stat.S_IFMT(info.st_mode), oct(stat.S_IMODE(info.st_mode)), info.st_uid,
                            info.st_mtime_ns, content, attributes(path)]
            if not stat.S_ISDIR(info.st_mode):
                names_of.setdefault(info.st_ino, []).append(below)
    for names in names_of.values():
        for name in names:
            found[name].append(tuple(sorted(names)))
    return found


def differences(wanted, there, parts=None):
    problems = [f"missing: {name!r}" for name in wanted if name not in there]
    problems += [f"too many: {name!r}" for name in there if name not in wanted]
    for name in wanted:
        if name in there:
            one, other = wanted[name], there[name]
            if parts:
                one, other = [one[i] for i in parts], [other[i] for i in parts if i < len(other)]
            if one != other:
                problems.append(f"{name!r}: {one} became {other}")
    return problems


def place():
    """In memory, where an overlay can be there (Linux 6.6); UNDO_TEST_FOLDER chooses another."""
    chosen = os.environ.get("UNDO_TEST_FOLDER")
    if chosen:
        return chosen
    try:
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
            os.setxattr(file.name, "user.test", b"1")
        return "/dev/shm"
    except OSError:
        return None


PARENT = place()


class Space:
    """A workspace with its journal's place beside it."""

    template = None
    scenario = None  # the program; set by the test
    tree = None      # another script than TREE

    def __init__(self, make=True):
        self.folder = tempfile.mkdtemp(prefix="localgpt-undo-", dir=PARENT)
        self.workspace = os.path.join(self.folder, "w")
        self.state = os.path.join(self.folder, "state")
        os.mkdir(self.state, 0o700)
        if not make:
            os.mkdir(self.workspace)
            return
        if Space.template is None:
            Space.template = tempfile.mkdtemp(prefix="localgpt-undo-", dir=PARENT)
            subprocess.run(["sh", "-ec", Space.tree or TREE], cwd=Space.template, check=True)
            for path, _, _ in os.walk(Space.template):
                os.utime(path, ns=(10**18, 10**18 + 123456789))
        subprocess.run(["cp", "-a", Space.template, self.workspace], check=True)

    def close(self):
        subprocess.run(["chmod", "-R", "u+rwx", self.folder], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder)

    def run(self, *words, **variables):
        return subprocess.run([Space.scenario, self.state, self.workspace, *words], capture_output=True,
                              text=True, env=dict(os.environ, LC_ALL="C.UTF-8", **variables),
                              timeout=120, errors="replace")

    def turn(self, level, *scripts, **variables):
        words = []
        for script in scripts:
            words += ["--"] * bool(words) + ["sh", "-c", script]
        return self.run(level, *words, **variables)


TREE = r"""
echo one > one; echo two > two; printf 'a\nb\nc\n' > lines; : > empty
printf '#!/bin/sh\necho hi\n' > script; chmod 755 script; echo secret > locked; chmod 600 locked
mkdir -p src/deep/er lib void; echo x > src/x.c; echo y > src/y.c; echo z > src/deep/z.c
echo w > src/deep/er/w.c; for i in 1 2 3 4 5 6 7 8; do echo $i > lib/$i; done
ln -s one link; ln -s nowhere dangling; ln -s src dirlink; ln one hard; mkdir ro; echo r > ro/r
mkfifo pipe; printf 'odd' > 'o dd,na:me\x'; printf nl > "new
line"; printf 'u' > "$(printf 'b\377d')"
python3 -c "
import os
os.setxattr('two', 'user.note', b'kept\0binary')
os.setxattr('src', 'user.dir', b'folder')
for i in range(300): open('lib/many%d' % i, 'w').write('%d' % i)
"
touch -d '2001-02-03 04:05:06.789' one src/x.c lib/1 script link
"""
