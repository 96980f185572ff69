"""The finished photos of a batch as one ZIP, written while it is sent.

Pictures are compressed already, so they are stored as they are. The archive goes to a stream
that cannot be rewound: sizes and checksums follow each file, as the format allows.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings

from enhance.batches.models import EnhanceBatch
from enhance.batches.names import unique_names
from enhance.batches.state import BatchStanding
from enhance.marking import SOURCE_TYPE
from enhance.names import name_of_result
from project.images import storage
from project.images.formats import FORMATS
from project.images.models import ImageRecord
from project.jobs.models import Job

MANIFEST = "manifest.json"
BLOCK_BYTES = 256 * 1024
# From here on the 4-byte fields of the format might not hold a size.
_ZIP64_BYTES = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One result and the name it gets."""

    name: str
    key: str
    size_bytes: int
    finished_at: datetime


class _Pipe:
    """What zipfile writes into and the response takes out of."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def archive_of(batch: EnhanceBatch, standing: BatchStanding) -> tuple[list[Entry], dict[str, Any]]:
    """What goes into the archive, and the manifest that says so."""
    finished = [
        (item, record)
        for item in standing.items
        if (record := _result_of(item.enhancement)) is not None
    ]
    names = unique_names(
        (_wanted_name(item.enhancement) for item, _ in finished), taken=(MANIFEST,)
    )
    name_of = {item.pk: name for (item, _), name in zip(finished, names, strict=True)}
    entries = [
        Entry(
            name=name_of[item.pk],
            key=record.file,
            size_bytes=record.size_bytes,
            finished_at=record.created_at,
        )
        for item, record in finished
    ]
    manifest = {
        "batch_task_id": str(batch.pk),
        "status": standing.state.value,
        "created_at": batch.created_at.isoformat(),
        "software": f"Omnilens {settings.VERSION}",
        "items": [_line(item, name_of.get(item.pk)) for item in standing.items],
    }
    return entries, manifest


def stream_archive(entries: list[Entry], manifest: dict[str, Any]) -> Generator[bytes]:
    """The archive in blocks of about 256 KB; never more than two of them are in memory.

    The manifest comes last. A result that was deleted meanwhile is named there as `missing`, and
    one whose bytes are no longer those of its row as `damaged`; the others are not held up.
    """
    pipe = _Pipe()
    lines = {line["file"]: line for line in manifest["items"] if line["file"]}
    with zipfile.ZipFile(cast("BinaryIO", pipe), "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            try:
                source = storage.open_file(entry.key)
            except FileNotFoundError:
                lines[entry.name]["file"], lines[entry.name]["note"] = None, "missing"
                continue
            digest = hashlib.sha256()
            with source, archive.open(_info(entry), "w", force_zip64=_is_huge(entry)) as target:
                while block := source.read(BLOCK_BYTES):
                    digest.update(block)
                    target.write(block)
                    yield pipe.take()
            if digest.hexdigest() != lines[entry.name]["sha256"]:
                lines[entry.name]["note"] = "damaged"
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        archive.writestr(
            _plain_info(MANIFEST, datetime.fromisoformat(manifest["created_at"])), text
        )
        yield pipe.take()
    yield pipe.take()


def _result_of(enhancement: Any) -> ImageRecord | None:
    if enhancement is None or enhancement.job.state != Job.State.SUCCEEDED:
        return None
    record: ImageRecord | None = enhancement.result
    return record


def _wanted_name(enhancement: Any) -> str:
    return name_of_result(enhancement)


def _line(item: Any, name: str | None) -> dict[str, Any]:
    line: dict[str, Any] = {"index": item.index, "source": item.name, "file": name}
    row = item.enhancement
    if row is None:
        return {**line, "status": "failed", "error": item.refusal}
    record = _result_of(row)
    status = {"succeeded": "completed", "running": "processing"}.get(row.job.state, row.job.state)
    line |= {
        "task_id": str(row.pk),
        "status": status,
        "options": row.options,
        "cached": row.is_cached,
        "model_versions": row.job.model_versions,
        "warnings": row.warnings,
    }
    if row.job.error_code:
        line["error"] = {"code": row.job.error_code}
    if record is not None:
        line |= {
            "sha256": record.sha256,
            "size_bytes": record.size_bytes,
            "width": record.width,
            "height": record.height,
            "media_type": FORMATS[record.format].media_type,
            "digital_source_type": str(SOURCE_TYPE),
        }
    return line


def _info(entry: Entry) -> zipfile.ZipInfo:
    info = _plain_info(entry.name, entry.finished_at)
    info.file_size = entry.size_bytes
    return info


def _plain_info(name: str, moment: datetime) -> zipfile.ZipInfo:
    # The format knows no year before 1980 and no time zone; UTC is at least the same everywhere.
    info = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
    info.compress_type = zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    return info


def _is_huge(entry: Entry) -> bool:
    return entry.size_bytes > _ZIP64_BYTES
