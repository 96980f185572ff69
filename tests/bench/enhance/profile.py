"""The stack at work: processor, memory and device of each process over a run of 200 jobs.

    python -m tests.bench.enhance.profile [--jobs 200] [--side 256] [--clients 4]

Real weights (`fast`), pictures of three sizes, through the API. The device is sampled where there
is a GPU; on a processor the worker's own share is the device. No goals.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field

import psutil

from tests.bench.device_meter import Utilisation
from tests.bench.enhance import hardware
from tests.bench.enhance.clients import stream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.latency import OPTIONS, Album
from tests.bench.enhance.report import Report
from tests.measure.deployment import Deployment, deployment
from tests.measure.host import load
from tests.measure.people import person

SAMPLE_SECONDS = 0.5
SUBMITS_A_MINUTE = 30  # the product's own limit for one user
SIZES = (1.0, 0.75, 0.5)


@dataclass
class Watch:
    """Samples every process of a stack until it is left."""

    stack: Deployment
    processor: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)

    def __enter__(self) -> Watch:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        processes = {name: psutil.Process(pid) for name, pid in self.stack.children().items()}
        for process in processes.values():
            process.cpu_percent()
        while not self._stop.wait(SAMPLE_SECONDS):
            for name, process in processes.items():
                self.processor.setdefault(name, []).append(process.cpu_percent())
                self.memory.setdefault(name, []).append(process.memory_info().rss / 1e6)


def measure(report: Report, stack: Deployment, *, jobs: int, side: int, clients: int) -> None:
    """All jobs by several users at once, so that nobody meets the limit of one."""
    stack.enter()
    albums = [Album(int(side * part)) for part in SIZES]
    people = [person(f"profile{number}") for number in range(-(-jobs // SUBMITS_A_MINUTE))]
    asyncio.run(stream(stack.url, people[0].token, albums[0].take(1), at_once=1, **OPTIONS))
    done, began = 0, time.perf_counter()
    device = "cuda:0" if _has_gpu() else "cpu"
    with Watch(stack) as watch, Utilisation(device) as used:
        for who in people:
            count = min(SUBMITS_A_MINUTE - 1, jobs - done)
            pictures = [albums[number % len(albums)].take(1)[0] for number in range(count)]
            asyncio.run(stream(stack.url, who.token, pictures, at_once=clients, **OPTIONS))
            done += count
    took = time.perf_counter() - began
    report.add(f"{done} jobs of {side}, {int(side * 0.75)} and {side // 2} px", took, "s")
    report.add("throughput", 60 * done / took, "jobs a minute")
    for name, seen in watch.processor.items():
        held = watch.memory[name]
        report.add(f"{name}, processor, mean", statistics.mean(seen), "% of a core", detail={"peak": max(seen)})  # fmt: skip
        report.add(f"{name}, processor, peak", max(seen), "% of a core")
        report.add(f"{name}, memory, mean", statistics.mean(held), "MB")
        report.add(f"{name}, memory, peak", max(held), "MB")
    report.add("GPU, mean", used.percent if used.percent is not None else used.reason, "%" if used.percent is not None else "")  # fmt: skip
    report.add("host", load())


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, jobs=200, side=256, clients=4).parse_args()
    report = Report(f"profile, {hardware.describe()}", file=options.json)
    with deployment() as stack:
        measure(report, stack, jobs=options.jobs, side=options.side, clients=options.clients)
    return 0


if __name__ == "__main__":
    sys.exit(main())
