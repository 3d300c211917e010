#!/usr/bin/env python3
"""The other side of a provider's test: a server on the loopback that plays a script.

    model_server.py [SCRIPT.json]       prints its port; ends when its standard input is closed

A script is a list of replies, one for each request in their order; the last one repeats. A reply:

    {"status": 200, "type": "text/event-stream", "headers": {"Retry-After": "0"},
     "body": ["data: ...\\n\\n", 50, "!hang"], "split": 1}

A text of the body is one chunk, a number is a wait in milliseconds; "!hang" sends nothing more until
the client goes, "!cut" ends the connection in the middle of the chunked body, "!reset" resets it.
"status": 0 with "!reset" answers nothing at all. "split" cuts all texts into pieces of that many bytes.

    PUT /script     a new script; forgets what came before
    GET /requests   what came: [{"path", "headers", "body"}]; ?n=2 waits until there are as many
    GET /gone       waits until a client has left a hanging reply
"""

import http.server
import json
import os
import socket
import struct
import sys
import threading
import urllib.parse


class State:
    def __init__(self):
        self.changed = threading.Condition()
        self.script, self.requests, self.n_gone = [], [], 0

    def begin(self, script):
        with self.changed:
            self.script, self.requests, self.n_gone = script, [], 0

    def take(self, request):
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
            return self.script[min(len(self.requests), len(self.script)) - 1]

    def wait(self, is_true):
        with self.changed:
            self.changed.wait_for(is_true, timeout=30)


STATE = State()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        STATE.begin(json.loads(self.read_body()))
        self.answer(True)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/gone":
            STATE.wait(lambda: STATE.n_gone > 0)
            self.answer(STATE.n_gone)
            return
        wanted = int(urllib.parse.parse_qs(url.query).get("n", ["0"])[0])
        STATE.wait(lambda: len(STATE.requests) >= wanted)
        with STATE.changed:
            self.answer(STATE.requests)

    def do_POST(self):
        raw = self.read_body()
        try:
            body = json.loads(raw)
        except ValueError:
            body = raw.decode("latin-1")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = STATE.take({"path": self.path, "headers": headers, "body": body})
        try:
            self.play(reply)
        except (BrokenPipeError, ConnectionResetError):
            with STATE.changed:
                STATE.n_gone += 1
                STATE.changed.notify_all()
            self.close_connection = True

    def play(self, reply):
        if reply.get("status", 200) != 0:
            self.send_response(reply.get("status", 200))
            self.send_header("Content-Type", reply.get("type", "text/event-stream"))
            self.send_header("Transfer-Encoding", "chunked")
            for name, value in reply.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
        for piece in reply.get("body", []):
            if isinstance(piece, (int, float)):
                threading.Event().wait(piece / 1000)
            elif piece == "!hang":
                self.hang()
                return
            elif piece in ("!cut", "!reset"):
                self.end_connection(piece == "!reset")
                return
            else:
                data = piece.encode("utf-8", "surrogateescape")
                step = reply.get("split") or len(data) or 1
                for at in range(0, len(data), step):
                    self.send_chunk(data[at:at + step])
        self.send_chunk(b"")

    def send_chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def hang(self):
        self.connection.settimeout(30)
        try:
            self.connection.recv(1)  # b"": the client has gone
        except OSError:
            pass
        raise BrokenPipeError

    def end_connection(self, is_reset):
        if is_reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        self.rfile.close()
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


def main():
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            STATE.begin(json.load(file))
    server = Server(("127.0.0.1", 0), Handler)
    os.write(1, b"%d\n" % server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
