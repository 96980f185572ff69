"""Retention: pictures past their date, and files that no row stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.utils import timezone

from project.images import in_use, storage
from project.images.errors import ImageInUse
from project.images.models import ImageRecord
from project.images.records import delete_image

ORPHAN_AGE = timedelta(hours=1)
_BATCH = 200
_ROUND = 1000


def expire_images(now: datetime | None = None) -> int:
    """Delete pictures whose time is over; one that is in use waits for the next round."""
    due = ImageRecord.objects.filter(expires_at__lte=now or timezone.now())
    deleted = 0
    for record in due.order_by("expires_at")[:_ROUND]:
        try:
            delete_image(record)
        except ImageInUse:
            continue
        deleted += 1
    return deleted


def sweep_orphans(now: datetime | None = None) -> int:
    """Delete files older than an hour that no row and no room owns; returns how many.

    The hour covers the gap between writing a file and committing its row.
    """
    oldest_kept = (now or timezone.now()) - ORPHAN_AGE
    removed = 0
    for prefix in storage.PREFIXES:
        old = (f.key for f in storage.list_files(prefix) if f.modified_at < oldest_kept)
        for keys in _batches(old):
            for key in set(keys) - in_use.files_in_use(keys):
                storage.delete(key)
                removed += 1
    return removed


def keys_of_images(keys: Collection[str]) -> set[str]:
    """Those of `keys` that are a picture's file or a rendition of one."""
    owned = set(ImageRecord.objects.filter(file__in=keys).values_list("file", flat=True))
    shown = {key: tuple(key.split("/")[1:3]) for key in keys if key.startswith("renditions/")}
    digests = {parts[1] for parts in shown.values() if len(parts) == 2}
    known = {
        (str(owner_id), sha256)
        for owner_id, sha256 in ImageRecord.objects.filter(sha256__in=digests).values_list(
            "owner_id", "sha256"
        )
    }
    return owned | {key for key, parts in shown.items() if parts in known}


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(keys)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
