"""The checks behind `/readyz` and `/health`. Each answers quickly and says why not in one code."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from project.jobs.models import Worker
from project.supervisor.state import failed_children
from project.web.queue_overview import WORKER_SILENT_AFTER

logger = logging.getLogger(__name__)

PING_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Check:
    """One answer; `reason` is an empty string or a code."""

    name: str
    ok: bool
    reason: str = ""


def readiness(*, now: datetime | None = None) -> list[Check]:
    """Everything that must hold before traffic is sent here."""
    now = now or timezone.now()
    database = check_database()
    needs_database: list[Callable[[datetime], Check]] = [check_worker, check_weights]
    return [
        database,
        check_broker(),
        *(
            check(now) if database.ok else Check(name=name, ok=False, reason="database_down")
            for name, check in zip(("worker", "weights"), needs_database, strict=True)
        ),
        check_children(),
    ]


def check_database() -> Check:
    """One trivial query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("health: the database does not answer")
        return Check(name="database", ok=False, reason="database_down")
    return Check(name="database", ok=True)


def check_broker() -> Check:
    """PING."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PING_TIMEOUT_SECONDS,
        socket_connect_timeout=PING_TIMEOUT_SECONDS,
    )
    try:
        client.ping()
    except redis.RedisError as error:
        logger.warning("health: the broker does not answer: %s", type(error).__name__)
        return Check(name="broker", ok=False, reason="broker_down")
    finally:
        client.close()
    return Check(name="broker", ok=True)


def check_worker(now: datetime) -> Check:
    """A worker was heard of within the last minute."""
    heard = Worker.objects.filter(last_seen__gte=now - WORKER_SILENT_AFTER).exists()
    return Check(name="worker", ok=heard, reason="" if heard else "no_worker")


def check_weights(now: datetime) -> Check:
    """A living worker has loaded what it must hold before it takes work."""
    ready = Worker.objects.filter(last_seen__gte=now - WORKER_SILENT_AFTER, ready=True).exists()
    return Check(name="weights", ok=ready, reason="" if ready else "no_worker_ready")


def check_children() -> Check:
    """The supervisor gave up on no child."""
    failed = failed_children(settings.VAR_DIR)
    return Check(
        name="children", ok=not failed, reason=f"failed: {', '.join(failed)}" if failed else ""
    )
