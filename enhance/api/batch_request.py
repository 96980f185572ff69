"""What a batch request says, from form, query or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _
from rest_framework.request import Request

from enhance.batches import errors
from project.api.parsers import parse_json
from project.errors import ServiceError

FILE_FIELDS = ("files", "files[]")
FILE_OPTIONS = "file_options"
PHOTOS = "photos"
OWN_FIELDS = frozenset({*FILE_FIELDS, FILE_OPTIONS, PHOTOS, "file"})


def uploads_of(request: Request) -> list[File[Any]]:
    """The files of both spellings, in the order of each."""
    return [upload for name in FILE_FIELDS for upload in request.FILES.getlist(name)]


def common_fields(request: Request) -> dict[str, Any]:
    """Everything else that was asked; the body wins over the query."""
    given = {**request.query_params.dict(), **_body(request)}
    return {name: value for name, value in given.items() if name not in OWN_FIELDS}


def overrides_of(request: Request, uploads: Sequence[File[Any]]) -> list[Mapping[str, Any]]:
    """The own options of each file; empty when nobody has any.

    `file_options` is a JSON list with one object (or null) for each file, or a JSON object from
    file name to options. Raises ServiceError `invalid`.
    """
    text = _body(request).get(FILE_OPTIONS) or request.query_params.get(FILE_OPTIONS)
    if not text:
        return []
    found = _json_of(text)
    if isinstance(found, dict):
        unknown = sorted(set(found) - {upload.name for upload in uploads})
        if unknown:
            detail = _("No file of this request has the name %(name)s.") % {"name": unknown[0]}
            raise errors.bad_overrides(detail)
        found = [found.get(upload.name) for upload in uploads]
    if not isinstance(found, list) or len(found) != len(uploads):
        raise errors.bad_overrides(_("Send one object for each file, in the order of the files."))
    if not all(own is None or isinstance(own, dict) for own in found):
        raise errors.bad_overrides(_("Send one object for each file, in the order of the files."))
    return [own or {} for own in found]


def announced_photos(request: Request) -> int | None:
    """How many photos will follow one by one, or None. Raises ServiceError `invalid`."""
    text = _body(request).get(PHOTOS) or request.query_params.get(PHOTOS)
    if text in (None, ""):
        return None
    try:
        count = int(str(text))  # of JSON, too, a whole number and nothing like one
    except ValueError:
        count = 0
    if count < 1:
        raise errors.bad_count()
    return count


def _json_of(text: Any) -> Any:
    """Text of a form or a query; the body of a JSON request may hold the value itself."""
    if not isinstance(text, str):
        return text
    try:
        return parse_json(text)
    except ServiceError as error:
        raise errors.bad_overrides(_("This is no JSON.")) from error


def _body(request: Request) -> Mapping[str, Any]:
    """A form or a JSON object as a plain mapping; ServiceError for any other JSON."""
    if not hasattr(request.data, "items"):
        raise ServiceError(_("Send a JSON object."), code="invalid")
    return dict(request.data.items())
