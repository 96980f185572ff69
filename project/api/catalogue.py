"""Every error code the API can answer with: its status, its title, what it means.

`docs/api/errors.md` and the page `/docs/errors` are made from this list; a test compares it
with the codes that the source raises. Codes never change; texts may.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, kw_only=True)
class ErrorCode:
    """One stable code."""

    code: str
    status: int
    title: _StrPromise | str
    meaning: _StrPromise | str


_codes: dict[str, ErrorCode] = {}


def register(code: str, status: int, title: _StrPromise | str, meaning: _StrPromise | str) -> None:
    """Add a code; feature apps call this in `ready()`. A code is registered once."""
    if code in _codes:
        raise ValueError(f"error code {code} is registered twice")
    _codes[code] = ErrorCode(code=code, status=status, title=title, meaning=meaning)


def all_codes() -> list[ErrorCode]:
    """Every code, by name."""
    return [_codes[code] for code in sorted(_codes)]


def title_of(code: str, status: int) -> str:
    """The translated title; a code without an entry gets the plain name of its status."""
    known = _codes.get(code)
    return str(known.title) if known else HTTPStatus(status).phrase


register(
    "invalid",
    400,
    _("Invalid request"),
    _("One or more fields are wrong; `fields` names each with its own code and text."),
)
register(
    "malformed", 400, _("Malformed body"), _("The body cannot be parsed as its content type says.")
)
register(
    "json_too_deep",
    400,
    _("JSON nested too deeply"),
    _("The JSON body nests more levels than `max_depth`."),
)
register(
    "invalid_cursor",
    400,
    _("Invalid cursor"),
    _("The `cursor` was not issued by this list; start again without it."),
)
register(
    "bad_request", 400, _("Bad request"), _("The request is not well formed HTTP for this site.")
)
register("not_authenticated", 401, _("Sign-in needed"), _("No credentials were sent."))
register(
    "authentication_failed", 401, _("Sign-in failed"), _("The credentials are wrong or expired.")
)
register(
    "token_not_valid",
    401,
    _("Token not valid"),
    _("The access or refresh token is expired, revoked or not ours."),
)
register("permission_denied", 403, _("Not allowed"), _("You may see this but not do that."))
register(
    "scope_missing",
    403,
    _("Token scope missing"),
    _("The API token lacks the scope named in `required_scope`."),
)
register(
    "csrf_failed",
    403,
    _("CSRF check failed"),
    _("A request made with a session cookie needs the CSRF token of this site."),
)
register("not_found", 404, _("Not found"), _("It does not exist, or it is not yours to see."))
register(
    "method_not_allowed", 405, _("Method not allowed"), _("This address does not take that method.")
)
register("not_acceptable", 406, _("Not acceptable"), _("The API answers in JSON only."))
register(
    "conflict", 409, _("Conflict"), _("The object changed meanwhile, or its state forbids this.")
)
register(
    "too_large", 413, _("Too large"), _("The body is larger than the limit named in `limit_bytes`.")
)
register(
    "unsupported",
    415,
    _("Unsupported content type"),
    _("Send one of the content types of the operation."),
)
register("throttled", 429, _("Too many requests"), _("Wait as long as `Retry-After` says."))
register(
    "locked_out",
    429,
    _("Sign-in locked"),
    _("Too many failed sign-ins; wait as long as `Retry-After` says."),
)
register("server_error", 500, _("Server error"), _("Our fault. Quote the `request_id`."))
register(
    "unavailable",
    503,
    _("Temporarily unavailable"),
    _("A service that this request needs is down; try again after `Retry-After`."),
)
