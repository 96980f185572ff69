"""The photos of one form without a script: one alone, or several as a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.files.base import File

from accounts.models import User
from enhance.batches.models import EnhanceBatch
from enhance.batches.submit import close_batch, open_batch, place_photo


def submit_photos(
    *,
    owner: User,
    uploads: Sequence[File[Any]],
    options: Mapping[str, Any],
    count: Callable[[], None],
) -> EnhanceBatch:
    """A batch of all of them: each stands for itself, a bad one does not stop the others.

    `count` is asked before each and may refuse it. Raises ValidationError for wrong options and
    BatchError before any photo is read.
    """
    batch = open_batch(owner=owner, photos=len(uploads), options=options).batch
    for upload in uploads:
        place_photo(batch=batch, upload=upload, options=options, count=count)
    return close_batch(batch=batch)
