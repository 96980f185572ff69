"""A real HTTP server on loopback that remembers what it was sent."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """`answers` are taken in turn, the last one for ever: a status, a `(status, headers, body)`
    or a function of the handler. `requests` lists `(path, headers, body)`."""

    daemon_threads = True

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers) or [200]
        self.requests = []
        self.port = self.server_address[1]

    def next_answer(self):
        """The first answer, kept when it is the last."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, self.headers, body))
        answer = self.server.next_answer()
        if callable(answer):
            answer(self)
            return
        status, headers, content = (answer, {}, b"ok") if isinstance(answer, int) else answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *args):
        """Nothing."""


@contextmanager
def receiving(*answers, context=None):
    """A running receiver; with `context` it speaks TLS."""
    server = Receiver(*answers)
    server.handle_error = lambda request, address: None
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
