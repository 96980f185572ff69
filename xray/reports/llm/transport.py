"""HTTP to a language model server: every failure leaves here as an LlmError."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from project.outbound.errors import OutboundError, Refused
from project.outbound.stream import Streamed, StreamLimits, stream
from xray.reports.llm.errors import LlmError
from xray.reports.llm.server import LlmServer

LIST_BYTES = 1024 * 1024
EXCERPT_CHARACTERS = 300
OK, NOT_FOUND = 200, 404


def get_json(server: LlmServer, path: str) -> Any:
    """The parsed answer of one small question. Raises LlmError."""
    limits = StreamLimits(
        connect_seconds=server.limits.connect_seconds,
        first_seconds=server.limits.look_seconds,
        seconds=server.limits.look_seconds,
        answer_bytes=LIST_BYTES,
    )
    with _asking(server, "GET", path, b"", limits, lambda: None) as answer:
        return parse("".join(decode(answer.pieces())))


@contextmanager
def post(
    server: LlmServer,
    path: str,
    payload: Mapping[str, Any],
    *,
    seconds: float,
    check: Callable[[], None],
) -> Iterator[Streamed]:
    """The answer under way, its status 200. Raises LlmError and what `check` raises."""
    limits = StreamLimits(
        connect_seconds=server.limits.connect_seconds,
        first_seconds=server.limits.first_seconds,
        seconds=seconds,
        answer_bytes=server.limits.answer_bytes,
    )
    with _asking(server, "POST", path, json.dumps(payload).encode(), limits, check) as answer:
        yield answer


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """The lines of a body, whole, whatever bytes the pieces were cut at; empty ones left out.

    Only the line feed parts lines: U+2028 and its like may stand within JSON.
    """
    rest = ""
    for text in decode(pieces):
        *whole, rest = (rest + text).split("\n")
        yield from (line for line in map(str.strip, whole) if line)
    if rest.strip():
        yield rest.strip()


def decode(pieces: Iterable[bytes]) -> Iterator[str]:
    """UTF-8 across the borders of pieces. Raises LlmError llm_answer_invalid."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise LlmError("llm_answer_invalid", "not UTF-8") from error


def parse(text: str) -> Any:
    """JSON. Raises LlmError llm_answer_invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LlmError("llm_answer_invalid", "not JSON") from error


def member(value: Any, *path: str | int) -> Any:
    """What lies at `path` in parsed JSON; None where the answer has another shape."""
    for step in path:
        if isinstance(step, int):
            is_there = isinstance(value, list) and -len(value) <= step < len(value)
        else:
            is_there = isinstance(value, dict) and step in value
        if not is_there:
            return None
        value = value[step]
    return value


def excerpt(text: str) -> str:
    """The beginning of what a server said, printable."""
    return "".join(c if c.isprintable() else " " for c in text)[:EXCERPT_CHARACTERS].strip()


@contextmanager
def _asking(
    server: LlmServer,
    method: str,
    path: str,
    body: bytes,
    limits: StreamLimits,
    check: Callable[[], None],
) -> Iterator[Streamed]:
    headers = {"Accept": "application/json, application/x-ndjson, text/event-stream"}
    if body:
        headers["Content-Type"] = "application/json"
    if server.secret:
        headers["Authorization"] = f"Bearer {server.secret}"
    try:
        with stream(
            method,
            server.url(path),
            policy=server.policy,
            headers=headers,
            body=body,
            limits=limits,
            check=check,
        ) as answer:
            if answer.status != OK:
                raise _refusal(answer, server)
            yield answer
    except Refused as error:
        raise LlmError("llm_host_refused", error.code) from error
    except OutboundError as error:
        raise LlmError(_CODES.get(error.code, "llm_unavailable"), error.code) from error


_CODES: dict[str, Any] = {
    "timeout": "llm_timeout",
    "answer_too_large": "llm_answer_invalid",
    "answer_invalid": "llm_answer_invalid",
}


def _refusal(answer: Streamed, server: LlmServer) -> LlmError:
    """What an answer without success means; 404 that speaks of the model is its absence."""
    text = excerpt(b"".join(answer.pieces()).decode("utf-8", errors="replace"))
    if answer.status == NOT_FOUND and "model" in text.lower():
        return model_missing(server, text)
    return LlmError("llm_unavailable", f"status {answer.status}", server_text=text)


def model_missing(server: LlmServer, server_text: str = "") -> LlmError:
    """The error, with the command that helps where there is one."""
    command = f"ollama pull {server.model}" if server.kind == "ollama" else ""
    return LlmError("llm_model_missing", command=command, server_text=server_text)
