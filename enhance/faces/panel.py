"""The faces of one finished enlargement as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.cards import picture_url
from enhance.faces.payload import read_blends, read_faces
from enhance.faces.words import reason_word, restoration_detail
from enhance.models import Enhancement, FaceRestoration, FaceResult, Reblend
from enhance.services.face_support import face_support
from enhance.services.reblend import UNFINISHED
from project.images.renditions import Rendition
from project.jobs.codes import describe_error
from project.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class FaceRow:
    """One face; addresses are empty when a picture is gone or never was."""

    index: int
    number: int
    box: str
    crop: str
    restored: str
    status: str
    status_word: str
    reason: str
    enabled: bool
    percent: int
    can_change: bool


@dataclass(frozen=True, kw_only=True)
class EarlierVersion:
    """A result that a blend replaced; its address is empty when it is gone."""

    version: int
    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class FacesPanel:
    """`blending` is the unfinished blend, `trouble` why the last one failed."""

    restoration: str
    detail: str
    command: str
    faces: list[FaceRow]
    can_change: bool
    blending: Reblend | None
    trouble: str
    version: int
    earlier: list[EarlierVersion]


def faces_panel(row: Enhancement) -> FacesPanel | None:
    """None when nothing is to be said: faces were not wanted, or the picture is not there."""
    if row.result is None:
        return None
    read_faces([row])
    read_blends([row])
    if row.face_restoration == FaceRestoration.OFF and not row.face_results.all():
        return None
    blends = list(row.reblends.all())
    blending = next((b for b in reversed(blends) if b.job.state in UNFINISHED), None)
    has_parts = row.background_id is not None
    faces = [_face(face, has_parts=has_parts) for face in row.face_results.all()]
    is_missing = row.face_restoration == FaceRestoration.UNAVAILABLE
    return FacesPanel(
        restoration=row.face_restoration,
        detail=restoration_detail(row),
        command=(face_support().command or "") if is_missing else "",
        faces=faces,
        can_change=blending is None and any(face.can_change for face in faces),
        blending=blending,
        trouble=_trouble(blends),
        version=row.version,
        earlier=[_earlier(blend) for blend in blends if blend.version],
    )


def _face(face: FaceResult, *, has_parts: bool) -> FaceRow:
    is_restored = face.status == FaceResult.Status.RESTORED
    return FaceRow(
        index=face.index,
        number=face.index + 1,
        box=" ".join(f"{edge:g}" for edge in face.box),
        crop=picture_url(face.crop, Rendition.THUMBNAIL),
        restored=picture_url(face.restored, Rendition.THUMBNAIL),
        status=face.status,
        status_word=str(FaceResult.Status(face.status).label),
        # The panel itself says what is missing.
        reason="" if face.status == FaceResult.Status.UNAVAILABLE else reason_word(face),
        enabled=face.enabled,
        percent=round(face.fidelity * 100),
        can_change=is_restored and has_parts and face.restored is not None,
    )


def _trouble(blends: list[Reblend]) -> str:
    """Only of the newest: an older failure was tried again."""
    if not blends or blends[-1].job.state != Job.State.FAILED:
        return ""
    return describe_error(blends[-1].job)


def _earlier(blend: Reblend) -> EarlierVersion:
    shown = [face["index"] + 1 for face in blend.replaced_faces if face["enabled"]]
    words = (
        _("with faces %(numbers)s") % {"numbers": ", ".join(map(str, shown))}
        if shown
        else _("without restored faces")
    )
    return EarlierVersion(
        version=(blend.version or 2) - 1,
        words=words,
        url=picture_url(blend.replaced, Rendition.ORIGINAL),
    )
