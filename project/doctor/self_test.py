"""`manage.py doctor --self-test`: does the installation do its work, once, for real?

Rooms add a test of their own; it is named by its path, so that the doctor itself loads no torch
before it is asked to.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from project.doctor.feed import FeedRefused, first_message
from project.doctor.findings import Finding, error, ok, warning
from project.images import storage
from project.realtime.credentials import Credential
from project.realtime.tickets import issue_ticket
from project.supervisor import state
from project.supervisor.readiness import host_header, probe_ready
from project.web.health.checks import readiness

RoomTest = Callable[[], Iterator[Finding]]
_rooms: list[str] = []

REPAIRS = {
    "database": "Start it, or correct OMNILENS_DATABASE_URL.",
    "broker": "Start it, or correct OMNILENS_REDIS_URL.",
    "weights": "manage.py models pull --embedded",
}
LOOK = "manage.py status"


def register(dotted: str) -> None:
    """Add `package.module.function`, which yields findings."""
    _rooms.append(dotted)


def examine(settings: Any) -> Iterator[Finding]:
    """Storage, the rooms' own tests, and what runs."""
    yield examine_storage()
    for dotted in _rooms:
        room: RoomTest = import_string(dotted)
        yield from room()
    stack = state.read(settings.VAR_DIR)
    if stack is None and settings.EMBEDDED_REDIS:
        yield warning(
            "stack", "It does not run: broker, workers and feed were not asked.",
            "manage.py up --daemon",
        )  # fmt: skip
        return
    yield from examine_services(now=timezone.now())
    if stack is None:
        yield warning(
            "feed", "No `manage.py up` runs here, so the feed was not asked.",
            "Ask /readyz of the site.",
        )  # fmt: skip
        return
    yield from examine_site(stack.url, settings, now=timezone.now())


def examine_storage() -> Finding:
    """A file is written, read again and deleted."""
    key, content = storage.new_upload_key("png"), secrets.token_bytes(1000)
    where = django_settings.STORAGES["default"]["BACKEND"].rpartition(".")[2]
    try:
        storage.put(key, content)
        try:
            whole = storage.read(key) == content
        finally:
            storage.delete(key)
    except Exception as failure:  # noqa: BLE001  (each storage has exceptions of its own)
        return error(
            "storage", f"{where} does not keep a file ({type(failure).__name__}).",
            "Correct OMNILENS_VAR or OMNILENS_S3_*, or its permissions.",
        )  # fmt: skip
    if not whole or storage.exists(key):
        return error("storage", f"{where} gives back what it was not given.", "Check the disk.")
    return ok("storage", f"{where}: a file was written, read and deleted.")


def examine_services(*, now: datetime) -> Iterator[Finding]:
    """What `/readyz` asks: database, broker, workers, weights, processes."""
    for check in readiness(now=now):
        if check.ok:
            yield ok(check.name, "It answers and is ready.")
        else:
            yield error(
                check.name, f"It is not ready: {check.reason}.", REPAIRS.get(check.name, LOOK)
            )


def examine_site(url: str, settings: Any, *, now: datetime) -> Iterator[Finding]:
    """The web site, and a socket that opens and tells its first snapshot."""
    host = host_header(url, settings.ALLOWED_HOSTS)
    missing = probe_ready(url, host=host)
    if missing:
        yield error("site", f"{url}: {missing}", LOOK)
        return
    yield ok("site", f"{url} answers and is ready.")
    user = User.objects.filter(is_active=True).order_by("-is_superuser", "pk").first()
    if user is None:
        yield warning("feed", "There is no account to open it for.", "manage.py bootstrap")
        return
    credential = Credential(user_id=user.pk, stamp=user.get_session_auth_hash())
    try:
        message = first_message(url, ticket=issue_ticket(credential=credential, now=now), host=host)
    except (FeedRefused, OSError, ValueError) as failure:
        yield error("feed", f"The socket does not open: {failure}.", LOOK)
        return
    if message.get("type") != "snapshot":
        yield error("feed", f"Its first message is {json.dumps(message)[:80]}.", LOOK)
        return
    yield ok("feed", "A socket opened with a ticket and told its snapshot.")
