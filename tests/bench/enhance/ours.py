"""Our side: host, lease, batcher and pipeline of a worker, without Django, Redis or a database."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from enhance.nets import face_weights as faces
from enhance.nets import weights as networks
from enhance.nets.catalogue import ARCHITECTURES
from enhance.nets.loader import build
from enhance.options import EnhanceOptions
from enhance.pipeline import upscale
from enhance.pipeline.upscale import Request
from enhance.plan import Limits, Plan, make_plan
from project.inference import devices, weights
from project.inference.device_lease import DeviceLease, Rank
from project.inference.device_memory import read_memory
from project.inference.memory_budget import MemoryBudget, device_budget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.run import Run
from project.inference.weights import WeightsEntry

SEED = 20
ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(output_pixels=2**40, high_quality_cpu_pixels=2**40)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a loader is given."""

    entry: WeightsEntry
    path: Path
    sha256: str = "0" * 64


class BenchStore:
    """Weights by name from a folder: what was put there, else random ones from a seed.

    `is_real` says which of both a name got.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_real: dict[str, bool] = {}

    def is_here(self, name: str) -> bool:
        """Whether real weights would be taken."""
        return any(path.is_file() for path in self._candidates(name))

    def require(self, name: str) -> Stored:
        """Never downloads."""
        for path in self._candidates(name):
            if path.is_file():
                self.is_real[name] = True
                return Stored(entry=weights.get(name), path=path)
        path = self.folder / f"random-{name}.safetensors"
        if not path.is_file():
            torch.manual_seed(SEED)
            network = build(ARCHITECTURES[name])
            save_file({key: value.contiguous() for key, value in network.state_dict().items()}, path)  # fmt: skip
        self.is_real[name] = False
        return Stored(entry=weights.get(name), path=path)

    def state(self, name: str) -> dict[str, torch.Tensor]:
        """The same numbers for the other side."""
        found: dict[str, torch.Tensor] = load_file(self.require(name).path)
        return found

    def _candidates(self, name: str) -> list[Path]:
        root = Path(os.environ.get("OMNILENS_MODEL_ROOT", ROOT / "var" / "models"))
        version = weights.get(name).version
        return [
            self.folder / f"{name}.safetensors",
            root / f"{name}-{version}" / "model.safetensors",
        ]


class Worker:
    """One device as a worker process has it."""

    def __init__(self, device: str, store: BenchStore, *, scratch: Path) -> None:
        register()
        self.device, self.store, self.scratch = device, store, scratch
        self.probe = devices.probe(device)
        self.lease = DeviceLease(synchronize=devices.synchronizer(device))
        self.host = ModelHost(
            store=store,  # type: ignore[arg-type]
            place=self.probe.place,
            budget=MemoryBudget(device_budget(device, 0)),
        )
        self.batcher = MicroBatcher.beside(self.lease, self.host)

    def run(self, user: str = "") -> Run:
        """A run as a job has it, with a checkpoint that writes nowhere."""
        return Run(
            host=self.host,
            lease=self.lease,
            batcher=self.batcher,
            checkpoint=lambda *step: None,
            rank=Rank(user=user),
            scratch_dir=self.scratch,
        )

    def plan(self, picture: Any, **options: Any) -> Plan:
        """As the web process plans, without its limits."""
        chosen = {"scale": 4.0, "quality_level": "high", "output_format": "jpg", **options}
        return make_plan(
            width=picture.shape[1],
            height=picture.shape[0],
            source_format="JPEG",
            options=EnhanceOptions(**chosen),
            limits=replace(LIMITS, memory_bytes=read_memory(self.device).total),
            device=self.device.partition(":")[0],
        )

    def enlarge(self, picture: Any, **options: Any) -> Any:
        """H x W x 3 uint8 to the planned size: the background alone."""
        plan = self.plan(picture, **options)
        return upscale.run(self.run(), Request(pixels=picture, plan=plan)).pixels


@cache
def register() -> None:
    """What `AppConfig.ready()` does in the product; once."""
    networks.register_all()
    faces.register_all()
