"""What the tests of the chat's screen share: a program in tmux, and TAP.

    screen = Screen(folder)            the program, in a terminal of its own
    screen.keys("hello", "Enter")      presses; type() is literal
    screen.wait("heard 5 bytes")       until the screen shows it; bytes() are what reached it
    screen.close()

Waits are for something to appear; their limit only ends a test that has failed."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM = os.environ["LOCALGPT_SCRIPTED_CHAT"]
LOCALGPT = os.environ["LOCALGPT"]
MODEL_SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fake", "model_server.py")
LIMIT_SECONDS = 30


class Case:
    count = 0
    failures = 0


def check(condition, name, seen=""):
    Case.count += 1
    if condition:
        print(f"ok {Case.count} - {name}", flush=True)
        return
    Case.failures += 1
    print(f"not ok {Case.count} - {name}", flush=True)
    for line in str(seen).split("\n"):
        print(f"# {line}", flush=True)


class Screen:
    """A program in a terminal of its own."""

    number = 0

    def __init__(self, folder, columns=80, rows=24, state="state", env="", program=None,
                 ready=None):
        Screen.number += 1
        self.socket = f"terminal-{os.getpid()}-{Screen.number}"
        self.raw = os.path.join(folder, f"raw-{Screen.number}")
        program = program or f"'{PROGRAM}' '{folder}/{state}'"
        command = (f"cd '{folder}/project' && env HOME='{folder}/home' TERM=xterm-256color "
                   f"env {env} {program}; echo \"rc=$?\"; stty -a | tr ';' '\\n' | "
                   "grep -o '[-]*icanon'; exec cat")
        # The pipe must see the first byte: the program waits for a line.
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  f"read go; {command}")
        self.tmux("pipe-pane", "-o", f"cat >'{self.raw}'")
        self.keys("Enter")
        self.wait(*([ready] if ready else ["›", "? help"]))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=False,
                              capture_output=True, text=True).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def paste(self, text):
        subprocess.run(["tmux", "-L", self.socket, "load-buffer", "-"], input=text, text=True,
                       check=True)
        self.tmux("paste-buffer", "-p")

    def all(self):
        return self.tmux("capture-pane", "-p", "-S", "-")

    def visible(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, *texts, gone=()):
        """Until the visible screen has all of `texts` and none of `gone`; tells the seconds."""
        start = time.monotonic()
        while True:
            screen = self.visible()
            if all(text in screen for text in texts) and not any(text in screen for text in gone):
                return time.monotonic() - start
            if time.monotonic() - start > LIMIT_SECONDS:
                check(False, f"the screen shows {texts} and not {gone}", self.all())
                return LIMIT_SECONDS
            time.sleep(0.01)

    def bytes(self):
        with open(self.raw, "rb") as file:
            return file.read()

    def wait_bytes(self, part, count=1):
        """Until `part` reached the terminal that often; what tmux shows may be ahead of the pipe."""
        start = time.monotonic()
        while self.bytes().count(part) < count and time.monotonic() - start < LIMIT_SECONDS:
            time.sleep(0.01)
        return self.bytes().count(part) == count

    def child(self):
        """The program's process id: the shell in the pane started it."""
        pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def resize(self, columns, rows=24):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def close(self):
        self.tmux("kill-server")


def marks(text):
    return re.findall(r"MARK\d{4}", text)


def once_each(text, n):
    return sorted(marks(text)) == [f"MARK{i:04d}" for i in range(1, n + 1)]


def sse(words):
    """An answer of an OpenAI-compatible server: one event for each word."""
    events = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    return ["data: " + json.dumps(event) + "\n\n" for event in events]


END = ["data: " + json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + "\n\n",
       "data: [DONE]\n\n"]


class ModelServer:
    """An OpenAI-compatible server that plays a script (model_server.py), set up as the model of the
    home in `folder`."""

    def __init__(self, folder, replies, config=""):
        with open(f"{folder}/script.json", "w", encoding="utf-8") as file:
            json.dump([dict(type="text/event-stream", status=200, body=body) for body in replies], file)
        self.process = subprocess.Popen([sys.executable, "-B", MODEL_SERVER, f"{folder}/script.json"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline())
        self.address = f"http://127.0.0.1:{port}"
        os.makedirs(f"{folder}/home/.config/localgpt", exist_ok=True)
        with open(f"{folder}/home/.config/localgpt/config.toml", "w", encoding="utf-8") as file:
            file.write('[agent]\ndefault_model = "openai/test-model"\n[providers.openai]\n'
                       f'api_key = "sk-test"\nbase_url = "{self.address}/v1"\n{config}')
        os.chmod(f"{folder}/home/.config/localgpt/config.toml", 0o600)

    def requests(self, n=0):
        """The bodies of the requests that came; waits for `n`."""
        with urllib.request.urlopen(f"{self.address}/requests?n={n}") as reply:
            return [request["body"] for request in json.load(reply)]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main(names):
    """Runs every test_* of `names` (globals()), or those that are named on the command line."""
    tests = [value for name, value in sorted(names.items()) if name.startswith("test_")]
    wanted = sys.argv[1:]
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in ("home", "project/src", "state"):
                os.makedirs(f"{folder}/{name}")
            for name in ("src/parse.c", "src/parse.h", "README.md"):
                with open(f"{folder}/project/{name}", "w", encoding="ascii") as file:
                    file.write("text\n")
            test(folder)
    print(f"1..{Case.count}")
    return 1 if Case.failures else 0
