"""The children's lines on one terminal: each with the name of its process."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import IO, Any, Protocol

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
NAME_WIDTH = 15


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


class LineWriter:
    """Writes whole lines from several threads; colour only on a terminal, JSON on request."""

    def __init__(self, stream: Stream, *, as_json: bool, colour: bool) -> None:
        self._stream = stream
        self._as_json = as_json
        self._colour = colour and not as_json
        self._lock = threading.Lock()
        self._colours: dict[str, int] = {}

    def write(self, name: str, line: str) -> None:
        """Write one line of the process `name`."""
        text = self._json(name, line) if self._as_json else self._plain(name, line)
        with self._lock:
            self._stream.write(text + "\n")
            self._stream.flush()

    def follow(self, name: str, pipe: IO[bytes]) -> threading.Thread:
        """Copy the lines of `pipe` until its process closes it."""
        thread = threading.Thread(target=self._copy, args=(name, pipe), daemon=True)
        thread.start()
        return thread

    def _copy(self, name: str, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.write(name, line.decode("utf-8", "replace").rstrip("\r\n"))

    def _plain(self, name: str, line: str) -> str:
        label = f"{name:<{NAME_WIDTH}}|"
        if self._colour:
            number = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            label = f"\x1b[{number}m{label}\x1b[0m"
        return f"{label} {line}"

    def _json(self, name: str, line: str) -> str:
        try:
            parsed: Any = json.loads(line)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            parsed = {"at": datetime.now(UTC).isoformat(), "message": line}
        return json.dumps({"process": name, **parsed}, ensure_ascii=False)
