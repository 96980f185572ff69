"""The same photo once more, with the same or other options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enhance.kind import options_of, params_for
from enhance.models import Enhancement
from enhance.serializers import parse_options
from enhance.services.device import current_device
from enhance.services.estimate import plan_enlargement
from project.jobs.retry import retry_job


def retry_enhancement(
    *, enhancement: Enhancement, changes: Mapping[str, Any] | None = None
) -> Enhancement:
    """A new enlargement of the same stored original; `changes` replace single options.

    Raises ValidationError for wrong options and ServiceError: not_retryable, source_gone, and
    the refusals of the plan.
    """
    job = enhancement.job
    kept = options_of(job.params)
    wanted = {name: value for name, value in kept.as_json().items() if value is not None}
    options = parse_options({**wanted, **(changes or {})}, default_quality=kept.quality_level)
    source = {
        "source_format": job.params["source_format"],
        "bit_depth": job.params.get("bit_depth", 8),
    }
    plan = plan_enlargement(
        width=job.params["width"],
        height=job.params["height"],
        **source,
        options=options,
        device=current_device(),
    )
    new = retry_job(job=job, params=params_for(plan, options, **source))
    return Enhancement.objects.with_job().get(job=new)
