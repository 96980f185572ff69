"""Loads models on demand, shares them, and keeps them within a byte budget.

One thread loads a model while all others that ask for it wait for the same result. A loaded
model is pinned while somebody uses it; the least recently used unpinned ones make room.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from project.inference import registry
from project.inference.devices import Placement
from project.inference.errors import InferenceError, ModelInUse, ModelUnavailable, OutOfMemory
from project.inference.memory_budget import MemoryBudget
from project.inference.model_loading import Loaded, load_model, warm_up
from project.inference.oom import SizeMemory, free_cached_memory
from project.inference.registry import Batching, ModelSpec
from project.inference.weight_store import WeightStore

logger = logging.getLogger(__name__)

FAILURE_SECONDS = 30.0
POLL_SECONDS = 0.5


@dataclass(kw_only=True)
class HostedModel:
    """A loaded model as pipelines see it (`project.inference.context.Model`)."""

    name: str
    version: str
    sha256: str
    dtype: str
    device: str
    channels_last: bool
    network: Any
    batching: Batching | None = None
    activation_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Resident:
    """A loaded model as operators see it; `last_used` is None before its first run.

    `activation_bytes` is what its warm-up took besides, None where nobody measured it.
    """

    name: str
    version: str
    dtype: str
    bytes: int
    pins: int
    last_used: datetime | None
    activation_bytes: int | None = None


@dataclass(eq=False)
class _Slot:
    """One model that is loading or loaded; `settled` fires when the loading ended."""

    settled: threading.Event = field(default_factory=threading.Event)
    model: HostedModel | None = None
    failure: InferenceError | None = None
    pins: int = 0
    last_used: float = 0.0
    last_used_at: datetime | None = None


class ModelHost:
    """The models of one device in one process."""

    def __init__(
        self,
        *,
        store: WeightStore,
        place: Callable[[ModelSpec], Placement],
        budget: MemoryBudget,
        load: Callable[[ModelSpec, WeightStore, Placement], Loaded] = load_model,
        warm_up: Callable[[Any, ModelSpec, Placement], int | None] = warm_up,
        specs: Callable[[str], ModelSpec] = registry.get,
        clock: Callable[[], float] = time.monotonic,
        calendar: Callable[[], datetime] = lambda: datetime.now(UTC),
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._store = store
        self._place = place
        self._budget = budget
        self._load = load
        self._warm_up = warm_up
        self._specs = specs
        self._clock = clock
        self._calendar = calendar
        self._poll_seconds = poll_seconds
        self._changed = threading.Condition()
        self._construction = threading.Lock()
        self._slots: dict[str, _Slot] = {}
        self._failed: dict[str, tuple[float, str]] = {}
        self.sizes = SizeMemory()

    @contextmanager
    def use(
        self,
        name: str,
        *,
        exclusive: Callable[[], AbstractContextManager[object]] = nullcontext,
        waiting: Callable[[], None] | None = None,
    ) -> Iterator[HostedModel]:
        """Pin a model, loading it first if need be.

        `exclusive()` is entered around the construction, so that no kernel runs beside it.
        `waiting` is called while models in use leave no room and may raise to give up; without
        it (the caller pins other models) a lack of room raises OutOfMemory at once.
        Raises ModelUnavailable, for 30 s without trying again, and OutOfMemory.
        """
        with self._pinned(self._specs(name), exclusive, waiting) as (slot, model):
            try:
                yield model
            finally:
                slot.last_used_at = self._calendar()

    def is_loaded(self, name: str) -> bool:
        """Whether `use` would return at once."""
        with self._changed:
            slot = self._slots.get(name)
            return slot is not None and slot.model is not None

    def loaded(self) -> dict[str, int]:
        """Bytes by loaded or loading model."""
        with self._changed:
            return dict(self._budget.reserved)

    def residents(self) -> list[Resident]:
        """The loaded models, by name."""
        with self._changed:
            return [
                Resident(
                    name=name,
                    version=slot.model.version,
                    dtype=slot.model.dtype,
                    bytes=self._budget.reserved[name],
                    pins=slot.pins,
                    last_used=slot.last_used_at,
                    activation_bytes=slot.model.activation_bytes,
                )
                for name, slot in sorted(self._slots.items())
                if slot.model is not None
            ]

    def evict_unpinned(self) -> int:
        """Drop every model nobody uses; returns how many."""
        with self._changed:
            idle = [n for n, slot in self._slots.items() if slot.model and not slot.pins]
            for name in idle:
                self._drop(name)
            return len(idle)

    def unload(self, name: str) -> int:
        """Drop a model; the bytes that it held, 0 when it was not loaded.

        Raises ModelUnavailable for an unknown name, ModelInUse while runs use or load it.
        """
        self._specs(name)
        with self._changed:
            slot = self._slots.get(name)
            if slot is None:
                return 0
            if slot.pins:
                raise ModelInUse(f"{name} is in use by {slot.pins} run(s)")
            size = self._budget.reserved[name]
            self._drop(name)
            return size

    def warm(
        self, name: str, *, exclusive: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        """Load a model and run its warm-up; one that is loaded runs its warm-up again.

        `exclusive()` as in `use`, which says what is raised.
        """
        spec = self._specs(name)
        was_loaded = self.is_loaded(name)
        with self._pinned(spec, exclusive, None) as (_, model):
            if was_loaded:
                with exclusive():
                    self._warm_up(model.network, spec, self._place(spec))

    def missing_weights(self, name: str) -> list[str]:
        """Weights that must be pulled before this model can be loaded. Raises ModelUnavailable.

        Those that the load itself fetches from this platform's own storage are not among them.
        """
        found = map(self._store.status, self._specs(name).weights)
        return [
            status.entry.name
            for status in found
            if not status.present and not status.entry.on_demand
        ]

    @contextmanager
    def _pinned(
        self,
        spec: ModelSpec,
        exclusive: Callable[[], AbstractContextManager[object]],
        waiting: Callable[[], None] | None,
    ) -> Iterator[tuple[_Slot, HostedModel]]:
        slot, model = self._pin(spec, exclusive, waiting)
        try:
            yield slot, model
        finally:
            with self._changed:
                slot.pins -= 1
                slot.last_used = self._clock()
                self._changed.notify_all()

    def _pin(
        self,
        spec: ModelSpec,
        exclusive: Callable[[], AbstractContextManager[object]],
        waiting: Callable[[], None] | None,
    ) -> tuple[_Slot, HostedModel]:
        while True:
            with self._changed:
                slot = self._slots.get(spec.name)
                owner = slot is None
                if slot is None:
                    self._raise_remembered(spec.name)
                    slot = self._slots[spec.name] = _Slot()
                slot.pins += 1
            if owner:
                self._fill(spec, slot, exclusive, waiting)
            else:
                self._await(slot, waiting)
            if slot.model is not None:
                return slot, slot.model

    def _await(self, slot: _Slot, waiting: Callable[[], None] | None) -> None:
        """Wait for another thread's load; the model stays None when that thread gave up."""
        try:
            while not slot.settled.wait(self._poll_seconds):
                if waiting:
                    waiting()
        except BaseException:
            with self._changed:
                slot.pins -= 1
            raise
        if slot.failure:
            raise type(slot.failure)(slot.failure.detail)

    def _fill(
        self,
        spec: ModelSpec,
        slot: _Slot,
        exclusive: Callable[[], AbstractContextManager[object]],
        waiting: Callable[[], None] | None,
    ) -> None:
        try:
            slot.model = self._load_within_budget(spec, exclusive, waiting)
        except BaseException as error:
            with self._changed:
                del self._slots[spec.name]
                self._budget.release(spec.name)
                # Any other error (a cancelled owner, an interrupt) is not the model's fault:
                # whoever waits then loads it himself.
                if isinstance(error, ModelUnavailable | OutOfMemory):
                    slot.failure = error
                if isinstance(error, ModelUnavailable):
                    self._failed[spec.name] = (self._clock(), error.detail)
                self._changed.notify_all()
            raise
        finally:
            slot.settled.set()

    def _load_within_budget(
        self,
        spec: ModelSpec,
        exclusive: Callable[[], AbstractContextManager[object]],
        waiting: Callable[[], None] | None,
    ) -> HostedModel:
        """Reserve, construct, measure; again if the model turned out larger than its room."""
        placement = self._place(spec)
        while True:
            self._reserve(spec, waiting)
            started = self._clock()
            logger.info("loading %s@%s on %s", spec.name, spec.version, placement.device)
            with exclusive(), self._construction:
                loaded = self._construct(spec, placement)
            if self._book(spec.name, loaded.bytes):
                break
        logger.info(
            "loaded %s@%s as %s: %d bytes in %.1f s",
            spec.name, spec.version, placement.format, loaded.bytes, self._clock() - started,
        )  # fmt: skip
        return HostedModel(
            name=spec.name,
            version=spec.version,
            sha256=loaded.sha256,
            dtype=placement.format.dtype,
            device=placement.device,
            channels_last=placement.format.channels_last,
            network=loaded.network,
            batching=spec.batching,
            activation_bytes=loaded.activation_bytes,
        )

    def _construct(self, spec: ModelSpec, placement: Placement) -> Loaded:
        try:
            return self._load(spec, self._store, placement)
        except OutOfMemory as error:
            logger.warning("%s; trying once more without idle models", error.detail)
        # Outside the handler, so that the failed attempt's tensors are free before the second.
        self.evict_unpinned()
        free_cached_memory()
        return self._load(spec, self._store, placement)

    def _reserve(self, spec: ModelSpec, waiting: Callable[[], None] | None) -> None:
        while True:
            with self._changed:
                need = self._budget.need(spec.name, spec.vram_estimate)
                if need > self._budget.total:
                    raise OutOfMemory(
                        f"{spec.name} needs {need} bytes, the budget is {self._budget.total}"
                    )
                if self._make_room(need) and self._budget.reserve(spec.name, need):
                    return
                if waiting is None:
                    raise OutOfMemory(
                        f"{spec.name} needs {need} bytes, models in use leave {self._budget.free}"
                    )
                self._changed.wait(self._poll_seconds)
            waiting()  # outside the lock: it may write to a database, and may raise

    def _book(self, name: str, size: int) -> bool:
        """Replace the estimate by the measured size; False when there is no room for it."""
        with self._changed:
            self._make_room(size - self._budget.reserved[name])
            if self._budget.resize(name, size):
                return True
            self._budget.release(name)
            return False

    def _make_room(self, size: int) -> bool:
        """Drop idle models, least recently used first, if that is enough for `size` bytes."""
        idle = sorted(
            (slot.last_used, name)
            for name, slot in self._slots.items()
            if slot.model is not None and not slot.pins
        )
        if size > self._budget.free + sum(self._budget.reserved[name] for _, name in idle):
            return False
        for _, name in idle:
            if size <= self._budget.free:
                break
            self._drop(name)
        return True

    def _drop(self, name: str) -> None:
        logger.info("evicting %s: %d bytes", name, self._budget.reserved[name])
        del self._slots[name]
        self._budget.release(name)

    def _raise_remembered(self, name: str) -> None:
        failed_at, detail = self._failed.get(name, (0.0, ""))
        if not detail:
            return
        if self._clock() - failed_at < FAILURE_SECONDS:
            raise ModelUnavailable(detail)
        del self._failed[name]
