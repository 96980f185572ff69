"""The error that services raise and every edge (API, page, command) can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class ServiceError(Exception):
    """A refusal with a stable `code`, a translated `detail` and the HTTP status that fits.

    `extra` members help the client to mend the request (for example `allowed_formats`);
    `fields` holds one list of `{code, detail}` per wrong field.
    """

    code = "invalid"
    status = 400

    def __init__(
        self,
        detail: _StrPromise | str,
        *,
        code: str | None = None,
        status: int | None = None,
        extra: Mapping[str, Any] | None = None,
        fields: Mapping[str, list[dict[str, str]]] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(str(detail))
        self.detail = detail
        self.code = code or self.code
        self.status = status or self.status
        self.extra = dict(extra or {})
        self.fields = dict(fields or {})
        self.retry_after_seconds = retry_after_seconds
