"""The DICOM identities of a study's exports: new ones, keyed, the same for the same report."""

from __future__ import annotations

from dataclasses import dataclass

from xray.exports.keys import uid
from xray.reports.envelope import Envelope, digest

CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture Image Storage."""
REVISION = "1"
"""Raise it when an export shows the same report in another way: other bytes, another identity."""


@dataclass(frozen=True)
class Instance:
    """Series and SOP instance UID of one object."""

    series: str
    sop: str


def of_study(envelope: Envelope) -> str:
    """The Study Instance UID, shared by every version of the study's reports."""
    return uid("study", envelope["study_id"])


def of_capture(envelope: Envelope) -> Instance:
    """Of the secondary capture."""
    return _of("capture", envelope)


def of_document(envelope: Envelope, template: str) -> Instance:
    """Of a structured report; each template is an object of its own."""
    return _of(f"document-{template}", envelope)


def of_model(envelope: Envelope) -> str:
    """Of the classifier, as the device that observed."""
    return uid("model", envelope["model"]["sha256"])


def of_finding(envelope: Envelope, finding_id: str) -> str:
    """Of one finding, the same in every version of the study's reports."""
    return uid("finding", envelope["study_id"], finding_id)


def _of(kind: str, envelope: Envelope) -> Instance:
    found = digest(envelope)
    return Instance(
        series=uid("series", kind, REVISION, found), sop=uid("instance", kind, REVISION, found)
    )
