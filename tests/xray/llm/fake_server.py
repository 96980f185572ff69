"""A language model server on loopback that keeps to a script: real HTTP, no model.

It speaks Ollama and the OpenAI-compatible protocol. Each chat takes the next step of the script,
the last one for ever; `asked` keeps `(path, headers, body)` of every request.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "llama3.1:8b"


class FakeServer(ThreadingHTTPServer):
    """`script` holds functions of the handler; `models` are those it has."""

    daemon_threads = True

    def __init__(self, *script, models=(MODEL,)):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = list(script)
        self.models = list(models)
        self.asked = []
        self.let_go = threading.Event()
        self.was_left = threading.Event()
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def next_step(self):
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @property
    def chats(self):
        """The bodies of the chats."""
        return [body for path, _, body in self.asked if path in CHATS]

    def handle_error(self, request, client_address):
        """A client that leaves is what is being tested."""


CHATS = ("/api/chat", "/v1/chat/completions")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers, None))
        models = self.server.models
        answers = {
            "/api/version": {"version": "0.40.12"},
            "/api/tags": {"models": [{"name": name} for name in models]},
            "/v1/models": {"data": [{"id": name} for name in models]},
        }
        if self.path in answers:
            self.send(200, json.dumps(answers[self.path]).encode())
        else:
            self.send(404, b"404 page not found")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers, body))
        self.server.next_step()(self)

    def send(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def begin(self):
        """A chunked answer of status 200."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, content):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))

    def piece(self, text):
        """One delta in the protocol that was asked for."""
        if self.path == "/api/chat":
            said = {"message": {"role": "assistant", "content": text}, "done": False}
            return json.dumps(said, ensure_ascii=False).encode() + b"\n"
        said = {"choices": [{"delta": {"content": text}, "finish_reason": None}]}
        return b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"

    def last(self):
        """The end of a whole answer."""
        if self.path == "/api/chat":
            said = {"message": {"content": ""}, "done": True, "eval_count": 42}
            return json.dumps(said).encode() + b"\n"
        return b"data: [DONE]\n\n"

    def hold(self):
        """Keep the line open until the client leaves or the test ends."""
        self.connection.settimeout(0.02)
        while not self.server.let_go.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def log_message(self, *args):
        """Nothing."""


def says(text, *, at_once=7):
    """A whole answer, a few characters a piece."""

    def step(handler):
        handler.begin()
        for start in range(0, len(text), at_once):
            handler.chunk(handler.piece(text[start : start + at_once]))
        handler.chunk(handler.last())
        handler.chunk(b"")

    return step


def says_byte_by_byte(text):
    """Every byte is a chunk of its own, so that each character of Chinese is torn."""

    def step(handler):
        handler.begin()
        whole = b"".join(handler.piece(character) for character in text) + handler.last()
        for number in whole:
            handler.chunk(bytes([number]))
        handler.chunk(b"")

    return step


def stalls(handler):
    """Takes the question and says nothing."""
    handler.close_connection = True
    handler.hold()


def stalls_after(text):
    def step(handler):
        handler.close_connection = True
        handler.begin()
        handler.chunk(handler.piece(text))
        handler.hold()

    return step


def keeps_alive_without_a_word(handler):
    """Headers and empty lines, but no token."""
    handler.close_connection = True
    handler.begin()
    handler.chunk(b"\n" if handler.path == "/api/chat" else b": waiting\n\n")
    handler.hold()


def refuses(status, body=b"{}"):
    return lambda handler: handler.send(status, body)


def breaks_off_after(text):
    """Ends the body properly, without the last line."""

    def step(handler):
        handler.begin()
        handler.chunk(handler.piece(text))
        handler.chunk(b"")

    return step


def hangs_up(handler):
    """Closes the connection in the middle of a chunk."""
    handler.close_connection = True
    handler.begin()
    handler.chunk(handler.piece("{"))
    handler.wfile.write(b"ffff\r\n{")


def errs_midway(handler):
    """An error inside an answer of status 200; its text repeats what it was told."""
    handler.begin()
    handler.chunk(handler.piece('{"findings": ['))
    said = json.dumps({"error": "llama runner process has terminated: PROMPT-CANARY"}).encode()
    handler.chunk(said + b"\n" if handler.path == "/api/chat" else b"data: " + said + b"\n\n")
    handler.chunk(b"")


def never_stops(handler):
    """More than anybody asked for, as fast as it goes."""
    handler.close_connection = True
    handler.begin()
    try:
        for _ in range(10_000):
            handler.chunk(handler.piece("word " * 200))
    except OSError:
        handler.server.was_left.set()


def says_bytes(content):
    """Whatever bytes."""

    def step(handler):
        handler.begin()
        handler.chunk(content)
        handler.chunk(b"")

    return step


@contextmanager
def serving(*script, **more):
    """A running server."""
    server = FakeServer(*script, **more)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
