"""Ollama's `/api/version`, `/api/tags` and `/api/chat` in front of an OpenAI-compatible server.

For programs on this machine: a request that a browser sends for another site is refused.
"""

from __future__ import annotations

import http.client
import json
import logging
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from xray.llm_serve.translate import Answer, CannotTranslate, request_of

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
ENGINE_SECONDS = 600.0
LINE_BYTES = 64 * 1024
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Shim(ThreadingHTTPServer):
    """Serves one model, `name`, that `engine_url` runs."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        *,
        engine_url: str,
        engine_key: str,
        name: str,
        version: str,
        context: int,
    ) -> None:
        super().__init__(address, _Handler)
        self.engine_url, self.engine_key = engine_url, engine_key
        self.name, self.version, self.context = name, version, context

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[0], self.server_address[1]
        return f"http://{host!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    server: Shim
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Version, models, and a word for the curious."""
        answers: dict[str, Any] = {
            "/api/version": {"version": self.server.version},
            "/api/tags": {"models": [{"name": self.server.name, "model": self.server.name}]},
            "/": {"status": "Omnilens llm_serve is running"},
        }
        if self._is_for_us():
            found = answers.get(self.path)
            self._send(200 if found else 404, found or {"error": "no such address"})

    def do_POST(self) -> None:
        """A chat."""
        if not self._is_for_us():
            return
        if self.path != "/api/chat":
            self._send(404, {"error": "no such address"})
            return
        body = self._body()
        if body is None:
            return
        if body.get("model") not in {self.server.name, f"{self.server.name}:latest"}:
            self._send(404, {"error": f"model {str(body.get('model'))[:100]!r} not found"})
            return
        try:
            request = request_of(body, context_tokens=self.server.context)
        except CannotTranslate as error:
            self._send(400, {"error": str(error)})
            return
        self._chat(request, is_streamed=body.get("stream") is not False)

    def _chat(self, request: dict[str, Any], *, is_streamed: bool) -> None:
        parts = urlsplit(self.server.engine_url)
        engine = http.client.HTTPConnection(
            parts.hostname or "", parts.port or 80, timeout=ENGINE_SECONDS
        )
        try:
            headers = {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.server.engine_key}",
            }
            engine.request("POST", "/v1/chat/completions", json.dumps(request), headers)
            received = engine.getresponse()
            if received.status != 200:
                said = received.read(LINE_BYTES).decode("utf-8", errors="replace")
                self._send(500, {"error": f"the engine answered {received.status}: {said[:300]}"})
            elif is_streamed:
                self._stream(received)
            else:
                self._whole(received)
        except (ConnectionError, TimeoutError) as error:
            logger.warning("llm_serve: a chat was broken off: %s", type(error).__name__)
            self.close_connection = True
        finally:
            engine.close()  # the engine stops writing when nobody listens

    def _stream(self, received: http.client.HTTPResponse) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in self._lines(received):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _whole(self, received: http.client.HTTPResponse) -> None:
        lines = [json.loads(line) for line in self._lines(received)]
        if "error" in lines[-1]:
            self._send(500, lines[-1])
            return
        text = "".join(line["message"]["content"] for line in lines)
        self._send(200, {**lines[-1], "message": {"role": "assistant", "content": text}})

    def _lines(self, received: http.client.HTTPResponse) -> Iterator[bytes]:
        """Lines of Ollama; an error becomes the last one, as Ollama does it."""
        answer = Answer(self.server.name)
        begun = time.monotonic_ns()
        try:
            while event := received.readline(LINE_BYTES):
                if line := answer.line(event.decode("utf-8").strip()):
                    yield line
            yield answer.last_line(time.monotonic_ns() - begun)
        except (CannotTranslate, ValueError, http.client.HTTPException) as error:
            yield json.dumps({"error": str(error)}).encode() + b"\n"

    def _is_for_us(self) -> bool:
        """Refuse what a browser sends for a site: it names its origin, or another host."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        bound = str(self.server.server_address[0])
        if "Origin" not in self.headers and host in OWN_NAMES | {bound}:
            return True
        self._send(403, {"error": "only programs on this machine may ask"})
        return False

    def _body(self) -> dict[str, Any] | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self._send(413, {"error": f"a body has a length, of {MAX_BODY_BYTES} bytes at most"})
            return None
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            self._send(400, {"error": "the body must be a JSON object"})
            return None
        return body

    def _send(self, status: int, said: dict[str, Any]) -> None:
        content = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status >= 400:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Method, address and status only; never a body."""
        logger.info("llm_serve: " + format, *args)  # noqa: G003  (the library's own format)
