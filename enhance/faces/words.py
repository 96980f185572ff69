"""Faces in words: what became of them as a whole and of each, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enhance.models import FaceRestoration

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from enhance.models import Enhancement, FaceResult

FACE_RESTORES: Mapping[str, _StrPromise] = {
    "auto": gettext_lazy("If possible"),
    "required": gettext_lazy("Required"),
    "off": gettext_lazy("Leave them"),
}
FACE_CHOICES: Mapping[str, _StrPromise] = {
    "all": gettext_lazy("All faces"),
    "largest": gettext_lazy("The largest face"),
    "centre": gettext_lazy("The face nearest the centre"),
    "none": gettext_lazy("None, only find them"),
}
REASONS: Mapping[str, _StrPromise] = {
    "not_chosen": gettext_lazy("Not chosen."),
    "too_small": gettext_lazy("Smaller than the smallest face wanted."),
    "face_failed": gettext_lazy("The network gave no usable face."),
    "face_model_missing": gettext_lazy("The weights of the face network are not installed."),
}


def faces_word(faces: Any) -> str:
    """A choice of faces as the options store it; people count from one."""
    if isinstance(faces, str):
        return str(FACE_CHOICES.get(faces, faces))
    return _("Faces %(numbers)s") % {"numbers": ", ".join(str(index + 1) for index in faces)}


def reason_word(face: FaceResult) -> str:
    """Why a face is as it was; empty for a restored one."""
    return str(REASONS.get(face.reason, face.reason))


RESTORATION: Mapping[str, _StrPromise] = {
    FaceRestoration.APPLIED: gettext_lazy("restored"),
    FaceRestoration.NONE_FOUND: gettext_lazy("none found"),
    FaceRestoration.OFF: gettext_lazy("left as they are"),
    FaceRestoration.UNAVAILABLE: gettext_lazy("not restored"),
}


def restoration_word(row: Enhancement) -> str:
    """The shortest answer, for a list of facts."""
    return str(RESTORATION[row.face_restoration])


def restoration_detail(row: Enhancement) -> str:
    """One sentence about the faces of a finished picture; what an operator runs stands apart."""
    if row.face_restoration == FaceRestoration.UNAVAILABLE:
        return _(
            "Faces were left as they are: the weights of the face network are not installed on this server."
        )
    return str(FaceRestoration(row.face_restoration).label)
