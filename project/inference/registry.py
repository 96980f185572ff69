"""The registry of models. Feature apps register theirs in `AppConfig.ready()`."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from project.inference.errors import ModelUnavailable

MIN_PSNR_DB = 45.0
MAX_PROBABILITY_DIFFERENCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Precision:
    """A number format a model may run in, and what it costs against float32 on the real weights.

    Exactly one of two measures says so. Networks that draw pictures: `psnr_db`, refused below
    45 dB. Networks that give probabilities: `probability_difference`, the largest that was seen
    over a set of inputs, refused above 0.01.
    """

    dtype: str
    psnr_db: float | None = None
    probability_difference: float | None = None
    devices: frozenset[str] = frozenset({"cpu", "cuda"})

    def __post_init__(self) -> None:
        if self.dtype not in {"float32", "bfloat16", "float16"}:
            raise ValueError(f"unknown number format {self.dtype}")
        if (self.psnr_db is None) == (self.probability_difference is None):
            raise ValueError(f"{self.dtype}: give one measure of what the format costs")
        if self.psnr_db is not None and not self.psnr_db >= MIN_PSNR_DB:
            raise ValueError(f"{self.dtype}: {self.psnr_db} dB is below {MIN_PSNR_DB} dB")
        difference = self.probability_difference
        if difference is not None and not 0 <= difference <= MAX_PROBABILITY_DIFFERENCE:
            raise ValueError(
                f"{self.dtype}: probabilities differ by {difference}, more than"
                f" {MAX_PROBABILITY_DIFFERENCE}"
            )


FLOAT32 = Precision(dtype="float32", psnr_db=math.inf)


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How requests of several runs for one model share a batch (see micro_batcher.py).

    `run` is a dotted path, called as `run(model, payloads) -> results` while the device is held:
    one result per payload, in their order. `shape_bucket` is a dotted path, called as
    `shape_bucket(payload) -> hashable`: only payloads of equal buckets share a batch. The oldest
    request waits at most `max_wait_seconds` for company. More than `queue_limit` waiting requests
    are refused. `tolerance` bounds how far a result may lie from that of the same payload alone.
    `max_batch_cpu` is for networks that gain nothing from company on a processor: there a batch
    only delays progress, cancellation and whoever waits for the device.
    """

    run: str
    shape_bucket: str
    max_batch: int = 8
    max_batch_cpu: int | None = None
    max_wait_seconds: float = 0.004
    queue_limit: int = 256
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        on_cpu = self.max_batch if self.max_batch_cpu is None else self.max_batch_cpu
        if min(self.max_batch, on_cpu) < 1 or self.queue_limit < 1 or self.max_wait_seconds < 0:
            raise ValueError("a batch and a queue hold at least one request; no wait is negative")

    def largest_on(self, device: str) -> int:
        """How many payloads one call takes at most on `cpu` or `cuda:N`."""
        return (device == "cpu" and self.max_batch_cpu) or self.max_batch

    def load_run(self) -> Callable[..., Any]:
        """Import and return the batch function (worker only)."""
        return resolve(self.run)

    def bucket_of(self, payload: Any) -> Hashable:
        """The shape bucket of one payload."""
        return cast("Hashable", resolve(self.shape_bucket)(payload))


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One model that pipelines may ask for by `name`.

    `loader` is a dotted path `package.module:function`, imported in the worker only, and called
    as `loader(spec, path, device, dtype) -> network`: `path` is the weights entry's file, or its
    folder when the entry holds several files (with several entries, a dict of them by entry
    name); the network comes back on `device` in `dtype`, in eval mode. `vram_estimate` (bytes) counts until the first load measured the real
    size. `precisions` lists formats beside float32, best first; float32 is always allowed.
    `warmup` holds input shapes (N, C, H, W) run once after loading. With `batching` the model may
    be asked through `RunContext.batch`.
    """

    name: str
    version: str
    task: str
    loader: str
    weights: tuple[str, ...]
    vram_estimate: int
    precisions: tuple[Precision, ...] = ()
    channels_last: bool = True
    warmup: tuple[tuple[int, ...], ...] = ()
    deterministic: bool = True
    batching: Batching | None = None

    def __post_init__(self) -> None:
        if not self.weights:
            raise ValueError(f"{self.name}: a model needs weights of the manifest")

    def allowed(self, device: str) -> tuple[Precision, ...]:
        """The formats of this model on `cpu` or `cuda:N`, best first, float32 last."""
        kind = device.partition(":")[0]
        lower = [p for p in self.precisions if kind in p.devices and p.dtype != "float32"]
        return (*lower, FLOAT32)

    def load_loader(self) -> Callable[..., Any]:
        """Import and return the loader (worker only)."""
        return resolve(self.loader)


def resolve(dotted: str) -> Callable[..., Any]:
    """The function behind `package.module:function`."""
    module, _, name = dotted.partition(":")
    return cast("Callable[..., Any]", getattr(import_module(module), name))


_specs: dict[str, ModelSpec] = {}
# Models that exist by the dozen or come and go: made from their name when somebody asks.
_resolvers: list[Callable[[str], ModelSpec | None]] = []


def register(spec: ModelSpec) -> None:
    """Called from `AppConfig.ready()`; a name is registered once."""
    if spec.name in _specs:
        raise ValueError(f"model {spec.name} is registered twice")
    _specs[spec.name] = spec


def register_resolver(resolver: Callable[[str], ModelSpec | None]) -> None:
    """Called from `AppConfig.ready()`: asked for every name that nobody registered.

    It answers None for names that are not its own, and may raise ModelUnavailable.
    """
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def get(name: str) -> ModelSpec:
    """The spec, or ModelUnavailable."""
    known = _specs.get(name)
    if known is not None:
        return known
    for resolver in _resolvers:
        found = resolver(name)
        if found is not None:
            return found
    raise ModelUnavailable(f"no model is registered as {name!r}")


def all_specs() -> list[ModelSpec]:
    """Every registered model, by name; not those that a resolver makes when asked."""
    return [_specs[name] for name in sorted(_specs)]
