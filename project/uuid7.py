"""Time-ordered identifiers (UUID version 7, RFC 9562 section 5.7); Python 3.11 has none."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_stamp = 0


def uuid7() -> UUID:
    """48 bits of Unix milliseconds, 12 bits of their fraction, 62 random bits.

    The fraction in place of the first random bits is method 3 of RFC 9562 section 6.2; within
    one process no two identifiers share a stamp, so later ones always sort later.
    """
    global _last_stamp
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = milliseconds << 12 | rest * 4096 // 1_000_000
    with _lock:
        stamp = _last_stamp = max(stamp, _last_stamp + 1)
    high = (stamp >> 12) << 16 | 0x7 << 12 | stamp & 0xFFF
    return UUID(int=high << 64 | 0x2 << 62 | secrets.randbits(62))
