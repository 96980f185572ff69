"""From stored values to what a reader would see: modality, window, padding, polarity.

DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT and windows), C.7.5.1.1.2 (padding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xray.ingest import values
from xray.ingest.dataset import DataSet
from xray.ingest.geometry import Geometry
from xray.ingest.tags import Tag
from xray.ingest.walk import Damaged

if TYPE_CHECKING:
    from xray.pipeline.preprocess import Film

# A figure in the file that says how to show it makes no sense and was passed over.
DISPLAY_IGNORED = "display_values_ignored"


# A picture of one tone stays black.
_LEAST_RANGE = 1e-30


class Shown(NamedTuple):
    """(rows, columns) float32 in [0, 1], 0 black; whether 256 tones hold it; codes of warnings."""

    film: Film
    fits_in_8_bits: bool
    warnings: tuple[str, ...]


class _Table(NamedTuple):
    first: int
    entries: NDArray[Any]
    largest: int

    def of(self, tones: Film) -> Film:
        """Each value's entry; values beyond an end take the entry there."""
        last = self.first + len(self.entries) - 1
        index = np.rint(np.clip(tones, self.first, last)).astype(np.int32)
        index -= self.first
        found: Film = self.entries.astype(np.float32)[index]
        return found


def shown(stored: NDArray[np.int32], data: DataSet, geometry: Geometry) -> Shown:
    """The film as the file wants it shown: its first window or table where it has several.

    Without either, 8 bits keep their whole range and deeper values are spread from least to
    greatest. Padding is black. Raises Damaged for a table that is shorter than it says.
    """
    padding = _padding(stored, data, geometry)
    tones = stored.astype(np.float32)
    warnings: set[str] = set()
    is_rescaled = _to_modality(tones, data, warnings)
    if is_rescaled is None:
        tones, is_rescaled = _table(data, Tag.MODALITY_LUT, tones, geometry).of(tones), True
    is_windowed = True
    if Tag.VOI_LUT in data.elements and data.first_item(Tag.VOI_LUT) is not None:
        table = _table(data, Tag.VOI_LUT, tones, geometry)
        film = table.of(tones)
        film /= np.float32(table.largest)
    elif not _window(tones, data, warnings):
        is_windowed = False
        film = _spread(tones, padding, geometry, is_rescaled=is_rescaled)
    else:
        film = tones
    np.clip(film, 0, 1, out=film)
    if geometry.photometric == "MONOCHROME1":
        np.subtract(1, film, out=film)
    if padding is not None:
        film[padding] = 0
    is_plain = geometry.stored <= 8 and not is_rescaled and not is_windowed
    return Shown(film, is_plain, tuple(sorted(warnings)))


def _padding(stored: NDArray[np.int32], data: DataSet, geometry: Geometry) -> NDArray[Any] | None:
    value = values.whole(data, Tag.PADDING, is_signed=geometry.is_signed)
    if value is None:
        return None
    limit = values.whole(data, Tag.PADDING_LIMIT, is_signed=geometry.is_signed)
    low, high = sorted((value, value if limit is None else limit))
    return (stored >= low) & (stored <= high)


def _to_modality(tones: Film, data: DataSet, warnings: set[str]) -> bool | None:
    """Rescale in place and say whether that changed anything; None when a table has to do it."""
    if data.first_item(Tag.MODALITY_LUT) is not None:
        return None
    slopes, intercepts = values.numbers(data, Tag.SLOPE), values.numbers(data, Tag.INTERCEPT)
    has_any = Tag.SLOPE in data.elements or Tag.INTERCEPT in data.elements
    slope, intercept = (slopes or [1.0])[0], (intercepts or [0.0])[0]
    if has_any and (not slopes or not intercepts or slope == 0):
        _note_unless_empty(data, warnings, Tag.SLOPE, Tag.INTERCEPT)
        return False
    if (slope, intercept) == (1.0, 0.0):
        return False
    tones *= np.float32(slope)
    tones += np.float32(intercept)
    return True


def _window(tones: Film, data: DataSet, warnings: set[str]) -> bool:
    """The first window, in place; False when there is none that makes sense."""
    centres, widths = (
        values.numbers(data, Tag.WINDOW_CENTRE),
        values.numbers(data, Tag.WINDOW_WIDTH),
    )
    function = values.text(data, Tag.VOI_FUNCTION).upper() or "LINEAR"
    least = 1.0 if function == "LINEAR" else np.finfo(np.float32).tiny
    if not centres or not widths or widths[0] < least or function not in _FUNCTIONS:
        _note_unless_empty(data, warnings, Tag.WINDOW_CENTRE, Tag.WINDOW_WIDTH)
        return False
    _FUNCTIONS[function](tones, centres[0], widths[0])
    return True


def _note_unless_empty(data: DataSet, warnings: set[str], *tags: Tag) -> None:
    if any(values.text(data, tag) for tag in tags):
        warnings.add(DISPLAY_IGNORED)


def _linear(tones: Film, centre: float, width: float) -> None:
    """C.11.2.1.2.1; a width of 1 is a threshold."""
    tones -= np.float32(centre - 0.5)
    if width > 1:
        tones /= np.float32(width - 1)
        tones += np.float32(0.5)
    else:
        np.greater(tones, 0, out=tones, casting="unsafe")


def _linear_exact(tones: Film, centre: float, width: float) -> None:
    """C.11.2.1.3.2."""
    tones -= np.float32(centre)
    tones /= np.float32(width)
    tones += np.float32(0.5)


def _sigmoid(tones: Film, centre: float, width: float) -> None:
    """C.11.2.1.3.1."""
    tones -= np.float32(centre)
    tones *= np.float32(-4 / width)
    np.clip(tones, -80, 80, out=tones)
    np.exp(tones, out=tones)
    tones += 1
    np.reciprocal(tones, out=tones)


_FUNCTIONS = {"LINEAR": _linear, "LINEAR_EXACT": _linear_exact, "SIGMOID": _sigmoid}


def _spread(
    tones: Film, padding: NDArray[Any] | None, geometry: Geometry, *, is_rescaled: bool
) -> Film:
    """No window: the range of the type for 8 bits, of the picture for more."""
    if geometry.stored <= 8 and not is_rescaled:
        low = -float(1 << (geometry.stored - 1)) if geometry.is_signed else 0.0
        high = low + (1 << geometry.stored) - 1
    else:
        counted = tones if padding is None or padding.all() else tones[~padding]
        low, high = float(counted.min()), float(counted.max())
    tones -= np.float32(low)
    tones /= np.float32(max(high - low, _LEAST_RANGE))
    return tones


def _table(data: DataSet, tag: Tag, tones: Film, geometry: Geometry) -> _Table:
    """The first table of a LUT sequence. PS3.3 C.11.1.1.1: 0 entries are 65,536."""
    item = data.first_item(tag)
    element = item.elements.get(Tag.LUT_DATA) if item else None
    descriptor = values.wholes(item, Tag.LUT_DESCRIPTOR) if item else []
    if item is None or element is None or len(descriptor) != 3:
        raise Damaged("a table without its parts")
    count, first, bits = descriptor[0] & 0xFFFF or 65_536, descriptor[1], descriptor[2]
    # Where the type does not say it: the input is signed if the values that come are.
    may_be_signed = geometry.is_signed if tag is Tag.MODALITY_LUT else bool(tones.min() < 0)
    if first > 32_767 and may_be_signed:
        first -= 65_536
    is_narrow = bits <= 8 and len(element.value) <= count + 1
    dtype = np.dtype("u1") if is_narrow else np.dtype(f"{item.order}u2")
    if not 0 < bits <= 16 or len(element.value) < count * dtype.itemsize:
        raise Damaged("a table shorter than announced")
    entries = np.frombuffer(element.value, dtype, count=count)
    return _Table(first, entries.astype(np.uint16), (1 << bits) - 1)
