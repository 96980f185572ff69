"""What an error page says to a person. The titles of the API's catalogue speak to programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, kw_only=True)
class ErrorWords:
    """What happened, and what to do now."""

    title: _StrPromise
    advice: _StrPromise
    icon: str = "circle-alert"


_WAIT = ErrorWords(
    title=_("Too many attempts"),
    advice=_("Wait as long as stated, then try again."),
    icon="hourglass",
)
_BY_CODE: Mapping[str, ErrorWords] = {
    "csrf_failed": ErrorWords(
        title=_("This form is out of date"),
        advice=_("Go back, reload the page and send the form again. Cookies must be allowed."),
        icon="refresh-cw",
    ),
    "request_timeout": ErrorWords(
        title=_("This took too long"),
        advice=_("Look whether it has taken effect before you try again."),
        icon="hourglass",
    ),
}
_BY_STATUS: Mapping[int, ErrorWords] = {
    400: ErrorWords(
        title=_("This request was not understood"),
        advice=_("Go back, reload the page and try again."),
    ),
    403: ErrorWords(
        title=_("You may not do this"),
        advice=_("Sign in with another account, or ask an administrator."),
        icon="lock",
    ),
    404: ErrorWords(
        title=_("There is nothing here"),
        advice=_("Check the address. A picture may have reached the end of its retention time."),
        icon="search",
    ),
    405: ErrorWords(
        title=_("This address cannot be opened"),
        advice=_("Go back to the page you came from and use its button."),
    ),
    413: ErrorWords(
        title=_("This is too large"),
        advice=_("Send a smaller file, or fewer at once."),
        icon="file-warning",
    ),
    429: _WAIT,
    500: ErrorWords(
        title=_("Something went wrong on our side"),
        advice=_("Try again. If it happens again, send the codes below to whoever runs this site."),
        icon="triangle-alert",
    ),
    503: ErrorWords(
        title=_("Not available right now"),
        advice=_("Wait a few seconds and reload. Pictures and jobs are kept."),
        icon="cloud-off",
    ),
}


def error_words(*, code: str, status: int) -> ErrorWords:
    """The words for this code, else for its status, else for its class of statuses."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 400]
