"""Every error code the API can answer with: its status, its title, what it means.

`docs/api/errors.md` and the page `/docs/errors` are made from this list; a test compares it
with the codes that the source raises. Codes never change; texts may. Rooms
add their own codes in `ready()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class ErrorCode:
    """One stable code and the status it usually comes with."""

    code: str
    status: int
    title: _StrPromise
    meaning: _StrPromise


E = ErrorCode
_PLATFORM = (
    E("invalid", 400, _("Invalid request"),
      _("One or more fields are wrong; `fields` names each with its own code and text.")),
    E("malformed", 400, _("Malformed body"),
      _("The body cannot be parsed as its content type says.")),
    E("json_too_deep", 400, _("JSON nested too deeply"),
      _("The JSON body nests more levels than `max_depth`.")),
    E("invalid_cursor", 400, _("Invalid cursor"),
      _("The `cursor` was not issued by this list; start again without it.")),
    E("bad_request", 400, _("Bad request"),
      _("The request is not well formed for this site.")),
    E("not_authenticated", 401, _("Sign-in needed"), _("No credentials were sent.")),
    E("authentication_failed", 401, _("Sign-in failed"),
      _("The credentials are wrong or expired.")),
    E("permission_denied", 403, _("Not allowed"), _("You may see this but not do that.")),
    E("scope_missing", 403, _("Token scope missing"),
      _("The API token lacks the scope named in `required_scope`.")),
    E("csrf_failed", 403, _("CSRF check failed"),
      _("A change made with a session cookie needs the CSRF token of this site.")),
    E("not_found", 404, _("Not found"), _("It does not exist, or it is not yours to see.")),
    E("method_not_allowed", 405, _("Method not allowed"),
      _("This address does not take that method.")),
    E("not_acceptable", 406, _("Not acceptable"), _("The API answers in JSON only.")),
    E("too_large", 413, _("Too large"),
      _("The body is larger than the limit named in `limit_bytes`.")),
    E("unsupported", 415, _("Unsupported content type"),
      _("Send one of the content types of the operation.")),
    E("throttled", 429, _("Too many requests"), _("Wait as long as `Retry-After` says.")),
    E("token_not_valid", 401, _("Token not valid"),
      _("The access, refresh or API token is malformed, expired, revoked or not ours.")),
    E("locked_out", 429, _("Sign-in locked"),
      _("Too many failed sign-ins; wait as long as `Retry-After` says.")),
    E("server_error", 500, _("Server error"), _("Our fault. Quote the `request_id`.")),
    E("unavailable", 503, _("Temporarily unavailable"),
      _("A service that this request needs is down; try again after `Retry-After`.")),
    E("request_timeout", 503, _("Took too long"),
      _("No answer was ready within OMNILENS_REQUEST_TIMEOUT. The request may still take effect: "
        "look, or repeat it with the same `Idempotency-Key`.")),
)  # fmt: skip
_codes = {entry.code: entry for entry in _PLATFORM}


def register(code: str, status: int, title: _StrPromise, meaning: _StrPromise) -> None:
    """Add a code; a code is registered once."""
    if code in _codes:
        raise ValueError(f"error code {code} is registered twice")
    _codes[code] = ErrorCode(code, status, title, meaning)


def all_codes() -> list[ErrorCode]:
    """Every code, by name."""
    return [_codes[code] for code in sorted(_codes)]


def title_of(code: str, status: int) -> str:
    """The translated title; a code without an entry gets the plain name of its status."""
    known = _codes.get(code)
    return str(known.title) if known else HTTPStatus(status).phrase
