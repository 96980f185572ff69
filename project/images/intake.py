"""The one way in: every upload is judged, decoded, re-encoded and stored under a random name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from project.images import errors, storage
from project.images.encode import EncodedImage, encode_image
from project.images.formats import by_extension
from project.images.loading import LoadedImage, inspect, load
from project.images.models import ImageRecord
from project.images.names import extension_of, sanitise_name
from project.images.policy import DEFAULT_POLICY, Metadata, Policy
from project.images.records import default_expiry, delete_image

__all__ = [
    "DEFAULT_POLICY",
    "Metadata",
    "Policy",
    "accept_upload",
    "discard_on_error",
    "prepare_upload",
]

# Uploads are encoded while the client waits: level 2 costs a third of level 6, 10 % more bytes.
_PNG_LEVEL = 2


def accept_upload(
    *,
    owner: User,
    upload: File[Any],
    policy: Policy = DEFAULT_POLICY,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> ImageRecord:
    """Store one upload and return its row; the file is written first, the row after.

    JPEG stays JPEG (quality 95, full chroma) unless the policy is lossless; everything else
    becomes PNG. Raises UploadRefused (codes in errors.py); nothing is left behind then.
    """
    made = prepare_upload(upload, policy)
    return _store(
        made,
        owner=owner,
        name=sanitise_name(upload.name),
        expires_at=expires_at or default_expiry(now or timezone.now()),
    )


def prepare_upload(upload: File[Any], policy: Policy = DEFAULT_POLICY) -> EncodedImage:
    """Judge, decode and re-encode an upload, storing nothing. Raises UploadRefused."""
    data = read_capped(upload, policy)
    extension = extension_of(upload.name)
    named = by_extension(extension)
    if data and (named is None or extension not in policy.extensions):
        raise errors.unsupported_format(policy)
    container = inspect(data, policy)
    if named is None or named.name != container.NAME:
        raise errors.format_mismatch(policy, extension=extension, actual=container.NAME)
    loaded = load(data, policy, convert_to_srgb=Metadata.ICC not in policy.keep)
    return _reencode(loaded, policy)


def read_capped(upload: File[Any], policy: Policy) -> bytes:
    """The body, counted while it is read; stops at the first byte too many."""
    body = bytearray()
    for chunk in upload.chunks():
        body += chunk
        if len(body) > policy.max_bytes:
            raise errors.too_large_bytes(policy)
    return bytes(body)


@contextmanager
def discard_on_error(record: ImageRecord) -> Iterator[ImageRecord]:
    """Delete the picture again when the block fails: no job, no stored upload."""
    try:
        yield record
    except BaseException:
        delete_image(record, even_in_use=True)
        raise


def _reencode(loaded: LoadedImage, policy: Policy) -> EncodedImage:
    keeps_icc = Metadata.ICC in policy.keep
    lossy = loaded.format == "JPEG" and not policy.lossless
    return encode_image(
        loaded.image,
        format="JPEG" if lossy else "PNG",
        icc=loaded.icc if keeps_icc else None,
        exif=loaded.exif,
        png_level=_PNG_LEVEL,
    )


def _store(
    made: EncodedImage, *, owner: User, name: str, expires_at: datetime | None
) -> ImageRecord:
    key = storage.new_upload_key(made.extension)
    try:
        storage.put(key, made.content)
        with transaction.atomic():
            return ImageRecord.objects.create(
                owner=owner,
                purpose=ImageRecord.Purpose.UPLOAD,
                file=key,
                sha256=hashlib.sha256(made.content).hexdigest(),
                size_bytes=len(made.content),
                format=made.format,
                width=made.width,
                height=made.height,
                original_name=name,
                expires_at=expires_at,
            )
    except BaseException:
        storage.delete(key)
        raise
