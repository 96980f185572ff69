"""What the writer asks of a server, whatever protocol it speaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from xray.reports.llm.server import LlmServer


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """`picture` is a PNG or JPEG that goes with the first user message."""

    messages: Sequence[Message]
    schema: Mapping[str, Any]
    seconds: float
    picture: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Completion:
    """The whole text. Times are seconds since the question was sent."""

    text: str
    first_seconds: float
    seconds: float
    tokens: int | None = None


class LlmClient(Protocol):
    """Every verb raises LlmError."""

    def version(self) -> str:
        """What the server calls itself; empty when its protocol does not say."""
        ...

    def models(self) -> list[str]:
        """The models it has."""
        ...

    def chat(
        self, ask: Ask, *, on_text: Callable[[str], None], check: Callable[[], None]
    ) -> Completion:
        """Ask and wait. `on_text` gets the text so far, `check` may raise to end it."""
        ...


class Growing:
    """The text of an answer under way, with its times."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._begun = time.monotonic()
        self._first: float | None = None
        self.text = ""
        self.tokens: int | None = None

    def add(self, piece: str) -> None:
        """More of it."""
        if piece:
            if self._first is None:
                self._first = time.monotonic() - self._begun
            self.text += piece
            self._on_text(self.text)

    def completion(self) -> Completion:
        """All of it."""
        seconds = time.monotonic() - self._begun
        return Completion(
            text=self.text,
            first_seconds=seconds if self._first is None else self._first,
            seconds=seconds,
            tokens=self.tokens,
        )


def client_for(server: LlmServer) -> LlmClient:
    """The client that speaks the server's protocol."""
    from xray.reports.llm.ollama import OllamaClient
    from xray.reports.llm.openai import OpenAiClient

    return OllamaClient(server) if server.kind == "ollama" else OpenAiClient(server)
