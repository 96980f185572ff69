"""Between Ollama's `/api/chat` and `/v1/chat/completions`: one request, and line by line back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Options of Ollama under the names of llama.cpp's server; others are refused, not ignored.
OPTIONS = {
    "temperature": "temperature", "seed": "seed", "num_predict": "max_tokens", "top_p": "top_p",
    "top_k": "top_k", "stop": "stop", "repeat_penalty": "repeat_penalty",
}  # fmt: skip
# `keep_alive` says nothing new to a process that always keeps its model.
MEMBERS = frozenset({"model", "messages", "stream", "format", "options", "keep_alive", "think"})


class CannotTranslate(Exception):
    """The request asks for what is not here; the text says what."""


def request_of(body: Mapping[str, Any], *, context_tokens: int) -> dict[str, Any]:
    """The body for `/v1/chat/completions`, always streamed. Raises CannotTranslate."""
    if unknown := sorted(set(body) - MEMBERS):
        raise CannotTranslate(f"not supported here: {', '.join(unknown)}")
    if body.get("think"):
        raise CannotTranslate("thinking is not supported here")
    return {
        "messages": _messages(body.get("messages")),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_options(body.get("options"), context_tokens),
        **_format(body.get("format")),
    }


def _messages(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or not given:
        raise CannotTranslate("messages must be a list with at least one message")
    messages = []
    for message in given:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in {"system", "user", "assistant"} or not isinstance(
            message.get("content"), str
        ):
            raise CannotTranslate("a message needs a role and its content as text")
        if message.get("images"):
            raise CannotTranslate("this server reads no pictures")
        messages.append({"role": role, "content": message["content"]})
    return messages


def _options(given: Any, context_tokens: int) -> dict[str, Any]:
    if not isinstance(given, dict | None):
        raise CannotTranslate("options must be an object")
    options = dict(given or {})
    wanted = options.pop("num_ctx", context_tokens)
    if not isinstance(wanted, int) or wanted > context_tokens:
        raise CannotTranslate(f"num_ctx: this server was started with {context_tokens}")
    if unknown := sorted(set(options) - set(OPTIONS)):
        raise CannotTranslate(f"options not supported here: {', '.join(unknown)}")
    return {OPTIONS[name]: value for name, value in options.items()}


def _format(given: Any) -> dict[str, Any]:
    if not given:
        return {}
    if given == "json":
        return {"response_format": {"type": "json_object"}}
    if not isinstance(given, dict):
        raise CannotTranslate('format must be "json" or a JSON schema')
    schema = {"name": "format", "strict": True, "schema": given}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


class Answer:
    """The lines of Ollama for the events of one answer."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._reason = "stop"
        self._usage: dict[str, Any] = {}

    def line(self, event: str) -> bytes:
        """What one line of server-sent events becomes; empty when it carries no text.

        Raises CannotTranslate for an error of the engine.
        """
        kind, _, data = event.partition(":")
        data = data.strip()
        if kind not in ("data", "error") or data in ("", "[DONE]"):
            return b""
        said = json.loads(data)
        if kind == "error" or "error" in said:
            raise CannotTranslate(f"the engine failed: {data[:300]}")
        self._usage = said.get("usage") or self._usage
        choices = said.get("choices") or [{}]
        self._reason = choices[0].get("finish_reason") or self._reason
        content = (choices[0].get("delta") or {}).get("content")
        return self._line({"message": _message(content), "done": False}) if content else b""

    def last_line(self, nanoseconds: int) -> bytes:
        """The one that says that the answer is whole."""
        return self._line(
            {
                "message": _message(""),
                "done": True,
                "done_reason": self._reason,
                "total_duration": nanoseconds,
                "prompt_eval_count": self._usage.get("prompt_tokens", 0),
                "eval_count": self._usage.get("completion_tokens", 0),
            }
        )

    def _line(self, members: dict[str, Any]) -> bytes:
        now = datetime.now(tz=UTC).isoformat().replace("+00:00", "Z")
        line = {"model": self._model, "created_at": now, **members}
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _message(content: str) -> dict[str, str]:
    return {"role": "assistant", "content": content}
