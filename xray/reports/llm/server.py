"""One language model server, as the writer needs to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from project.outbound.policy import OutboundPolicy
from xray.reports.llm.breaker import Breaker

Kind = Literal["ollama", "openai"]


@dataclass(frozen=True, kw_only=True)
class LlmLimits:
    """`seconds` bounds a whole report, a second attempt included."""

    connect_seconds: float = 2.0
    first_seconds: float = 20.0
    seconds: float = 90.0
    look_seconds: float = 5.0
    """For the small questions: version, models."""
    answer_bytes: int = 64 * 1024
    answer_tokens: int = 400
    context_tokens: int = 4096


@dataclass(frozen=True, kw_only=True)
class LlmServer:
    """`base_url` is the address without `/api` or `/v1`; `policy` says whether it may be called.

    A picture leaves only when `sends_images`.
    """

    kind: Kind
    base_url: str
    model: str
    secret: str = field(default="", repr=False)
    sends_images: bool = False
    policy: OutboundPolicy = field(repr=False)
    breaker: Breaker = field(repr=False, compare=False)
    limits: LlmLimits = LlmLimits()

    def url(self, path: str) -> str:
        """The address of one endpoint; a final slash or `/v1` in `base_url` is forgiven."""
        return self.base_url.rstrip("/").removesuffix("/v1") + path
