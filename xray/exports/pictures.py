"""The decoded pictures of one study, as every export takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xray.exports.overlay import Grey
from xray.reports.envelope import AiFinding, Envelope


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Film (H, W) 0..1 with 0 black, and one map (H, W) 0..1 for each label that has one.

    A film that retention removed is None; then there are no maps, either.
    """

    film: Grey | None
    heatmaps: Mapping[str, Grey] = field(default_factory=dict)


def shown_finding(envelope: Envelope, pictures: Pictures) -> AiFinding | None:
    """The finding whose heat map an export with one picture shows: the most probable that has
    one."""
    having = [f for f in envelope["ai_findings"] if f["label"] in pictures.heatmaps]
    return max(having, key=lambda finding: finding["probability"], default=None)


def sides_are_known(warnings: Collection[str]) -> bool:
    """Whether right of the patient is left of the picture: not in a film that its sender calls
    mirrored. Then no export writes R or L on it; the report's warning says why."""
    return "orientation_mirrored" not in warnings
