"""The same photo once more, with the same or other options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from enhance.handling import Handling
from enhance.kind import options_of, params_for
from enhance.models import Enhancement
from enhance.options import SIZES, EnhanceOptions
from enhance.policy import stored_alpha
from enhance.serializers import parse_options
from enhance.services.device import current_device
from enhance.services.estimate import plan_enlargement
from enhance.services.known import keep_longer
from project.images.records import default_expiry
from project.jobs.retry import retry_job


def retry_enhancement(
    *,
    enhancement: Enhancement,
    changes: Mapping[str, Any] | None = None,
    handling: Handling | None = None,
) -> Enhancement:
    """A new enlargement of the same stored original; `changes` replace single options.

    The networks run, whatever was known before.

    Raises ValidationError for wrong options and ServiceError: not_retryable, source_gone, and
    the refusals of the plan.
    """
    job = enhancement.job
    kept = options_of(job.params)
    options = parse_options(_merged(kept, changes or {}), default_quality=kept.quality_level)
    source = {
        "source_format": job.params["source_format"],
        "bit_depth": job.params.get("bit_depth", 8),
        "has_alpha": options.alpha == "model" and _has_alpha(enhancement),
    }
    plan = plan_enlargement(
        width=job.params["width"],
        height=job.params["height"],
        **source,
        options=options,
        device=current_device(),
    )
    expires_at = (handling or Handling()).expires_at(timezone.now())
    with transaction.atomic():
        new = retry_job(job=job, params=params_for(plan, options, **source))
        Enhancement.objects.filter(job=new).update(expires_at=expires_at)
        if enhancement.source is not None:
            keep_longer(enhancement.source, expires_at=expires_at or default_expiry())
    return Enhancement.objects.with_job().get(job=new)


def _merged(kept: EnhanceOptions, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Another size takes the place of the kept one, whichever way either was said."""
    wanted = {name: value for name, value in kept.as_json().items() if value is not None}
    replaced = [
        group
        for group in (SIZES, ("keep_gps", "strip_gps"))
        if any(changes.get(name) not in ("", None) for name in group)
    ]
    for group in replaced:
        for name in group:
            wanted.pop(name, None)
    return {**wanted, **changes}


def _has_alpha(enhancement: Enhancement) -> bool:
    return enhancement.source is not None and stored_alpha(enhancement.source)
