"""The one way in: every upload is judged, decoded, re-encoded and stored under a random name."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import Error, transaction
from django.utils import timezone

from accounts.models import User
from project.failpoints import reach
from project.images import errors, memory, storage
from project.images.encode import EncodedImage, encode_array, encode_image, stacked
from project.images.formats import by_extension
from project.images.inspection import Inspected, inspect
from project.images.loading import LoadedImage, load_inspected
from project.images.models import ImageRecord
from project.images.names import extension_of, sanitise_name
from project.images.policy import DEFAULT_POLICY, Metadata, Policy
from project.images.records import default_expiry
from project.images.turnstile import Turnstile

__all__ = [
    "DEFAULT_POLICY",
    "Metadata",
    "Policy",
    "Prepared",
    "accept_upload",
    "decoding_turn",
    "prepare_upload",
    "stored_upload",
]

logger = logging.getLogger(__name__)

# One at a time: memory is shared by everybody whom this process serves.
_decoding_heavy = threading.Lock()
# Of ten small pictures handed in at once the first is at work before the last is read.
_small_ones = Turnstile(patience_seconds=0.5)
_HEAVY_PIXELS = 24_000_000
_HEAVY_PATIENCE_SECONDS = 30.0
_VIDEO_CODECS = frozenset({"HEIC", "AVIF"})
# Uploads are encoded while the client waits: level 2 costs a third of level 6, 10 % more bytes.
_PNG_LEVEL = 2

Judge = Callable[[Inspected], None]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What will be stored, and codes of what was left out or guessed on the way."""

    encoded: EncodedImage
    warnings: tuple[str, ...]


def accept_upload(
    *,
    owner: User,
    upload: File[Any],
    policy: Policy = DEFAULT_POLICY,
    judge: Judge | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> ImageRecord:
    """Store one upload and return its row; what `stored_upload` says, without a block."""
    with stored_upload(
        owner=owner, upload=upload, policy=policy, judge=judge, expires_at=expires_at, now=now
    ) as record:
        return record


@contextmanager
def stored_upload(
    *,
    owner: User,
    upload: File[Any],
    policy: Policy = DEFAULT_POLICY,
    judge: Judge | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> Iterator[ImageRecord]:
    """The row of one upload and what the block writes, in one transaction; the file is there
    before it.

    JPEG stays JPEG (quality 95, full chroma) unless the policy is lossless; everything else
    becomes PNG, with 16 bits per channel where the upload has them. `judge` sees what the file
    announces and may raise before the costly part. Raises UploadRefused (codes in errors.py) and
    TooBusy. When those, the block or the commit fail, nothing is left behind; a process killed
    on the way leaves at most a file, which the sweep of orphans removes.
    """
    made = prepare_upload(upload, policy, judge=judge)
    key = storage.new_upload_key(made.encoded.extension)
    try:
        storage.put(key, made.encoded.content)
        reach("upload.after_file_write")
        with transaction.atomic():
            yield _record(
                made,
                key=key,
                owner=owner,
                name=sanitise_name(upload.name),
                expires_at=expires_at or default_expiry(now or timezone.now()),
            )
            reach("upload.before_commit")
    except BaseException:
        _discard(key)
        raise


def prepare_upload(
    upload: File[Any], policy: Policy = DEFAULT_POLICY, *, judge: Judge | None = None
) -> Prepared:
    """Judge, decode and re-encode an upload, storing nothing. Raises UploadRefused, TooBusy."""
    data = read_capped(upload, policy)
    extension = extension_of(upload.name)
    named = by_extension(extension)
    if data and (named is None or extension not in policy.extensions):
        raise errors.unsupported_format(policy)
    inspected = inspect(data, policy)
    actual = inspected.container.NAME
    if named is None or named.name != actual:
        raise errors.format_mismatch(policy, extension=extension, actual=actual)
    if judge is not None:
        judge(inspected)
    with decoding_turn(is_heavy=_is_heavy(inspected)):
        return _prepare(data, inspected, policy)


@contextmanager
def decoding_turn(*, is_heavy: bool) -> Iterator[None]:
    """This thread's turn to decode: small pictures briefly one after another, heavy ones alone,
    with their memory given back behind them. Raises TooBusy after half a minute of waiting."""
    if not is_heavy:
        with _small_ones.turn():
            yield
        return
    if not _decoding_heavy.acquire(timeout=_HEAVY_PATIENCE_SECONDS):
        raise errors.TooBusy
    try:
        yield
    finally:
        _decoding_heavy.release()
        memory.release()


def read_capped(upload: File[Any], policy: Policy) -> bytes:
    """The body, counted while it is read; stops at the first byte too many."""
    body = bytearray()
    for chunk in upload.chunks():
        body += chunk
        if len(body) > policy.max_bytes:
            raise errors.too_large_bytes(policy)
    return bytes(body)


def _prepare(data: bytes, inspected: Inspected, policy: Policy) -> Prepared:
    deep = _reencode_deep(data, inspected, policy) if inspected.is_deep else None
    return deep or _reencode(load_inspected(data, inspected, policy), policy)


def _reencode(loaded: LoadedImage, policy: Policy) -> Prepared:
    lossy = loaded.format == "JPEG" and not policy.lossless
    made = encode_image(
        loaded.image,
        format="JPEG" if lossy else "PNG",
        icc=loaded.icc,
        exif=loaded.exif,
        png_level=_PNG_LEVEL,
    )
    return Prepared(encoded=made, warnings=loaded.warnings)


def _reencode_deep(data: bytes, inspected: Inspected, policy: Policy) -> Prepared | None:
    from project.images.deep import load_deep

    deep = load_deep(data, inspected, policy)
    if deep is None:
        return None
    pixels = stacked(deep.array, deep.alpha, is_grey=deep.is_grey)
    made = encode_array(pixels, format="PNG", icc=deep.icc, exif=deep.exif)
    return Prepared(encoded=made, warnings=deep.warnings)


def _is_heavy(inspected: Inspected) -> bool:
    """16 bits, video codecs and large pictures: each takes hundreds of megabytes."""
    header = inspected.header
    return (
        inspected.is_deep
        or inspected.container.NAME in _VIDEO_CODECS
        or header.width * header.height > _HEAVY_PIXELS
    )


def _record(
    prepared: Prepared, *, key: str, owner: User, name: str, expires_at: datetime | None
) -> ImageRecord:
    made = prepared.encoded
    return ImageRecord.objects.create(
        owner=owner,
        purpose=ImageRecord.Purpose.UPLOAD,
        file=key,
        sha256=hashlib.sha256(made.content).hexdigest(),
        size_bytes=len(made.content),
        format=made.format,
        width=made.width,
        height=made.height,
        bit_depth=made.bit_depth,
        warnings=list(prepared.warnings),
        original_name=name,
        expires_at=expires_at,
    )


def _discard(key: str) -> None:
    """Remove the file, unless its row is there: a commit may happen though its answer gets lost
    (the database restarts), and then the file is needed."""
    try:
        is_kept = ImageRecord.objects.filter(file=key).exists()
    except Error as error:
        logger.warning("%s is left to the sweep of orphan files: %s", key, error)
        return
    if not is_kept:
        storage.delete(key)
