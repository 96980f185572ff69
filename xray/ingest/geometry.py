"""What a DICOM file says about the size and the kind of its pixels, judged before they are touched."""

from __future__ import annotations

from dataclasses import dataclass

from xray.ingest import values
from xray.ingest.dataset import DataSet
from xray.ingest.tags import Tag
from xray.ingest.walk import Damaged

GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


class NoPixels(ValueError):
    """The data set holds no picture."""


class SeveralFrames(ValueError):
    """It holds more than one."""


class UnknownKind(ValueError):
    """Pixels of a kind that is not read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """`rows` and `columns` in pixels; `stored` of `allocated` bits hold a value, up to `high_bit`."""

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high_bit: int
    is_signed: bool
    photometric: str
    planar: int

    @property
    def pixels(self) -> int:
        """Rows times columns."""
        return self.rows * self.columns

    @property
    def is_grey(self) -> bool:
        """Whether a pixel is one tone."""
        return self.samples == 1

    @property
    def native_bytes(self) -> int:
        """How long the uncompressed pixels are, without the byte that makes them even."""
        return self.pixels * self.samples * self.allocated // 8


def geometry_of(data: DataSet) -> Geometry:
    """Raises NoPixels, SeveralFrames, UnknownKind, or Damaged when the figures cannot be."""
    if Tag.PIXELS not in data.elements:
        raise NoPixels
    rows, columns = values.whole(data, Tag.ROWS), values.whole(data, Tag.COLUMNS)
    if not rows or not columns or rows < 0 or columns < 0:
        raise NoPixels
    _check_frames(data)
    photometric = values.text(data, Tag.PHOTOMETRIC).upper()
    samples = values.whole(data, Tag.SAMPLES) or 1
    allocated = values.whole(data, Tag.BITS_ALLOCATED)
    stored = values.whole(data, Tag.BITS_STORED) or allocated
    if (samples, photometric) not in _KINDS or allocated not in (8, 16) or stored is None:
        raise UnknownKind
    high_bit = values.whole(data, Tag.HIGH_BIT)
    high_bit = stored - 1 if high_bit is None else high_bit
    if not 0 < stored <= high_bit + 1 <= allocated:
        raise Damaged("bits that do not fit")
    return Geometry(
        rows=rows,
        columns=columns,
        samples=samples,
        allocated=allocated,
        stored=stored,
        high_bit=high_bit,
        is_signed=values.whole(data, Tag.PIXEL_REPRESENTATION) == 1,
        photometric=photometric,
        planar=values.whole(data, Tag.PLANAR) or 0,
    )


_KINDS = frozenset({*((1, name) for name in GREY), *((3, name) for name in COLOUR)})


def _check_frames(data: DataSet) -> None:
    frames = values.text(data, Tag.FRAMES)
    if frames and frames != "1":
        if not frames.lstrip("+").isdigit():
            raise Damaged("no number of frames")
        if int(frames) != 1:
            raise SeveralFrames
