"""`make bench-inference`: what the lease, the host and the precision probe cost and gain.

Both sides of every ratio run interleaved in this process. Nothing here is a test.
"""

from __future__ import annotations

import platform
import statistics
import threading
import time
from collections.abc import Callable

from project.inference import devices
from project.inference.device_lease import DeviceLease, Rank
from project.inference.devices import FORMATS, Format
from project.inference.memory_budget import MemoryBudget
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded
from project.inference.registry import Precision
from tests.inference.fakes import place_on_cpu, spec_of

STEP_SECONDS = 0.01
MICRO = 1e6


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def best_of(repeats: int, function: Callable[[], float]) -> float:
    """The smallest result: what the code costs when nothing else runs."""
    return min(function() for _ in range(repeats))


def spin(seconds: float) -> None:
    """A step that keeps the CPU busy, as a kernel on a CPU does."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def lease_overhead() -> list[tuple[str, str]]:
    """I2: an uncontended checkpoint, and its share of a 10 ms step."""
    lease, count = DeviceLease(), 20_000

    def checkpoints() -> float:
        with lease.hold(Rank(user="1")) as ticket:
            start = time.perf_counter()
            for _ in range(count):
                lease.give_way(ticket)
            return (time.perf_counter() - start) / count

    def nothing() -> float:
        start = time.perf_counter()
        for _ in range(count):
            pass
        return (time.perf_counter() - start) / count

    cost = best_of(5, checkpoints) - best_of(5, nothing)
    return [
        ("checkpoint without contention (goal < 50 us)", f"{cost * MICRO:.1f} us"),
        ("share of a 10 ms step (goal < 1 %)", f"{cost / STEP_SECONDS:.3%}"),
    ]


def interactive_wait() -> list[tuple[str, str]]:
    """I1: 40 short requests behind a run of many 10 ms steps."""
    lease, stop, waits = DeviceLease(), threading.Event(), []
    began = threading.Event()

    def long_run() -> None:
        with lease.hold(Rank(lane="batch", user="long")) as ticket:
            began.set()
            while not stop.is_set():
                spin(STEP_SECONDS)
                lease.give_way(ticket)

    worker = threading.Thread(target=long_run)
    worker.start()
    began.wait()
    for _ in range(40):
        start = time.perf_counter()
        with lease.hold(Rank(user="short")):
            waits.append(time.perf_counter() - start)
        time.sleep(STEP_SECONDS * 1.5)
    stop.set()
    worker.join()
    limit = STEP_SECONDS + 0.02
    return [
        (
            f"interactive wait behind a batch run, p95 (goal <= {limit * 1000:.0f} ms)",
            f"{percentile(waits, 0.95) * 1000:.1f} ms",
        ),
        ("the same, median", f"{statistics.median(waits) * 1000:.1f} ms"),
    ]


def warm_hit() -> list[tuple[str, str]]:
    """I3: pinning a loaded model."""
    loaded = Loaded(network=object(), sha256="0" * 64, bytes=1)
    host = ModelHost(
        store=None,  # type: ignore[arg-type]  # the loader below reads no file
        place=place_on_cpu,
        budget=MemoryBudget(1000),
        load=lambda *_: loaded,
        specs=spec_of,
    )
    count = 10_000

    def lookups() -> float:
        start = time.perf_counter()
        for _ in range(count):
            with host.use("tiny"):
                pass
        return (time.perf_counter() - start) / count

    host.warm("tiny")
    return [("pin a warm model (goal < 100 us)", f"{best_of(5, lookups) * MICRO:.1f} us")]


def precision() -> list[tuple[str, str]]:
    """I4: the convolution of the probe in every format, interleaved; medians of 7."""
    seconds: dict[Format, list[float]] = {candidate: [] for candidate in FORMATS}
    for _ in range(7):
        for candidate in FORMATS:
            seconds[candidate].append(devices.time_convolution("cpu", candidate))
    plain = statistics.median(seconds[FORMATS[0]])
    rows = []
    for candidate in FORMATS:
        median = statistics.median(seconds[candidate])
        rows.append(
            (f"convolution in {candidate}", f"{median * 1000:.1f} ms, {plain / median:.2f} x")
        )
    chosen = devices.Probe(
        device="cpu",
        processor="",
        torch_version="",
        capability="",
        seconds={str(c): statistics.median(s) for c, s in seconds.items()},
    ).place(BFLOAT16_SPEC)
    return [*rows, ("chosen where bf16 is allowed", str(chosen.format))]


BFLOAT16_SPEC = spec_of(
    precisions=(Precision(dtype="bfloat16", psnr_db=50.0),)  # as Real-ESRGAN x4plus
)


def main() -> None:
    """Print one table, with the machine named."""
    devices.prepare_threads(1)
    import torch

    print(f"{devices.processor_name()}, {platform.machine()}, torch {torch.__version__}, 1 thread")
    for measure in (lease_overhead, interactive_wait, warm_hit, precision):
        for name, value in measure():
            print(f"{name:<64} {value}")


if __name__ == "__main__":
    main()
