"""A refused film for its owner: why, what to do, and the corrections that can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xray.choices import Correction
from xray.models import Study
from xray.refusals import Refusal, refusal_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

REPAIRS: Mapping[str, _StrPromise] = {
    Correction.INVERT: _("Exchange light and dark"),
    Correction.ROTATE_90: _("Turn by 90° clockwise"),
    Correction.ROTATE_180: _("Turn by 180°"),
    Correction.ROTATE_270: _("Turn by 90° counter-clockwise"),
}
REPAIRABLE = "inverted_or_rotated"


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A correction that the owner may ask for; nothing is corrected silently."""

    correction: str
    label: str
    is_offered: bool
    """Whether the gate itself thinks that it helps."""


@dataclass(frozen=True, kw_only=True)
class RefusedFilm:
    """The panel. `repairs` is empty where turning or exchanging cannot help."""

    refusal: Refusal
    repairs: tuple[Repair, ...]


def refused_film(study: Study) -> RefusedFilm | None:
    """None for a study that was not refused."""
    refusal = refusal_of(study)
    if refusal is None:
        return None
    return RefusedFilm(refusal=refusal, repairs=_repairs(study, refusal))


def _repairs(study: Study, refusal: Refusal) -> tuple[Repair, ...]:
    """What the gate offers comes first; a film that is gone, or was corrected, has none."""
    if study.film is None or study.correction:
        return ()
    if not refusal.repair and refusal.code != REPAIRABLE:
        return ()
    names = sorted(REPAIRS, key=lambda name: name != refusal.repair)
    return tuple(
        Repair(correction=str(name), label=str(REPAIRS[name]), is_offered=name == refusal.repair)
        for name in names
    )
