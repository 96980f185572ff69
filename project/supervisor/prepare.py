"""What must be true before the first process starts. Every step may be repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from project.supervisor.paths import runtime_dir

PRIVATE = 0o700
ADVISORY_LOCK = 0x6F6D6E6A  # "omnj": beside the sweeper's, in the database's lock space


def make_private_folders(var: Path) -> None:
    """`var`, its Redis folder and the socket folder, closed to other users."""
    for folder in (var, var / "redis", runtime_dir(var)):
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        folder.chmod(PRIVATE)


def migrate(then: Callable[[], None]) -> None:
    """Bring the database to the state of the code, then call `then()` (it makes what must exist
    once). Machines that start together on one PostgreSQL take turns."""
    with one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        then()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other machine prepares the same database. SQLite has one machine, and its
    `up` holds the lock of the data directory."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def collect_static() -> None:
    """Collect and compress the static files, unless nothing has changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    marker = root / ".collected"
    fingerprint = _static_fingerprint()
    if marker.is_file() and marker.read_text(encoding="utf-8") == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    marker.write_text(fingerprint, encoding="utf-8")


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
