"""What an enlargement would do and cost, before anything is uploaded."""

from __future__ import annotations

from dataclasses import replace

from enhance.kind import KEY
from enhance.options import EnhanceOptions
from enhance.plan import Plan, make_plan
from enhance.policy import limits
from enhance.services.device import device_memory
from enhance.services.face_support import check_faces
from enhance.services.networks import chosen_network
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
    has_alpha: bool = False,
) -> Plan:
    """The plan under the limits of this server.

    Raises ServiceError 422 as make_plan and chosen_network do, and 409 `face_model_missing`.
    """
    check_faces(options)
    return make_plan(
        width=width,
        height=height,
        source_format=source_format,
        bit_depth=bit_depth,
        has_alpha=has_alpha,
        network=chosen_network(options),
        options=options,
        limits=replace(limits(), memory_bytes=device_memory(device)),
        device=device,
        seconds_per_unit=measured_seconds_per_unit,
    )


def measured_seconds_per_unit(bucket: str) -> float | None:
    """The worker's own rate, or None while fewer than two runs were measured."""
    rate = RunRate.objects.filter(kind=KEY, bucket=bucket, samples__gte=SAMPLES_BEFORE_SHOWING)
    return rate.values_list("seconds_per_unit", flat=True).first()
