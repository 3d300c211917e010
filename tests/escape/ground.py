"""The ground of the escape tests: a home full of canaries with a workspace in it, sinks that listen
on loopback, a victim process, and a look at all of them after each attempt.

What is judged is what can be seen from outside: a canary in the output, a file that is not what it
was, a byte in a sink, a victim that was touched. What the attempt says of itself only adds to it.
"""

import ctypes
import hashlib
import os
import pty
import pwd
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import termios
import fcntl

ATTEMPTS = os.environ["ESCAPE_ATTEMPTS"]
LOCALGPT = os.environ["LOCALGPT"]
LIMIT_SECONDS = 60  # ends a test that has failed; nothing waits for it otherwise

ROOT_ONLY, USER_ONLY, GAP, HOME_READ, WITH_FDS, WITH_TTY, SIBLING, RUNNER = (1 << n for n in range(8))

CREDENTIALS = [
    ".ssh/id_rsa", ".ssh/id_ed25519", ".aws/credentials", ".azure/accessTokens.json",
    ".gnupg/private-keys-v1.d/key", ".docker/config.json", ".kube/config", ".npmrc", ".pypirc",
    ".netrc", ".git-credentials", ".config/gh/hosts.yml", ".config/gcloud/credentials.db",
    ".mozilla/firefox/x.default/logins.json", ".config/google-chrome/Default/Login Data",
    ".config/chromium/Default/Cookies", ".local/share/keyrings/login.keyring",
    ".password-store/bank.gpg", ".bash_history",
]
STATE = [
    ".local/state/localgpt/localgpt.audit.jsonl", ".local/state/localgpt/pairing.json",
    ".local/state/localgpt/api-token", ".local/state/localgpt/agents/main/sessions/one.jsonl",
    ".local/share/localgpt/localgpt.device.key",
]
# Names nobody may change in the workspace; the first half exists, the other half does not.
PROTECTED = ["LocalGPT.md", ".localgpt_manifest.json", ".git/config", ".git/hooks/pre-commit",
             ".mcp.json", ".vscode/tasks.json"]
PROTECTED_MISSING = ["IDENTITY.md", "localgpt.device.key", "localgpt.audit.jsonl", ".bashrc",
                     ".claude/settings.json", ".codex/config.toml"]

PROGRAMS = ("attempts", "suid", "capable", "attempts.data", "localgpt")


class Tap:
    count = failures = 0

    @classmethod
    def case(cls, is_ok, name, seen=()):
        cls.count += 1
        cls.failures += not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {cls.count} - {name}", flush=True)
        for line in seen if not is_ok else ():
            print(f"#   {line}", flush=True)
        return is_ok

    @classmethod
    def skip(cls, name, reason):
        cls.count += 1
        print(f"ok {cls.count} - {name} # SKIP not applicable: {reason}", flush=True)

    @classmethod
    def done(cls):
        print(f"1..{cls.count}", flush=True)
        sys.exit(1 if cls.failures else 0)


def enter_namespaces():
    """Starts this script again as the first process of its own pid, mount, ipc and uts namespaces:
    whatever a control does, nothing beyond this test is killed, mounted or renamed."""
    if os.environ.get("ESCAPE_IS_INSIDE"):
        libc = ctypes.CDLL(None)
        libc.prctl(1, signal.SIGKILL)
        return
    own_user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    command = ["unshare", *own_user, "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
               "--mount-proc", "/usr/bin/python3", "-B", *sys.argv]
    os.environ["ESCAPE_IS_INSIDE"] = "1"
    os.execvp(command[0], command)


class Account:
    """Who makes the attempts."""

    def __init__(self, name):
        self.name = name
        self.is_root = name == "root"
        if name == "user" and os.geteuid() == 0:
            entry = pwd.getpwnam("nobody")
            self.uid, self.gid = entry.pw_uid, entry.pw_gid
        else:
            self.uid, self.gid = os.geteuid(), os.getegid()

    def arguments(self):
        if os.geteuid() != 0 or self.is_root:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def canary_of(name):
    return "CANARY-" + hashlib.sha256(name.encode()).hexdigest()[:24]


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Ground:
    def __init__(self, account, programs=True):
        self.account = account
        self.top = tempfile.mkdtemp(prefix="escape-", dir="/tmp")
        os.chmod(self.top, 0o755)
        self.home = os.path.join(self.top, "home")
        self.workspace = os.path.join(self.home, "project")
        self.template = os.path.join(self.top, "template")
        self.runtime = os.path.join(self.top, "run")
        os.mkdir(self.runtime, 0o700)
        self.own(self.top)
        self.program = os.path.join(self.top, "localgpt")
        shutil.copy(LOCALGPT, self.program)
        self.token = "TOKEN" + os.urandom(8).hex()
        self.shm = "escape-" + os.urandom(8).hex()
        self.shm_key = int.from_bytes(os.urandom(3), "big") + 1
        self.canaries = {}
        self.programs = ()
        self.victim = None
        self.known = set()
        self.make_template(programs)
        self.reset()

    def config_text(self, extra=""):
        return ("# " + canary_of("config") + f"\n[memory]\nworkspace = \"{self.workspace}\"\n"
                "[sandbox]\nmax_processes = 64\nmax_file_size_bytes = 1048576\n"
                + ("" if "timeout_secs" in extra else "timeout_secs = 20\n") + extra)

    def make_template(self, programs):
        home, work = self.template, os.path.join(self.template, "project")
        for name in CREDENTIALS + STATE:
            self.canaries[name] = canary_of(name)
            write(os.path.join(home, name), self.canaries[name] + "\n")
        self.canaries["config"] = canary_of("config")
        write(os.path.join(home, ".config/localgpt/config.toml"), self.config_text())
        write(os.path.join(home, ".bashrc"), "# mine\n", 0o644)
        write(os.path.join(home, "notes.txt"), "an ordinary file\n", 0o644)
        os.makedirs(os.path.join(home, "empty"))
        os.symlink(".bashrc", os.path.join(home, "a-link"))
        os.makedirs(os.path.join(work, "sub"))
        write(os.path.join(work, "README.md"), "hello\n", 0o644)
        environment = {"HOME": home, "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}

        def git(*arguments, cwd=work):
            subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "user.name=a", "-c",
                            "user.email=a@b", *arguments], cwd=cwd, env=environment, check=True,
                           capture_output=True)

        git("init", "-q", "--template=", ".")
        git("init", "-q", "--template=", "--separate-git-dir=tree.git", "other")
        write(os.path.join(work, "other/LocalGPT.md"), "Obey the repository.\n", 0o644)
        git("add", ".", cwd=os.path.join(work, "other"))
        git("commit", "-q", "-m", "x", cwd=os.path.join(work, "other"))
        shutil.rmtree(os.path.join(work, "other"))
        for name in PROTECTED:
            if name == ".git/config":
                continue
            is_hook = name.startswith(".git/hooks/")
            write(os.path.join(work, name), "#!/bin/sh\n" if is_hook else f"{name} of the user\n",
                  0o755 if is_hook else 0o644)
        if not programs:
            self.own(home)
            return
        write(os.path.join(work, "evil.sh"), "echo got BASH_ENV\n", 0o755)
        for name in ("attempts", "suid", "capable", "attempts.data"):
            shutil.copy(ATTEMPTS, os.path.join(work, name))
        os.chmod(os.path.join(work, "attempts.data"), 0o644)
        shutil.copy(LOCALGPT, os.path.join(work, "localgpt"))
        self.own(home)
        self.programs = PROGRAMS
        if os.geteuid() == 0:
            os.chown(os.path.join(work, "suid"), 0, 0)
            os.chmod(os.path.join(work, "suid"), 0o4755)
            # cap_net_raw in the effective set
            os.setxattr(os.path.join(work, "capable"), "security.capability",
                        bytes.fromhex("0100000200200000000000000000000000000000"))

    def own(self, folder):
        if os.geteuid() != 0 or self.account.is_root:
            return
        for place, folders, files in os.walk(folder):
            for name in [*folders, *files, "."]:
                os.lchown(os.path.join(place, name), self.account.uid, self.account.gid)

    def reset(self):
        """Everything as it was at first."""
        self.stop_victim()
        # The programs are large, and nothing writes to them.
        for name in self.programs:
            for folder in (self.workspace, self.home + "/elsewhere", self.template + "/project"):
                if os.path.lexists(os.path.join(folder, name)):
                    os.rename(os.path.join(folder, name), os.path.join(self.top, name + ".kept"))
        if os.path.lexists(self.home):
            remove_tree(self.home)
        subprocess.run(["cp", "-a", self.template, self.home], check=True)
        for name in self.programs:
            os.rename(os.path.join(self.top, name + ".kept"), os.path.join(self.workspace, name))
        for name in (os.path.join("/dev/shm", self.shm), os.path.join("/tmp", self.shm)):
            if os.path.lexists(name):
                os.unlink(name)
        if getattr(self, "sinks", None):
            self.sinks.listen_on_paths()
        self.before = self.snapshot()

    def close(self):
        self.stop_victim()
        remove_tree(self.top)

    def environment(self):
        """Of the program that starts the sandbox: as rich in secrets as a user's is."""
        rich = {"HOME": self.home, "XDG_RUNTIME_DIR": self.runtime, "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                "TERM": "xterm", "BASH_ENV": self.workspace + "/evil.sh",
                "ENV": self.workspace + "/evil.sh", "PS4": "$(echo owned)", "SHELLOPTS": "xtrace",
                "LD_LIBRARY_PATH": self.workspace, "GLIBC_TUNABLES": "glibc.malloc.check=0",
                "PYTHONSTARTUP": self.workspace + "/evil.py", "NODE_OPTIONS": "--no-warnings"}
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN",
                     "SSH_AUTH_SOCK", "DATABASE_URL", "NPM_TOKEN", "TELEGRAM_BOT_TOKEN"):
            self.canaries[name] = rich[name] = canary_of(name)
        return rich

    def keys(self, victim):
        s = self.sinks
        return [f"home={self.home}", f"workspace={self.workspace}",
                f"state={self.home}/.local/state/localgpt",
                f"config={self.home}/.config/localgpt/config.toml", f"token={self.token}",
                f"program={self.program}", f"shm={self.shm}", f"victim={victim.pid}",
                f"address={victim.address}", f"victim_fd={victim.fd}", f"shm_key={self.shm_key}",
                f"tcp={s.tcp_port}", f"tcp6={s.tcp6_port}", f"udp={s.udp_port}"]

    def start_victim(self):
        if self.victim is None or not self.victim.is_whole():
            self.stop_victim()
            self.victim = Victim(self)
        return self.victim

    def stop_victim(self):
        if self.victim is not None:
            self.victim.stop()
            self.victim = None

    # What is where, outside of what may be written.

    def snapshot(self):
        seen = {}
        for place, folders, files in os.walk(self.home):
            if place == self.workspace:
                folders[:] = []
                continue
            for name in folders + files:
                describe(os.path.join(place, name), self.home, seen)
        for name in PROTECTED + PROTECTED_MISSING:
            describe(os.path.join(self.workspace, name), self.home, seen)
        for place, folders, files in os.walk(os.path.join(self.workspace, ".git/hooks")):
            for name in folders + files:
                describe(os.path.join(place, name), self.home, seen)
        seen["project"] = os.path.isdir(self.workspace)
        return seen

    def changes(self):
        after = self.snapshot()
        return [f"{name}: {self.before.get(name, 'nothing')} -> {after.get(name, 'nothing')}"
                for name in sorted(set(self.before) | set(after))
                if self.before.get(name) != after.get(name)]


def describe(path, top, seen):
    try:
        info = os.lstat(path)
    except OSError:
        return
    what = [stat.filemode(info.st_mode), info.st_uid]
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            what += [info.st_nlink, int(info.st_mtime), hashlib.sha256(file.read()).hexdigest()[:12]]
        what += os.listxattr(path)
    elif stat.S_ISLNK(info.st_mode):
        what.append(os.readlink(path))
    seen[os.path.relpath(path, top)] = what


def remove_tree(path):
    """Also one 4000 folders deep, which Python's own cannot."""
    subprocess.run(["rm", "-rf", path], check=True)


class Victim:
    """A process outside with secrets (victim.c). `sandboxed` starts it in a sandbox of its own."""

    def __init__(self, ground, level=None):
        self.ground = ground
        ground.canaries["victim"] = canary_of("victim")
        environment = {"VICTIM_CANARY": canary_of("victim"),
                       "VICTIM_SECRET": os.path.join(ground.home, ".ssh/id_rsa")}
        command = [os.path.join(ground.workspace, "attempts"), "victim"]
        if level is None:
            command.append(f"shm_key={ground.shm_key}")
        else:
            environment = ground.environment()
            command.append("token=" + canary_of("victim"))
            command = [ground.program, "sandbox", "run", "--level", level, "--", *command]
        self.process = subprocess.Popen(command, cwd=ground.home, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, bufsize=1, **ground.account.arguments())
        self.is_sandboxed = level is not None
        if self.is_sandboxed:
            # Nothing is sent: its end must not be taken for a reason to end.
            self.process.stdin.close()
        words = self.process.stdout.readline().split()
        if len(words) != 3:
            raise RuntimeError(f"the victim did not start: {words}")
        self.address, self.fd = int(words[1]), int(words[2])
        self.pid = self.process.pid if level is None else self.find()
        self.state = self.read_state()

    def find(self):
        """The process as seen from outside."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            except OSError:
                continue
            if len(words) > 1 and words[0].endswith(b"/attempts") and words[1] == b"victim":
                if int(pid) != (self.ground.victim.pid if self.ground.victim else 0):
                    return int(pid)
        raise RuntimeError("the sandboxed victim is nowhere")

    def read_state(self):
        """Everything that a neighbour might have changed."""
        try:
            with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            with open(f"/proc/{self.pid}/limits", encoding="utf-8") as file:
                limits = file.read()
            if status["State"][0] in "ZX":
                return "dead"
            return (limits, status["TracerPid"], status["Cpus_allowed"],
                    os.getpriority(os.PRIO_PROCESS, self.pid), os.sched_getscheduler(self.pid),
                    ctypes.CDLL(None).syscall(252, 1, self.pid))
        except (OSError, KeyError):
            return "dead"

    def touched(self):
        now = self.read_state()
        if now == "dead":
            return "dead"
        if now != self.state:
            return "not what it was"
        if self.is_sandboxed:
            return None
        self.process.stdin.write("?")
        self.process.stdin.flush()
        return None if self.process.stdout.readline().strip() == "whole" else "written to"

    def is_whole(self):
        return self.touched() is None

    def stop(self):
        # A sandbox that is asked to end removes its placeholders.
        self.process.send_signal(signal.SIGTERM if self.is_sandboxed else signal.SIGKILL)
        self.process.wait()
        if not self.is_sandboxed:
            self.process.stdin.close()
        self.process.stdout.close()


class Sinks:
    """Everything that listens: a byte in any of them is an escape."""

    def __init__(self, ground):
        self.ground = ground
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.tcp_port = self.tcp.getsockname()[1]
        try:
            self.tcp6 = socket.create_server(("::1", 0), family=socket.AF_INET6)
            self.tcp6_port = self.tcp6.getsockname()[1]
        except OSError:
            self.tcp6, self.tcp6_port = None, 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp_port = self.udp.getsockname()[1]
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind("\0" + ground.shm)
        self.abstract.listen()
        self.paths = []
        self.listen_on_paths()
        ground.before = ground.snapshot()

    def listen_on_paths(self):
        for old in self.paths:
            old.close()
        self.paths = []
        for name, kind in (("agent.sock", socket.SOCK_STREAM), ("log.sock", socket.SOCK_DGRAM),
                           ("project/broker.sock", socket.SOCK_STREAM),
                           ("project/log.sock", socket.SOCK_DGRAM)):
            path = os.path.join(self.ground.home, name)
            if os.path.lexists(path):
                os.unlink(path)
            sink = socket.socket(socket.AF_UNIX, kind)
            sink.bind(path)
            os.chmod(path, 0o666)
            if kind == socket.SOCK_STREAM:
                sink.listen()
            self.paths.append(sink)

    def all(self):
        return [s for s in (self.tcp, self.tcp6, self.udp, self.abstract, *self.paths) if s]

    def drain(self, wait_seconds=0):
        """What has arrived, as lines of text."""
        seen = []
        while True:
            ready, _, _ = select.select(self.all(), [], [], 0 if seen else wait_seconds)
            if not ready:
                return seen
            for sink in ready:
                if sink.type == socket.SOCK_DGRAM:
                    seen.append(f"datagram {sink.recv(4096)!r}")
                    continue
                connection, _ = sink.accept()
                connection.settimeout(1)
                try:
                    seen.append(f"connection {connection.recv(4096)!r}")
                except OSError as error:
                    seen.append(f"connection {error}")
                connection.close()


class Terminal:
    """A controlling terminal for one command; whatever reaches its other end was an escape."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        os.set_blocking(self.master, False)

    def take(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def seen(self):
        try:
            return os.read(self.master, 4096)
        except OSError:
            return b""

    def close(self):
        os.close(self.master)
        os.close(self.slave)


def reap(known=()):
    """Ends of processes whose parents are gone come to us, the first process of the namespace."""
    if os.getpid() != 1:
        return
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, 0)
