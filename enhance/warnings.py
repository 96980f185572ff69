"""Warnings of an enlargement: codes in the row, words for its owner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enhance.marking import C2PA_UNAVAILABLE, reason_in_words

if TYPE_CHECKING:
    from enhance.models import Enhancement

# The panel of the faces says it, with the command that mends it.
SAID_WITH_FACES = "face_model_missing"
WARNINGS = {
    "smaller_tiles": _("Memory ran short, so smaller tiles were used."),
    "precision_retry": _("Some tiles were computed again in full precision."),
    "alpha_flattened": _("JPEG has no transparency; the picture was put on white."),
    "depth_reduced": _("The picture had more than 8 bits per channel; the result has 8."),
    "icc_ignored": _("The colour profile of the file could not be used."),
    "exif_ignored": _("The EXIF data of the file could not be read and is left out."),
    "cmyk_converted": _(
        "The print colours of the file were converted to screen colours without a profile."
    ),
    "animated_first_frame_only": _("The file has several pictures; only the first was enlarged."),
    "no_face": _("No face was found in the picture."),
    "faces_capped": _("The picture has more faces than can be restored at once; the largest were."),
    "face_failed": _("A face could not be restored and is left as it was."),
    SAID_WITH_FACES: _(
        "Faces were found but not restored: the weights of the face network are not installed on this server."
    ),
    C2PA_UNAVAILABLE: _("The result carries no signed content credentials."),
}


def unique(*groups: Iterable[str]) -> list[str]:
    """All codes once, in the order of their first."""
    return list(dict.fromkeys(code for group in groups for code in group))


def warnings_in_words(enhancement: Enhancement) -> list[tuple[str, str]]:
    """Code and text of each warning, in the reader's language."""
    return [(code, _text(code, enhancement)) for code in enhancement.warnings]


def warning_text(code: str) -> str:
    """The words of a warning, or its code when it is none of ours."""
    return str(WARNINGS.get(code, code))


def _text(code: str, enhancement: Enhancement) -> str:
    text = warning_text(code)
    if code == C2PA_UNAVAILABLE:
        text = f"{text} {reason_in_words(enhancement.marking.get('reason', ''))}"
    return text.strip()
