"""What every DICOM object of a report shares: patient, study, equipment, and how it is written."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from xray.exports import keys, uids
from xray.exports.words import plain_line, word
from xray.reports.envelope import Envelope

if TYPE_CHECKING:
    from xray.exports.uids import Instance

MANUFACTURER = "Omnilens"
UNKNOWN_TIME = "000000"
LONG_STRING = 64
"""Characters of a value of VR LO."""
SHORT_TEXT = 1024
"""Characters of a value of VR ST."""


def new_object(envelope: Envelope, instance: Instance, *, sop_class: str, modality: str) -> Dataset:
    """The modules Patient, General Study, General Series, Equipment and SOP Common.

    Raises ValueError for an envelope without a date, which DICOM demands.
    """
    exam, model = envelope["exam"], envelope["model"]
    date = exam["study_date_shifted"].replace("-", "")
    if len(date) != 8 or not date.isdigit():
        raise ValueError("the envelope has no date")
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = sop_class
    made.SOPInstanceUID = instance.sop
    made.StudyDate = made.SeriesDate = made.ContentDate = date
    made.StudyTime = made.SeriesTime = made.ContentTime = UNKNOWN_TIME
    made.AccessionNumber = ""
    made.Modality = modality
    made.Manufacturer = MANUFACTURER
    made.ReferringPhysicianName = ""
    made.StudyDescription = word("banner", "en")
    made.ManufacturerModelName = model["name"][:LONG_STRING]
    made.SoftwareVersions = model["version"][:LONG_STRING]
    made.DeviceSerialNumber = model["sha256"][:LONG_STRING]
    _add_patient(made, envelope)
    made.StudyInstanceUID = uids.of_study(envelope)
    made.SeriesInstanceUID = instance.series
    made.StudyID = keys.uuid("study", envelope["study_id"])[:8]
    made.SeriesNumber = 1
    made.InstanceNumber = 1
    return made


def as_file(made: Dataset) -> bytes:
    """The object as a DICOM file, explicit VR, little endian, uncompressed."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


def pseudonym_of(envelope: Envelope) -> str:
    """That of the patient; a film without one gets one from its study, so that no archive
    takes two unnamed patients for the same."""
    named = plain_line(envelope["patient"]["pseudonym"])
    return named or f"study-{keys.uuid('patient', envelope['study_id'])[:8]}"


def person_name(text: str) -> str:
    """`text` as the family name of a value of VR PN, without the signs that structure a name."""
    plain = "".join(" " if sign in "^=\\" else sign for sign in plain_line(text))
    return f"{plain[: LONG_STRING - 1]}^"


def _add_patient(made: Dataset, envelope: Envelope) -> None:
    patient = envelope["patient"]
    made.PatientName = person_name(pseudonym_of(envelope))
    made.PatientID = pseudonym_of(envelope)[:LONG_STRING]
    made.PatientBirthDate = ""
    made.PatientSex = patient["sex"]
    if patient["age_band"]:
        made.PatientComments = f"{word('age_band', 'en')}: {patient['age_band']}"
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = "Allow-list of attributes; dates shifted; UIDs replaced"
