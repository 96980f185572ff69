"""Giving memory back to the machine after a large picture."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def release() -> None:
    """Return what the C library keeps of freed blocks; nothing where it offers no such call.

    Without it a web process stays at its peak for the sake of one upload.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    # glibc's; musl and macOS have none.
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
