"""The OpenAI-compatible protocol of llama.cpp, vLLM and others: `/v1/models` and
`/v1/chat/completions` as server-sent events."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from xray.reports.llm.client import Ask, Completion, Growing, Message
from xray.reports.llm.errors import LlmError
from xray.reports.llm.server import LlmServer
from xray.reports.llm.transport import excerpt, get_json, lines, member, parse, post

SCHEMA_NAME = "report"
_PNG = b"\x89PNG"


class OpenAiClient:
    """See LlmClient."""

    def __init__(self, server: LlmServer) -> None:
        self._server = server

    def version(self) -> str:
        """The protocol has no question for it."""
        return ""

    def models(self) -> list[str]:
        """From `/v1/models`."""
        found = member(get_json(self._server, "/v1/models"), "data")
        if not isinstance(found, list):
            raise LlmError("llm_answer_invalid", "no models")
        return [name for entry in found if isinstance(name := member(entry, "id"), str)]

    def chat(
        self, ask: Ask, *, on_text: Callable[[str], None], check: Callable[[], None]
    ) -> Completion:
        """One streamed answer; it is whole with `[DONE]` or a reason to finish."""
        growing = Growing(on_text)
        is_whole = False
        with post(
            self._server,
            "/v1/chat/completions",
            self._payload(ask),
            seconds=ask.seconds,
            check=check,
        ) as answer:
            for line in lines(answer.pieces()):
                kind, _, data = line.partition(":")
                data = data.strip()
                if kind == "data" and data == "[DONE]":
                    is_whole = True
                    break
                if kind not in ("data", "error"):
                    continue  # names and numbers of events, comments that keep the line open
                said = parse(data)
                if kind == "error" or member(said, "error") is not None:
                    raise LlmError(
                        "llm_answer_invalid",
                        "an error within the answer",
                        server_text=excerpt(data),
                    )
                delta = member(said, "choices", 0, "delta")
                content = member(delta, "content")
                if content or member(delta, "reasoning_content"):
                    answer.arrived()
                growing.add(content if isinstance(content, str) else "")
                is_whole = is_whole or member(said, "choices", 0, "finish_reason") is not None
                tokens = member(said, "usage", "completion_tokens")
                growing.tokens = tokens if isinstance(tokens, int) else growing.tokens
        if not is_whole:
            raise LlmError("llm_answer_invalid", "the answer ended early")
        return growing.completion()

    def _payload(self, ask: Ask) -> dict[str, Any]:
        first_user = next(message for message in ask.messages if message.role == "user")
        return {
            "model": self._server.model,
            "messages": [
                {
                    "role": message.role,
                    "content": _content(message, ask.picture if message is first_user else None),
                }
                for message in ask.messages
            ],
            "stream": True,
            "temperature": 0,
            "seed": 1,
            "max_tokens": self._server.limits.answer_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": SCHEMA_NAME, "strict": True, "schema": dict(ask.schema)},
            },
        }


def _content(message: Message, picture: bytes | None) -> str | list[dict[str, Any]]:
    if picture is None:
        return message.content
    kind = "png" if picture.startswith(_PNG) else "jpeg"
    data = base64.b64encode(picture).decode("ascii")
    return [
        {"type": "text", "text": message.content},
        {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{data}"}},
    ]
