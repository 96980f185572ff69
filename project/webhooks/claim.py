"""Which delivery goes next, and the one conditional UPDATE that takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from project.webhooks.models import Delivery

# A slow name server is not bounded by our deadline of an exchange.
LEASE_BEYOND_TIMEOUT = timedelta(seconds=60)
CANDIDATES = 10


def claimable(now: datetime) -> QuerySet[Delivery]:
    """Due, with an attempt left, and in nobody's hands."""
    return Delivery.objects.filter(
        _free(now), state=Delivery.State.PENDING, attempts_left__gt=0, next_attempt_at__lte=now
    )


def claim_next(*, now: datetime) -> Delivery | None:
    """Take the due delivery of the owner who was served longest ago; None when there is none.

    An owner has one delivery in flight, so that a silent receiver of one person does not hold
    every thread. The attempt counts from here: one that kills its worker is counted too.
    """
    others = Delivery.objects.filter(owner=OuterRef("owner"))
    served = others.order_by().values("owner").annotate(last=Max("claimed_at")).values("last")
    in_flight = others.filter(state=Delivery.State.PENDING, lease_until__gt=now)
    candidates = (
        claimable(now)
        # Not in `claimable`: a condition on another table would not be looked at again by the
        # UPDATE below, once another worker has changed the row.
        .filter(~Exists(in_flight), owner__is_active=True)
        .annotate(served=Subquery(served))
        .order_by(F("served").asc(nulls_first=True), "next_attempt_at", "pk")
        .values_list("pk", flat=True)[:CANDIDATES]
    )
    for key in list(candidates):
        token = uuid4()
        taken = claimable(now).filter(pk=key)
        if taken.update(
            lease_token=token,
            lease_until=now + settings.WEBHOOK_TIMEOUT + LEASE_BEYOND_TIMEOUT,
            claimed_at=now,
            attempts=F("attempts") + 1,
            attempts_left=F("attempts_left") - 1,
        ):
            return Delivery.objects.select_related("owner", "job").get(pk=key)
    return None


def spent(now: datetime) -> QuerySet[Delivery]:
    """Still pending though no attempt is left: the last one ended with its worker."""
    return Delivery.objects.filter(_free(now), state=Delivery.State.PENDING, attempts_left=0)


def of_deactivated_owners(now: datetime) -> QuerySet[Delivery]:
    """Pending for somebody who may no longer use this installation."""
    return Delivery.objects.filter(_free(now), state=Delivery.State.PENDING, owner__is_active=False)


def _free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=now)
