"""The worker's side of `enhance.photo`: stored original in, marked result out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from enhance.faces.keep import FaceParts
from enhance.faces.wish import wanted_faces
from enhance.kind import options_of, plan_of
from enhance.marking import Marking
from enhance.models import Enhancement
from enhance.names import result_name
from enhance.output import finish
from enhance.pipeline import face_path
from enhance.policy import intake_warnings
from enhance.source import read_stored, request_of
from enhance.warnings import unique
from project.images.records import record_result
from project.jobs.kinds import FileSink, Outcome

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class _Finished:
    """What the finishing transaction writes."""

    key: str
    content: bytes
    name: str
    dtype: str
    marking: Marking
    warnings: list[str]
    timings: Mapping[str, float]
    face_restoration: str


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Decode, enlarge, encode, mark, save. Raises project.inference.errors."""
    plan, options = plan_of(job.params), options_of(job.params)
    enhancement = Enhancement.objects.select_related("source").get(job=job)
    context.step("decode", 0, plan.units)
    started = time.perf_counter()
    picture = read_stored(enhancement.source, options)
    decoded = time.perf_counter()
    parts = FaceParts(files, picture)
    outcome = face_path.run(
        context,
        request_of(picture, plan, options),
        wanted_faces(options),
        keep_background=parts.keep_background,
    )
    result, units = outcome.result, plan.units + outcome.units
    parts.keep_faces(outcome)
    context.step("encode", units, units)
    encoding = time.perf_counter()
    file = finish(result, picture, plan, source_format=job.params["source_format"])
    seconds = {"decode": decoded - started, "encode": time.perf_counter() - encoding}
    finished = _Finished(
        key=files.save(f"result.{file.extension}", file.content),
        content=file.content,
        name=result_name(enhancement.source_name, plan.scale, file.extension),
        dtype=result.dtype,
        marking=file.marking,
        warnings=unique(
            intake_warnings(enhancement.source), picture.warnings, result.warnings, file.warnings
        ),
        timings={**{stage: round(value, 3) for stage, value in seconds.items()}, **result.timings},
        face_restoration=outcome.restoration,
    )
    return Outcome(
        commit=partial(_commit, finished=finished, parts=parts),
        model_versions=result.model_versions,
        data={
            "width": file.width,
            "height": file.height,
            "face_restoration": outcome.restoration,
            "faces": len(outcome.faces),
        },
        # Faces are no tiles: a run with both says nothing about the seconds of a tile.
        rate_bucket=f"{plan.rate_bucket}:faces" if outcome.units else plan.rate_bucket,
    )


def _commit(job: Job, *, finished: _Finished, parts: FaceParts) -> None:
    """Inside the finishing transaction: a worker without the lease writes nothing."""
    row = Enhancement.objects.filter(job=job)
    record = record_result(
        owner=job.owner,
        key=finished.key,
        content=finished.content,
        original_name=finished.name,
        expires_at=row.values_list("expires_at", flat=True).get(),
    )
    row.update(
        result=record,
        dtype=finished.dtype,
        marking=finished.marking,
        warnings=finished.warnings,
        timings=finished.timings,
        face_restoration=finished.face_restoration,
    )
    parts.commit(job, Enhancement.objects.get(job=job), expires_at=record.expires_at)
