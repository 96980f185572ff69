"""What a page may show while a language model writes: the sentences so far, not the JSON."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

SECONDS = 0.5
CHARACTERS = 2000
_SHOWN = frozenset({"sentence", "impression"})
_TOKEN = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)(?P<end>"?)|[\[\]{}:,]', re.DOTALL)
_CUT_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$")


class Draft:
    """Hands on at most two states a second, and each state once."""

    def __init__(
        self,
        on_text: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = SECONDS,
    ) -> None:
        self._on_text = on_text
        self._clock = clock
        self._seconds = seconds
        self._last = float("-inf")
        self._shown = ""

    def __call__(self, raw: str) -> None:
        """The JSON so far."""
        now = self._clock()
        if now - self._last < self._seconds:
            return
        text = readable(raw)
        if text and text != self._shown:
            self._last, self._shown = now, text
            self._on_text(text)


def readable(raw: str) -> str:
    """The sentences in JSON that may end anywhere; 2,000 characters at most."""
    return " ".join(text for text in _sentences(raw) if text)[:CHARACTERS]


def _sentences(raw: str) -> Iterator[str]:
    key, is_key, inside = "", False, [""]
    for token in _TOKEN.finditer(raw):
        content, sign = token["text"], token[0]
        if content is None:
            if sign in "[{":
                inside.append(sign)
            elif sign in "]}" and len(inside) > 1:
                inside.pop()
            is_key = sign in "{," and inside[-1] == "{"
        elif is_key:
            key = content
        elif key in _SHOWN:
            yield _decoded(content if token["end"] else _CUT_ESCAPE.sub(r"\1", content))


def _decoded(content: str) -> str:
    try:
        text = str(json.loads(f'"{content}"', strict=False))
    except ValueError:
        return ""  # no JSON; the verifier will say so
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())
