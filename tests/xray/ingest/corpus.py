"""DICOM files made for a purpose, and what numpy says their pixels mean."""

from __future__ import annotations

import io
from pathlib import Path

import gdcm
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
)

STORAGE = UID("1.2.840.10008.5.1.4.1.1.1.1")


def stored(rows: int = 40, columns: int = 30, *, bits: int = 12, is_signed: bool = False):
    """A slope with a step in it, over the whole range of the type, as int32."""
    y, x = np.mgrid[0:rows, 0:columns]
    share = (y * columns + x) / (rows * columns - 1)
    share = np.where(x > columns * 2 // 3, 1 - share, share)
    tones = np.rint(share / share.max() * ((1 << bits) - 1)).astype(np.int32)
    return tones - (1 << (bits - 1)) if is_signed else tones


def data_set(
    pixels: NDArray[np.int32], *, bits: int = 12, is_signed: bool = False, **more: object
) -> Dataset:
    """A data set around grey values; `more` are attributes by keyword."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = STORAGE, UID("1.2.3.4")
    made.Modality, made.PatientAge = "DX", "003Y"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated = 8 if bits <= 8 else 16
    made.BitsStored, made.HighBit = bits, bits - 1
    made.PixelRepresentation = int(is_signed)
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def written(
    made: Dataset,
    pixels: NDArray[np.int32],
    *,
    syntax: UID = ExplicitVRLittleEndian,
    has_preamble: bool = True,
) -> bytes:
    """The file with native pixels in any native syntax (deflated too)."""
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    kind = f"{order}{'i' if made.PixelRepresentation else 'u'}{made.BitsAllocated // 8}"
    raw = np.ascontiguousarray(pixels).astype(kind).tobytes()
    raw += b"\0" * (len(raw) % 2)
    if order == ">" and made.BitsAllocated == 8:
        made.add_new(0x7FE00010, "OB", raw)
    else:
        made.add_new(0x7FE00010, "OW" if syntax == ImplicitVRLittleEndian else _vr(made), raw)
    return _file(made, syntax, has_preamble=has_preamble)


def encapsulated(made: Dataset, stream: bytes | list[bytes], syntax: UID) -> bytes:
    """The file with one compressed frame, in one fragment or several."""
    frames = [stream] if isinstance(stream, bytes) else stream
    if len(frames) == 1:
        made.PixelData = encapsulate(frames)
    else:
        made.PixelData = encapsulate([b"".join(frames)], fragments_per_frame=len(frames))
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return _file(made, syntax)


def jpeg_2000(pixels: NDArray[np.int32]) -> bytes:
    """A lossless codestream, by Pillow."""
    image = Image.fromarray(pixels.astype(np.uint16 if pixels.max() > 255 else np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
    return buffer.getvalue()


def jpeg(pixels: NDArray[np.int32], **options: object) -> bytes:
    """A baseline stream, by Pillow."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def by_gdcm(content: bytes, kind: int, folder: Path) -> bytes:
    """The same film in another transfer syntax, changed by gdcm."""
    source, target = folder / "in.dcm", folder / "out.dcm"
    source.write_bytes(content)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(kind))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target.read_bytes()


def by_pydicom(content: bytes, syntax: UID) -> bytes:
    """The same film compressed by pydicom's own encoders (RLE, JPEG-LS)."""
    held = pydicom.dcmread(io.BytesIO(content))
    held.compress(syntax)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, held)
    return buffer.getvalue()


def jpeg_file(rows: int = 40, columns: int = 30, **more: object) -> bytes:
    """A film of 8 bits in JPEG baseline."""
    pixels = stored(rows, columns, bits=8)
    return encapsulated(data_set(pixels, bits=8, **more), jpeg(pixels), JPEGBaseline8Bit)


def jpeg_2000_file() -> bytes:
    """A film of 16 bits in JPEG 2000."""
    pixels = stored(bits=16)
    return encapsulated(data_set(pixels, bits=16), jpeg_2000(pixels), JPEG2000Lossless)


def native_file(*, bits: int = 12, syntax: UID = ExplicitVRLittleEndian, **more: object) -> bytes:
    """A plain film."""
    pixels = stored(bits=bits)
    return written(data_set(pixels, bits=bits, **more), pixels, syntax=syntax)


def table(first: int, entries: list[int], bits: int = 16) -> Dataset:
    """One item of a LUT sequence."""
    item = Dataset()
    item.add_new(0x00283002, "US" if first >= 0 else "SS", [len(entries), first, bits])
    item.add_new(0x00283003, "LO", "a table")
    item.add_new(0x00283006, "US", entries)
    return item


def with_tables() -> bytes:
    """A film of 8 bits with a modality table and a VOI table."""
    return native_file(
        bits=8,
        ModalityLUTSequence=[table(0, [n * n for n in range(256)])],
        VOILUTSequence=[table(100, [65_535 - n for n in range(4000)])],
    )


def _vr(made: Dataset) -> str:
    return "OB" if made.BitsAllocated == 8 else "OW"


def _file(made: Dataset, syntax: UID, *, has_preamble: bool = True) -> bytes:
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    if has_preamble:
        pydicom.dcmwrite(buffer, made, enforce_file_format=True)
        return buffer.getvalue()
    del made.file_meta
    made.save_as(
        buffer,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
        enforce_file_format=False,
    )
    return buffer.getvalue()
