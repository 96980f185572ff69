"""The report as a DICOM structured report: TID 1500 with figures, or plain text.

`tid1500` is a Comprehensive SR with one measurement group for each finding, its algorithm by
TID 4019. `basic_text` is a Basic Text SR for archives that read no more. Both point to the
secondary capture of the same report as their evidence and are UNVERIFIED until somebody signed.
"""

from __future__ import annotations

from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from xray.exports import uids
from xray.exports.dicom_header import MANUFACTURER, as_file, new_object, person_name
from xray.exports.fhir import STUDY_CODE
from xray.exports.sr_items import concept
from xray.exports.sr_measurements import SCHEME, NothingMeasured, measurement_report
from xray.exports.sr_text import text_report
from xray.exports.words import word
from xray.reports.envelope import Envelope

__all__ = ["TEMPLATES", "NothingMeasured", "as_sr"]

TEMPLATES = {
    "tid1500": "1.2.840.10008.5.1.4.1.1.88.33",  # Comprehensive SR
    "basic_text": "1.2.840.10008.5.1.4.1.1.88.11",  # Basic Text SR
}
SIGNED = frozenset({"accepted", "edited"})


def as_sr(envelope: Envelope, *, template: str = "tid1500") -> bytes:
    """A DICOM file. Raises NothingMeasured for `tid1500` without findings, KeyError for an
    unknown template."""
    sop_class = TEMPLATES[template]
    content = measurement_report(envelope) if template == "tid1500" else text_report(envelope)
    made = new_object(
        envelope, uids.of_document(envelope, template), sop_class=sop_class, modality="SR"
    )
    made.SeriesNumber = 2 + list(TEMPLATES).index(template)
    made.CodingSchemeIdentificationSequence = Sequence([_own_scheme()])
    made.SeriesDescription = word("banner", "en")
    made.ReferencedPerformedProcedureStepSequence = Sequence()
    made.PerformedProcedureCodeSequence = Sequence([concept(STUDY_CODE)])
    made.CurrentRequestedProcedureEvidenceSequence = Sequence([_evidence(envelope)])
    _add_signature(made, envelope)
    for element in content:
        made[element.tag] = element
    return as_file(made)


def _add_signature(made: Dataset, envelope: Envelope) -> None:
    review = envelope["review"]
    is_signed = review["status"] in SIGNED
    made.CompletionFlag = "COMPLETE"
    made.PreliminaryFlag = "FINAL" if is_signed else "PRELIMINARY"
    made.VerificationFlag = "VERIFIED" if is_signed else "UNVERIFIED"
    if is_signed:
        observer = Dataset()
        observer.VerifyingObserverName = person_name(review["by"])
        observer.VerifyingObserverIdentificationCodeSequence = Sequence()
        observer.VerifyingOrganization = word("unknown", "en")
        observer.VerificationDateTime = f"{datetime.fromisoformat(review['at']):%Y%m%d%H%M%S%z}"
        made.VerifyingObserverSequence = Sequence([observer])


def _own_scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = "Figures of a chest X-ray report"
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def _evidence(envelope: Envelope) -> Dataset:
    capture = uids.of_capture(envelope)
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID = uids.CAPTURE_CLASS
    instance.ReferencedSOPInstanceUID = capture.sop
    series.SeriesInstanceUID = capture.series
    series.ReferencedSOPSequence = Sequence([instance])
    study.StudyInstanceUID = uids.of_study(envelope)
    study.ReferencedSeriesSequence = Sequence([series])
    return study
