"""TID 1500, Measurement Report: one group of figures for each finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    FindingSite,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from xray.exports import uids
from xray.exports.dicom_header import MANUFACTURER
from xray.exports.fhir import LUNG, STUDY_CODE
from xray.exports.sr_items import comments, concept, context, language, text_item
from xray.exports.words import language_of, plain_line, said
from xray.labels import LABELS
from xray.reports import phrases
from xray.reports.envelope import AiFinding, Envelope
from xray.reports.phrases import region_word

SCHEME = "99OMNILENS"
"""Our own coding scheme, for figures that no standard one names."""
_SIDES = {
    "right": codes.SCT.Right,
    "left": codes.SCT.Left,
    "bilateral": codes.SCT.RightAndLeft,
}


class NothingMeasured(ValueError):
    """Without a figure there is no TID 1500; the plain text can be had."""


def measurement_report(envelope: Envelope) -> Dataset:
    """The root container. Raises NothingMeasured."""
    if not envelope["ai_findings"]:
        raise NothingMeasured
    report = MeasurementReport(
        observation_context=context(envelope),
        procedure_reported=concept(STUDY_CODE),
        imaging_measurements=[_group(envelope, finding) for finding in envelope["ai_findings"]],
        language_of_content_item_and_descendants=language(envelope),
    )
    root: Dataset = report[0]
    tongue = language_of(envelope)
    texts = [plain_line(said(sentence, tongue)) for sentence in envelope["impression"]]
    impressions = [text_item(codes.DCM.Impression, text) for text in texts]
    root.ContentSequence.extend([*impressions, *comments(envelope)])
    return root


def _group(envelope: Envelope, finding: AiFinding) -> MeasurementsAndQualitativeEvaluations:
    model = envelope["model"]
    capture = uids.of_capture(envelope)
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=uids.of_finding(envelope, finding["id"]), identifier=finding["id"]
        ),
        finding_type=concept(LABELS[finding["label"]].code),
        algorithm_id=AlgorithmIdentification(
            name=model["name"],
            version=model["version"],
            parameters=[f"sha256 {model['sha256']}", f"operating point {finding['point_name']}"],
            manufacturer=MANUFACTURER,
        ),
        finding_sites=[FindingSite(concept(LUNG), laterality=_SIDES.get(finding["laterality"]))],
        source_images=[SourceImageForMeasurementGroup(uids.CAPTURE_CLASS, capture.sop)],
        measurements=[
            Measurement(name=name, value=value, unit=codes.UCUM.NoUnits)
            for name, value in _figures(finding)
        ],
        qualitative_evaluations=[
            QualitativeEvaluation(
                name=_own("band", "Band against the operating point"),
                value=_own(finding["band"], phrases.word("band", finding["band"], "en")),
            ),
            QualitativeEvaluation(
                name=_own("region", "Region of the heat map"),
                value=_own(finding["region"], region_word(finding["region"], "en")),
            ),
        ],
    )


def _figures(finding: AiFinding) -> Iterator[tuple[Any, float]]:
    yield codes.DCM.Probability, finding["probability"]
    yield _own("operating_point", "Operating point"), finding["operating_point"]
    yield _own("interval_low", "95 % interval of the probability, low"), finding["interval"][0]
    yield _own("interval_high", "95 % interval of the probability, high"), finding["interval"][1]
    if finding["inside_share"] is not None:
        yield _own("inside_share", "Heat map's share in the lung fields"), finding["inside_share"]


def _own(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, SCHEME, meaning)
