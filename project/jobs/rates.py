"""What runs have cost so far: seconds per unit of each (kind, bucket)."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction

from project.jobs import kinds
from project.jobs.models import Job, RunRate

logger = logging.getLogger(__name__)

SAMPLES_BEFORE_SHOWING = 2
WEIGHT_OF_NEWEST = 0.2
SAMPLES_KEPT = 50


def bucket_of(kind: str, params: Mapping[str, Any]) -> str:
    """The size bucket the kind puts these parameters in; empty when it has no buckets."""
    try:
        find = kinds.get(kind).rate_bucket
    except kinds.UnknownKind:
        return ""
    return find(params) if find else ""


def learn(*, kind: str, bucket: str, seconds: float, units: int) -> None:
    """Add one finished run. A database that is busy costs a sample, never the job."""
    per_unit = seconds / max(1, units)
    try:
        with transaction.atomic():
            RunRate.objects.get_or_create(kind=kind, bucket=bucket)
            rate = RunRate.objects.select_for_update().get(kind=kind, bucket=bucket)
            absorb(rate, per_unit)
            rate.save()
    except DatabaseError as error:
        logger.warning("a run of %s (%s) was not measured: %s", kind, bucket, error)


def absorb(rate: RunRate, per_unit: float) -> None:
    """Move the weighted mean and the 95th percentile by one sample; does not save."""
    mean = rate.seconds_per_unit
    rate.recent = [*rate.recent, per_unit][-SAMPLES_KEPT:]
    rate.seconds_per_unit = (
        per_unit if not rate.samples else mean + WEIGHT_OF_NEWEST * (per_unit - mean)
    )
    rate.samples += 1
    if rate.seconds_per_unit > 0:
        rate.p95_factor = quantile(rate.recent, 0.95) / rate.seconds_per_unit


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed, counting one unseen
    larger one, so that few samples promise little."""
    ordered = sorted(values)
    return ordered[min(len(ordered), math.ceil(share * (len(ordered) + 1))) - 1]


@dataclass(frozen=True)
class Rates:
    """All rates that may be shown, read with one query."""

    by_bucket: Mapping[tuple[str, str], RunRate] = field(default_factory=dict)
    by_kind: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Rates:
        """Those with at least two samples."""
        rows = list(RunRate.objects.filter(samples__gte=SAMPLES_BEFORE_SHOWING))
        weights: dict[str, int] = {}
        sums: dict[str, float] = {}
        for row in rows:
            weights[row.kind] = weights.get(row.kind, 0) + row.samples
            sums[row.kind] = sums.get(row.kind, 0.0) + row.samples * row.seconds_per_unit
        return cls(
            by_bucket={(row.kind, row.bucket): row for row in rows},
            by_kind={kind: sums[kind] / weights[kind] for kind in sums},
        )

    def of(self, job: Job) -> RunRate | None:
        """The rate of this job's own bucket."""
        return self.by_bucket.get((job.kind, bucket_of(job.kind, job.params)))

    def expected_seconds(self, kind: str, units: int) -> float | None:
        """What `units` of some job of this kind cost on average; None when nobody knows yet."""
        per_unit = self.by_kind.get(kind)
        return None if per_unit is None else per_unit * max(1, units)


class OwnPace:
    """Seconds per unit as this very run shows them, from its second unit on.

    The first unit also loads and warms up; what lies between it and the present one does not.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def seconds_per_unit(self, done: int, now: float) -> float | None:
        """The pace at `done` units; None while fewer than two have been seen to end."""
        if done < 1:
            return None
        if self._first is None:
            self._first = done, now
        units, since = done - self._first[0], now - self._first[1]
        return since / units if units else None


def countdown(
    job: Job, *, clock: Callable[[], float] = time.monotonic
) -> Callable[[int, int], float | None]:
    """The seconds left of one run, by units done and in all; never grows while it runs.

    Reads the rate once. A bucket without two samples is judged by the run's own pace, and gives
    None until that is known.
    """
    rate = RunRate.objects.filter(
        kind=job.kind,
        bucket=bucket_of(job.kind, job.params),
        samples__gte=SAMPLES_BEFORE_SHOWING,
    ).first()
    pace = OwnPace()
    promised = math.inf

    def left(done: int, total: int) -> float | None:
        nonlocal promised
        now = clock()
        per_unit = rate.seconds_per_unit if rate else pace.seconds_per_unit(done, now)
        if per_unit is not None:
            promised = min(promised, now + per_unit * max(0, total - done))
        return max(0.0, promised - now) if promised < math.inf else None

    return left
