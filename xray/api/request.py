"""What the requests of this room say: who, which study, which files, which wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.models import User
from project.api.client_address import client_address
from project.errors import ServiceError
from xray.choices import Language, Mode
from xray.models import Study
from xray.services.submit import Wish

FILE_FIELDS = ("file", "files[]", "files")


def caller(request: Request) -> User:
    """The signed-in user; the permission class lets nobody else through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def address_of(request: Request) -> str | None:
    """For the audit trail."""
    return client_address(request._request) or None


def own_study(request: Request, study_id: UUID) -> Study:
    """The caller's study, or 404: a stranger's is as absent as one that never was."""
    return get_object_or_404(Study.objects.visible_to(request.user).with_job(), pk=study_id)


def uploads_of(request: Request) -> list[File[Any]]:
    """The films, in the order of each field. Raises ServiceError: file_missing, too_many_files."""
    uploads = [upload for name in FILE_FIELDS for upload in request.FILES.getlist(name)]
    if not uploads:
        detail = _("Send the film as the multipart field file.")
        raise ServiceError(
            detail,
            code="file_missing",
            fields={"file": [{"code": "required", "detail": detail}]},
        )
    limit = settings.XRAY_FILES
    if len(uploads) > limit:
        raise ServiceError(
            _("At most %(limit)d films in one request.") % {"limit": limit},
            code="too_many_files",
            status=422,
            extra={"limit": limit},
        )
    return uploads


def form_of(request: Request) -> dict[str, Any]:
    """Everything else; the form wins over the query, and what is empty was not said."""
    given = {**request.query_params.dict(), **mapping(request.data)}
    return {
        name: value
        for name, value in given.items()
        if name not in FILE_FIELDS and value not in ("", None)
    }


def wish_of(request: Request, given: Mapping[str, Any]) -> Wish:
    """The validated wish. Raises ServiceError `invalid` for a prior that is not the caller's."""
    prior = None
    if given.get("prior"):
        prior = Study.objects.visible_to(request.user).filter(pk=given["prior"]).first()
        if prior is None:
            detail = _("You have no such study.")
            raise ServiceError(detail, fields={"prior": [{"code": "not_found", "detail": detail}]})
    return Wish(
        mode=given.get("mode", Mode.STRUCTURED),
        language=given.get("language", Language.ENGLISH),
        indication=given.get("indication", ""),
        patient_key=given.get("patient_key", ""),
        prior=prior,
    )


def key_of(request: Request, *, index: int, of: Sequence[object]) -> str | None:
    """The idempotency key of one film: that of the request, numbered when there are several."""
    key = request.headers.get("Idempotency-Key")
    return key if key is None or len(of) == 1 else f"{key}#{index}"


def mapping(data: Any) -> dict[str, Any]:
    """A form or a JSON object as a plain dict; ServiceError for any other JSON."""
    if hasattr(data, "items"):
        return dict(data.items())
    raise ServiceError(_("Send a JSON object."), code="invalid")
