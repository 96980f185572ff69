"""Real processes: a Celery worker on the database and the Redis of the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30


def database_url():
    """The test database, as a child process has to be told."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    login = f"{config['USER']}:{config['PASSWORD']}" if config["PASSWORD"] else config["USER"]
    return f"postgres://{login}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


@contextmanager
def worker(*, redis_url=None, threads=3, **environment):
    """A worker of the device queue, from its start until it is killed at the end."""
    child = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.resilience.settings",
        "OMNILENS_DATABASE_URL": database_url(),
        "OMNILENS_REDIS_URL": redis_url or settings.REDIS_URL,
        "OMNILENS_WORKER_THREADS": str(threads),
        "OMNILENS_JOB_LEASE": "2s",
        "CELERY_SKIP_CHECKS": "1",  # they import the URLconf: half of the start
        **environment,
    }
    argv = [sys.executable, "-m", "celery", "-A", "project", "worker", "-Q", settings.GPU_QUEUE]
    argv += ["-P", "threads", "-c", str(threads), "--without-gossip", "--without-mingle"]
    log = Path(settings.VAR_DIR) / f"worker-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*argv, "-l", "info"], cwd=ROOT, env=child, stdout=output, stderr=subprocess.STDOUT
        )
    process.log = log
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition, *, process=None, seconds=PATIENCE_SECONDS):
    """Poll until `condition()` is true; fail with the worker's log when it never is."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            log = process.log.read_text()[-40000:] if process else ""
            raise AssertionError(f"waited {seconds} s in vain\n{log}")
        time.sleep(0.05)
