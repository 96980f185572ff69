"""Memory and open files of processes over time, and whether they grow."""

from __future__ import annotations

import contextlib
import re
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.measure.host import slope

MIB = 2**20
# Anonymous memory of one process may rise by this much an hour. An allocator that splits and
# keeps blocks makes half an hour look like some MiB an hour in either direction; a leak of 10 KiB
# a job at a job a second would be 35.
MIB_PER_HOUR = 16.0
FILES_THAT_MAY_STAY = 2  # a socket or a database handle that happens to be open at both ends


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One process at one time; memory in MiB, `anonymous` without mapped files."""

    hours: float
    resident: float
    anonymous: float
    kinds: Counter[str]

    @property
    def files(self) -> int:
        """How many descriptors are open."""
        return self.kinds.total()


def open_kinds(pid: int) -> Counter[str]:
    """The open descriptors of a process by what they are: `socket`, `pipe`, or a file's name."""
    kinds: Counter[str] = Counter()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            kinds[re.sub(r":\[.*", "", Path(link.readlink()).name)] += 1
    return kinds


@dataclass
class Footprint:
    """Samples of named processes. A process that was replaced is a fault of its own."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def take(self, processes: Mapping[str, int], *, seconds: float) -> None:
        """Sample each process; `seconds` since the beginning."""
        for name, pid in processes.items():
            if self.pids.setdefault(name, pid) != pid:
                self.faults.append(f"{name} was started again after {seconds:.0f} s")
                self.pids[name] = pid
            process = psutil.Process(pid)
            memory = process.memory_info()
            self.samples.setdefault(name, []).append(
                Sample(
                    hours=seconds / 3600,
                    resident=memory.rss / MIB,
                    anonymous=(memory.rss - memory.shared) / MIB,
                    kinds=open_kinds(pid),
                )
            )
        for name in set(self.pids) - set(processes):
            self.faults.append(f"{name} is gone after {seconds:.0f} s")
            del self.pids[name]

    def judge(self, *, warm_up_seconds: float) -> list[str]:
        """A line per process, printed by the caller; faults are added to `self.faults`."""
        lines = [
            f"{'process':16}{'RSS MiB first':>14}{'last':>8}{'highest':>9}"
            f"{'MiB/h':>8}{'private MiB/h':>15}{'files first':>13}{'last':>6}"
        ]
        for name, samples in self.samples.items():
            warm = [s for s in samples if s.hours * 3600 >= warm_up_seconds]
            if len(warm) < 8:
                self.faults.append(f"{name}: {len(warm)} samples after the warm-up are too few")
                continue
            quarter = len(warm) // 4
            rise = slope([(s.hours, s.resident) for s in warm])
            private = slope([(s.hours, s.anonymous) for s in warm])
            first = statistics.median(s.files for s in warm[:quarter])
            last = statistics.median(s.files for s in warm[-quarter:])
            lines.append(
                f"{name:16}{warm[0].resident:14.1f}{warm[-1].resident:8.1f}"
                f"{max(s.resident for s in warm):9.1f}{rise:8.1f}{private:15.1f}"
                f"{first:13.0f}{last:6.0f}"
            )
            if private > MIB_PER_HOUR:
                self.faults.append(f"{name} grows by {private:.1f} MiB an hour")
            if last > first + FILES_THAT_MAY_STAY:
                more = dict(warm[-1].kinds - warm[0].kinds)
                self.faults.append(f"{name} holds {last:.0f} open files after {first:.0f}: {more}")
        return lines
