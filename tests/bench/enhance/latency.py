"""L1: the first picture and all pictures, at 1 to 10 clients, against a real stack.

    python -m tests.bench.enhance.latency [--pictures 10] [--side 256] [--rounds 3] [--most 10]

The same number of pictures of one size each time, never the same picture twice. A client uploads,
waits for the word of the socket that its result is there, and takes the next picture.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys

import numpy as np

from tests.bench.enhance import hardware, pictures
from tests.bench.enhance.clients import Streamed, stream
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.measure.deployment import Deployment, deployment
from tests.measure.host import load
from tests.measure.people import person

MOST_FIRST, MOST_TOTAL = 1.25, 1.05
OPTIONS = {"scale": "4", "quality_level": "fast", "output_format": "jpg"}


class Album:
    """Pictures that the server has not seen: it would answer a known one from its results."""

    def __init__(self, side: int) -> None:
        self.side, self._seed = side, 0

    def take(self, count: int) -> list[bytes]:
        """`count` new PNG files of one size."""
        return [self._next() for _ in range(count)]

    def _next(self) -> bytes:
        self._seed += 1
        grain = np.random.default_rng(self._seed).integers(
            0, 4, (self.side, self.side, 3), np.uint8
        )
        return pictures.as_file(pictures.photo(self.side, self.side) // 2 + grain, "PNG")


def measure(report: Report, stack: Deployment, *, side: int, count: int, rounds: int, most: int) -> None:  # fmt: skip
    """Every number of clients once a round, so that all see the same host."""
    stack.enter()
    album, numbers = Album(side), itertools.count()

    def once(at_once: int) -> Streamed:
        who = person(f"latency{next(numbers)}")  # one user may submit 30 times a minute
        return asyncio.run(stream(stack.url, who.token, album.take(count), at_once=at_once, **OPTIONS))  # fmt: skip

    once(1)  # warm
    seen: dict[int, list[Streamed]] = {clients: [] for clients in range(1, most + 1)}
    for _ in range(rounds):
        for clients, results in seen.items():
            results.append(once(clients))
    first = {c: statistics.median(r.first for r in results) for c, results in seen.items()}
    total = {c: statistics.median(r.total for r in results) for c, results in seen.items()}
    title = f"L1 {count} pictures of {side} px"
    for clients in seen:
        report.add(f"{title}, {clients} client(s), first", first[clients], "s")
        report.add(f"{title}, {clients} client(s), all", total[clients], "s")
    worst_first, worst_total = (max(of[c] / of[1] for c in seen) for of in (first, total))
    report.at_most(f"{title}, first picture at 1 to {most} clients against one", worst_first, MOST_FIRST, "times")  # fmt: skip
    report.at_most(f"{title}, all pictures at 1 to {most} clients against one", worst_total, MOST_TOTAL, "times")  # fmt: skip
    report.add("host", load())


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, pictures=10, side=256, rounds=3, most=10).parse_args()
    report = Report(f"L1, {hardware.describe()}", file=options.json)
    with deployment() as stack:
        measure(report, stack, side=options.side, count=options.pictures, rounds=options.rounds, most=options.most)  # fmt: skip
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
