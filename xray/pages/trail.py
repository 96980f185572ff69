"""The audit trail of one study in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from xray.models import AuditEvent, Study

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOST_EVENTS = 200
ACTIONS: Mapping[str, _StrPromise] = {
    "study.received": gettext_lazy("Film received"),
    "study.known": gettext_lazy("The same film was sent again"),
    "study.corrected": gettext_lazy("Analysed again with a correction"),
    "study.refused": gettext_lazy("Film refused"),
    "study.viewed": gettext_lazy("Study opened"),
    "study.compared": gettext_lazy("Compared with an earlier film"),
    "report.final": gettext_lazy("Report written"),
    "report.fallback": gettext_lazy("The language model's text was not used"),
    "report.not_queued": gettext_lazy("The language model could not be asked"),
    "report.replacement_confirmed": gettext_lazy("Replacement of a signed report confirmed"),
    "report.accepted": gettext_lazy("Report accepted"),
    "report.edited": gettext_lazy("Report edited and accepted"),
    "report.rejected": gettext_lazy("Report rejected"),
    "report.downloaded": gettext_lazy("Report downloaded"),
    "original.opened": gettext_lazy("Kept original read"),
}


@dataclass(frozen=True, kw_only=True)
class TrailLine:
    """One event. `code` is shown where this page has no words for it."""

    at: datetime
    what: str
    code: str
    who: str
    object: str
    details: str
    digest: str


def trail_of(study: Study) -> list[TrailLine]:
    """Newest first, at most MOST_EVENTS."""
    events = list(AuditEvent.objects.filter(study=study.pk).order_by("-id")[:MOST_EVENTS])
    ids = {event.actor_id for event in events if event.actor_id is not None}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "username"))
    return [
        TrailLine(
            at=event.at,
            what=str(ACTIONS.get(event.action, event.action)),
            code=event.action,
            who=names.get(event.actor_id, _("deleted account")) if event.actor_id else _("system"),
            object=event.object,
            details=", ".join(f"{name} {value}" for name, value in event.details.items()),
            digest=event.digest[:12],
        )
        for event in events
    ]
