"""A worker's runtime without networks: what the gate and the classifier say is given.

The jobs, their rows and their files are real; only the two networks are stand-ins, so that tests
of API and services need neither weights nor torch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from project.inference.device_lease import DeviceLease

CALIBRATION = {
    "temperature": 1.0,
    "temperature_low": 0.9,
    "temperature_high": 1.2,
    "points": {"screening": 0.437, "balanced": 0.6, "rule_in": 0.8},
}


class XrayRuntime:
    """`logit(film)` is what the classifier says of a framed film; `ran` lists the networks used."""

    def __init__(self, logit: Callable[[Any], float] = lambda film: 2.3) -> None:
        self.lease = DeviceLease()
        self.host = self
        self.batcher = self
        self.ran: list[str] = []
        self._logit = logit

    # as a model host

    def is_loaded(self, name: str) -> bool:
        """Always."""
        del name
        return True

    @contextmanager
    def use(self, name: str, **kwargs: Any):  # type: ignore[no-untyped-def]
        """The model of that name."""
        del kwargs
        yield SimpleNamespace(name=name, version="tiny", network=None, device="cpu")

    # as a micro-batcher

    def submit(self, *, model: Any, payload: Any, rank: Any, source: Any) -> Any:
        """One film, scored at once."""
        del rank, source
        self.ran.append(model.name)
        evidence = np.zeros((7, 7), np.float32)
        evidence[4:6, 1:3] = 1.0
        scores = SimpleNamespace(pneumonia=self._logit(payload), virus=0.4, evidence=evidence)
        return SimpleNamespace(result=lambda waiting: scores, device_seconds=0.0)
