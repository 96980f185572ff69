"""What to do when a size does not fit: the ladder, and the memory of what fitted.

    for attempt in ladder:
        with attempt:
            result = run(tile=attempt.size.tile, batch=attempt.size.batch)

The loop ends after the first attempt that fits, or raises OutOfMemory with the sizes tried.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from types import TracebackType

from project.inference.errors import OutOfMemory

logger = logging.getLogger(__name__)

FLOOR_TILE = 64
RECOVER_AFTER = 100
_MESSAGES = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "status_alloc_failed",  # cuBLAS and cuDNN
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch (CUDA or CPU), Python or a stage of ours ran out of memory."""
    if isinstance(error, OutOfMemory | MemoryError):
        return True
    if type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(message in text for message in _MESSAGES)


def free_cached_memory() -> None:
    """Collect garbage and give torch's cached device memory back."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one attempt uses: tile side in pixels (0: no tiles), items per batch, number format."""

    tile: int = 0
    batch: int = 1
    dtype: str = "float32"

    def __str__(self) -> str:
        tile = f"tile {self.tile}, " if self.tile else ""
        return f"{tile}batch {self.batch}, {self.dtype}"


class Rung(StrEnum):
    """Why an attempt is made, in the order they are climbed down."""

    FIRST = "first"
    RETRY = "retry"
    HALVE_BATCH = "halve_batch"
    HALVE_TILE = "halve_tile"
    EVICT = "evict"
    LOWER_PRECISION = "lower_precision"


@dataclass
class _Known:
    size: Size
    clean: int = 0


class SizeMemory:
    """Sizes that fitted, per key (model, bucket, device); grows back after 100 clean runs."""

    def __init__(self, *, recover_after: int = RECOVER_AFTER) -> None:
        self._recover_after = recover_after
        self._lock = threading.Lock()
        self._known: dict[Hashable, _Known] = {}

    def start(self, key: Hashable, wanted: Size) -> Size:
        """`wanted`, or the smaller size that is known to fit."""
        with self._lock:
            known = self._known.get(key)
        if known is None:
            return wanted
        return Size(
            tile=min(wanted.tile, known.size.tile),
            batch=min(wanted.batch, known.size.batch),
            dtype=known.size.dtype,
        )

    def fitted(self, key: Hashable, wanted: Size, size: Size) -> None:
        """Record a clean run: a smaller size is kept, a kept one recovers a notch in time."""
        with self._lock:
            known = self._known.get(key)
            if known is None or known.size != size:
                if size != wanted:
                    self._known[key] = _Known(size)
                return
            known.clean += 1
            if known.clean < self._recover_after:
                return
            grown = _one_notch_up(size, wanted)
            if grown == wanted:
                del self._known[key]
            else:
                self._known[key] = _Known(grown)


def _one_notch_up(size: Size, wanted: Size) -> Size:
    """The last rung that was taken, undone."""
    if size.dtype != wanted.dtype:
        return replace(size, dtype=wanted.dtype)
    if size.tile < wanted.tile:
        return replace(size, tile=min(size.tile * 2, wanted.tile))
    return replace(size, batch=min(size.batch * 2, wanted.batch))


class Attempt:
    """One try; as a context manager it swallows an out-of-memory error and nothing else."""

    def __init__(self, size: Size, rung: Rung) -> None:
        self.size = size
        self.rung = rung
        self.succeeded = False

    def __enter__(self) -> None:
        self.succeeded = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.succeeded = error is None
        if error is None or not is_out_of_memory(error):
            return False
        logger.warning("out of memory at %s (%s): %s", self.size, self.rung, error)
        return True


class Ladder:
    """Iterate to get attempts, each smaller than the last; see the module's example."""

    def __init__(
        self,
        *,
        memory: SizeMemory,
        key: Hashable,
        wanted: Size,
        evict: Callable[[], int] = lambda: 0,
        lower: tuple[str, ...] = (),
        floor: int = FLOOR_TILE,
        free: Callable[[], None] = free_cached_memory,
    ) -> None:
        """`evict` drops idle models and returns how many; `lower` lists cheaper formats."""
        self._memory = memory
        self._key = key
        self._wanted = wanted
        self._evict = evict
        self._lower = lower
        self._floor = floor
        self._free = free

    def __iter__(self) -> Iterator[Attempt]:
        tried: list[str] = []
        for size, rung in self._rungs():
            attempt = Attempt(size, rung)
            yield attempt
            if attempt.succeeded:
                self._memory.fitted(self._key, self._wanted, size)
                return
            tried.append(str(size))
            self._free()
        raise OutOfMemory(f"tried {'; '.join(dict.fromkeys(tried))}")

    def _rungs(self) -> Iterator[tuple[Size, Rung]]:
        size = self._memory.start(self._key, self._wanted)
        yield size, Rung.FIRST
        yield size, Rung.RETRY
        while size.batch > 1:
            size = replace(size, batch=size.batch // 2)
            yield size, Rung.HALVE_BATCH
        while size.tile > self._floor:
            size = replace(size, tile=max(self._floor, size.tile // 2))
            yield size, Rung.HALVE_TILE
        if self._evict():
            yield size, Rung.EVICT
        for dtype in self._lower:
            if dtype != size.dtype:
                size = replace(size, dtype=dtype)
                yield size, Rung.LOWER_PRECISION
