#!/usr/bin/env python3
"""A model hub on loopback for tests/cli/model.sh.

    model_server.py FOLDER LOG HELD      prints its port, serves until stdin ends

/MODE/anything/NAME serves FOLDER/NAME with ranges; MODE is good, or:
once     like good, but the first request gets half of it, then nothing until the client goes
missing  404
page     a web page in the place of the file
short    a longer Content-Length than there are bytes

LOG gets a line for each request ("good m.gguf bytes=100-"); the FIFO HELD a line when a half was
sent.
"""

import http.server
import os
import sys
import threading

FOLDER, LOG, HELD = sys.argv[1:4]
SEEN = set()


def log(line):
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(line + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        mode, name = self.path.split("/")[1], os.path.basename(self.path.split("?")[0])
        log(f"{mode} {name} {self.headers.get('Range', '-')}")
        if mode == "missing" or not os.path.exists(os.path.join(FOLDER, name)):
            self.answer(404, b"no such file")
        elif mode == "page":
            self.answer(200, b"<html>Please log in.</html>" * 100)
        else:
            with open(os.path.join(FOLDER, name), "rb") as file:
                self.serve(mode, file.read())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self, mode, data):
        size, start = len(data), 0
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes="):
            start = int(wanted[6:].split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(size - start + (1000 if mode == "short" else 0)))
        self.end_headers()
        if mode != "once" or self.path in SEEN:
            self.wfile.write(data[start:])
            self.close_connection = mode == "short"
            return
        SEEN.add(self.path)
        self.wfile.write(data[start:size // 2])
        self.wfile.flush()
        with open(HELD, "w", encoding="utf-8") as fifo:
            fifo.write("held\n")
        while self.connection.recv(4096):
            pass
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # clients go away: that is what is tested


server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
