"""Rows for pictures, and their removal: row first, files after commit, sweeper for the rest."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from accounts.models import User
from project.images import in_use, renditions, storage
from project.images.containers import identify_markable
from project.images.containers.header import Malformed
from project.images.errors import ImageInUse
from project.images.models import ImageRecord
from project.images.names import sanitise_name


def default_expiry(now: datetime | None = None) -> datetime | None:
    """When pictures expire that nobody set a date for; None keeps them."""
    if not settings.RESULT_RETENTION:
        return None
    return (now or timezone.now()) + settings.RESULT_RETENTION


def record_result(
    *,
    owner: User,
    key: str,
    content: bytes,
    original_name: str = "",
    purpose: str = ImageRecord.Purpose.RESULT,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> ImageRecord:
    """The row of a finished file that already lies at `key` (a FileSink wrote it).

    No storage is touched, so it may run inside the finishing transaction. `content` is the
    file's bytes: PNG, JPEG, WEBP or TIFF, upright. Raises Malformed (a ValueError) for anything else.
    """
    container = identify_markable(content)
    if container is None:
        raise Malformed("a result is PNG, JPEG, WEBP or TIFF")
    header = container.read_header(content)
    return ImageRecord.objects.create(
        owner=owner,
        purpose=purpose,
        file=storage.check_key(key),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        format=container.NAME,
        width=header.width,
        height=header.height,
        bit_depth=header.decoded_depth,
        original_name=sanitise_name(original_name),
        expires_at=expires_at or default_expiry(now),
    )


def delete_image(record: ImageRecord, *, even_in_use: bool = False) -> None:
    """Remove the row, then, after commit, the file and the renditions nobody else shares.

    Raises ImageInUse unless `even_in_use`; a protected reference is a use, too.
    """
    if not even_in_use and in_use.is_in_use(record):
        raise ImageInUse
    owner_id, sha256, key = record.owner_id, record.sha256, record.file
    try:
        with transaction.atomic():
            record.delete()
            transaction.on_commit(partial(_remove_files, owner_id, sha256, key), robust=True)
    except (ProtectedError, RestrictedError) as error:
        raise ImageInUse from error


def _remove_files(owner_id: int, sha256: str, key: str) -> None:
    """A failure is logged by Django (robust hook) and made good by the orphan sweeper."""
    storage.delete(key)
    if not ImageRecord.objects.filter(owner_id=owner_id, sha256=sha256).exists():
        renditions.delete_copies(owner_id=owner_id, sha256=sha256)
