"""Loading models before the first job, so that no user pays for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from project.inference.device_failure import is_device_failure
from project.inference.errors import InferenceError

if TYPE_CHECKING:
    from project.inference.model_host import ModelHost

logger = logging.getLogger(__name__)

AUTO = "auto"
ModelsFor = Callable[[str], Iterable[str]]
_defaults: list[ModelsFor] = []


def register_default(models_for: ModelsFor) -> None:
    """`models_for(device)` names what a room wants loaded where the operator says `auto`."""
    _defaults.append(models_for)


def wanted_models(names: Iterable[str], *, device: str) -> list[str]:
    """The models that OMNILENS_PRELOAD means on `device` (`cpu`, `cuda:N`), each once."""
    wanted: list[str] = []
    for name in names:
        if name == AUTO:
            wanted += [model for models_for in _defaults for model in models_for(device)]
        else:
            wanted.append(name)
    return list(dict.fromkeys(wanted))


class Preload:
    """Each name is tried once: with weights at the start of the worker, else when they appear."""

    def __init__(
        self, names: Iterable[str], *, host: ModelHost, warm: Callable[[str], None]
    ) -> None:
        self._pending = list(dict.fromkeys(names))
        self._host = host
        self._warm = warm
        self._problems: dict[str, str] = {}
        self.has_run = False

    def run(self) -> None:
        """Try what was not tried and can be; called again whenever it may be worth it.

        Raises the error of a device that failed; any other failure is kept as `trouble`.
        """
        for name in tuple(self._pending):
            if self._waits_for_weights(name):
                continue
            self._pending.remove(name)
            self._try(name)
        self.has_run = True

    @property
    def trouble(self) -> str:
        """One line for each model that is still not loaded, with the reason; empty if none."""
        for name in tuple(self._problems):
            if self._host.is_loaded(name):  # by a job or by an order meanwhile
                self._problems.pop(name, None)
        return "\n".join(f"{name}: {reason}" for name, reason in self._problems.items())

    def _waits_for_weights(self, name: str) -> bool:
        try:
            missing = self._host.missing_weights(name)
        except InferenceError:
            return False  # the attempt says why
        if missing:
            self._note(name, f"weights {', '.join(missing)} are not on disk")
        return bool(missing)

    def _try(self, name: str) -> None:
        self._problems.pop(name, None)
        try:
            self._warm(name)
        except InferenceError as error:
            if is_device_failure(error):
                raise
            self._note(name, f"{error.code}: {error.detail}")

    def _note(self, name: str, reason: str) -> None:
        if self._problems.get(name) != reason:
            logger.error("%s is not preloaded: %s", name, reason)
        self._problems[name] = reason
