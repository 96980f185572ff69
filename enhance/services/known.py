"""Whether a photo was enlarged before: same bytes, same options, same networks, same owner."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from enhance.models import Enhancement, EnhanceModel
from enhance.options import EnhanceOptions
from enhance.policy import UPLOADS
from project.images import storage
from project.images.models import ImageRecord
from project.images.names import extension_of
from project.inference.weight_store import configured_store
from project.inference.weights import all_entries
from project.jobs.models import Job


def request_digest(*, upload: File[Any], options: EnhanceOptions, device: str) -> str:
    """64 hex digits that change with anything that could change the result.

    Empty when the upload is longer than any that is accepted. The extension counts, because one
    that does not fit the content is refused; so does the release, because a new one may draw
    differently.
    """
    content = hashlib.sha256()
    size = 0
    for chunk in upload.chunks():
        size += len(chunk)
        if size > UPLOADS.max_bytes:
            return ""
        content.update(chunk)
    parts = [
        content.hexdigest(),
        extension_of(upload.name),
        options.as_json(),
        device,
        _installed(),
        settings.VERSION,
    ]
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _installed() -> list[str]:
    """Every set of weights with what is known of it: one more or less may change a result."""
    store = configured_store()
    own = EnhanceModel.objects.values_list("name", "sha256")
    return sorted(
        [
            *(f"{e.name} {e.version} {store.status(e.name).state}" for e in all_entries()),
            *(f"{name} {sha256}" for name, sha256 in own),
        ]
    )


def earlier_result(*, owner: User, digest: str, now: datetime | None = None) -> Enhancement | None:
    """The owner's newest enlargement with that digest whose pictures are still there.

    Inside a transaction both pictures stay as they are until it ends.
    """
    if not digest:
        return None
    rows = (
        Enhancement.objects.visible_to(owner)
        .with_job()
        .filter(request_digest=digest, job__state=Job.State.SUCCEEDED)
        .filter(_lives("source", now), _lives("result", now))
    )
    found = rows.order_by("-pk").first()
    if found is None or found.source is None or found.result is None:
        return None
    pictures = (found.source, found.result)
    # In one order for everybody, so that two answers cannot wait for each other.
    held = ImageRecord.objects.filter(pk__in=[record.pk for record in pictures]).order_by("pk")
    is_held = len(held.select_for_update()) == len(pictures)
    return found if is_held and all(storage.exists(record.file) for record in pictures) else None


def keep_longer(record: ImageRecord, *, expires_at: datetime | None) -> None:
    """A picture that serves two enlargements goes with the later of them."""
    if record.expires_at is None:
        return
    if expires_at is None or expires_at > record.expires_at:
        ImageRecord.objects.filter(pk=record.pk).update(expires_at=expires_at)


def _lives(picture: str, now: datetime | None) -> Q:
    moment = now or timezone.now()
    return Q(**{f"{picture}__isnull": False}) & (
        Q(**{f"{picture}__expires_at__isnull": True}) | Q(**{f"{picture}__expires_at__gt": moment})
    )
