"""Ollama's own protocol: `/api/version`, `/api/tags`, `/api/chat` with lines of JSON.

Written from docs/api.md of Ollama: `format` takes a JSON schema, the last line has `done: true`,
and an error may come as a line within an answer of status 200.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from xray.reports.llm.client import Ask, Completion, Growing
from xray.reports.llm.errors import LlmError
from xray.reports.llm.server import LlmServer
from xray.reports.llm.transport import excerpt, get_json, lines, member, parse, post

KEEP_ALIVE = "10m"


class OllamaClient:
    """See LlmClient."""

    def __init__(self, server: LlmServer) -> None:
        self._server = server

    def version(self) -> str:
        """From `/api/version`."""
        version = member(get_json(self._server, "/api/version"), "version")
        if not isinstance(version, str):
            raise LlmError("llm_answer_invalid", "no version")
        return version

    def models(self) -> list[str]:
        """From `/api/tags`. A model is also found without its `:latest`."""
        found = member(get_json(self._server, "/api/tags"), "models")
        if not isinstance(found, list):
            raise LlmError("llm_answer_invalid", "no models")
        names = [name for entry in found if isinstance(name := member(entry, "name"), str)]
        return names + [n.removesuffix(":latest") for n in names if n.endswith(":latest")]

    def chat(
        self, ask: Ask, *, on_text: Callable[[str], None], check: Callable[[], None]
    ) -> Completion:
        """One streamed answer; it is whole only with its last line."""
        growing = Growing(on_text)
        with post(
            self._server, "/api/chat", self._payload(ask), seconds=ask.seconds, check=check
        ) as answer:
            for line in lines(answer.pieces()):
                said = parse(line)
                if (error := member(said, "error")) is not None:
                    raise LlmError(
                        "llm_answer_invalid",
                        "an error within the answer",
                        server_text=excerpt(str(error)),
                    )
                content = member(said, "message", "content")
                if content or member(said, "message", "thinking"):
                    answer.arrived()
                growing.add(content if isinstance(content, str) else "")
                if member(said, "done") is True:
                    tokens = member(said, "eval_count")
                    growing.tokens = tokens if isinstance(tokens, int) else None
                    return growing.completion()
        raise LlmError("llm_answer_invalid", "the answer ended early")

    def _payload(self, ask: Ask) -> dict[str, Any]:
        messages: list[dict[str, Any]] = [
            {"role": message.role, "content": message.content} for message in ask.messages
        ]
        if ask.picture is not None:
            first = next(message for message in messages if message["role"] == "user")
            first["images"] = [base64.b64encode(ask.picture).decode("ascii")]
        limits = self._server.limits
        return {
            "model": self._server.model,
            "messages": messages,
            "stream": True,
            # A model that thinks aloud would spend its tokens on what nobody may read.
            "think": False,
            "format": dict(ask.schema),
            "options": {
                "temperature": 0,
                "seed": 1,
                "num_ctx": limits.context_tokens,
                "num_predict": limits.answer_tokens,
            },
            "keep_alive": KEEP_ALIVE,
        }
