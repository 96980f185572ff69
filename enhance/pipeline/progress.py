"""A run whose units are counted together with those that others still have to do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from project.inference.context import Model, RunContext
from project.inference.oom import Attempt, Size


class PartOfRun:
    """`context` for one part of a job: its `done` of `total` units become `done + before` of
    `before + total + after`. Everything else is the run's own."""

    def __init__(self, context: RunContext, *, before: int = 0, after: int = 0) -> None:
        self.scratch_dir = context.scratch_dir
        self._context = context
        self._before, self._after = before, after

    def step(
        self, stage: str, done: int, total: int, *, partial: Mapping[str, Any] | None = None
    ) -> None:
        """See RunContext.step."""
        whole = self._before + total + self._after
        self._context.step(stage, self._before + done, whole, partial=partial)

    def model(self, name: str) -> AbstractContextManager[Model]:
        """See RunContext.model."""
        return self._context.model(name)

    def device(self) -> AbstractContextManager[None]:
        """See RunContext.device."""
        return self._context.device()

    def batch(self, name: str, payload: Any, *, source: str | None = None) -> Any:
        """See RunContext.batch."""
        return self._context.batch(name, payload, source=source)

    def batch_all(
        self,
        name: str,
        payloads: Sequence[Any],
        *,
        finished: Callable[[int], None] = lambda count: None,
    ) -> list[Any]:
        """See RunContext.batch_all."""
        return self._context.batch_all(name, payloads, finished=finished)

    def ladder(
        self, key: Hashable, wanted: Size, *, lower: tuple[str, ...] = ()
    ) -> Iterable[Attempt]:
        """See RunContext.ladder."""
        return self._context.ladder(key, wanted, lower=lower)

    def check(self) -> None:
        """See RunContext.check."""
        self._context.check()

    def preview(self, make: Callable[[], bytes]) -> None:
        """See RunContext.preview."""
        self._context.preview(make)
