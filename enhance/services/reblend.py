"""Other faces in a finished result: judged here, blended by a worker without any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enhance.faces.reblend_kind import KEY, FaceChangeSerializer
from enhance.models import Enhancement, FaceResult, Reblend
from project.errors import ServiceError
from project.jobs.models import Job
from project.jobs.submit import submit_job

UNFINISHED = (Job.State.QUEUED, Job.State.RUNNING)


def parse_changes(data: Any) -> list[Mapping[str, Any]]:
    """The faces of a request body. Raises rest_framework ValidationError."""
    serializer = FaceChangeSerializer(data=data, many=True, allow_empty=False)
    serializer.is_valid(raise_exception=True)
    changes: list[Mapping[str, Any]] = serializer.validated_data
    return changes


def reblend_faces(
    *, enhancement: Enhancement, changes: Sequence[Mapping[str, Any]]
) -> Reblend | None:
    """Queue a blend in which the named faces are as `changes` say and the others as they are.

    None when nothing would change. Raises ServiceError: `task_not_completed` (400),
    `unknown_face` (400), `face_not_restored`, `parts_gone` and `reblend_in_progress` (409), and
    what submit_job raises.
    """
    if enhancement.job.state != Job.State.SUCCEEDED:
        raise ServiceError(
            _("The task is not completed."),
            code="task_not_completed",
            extra={"state": enhancement.job.state},
        )
    with transaction.atomic():
        # The row orders two requests at once; the second sees the blend of the first.
        enhancement = Enhancement.objects.select_for_update().get(pk=enhancement.pk)
        if Reblend.objects.filter(enhancement=enhancement, job__state__in=UNFINISHED).exists():
            raise ServiceError(
                _("The faces of this result are being changed already."),
                code="reblend_in_progress",
                status=409,
            )
        found = list(enhancement.face_results.select_related("restored"))
        wanted = _wanted(found, changes)
        if wanted == settings_of(found):
            return None
        _check_parts(enhancement, found)
        job = submit_job(
            owner=enhancement.job.owner,
            kind=KEY,
            params={"enhancement": str(enhancement.pk), "faces": wanted},
            attach=lambda job: _attach(job, enhancement),
        ).job
    return Reblend.objects.select_related("job", "enhancement").get(job=job)


def settings_of(found: Sequence[FaceResult]) -> list[dict[str, Any]]:
    """What the result shows of each restored face, in JSON types."""
    return [
        {"index": face.index, "enabled": face.enabled, "fidelity": face.fidelity}
        for face in found
        if face.status == FaceResult.Status.RESTORED
    ]


def _wanted(
    found: Sequence[FaceResult], changes: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known = {face.index for face in found}
    wanted = {face["index"]: face for face in settings_of(found)}
    for change in changes:
        index = change["index"]
        if index not in known:
            raise ServiceError(
                _("This picture has no face %(index)s.") % {"index": index},
                code="unknown_face",
                extra={"faces": sorted(known)},
            )
        if index not in wanted:
            raise ServiceError(
                _("Face %(index)s was not restored, so there is nothing to blend.")
                % {"index": index},
                code="face_not_restored",
                status=409,
                extra={"faces": sorted(wanted)},
            )
        wanted[index] = {**wanted[index], **change}
    return list(wanted.values())


def _check_parts(enhancement: Enhancement, found: Sequence[FaceResult]) -> None:
    """Parts expire with the pictures; then only a new run helps."""
    restored = [face for face in found if face.status == FaceResult.Status.RESTORED]
    if enhancement.background_id is None or any(face.restored_id is None for face in restored):
        raise ServiceError(
            _("The parts of this result have been deleted. Please run it again."),
            code="parts_gone",
            status=409,
        )


def _attach(job: Job, enhancement: Enhancement) -> None:
    Reblend.objects.create(id=job.pk, job=job, enhancement=enhancement, faces=job.params["faces"])
