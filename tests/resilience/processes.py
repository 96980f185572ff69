"""Real processes on the database and the Redis of the test: workers, a web process, a sweeper."""

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
PATIENCE_SECONDS = 120


def database_url():
    """The test database, as a child process has to be told."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    login = f"{config['USER']}:{config['PASSWORD']}" if config["PASSWORD"] else config["USER"]
    return f"postgres://{login}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


def child_environment(*, redis_url=None, **environment):
    """What a child of this test run needs to use the same stores."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.resilience.settings",
        "OMNILENS_DATABASE_URL": database_url(),
        "OMNILENS_REDIS_URL": redis_url or settings.REDIS_URL,
        "OMNILENS_JOB_LEASE": "2s",
        **environment,
    }


def start(name, argv, environment):
    """Start a child whose output goes to `process.log` in VAR_DIR."""
    log = Path(settings.VAR_DIR) / f"{name}-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    process.log = log
    return process


def start_worker(*, redis_url=None, threads=3, **environment):
    """A worker of the device queue."""
    argv = [sys.executable, "-m", "celery", "-A", "project", "worker", "-Q", settings.GPU_QUEUE]
    argv += ["-P", "threads", "-c", str(threads), "--without-gossip", "--without-mingle"]
    own = {
        "OMNILENS_WORKER_THREADS": str(threads),
        "CELERY_SKIP_CHECKS": "1",  # they import the URLconf: half of the start
    }
    return start(
        "worker",
        [*argv, "-l", "info"],
        child_environment(redis_url=redis_url, **own, **environment),
    )


@contextmanager
def worker(*, redis_url=None, threads=3, **environment):
    """A worker of the device queue, from its start until it is killed at the end."""
    process = start_worker(redis_url=redis_url, threads=threads, **environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def start_scheduler(*, redis_url=None, **environment):
    """`manage.py schedule`: the sweeper beside the other periodic work."""
    argv = [sys.executable, "manage.py", "schedule"]
    return start("scheduler", argv, child_environment(redis_url=redis_url, **environment))


def start_web(*, port, redis_url=None, **environment):
    """The web server of the product, on loopback."""
    argv = [
        sys.executable,
        "-m",
        "project.web_server",
        "-v",
        "0",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    return start(
        "web",
        [*argv, "project.asgi:application"],
        child_environment(redis_url=redis_url, **environment),
    )


def wait_until(condition, *, process=None, seconds=PATIENCE_SECONDS):
    """Poll until `condition()` is true; fail with the worker's log when it never is."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            log = process.log.read_text()[-40000:] if process else ""
            raise AssertionError(f"waited {seconds} s in vain\n{log}")
        time.sleep(0.05)
