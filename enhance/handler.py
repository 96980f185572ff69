"""The worker's side of `enhance.photo`: stored original in, marked result out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from enhance.kind import options_of, plan_of
from enhance.models import Enhancement
from enhance.output import encode_result, output_warnings, result_name
from enhance.pipeline import upscale
from project.images import storage
from project.images.decode import Picture, decode
from project.images.errors import UploadRefused
from project.images.policy import OWN_FILES
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
    warnings: list[str]
    timings: Mapping[str, float]


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Decode, enlarge, encode, mark, save. Raises project.inference.errors."""
    plan = plan_of(job.params)
    enhancement = Enhancement.objects.select_related("source").get(job=job)
    context.step("decode", 0, plan.tiles)
    started = time.perf_counter()
    picture = _read(enhancement.source)
    decoded = time.perf_counter()
    request = upscale.Request(
        pixels=picture.array, alpha=picture.alpha, is_grey=picture.is_grey, plan=plan
    )
    result = upscale.run(context, request)
    context.step("encode", plan.tiles, plan.tiles)
    encoding = time.perf_counter()
    encoded = encode_result(result, plan, is_grey=picture.is_grey)
    seconds = {"decode": decoded - started, "encode": time.perf_counter() - encoding}
    finished = _Finished(
        key=files.save(f"result.{encoded.extension}", encoded.content),
        content=encoded.content,
        name=result_name(enhancement.source_name, options_of(job.params).scale, encoded.extension),
        dtype=result.dtype,
        warnings=[*picture.warnings, *result.warnings, *output_warnings(result, plan)],
        timings={**{stage: round(value, 3) for stage, value in seconds.items()}, **result.timings},
    )
    return Outcome(
        commit=partial(_commit, finished=finished),
        model_versions=result.model_versions,
        data={"width": encoded.width, "height": encoded.height},
        rate_bucket=plan.rate_bucket,
    )


def _read(source: ImageRecord | None) -> Picture:
    if source is None:
        raise InvalidInput("the source record is gone")
    try:
        with storage.open_file(source.file) as file:
            return decode(file.read(), OWN_FILES)
    except FileNotFoundError as error:
        raise InvalidInput(f"the source file {source.file} is gone") from error
    except UploadRefused as error:
        raise InvalidInput(f"{source.file}: {error.code}") from error


def _commit(job: Job, *, finished: _Finished) -> None:
    """Inside the finishing transaction: a worker without the lease writes nothing."""
    record = record_result(
        owner=job.owner,
        key=finished.key,
        content=finished.content,
        original_name=finished.name,
    )
    Enhancement.objects.filter(job=job).update(
        result=record,
        dtype=finished.dtype,
        warnings=finished.warnings,
        timings=finished.timings,
    )
