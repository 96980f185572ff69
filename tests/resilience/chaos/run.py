"""`make chaos`: kill workers, web and Redis and restart PostgreSQL at random under load.

Nothing may be lost. Every run prints its seed, which decides the requests and the blows (not the
moment at which a process is hit), and its hardware. Exit code 1 on any fault.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import psutil

from tests.resilience.postgres_cluster import NoPostgres, PostgresCluster

SEEDS = 10**6
EXIT_FAULTS, EXIT_NO_POSTGRES = 1, 2
SECONDS_AFTER_LEASE = 5


def main():
    """Run once; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(SEEDS))
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--sqlite", action="store_true", help="no PostgreSQL, no restarts of it")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds without progress")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    options = parser.parse_args()
    with ExitStack() as stack:
        cluster = None
        if not options.sqlite:
            try:
                cluster = PostgresCluster()
            except NoPostgres as error:
                print(
                    f"{error}; or run this module with --sqlite, without restarts of the database"
                )
                return EXIT_NO_POSTGRES
            stack.callback(cluster.close)
            cluster.start()
        prepare(options, cluster)
        if not options.keep:
            root = os.environ["_OMNILENS_TEST_ROOT"]
            stack.callback(lambda: shutil.rmtree(root, ignore_errors=True))
        return run(options, cluster)


def prepare(options, cluster):
    """Tell this process, and by it every child, where things are; then make the tables."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.resilience.chaos.settings"
    os.environ["OMNILENS_QUEUE_LIMIT_INTERACTIVE"] = str(options.jobs)
    os.environ["OMNILENS_QUEUE_LIMIT_BATCH"] = str(options.jobs)
    os.environ["OMNILENS_DATABASE_URL"] = cluster.url if cluster else ""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def run(options, cluster):
    """One storm on the fresh database; 1 if the auditor found a fault."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from project.images.sweep import sweep_orphans
    from tests.resilience import auditor
    from tests.resilience.chaos.stack import Stack
    from tests.resilience.chaos.storm import Storm

    print(f"seed {options.seed}; {options.jobs} jobs; {database(cluster)}")
    print(f"{hardware()}\nlogs in {settings.VAR_DIR}", flush=True)
    began = time.monotonic()
    stack = Stack(cluster=cluster)
    try:
        stack.start()
        storm = Storm(seed=options.seed, jobs=options.jobs, stack=stack)
        all_ended = storm.run(patience=options.patience)
        faults = [] if all_ended else ["the storm stood still: not every job ended"]
        faults += auditor.audit_workers(dead=stack.dead(auditor.worker_names()))
    finally:
        stack.stop()
        connection.close()
    faults += auditor.audit_stopped_workers(dead=stack.dead(auditor.worker_names()))
    before = len(auditor.audit())
    swept = sweep_orphans(now=timezone.now() + timedelta(hours=2))
    faults += audit_all(storm, options, cluster)
    lines = report(storm, seconds=time.monotonic() - began)
    lines += [f"files without a row before the sweep of orphans: {before}, swept {swept}"]
    print("\n".join(lines))
    for fault in faults:
        print(f"FAULT {fault}")
    seed = f"--jobs {options.jobs} --seed {options.seed}"
    print(f"{len(faults)} faults; repeat with {seed}{' --sqlite' if options.sqlite else ''}")
    return EXIT_FAULTS if faults else 0


def audit_all(storm, options, cluster):
    """Every fault in words: of rows, events and files, of answers, and of the storm itself."""
    from tests.resilience import auditor
    from tests.resilience.chaos.plan import missing

    faults = [*auditor.audit(), *auditor.audit_ended(), *auditor.audit_uploads()]
    faults += auditor.audit_answers(storm.clients.answers)
    faults += [f"request refused: {refusal}" for refusal in storm.clients.refused]
    faults += [f"job {job} failed: {code}" for job, code in failed_jobs()]
    faults += missing(struck=storm.struck, jobs=options.jobs, restarts=cluster is not None)
    return faults


def failed_jobs():
    """Every kind of the storm has attempts enough: none may fail."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, error_code FROM jobs_job WHERE state = 'failed' ORDER BY id")
        return cursor.fetchall()


def report(storm, *, seconds):
    """What happened, line by line."""
    from django.db import connection

    from tests.resilience.chaos.recovery import measure
    from tests.resilience.chaos.stack import LEASE_SECONDS

    with connection.cursor() as cursor:
        cursor.execute("SELECT state, attempt, lane, kind FROM jobs_job")
        rows = cursor.fetchall()
    again, others = measure(storm.interrupted, storm.stack.outages)
    away = Counter()
    for outage in storm.stack.outages:
        away[outage.store] += (outage.ended - outage.began).total_seconds()
    goal = LEASE_SECONDS + SECONDS_AFTER_LEASE
    lines = [
        f"{seconds:.0f} s, ended {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}",
        f"{len(rows)} jobs; states {counted(row[0] for row in rows)}",
        f"attempts {counted(row[1] for row in rows)}",
        f"lanes {counted(row[2] for row in rows)}; kinds {counted(row[3] for row in rows)}",
        f"blows {dict(sorted(storm.struck.items()))}",
        f"clients {dict(sorted(storm.clients.seen.items()))}",
        f"seconds without a store { ({name: round(total, 1) for name, total in away.items()}) }",
        f"processes that ended by themselves and were started again: {len(storm.fell)}",
        f"running on killed workers: {len(storm.interrupted)}; not run again {dict(others)}",
    ]
    if again:
        late = [one for one in again if one.running > goal]
        lines += [
            f"seconds from kill to queued again: {spread(one.queued for one in again)}",
            f"seconds from kill to running again: {spread(one.running for one in again)}",
            f"later than lease ({LEASE_SECONDS} s) + {SECONDS_AFTER_LEASE}: {len(late)} of "
            f"{len(again)} {[f'{one.job} {one.queued:.1f} {one.running:.1f}' for one in late]}",
        ]
    return lines


def spread(values):
    """Median, 95th percentile and maximum in words."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"median {ordered[len(ordered) // 2]:.1f}, p95 {p95:.1f}, max {ordered[-1]:.1f}"


def counted(values):
    """`{value: how often}` in order."""
    return dict(sorted(Counter(values).items()))


def database(cluster):
    """What the jobs are kept in."""
    return cluster.version if cluster else "SQLite, which is not restarted"


def hardware():
    """The machine and how busy it is."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
