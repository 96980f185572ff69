"""How busy the GPU says it is: NVML utilisation, sampled beside a measurement."""

from __future__ import annotations

import statistics
import threading

SAMPLE_SECONDS = 0.1
# The driver averages over up to a second: what came before must be gone.
SETTLE_SECONDS = 1.5


class Utilisation:
    """A context manager; afterwards `percent` is the mean, or None with the `reason`."""

    def __init__(self, device: str) -> None:
        self.percent: float | None = None
        self.reason = "no CUDA device"
        self._read = _reader(device) if device != "cpu" else None
        if isinstance(self._read, str):
            self.reason, self._read = self._read, None
        self._stop = threading.Event()
        self._samples: list[float] = []
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Utilisation:
        if self._read:
            self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self._stop.set()
        if self._read:
            self._thread.join()
            self.percent = statistics.mean(self._samples) if self._samples else None
            self.reason = "" if self._samples else "the phase was too short"

    def _sample(self) -> None:
        self._stop.wait(SETTLE_SECONDS)
        while not self._stop.wait(SAMPLE_SECONDS):
            self._samples.append(self._read())


def _reader(device: str):
    """A function that reads the utilisation now, or why there is none."""
    import torch

    try:
        import pynvml
    except ImportError:
        return "nvidia-ml-py is not installed"
    try:
        pynvml.nvmlInit()
        uuid = str(torch.cuda.get_device_properties(device).uuid)
        handle = pynvml.nvmlDeviceGetHandleByUUID(uuid if "-" in uuid[:4] else f"GPU-{uuid}")
        pynvml.nvmlDeviceGetUtilizationRates(handle)
    except pynvml.NVMLError as error:
        return f"NVML: {error}"
    return lambda: float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
