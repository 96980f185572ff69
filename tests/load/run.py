"""`make load`: the API with 25 users who think for a second, idle and while a job runs.

Once on SQLite and once on a PostgreSQL cluster of its own, each with a stack of its own and a bare
Django view beside it in the same run. Prints the hardware, the load of the host and the ratios to
the bare view. Exit code 1 when a goal is missed, 2 when PostgreSQL's programs are missing
(`--only sqlite` does without).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.measure import host
from tests.measure.deployment import Deployment, deployment, running
from tests.measure.people import photo
from tests.resilience.postgres_cluster import NoPostgres, PostgresCluster

USERS = 25
P95_MS = 200
P99_MS = 500
BARE = "bare view"
SMALL_SIDE = 64
DATABASES = ("sqlite", "postgresql")
Rows = dict[str, dict[str, float]]


@contextlib.contextmanager
def database(name: str) -> Iterator[dict[str, str]]:
    """What the stack is told of its database. PostgreSQL syncs nothing here."""
    if name == "sqlite":
        yield {}
        return
    cluster = PostgresCluster()
    try:
        cluster.start()
        print(cluster.version)
        yield {"OMNILENS_DATABASE_URL": cluster.url}
    finally:
        cluster.close()


def make_people(environment: dict[str, str]) -> list[dict[str, str]]:
    """The users of the running stack."""
    script = (host.ROOT / "tests/load/people.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script],
        cwd=host.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("PEOPLE "))
    people: list[dict[str, str]] = json.loads(line.removeprefix("PEOPLE "))
    return people


class KeepInferring(threading.Thread):
    """Keeps exactly one enlarging job running until `ended`."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Token {token}"}
        self.client = httpx.Client(base_url=url, headers=headers, timeout=60)
        self.photo, self.ended, self.running = photo(512), threading.Event(), threading.Event()
        self.finished = 0

    def submit(self) -> str:
        """Queue one x4 job; returns its id."""
        answer = self.client.post(
            "/api/v1/enhance",
            data={"scale": "4", "quality_level": "fast", "cache": "false"},
            files={"file": ("astronaut.png", self.photo, "image/png")},
        )
        return str(answer.raise_for_status().json()["job"])

    def run(self) -> None:
        """Submit, wait for the end, again."""
        while not self.ended.is_set():
            url = f"/api/v1/jobs/{self.submit()}/"
            while not self.ended.is_set():
                state = self.client.get(url).raise_for_status().json()["state"]
                if state == "running":
                    self.running.set()
                if state in {"succeeded", "failed", "cancelled"}:
                    if state != "succeeded":
                        raise RuntimeError(f"the job under load ended {state}")
                    self.finished += 1
                    break
                self.ended.wait(0.5)


def load(stack: Deployment, environment: dict[str, str], seconds: int) -> Rows:
    """One locust run; per name the requests, failures, and percentiles in milliseconds."""
    locust = [sys.executable, "-m", "locust", "-f", "tests/load/locustfile.py", "--headless"]
    users = ["--users", str(USERS), "--spawn-rate", "10", "--run-time", f"{seconds}s"]
    done = subprocess.run(
        [*locust, *users, "--json", "--host", stack.url],
        cwd=host.ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if not done.stdout.strip():
        raise RuntimeError(done.stderr[-2000:])
    return {row["name"]: summary(row) for row in json.loads(done.stdout)}


def summary(row: dict[str, Any]) -> dict[str, float]:
    """Percentiles out of locust's histogram of rounded milliseconds."""
    times = [float(ms) for ms, count in row["response_times"].items() for _ in range(count)]
    return {
        "n": len(times),
        "failures": row["num_failures"],
        **{f"p{share}": host.percentile(times, share / 100) for share in (50, 95, 99)},
    }


def report(title: str, rows: Rows) -> None:
    """A table of one phase; the ratio is to the bare view of the same phase."""
    yardstick = rows[BARE]["p95"] or 1.0
    print(f"\n{title}; {host.load()}")
    print(f"{'':16}{'n':>6}{'fail':>6}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'p95 / bare':>12}")
    for name, row in sorted(rows.items()):
        print(
            f"{name:16}{row['n']:6.0f}{row['failures']:6.0f}{row['p50']:8.0f}{row['p95']:8.0f}"
            f"{row['p99']:8.0f}{row['p95'] / yardstick:12.1f}"
        )
    sys.stdout.flush()


def measure(name: str, *, seconds: int, web: int) -> list[str]:
    """Both phases on one database with `web` web processes; what was missed."""
    arguments = ("--web", str(web))
    with database(name) as told, deployment(arguments=arguments, **told) as stack:
        bare = f"http://127.0.0.1:{host.free_port()}/bare"
        environment = {
            **stack.environment,
            "LOAD_BARE": bare,
            "LOAD_PEOPLE": str(stack.var / "people.json"),
            "LOAD_PHOTO": str(stack.var / "photo.png"),
        }
        people = make_people(environment)
        Path(environment["LOAD_PEOPLE"]).write_text(json.dumps(people), encoding="utf-8")
        Path(environment["LOAD_PHOTO"]).write_bytes(photo(SMALL_SIDE))
        port = bare.rpartition(":")[2].removesuffix("/bare")
        yardstick = [
            sys.executable,
            "-m",
            "daphne",
            "-v",
            "0",
            "-p",
            port,
            "tests.load.bare:application",
        ]
        with running(yardstick, bare, environment=environment, folder=stack.var):
            idle = load(stack, environment, seconds)
            report(f"{name}, idle", idle)
            inferring = KeepInferring(stack.url, people[0]["token"])
            inferring.start()
            if not inferring.running.wait(120):
                raise RuntimeError("no job began to run")
            busy = load(stack, environment, seconds)
            if not inferring.is_alive():
                raise RuntimeError("the job thread ended early; see the error above")
            inferring.ended.set()
            report(f"{name}, while inferring ({inferring.finished} large jobs finished)", busy)
    return missed(name, idle, busy)


def missed(name: str, idle: Rows, busy: Rows) -> list[str]:
    """The goals that were not reached, in words."""
    found = [
        f"{name}: {endpoint} failed {row['failures']:.0f} times"
        for rows in (idle, busy)
        for endpoint, row in rows.items()
        if row["failures"]
    ]
    for endpoint, row in busy.items():
        if endpoint != BARE and row["p95"] >= P95_MS:
            found.append(f"{name}: p95 of {endpoint} is {row['p95']:.0f} ms")
        if name == "postgresql" and endpoint != BARE and row["p99"] >= P99_MS:
            found.append(f"{name}: p99 of {endpoint} is {row['p99']:.0f} ms")
    return found


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="length of each of the phases")
    parser.add_argument("--only", choices=DATABASES, help="default: both databases")
    parser.add_argument("--web", type=int, default=2, help="web processes, one for each core")
    options = parser.parse_args()
    shape = f"{USERS} users, 1 s think, {options.seconds} s a phase, {options.web} web processes"
    print(f"{shape}; {host.describe()}", flush=True)
    faults: list[str] = []
    try:
        for name in [options.only] if options.only else DATABASES:
            faults += measure(name, seconds=options.seconds, web=options.web)
    except NoPostgres as error:
        print(f"{error}; or measure with --only sqlite", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"MISSED {fault}")
    print(
        f"\ngoals while inferring: p95 < {P95_MS} ms, on PostgreSQL p99 < {P99_MS} ms, no failure: "
        f"{'MISSED' if faults else 'met'}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
