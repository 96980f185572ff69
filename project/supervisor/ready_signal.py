"""How a process tells its supervisor that it takes connections: one byte into a pipe."""

from __future__ import annotations

import os

READY_DESCRIPTOR = "_OMNILENS_READY_FD"  # project/web_server.py writes to it


class ReadySignal:
    """`open` before the start, `handed_over` after it, then `is_given`."""

    def __init__(self) -> None:
        self._reader: int | None = None
        self._writer: int | None = None

    def open(self) -> int:
        """The end for the next process; what the one before was given no longer counts."""
        if self._reader is not None:
            os.close(self._reader)
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        return self._writer

    def handed_over(self) -> None:
        """The process has its end: close ours, so that its death is seen."""
        if self._writer is not None:
            os.close(self._writer)
            self._writer = None

    def is_given(self) -> bool:
        """Whether the process has written since the last look."""
        if self._reader is None:
            return False
        try:
            return os.read(self._reader, 1) != b""
        except BlockingIOError:
            return False
