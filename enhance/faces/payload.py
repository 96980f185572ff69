"""The faces of a result and of a preview as the API sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse

from enhance.faces.words import reason_word, restoration_detail
from enhance.models import Enhancement, FaceRestoration, FaceResult, FacesPreview, Reblend
from enhance.services.face_support import face_support
from enhance.warnings import warning_text
from project.images.models import ImageRecord
from project.images.renditions import Rendition
from project.images.signing import media_url
from project.jobs.api.payload import job_payloads


def read_faces(rows: Sequence[Enhancement]) -> None:
    """Fetch what `faces_members` reads: one query, and one more if faces were changed."""
    faces = FaceResult.objects.select_related("crop", "restored")
    prefetch_related_objects(rows, Prefetch("face_results", faces))
    read_blends([row for row in rows if row.version > 1])


def read_blends(rows: Sequence[Enhancement]) -> None:
    """Fetch the blends with their jobs and with what they replaced."""
    blends = Reblend.objects.select_related("job", "replaced")
    prefetch_related_objects(rows, Prefetch("reblends", blends))


def faces_members(row: Enhancement) -> dict[str, Any]:
    """What the payload of an enlargement says of faces."""
    is_missing = row.face_restoration == FaceRestoration.UNAVAILABLE
    return {
        "face_restoration": row.face_restoration,
        "face_restoration_detail": restoration_detail(row),
        "face_restoration_command": face_support().command if is_missing else None,
        "faces": [face_payload(face) for face in row.face_results.all()],
        "version": row.version,
        "earlier_versions": _earlier_versions(row),
        **_units(row),
    }


def face_payload(face: FaceResult) -> dict[str, Any]:
    """One face of a result."""
    return {
        "index": face.index,
        "box": face.box,
        "points": face.points,
        "score": face.score,
        "status": face.status,
        "enabled": face.enabled,
        "fidelity": face.fidelity,
        "reason": face.reason,
        "detail": reason_word(face),
        "crop_url": _url(face.crop),
        "restored_url": _url(face.restored),
    }


def _earlier_versions(row: Enhancement) -> list[dict[str, Any]]:
    blends = row.reblends.all() if row.version > 1 else []
    return [_earlier(blend) for blend in blends if blend.version]


def _earlier(blend: Reblend) -> dict[str, Any]:
    """The result that a blend replaced."""
    return {
        "version": (blend.version or 2) - 1,
        "faces": blend.replaced_faces,
        "sha256": blend.replaced.sha256 if blend.replaced else None,
        "url": _url(blend.replaced),
    }


def _units(row: Enhancement) -> dict[str, int]:
    """The counts of the job by what they count: tiles come first, then faces."""
    tiles = units_of(row.plan)
    done, total = row.job.done_units, row.job.total_units
    return {
        "tiles_done": min(done, tiles),
        "tiles_total": tiles,
        "faces_done": max(0, done - tiles),
        "faces_total": max(0, total - tiles),
    }


def units_of(plan: Mapping[str, Any]) -> int:
    """What a plan counts: how often a tile goes through a network. Old plans count tiles."""
    return int(plan.get("units", plan.get("tiles", 0)))


def _url(record: ImageRecord | None) -> str | None:
    return None if record is None else media_url(record, Rendition.ORIGINAL)


def reblend_payload(blend: Reblend) -> dict[str, Any]:
    """The job of a blend, and the enlargement that it changes."""
    return {
        **job_payloads([blend.job])[0],
        "task_id": str(blend.enhancement_id),
        "status_url": reverse("enhance_api:status", args=[blend.enhancement_id]),
    }


def preview_payload(preview: FacesPreview) -> dict[str, Any]:
    """The job of a preview and, once it has succeeded, the faces with their thumbnails."""
    support = face_support()
    ids = [UUID(face["thumbnail"]) for face in preview.faces if face["thumbnail"]]
    owner = preview.job.owner_id
    pictures = {str(r.pk): r for r in ImageRecord.objects.filter(pk__in=ids, owner_id=owner)}
    return {
        **job_payloads([preview.job])[0],
        "preview_id": str(preview.pk),
        "width": preview.job.params["width"],
        "height": preview.job.params["height"],
        "faces": [
            {**face, "thumbnail": _url(pictures.get(face["thumbnail"]))} for face in preview.faces
        ],
        "warnings": [{"code": code, "detail": warning_text(code)} for code in preview.warnings],
        "face_restoration": "available" if support.is_available else "unavailable",
        "face_restoration_detail": support.detail,
        "face_restoration_command": support.command,
        "expires_at": preview.expires_at,
    }
