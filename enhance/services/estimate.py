"""What an enlargement would do and cost, before anything is uploaded."""

from __future__ import annotations

from enhance.kind import KEY
from enhance.options import EnhanceOptions
from enhance.plan import Plan, make_plan
from enhance.policy import limits
from project.jobs.models import RunRate
from project.jobs.rates import SAMPLES_BEFORE_SHOWING


def plan_enlargement(
    *,
    width: int,
    height: int,
    source_format: str,
    options: EnhanceOptions,
    device: str,
    bit_depth: int = 8,
) -> Plan:
    """The plan under the limits of this server. Raises ServiceError 422 as make_plan does."""
    return make_plan(
        width=width,
        height=height,
        source_format=source_format,
        bit_depth=bit_depth,
        options=options,
        limits=limits(),
        device=device,
        seconds_per_tile=measured_seconds_per_tile,
    )


def measured_seconds_per_tile(bucket: str) -> float | None:
    """The worker's own rate, or None while fewer than two runs were measured."""
    rate = RunRate.objects.filter(kind=KEY, bucket=bucket, samples__gte=SAMPLES_BEFORE_SHOWING)
    return rate.values_list("seconds_per_unit", flat=True).first()
