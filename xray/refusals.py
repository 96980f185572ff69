"""What to tell people about a film that the gate refused: why, what to do, what would repair it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xray.choices import Correction, StudyStatus

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from xray.models import Study

WORDS: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "not_chest_xray": (
        _("This does not look like a frontal chest X-ray, so nothing was scored."),
        _("Send one upright frontal chest film, without frames, collages or other body parts."),
    ),
    "inverted_or_rotated": (
        _("The film looks turned, or its light and dark are exchanged, so nothing was scored."),
        _("Look at the film. If it is so, let it be corrected here, or send it upright."),
    ),
    "low_quality": (
        _("The picture is too small, too flat or too coarse to be scored."),
        _("Send the film itself with at least 128 pixels on its shorter side, not a photo of it."),
    ),
}
_OTHER = (
    _("The film was refused, so nothing was scored."),
    _("Send another film, or ask an operator with the code."),
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refused film in the active language. `repair` is a Correction, or empty."""

    code: str
    detail: str
    advice: str
    repair: str


def refusal_of(study: Study) -> Refusal | None:
    """None for a study that was not refused."""
    if study.status != StudyStatus.REFUSED:
        return None
    detail, advice = WORDS.get(study.refusal_code, _OTHER)
    repair = str(study.gate.get("repair", ""))
    return Refusal(
        code=study.refusal_code,
        detail=str(detail),
        advice=str(advice),
        repair=repair if repair in Correction.values and study.film_id else "",
    )
