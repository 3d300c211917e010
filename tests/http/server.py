#!/usr/bin/env python3
"""The other side of the HTTP tests: a loopback server that is not written in C and can misbehave.

    server.py [CERTIFICATE.pem]     prints "PORTS a b silent full tls v6", serves until stdin ends

a and b are two origins with the same behaviour; `silent` accepts and says nothing; `full` has a
backlog that takes no more; tls is a with TLS (0 without a certificate); v6 is a on ::1 (0 without
IPv6). What the server does is in the path; see the do_* functions. GET /log tells every request
that arrived, GET /connections how many connections each port got, GET /await?path=/x waits until
a request for /x has arrived.
"""

import collections
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

REQUESTS = []  # {"port", "method", "path", "headers", "body"}, under ARRIVED
ARRIVED = threading.Condition()
CONNECTIONS = collections.Counter()
COUNTS = collections.Counter()
PATTERN = bytes(range(256)) * 256  # byte i of a big file is i % 256


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def get_request(self):
        connection, address = super().get_request()
        CONNECTIONS[self.server_port] += 1
        return connection, address

    def handle_error(self, request, client_address):
        pass  # clients go away: that is what is tested


class Server6(Server):
    address_family = socket.AF_INET6


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_all(self):
        parts = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        names = parts.path.strip("/").split("/")
        if names[0] not in ("log", "connections", "await"):
            with ARRIVED:
                REQUESTS.append({"port": self.server.server_port, "method": self.command,
                                 "path": self.path, "headers": self.headers.items(),
                                 "body": self.body.decode("utf-8", "replace")})
                ARRIVED.notify_all()
        action = getattr(self, "do_" + names[0].replace("-", "_"), None)
        if action is None:
            self.answer(404, b"nothing here\nsecond line")
        else:
            action(names[1:])

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_all

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def wait_for_client_to_go(self):
        self.wfile.flush()
        while self.connection.recv(4096):
            pass
        self.close_connection = True

    # ---- about the server itself ----

    def do_log(self, names):
        with ARRIVED:
            self.answer(200, json.dumps(REQUESTS).encode())

    def do_connections(self, names):
        self.answer(200, json.dumps({str(k): v for k, v in CONNECTIONS.items()}).encode())

    def do_await(self, names):
        with ARRIVED:
            ARRIVED.wait_for(lambda: any(r["path"].startswith(self.query["path"])
                                         for r in REQUESTS), timeout=30)
        self.answer(200, b"arrived")

    # ---- good behaviour ----

    def do_ok(self, names):
        self.answer(200, b"hello", X_Mixed_Case="Yes")

    def do_echo(self, names):
        self.answer(200, json.dumps({"method": self.command, "path": self.path,
                                     "headers": dict(self.headers.items()),
                                     "body": self.body.decode()}).encode())

    def do_chunked(self, names):
        """Each piece of ?pieces=a,b,c is one chunk (percent-encoded bytes), sent on its own."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self.query["pieces"].split(","):
            data = bytes.fromhex(piece)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
            time.sleep(0.02)  # so that they arrive apart; nothing waits for it
        self.wfile.write(b"0\r\n\r\n")

    def do_gzip(self, names):
        import gzip
        plain = b"x" * int(self.query["size"])
        self.answer(200, gzip.compress(plain), Content_Encoding="gzip")

    def do_redirect(self, names):
        self.answer(int(names[0]), b"moved", Location=self.query["to"])

    def do_loop(self, names):
        self.answer(302, b"", Location="/loop/%d" % (int(names[0]) + 1))

    def do_status(self, names):
        headers = {}
        if "after" in self.query:
            headers["Retry_After"] = self.query["after"]
        self.answer(int(names[0]), self.query.get("body", "").encode(), **headers)

    def do_flaky(self, names):
        """/flaky/KEY?fails=N&how=status|reset|close: the first N requests with this key fail."""
        COUNTS[names[0]] += 1
        if COUNTS[names[0]] > int(self.query["fails"]):
            self.answer(200, b"attempt %d" % COUNTS[names[0]])
        else:
            how = self.query["how"]
            if how.isdigit():
                self.do_status([how])
            else:
                getattr(self, "do_" + how)([])

    # ---- bad behaviour ----

    def do_slow(self, names):
        time.sleep(0.3)
        self.answer(200, b"late but there")

    def do_hang(self, names):
        self.wait_for_client_to_go()

    def do_hang_body(self, names):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"first piece")
        self.wait_for_client_to_go()

    def do_cut(self, names):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 500)
        self.close_connection = True

    def do_cut_chunked(self, names):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n10\r\nhalf")
        self.close_connection = True

    def do_reset(self, names):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_close(self, names):
        self.close_connection = True

    def do_not_http(self, names):
        self.wfile.write(b"220 mail.example ESMTP ready\r\n")
        self.close_connection = True

    def do_flood(self, names):
        self.send_response(200)
        for i in range(200):
            self.send_header("X-Flood-%d" % i, "f" * 1000)
        self.end_headers()
        self.wfile.write(b"body")
        self.close_connection = True

    def do_endless(self, names):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(PATTERN)

    # ---- downloads ----

    def do_big(self, names):
        """/big/KEY?size=N[&ranges=0][&etag=x][&cut=M][&lie=1][&careless=1]: a file of
        N bytes. careless=1: If-Range is not looked at. ranges=0: Range
        is ignored. cut=M: the first request with this key gets M bytes and a closed connection.
        lie=1: a Range is answered with other bytes than asked for. length=0: no Content-Length."""
        size = int(self.query["size"])
        etag = '"%s"' % self.query.get("etag", "v1")
        start = 0
        wanted = self.headers.get("Range")
        if wanted and self.query.get("ranges") != "0":
            if self.headers.get("If-Range") in (None, etag) or self.query.get("careless"):
                start = int(wanted.split("=")[1].split("-")[0])
        if start > size or (wanted and start == size):
            self.answer(416, b"", Content_Range="bytes */%d" % size)
            return
        self.send_response(206 if start else 200)
        told = start - 1 if start and self.query.get("lie") else start
        if start:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (told, size - 1, size))
        if self.query.get("ranges") != "0":
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", etag)
        if self.query.get("length") != "0":
            self.send_header("Content-Length", str(size - start))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        COUNTS[names[0]] += 1
        end = size
        if "cut" in self.query and COUNTS[names[0]] <= int(self.query.get("cuts", "1")):
            end = min(size, start + int(self.query["cut"]))
        self.send_pattern(start, end)
        if end < size or self.query.get("length") == "0":
            self.close_connection = True

    def send_pattern(self, start, end):
        while start < end:
            offset = start % 256
            piece = PATTERN[offset:offset + min(end - start, len(PATTERN) - 256)]
            self.wfile.write(piece)
            start += len(piece)


def accept_and_say_nothing(listener):
    kept = []
    while True:
        connection, _ = listener.accept()
        CONNECTIONS[listener.getsockname()[1]] += 1
        kept.append(connection)


def fill_backlog(listener):
    """Connects until the kernel queues no more; further SYNs get no answer."""
    kept = []
    for _ in range(8):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        kept.append(client)
    return kept


def listen(backlog):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(backlog)
    return listener


def start(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def start_tls(certificate):
    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    return start(server)


def start_v6():
    try:
        return start(Server6(("::1", 0), Handler))
    except OSError:
        return 0


def main():
    silent = listen(16)
    threading.Thread(target=accept_and_say_nothing, args=(silent,), daemon=True).start()
    full = listen(0)
    kept = fill_backlog(full)
    ports = [start(Server(("127.0.0.1", 0), Handler)), start(Server(("127.0.0.1", 0), Handler)),
             silent.getsockname()[1], full.getsockname()[1],
             start_tls(sys.argv[1]) if len(sys.argv) > 1 else 0, start_v6()]
    print("PORTS", *ports, flush=True)
    # The test holds the other end: whichever way it ends, so do we.
    while os.read(0, 4096):
        pass
    del kept


main()
