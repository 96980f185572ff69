"""The answers to a submit: of one film, and of several that each stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.response import Response

from project.errors import ServiceError
from xray.api.payload import submitted_payload

if TYPE_CHECKING:
    from xray.models import Study
    from xray.services.submit import SubmittedStudy

# What the same request may meet with success a moment later: the client repeats it as a whole.
TRANSIENT = (status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE)


def accepted(study: Study, *, created: bool) -> Response:
    """202 with the place to ask, or 200 with the study that was there before."""
    response = Response(
        submitted_payload(study, created=created),
        status=status.HTTP_202_ACCEPTED if created else status.HTTP_200_OK,
        headers={"Location": reverse("xray_api:detail", args=[study.pk])},
    )
    if not created:
        response["Idempotent-Replay"] = "true"
    return response


def accepted_several(
    submit: Callable[[int], SubmittedStudy], count: int, *, sync: bool
) -> Response:
    """One item for each film in the order they were sent; a bad one does not stop the others.

    Files have no names here: a name may be a patient's. Raises ServiceError: `invalid` with
    `sync`, and the first refusal when no film was accepted.
    """
    if sync:
        detail = _("Only one film can be waited for.")
        raise ServiceError(detail, fields={"sync": [{"code": "invalid", "detail": detail}]})
    items: list[dict[str, Any]] = []
    errors: list[ServiceError] = []
    created = 0
    for index in range(count):
        try:
            submitted = submit(index)
        except ServiceError as error:
            errors.append(error)
            items.append({"index": index, "error": _told(error)})
        else:
            created += submitted.created
            item = submitted_payload(submitted.study, created=submitted.created)
            items.append({"index": index, **item, "error": None})
    if len(errors) == count:
        raise errors[0]
    answer: dict[str, Any] = {
        "studies": items,
        "accepted": count - len(errors),
        "refused": len(errors),
    }
    response = Response(answer, status=status.HTTP_202_ACCEPTED if created else status.HTTP_200_OK)
    waits = [e.retry_after_seconds for e in errors if e.status in TRANSIENT]
    if any(waits):
        response["Retry-After"] = str(max(wait or 0 for wait in waits))
    return response


def _told(error: ServiceError) -> dict[str, Any]:
    return {
        "code": error.code,
        "detail": str(error.detail),
        "status": error.status,
        **({"fields": error.fields} if error.fields else {}),
    }
