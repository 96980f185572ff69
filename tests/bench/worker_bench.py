"""`make bench-worker`: what batching, the lease, the ladder and eviction do on this device.

    python -m tests.bench.worker_bench [--device auto] [--seconds 1.0] [--rounds 5] [--json FILE]

A plain script over `project.inference`: no Django, no Redis, random weights; it runs wherever
torch, torchvision and numpy do (and nvidia-ml-py, for the utilisation). Both sides of a ratio
take turns, medians are reported. On a CUDA device a missed goal makes it exit with 1; on a CPU
it runs a small version, for which there is no goal.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from project.inference import devices
from project.inference.device_lease import DeviceLease, Rank
from project.inference.devices import Probe
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.oom import SizeMemory
from project.inference.run import Run
from tests.bench import worker_networks as networks
from tests.bench.device_meter import Utilisation

LEAST_GAIN = 3.0
LEAST_BUSY_PERCENT = 80.0
WAIT_BEYOND_A_STEP_SECONDS = 0.02
CLIENTS = 24
WORKER_THREADS = 8
RECOVER_AFTER = 3


class Sizes(NamedTuple):
    """What one kind of device is asked for."""

    chest: int
    face: int
    tile: int
    enlarger: str
    busy_seconds: float
    waits: int


ON_CUDA = Sizes(chest=224, face=112, tile=400 + 2 * 32, enlarger="enlarger", busy_seconds=8.0, waits=60)  # fmt: skip
ON_CPU = Sizes(chest=64, face=32, tile=48, enlarger="small enlarger", busy_seconds=3.0, waits=20)


class Report:
    """Rows that are printed as they come, and judged at the end."""

    def __init__(self, *, has_goals: bool) -> None:
        self.has_goals = has_goals
        self.rows: list[dict[str, object]] = []

    def add(self, name: str, value: float | str, unit: str = "", *, goal: str = "", met: bool | None = None) -> None:  # fmt: skip
        """`met` None: a figure without a goal."""
        judged, goal = (met, goal) if self.has_goals else (None, "")
        shown = f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else str(value)
        if isinstance(value, float) and abs(value) >= 100:
            shown = f"{value:.0f}"
        verdict = "" if judged is None else ("met" if judged else "MISSED")
        self.rows.append({"name": name, "value": value, "unit": unit, "goal": goal, "met": judged})
        print(f"| {name} | {shown} {unit} | {goal} | {verdict} |", flush=True)

    @property
    def missed(self) -> int:
        """How many goals were not met."""
        return sum(row["met"] is False for row in self.rows)


class Bench:
    """One device with its host, lease and batcher, as a worker has them."""

    def __init__(self, device: str, probe: Probe, sizes: Sizes, folder: Path) -> None:
        self.device = device
        self.probe = probe
        self.sizes = sizes
        self.folder = folder
        self.lease = DeviceLease(synchronize=devices.synchronizer(device))
        self.host = self.host_with(1 << 34)
        self.batcher = MicroBatcher.beside(self.lease, self.host)

    def host_with(self, budget: int) -> ModelHost:
        """A host of this device; its store is never asked."""
        return ModelHost(
            store=None,  # type: ignore[arg-type]
            place=self.probe.place,
            budget=MemoryBudget(budget),
            load=networks.load,  # type: ignore[arg-type]
            specs=networks.spec_of,
        )

    def run(self, *, lane: str = "interactive", user: str = "") -> Run:
        """A run as a job has it, with a checkpoint that writes nowhere."""
        return Run(
            host=self.host,
            lease=self.lease,
            batcher=self.batcher,
            checkpoint=lambda *step: None,
            rank=Rank(lane=lane, user=user),
            scratch_dir=self.folder,
        )


def picture(side: int, seed: int = 0) -> torch.Tensor:
    """3 x side x side in 0..1."""
    return torch.rand(3, side, side, generator=torch.Generator().manual_seed(seed))


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def while_threads(count: int, work: Callable[[int, threading.Event], None], seconds: float) -> float:  # fmt: skip
    """Run `work(number, stop)` in threads for a while; the seconds it really took."""
    stop, errors = threading.Event(), []

    def guarded(number: int) -> None:
        try:
            work(number, stop)
        except BaseException as error:
            errors.append(error)
            stop.set()
            raise

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - began


class Served(NamedTuple):
    """What some clients got: requests and device seconds per second, and requests per batch."""

    rate: float
    busy_percent: float
    mean_batch: float


def serve(bench: Bench, name: str, side: int, seconds: float, *, clients: int = CLIENTS) -> Served:
    """Clients that each ask again as soon as they have their answer."""
    done = [0] * clients

    def ask(number: int, stop: threading.Event) -> None:
        run, mine = bench.run(user=str(number)), picture(side, number)
        while not stop.is_set():
            run.batch(name, mine)
            done[number] += 1

    networks.spent.reset()
    took = while_threads(clients, ask, seconds)
    return Served(
        sum(done) / took,
        100 * networks.spent.seconds / took,
        sum(done) / max(1, networks.spent.calls),
    )


def batching(bench: Bench, report: Report, *, rounds: int, seconds: float) -> None:
    """Throughput with batches of eight against one at a time, through the micro-batcher."""
    for name, side in (("chest", bench.sizes.chest), ("face", bench.sizes.face)):
        title = {"chest": "ResNet-50", "face": "embedding network"}[name] + f" at {side} px"
        served: dict[int, list[Served]] = {1: [], 8: []}
        for size in served:  # loads, and lets cuDNN choose
            serve(bench, f"{name} by {size}", side, min(seconds, 0.5))
        for _ in range(rounds):
            for size, results in served.items():
                results.append(serve(bench, f"{name} by {size}", side, seconds))
        rate = {s: statistics.median(r.rate for r in results) for s, results in served.items()}
        for size in served:
            report.add(f"{title}, batches of {size}", rate[size], "requests/s")
        mean = statistics.median(result.mean_batch for result in served[8])
        report.add(f"{title}, requests per batch of at most 8", mean)
        gain = rate[8] / rate[1]
        report.add(
            f"{title}, gain of batching", gain, "times",
            goal=f">= {LEAST_GAIN:.0f}", met=gain >= LEAST_GAIN,
        )  # fmt: skip
        with Utilisation(bench.device) as used:
            result = serve(bench, f"{name} by 8", side, bench.sizes.busy_seconds / 2)
        add_busy(report, f"{title}, batches of 8", used, result.busy_percent, judged=False)


def same_results(bench: Bench, report: Report) -> None:
    """A request next to seven strangers against the same request alone."""
    name, side = "face by 8", bench.sizes.face
    with bench.host.use(name) as model:
        with bench.lease.hold(Rank()):
            alone = networks.run_batch(model, [picture(side, 0)])[0]
            requests = [
                bench.batcher.submit(model=model, payload=picture(side, n), rank=Rank())
                for n in range(8)
            ]
        results = [request.result() for request in requests]
    tolerance = networks.spec_of(name).batching.tolerance
    difference = float((results[0] - alone).abs().max())
    report.add(
        "largest difference of a result among strangers", difference,
        goal=f"<= {tolerance}", met=difference <= tolerance,
    )  # fmt: skip


def enlarge(bench: Bench, stop: threading.Event, steps: list[float]) -> None:
    """One batch-lane run over tiles without end; `steps` gets the seconds of each."""
    run, tile = bench.run(lane="batch", user="enlarger"), picture(bench.sizes.tile)
    with run.model(bench.sizes.enlarger) as model, run.device():
        while not stop.is_set():
            began = time.perf_counter()
            networks.run_tile(model, tile)
            steps.append(time.perf_counter() - began)
            run.step("tiles", len(steps), len(steps) + 1)


def busy(bench: Bench, report: Report) -> None:
    """How much of the time the device works: tiles alone, then a worker with all its threads."""
    seconds, title = bench.sizes.busy_seconds, f"tiles of {bench.sizes.tile} px"
    steps: list[float] = []
    warm_up(bench)
    networks.spent.reset()
    with Utilisation(bench.device) as used:
        took = while_threads(1, lambda _, stop: enlarge(bench, stop, steps), seconds)
    report.add(f"{title}, median step", statistics.median(steps) * 1000, "ms")
    add_busy(report, f"{title} alone", used, 100 * networks.spent.seconds / took, judged=True)

    side, done, steps = bench.sizes.chest, [], []

    def work(number: int, stop: threading.Event) -> None:
        if number == 0:
            return enlarge(bench, stop, steps)
        run, mine = bench.run(user=str(number)), picture(side, number)
        while not stop.is_set():
            began = time.perf_counter()
            run.batch("chest by 8", mine)
            done.append(time.perf_counter() - began)
        return None

    networks.spent.reset()
    with Utilisation(bench.device) as used:
        took = while_threads(WORKER_THREADS, work, seconds)
    report.add("mixed load (one enlarger, seven ResNet-50 clients): tiles", len(steps) / took, "/s")
    report.add("mixed load: requests", len(done) / took, "/s")
    report.add("mixed load: a request's p95", percentile(done, 0.95) * 1000, "ms")
    add_busy(report, "mixed load", used, 100 * networks.spent.seconds / took, judged=True)


def warm_up(bench: Bench) -> None:
    """Load the enlarger and run one tile, so that neither is measured."""
    run = bench.run(lane="batch")
    with run.model(bench.sizes.enlarger) as model, run.device():
        networks.run_tile(model, picture(bench.sizes.tile))


def interactive_wait(bench: Bench, report: Report) -> None:
    """How long an interactive run waits for the device behind a batch run over real tiles."""
    waits: list[float] = []
    steps: list[float] = []

    def work(number: int, stop: threading.Event) -> None:
        if number == 0:
            return enlarge(bench, stop, steps)
        pause = statistics.median(steps) if steps else 0.05
        while len(waits) < bench.sizes.waits and not stop.is_set():
            began = time.perf_counter()
            with bench.lease.hold(Rank(user="urgent")):
                waits.append(time.perf_counter() - began)
            # A fraction that walks through the step, so that every part of it is met.
            stop.wait(pause * (1.1 + 0.37 * len(waits) % 1))
        stop.set()
        return None

    while_threads(2, work, 120)
    step = statistics.median(steps)
    limit, worst = step + WAIT_BEYOND_A_STEP_SECONDS, percentile(waits, 0.95)
    report.add("one step of the batch run, median", step * 1000, "ms")
    report.add("interactive wait behind it, median", statistics.median(waits) * 1000, "ms")
    report.add(
        "interactive wait behind it, p95", worst * 1000, "ms",
        goal=f"<= {limit * 1000:.0f} ms (step + 20 ms)", met=worst <= limit,
    )  # fmt: skip


def out_of_memory(bench: Bench, report: Report) -> None:
    """A real allocation fails: the batch shrinks, its results stay right, the size recovers."""
    if bench.device == "cpu":
        report.add("out-of-memory ladder", "needs a CUDA device")
        return
    name, tiles = "small enlarger by 8", [picture(256, n) for n in range(8)]
    sizes = SizeMemory(recover_after=RECOVER_AFTER)
    batcher = MicroBatcher(lease=bench.lease, sizes=sizes)
    bench.host.evict_unpinned()
    with bench.host.use(name) as model:

        def together() -> list[torch.Tensor]:
            with bench.lease.hold(Rank()):
                asked = [batcher.submit(model=model, payload=t, rank=Rank()) for t in tiles]
            return [request.result() for request in asked]

        with bench.lease.hold(Rank()):
            base, one = peak_of(lambda: networks.run_batch(model, tiles[:1]))
            _, eight = peak_of(lambda: networks.run_batch(model, tiles))
        unlimited = together()
        total = torch.cuda.get_device_properties(bench.device).total_memory
        cap = base + one + 1.5 * (eight - one) / 7
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(cap / total, bench.device)
        try:
            networks.spent.reset()
            limited = together()
            calls = networks.spent.calls
            size = batch_that_fits(sizes, model, tiles[0])
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0, bench.device)
        worst = max(float((a - b).abs().max()) for a, b in zip(limited, unlimited, strict=True))
        for _ in range(3 * RECOVER_AFTER):
            together()
        recovered = batch_that_fits(sizes, model, tiles[0])
    report.add("memory of a batch of 8 and of 1", f"{eight / 1e9:.2f} and {one / 1e9:.2f}", "GB")
    report.add("allowed by the cap of this process", cap / 1e9, "GB")
    report.add(f"batch that fitted (in {calls} calls)", size, goal="< 8", met=size < 8)
    report.add(
        "largest difference of a result", worst,
        goal="<= 0.02", met=worst <= 0.02,
    )  # fmt: skip
    report.add("batch after the cap was lifted", recovered, goal="8", met=recovered == 8)


def batch_that_fits(sizes: SizeMemory, model, payload: torch.Tensor) -> int:
    """What the batcher remembers for this model and shape."""
    from project.inference.batch_run import size_key
    from project.inference.oom import Size

    key = size_key(model.name, model.device, networks.shape_of(payload))
    return sizes.start(key, Size(batch=8)).batch


def peak_of(work: Callable[[], object]) -> tuple[int, int]:
    """Bytes that were reserved before, and how many more the work reserved at its peak."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_reserved()
    work()
    return before, torch.cuda.max_memory_reserved() - before


def eviction(bench: Bench, report: Report) -> None:
    """Two models in turns within a budget that holds one of them."""
    bench.host.evict_unpinned()
    names = (f"{bench.sizes.enlarger} a", f"{bench.sizes.enlarger} b")
    size = networks.load(networks.spec_of(names[0]), None, bench.probe.place(networks.spec_of(names[0]))).bytes  # fmt: skip
    host = bench.host_with(int(size * 1.5))
    before = allocated(bench.device)
    tile, held, seconds = picture(64), [], []
    for turn in range(8):
        began = time.perf_counter()
        with host.use(names[turn % 2]) as model, bench.lease.hold(Rank()):
            networks.run_tile(model, tile)
        seconds.append(time.perf_counter() - began)
        del model
        held.append((len(host.loaded()), allocated(bench.device) - before))
    most = max(count for count, _ in held)
    report.add("two models in turns: loaded at once", most, goal="1", met=most == 1)
    report.add("two models in turns: one swap, median", statistics.median(seconds) * 1000, "ms")
    if bench.device != "cpu":
        extra = max(extra for _, extra in held)
        report.add(
            "two models in turns: memory held", extra / 1e6, "MB",
            goal=f"<= {1.5 * size / 1e6:.1f} MB", met=extra <= 1.5 * size,
        )  # fmt: skip


def allocated(device: str) -> int:
    """Bytes of living tensors on a CUDA device."""
    return 0 if device == "cpu" else torch.cuda.memory_allocated(device)


def add_busy(report: Report, title: str, used: Utilisation, events: float, *, judged: bool) -> None:
    """Both views of how busy the device was; without NVML the events are judged."""
    goal = f"> {LEAST_BUSY_PERCENT:.0f} %" if judged else ""

    def row(name: str, value: float | str, *, counts: bool) -> None:
        is_number = isinstance(value, float)
        met = value > LEAST_BUSY_PERCENT if judged and counts and is_number else None
        report.add(
            f"{title}: {name}",
            value,
            "%" if is_number else "",
            goal=goal if counts else "",
            met=met,
        )

    row("time in the network (CUDA events)", events, counts=used.percent is None)
    row(
        "NVML utilisation",
        used.reason if used.percent is None else used.percent,
        counts=used.percent is not None,
    )


def describe(device: str, probe: Probe) -> str:
    """The hardware and the versions, in one line."""
    name = probe.processor if device != "cpu" else devices.processor_name()
    return f"{name}, {platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}"  # fmt: skip


def main() -> int:
    """Print one table; 1 when a goal of a CUDA device was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--seconds", type=float, default=1.0, help="one side of a ratio")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    devices.prepare_threads(1)
    device = devices.discover(arguments.device)
    probe = devices.probe(device)
    is_cuda = device != "cpu"
    hardware = describe(device, probe)
    print(f"{hardware}, {device}")
    print("formats, milliseconds: " + ", ".join(f"{f} {s * 1000:.3g}" for f, s in probe.seconds.items()))  # fmt: skip
    print("\n| what | measured | goal | |\n|---|---|---|---|")
    report = Report(has_goals=is_cuda)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(device, probe, ON_CUDA if is_cuda else ON_CPU, Path(folder))
        rounds = arguments.rounds if is_cuda else min(arguments.rounds, 3)
        batching(bench, report, rounds=rounds, seconds=arguments.seconds)
        for measure in (same_results, busy, interactive_wait, out_of_memory, eviction):
            measure(bench, report)
    if arguments.json:
        content = {"hardware": hardware, "device": device, "rows": report.rows}
        arguments.json.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    if not is_cuda:
        print("\nThis machine has no CUDA device: there is no goal to judge.")
    elif report.missed:
        print(f"\n{report.missed} goals were missed.")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
