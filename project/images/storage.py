"""Private files by key, on disk or in S3 (django-storages decides by setting)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

PREFIXES = ("uploads", "jobs", "renditions")
_KEY = re.compile(rf"(?:{'|'.join(PREFIXES)})(?:/[A-Za-z0-9_][A-Za-z0-9._-]*){{1,6}}")


class BadKey(ValueError):
    """A key outside the prefixes of this platform, or one that could leave them."""


class KeyTaken(RuntimeError):
    """The key holds a file already; keys are written once."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A key and when it was last written."""

    key: str
    modified_at: datetime


def check_key(key: str) -> str:
    """The key itself; raises BadKey."""
    if len(key) > 255 or not _KEY.fullmatch(key):
        raise BadKey(key)
    return key


def new_upload_key(extension: str) -> str:
    """A key that nobody can guess and that holds nothing of the client's name."""
    return check_key(f"uploads/{secrets.token_hex(16)}/original.{extension}")


def put(key: str, content: bytes) -> None:
    """Write a new file. Raises KeyTaken, after removing the copy the storage made beside it."""
    saved = default_storage.save(check_key(key), ContentFile(content))
    if saved != key:
        default_storage.delete(saved)
        raise KeyTaken(key)


def open_file(key: str) -> File[Any]:
    """Open for reading; raises FileNotFoundError."""
    return default_storage.open(check_key(key), "rb")


def read(key: str) -> bytes:
    """The whole file; raises FileNotFoundError."""
    with open_file(key) as file:
        content: bytes = file.read()
    return content


def delete(key: str) -> None:
    """Remove the file; a missing one is no error."""
    default_storage.delete(check_key(key))


def exists(key: str) -> bool:
    """Whether the key holds a file."""
    return default_storage.exists(check_key(key))


def size(key: str) -> int:
    """Bytes of the file; raises FileNotFoundError."""
    return default_storage.size(check_key(key))


def presigned_url(key: str, *, seconds: int, media_type: str, disposition: str) -> str | None:
    """A short-lived URL at the store itself, or None where files lie on local disk."""
    if _bucket() is None:
        return None
    return str(
        default_storage.url(  # type: ignore[call-arg]  # django-storages adds both arguments
            check_key(key),
            parameters={
                "ResponseContentType": media_type,
                "ResponseContentDisposition": disposition,
            },
            expire=seconds,
        )
    )


def list_files(prefix: str) -> Iterator[StoredFile]:
    """Every file under one of PREFIXES with its age, in no order."""
    if prefix not in PREFIXES:
        raise BadKey(prefix)
    bucket = _bucket()
    if bucket is not None:
        # One listing carries the dates; asking per key would cost a request each.
        for item in bucket.objects.filter(Prefix=f"{prefix}/"):
            yield StoredFile(key=item.key, modified_at=item.last_modified)
        return
    yield from _walk(prefix)


def list_folder(folder: str) -> Iterator[str]:
    """Keys of the files under one folder of a prefix, in no order; raises BadKey."""
    bucket = _bucket()
    if bucket is not None:
        yield from (item.key for item in bucket.objects.filter(Prefix=f"{check_key(folder)}/"))
        return
    yield from (file.key for file in _walk(check_key(folder)))


def _walk(folder: str) -> Iterator[StoredFile]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        key = f"{folder}/{name}"
        try:
            yield StoredFile(key=key, modified_at=default_storage.get_modified_time(key))
        except FileNotFoundError:
            continue  # deleted since the listing
    for name in folders:
        yield from _walk(f"{folder}/{name}")


def _bucket() -> Any:
    return getattr(default_storage, "bucket", None)
