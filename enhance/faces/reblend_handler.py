"""The worker's side of `enhance.reblend`: stored faces over the stored background, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from enhance.faces.stored import read_background, read_face
from enhance.kind import options_of, plan_of
from enhance.marking import C2PA_UNAVAILABLE
from enhance.models import Enhancement, FaceResult, Reblend
from enhance.names import result_name
from enhance.output import FinishedFile, finish
from enhance.pipeline.face_path import PASTE_STAGE, put_in
from enhance.pipeline.upscale import Result
from enhance.services.reblend import settings_of
from enhance.warnings import unique
from project.images.records import record_result
from project.inference.errors import InvalidInput, Superseded
from project.jobs.kinds import FileSink, Outcome

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Read the parts, put the wanted faces in, write, mark and sign.

    Raises project.inference.errors.
    """
    blend = Reblend.objects.filter(job=job).first()
    if blend is None:
        raise InvalidInput("the enlargement was deleted")
    row = Enhancement.objects.with_job().select_related("background").get(pk=blend.enhancement_id)
    params = row.job.params
    plan, options = plan_of(params), options_of(params)
    wanted = {face["index"]: face for face in blend.faces}
    total = len(wanted)
    context.step("decode", 0, total)
    picture = read_background(row)
    shown = [
        face for face in row.face_results.select_related("restored") if _is_shown(face, wanted)
    ]
    source = params["width"], params["height"]
    faces = [
        read_face(face, fidelity=wanted[face.index]["fidelity"], is_whole=options.aligned)
        for face in shown
    ]
    context.step(PASTE_STAGE, 0, total)
    pixels = put_in(picture.array, faces, source=source)
    context.step("encode", total, total)
    versions = row.job.model_versions
    result = Result(pixels=pixels, alpha=picture.alpha, dtype=row.dtype, model_versions=versions)
    file = finish(result, picture, plan, source_format=params["source_format"])
    name = result_name(row.source_name, plan.scale, file.extension)
    return Outcome(
        commit=partial(
            _commit,
            blend=blend,
            version=row.version,
            file=file,
            key=files.save(f"result.{file.extension}", file.content),
            name=name,
        ),
        model_versions=versions,
        data={"width": file.width, "height": file.height, "version": row.version + 1},
    )


def _is_shown(face: FaceResult, wanted: Mapping[int, Mapping[str, Any]]) -> bool:
    return face.index in wanted and bool(wanted[face.index]["enabled"])


def _commit(
    job: Job, *, blend: Reblend, version: int, file: FinishedFile, key: str, name: str
) -> None:
    """Inside the finishing transaction: the new result takes the place of the one it began with.

    Raises Superseded when that is another one by now.
    """
    row = Enhancement.objects.select_related("result").get(pk=blend.enhancement_id)
    found = list(row.face_results.all())
    record = record_result(
        owner=job.owner,
        key=key,
        content=file.content,
        original_name=name,
        expires_at=row.result.expires_at if row.result else None,
    )
    warnings = unique((code for code in row.warnings if code != C2PA_UNAVAILABLE), file.warnings)
    changed = Enhancement.objects.filter(pk=row.pk, version=version).update(
        result=record,
        marking=file.marking,
        warnings=warnings,
        version=version + 1,
        # What the options ask for is not what this shows any more: it answers no other request.
        request_digest="",
    )
    if not changed:
        raise Superseded(f"version {version} was replaced meanwhile")
    Reblend.objects.filter(pk=blend.pk).update(
        version=version + 1,
        replaced=row.result,
        replaced_faces=settings_of(found),
        replaced_marking=row.marking,
    )
    _write(found, blend.faces)


def _write(found: Sequence[FaceResult], wanted: Sequence[Mapping[str, Any]]) -> None:
    by_index = {face["index"]: face for face in wanted}
    changed = [face for face in found if face.index in by_index]
    for face in changed:
        face.enabled = by_index[face.index]["enabled"]
        face.fidelity = by_index[face.index]["fidelity"]
    FaceResult.objects.bulk_update(changed, ["enabled", "fidelity"])
