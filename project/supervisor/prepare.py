"""What must be true before the first process starts. Every step may be repeated."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from project.supervisor.paths import runtime_dir

PRIVATE = 0o700


def make_private_folders(var: Path) -> None:
    """`var`, its Redis folder and the socket folder, closed to other users."""
    for folder in (var, var / "redis", runtime_dir(var)):
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        folder.chmod(PRIVATE)


def migrate() -> None:
    """Bring the database to the state of the code."""
    call_command("migrate", interactive=False, verbosity=0)


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
