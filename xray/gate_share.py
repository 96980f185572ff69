"""How many of many pictures the gate refuses, by the same path as a served film.

The door decodes, the cheap checks come first, then the network, as in `xray.gatekeeping`; whatever
refuses first is the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile

from project.images.errors import UploadRefused
from xray.gatekeeping import LATERAL_VIEWS
from xray.ingest.limits import quality_limits
from xray.ingest.quality import NOT_CHEST_XRAY
from xray.ingest.quality import judge as judge_quality
from xray.ingest.receive import receive
from xray.training.wilson import wilson_interval

if TYPE_CHECKING:
    from xray.pipeline.gate import Gate

DOOR, CHEAP, LEARNED = "door", "cheap", "learned"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one picture. `code` is empty when it was let in."""

    name: str
    code: str
    stage: str = ""
    """door, cheap or learned: what refused it."""
    detail: str = ""
    """The cheap measure that failed, `view` for a lateral by its DICOM tag, or what the network took it for."""
    score: float | None = None
    repair: str = ""


def judged(pictures: Iterable[tuple[str, bytes]], gate: Gate) -> Iterator[Judged]:
    """Each named file through door, cheap checks and network."""
    from xray.pipeline import gate as learned

    limits = quality_limits()
    for name, content in pictures:
        try:
            film = receive(ContentFile(content, name=name))
        except UploadRefused as refused:
            yield Judged(name, refused.code, DOOR)
            continue
        cheap = judge_quality(film.pixels, film.colour_distance, limits)
        if cheap.code:
            yield Judged(name, cheap.code, CHEAP, cheap.measure)
            continue
        if film.view in LATERAL_VIEWS:
            yield Judged(name, NOT_CHEST_XRAY, CHEAP, "view")
            continue
        verdict = learned.judge(film.pixels, gate)
        stage, detail = (LEARNED, verdict.seen_as) if verdict.code else ("", "")
        yield Judged(name, verdict.code, stage, detail, verdict.score, verdict.repair)


def summed_up(all_judged: Iterable[Judged]) -> dict[str, Any]:
    """Share refused with its Wilson interval, and the same for each reason. Raises ValueError."""
    outcomes = list(all_judged)
    refused = [one for one in outcomes if one.code]
    return {
        "n": len(outcomes),
        "refused": _share(len(refused), len(outcomes)),
        "by_reason": {
            code: _share(count, len(outcomes))
            for code, count in sorted(Counter(one.code for one in refused).items())
        },
        "by_check": dict(
            sorted(Counter(f"{one.stage}: {one.detail or one.code}" for one in refused).items())
        ),
        "repair_offered": dict(
            sorted(Counter(one.repair for one in refused if one.repair).items())
        ),
    }


def _share(count: int, total: int) -> dict[str, Any]:
    low, high = wilson_interval(count, total)
    return {"count": count, "share": count / total, "ci95": [low, high]}
