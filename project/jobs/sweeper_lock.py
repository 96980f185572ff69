"""One sweeper at a time, however many replicas run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from filelock import FileLock, Timeout

ADVISORY_LOCK = 0x6F6D6E69  # "omni": one fixed number in the database's lock space


@contextmanager
def sweeper_lock() -> Iterator[bool]:
    """Whether this process may sweep, for the length of the block.

    PostgreSQL: an advisory lock of the session, gone with the connection. SQLite: a file lock
    beside the database.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
            is_mine = bool(cursor.fetchone()[0])
        try:
            yield is_mine
        finally:
            if is_mine and connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        return
    lock = FileLock(settings.VAR_DIR / "sweeper.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
