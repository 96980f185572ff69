"""What clients may say on the socket, checked before anything is done with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from project.realtime.events import ErrorCode

MAX_MESSAGE_CHARACTERS = 16_384
MAX_RESUMED_JOBS = 100
MAX_SEQ = 2**31 - 1


class BadMessage(Exception):
    """A client message that cannot be used."""

    def __init__(self, code: ErrorCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Resume:
    """The client asks what follows these numbers."""

    known: dict[UUID, int]


@dataclass(frozen=True)
class SendSnapshot:
    """The client asks for the present state of everything."""


@dataclass(frozen=True)
class Alive:
    """The client answers a ping."""


def parse(text: str | None) -> Resume | SendSnapshot | Alive:
    """The request in one text frame; raises BadMessage."""
    if text is None:
        raise BadMessage("invalid", _("Send text frames with one JSON object each."))
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise BadMessage("too_large", _("This message is too long."))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage("invalid", _("This message is not JSON.")) from error
    match content:
        case {"pong": True}:
            return Alive()
        case {"snapshot": True}:
            return SendSnapshot()
        case {"resume": dict() as known}:
            return Resume(_known(known))
    raise BadMessage("invalid", _("Send one of: resume, snapshot, pong."))


def _known(given: dict[str, Any]) -> dict[UUID, int]:
    if len(given) > MAX_RESUMED_JOBS:
        raise BadMessage(
            "resync_required",
            _("At most %(limit)s jobs can be resumed at once; ask for a snapshot.")
            % {"limit": MAX_RESUMED_JOBS},
        )
    try:
        return {UUID(job): _seq(seq) for job, seq in given.items()}
    except ValueError as error:
        raise BadMessage(
            "invalid", _("resume maps job ids to the numbers of their last known events.")
        ) from error


def _seq(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SEQ:
        raise ValueError
    return value
