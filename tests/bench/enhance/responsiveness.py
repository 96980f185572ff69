"""L2 to L4: what the service answers while its device works, right after its start, and at rest.

    python -m tests.bench.enhance.responsiveness [--requests 300] [--side 512]

L2: p95 of `/health` and of a job's status while the device is busy without a pause. L3: the first
request after `/readyz` against later ones. L4: the web process holds no torch, and its memory.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil

from tests.bench.enhance import hardware
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.latency import OPTIONS, Album
from tests.bench.enhance.report import Report
from tests.measure.deployment import Deployment, deployment
from tests.measure.host import load, percentile
from tests.measure.people import person
from tests.measure.waits import follow, hand_in

MOST_MILLISECONDS, MOST_FIRST, MOST_MEGABYTES = 100, 1.2, 200
PAUSE_SECONDS = 0.15  # the product allows 600 requests a minute and user
STEADY = 7
PATIENCE_SECONDS = 600
TORCH_FILES = ("libtorch", "libc10", "torch/_C")


def first_request(report: Report, client: httpx.Client, album: Album) -> None:
    """Seconds from the upload to the end, by this client's clock."""

    def once() -> float:
        content = album.take(1)[0]
        began = time.perf_counter()
        follow(client, hand_in(client, content, **OPTIONS), seconds=PATIENCE_SECONDS, every=0.02)
        return time.perf_counter() - began

    first, later = once(), [once() for _ in range(STEADY)]
    report.add("L3 first request after ready", first, "s")
    report.add(f"L3 median of the next {STEADY}", statistics.median(later), "s", detail=later)
    report.at_most("L3 first against steady", first / statistics.median(later), MOST_FIRST, "times")


def while_busy(report: Report, stack: Deployment, client: httpx.Client, album: Album, *, requests: int) -> None:  # fmt: skip
    """Two jobs are always in the worker, so that the device never waits."""
    stop, jobs = threading.Event(), 0
    busy = person("busy").client(stack.url)
    watched = hand_in(busy, album.take(1)[0], **OPTIONS)

    def work() -> None:
        nonlocal jobs
        queued = [hand_in(busy, album.take(1)[0], **OPTIONS) for _ in range(2)]
        while not stop.is_set():
            follow(busy, queued.pop(0), seconds=PATIENCE_SECONDS, every=0.5)
            queued.append(hand_in(busy, album.take(1)[0], **OPTIONS))
            jobs += 1

    worker = threading.Thread(target=work)
    worker.start()
    owner = person("watcher").client(stack.url)
    own = hand_in(owner, album.take(1)[0], **OPTIONS)
    times: dict[str, list[float]] = {"/health": [], f"/api/v1/status/{own}": []}
    try:
        for _ in range(requests):
            for path, seen in times.items():
                began = time.perf_counter()
                owner.get(path).raise_for_status()
                seen.append(1000 * (time.perf_counter() - began))
            stop.wait(PAUSE_SECONDS)
    finally:
        stop.set()
        worker.join()
    follow(busy, watched, seconds=PATIENCE_SECONDS)
    for path, seen in times.items():
        name = path.replace(own, "ID")
        report.add(f"L2 {name}, median of {requests} while {jobs} jobs ran", statistics.median(seen), "ms")  # fmt: skip
        report.at_most(f"L2 {name}, p95", percentile(seen, 0.95), MOST_MILLISECONDS, "ms")


def at_rest(report: Report, stack: Deployment) -> None:
    """Mapped libraries and resident memory of the web process."""
    web = psutil.Process(stack.children()["web"])
    mapped = Path(f"/proc/{web.pid}/maps").read_text("utf-8")
    found = sorted(name for name in TORCH_FILES if name in mapped)
    report.add("L4 torch in the web process", ", ".join(found) or "none", goal="none", met=not found)  # fmt: skip
    report.at_most("L4 resident memory of the web process", web.memory_info().rss / 1e6, MOST_MEGABYTES, "MB")  # fmt: skip


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, requests=300, side=512).parse_args()
    report = Report(f"L2 to L4, {hardware.describe()}", file=options.json)
    with deployment() as stack:
        stack.enter()
        album, client = Album(options.side), person("first").client(stack.url)
        first_request(report, client, album)
        while_busy(report, stack, client, album, requests=options.requests)
        at_rest(report, stack)
    report.add("host", load())
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
