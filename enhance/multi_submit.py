"""Several photos of one form: each stands for itself, a bad one does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File

from accounts.models import User
from enhance.models import Enhancement
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from enhance.services.submit import submit_enhancement
from project.errors import ServiceError


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One photo that was not queued, and why."""

    name: str
    error: ServiceError


@dataclass(frozen=True, kw_only=True)
class FormOutcome:
    """What became of the photos of one form."""

    queued: list[Enhancement] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def submit_photos(
    *,
    owner: User,
    uploads: Iterable[File[Any]],
    options: Mapping[str, Any],
    count: Callable[[], None],
) -> FormOutcome:
    """Queue each photo with the same options; `count` is asked before each and may refuse it.

    Raises ValidationError for wrong options before any photo is read.
    """
    parse_options(options, default_quality=default_quality(current_device()))
    outcome = FormOutcome()
    for upload in uploads:
        try:
            count()
            submitted = submit_enhancement(owner=owner, upload=upload, options=options)
        except ServiceError as error:
            outcome.refused.append(Refused(name=upload.name or "", error=error))
        else:
            outcome.queued.append(submitted.enhancement)
    return outcome
