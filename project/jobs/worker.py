"""A worker process from its first bell to its last: identity, presence, drain."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from functools import cache
from typing import Any

from celery import signals
from celery.exceptions import WorkerShutdown
from django.conf import settings
from django.utils.module_loading import import_string

from project.jobs.drain import worker_drain
from project.jobs.liveness import worker_liveness
from project.jobs.presence import Presence

logger = logging.getLogger(__name__)

SECONDS_AFTER_DRAIN = 10
EXIT_DEAF = 1
EXIT_UNABLE = 1

_presence: Presence | None = None


@cache
def worker_name() -> str:
    """Host and process: unique among living workers, so a successor shares nothing with the
    rows that its predecessor held."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


@signals.worker_ready.connect
def appear(sender: Any, **kwargs: Any) -> None:
    """Build the runtime, then tell that this worker takes jobs.

    Only for a worker of the device queue. Without its device a worker ends: its supervisor
    tries again, and no job fails for it.
    """
    global _presence
    del kwargs
    if settings.GPU_QUEUE not in sender.app.amqp.queues.consume_from:
        return
    try:
        runtime = import_string(settings.JOB_RUNTIME)()
        _presence = Presence(
            name=worker_name(),
            device=runtime.device,
            residents=runtime.host.residents,
            missing_weights=runtime.missing_weights,
            drain=worker_drain,
            liveness=worker_liveness,
            when_deaf=restart,
        )
        _presence.start()
    except Exception as error:
        # Celery would log it and go on; a worker without a device must not take jobs.
        logger.critical("this worker cannot take jobs", exc_info=True)
        raise WorkerShutdown(EXIT_UNABLE) from error
    logger.info("worker %s is ready on %s", worker_name(), runtime.device)


@signals.worker_shutting_down.connect
def begin_to_stop(**kwargs: Any) -> None:
    """SIGTERM. Runs inside the signal handler: sets a flag and nothing else."""
    del kwargs
    worker_drain.begin()


@signals.worker_shutdown.connect
def disappear(**kwargs: Any) -> None:
    """The last task has ended."""
    del kwargs
    if _presence is not None:
        _presence.stop()


def restart() -> None:
    """End this process, in good order if it can, so that the supervisor starts a new one."""
    logger.critical("worker %s no longer hears the broker and restarts", worker_name())
    os.kill(os.getpid(), signal.SIGTERM)
    patience = settings.DRAIN_TIMEOUT.total_seconds() + SECONDS_AFTER_DRAIN
    timer = threading.Timer(patience, os._exit, args=(EXIT_DEAF,))
    timer.daemon = True
    timer.start()
