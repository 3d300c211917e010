"""Rows of the table that take more than one program to attempt: limits, processes that stay, files that
wait for somebody outside, kernels that lack a layer.

Each function makes its attempt at a level (None = without a sandbox) and returns whether it got
what it wanted and what was seen.
"""

import json
import os
import select
import signal
import subprocess
import time

import ground as g

WITHOUT_SYSCALL = os.environ.get("LOCALGPT_WITHOUT_SYSCALL", "")
SURVIVE_SECONDS = 1
FLOOD_BYTES = 10_000_000_000
ALLOWED_GROWTH_KB = 4096


def attempts(runner, level, name, *keys):
    """Runs one attempt of the C program; its output."""
    words = [os.path.join(runner.ground.workspace, "attempts"), name,
             *runner.ground.keys(runner.ground.start_victim()), *keys]
    return run(runner, runner.command(level, words))


def run(runner, command, **more):
    arguments = dict(runner.account.arguments(), cwd=runner.ground.workspace, env=runner.plain,
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                     text=True, errors="replace", timeout=g.LIMIT_SECONDS)
    arguments.update(more)
    try:
        return subprocess.run(command, **arguments)
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, f"{error}\n")


def shell(runner, level, script):
    return run(runner, runner.command(level, ["bash", "--noprofile", "--norc", "-c", script]))


# 81, 86, 91: what is left of it must trouble nobody.

def bounded(name, mark):
    def row(runner, level):
        done = attempts(runner, level, name)
        is_made = mark in done.stdout
        after = shell(runner, level, "echo next")
        runner.ground.reset()
        if level is None:
            return is_made, done.stdout.splitlines()
        is_well = after.returncode == 0 and "next" in after.stdout
        return not is_well, [*done.stdout.splitlines(), *after.stdout.splitlines()]
    return row


# 82: ten gigabytes of output cost the parent next to nothing.

def peak_kb(runner, level, script):
    command = [runner.ground.program, "--json", "sandbox", "run", "--level", level, "--", "bash", "-c",
               script]
    read, write = os.pipe()
    with open(os.devnull, "rb") as nothing:
        process = subprocess.Popen(command, cwd=runner.ground.workspace, env=runner.plain,
                                   stdin=nothing, stdout=write, **runner.account.arguments())
    os.close(write)
    with os.fdopen(read, encoding="utf-8", errors="replace") as pipe:
        text = pipe.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return usage.ru_maxrss, text


def output_flood(runner, level):
    if level is None:
        done = run(runner, ["bash", "-c", "head -c 3000000 /dev/zero"])
        return len(done.stdout) == 3000000, [f"{len(done.stdout)} bytes"]
    small, _ = peak_kb(runner, level, "echo hello")
    # Ordinary output, no newline, NULs and invalid UTF-8, on both streams.
    size = FLOOD_BYTES if level == "full" and runner.account.is_root else FLOOD_BYTES // 10
    large, text = peak_kb(runner, level, f"head -c {size} /dev/zero; head -c 5000000 /dev/urandom >&2")
    try:
        reply = json.loads(text)
    except ValueError:
        return True, [f"no JSON: {text[:200]!r}"]
    # On a busy machine the timeout may come first: a gigabyte shows as much.
    is_counted = reply.get("output_bytes", 0) >= min(size, 10**9) or bool(reply.get("limit"))
    grown = large - small
    seen = [f"peak {small} kB for a line, {large} kB for {reply.get('output_bytes')} bytes",
            f"limit {reply.get('limit')!r}, status {reply.get('exit_status')}"]
    # The document itself spells each NUL with six letters, and is built in memory.
    document = len(text) * 3 // 1024
    print(f"# flood at {level}: {seen[0]}; document {len(text)} bytes", flush=True)
    return not is_counted or grown - document > ALLOWED_GROWTH_KB, seen


# 83-85: processes that would stay. @ stands for the program that never ends of itself.

TRICKS = {
    "background": (84, "@ & sleep 1000"),
    "disown": (84, "@ & disown -a; sleep 1000"),
    "nohup": (84, "nohup @ >/dev/null 2>&1 & sleep 1000"),
    "setsid": (84, "setsid @ & sleep 1000"),
    "double fork": (84, "( ( setsid @ & ) & ); sleep 1000"),
    "trap TERM": (84, "trap '' TERM HUP INT; ( trap '' TERM; @ ); sleep 1000"),
    "daemon in python": (84, "/usr/bin/python3 -c 'import os\nif os.fork(): os._exit(0)\nos.setsid()\n"
                             "if os.fork(): os._exit(0)\nos.closerange(0, 64)\n"
                             "os.execvp(\"./attempts\", \"@@\".split())'; sleep 1000"),
    "spawn in python": (84, "/usr/bin/python3 -c 'import subprocess as s, time\ns.Popen(\"@@\".split(), "
                            "start_new_session=True, close_fds=True)\ntime.sleep(1000)'"),
    "perl setsid": (84, "perl -e 'use POSIX; fork and exit; POSIX::setsid(); fork and exit; "
                        "exec split / /, \"@@\"'; sleep 1000"),
    "start-stop-daemon": (84, "/sbin/start-stop-daemon -b -S -p sub/none -x \"$PWD/attempts\" -- ##; sleep 1000"),
    "coprocess": (84, "coproc @; sleep 1000"),
    "name in memory": (84, "/usr/bin/python3 -c 'import os\nm=os.memfd_create(\"x\")\n"
                           "os.write(m, open(\"./attempts\", \"rb\").read())\nif os.fork(): os._exit(0)\n"
                           "os.setsid(); os.execve(m, \"@@\".split(), {})'; sleep 1000"),
    "closed output": (83, "exec >&- 2>&-; exec @"),
    "dribble": (83, "setsid @ & while :; do echo x; sleep 0.05; done"),
    "stopped": (85, "setsid ./attempts linger stop TOKEN & kill -STOP $$"),
    "spinning": (85, "setsid ./attempts linger spin TOKEN & sleep 1000"),
}


def lingering(token):
    """The processes of a trick, as seen from outside; the dead do not count."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{pid}/stat", "rb") as file:
                state = file.read().rsplit(b")", 1)[1].split()[0]
        except OSError:
            continue
        # Its own argument, not a script that names it.
        if token.encode() in words[1:] and state not in (b"Z", b"X") and b"linger" in words:
            if words[0].endswith((b"attempts", b"x")):
                found.append(int(pid))
    return found


def survivors(tokens):
    """Who is still there a second after; they are ended then."""
    deadline = time.monotonic() + SURVIVE_SECONDS
    left = {}
    for trick, token in tokens.items():
        for pid in lingering(token):
            try:
                fd = os.pidfd_open(pid)
            except OSError:
                continue
            wait = max(0, deadline - time.monotonic())
            if not select.select([fd], [], [], wait)[0]:
                left.setdefault(trick, []).append(pid)
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
    return left


def start_tricks(runner, level, tricks):
    tokens, processes = {}, {}
    for number, trick in enumerate(tricks):
        token = tokens[trick] = f"linger-{os.getpid()}-{runner.count()}-{number}"
        script = TRICKS[trick][1].replace("##", f"linger wait {token}")
        script = script.replace("@@", f"./attempts linger wait {token}")
        script = script.replace("@", f"./attempts linger wait {token}").replace("TOKEN", token)
        command = runner.command(level, ["bash", "--noprofile", "--norc", "-c", script])
        processes[trick] = subprocess.Popen(
            command, cwd=runner.ground.workspace, env=runner.plain, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            **runner.account.arguments())
    return tokens, processes


def run_tricks(runner, level, tricks, seconds):
    """Returns the tricks that were never seen, and the survivors. Without a sandbox the command's own
    process is what a plain time limit ends."""
    runner.write_config(f"timeout_secs = {seconds}\n")
    tokens, processes = start_tricks(runner, level, tricks)
    seen = set()
    give_up = time.monotonic() + g.LIMIT_SECONDS
    while any(p.poll() is None for p in processes.values()) and time.monotonic() < give_up:
        seen |= {trick for trick in tricks if trick not in seen and lingering(tokens[trick])}
        if level is None and len(seen) == len(tricks):
            for process in processes.values():
                process.kill()
                process.wait()
            break
        fds = [os.pidfd_open(p.pid) for p in processes.values() if p.poll() is None]
        select.select(fds, [], [], 0.05)
        for fd in fds:
            os.close(fd)
    left = survivors(tokens)
    for process in processes.values():
        if process.poll() is None:
            process.kill()
            process.wait()
    runner.write_config("")
    return [trick for trick in tricks if trick not in seen], left


def linger_row(number):
    def row(runner, level):
        tricks = [trick for trick, (owner, _) in TRICKS.items() if owner == number]
        if level is None:
            # What ends its own command with it proves nothing; the first ones do not detach.
            unseen, left = run_tricks(runner, None, tricks, 20)
            missing = [t for t in tricks if t not in left and t != "closed output"]
            return not unseen and not missing, [f"never seen: {unseen}, ended by itself: {missing}"]
        seconds = 2
        unseen, left = run_tricks(runner, level, tricks, seconds)
        while unseen and not left and seconds < 20:
            # A slow machine: those that had no time to start get more of it.
            seconds *= 3
            unseen, more = run_tricks(runner, level, unseen, seconds)
            left.update(more)
        return bool(left or unseen), [f"never seen: {unseen}, survivors: {left}"]
    return row


# 73-75: what waits in the workspace for a program of the user's.

def plant(runner, kind):
    work, mark = runner.ground.workspace, os.path.join(runner.ground.home, "marker")
    command = f"touch '{mark}'"
    programs = {name: f"#!/bin/sh\n{command}\n" for name in
                ("git", "sh", "bash", "ls", "localgpt-engine", "pdftotext", "rg", "curl", "npm", "cat", "true")}
    files = {
        "home": {".bashrc": command, ".profile": command, ".bash_profile": command, ".zshrc": command,
                 ".config/localgpt/config.toml": "[agent]\ndefault_model = \"planted/x\"\n",
                 "config.toml": "broken [", "localgpt.toml": "broken [", ".env": f"X=$({command})",
                 ".netrc": "machine localhost login a password b", ".ssh/config": f"ProxyCommand {command}",
                 "sitecustomize.py": f"import os; os.system(\"{command}\")", ".localgpt/config.toml": "broken [",
                 ".mcp.json": json.dumps({"mcpServers": {"x": {"command": "sh", "args": ["-c", command]}}}),
                 ".vscode/tasks.json": command, ".inputrc": command, ".tmux.conf": command},
        "git": {".gitconfig": f"[core]\n\tfsmonitor = {command}\n\thooksPath = hooks\n",
                ".git/config": f"[core]\n\trepositoryformatversion = 0\n\tfsmonitor = \"{command}\"\n",
                "hooks/post-commit": f"#!/bin/sh\n{command}\n", ".gitattributes": "* filter=x\n"},
        "path": {**{"bin/" + name: text for name, text in programs.items()}, **programs,
                 "vec0.so": "not a library", "libcurl.so.4": "not a library",
                 "engine/libllama.so": "not a library"},
    }[kind]
    for name, text in files.items():
        g.write(os.path.join(work, name), text + "\n", 0o755)
    runner.ground.own(work)
    return mark


def planted(kind, control):
    def row(runner, level):
        runner.ground.reset()
        mark = plant(runner, kind)
        seen = []
        if level is None:
            work = runner.ground.workspace
            environment = {"HOME": work, "PATH": f"{work}/bin:/usr/bin:/bin"}
            done = run(runner, ["/bin/bash", "-c", control], env=environment)
            seen = done.stdout.splitlines()
        else:
            for words in (["paths"], ["config", "show"], ["session", "list"], ["doctor"],
                          ["ask", "--timeout", "5", "hi"], ["sandbox", "status", "--level", level],
                          ["sandbox", "run", "--level", level, "--", "true"]):
                done = run(runner, [runner.ground.program, *words])
                seen.append(f"{words}: {done.returncode}")
        is_run = os.path.lexists(mark)
        runner.ground.reset()
        return is_run, seen
    return row


# 92: arguments that are too long are an error, never a crash.

def huge_arguments(runner, level):
    if level is None:
        done = run(runner, ["/bin/echo", "x" * (2 << 20)])
        return done.returncode == 126, done.stdout.splitlines()
    seen, has_crashed = [], False
    for words in (["/bin/echo", "y" * 131000], ["/bin/true", *["z"] * 100000], ["/bin/echo", "a\r\nb", ""],
                  ["x" * 5000], [""], ["/bin/echo", "\udcff\udcfe"]):
        done = run(runner, runner.command(level, words))
        is_clean = done.returncode == 0 or (done.returncode in (1, 2, 6, 7, 8, 126, 127) and done.stdout)
        has_crashed |= not is_clean
        seen.append(f"{words[0][:20]!r} and {len(words) - 1}: {done.returncode} {done.stdout[:80]!r}")
    return has_crashed, seen


# 94: what a running command may do was decided when it began.

def config_changes_meanwhile(runner, level):
    runner.ground.reset()
    os.mkfifo(os.path.join(runner.ground.workspace, "sub/go"), 0o666)
    os.chmod(os.path.join(runner.ground.workspace, "sub/go"), 0o666)
    notes = os.path.join(runner.ground.home, "notes.txt")
    script = f"echo ready; read x <sub/go; cat '{notes}'"
    command = runner.command(level, ["bash", "--noprofile", "--norc", "-c", script])
    process = subprocess.Popen(command, cwd=runner.ground.workspace, env=runner.plain, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, **runner.account.arguments())
    first = process.stdout.readline()
    runner.write_config(f"[sandbox.allow_paths]\nread = [\"{runner.ground.home}\"]\n")
    if first.strip() == "ready":
        with open(os.path.join(runner.ground.workspace, "sub/go"), "w", encoding="utf-8") as pipe:
            pipe.write("go\n")
    rest = process.communicate(timeout=g.LIMIT_SECONDS)[0]
    after = shell(runner, level, f"cat '{notes}'").stdout
    runner.write_config("")
    runner.ground.reset()
    is_new_rule_in_force = "an ordinary file" in after
    return "an ordinary file" in rest or not is_new_rule_in_force, [first, rest, "then: " + after]


# 95: a kernel that refuses a layer. Every one is needed at its level.

REFUSALS = {
    "standard": ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp",
                 "landlock_create_ruleset:EPERM", "landlock_restrict_self:EPERM", "seccomp:EPERM"],
    "full": ["namespaces:EPERM", "namespaces", "mount", "mount:EPERM", "pivot_root", "landlock_create_ruleset",
             "landlock_restrict_self", "seccomp", "seccomp:EPERM"],
}


def kernel_lacks_a_layer(runner, level):
    words = ["bash", "--noprofile", "--norc", "-c", "echo com''pleted"]
    if level is None:
        return "completed" in run(runner, words).stdout, []
    whole = run(runner, runner.command(level, words))
    seen, has_run = [f"on this kernel: {whole.returncode} {whole.stdout!r}"], whole.stdout != "completed\n"
    for missing in REFUSALS[level]:
        done = run(runner, [runner.without_syscall, missing, *runner.command(level, words)])
        is_refused = done.returncode == 6 and "completed" not in done.stdout and done.stdout.strip()
        has_run |= not is_refused
        seen.append(f"without {missing}: {done.returncode} {done.stdout.strip()!r}")
    return has_run, seen


ROWS = {
    "home_files_of_workspace": planted("home", ". ~/.bashrc"),
    "git_files_of_workspace": planted("git", "/usr/bin/git status"),
    "path_of_workspace": planted("path", "ls"),
    "deep_folders": bounded("deep_folders", "folders deep"),
    "output_flood": output_flood,
    "output_after_timeout": linger_row(83),
    "daemonising": linger_row(84),
    "stopped_tree": linger_row(85),
    "zombies": bounded("zombies", "left zombies"),
    "landlock_layers": bounded("landlock_layers", "layers of Landlock"),
    "huge_arguments": huge_arguments,
    "config_changes_meanwhile": config_changes_meanwhile,
    "kernel_lacks_a_layer": kernel_lacks_a_layer,
}
