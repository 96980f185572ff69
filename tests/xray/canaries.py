"""Films full of personal data, and a search for what survived of it.

Each canary is a value that nothing but the file could have brought in. `dicom()` and `rasters()`
make films that carry them in every place one can be put; `find_canaries` looks for them in whatever
came out: text, bytes, UTF-16, and anything deflated within (PNG text, PDF streams).
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Mapping

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

FILE_NAME = "KANARI-file-name Müller"
"""Without an extension: add one."""
INDICATION = "KANARI-not-for-logs"
"""For tests that also send an indication: it may be in the study, never in a log line."""
BIRTH_DATE, STUDY_DATE, STUDY_TIME = "19471123", "20190317", "134759"
_UID = "1.2.826.0.1.3680043.9.7433.4711"

TAGS: dict[str, str] = {
    "PatientName": "KANARI^Petra^Maria^^",
    "PatientID": "KANARI-id-0815",
    "IssuerOfPatientID": "KANARI-issuer",
    "PatientBirthDate": BIRTH_DATE,
    "PatientBirthName": "KANARI^Born",
    "PatientMotherBirthName": "KANARI^Mother",
    "OtherPatientIDs": "KANARI-other-id",
    "OtherPatientNames": "KANARI^Other",
    "PatientAddress": "KANARI Street 7",
    "PatientTelephoneNumbers": "KANARI-555-0199",
    "MilitaryRank": "KANARI-rank",
    "EthnicGroup": "KANARI-group",
    "Occupation": "KANARI-work",
    "PatientReligiousPreference": "KANARI-faith",
    "PatientComments": "KANARI comments",
    "AdditionalPatientHistory": "KANARI history",
    "InstitutionName": "KANARI Hospital",
    "InstitutionAddress": "KANARI Square 1",
    "InstitutionalDepartmentName": "KANARI Department",
    "ReferringPhysicianName": "KANARI^Referring",
    "PerformingPhysicianName": "KANARI^Performing",
    "NameOfPhysiciansReadingStudy": "KANARI^Reading",
    "PhysiciansOfRecord": "KANARI^Record",
    "OperatorsName": "KANARI^Operator",
    "StationName": "KANARI-STATION",
    "DeviceSerialNumber": "KANARI-serial",
    "AccessionNumber": "KANARI-acc",
    "StudyID": "KANARI-sid",
    "StudyDescription": "KANARI study",
    "SeriesDescription": "KANARI series",
    "ProtocolName": "KANARI protocol",
    "RequestedProcedureDescription": "KANARI procedure",
    "ImageComments": "KANARI image",
    "StudyDate": STUDY_DATE,
    "StudyTime": STUDY_TIME,
    "StudyInstanceUID": f"{_UID}.1",
    "SeriesInstanceUID": f"{_UID}.2",
    "SOPInstanceUID": f"{_UID}.3",
    # Kept tags, used to carry what does not belong there.
    "BodyPartExamined": "KANARI BODY",
    "WindowCenterWidthExplanation": "KANARI window",
}
_SECRETS = re.compile(
    "|".join(
        (
            "kanari",
            BIRTH_DATE,
            STUDY_DATE,
            STUDY_TIME,
            "1947-11-23",
            "2019-03-17",
            "13:47:59",
            re.escape(_UID),
        )
    ),
    re.IGNORECASE,
)
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_INFLATED_LIMIT = 1 << 20


def find_canaries(content: bytes | str) -> set[str]:
    """Every canary in `content`, in lower case; empty when nothing of a person is in it."""
    if isinstance(content, str):
        return {match.group().lower() for match in _SECRETS.finditer(content)}
    found: set[str] = set()
    for block in (content, *_inflated(content)):
        for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
            found |= find_canaries(block.decode(encoding, "replace"))
        found |= find_canaries(block[1:].decode("utf-16-le", "replace"))
    return found


def film(height: int = 320, width: int = 288) -> NDArray[np.uint8]:
    """Something like a chest: two dark lungs, a bright middle, ribs. The same in every run."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    body = 190.0 - 90 * (np.abs(x) > 0.92) - 40 * y
    for centre in (-0.45, 0.45):
        lung = ((x - centre) / 0.36) ** 2 + (y / 0.78) ** 2
        body -= 130 / (1 + np.exp(12 * (lung - 1)))
    body += 12 * np.cos(26 * (y + 0.25 * x**2))
    return np.clip(body, 0, 255).astype(np.uint8)


def dicom(pixels: NDArray[np.uint8] | None = None, **overrides: object) -> bytes:
    """A DICOM file of a child's chest with a canary in every place; `overrides` are by keyword."""
    pixels = film() if pixels is None else pixels
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.1.1")
    made.Modality, made.ViewPosition = "DX", "PA"
    made.PatientAge, made.PatientSex = "004Y", "F"
    for keyword, value in TAGS.items():
        setattr(made, keyword, value)
    _add_nested(made)
    block = made.private_block(0x0009, "KANARI CREATOR", create=True)
    block.add_new(0x01, "LO", "KANARI private")
    block.add_new(0x02, "UN", b"KANARI private bytes")
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
    made.PixelRepresentation = 0
    made.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    trailing = Dataset()
    trailing.PatientComments = "KANARI behind the pixels"
    made.add_new(0xFFFAFFFA, "SQ", [trailing])
    for keyword, value in overrides.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = UID(f"{_UID}.3")
    made.file_meta.SourceApplicationEntityTitle = "KANARI-AE"
    made.file_meta.PrivateInformationCreatorUID = UID(f"{_UID}.9")
    made.file_meta.PrivateInformation = b"KANARI private information"
    made.preamble = b"KANARI in the preamble".ljust(128, b"\0")
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def rasters(pixels: NDArray[np.uint8] | None = None) -> Mapping[str, bytes]:
    """File name to content: PNG, JPEG, TIFF and GIF with text, EXIF, XMP and a profile."""
    image = Image.fromarray(film() if pixels is None else pixels)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>KANARI xmp</x:xmpmeta>"
    return {
        f"{FILE_NAME}.png": _saved(
            image, "PNG", pnginfo=_png_text(), exif=_exif(), icc_profile=_profile()
        ),
        f"{FILE_NAME}.jpg": _saved(
            image, "JPEG", quality=95, exif=_exif(), comment=b"KANARI comment", xmp=xmp,
            icc_profile=_profile(),
        ),
        f"{FILE_NAME}.tif": _saved(
            image, "TIFF", description="KANARI description", artist="KANARI artist",
            icc_profile=_profile(),
        ),
        f"{FILE_NAME}.gif": _saved(image, "GIF", comment=b"KANARI comment"),
    }  # fmt: skip


def _add_nested(made: Dataset) -> None:
    step, code, request = Dataset(), Dataset(), Dataset()
    code.CodeMeaning = "KANARI two levels down"
    step.ScheduledProcedureStepDescription = "KANARI step"
    step.ScheduledProtocolCodeSequence = [code]
    request.RequestedProcedureID = "KANARI-req"
    made.RequestAttributesSequence = [step, request]
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = UID(f"{_UID}.4")
    made.ReferencedPatientSequence = [reference]
    made["RequestAttributesSequence"].is_undefined_length = True


def _png_text() -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "KANARI text")
    text.add_text("Description", "KANARI deflated", zip=True)
    text.add_itxt("Author", "KANARI international", "en", "Author", zip=True)
    return text


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x8298] = "KANARI exif", "KANARI artist", "KANARI owner"
    exif[0x0132] = "2019:03:17 13:47:59"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0KANARI user comment"
    exif.get_ifd(0x8825)[0x001D] = "KANARI place"
    return exif


def _profile() -> bytes:
    """A grey-safe sRGB profile whose description is a canary of the same length."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wanted, canary = ("sRGB built-in".encode("utf-16-be"), "KANARI profil".encode("utf-16-be"))
    assert plain.count(wanted) == 1
    return plain.replace(wanted, canary)


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _inflated(content: bytes) -> list[bytes]:
    blocks = []
    for match in _ZLIB.finditer(content):
        try:
            block = zlib.decompressobj().decompress(content[match.start() :], _INFLATED_LIMIT)
        except zlib.error:
            continue
        if block:
            blocks.append(block)
    return blocks
