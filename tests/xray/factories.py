"""Fact sheets, envelopes and whole studies for the tests of the X-ray room.

Envelopes come from the real structured writer; `changes` give them any other shape.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
from PIL import Image

from xray.labels import Region, Side, side_of
from xray.reports.envelope import Envelope, digest
from xray.reports.facts import FactSheet, Finding, ModelFacts, band_of
from xray.reports.structured import write_structured

STUDY_ID = "0199c0de-0000-7000-8000-0000000000a1"
REPORT_ID = "0199c0de-0000-7000-8000-0000000000b2"
SHA256 = "5f" * 32
TRAINED_ON = "Chest films of children of one hospital, aged 1 to 5 years"


def make_finding(**changes: Any) -> Finding:
    """A pneumonia far above its point in the right lower zone."""
    given: dict[str, Any] = {
        "id": "F1", "label": "pneumonia", "probability": 0.912, "operating_point": 0.437,
        "point_name": "screening", "interval": (0.861, 0.948), "region": Region.RIGHT_LOWER,
        "inside_share": 0.734, **changes,
    }  # fmt: skip
    given.setdefault("band", band_of(given["probability"], given["operating_point"]))
    given.setdefault("side", side_of(given["region"]))
    if given["band"] == "below" and "region" not in changes:
        given |= {"region": Region.UNSPECIFIED, "side": Side.UNSPECIFIED, "inside_share": None}
    return Finding(**given)


def make_facts(**changes: Any) -> FactSheet:
    """What is known of one study; `findings`, `indication` and all else can be changed."""
    given: dict[str, Any] = {
        "study_id": STUDY_ID, "study_date": "2026-03-14", "modality": "DX", "view": "AP",
        "laterality_marker": "R", "pseudonym": "p-7c41d0e2", "age_band": "0-4", "sex": "F",
        "indication": "Cough and fever for three days", "gate_score": 0.998,
        "warnings": ("population_unknown",), "findings": (make_finding(),),
        "model": ModelFacts(
            name="cxr-resnet50", version="1.0.0", sha256=SHA256, trained_on=TRAINED_ON,
            metrics={"auc": 0.981, "sensitivity": 0.953, "specificity": 0.921, "ece": 0.021},
        ), **changes,
    }  # fmt: skip
    return FactSheet(**given)


def make_envelope(
    facts: FactSheet | None = None, *, language: str = "en", **changes: Any
) -> Envelope:
    """A whole envelope over `facts`; `changes` replace its members."""
    envelope = write_structured(
        facts or make_facts(),
        language=language,  # type: ignore[arg-type]
        report_id=REPORT_ID,
    )
    return {**envelope, **changes}  # type: ignore[typeddict-item]


# pictures


def draw_film(height: int = 320, width: int = 288) -> np.ndarray:
    """A drawn thorax, float32 (height, width) in 0..1: dark lungs, ribs, bright mediastinum."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height, x / width
    body = np.exp(-(((x - 0.5) / 0.42) ** 6)) * 0.62
    lungs = sum(
        np.exp(-((((x - centre) / 0.14) ** 2 + ((y - 0.5) / 0.34) ** 2) ** 2))
        for centre in (0.29, 0.71)
    )
    ribs = 0.06 * (np.sin(y * 42 + 3 * (x - 0.5) ** 2) > 0.55)
    heart = 0.3 * np.exp(-(((x - 0.55) / 0.13) ** 2 + ((y - 0.66) / 0.16) ** 2))
    film = body - 0.42 * lungs + ribs * body + heart + 0.04
    return np.clip(film, 0, 1).astype(np.float32)


def draw_heatmap(
    height: int = 320, width: int = 288, *, centre: tuple[float, float] = (0.68, 0.28)
) -> np.ndarray:
    """A smooth blob, float32 (height, width) with maximum 1; `centre` is (y, x) in shares."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height - centre[0], x / width - centre[1]
    blob = np.exp(-((x / 0.10) ** 2 + (y / 0.14) ** 2))
    return (blob / blob.max()).astype(np.float32)


def grey_png(picture: np.ndarray) -> bytes:
    """(H, W) of 0..1 as an 8-bit grey PNG."""
    stream = io.BytesIO()
    Image.fromarray(np.round(picture * 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def film_upload(seed: int = 0, name: str = "doe^jane.png") -> Any:
    """What a browser sends: a drawn thorax under a name that nobody may see."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    drawn = draw_film()
    drawn[:8, : 8 + seed] = 1.0
    return SimpleUploadedFile(name, grey_png(drawn), content_type="image/png")


# rows


def store_picture(owner: Any, content: bytes, *, purpose: str = "result") -> Any:
    """An ImageRecord with its PNG in storage."""
    from project.images import storage
    from project.images.records import record_result

    key = storage.new_upload_key("png")
    storage.put(key, content)
    return record_result(owner=owner, key=key, content=content, purpose=purpose)


def make_version(**changes: Any) -> Any:
    """A model version row; the same name and version come from the same row."""
    from xray.models import ModelVersion

    given: dict[str, Any] = {
        "name": "cxr-resnet50", "version": "1.0.0", "architecture": "resnet50",
        "file": "cxr-resnet50.safetensors", "is_shipped": True, "px": 224,
        "labels": ["pneumonia"], "trained_on": TRAINED_ON, "metrics": {"auc": 0.981}, **changes,
    }  # fmt: skip
    name, version = given.pop("name"), given.pop("version")
    default = hashlib.sha256(f"{name} {version}".encode()).hexdigest()
    given.setdefault("sha256", SHA256 if (name, version) == ("cxr-resnet50", "1.0.0") else default)
    return ModelVersion.objects.get_or_create(name=name, version=version, defaults=given)[0]


def make_study(
    owner: Any,
    *,
    facts: FactSheet | None = None,
    language: str = "en",
    status: str = "reported",
    with_report: bool = True,
    film: np.ndarray | None = None,
    heatmap: np.ndarray | None = None,
    **changes: Any,
) -> Any:
    """A study with job, film, predictions, heat maps and (if reported) its final report."""
    from project.uuid7 import uuid7
    from tests.factories import JobFactory
    from xray.models import Heatmap, Prediction, Study

    facts = facts or make_facts()
    identity = uuid7()
    facts = FactSheet(**{**_members(facts), "study_id": str(identity)})
    is_done = status in ("reported", "refused")
    job = JobFactory(
        id=identity, owner=owner, kind="xray.study", **({"finished": True} if is_done else {})
    )
    version = make_version()
    study = Study.objects.create(
        id=identity, job=job, status=status, model_version=version, language=language,
        film=store_picture(owner, grey_png(draw_film() if film is None else film), purpose="upload"),
        source_format="PNG", content_sha256=hashlib.sha256(identity.bytes).hexdigest(),
        patient_key=facts.pseudonym, age_band=facts.age_band, sex=facts.sex, view=facts.view,
        indication=facts.indication, warnings=list(facts.warnings),
        gate={"score": facts.gate_score}, **changes,
    )  # fmt: skip
    if status in ("inferred", "reported"):
        for finding in facts.findings:
            prediction = Prediction.objects.create(
                study=study, model_version=version, label=finding.label, logit=2.3,
                probability=finding.probability, interval_low=finding.interval[0],
                interval_high=finding.interval[1], operating_point=finding.operating_point,
                point_name=finding.point_name, band=finding.band,
            )  # fmt: skip
            if finding.is_reported:
                Heatmap.objects.create(
                    prediction=prediction, region=finding.region, side=finding.side,
                    inside_share=finding.inside_share or 0.0,
                    map=store_picture(
                        owner, grey_png(draw_heatmap() if heatmap is None else heatmap)
                    ),
                )  # fmt: skip
    if with_report and status == "reported":
        make_report(study, facts=facts, language=language)
    return study


def make_report(
    study: Any, *, facts: FactSheet | None = None, language: str = "en", **changes: Any
) -> Any:
    """The next report version of `study`; earlier ones are superseded."""
    from project.uuid7 import uuid7
    from xray.models import Report

    facts = facts or make_facts(study_id=str(study.pk))
    changes.setdefault("report_id", str(uuid7()))
    envelope = make_envelope(facts, language=language, **changes)
    study.reports.update(state="superseded")
    return Report.objects.create(
        study=study, job=study.job, number=study.reports.count() + 1,
        mode=envelope["generator"]["mode"], language=language, state="final",
        envelope=envelope, digest=digest(envelope),
    )  # fmt: skip


def _members(facts: FactSheet) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__dataclass_fields__}
