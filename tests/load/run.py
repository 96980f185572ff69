"""`make load`: p95 of the read endpoints with 10 users, idle and while a job runs.

Starts its own stack and a bare Django view on loopback, loads both in the same run, prints the
hardware and the ratios, and exits 1 when the p95 while inferring misses GOAL_MS.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
GOAL_MS = 200
USERS = 10


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[Any], seconds: float = 120) -> None:
    """Until `url` answers 200; raises when the process ends first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the process behind {url} ended with {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer in {seconds} s")


@contextlib.contextmanager
def running(command: list[str], url: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    """A child process that answers at `url` and ends with the block."""
    with log.open("wb") as sink:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=sink)
        try:
            wait_for(url, process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def make_people(environment: dict[str, str]) -> list[dict[str, str]]:
    """Ten users of the running stack."""
    script = (ROOT / "tests/load/people.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("PEOPLE "))
    people: list[dict[str, str]] = json.loads(line.removeprefix("PEOPLE "))
    return people


def sample_photo() -> bytes:
    """scikit-image's astronaut as PNG."""
    import io

    from PIL import Image
    from skimage import data

    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).save(buffer, "PNG")
    return buffer.getvalue()


class KeepInferring(threading.Thread):
    """Keeps exactly one enlarging job running until `stop`."""

    def __init__(self, host: str, token: str) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Token {token}"}
        self.client = httpx.Client(base_url=host, headers=headers, timeout=60)
        self.photo, self.ended, self.running = sample_photo(), threading.Event(), threading.Event()
        self.finished = 0

    def submit(self) -> str:
        """Queue one x4 job; returns its id."""
        answer = self.client.post(
            "/api/v1/enhance",
            data={"scale": "4", "quality_level": "fast"},
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


def load(host: str, environment: dict[str, str], seconds: int) -> dict[str, dict[str, float]]:
    """One locust run; per name the requests, failures, and percentiles in milliseconds."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "locust",
            "-f",
            "tests/load/locustfile.py",
            "--headless",
            "--json",
            "--users",
            str(USERS),
            "--spawn-rate",
            "5",
            "--run-time",
            f"{seconds}s",
            "--host",
            host,
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise RuntimeError(done.stderr[-2000:])
    rows = json.loads(done.stdout)
    return {row["name"]: summary(row) for row in rows}


def summary(row: dict[str, Any]) -> dict[str, float]:
    """Percentiles out of locust's histogram of rounded milliseconds."""
    times = sorted((float(ms), int(count)) for ms, count in row["response_times"].items())
    total = sum(count for _, count in times)

    def percentile(share: float) -> float:
        seen = 0
        for ms, count in times:
            seen += count
            if seen >= share * total:
                return ms
        return 0.0

    return {
        "n": total,
        "failures": row["num_failures"],
        "p50": percentile(0.5),
        "p95": percentile(0.95),
        "p99": percentile(0.99),
    }


def hardware() -> str:
    """Processor, cores and load of this machine."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, Python {platform.python_version()}"


def report(title: str, rows: dict[str, dict[str, float]]) -> None:
    """A table of one phase; the ratio is to the bare view of the same phase."""
    yardstick = rows["bare view"]["p95"] or 1.0
    print(
        f"\n{title}\n{'':16}{'n':>6}{'fail':>6}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'p95 / bare':>12}"
    )
    for name, row in sorted(rows.items()):
        print(
            f"{name:16}{row['n']:6.0f}{row['failures']:6.0f}{row['p50']:8.0f}{row['p95']:8.0f}"
            f"{row['p99']:8.0f}{row['p95'] / yardstick:12.1f}"
        )


def main() -> int:
    """Run both phases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="length of each phase")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="omni-load-") as folder:
        port, bare_port = free_port(), free_port()
        host, bare = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{bare_port}/bare"
        environment = {
            **os.environ,
            "OMNILENS_VAR": folder,
            "OMNILENS_MODEL_ROOT": os.environ.get(
                "OMNILENS_MODEL_ROOT", str(ROOT / "var" / "models")
            ),
            "LOAD_BARE": bare,
            "LOAD_PEOPLE": f"{folder}/people.json",
        }
        daphne = [
            sys.executable,
            "-m",
            "daphne",
            "-p",
            str(bare_port),
            "tests.load.bare:application",
        ]
        stack = [sys.executable, "manage.py", "up", "--port", str(port)]
        print(f"{hardware()}; {USERS} users, 1 s think, {seconds} s a phase, SQLite", flush=True)
        with (
            running(stack, f"{host}/readyz", environment, Path(folder) / "up.log"),
            running(daphne, bare, environment, Path(folder) / "bare.log"),
        ):
            people = make_people(environment)
            Path(environment["LOAD_PEOPLE"]).write_text(json.dumps(people), encoding="utf-8")
            idle = load(host, environment, seconds)
            report("idle", idle)
            inferring = KeepInferring(host, people[0]["token"])
            inferring.start()
            if not inferring.running.wait(120):
                raise RuntimeError("no job began to run")
            busy = load(host, environment, seconds)
            if not inferring.is_alive():
                raise RuntimeError("the job thread ended early; see the error above")
            inferring.ended.set()
            report(f"while inferring ({inferring.finished} jobs finished meanwhile)", busy)
    ours = [row for name, row in busy.items() if name != "bare view"]
    failures = sum(row["failures"] for row in [*idle.values(), *busy.values()])
    worst = max(row["p95"] for row in ours)
    verdict = worst < GOAL_MS and not failures
    print(
        f"\nworst p95 while inferring {worst:.0f} ms, goal < {GOAL_MS} ms, failures {failures:.0f}: {'met' if verdict else 'MISSED'}"
    )
    return 0 if verdict else 1


if __name__ == "__main__":
    raise SystemExit(main())
