"""The worker's side of `enhance.photo`: stored original in, marked result out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from enhance.kind import options_of, plan_of
from enhance.marking import Marking
from enhance.models import Enhancement
from enhance.names import result_name
from enhance.options import EnhanceOptions
from enhance.output import finish
from enhance.pipeline import upscale
from enhance.policy import intake_warnings, stored_policy
from enhance.source import request_of
from enhance.warnings import unique
from project.images import storage
from project.images.decode import Picture, decode
from project.images.errors import UploadRefused
from project.images.records import record_result
from project.inference.errors import InvalidInput
from project.jobs.kinds import FileSink, Outcome

if TYPE_CHECKING:
    from project.images.models import ImageRecord
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


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Decode, enlarge, encode, mark, save. Raises project.inference.errors."""
    plan, options = plan_of(job.params), options_of(job.params)
    enhancement = Enhancement.objects.select_related("source").get(job=job)
    context.step("decode", 0, plan.units)
    started = time.perf_counter()
    picture = _read(enhancement.source, options)
    decoded = time.perf_counter()
    result = upscale.run(context, request_of(picture, plan, options))
    context.step("encode", plan.units, plan.units)
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
    )
    return Outcome(
        commit=partial(_commit, finished=finished),
        model_versions=result.model_versions,
        data={"width": file.width, "height": file.height},
        rate_bucket=plan.rate_bucket,
    )


def _read(source: ImageRecord | None, options: EnhanceOptions) -> Picture:
    if source is None:
        raise InvalidInput("the source record is gone")
    try:
        with storage.open_file(source.file) as file:
            return decode(file.read(), stored_policy(options))
    except FileNotFoundError as error:
        raise InvalidInput(f"the source file {source.file} is gone") from error
    except UploadRefused as error:
        raise InvalidInput(f"{source.file}: {error.code}") from error


def _commit(job: Job, *, finished: _Finished) -> None:
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
    )
