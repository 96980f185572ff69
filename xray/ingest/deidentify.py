"""What may be known of a DICOM film: an allow-list of attributes, and of the values within them.

A kept attribute can carry a name as well as a forgotten one, so codes must be codes of the standard
and numbers must be plausible; everything else is dropped. Identities become keyed hashes, dates move
by a keyed number of days, ages become bands. The keys come from SECRET_KEY: with another secret the
same patient gets another pseudonym.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from project.sealing import derived_key
from xray.ingest import values
from xray.ingest.dataset import DataSet
from xray.ingest.geometry import Geometry
from xray.ingest.tags import Tag

ADULT_YEARS = 18
BURNED_IN = "burned_in_annotation"
MIRRORED = "orientation_mirrored"
# A shift of whole days, never none, at most ten years into the past.
_MOST_DAYS = 3652
_AGE = re.compile(r"(\d{1,3})([DWMY]?)")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0, "": 1.0}
_PLAUSIBLE = 100_000.0

_MODALITIES = frozenset(
    [
        "CR",
        "DX",
        "DR",
        "RG",
        "RF",
        "XA",
        "MG",
        "IO",
        "PX",
        "SC",
        "OT",
        "XC",
        "ES",
        "CT",
        "MR",
        "US",
        "NM",
        "PT",
        "BMD",
        "DOC",
        "KO",
        "PR",
        "SEG",
    ]
)
_VIEWS = frozenset(["AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO"])
_BODY_PARTS = frozenset(
    [
        "ABDOMEN",
        "ANKLE",
        "ARM",
        "CHEST",
        "CLAVICLE",
        "COCCYX",
        "CSPINE",
        "ELBOW",
        "EXTREMITY",
        "FEMUR",
        "FINGER",
        "FOOT",
        "FOREARM",
        "HAND",
        "HEAD",
        "HIP",
        "HUMERUS",
        "KNEE",
        "LEG",
        "LSPINE",
        "LUNG",
        "MANDIBLE",
        "NECK",
        "PELVIS",
        "RIB",
        "SHOULDER",
        "SKULL",
        "SPINE",
        "STERNUM",
        "THORAX",
        "THUMB",
        "TIBIA",
        "TOE",
        "TSPINE",
        "WHOLEBODY",
        "WRIST",
    ]
)
_SIDES = frozenset("RLBU")
_SEXES = frozenset("MFO")
_FUNCTIONS = frozenset(("LINEAR", "LINEAR_EXACT", "SIGMOID"))
_UIDS = {
    "StudyInstanceUID": Tag.STUDY_UID,
    "SeriesInstanceUID": Tag.SERIES_UID,
    "SOPInstanceUID": Tag.INSTANCE_UID,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """All that is kept of whom and what a film shows.

    `age_band` is `0-4`, `5-9` ... `85-89`, `90+` or empty; `is_adult` None when no age is known;
    `study_date_shifted` an ISO date or empty; `pseudonym` `PX-` and 12 hexadecimal digits, or empty.
    """

    pseudonym: str = ""
    age_band: str = ""
    is_adult: bool | None = None
    sex: str = ""
    view: str = ""
    laterality_marker: str = ""
    study_date_shifted: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def deidentified(data: DataSet, geometry: Geometry, *, patient_key: str) -> Known:
    """What is kept of a DICOM file. `patient_key`, the sender's, wins over the file's PatientID."""
    key = patient_key.strip() or values.text(data, Tag.PATIENT_ID)
    years = _years(data)
    view = _one_of(_VIEWS, values.text(data, Tag.VIEW_POSITION))
    side = _one_of(_SIDES, values.text(data, Tag.IMAGE_LATERALITY)) or _one_of(
        _SIDES, values.text(data, Tag.LATERALITY)
    )
    # Without a patient the study itself is what the shift is tied to.
    shifted = _shifted(values.text(data, Tag.STUDY_DATE), key or values.text(data, Tag.STUDY_UID))
    return Known(
        pseudonym=pseudonym_of(key),
        age_band="" if years is None else age_band(years),
        is_adult=None if years is None else years >= ADULT_YEARS,
        sex=_one_of(_SEXES, values.text(data, Tag.SEX)),
        view=view,
        laterality_marker=side,
        study_date_shifted=shifted,
        attributes=_attributes(data, geometry, view=view, side=side),
        warnings=_warnings(data),
    )


def pseudonym_of(patient_key: str) -> str:
    """`PX-` and 12 hexadecimal digits; empty for an empty key."""
    key = patient_key.strip()
    return f"PX-{_keyed('xray-patient', key).hex()[:12]}" if key else ""


def age_band(years: float) -> str:
    """Five years wide, from 90 on one band: ages above 89 identify (45 CFR 164.514)."""
    if years >= 90:
        return "90+"
    low = int(years) // 5 * 5
    return f"{low}-{low + 4}"


def hashed_uid(uid: str) -> str:
    """A UID made of a keyed hash (2.25, ITU-T X.667); empty for an empty one."""
    return f"2.25.{int.from_bytes(_keyed('xray-uid', uid)[:16])}" if uid else ""


def _attributes(data: DataSet, geometry: Geometry, *, view: str, side: str) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "Modality": _one_of(_MODALITIES, values.text(data, Tag.MODALITY)),
        "BodyPartExamined": _one_of(_BODY_PARTS, values.text(data, Tag.BODY_PART)),
        "ViewPosition": view,
        "Laterality": side,
        "VOILUTFunction": _one_of(_FUNCTIONS, values.text(data, Tag.VOI_FUNCTION)),
        "PixelSpacing": _plausible(data, Tag.PIXEL_SPACING, 2),
        "WindowCenter": _plausible(data, Tag.WINDOW_CENTRE, 8),
        "WindowWidth": _plausible(data, Tag.WINDOW_WIDTH, 8),
        "RescaleSlope": _plausible(data, Tag.SLOPE, 1),
        "RescaleIntercept": _plausible(data, Tag.INTERCEPT, 1),
        **{name: hashed_uid(values.text(data, tag)) for name, tag in _UIDS.items()},
    }
    return {
        **{name: value for name, value in kept.items() if value},
        "Rows": geometry.rows,
        "Columns": geometry.columns,
        "PhotometricInterpretation": geometry.photometric,
        "BitsAllocated": geometry.allocated,
        "BitsStored": geometry.stored,
        "HighBit": geometry.high_bit,
        "PixelRepresentation": int(geometry.is_signed),
    }


def _warnings(data: DataSet) -> tuple[str, ...]:
    found = []
    if values.text(data, Tag.BURNED_IN).upper() == "YES":
        found.append(BURNED_IN)
    # The columns of a film as it is read run to the patient's left.
    if (values.words(data, Tag.ORIENTATION) or [""])[0].upper().startswith("R"):
        found.append(MIRRORED)
    return tuple(found)


def _years(data: DataSet) -> float | None:
    """By the age, else by the dates. A number without a unit, against the standard, is years."""
    match = _AGE.fullmatch(values.text(data, Tag.AGE).upper())
    if match:
        return int(match[1]) * _YEARS[match[2]]
    born = _date(values.text(data, Tag.BIRTH_DATE))
    taken = _date(values.text(data, Tag.STUDY_DATE))
    if born is None or taken is None or taken < born:
        return None
    had_birthday = (taken.month, taken.day) >= (born.month, born.day)
    return float(taken.year - born.year - (not had_birthday))


def _shifted(written: str, subject: str) -> str:
    taken = _date(written)
    if taken is None:
        return ""
    days = 1 + int.from_bytes(_keyed("xray-date", subject)[:8]) % _MOST_DAYS
    try:
        return (taken - timedelta(days=days)).isoformat()
    except OverflowError:
        return ""


def _date(written: str) -> date | None:
    if not re.fullmatch(r"\d{8}", written):
        return None
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None


def _one_of(allowed: frozenset[str], found: str) -> str:
    upper = found.upper()
    return upper if upper in allowed else ""


def _plausible(data: DataSet, tag: Tag, most: int) -> list[float]:
    found = values.numbers(data, tag)[:most]
    return found if all(abs(number) <= _PLAUSIBLE for number in found) else []


def _keyed(purpose: str, text: str) -> bytes:
    return hmac.digest(derived_key(purpose), text.encode(), sha256)
