"""`make chaos`: random kills of workers and Redis under load; nothing may be lost.

Every run prints its seed and its hardware. `OMNILENS_DATABASE_URL` may name an empty
PostgreSQL database; the default is a SQLite file in a temporary folder. Exit code 1 when a job
is lost, has two effects, misses an event or leaves an orphan file.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import django
import psutil

SEEDS = 10**6


def main():
    """Run once; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(SEEDS))
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--patience", type=float, default=300.0, help="seconds after the last job")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.resilience.settings"
    os.environ["OMNILENS_QUEUE_LIMIT_INTERACTIVE"] = str(options.jobs)
    os.environ["OMNILENS_QUEUE_LIMIT_BATCH"] = str(options.jobs)
    django.setup()
    try:
        return run(options)
    finally:
        shutil.rmtree(os.environ["_OMNILENS_TEST_ROOT"], ignore_errors=True)


def run(options):
    """One storm on a fresh database; 1 if the auditors found a fault."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from project.images.sweep import sweep_orphans
    from project.jobs.models import Job
    from tests.chaos.storm import Chaos, double_effects
    from tests.resilience.auditor import audit

    memory = psutil.virtual_memory().total / 2**30
    print(f"seed {options.seed}; {options.jobs} jobs on {connection.vendor}")
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, {memory:.1f} GiB")
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    with ExitStack() as stack:
        chaos = Chaos(seed=options.seed, jobs=options.jobs, stack=stack)
        all_ended = chaos.run(patience=options.patience)
    sweep_orphans(now=timezone.now() + timedelta(hours=2))
    faults = [*audit(), *double_effects()]
    if not all_ended:
        faults.append("some jobs never ended")
    states = Counter(Job.objects.values_list("state", flat=True))
    attempts = Counter(Job.objects.values_list("attempt", flat=True))
    print(f"{time.monotonic() - began:.0f} s; states {dict(states)}; attempts {dict(attempts)}")
    print(f"blows and repairs: {dict(chaos.done)}")
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"{len(faults)} faults; repeat with --seed {options.seed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
