"""What a person takes along and what is forgotten; pictures and jobs have their own rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enhance.models import (
    EnhanceBatch,
    Enhancement,
    FaceResult,
    FacesPreview,
    Preset,
    Reblend,
)

WORDS = {
    "enlargements": _("Enlargements"),
    "batches": _("Batches"),
    "presets": _("Presets"),
}


def export(user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """JSON lists of the person's enlargements, batches and presets."""
    rows = Enhancement.objects.visible_to(user).order_by("id")
    rows = rows.prefetch_related("face_results", "reblends")
    yield (
        "enhance/enlargements.json",
        [
            {
                "id": str(row.pk),
                "source_name": row.source_name,
                "source": str(row.source_id) if row.source_id else None,
                "result": str(row.result_id) if row.result_id else None,
                "options": row.options,
                "plan": row.plan,
                "warnings": row.warnings,
                "marking": row.marking,
                "timings": row.timings,
                "cached": row.is_cached,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "face_restoration": row.face_restoration,
                "faces": [_face(face) for face in row.face_results.all()],
                "version": row.version,
                "blends": [_blend(blend) for blend in row.reblends.all()],
                "created_at": row.created_at.isoformat(),
            }
            for row in rows
        ],
    )
    previews = FacesPreview.objects.visible_to(user).order_by("id")
    yield (
        "enhance/faces_previews.json",
        [
            {
                "id": str(p.pk),
                "source_name": p.source_name,
                "source": _id(p.source_id),
                "faces": p.faces,
            }
            for p in previews
        ],
    )
    batches = EnhanceBatch.objects.visible_to(user).order_by("id").prefetch_related("items")
    yield ("enhance/batches.json", [_batch(batch) for batch in batches])
    presets = Preset.objects.visible_to(user).order_by("name")
    yield (
        "enhance/presets.json",
        [{"name": preset.name, "options": preset.options} for preset in presets],
    )


def _batch(batch: EnhanceBatch) -> dict[str, Any]:
    return {
        "id": str(batch.pk),
        "options": batch.options,
        "items": [
            {
                "index": item.index,
                "name": item.name,
                "enlargement": _id(item.enhancement_id),
                "refusal": item.refusal or None,
            }
            for item in sorted(batch.items.all(), key=lambda item: item.index)
        ],
        "created_at": batch.created_at.isoformat(),
        "closed_at": batch.closed_at.isoformat() if batch.closed_at else None,
    }


def _face(face: FaceResult) -> dict[str, Any]:
    return {
        "index": face.index,
        "box": face.box,
        "points": face.points,
        "score": face.score,
        "status": face.status,
        "reason": face.reason,
        "enabled": face.enabled,
        "fidelity": face.fidelity,
        "crop": _id(face.crop_id),
        "restored": _id(face.restored_id),
    }


def _blend(blend: Reblend) -> dict[str, Any]:
    return {
        "id": str(blend.pk),
        "version": blend.version,
        "faces": blend.faces,
        "replaced": _id(blend.replaced_id),
        "replaced_faces": blend.replaced_faces,
        "replaced_marking": blend.replaced_marking,
        "created_at": blend.created_at.isoformat(),
    }


def _id(pk: object) -> str | None:
    return str(pk) if pk else None


def erase(user: User) -> Mapping[str, int]:
    """Delete the person's enlargements, batches and presets; returns how many."""
    FacesPreview.objects.visible_to(user).delete()
    rows = (Enhancement, EnhanceBatch, Preset)
    counts = [model.objects.visible_to(user).count() for model in rows]
    for model in rows:
        model.objects.visible_to(user).delete()
    return dict(zip(("enlargements", "batches", "presets"), counts, strict=True))
