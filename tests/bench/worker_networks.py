"""Networks of the worker benchmark: random weights, real shapes, no packages but torch's own."""

from __future__ import annotations

import time
from itertools import pairwise

import torch
from torch import nn

from project.inference.devices import Placement
from project.inference.model_loading import Loaded, measured_bytes
from project.inference.registry import Batching, ModelSpec, Precision
from project.inference.transfer import to_host

CHEST_SIDE, FACE_SIDE = 224, 112
EIGHT = 8


class Embedder(nn.Module):
    """A face embedding's shape: ten convolutions, 112 x 112 in, 128 numbers out."""

    def __init__(self) -> None:
        super().__init__()
        widths, layers = (3, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512), []
        for index, (inputs, outputs) in enumerate(pairwise(widths)):
            stride = 2 if index % 2 == 0 else 1
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.PReLU(outputs),
            ]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(widths[-1], 128)
        for module in self.body:
            if isinstance(module, nn.Conv2d):  # without it a picture would leave no trace
                nn.init.kaiming_normal_(module.weight, a=0.25)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """N x 3 x H x W to N x 128, each of length one."""
        return nn.functional.normalize(self.head(self.body(pictures)))


def build(name: str) -> nn.Module:
    """`chest`, `face`, `enlarger` (x4plus) or `small enlarger`, by the first words of `name`."""
    torch.manual_seed(7)
    if name.startswith("chest"):
        from torchvision.models import resnet50

        return resnet50(weights=None)
    if name.startswith("face"):
        return Embedder()
    from enhance.nets.architecture import Rrdb
    from enhance.nets.rrdb import RrdbNet

    return RrdbNet(Rrdb(blocks=1) if name.startswith("small") else Rrdb())


def load(spec: ModelSpec, store: object, placement: Placement) -> Loaded:
    """Instead of weights from the store: random ones, on the device and in the format chosen."""
    del store
    layout = torch.channels_last if placement.format.channels_last else torch.contiguous_format
    network = build(spec.name).eval().requires_grad_(requires_grad=False)
    network = network.to(
        device=placement.device,
        dtype=getattr(torch, placement.format.dtype),
        memory_format=layout,
    )
    return Loaded(network=network, sha256="0" * 64, bytes=measured_bytes(network))


def spec_of(name: str) -> ModelSpec:
    """A name that ends in `by N` may share batches of N."""
    _, _, size = name.rpartition(" by ")
    batching = Batching(
        run="tests.bench.worker_networks:run_batch",
        shape_bucket="tests.bench.worker_networks:shape_of",
        max_batch=int(size) if size.isdigit() else EIGHT,
        tolerance=1e-3,
    )
    # As the real x4plus may: its precision was measured on its own weights.
    lower = (Precision(dtype="bfloat16", psnr_db=53.2),) if name.startswith("enlarger") else ()
    return ModelSpec(
        name=name, version="bench", task="bench", loader="tests.bench.worker_networks:build",
        weights=("none",), vram_estimate=1 << 20, batching=batching,
        precisions=lower,
    )  # fmt: skip


class Spent:
    """Seconds between the first and the last kernel of every call since `reset`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def reset(self) -> None:
        """Start again."""
        self.seconds, self.calls = 0.0, 0

    def run(self, network: nn.Module, given: torch.Tensor) -> torch.Tensor:
        """One call, timed by CUDA events on a GPU and by the clock on a CPU."""
        if not given.is_cuda:
            began = time.perf_counter()
            result = network(given)
            self.seconds += time.perf_counter() - began
        else:
            first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            first.record()
            result = network(given)
            last.record()
            last.synchronize()
            self.seconds += first.elapsed_time(last) / 1000
        self.calls += 1
        return result


spent = Spent()


def run_batch(model, payloads):
    """Stack on the host, one copy there, one call, one copy back."""
    layout = torch.channels_last if model.channels_last else torch.contiguous_format
    with torch.inference_mode():
        given = torch.stack(payloads).to(
            device=model.device, dtype=getattr(torch, model.dtype), memory_format=layout
        )
        return list(to_host(spent.run(model.network, given).float()))


def run_tile(model, tile: torch.Tensor) -> torch.Tensor:
    """One tile there and back, as the enlarger does."""
    return run_batch(model, [tile])[0]


def shape_of(payload: torch.Tensor) -> tuple[int, ...]:
    """Only pictures of one size share a batch."""
    return tuple(payload.shape)
