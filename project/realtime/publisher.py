"""From a committed change to the channel layer: best effort, in order, never in the way of a job.

One daemon thread per process owns an event loop and one Redis connection, so that a job thread
neither opens a connection per event nor waits for a Redis that hangs. What is lost here is
repaired by the snapshot and by the regular comparison with the rows (live_jobs.py).
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import re
import threading
from concurrent.futures import Future
from socket import gethostname
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from project.jobs.hooks import JobChange
from project.realtime.events import job_message, user_group
from project.realtime.quiet_log import QuietLog

SEND_TIMEOUT_SECONDS = 2.0
MAX_IN_FLIGHT = 1000
FLUSH_AT_EXIT_SECONDS = 1.0

# Every live connection that a web process of this machine or container serves.
THIS_SERVER = f"server.{re.sub(r'[^A-Za-z0-9.-]', '-', gethostname())[:80]}"

_logger = logging.getLogger(__name__)
_quiet = QuietLog(_logger, every_seconds=30.0)


class Publisher:
    """Sends channel messages from synchronous code without waiting for them."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._in_flight: set[Future[None]] = set()

    def send(self, group: str, message: dict[str, Any]) -> None:
        """Queue `message` for `group`; dropped with a warning when Redis is down or stuck."""
        with self._lock:
            if len(self._in_flight) >= MAX_IN_FLIGHT:
                _quiet.warning("live update dropped: %s are waiting for Redis", MAX_IN_FLIGHT)
                return
            sending = asyncio.run_coroutine_threadsafe(_send(group, message), self._running_loop())
            self._in_flight.add(sending)
        sending.add_done_callback(self._settled)

    def flush(self, *, timeout_seconds: float) -> None:
        """Wait until everything queued so far was sent or dropped, or the time is up."""
        with self._lock:
            self._lock.wait_for(lambda: not self._in_flight, timeout_seconds)

    def _settled(self, sending: Future[None]) -> None:
        if error := sending.exception():
            _logger.error("live update could not be sent", exc_info=error)
        with self._lock:
            self._in_flight.discard(sending)
            self._lock.notify_all()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of this process; a forked child starts its own."""
        if self._loop is None or self._pid != os.getpid():
            self._loop = asyncio.new_event_loop()
            self._pid = os.getpid()
            self._in_flight = set()
            threading.Thread(
                target=self._loop.run_forever, name="feed-publisher", daemon=True
            ).start()
        return self._loop


async def _send(group: str, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await get_channel_layer().group_send(group, message)
    except (RedisError, OSError) as error:  # TimeoutError is an OSError
        _quiet.warning("live update to %s lost: %s", group, type(error).__name__)


_publisher = Publisher()


def publish_change(change: JobChange) -> None:
    """The publisher of `project.jobs.hooks`."""
    _publisher.send(
        user_group(change.owner_id), {"type": "job.changed", "message": job_message(change)}
    )


def ask_to_recheck(user_id: int) -> None:
    """Let every connection of the user check its credential now."""
    _publisher.send(user_group(user_id), {"type": "credential.revoked"})


def drain_connections() -> None:
    """Close every socket of this server with 4410; for whoever is about to stop its web process.

    `project.web_server` does so by itself when it is told to stop. daphne cannot be relied on: it
    forgets its sockets when another connection is idle at the moment of the signal.
    """
    _publisher.send(THIS_SERVER, {"type": "server.draining"})
    flush()


def flush(*, timeout_seconds: float = FLUSH_AT_EXIT_SECONDS) -> None:
    """Give queued messages a moment before the process ends."""
    _publisher.flush(timeout_seconds=timeout_seconds)


atexit.register(flush)
