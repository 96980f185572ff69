"""Everything the house knows about a person, as one archive."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections import Counter
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import PrivacyReceipt, User
from accounts.privacy.registry import Content, exporters

ARCHIVE_NAME = "omnilens-export.zip"
MANIFEST = "manifest.json"
IN_MEMORY_BYTES = 5_000_000
_COMPRESSED_ALREADY = {".png", ".jpg", ".jpeg", ".webp", ".zip"}


def export_user(user: User, *, now: datetime | None = None) -> IO[bytes]:
    """A zip, rewound, on disk when large: each room's JSON and pictures, then a manifest.

    The manifest lists every file with size and sha256, and the receipt that is kept.
    """
    now = now or timezone.now()
    receipt = PrivacyReceipt.objects.create(
        kind=PrivacyReceipt.Kind.EXPORT, owner=user, created_at=now, finished_at=now
    )
    archive = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  (the response closes it)
    listed: list[dict[str, Any]] = []
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    with zipfile.ZipFile(archive, "w") as target:
        for name, export in exporters().items():
            for path, content in export(user):
                safe = _safe_path(path, taken=seen)
                listed.append(_write(target, safe, content))
                counts[name] += 1
        manifest = {
            "format": 1,
            "receipt": str(receipt.pk),
            "created_at": now,
            "username": user.username,
            "files": listed,
        }
        target.writestr(MANIFEST, _as_bytes(manifest), zipfile.ZIP_DEFLATED)
    receipt.counts = dict(counts)
    receipt.save(update_fields=["counts"])
    archive.seek(0)
    return archive


def _write(target: zipfile.ZipFile, path: str, content: Content) -> dict[str, Any]:
    data = _as_bytes(content)
    packed = PurePosixPath(path).suffix.lower() in _COMPRESSED_ALREADY
    target.writestr(path, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
    return {"path": path, "bytes": len(data), "sha256": sha256(data).hexdigest()}


def _as_bytes(content: Content) -> bytes:
    if isinstance(content, bytes):
        return content
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return text.encode()


def _safe_path(path: str, *, taken: set[str]) -> str:
    """`path`, if it stays inside the archive and is new; a room that breaks this has a bug."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or path in taken | {MANIFEST}:
        raise ValueError(f"an exporter yielded the path {path!r}")
    taken.add(path)
    return path
