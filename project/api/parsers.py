"""The JSON parser: bounded size and depth, no text that a database refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.parsers import JSONParser

from project.errors import ServiceError

MAX_DEPTH = 32


class BoundedJSONParser(JSONParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes and MAX_DEPTH levels.

    Raises ServiceError malformed, json_too_deep or too_large.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed value."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise ServiceError(
                _("The JSON body may hold at most %(limit)s bytes.") % {"limit": limit},
                code="too_large",
                status=413,
                extra={"limit_bytes": limit},
            )
        return parse_json(body)


def parse_json(content: bytes | str) -> Any:
    """The value of `content`, whose length its caller has bounded.

    Raises ServiceError malformed or json_too_deep.
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise _malformed() from error
    _check(value)
    return value


def _check(root: Any) -> None:
    """Refuse deep nesting, NUL and lone surrogates, without recursing."""
    pending: list[tuple[Any, int]] = [(root, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                raise _too_deep()
            if isinstance(value, dict):
                for key in value:
                    _check_text(key)
            inner = value.values() if isinstance(value, dict) else value
            pending.extend((item, depth + 1) for item in inner)


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _malformed()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _malformed() -> ServiceError:
    return ServiceError(_("The body is not valid JSON."), code="malformed", status=400)


def _too_deep() -> ServiceError:
    return ServiceError(
        _("The JSON body nests deeper than %(depth)s levels.") % {"depth": MAX_DEPTH},
        code="json_too_deep",
        status=400,
        extra={"max_depth": MAX_DEPTH},
    )
