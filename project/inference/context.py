"""What a pipeline may ask of its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from project.inference.oom import Attempt, Size


class Model(Protocol):
    """A loaded model, pinned while in use."""

    name: str
    version: str
    sha256: str

    @property
    def network(self) -> Any:
        """The callable network on its device."""
        ...

    @property
    def dtype(self) -> str:
        """`float32` or `bfloat16`: what the probe and the quality gate allow for this model."""
        ...

    @property
    def device(self) -> str:
        """`cpu` or `cuda:N`."""
        ...

    @property
    def channels_last(self) -> bool:
        """Whether the network's weights are channels_last; give it inputs in that layout."""
        ...


class RunContext(Protocol):
    """Given to every pipeline; knows nothing of Celery, HTTP or the database."""

    scratch_dir: Path

    def model(self, name: str) -> AbstractContextManager[Model]:
        """Load (once, shared) and pin a model. Raises ModelUnavailable or OutOfMemory.

        Take models before the device: a load needs the device for itself.
        """
        ...

    def device(self) -> AbstractContextManager[None]:
        """Hold the device; only its holder runs kernels. `step` gives way to higher ranks."""
        ...

    def batch(self, name: str, payload: Any, *, source: str | None = None) -> Any:
        """The result of one payload, run in a batch with those of other runs.

        The model's spec has `batching`. Take no device first: the batch takes it. Cancel and
        deadline act while it waits. Raises what `model` raises, QueueFull, Superseded (`source`
        names a camera of the stream lane, and a newer frame of it came) and what the network
        raised for this payload.
        """
        ...

    def batch_all(
        self,
        name: str,
        payloads: Sequence[Any],
        *,
        finished: Callable[[int], None] = lambda count: None,
    ) -> list[Any]:
        """The results of several payloads of one run, in their order; they may share batches with
        each other and with those of other runs.

        `finished` is called with the count of results after each and may raise to end the run, as
        the error of one payload does: the others are given up. Otherwise as `batch`.
        """
        ...

    def ladder(
        self, key: Hashable, wanted: Size, *, lower: tuple[str, ...] = ()
    ) -> Iterable[Attempt]:
        """Sizes to try when memory runs out (see oom.py); raises OutOfMemory at its end."""
        ...

    def check(self) -> None:
        """Inside a long unit: raise as `step` does if the run must end. Does not give way."""
        ...

    def step(
        self, stage: str, done: int, total: int, *, partial: Mapping[str, Any] | None = None
    ) -> None:
        """One checkpoint between units: report, then raise Cancelled, DeadlineExceeded,
        Draining or LeaseLost if that is due, then give way.

        `partial` describes a piece of the result that can be shown already.
        """
        ...

    def preview(self, make: Callable[[], bytes]) -> None:
        """Offer a small WEBP of the unfinished result; call it as often as there is news.

        `make` is called now, at a later checkpoint or never: at most twice a second. The version
        of what was made goes out with the next partial result, as `preview`.
        """
        ...
