"""The report as a FHIR R4 Bundle: DiagnosticReport, Observation, ImagingStudy, Device, Patient.

Every id is keyed and comes from the study or from the report's digest, so the same report is the
same bundle. The patient is a pseudonym without a name.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from xray.exports import keys, uids
from xray.exports.words import (
    edit_lines,
    language_of,
    metric_word,
    plain_line,
    review_line,
    said,
    word,
)
from xray.labels import LABELS, Code
from xray.reports import phrases
from xray.reports.envelope import AiFinding, Envelope, digest
from xray.reports.phrases import figure, heading, label_word, region_word

MEDIA_TYPE = "application/fhir+json"
SYSTEMS = {"SCT": "http://snomed.info/sct", "RADLEX": "http://radlex.org", "LN": "http://loinc.org"}
STUDY_CODE = Code(system="LN", value="36554-4", meaning="XR Chest Single view")
LUNG = Code(system="SCT", value="39607008", meaning="Lung structure")
# A rejected report stays readable for the record and says that nobody may rely on it.
STATUS = {
    "pending": "preliminary",
    "accepted": "final",
    "edited": "amended",
    "rejected": "entered-in-error",
}
_INTERPRETATION = {"above": "POS", "borderline": "IND", "below": "NEG"}
_GENDER = {"F": "female", "M": "male", "O": "other", "": "unknown"}


def as_fhir(envelope: Envelope) -> dict[str, Any]:
    """A Bundle of type `collection`. Raises KeyError for a label or state without a code."""
    return _Resources(envelope).bundle()


class _Resources:
    def __init__(self, envelope: Envelope) -> None:
        self.envelope, self.digest = envelope, digest(envelope)
        self.language = language_of(envelope)
        self.status = STATUS[envelope["review"]["status"]]
        if self.status == "final" and envelope["review"]["edits"]:
            self.status = "amended"  # accepted after somebody had edited it
        model = envelope["model"]
        self.patient = keys.uuid("fhir-patient", envelope["patient"]["pseudonym"], self._study())
        self.device = keys.uuid("fhir-device", model["sha256"], model["version"])
        self.study = keys.uuid("fhir-study", self._study())
        self.report = keys.uuid("fhir-report", self.digest)

    def _study(self) -> str:
        return self.envelope["study_id"]

    def bundle(self) -> dict[str, Any]:
        observations = [self._observation(f) for f in self.envelope["ai_findings"]]
        resources = [
            self._report([found["id"] for found in observations]), *observations,
            self._imaging_study(), self._device(), self._patient(),
        ]  # fmt: skip
        return {
            "resourceType": "Bundle",
            "id": keys.uuid("fhir-bundle", self.digest),
            "type": "collection",
            "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
        }

    def _report(self, results: list[str]) -> dict[str, Any]:
        envelope = self.envelope
        texts = [said(sentence, self.language) for sentence in envelope["impression"]]
        resource = {
            "resourceType": "DiagnosticReport",
            "id": self.report,
            "language": self._tag(),
            "text": self._narrative(),
            "identifier": [
                _identifier("urn:omnilens:report", envelope["report_id"]),
                _identifier("urn:omnilens:report-digest", self.digest),
            ],
            "status": self.status,
            "category": [
                _concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology")
            ],
            "code": {"coding": [_coding(STUDY_CODE)], "text": heading("title", self.language)},
            "subject": _reference(self.patient),
            "result": [_reference(result) for result in results],
            "imagingStudy": [_reference(self.study)],
            "conclusion": " ".join([*texts, envelope["disclaimer"]]),
            "conclusionCode": [
                {"coding": [_coding(LABELS[finding["label"]].code)]}
                for finding in envelope["ai_findings"]
                if finding["band"] == "above"
            ],
        }
        return _filled({**resource, **self._when(), **self._signed()})

    def _observation(self, finding: AiFinding) -> dict[str, Any]:
        language, label = self.language, LABELS[finding["label"]]
        low, high = finding["interval"]
        band = phrases.word("band", finding["band"], language)
        components = [
            (
                f"{heading('operating_point', language)}"
                f" ({phrases.word('point', finding['point_name'], language)})",
                finding["operating_point"],
            ),
            (f"{heading('interval', language)}, low", low),
            (f"{heading('interval', language)}, high", high),
        ]
        if finding["inside_share"] is not None:
            components.append((word("share", language), finding["inside_share"]))
        resource: dict[str, Any] = {
            "resourceType": "Observation",
            "id": keys.uuid("fhir-observation", self.digest, finding["id"]),
            "language": self._tag(),
            "identifier": [_identifier("urn:omnilens:finding", finding["id"])],
            "status": self.status,
            "category": [
                _concept(
                    "http://terminology.hl7.org/CodeSystem/observation-category",
                    "imaging",
                    "Imaging",
                )
            ],
            "code": {
                "coding": [_coding(label.code)],
                "text": f"{heading('probability', language)}: {label_word(label.key, language)}",
            },
            "subject": _reference(self.patient),
            "device": _reference(self.device),
            "derivedFrom": [_reference(self.study)],
            "valueQuantity": _quantity(finding["probability"]),
            "interpretation": [
                {
                    **_concept(
                        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        _INTERPRETATION[finding["band"]],
                    ),
                    "text": band,
                }
            ],
            "bodySite": {
                "coding": [_coding(LUNG)],
                "text": region_word(finding["region"], language),
            },
            "component": [
                {"code": {"text": name}, "valueQuantity": _quantity(value)}
                for name, value in components
            ],
            "note": [{"text": self.envelope["disclaimer"]}],
        }
        return _filled({**resource, **self._when()})

    def _imaging_study(self) -> dict[str, Any]:
        envelope = self.envelope
        study, instance = uids.of_study(envelope), uids.of_capture(envelope)
        date = envelope["exam"]["study_date_shifted"]
        return _filled(
            {
                "resourceType": "ImagingStudy",
                "id": self.study,
                "identifier": [_identifier("urn:dicom:uid", f"urn:oid:{study}")],
                "status": "available",
                "subject": _reference(self.patient),
                "started": date,
                "description": envelope["technique"],
                "series": [
                    {
                        "uid": instance.series,
                        "modality": {
                            "system": "http://dicom.nema.org/resources/ontology/DCM",
                            "code": "OT",
                        },
                        "instance": [
                            {
                                "uid": instance.sop,
                                "sopClass": {
                                    "system": "urn:ietf:rfc:3986",
                                    "code": f"urn:oid:{uids.CAPTURE_CLASS}",
                                },
                            }
                        ],
                    }
                ],
            }
        )

    def _device(self) -> dict[str, Any]:
        model = self.envelope["model"]
        metrics = ", ".join(
            f"{metric_word(name, self.language)} {figure(value)}"
            for name, value in model["metrics"].items()
        )
        notes = [model["trained_on"], metrics, self.envelope["disclaimer"]]
        return {
            "resourceType": "Device",
            "id": self.device,
            "identifier": [_identifier("urn:omnilens:model-sha256", model["sha256"])],
            "deviceName": [{"name": model["name"], "type": "model-name"}],
            "version": [{"value": model["version"]}],
            "note": [{"text": text} for text in notes if text],
        }

    def _patient(self) -> dict[str, Any]:
        patient = self.envelope["patient"]
        return _filled(
            {
                "resourceType": "Patient",
                "id": self.patient,
                "extension": [{"url": "urn:omnilens:age-band", "valueString": patient["age_band"]}]
                if patient["age_band"]
                else [],
                "identifier": [_identifier("urn:omnilens:pseudonym", patient["pseudonym"])]
                if patient["pseudonym"]
                else [],
                "gender": _GENDER[patient["sex"]],
            }
        )

    def _when(self) -> dict[str, str]:
        date = self.envelope["exam"]["study_date_shifted"]
        return {"effectiveDateTime": date} if date else {}

    def _signed(self) -> dict[str, Any]:
        review = self.envelope["review"]
        if review["status"] == "pending":
            return {}
        return {"issued": review["at"], "resultsInterpreter": [{"display": review["by"]}]}

    def _narrative(self) -> dict[str, str]:
        envelope = self.envelope
        model = envelope["model"]
        lines = [
            *(said(sentence, self.language) for sentence in envelope["narrative"]),
            *(row["text"] for row in envelope["findings_by_region"] if row["finding_ids"]),
            *(said(sentence, self.language) for sentence in envelope["impression"]),
            *envelope["limitations"],
            *envelope["recommendation"],
            f"{model['name']} {model['version']}",
            review_line(envelope),
            *edit_lines(envelope),
            f"{word('banner', self.language)}. {envelope['disclaimer']}",
        ]
        body = "".join(f"<p>{escape(plain_line(line))}</p>" for line in lines)
        return {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>',
        }

    def _tag(self) -> str:
        return "en" if self.language == "en" else "zh-Hans"


def _coding(code: Code) -> dict[str, str]:
    return {"system": SYSTEMS[code.system], "code": code.value, "display": code.meaning}


def _concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [_filled({"system": system, "code": code, "display": display})]}


def _identifier(system: str, value: str) -> dict[str, str]:
    return {"system": system, "value": value}


def _reference(identity: str) -> dict[str, str]:
    return {"reference": f"urn:uuid:{identity}"}


def _quantity(value: float) -> dict[str, Any]:
    # The very number of the envelope; UCUM writes a quantity without a unit as 1.
    return {"value": value, "system": "http://unitsofmeasure.org", "code": "1"}


def _filled(resource: dict[str, Any]) -> dict[str, Any]:
    """Without empty members, which FHIR forbids."""
    return {name: value for name, value in resource.items() if value not in ("", [], {})}
