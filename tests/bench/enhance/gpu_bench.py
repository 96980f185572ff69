"""Both sides on one device, ready to work: what the parts of gpu.py share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from enhance.nets import loader
from tests.bench.enhance import jobs, ours, pictures, upstream
from tests.bench.enhance.jobs import Done, Task
from tests.bench.enhance.network_forms import Form
from tests.bench.enhance.report import Report
from tests.bench.enhance.turns import Comparison, take_turns

NETWORK = "realesrgan-x4plus"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What is asked of a device; width and height."""

    one: tuple[int, int] = (1440, 1080)
    queued: int = 512
    jobs: int = 16
    large: tuple[int, int] = (4000, 3000)
    faces: int = 8
    window: tuple[int, int] = (576, 752)
    rounds: int = 5
    busy_seconds: float = 6.0


TINY = Sizes(one=(96, 64), queued=64, jobs=2, large=(160, 120), faces=1, window=(32, 32), rounds=1, busy_seconds=0.5)  # fmt: skip


@dataclass
class Bench:
    """Both sides on one device, ready to work."""

    device: str
    sizes: Sizes
    folder: Path
    report: Report
    until: float
    form: Form = field(default_factory=lambda: Form(is_wide=True, searches=False))

    def prepare(self, weights: Path | None) -> None:
        """Load everything once; `weights` may hold real ones."""
        if weights:
            for file in weights.glob("*.safetensors"):
                (self.folder / file.name).symlink_to(file.resolve())
        self.face_file = jobs.face_weights(self.folder)
        jobs.replace_detection()
        ours.register()
        self.store = ours.BenchStore(self.folder)
        self.state = self.store.state(NETWORK)
        self.half = self.device != "cpu"
        self.report.add("weights of x4plus", "real" if self.store.is_real[NETWORK] else "random")

    def sides(self) -> None:
        """Our worker in the chosen form, and upstream as it recommends itself."""
        if not self.form.is_wide:
            loader.widen = lambda network: network
        self.worker = ours.Worker(self.device, self.store, scratch=self.folder)
        self.up = upstream.upsampler(self.state, device=self.device, half=self.half, folder=self.folder)  # fmt: skip
        self.restorer = self.upstream_restorer(self.up, 4)

    def upstream_restorer(self, background: Any, upscale: int) -> Any:
        """`GFPGANer` with our random parser."""
        made = upstream.restorer(
            self.face_file, upscale=upscale, device=self.device, background=background,
            folder=self.folder,
        )  # fmt: skip
        jobs.same_parser(made, self.folder)
        return made

    def task(self, width: int, height: int, faces: int, seed: int = 0) -> Task:
        """A file of a group of people."""
        picture, landmarks = pictures.group(width, height, faces, seed=seed)
        return Task(content=pictures.as_file(picture, quality=95), landmarks=landmarks)

    def ours(self, task: Task, **options: Any) -> Done:
        """One of our jobs, in the chosen form."""
        torch.backends.cudnn.benchmark = self.form.searches
        return jobs.ours(self.worker, task, **options)

    def theirs(self, task: Task) -> Done:
        """One of upstream's."""
        torch.backends.cudnn.benchmark = False
        return jobs.theirs(self.restorer, task)

    def compare(self, name: str, mine: Callable[[], Any], theirs: Callable[[], Any], least: float, **more: Any) -> Comparison:  # fmt: skip
        """Turns of both, their seconds, and the gain."""
        result = take_turns({"ours": mine, "upstream": theirs}, rounds=self.sizes.rounds)
        for side in result.sides:
            self.report.add(f"{name}, {side}", result.seconds(side), "s", detail=result.label)
            self.report.add(f"{name}, {side}, CPU", result.seconds(side, "cpu"), "CPU-s")
        self.report.at_least(
            f"{name}, gain", result.ratio("upstream", "ours"), least, "times", **more
        )
        return result
