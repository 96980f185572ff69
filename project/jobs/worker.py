"""A worker process from its first bell to its last: identity, presence, preload, drain."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from celery import signals
from celery.exceptions import WorkerShutdown
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from project.inference.maintenance import Maintenance
from project.jobs.drain import worker_drain
from project.jobs.guard import Guard
from project.jobs.hand_back import hand_back
from project.jobs.health import worker_health
from project.jobs.liveness import worker_liveness
from project.jobs.models import Worker
from project.jobs.order_clerk import OrderClerk
from project.jobs.preload import Preload, wanted_models
from project.jobs.presence import Presence, WorkerRuntime

logger = logging.getLogger(__name__)

EXIT_UNABLE = 1
PRELOAD_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class _Staff:
    """The threads that serve the worker itself."""

    presence: Presence
    guard: Guard
    clerk: OrderClerk
    preload: Preload


_staff: _Staff | None = None


@cache
def worker_name() -> str:
    """Host, process and chance: a successor shares nothing with the rows that its predecessor
    held. A restarted container has the host name and the process number of the one before, and
    two machines may have both."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(2)}"


@signals.worker_ready.connect
def appear(sender: Any, **kwargs: Any) -> None:
    """Build the runtime, preload, then tell that this worker takes jobs.

    Only for a worker of the device queue. Celery hands out no message before this returns.
    Without its device a worker ends: its supervisor tries again, and no job fails for it.
    """
    global _staff
    del kwargs
    if settings.GPU_QUEUE not in sender.app.amqp.queues.consume_from:
        return
    try:
        runtime = import_string(settings.JOB_RUNTIME)()
        _staff = _hire(runtime)
        _staff.guard.start()
        _staff.presence.start()
        _run_preload(_staff.preload)
        _staff.presence.show(now=timezone.now())
        _staff.clerk.start()
    except Exception as error:
        # Celery would log it and go on; a worker without a device must not take jobs.
        logger.critical("this worker cannot take jobs", exc_info=True)
        raise WorkerShutdown(EXIT_UNABLE) from error
    logger.info("worker %s takes jobs on %s", worker_name(), runtime.device)


@signals.worker_shutting_down.connect
def begin_to_stop(**kwargs: Any) -> None:
    """SIGTERM. Runs inside the signal handler: sets a flag and nothing else."""
    del kwargs
    worker_drain.begin()


@signals.worker_shutdown.connect
def disappear(sender: Any = None, **kwargs: Any) -> None:
    """The last task has ended. A broken worker says so by its exit code and leaves its row."""
    del kwargs
    if _staff is None:
        return
    _staff.guard.release()
    _staff.clerk.stop()
    _staff.presence.stop(leave_row=not worker_health.is_sound)
    if not worker_health.is_sound:
        sender.exitcode = _staff.guard.exit_code


def stop_consuming() -> None:
    """As if a supervisor had asked for it: Celery stops in good order."""
    os.kill(os.getpid(), signal.SIGTERM)


def hand_back_and_vanish() -> None:
    """What still runs goes back to the queue; a sound worker takes its row with it, that of a
    broken one stays for operators to see why."""
    name = worker_name()
    row = Worker.objects.filter(name=name)
    count = hand_back(worker=name, suspect=worker_health.suspect, detail=worker_health.reason)
    logger.warning("worker %s handed %d jobs back", name, count)
    if worker_health.is_sound:
        row.delete()
    else:
        row.update(live=False, ready=False, draining=True, trouble=worker_health.reason)


def _hire(runtime: WorkerRuntime) -> _Staff:
    maintenance = Maintenance(host=runtime.host, lease=runtime.lease)
    names = wanted_models(settings.PRELOAD, device=runtime.device)
    preload = Preload(names, host=runtime.host, warm=maintenance.warm)
    return _Staff(
        preload=preload,
        presence=Presence(
            name=worker_name(),
            runtime=runtime,
            preload=preload,
            drain=worker_drain,
            liveness=worker_liveness,
            health=worker_health,
        ),
        clerk=OrderClerk(
            worker=worker_name(),
            maintenance=maintenance,
            preload=preload,
            drain=worker_drain,
            health=worker_health,
            stop=stop_consuming,
        ),
        guard=Guard(
            drain=worker_drain,
            health=worker_health,
            stop_consuming=stop_consuming,
            hand_back=hand_back_and_vanish,
            leave=os._exit,
        ),
    )


def _run_preload(preload: Preload) -> None:
    """Wait for it, but not against a SIGTERM: this is the thread that hears the signal."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            preload.run()
        except Exception as error:  # noqa: BLE001  (raised again by the thread that waits)
            failures.append(error)

    thread = threading.Thread(target=run, name="preload", daemon=True)
    thread.start()
    while thread.is_alive() and not worker_drain.has_begun:
        thread.join(PRELOAD_POLL_SECONDS)
    if failures:
        raise failures[0]
