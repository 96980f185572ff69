"""The own enlargements on the list page: those at work, and one page of the ended ones."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from enhance.cards import EnhancementCard, enhancement_cards
from enhance.models import Enhancement
from project.jobs.models import Job

PAGE_SIZE = 24
MOST_AT_WORK = 60
AT_WORK = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`at_work` oldest first, as they will finish; `ended` newest first; `older` is a cursor."""

    at_work: list[EnhancementCard]
    ended: list[EnhancementCard]
    older: UUID | None
    is_first_page: bool


def listing(*, user: User | AnonymousUser, before: UUID | None = None) -> Listing:
    """The first page, or the one whose ended enlargements are older than `before`."""
    own = Enhancement.objects.visible_to(user).with_job()
    at_work = list(own.filter(job__state__in=AT_WORK).order_by("pk")[:MOST_AT_WORK])
    ended = own.exclude(job__state__in=AT_WORK)
    if before is not None:
        ended = ended.filter(pk__lt=before)
    found = list(ended.order_by("-pk")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    cards = enhancement_cards([*at_work, *page])
    return Listing(
        at_work=cards[: len(at_work)],
        ended=cards[len(at_work) :],
        older=page[-1].pk if len(found) > PAGE_SIZE else None,
        is_first_page=before is None,
    )
