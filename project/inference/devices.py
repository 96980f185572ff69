"""Which device and which number format: discovery, a self-timing, one choice per model."""

from __future__ import annotations

import json
import logging
import os
import platform
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from project.inference.errors import DeviceUnavailable
from project.inference.registry import ModelSpec

logger = logging.getLogger(__name__)

PROBE_SECONDS = 0.05
PROBE_FILE = "probe.json"
# A lower precision must pay well; a memory layout changes no number format, so a little is enough.
MIN_PRECISION_GAIN = 1.3
MIN_LAYOUT_GAIN = 1.05


@dataclass(frozen=True, kw_only=True)
class Format:
    """A number format and a memory layout."""

    dtype: str = "float32"
    channels_last: bool = False

    def __str__(self) -> str:
        return f"{self.dtype}{'_channels_last' if self.channels_last else ''}"


FORMATS = (Format(), Format(channels_last=True), Format(dtype="bfloat16", channels_last=True))


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where and how a model runs."""

    device: str
    format: Format


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Seconds of one 3x3 convolution (64 channels, 256 x 256) by format, best of the runs."""

    device: str
    processor: str
    torch_version: str
    capability: str
    seconds: Mapping[str, float]

    def gain(self, candidate: Format) -> float:
        """How many times faster than plain float32; 0 when it was not measured."""
        seconds = self.seconds.get(str(candidate))
        return self.seconds[str(Format())] / seconds if seconds else 0.0

    def place(self, spec: ModelSpec) -> Placement:
        """The fastest format this model is allowed to use, float32 when none pays."""
        allowed = {precision.dtype for precision in spec.allowed(self.device)}
        paying = [
            candidate
            for candidate in FORMATS[1:]
            if candidate.dtype in allowed
            and (spec.channels_last or not candidate.channels_last)
            and self.gain(candidate) > _needed(candidate)
        ]
        best = max(paying, key=self.gain, default=Format())
        return Placement(device=self.device, format=best)


def _needed(candidate: Format) -> float:
    return MIN_LAYOUT_GAIN if candidate.dtype == "float32" else MIN_PRECISION_GAIN


def discover(wanted: str) -> str:
    """`cpu` or `cuda:N` for `auto`, `cpu`, `cuda` or `cuda:N`; DeviceUnavailable otherwise."""
    if wanted == "cpu":
        return "cpu"
    match = re.fullmatch(r"auto|cuda(?::(\d+))?", wanted)
    if not match:
        raise DeviceUnavailable(
            f"OMNILENS_DEVICE={wanted}: a worker takes one of auto, cpu, cuda and cuda:N "
            "(`manage.py up` starts one for each of several)"
        )
    import torch

    count, index = torch.cuda.device_count(), int(match[1] or 0)
    if index < count:
        return f"cuda:{index}"
    if wanted == "auto":
        return "cpu"
    raise DeviceUnavailable(f"OMNILENS_DEVICE={wanted}: this machine shows {count} CUDA devices")


_threads_lock = threading.Lock()
_threads_set = False


def prepare_threads(count: int) -> None:
    """Fix the CPU threads of torch, once per process, before any work runs."""
    global _threads_set
    with _threads_lock:
        if _threads_set:
            return
        _threads_set = True
        # Read by OpenMP when torch is imported; setdefault leaves the operator's own value.
        os.environ.setdefault("OMP_NUM_THREADS", str(count))
        import torch

        torch.set_num_threads(count)
        try:
            torch.set_num_interop_threads(1)
        except RuntimeError:
            logger.warning("torch worked before its threads were set; the inter-op pool stays")


def processor_name() -> str:
    """The CPU model as Linux names it."""
    cpuinfo = Path("/proc/cpuinfo")
    found = (
        re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.M)
        if cpuinfo.is_file()
        else None
    )
    return found[1] if found else platform.processor() or platform.machine()


def synchronizer(device: str) -> Callable[[], None]:
    """A call that returns when the device has finished what was given to it."""
    if device == "cpu":
        return lambda: None
    import torch

    return lambda: torch.cuda.synchronize(device)


def probe(
    device: str,
    *,
    cache: Path | None = None,
    measure: Callable[[str, Format], float] | None = None,
) -> Probe:
    """Time the three formats, or read the times measured before on this processor and torch.

    `measure(device, format)` returns seconds and raises RuntimeError when the device cannot run
    that format; such a format is left out. `cache` is a folder.
    """
    import torch

    processor = processor_name() if device == "cpu" else torch.cuda.get_device_name(device)
    capability = torch.backends.cpu.get_cpu_capability() if device == "cpu" else "CUDA"
    known = _read_cache(cache, processor, torch.__version__)
    seconds = known or _measure_formats(device, measure or time_convolution)
    result = Probe(
        device=device,
        processor=processor,
        torch_version=torch.__version__,
        capability=capability,
        seconds=seconds,
    )
    if not known:
        logger.info("probe of %s (%s): %s", device, processor, seconds)
        _write_cache(cache, result)
    return result


def _measure_formats(device: str, measure: Callable[[str, Format], float]) -> dict[str, float]:
    seconds = {str(Format()): measure(device, Format())}
    for candidate in FORMATS[1:]:
        try:
            seconds[str(candidate)] = measure(device, candidate)
        except RuntimeError as error:
            logger.info("probe: %s cannot run %s: %s", device, candidate, error)
    return seconds


def time_convolution(
    device: str, candidate: Format, *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """The best of the runs that fit into 50 ms (at least three), in seconds."""
    import torch

    layout = torch.channels_last if candidate.channels_last else torch.contiguous_format
    options = {"device": device, "dtype": getattr(torch, candidate.dtype)}
    finish = synchronizer(device)
    convolution = torch.nn.Conv2d(64, 64, 3, padding=1, **options).to(memory_format=layout)
    picture = torch.zeros(1, 64, 256, 256, **options).to(memory_format=layout)
    with torch.inference_mode():
        convolution(picture)
        finish()
        runs: list[float] = []
        while len(runs) < 3 or sum(runs) < PROBE_SECONDS:
            start = clock()
            convolution(picture)
            finish()
            runs.append(clock() - start)
    return min(runs)


def _cache_key(processor: str, torch_version: str) -> str:
    return f"{processor} | torch {torch_version}"


def _read_all(cache: Path) -> dict[str, Any]:
    try:
        data = json.loads((cache / PROBE_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        logger.warning("%s is broken and is measured again", cache / PROBE_FILE)
        return {}
    return data if isinstance(data, dict) else {}


def _read_cache(cache: Path | None, processor: str, torch_version: str) -> dict[str, float] | None:
    entry = _read_all(cache).get(_cache_key(processor, torch_version)) if cache else None
    seconds = entry.get("seconds") if isinstance(entry, dict) else None
    if not isinstance(seconds, dict) or str(Format()) not in seconds:
        return None
    return {str(name): float(value) for name, value in seconds.items()}


def _write_cache(cache: Path | None, result: Probe) -> None:
    if cache is None:
        return
    cache.mkdir(parents=True, exist_ok=True)
    entries = _read_all(cache) | {
        _cache_key(result.processor, result.torch_version): asdict(result)
    }
    partial = cache / f".{PROBE_FILE}.{os.getpid()}"
    partial.write_text(json.dumps(entries, indent=2) + "\n", "utf-8")
    partial.replace(cache / PROBE_FILE)
