"""The worker's side of `xray.study`: stored film in, findings, heat map and report out."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from project.images.models import ImageRecord
from project.images.records import record_result
from project.inference.errors import InvalidOutput, ModelUnavailable
from project.jobs.kinds import FileSink, Outcome
from xray.choices import StudyStatus
from xray.exports.json_report import as_json
from xray.film import read_film
from xray.findings import heatmap_row, predictions_of
from xray.gatekeeping import examine
from xray.ingest.working_copy import encode_film
from xray.models import Heatmap, ModelVersion, Prediction, Study
from xray.pipeline.calibration import NotCalibrated
from xray.pipeline.heatmap import HeatMap, heat_map
from xray.pipeline.preprocess import frame
from xray.pipeline.thumbnail import reduced
from xray.reports.structured import write_structured
from xray.services import audit
from xray.services.facts import facts_of
from xray.services.report_request import request_llm_report
from xray.services.report_rows import Written, as_language, keep_report, report_id_of

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job
    from xray.gatekeeping import Verdict
    from xray.pipeline.classifier import Scores

STEPS = 5
NAN_MESSAGE = "the classifier returned no number"


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A heat map that is stored but has no record yet."""

    row: Heatmap
    key: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class _Analysis:
    """What the finishing transaction writes about an accepted film."""

    verdict: Verdict
    predictions: list[Prediction]
    drawn: _Drawn | None
    written: Written
    timings: dict[str, float]


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """The time since the lap before belongs to `stage`."""
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 3)
        self._last = now


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Gate, score, explain, report. Raises project.inference.errors.

    A refusal by the gate is a success of the job: it is the right answer to that film.
    """
    study = Study.objects.select_related("film", "model_version", "prior", "job__owner").get(
        job=job
    )
    version = study.model_version
    if version is None:
        raise ModelUnavailable("the study has no model version")
    clock = _Clock()
    context.step("receive", 0, STEPS)
    film = read_film(study)
    clock.lap("receive")
    context.step("gate", 1, STEPS)
    verdict = examine(
        context, film, colour_distance=study.attributes.get("colour_distance", 0.0), view=study.view
    )
    clock.lap("gate")
    versions = {verdict.network: verdict.network_version}
    if verdict.code:
        return Outcome(
            commit=partial(_refuse, verdict=verdict, timings=clock.seconds),
            model_versions=versions,
            data={"status": str(StudyStatus.REFUSED), "code": verdict.code},
        )
    context.step("infer", 2, STEPS)
    framed = frame(film, version.px)
    scores: Scores = context.batch(version.host_name, framed.pixels)
    if math.isnan(scores.pneumonia):
        raise InvalidOutput(NAN_MESSAGE)
    predictions = _predictions(study, version, scores)
    clock.lap("infer")
    context.step("heatmap", 3, STEPS)
    drawn: _Drawn | None = None
    if predictions[0].band != "below":
        found = heat_map(scores.evidence, box=framed.box, shape=film.shape)
        drawn = _draw(predictions[0], found, files)
    clock.lap("heatmap")
    context.step("report", 4, STEPS)
    study.gate, study.warnings = verdict.as_json(), _warnings(study, verdict)
    heatmap = drawn.row if drawn else None
    rows = [(row, heatmap if row is predictions[0] else None) for row in predictions]
    envelope = write_structured(
        facts_of(study, rows, prior_report_id=_prior_report(study)),
        language=as_language(study.language),
        report_id=report_id_of(job, study, 1),
    )
    written = Written(envelope=envelope, file=files.save("report.json", as_json(envelope)))
    clock.lap("report")
    analysis = _Analysis(
        verdict=verdict,
        predictions=predictions,
        drawn=drawn,
        written=written,
        timings=clock.seconds,
    )
    return Outcome(
        commit=partial(_commit, analysis=analysis),
        model_versions={**versions, version.name: version.sha256[:12]},
        data={
            "status": str(StudyStatus.REPORTED),
            "label": predictions[0].label,
            "probability": round(predictions[0].probability, 3),
            "band": predictions[0].band,
        },
    )


def _predictions(study: Study, version: ModelVersion, scores: Scores) -> list[Prediction]:
    try:
        return predictions_of(study, version, scores)
    except NotCalibrated as error:
        raise ModelUnavailable(f"{version}: {error}") from error


def _warnings(study: Study, verdict: Verdict) -> list[str]:
    corrected = [f"corrected_{study.correction}"] if study.correction else []
    return list(dict.fromkeys([*study.warnings, *corrected, *verdict.warnings]))


def _prior_report(study: Study) -> str:
    if study.prior is None:
        return ""
    last = study.prior.reports.order_by("-number").first()
    return "" if last is None else str(last.envelope["report_id"])


def _draw(prediction: Prediction, found: HeatMap, files: FileSink) -> _Drawn:
    content = encode_film(reduced(found.map), bit_depth=8)
    key = files.save("heatmap.png", content)
    return _Drawn(row=heatmap_row(prediction, found), key=key, content=content)


def _refuse(job: Job, *, verdict: Verdict, timings: Mapping[str, float]) -> None:
    """Inside the finishing transaction."""
    study = Study.objects.get(job=job)
    Study.objects.filter(job=job).update(
        status=StudyStatus.REFUSED,
        refusal_code=verdict.code,
        gate=verdict.as_json(),
        timings=dict(timings),
        warnings=_warnings(study, verdict),
    )
    audit.record(
        action="study.refused",
        actor=job.owner,
        study=study.pk,
        details={"code": verdict.code},
    )


def _commit(job: Job, *, analysis: _Analysis) -> None:
    """Inside the finishing transaction: a worker without the lease writes nothing."""
    study = Study.objects.select_related("job__owner", "model_version").get(job=job)
    Study.objects.filter(job=job).update(
        status=StudyStatus.REPORTED,
        gate=analysis.verdict.as_json(),
        timings=analysis.timings,
        warnings=_warnings(study, analysis.verdict),
    )
    for prediction in analysis.predictions:
        prediction.study = study
        prediction.save(force_insert=True)
    if analysis.drawn is not None:
        heatmap = analysis.drawn.row
        heatmap.prediction = analysis.predictions[0]
        heatmap.map = record_result(
            owner=job.owner,
            key=analysis.drawn.key,
            content=analysis.drawn.content,
            purpose=ImageRecord.Purpose.PART,
            expires_at=study.film.expires_at if study.film else None,
        )
        heatmap.save(force_insert=True)
    keep_report(study=study, job=job, written=analysis.written)
    request_llm_report(study=study)
