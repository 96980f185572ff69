"""The one table of what this room can name: findings, regions, sides, with words and codes.

Reports, verifier and exports read it; nobody else spells a label. Right and left are the
patient's: the right lung is on the left of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Of the patient, never of the picture."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "bilateral"
    UNSPECIFIED = "unspecified"


class Region(StrEnum):
    """Where a report may place something. The first six are lung zones."""

    RIGHT_UPPER = "right_upper"
    RIGHT_MIDDLE = "right_middle"
    RIGHT_LOWER = "right_lower"
    LEFT_UPPER = "left_upper"
    LEFT_MIDDLE = "left_middle"
    LEFT_LOWER = "left_lower"
    PLEURA = "pleura"
    HEART_MEDIASTINUM = "heart_mediastinum"
    BONES_SOFT_TISSUE = "bones_soft_tissue"
    DEVICES = "devices"
    UNSPECIFIED = "unspecified"


LUNG_ZONES = (
    Region.RIGHT_UPPER,
    Region.RIGHT_MIDDLE,
    Region.RIGHT_LOWER,
    Region.LEFT_UPPER,
    Region.LEFT_MIDDLE,
    Region.LEFT_LOWER,
)


def side_of(region: Region) -> Side:
    """The side a region lies on; unspecified for those that lie on none or both."""
    name = str(region)
    if name.startswith("right_"):
        return Side.RIGHT
    return Side.LEFT if name.startswith("left_") else Side.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Code:
    """One concept of a coding scheme, as FHIR and DICOM want it."""

    system: str
    """`SCT` or `RADLEX`, the DICOM designator."""
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Words:
    """How a thing is called in both languages; the first of each is how reports write it."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A finding that the classifier scores."""

    key: str
    words: Words
    code: Code


PNEUMONIA = Label(
    key="pneumonia",
    words=Words(english=("pneumonia",), chinese=("肺炎",)),
    code=Code(system="SCT", value="233604007", meaning="Pneumonia"),
)
LABELS: dict[str, Label] = {PNEUMONIA.key: PNEUMONIA}

REGION_WORDS: dict[Region, Words] = {
    Region.RIGHT_UPPER: Words(("right upper zone",), ("右上肺野",)),
    Region.RIGHT_MIDDLE: Words(("right middle zone",), ("右中肺野",)),
    Region.RIGHT_LOWER: Words(("right lower zone",), ("右下肺野",)),
    Region.LEFT_UPPER: Words(("left upper zone",), ("左上肺野",)),
    Region.LEFT_MIDDLE: Words(("left middle zone",), ("左中肺野",)),
    Region.LEFT_LOWER: Words(("left lower zone",), ("左下肺野",)),
    Region.PLEURA: Words(("pleura",), ("胸膜",)),
    Region.HEART_MEDIASTINUM: Words(("heart and mediastinum",), ("心脏及纵隔",)),
    Region.BONES_SOFT_TISSUE: Words(("bones and soft tissue",), ("骨骼及软组织",)),
    Region.DEVICES: Words(("devices",), ("置入器械",)),
    Region.UNSPECIFIED: Words(("no particular region",), ("未定位区域",)),
}
SIDE_WORDS: dict[Side, Words] = {
    Side.RIGHT: Words(("right",), ("右侧",)),
    Side.LEFT: Words(("left",), ("左侧",)),
    Side.BOTH: Words(("bilateral",), ("双侧",)),
    Side.UNSPECIFIED: Words(("side unspecified",), ("侧别未定",)),
}
