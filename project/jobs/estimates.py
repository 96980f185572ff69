"""When a job will be done and how many stand before it."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Sum
from django.utils import timezone
from redis.exceptions import RedisError

from project.jobs import states
from project.jobs.claim import FAIR_SHARE_WINDOW, LANES
from project.jobs.models import Job, Worker
from project.jobs.rates import Rates

logger = logging.getLogger(__name__)

WAITING_HIGHER_PRIORITY = "waiting_higher_priority"
WORKER_SEEN_WITHIN = timedelta(seconds=30)
LONGEST_QUEUE_LOOKED_AT = 2000
UNKNOWN_COST_SECONDS = 1.0
REMEMBERED_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """`eta_seconds` until the end (None: not known yet), `p95_seconds` what 95 % will not
    exceed, `queue_position` from 1, `reason` a code when the time may have grown."""

    eta_seconds: float | None = None
    p95_seconds: float | None = None
    queue_position: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a queued job stands. `wait_seconds` is None when work of unknown cost is ahead."""

    position: int
    wait_seconds: float | None
    overtaken: bool


def for_jobs(jobs: Iterable[Job], *, now: datetime | None = None) -> dict[UUID, Estimate]:
    """Estimates of the unfinished ones among `jobs`, with a constant number of queries.

    The shown time never grows unless `reason` says why.
    """
    now = now or timezone.now()
    waiting = [job for job in jobs if not job.is_terminal and job.max_attempts > 0]
    if not waiting:
        return {}
    rates = Rates.load()
    places = _places(rates, now) if any(j.state == Job.State.QUEUED for j in waiting) else {}
    fresh = {job.pk: _estimate(job, rates, places.get(job.pk), now) for job in waiting}
    return _keep_promises(waiting, fresh, now)


def _estimate(job: Job, rates: Rates, place: Place | None, now: datetime) -> Estimate:
    rate = rates.of(job)
    run = None if rate is None else rate.seconds_per_unit * max(1, job.total_units)
    factor = rate.p95_factor if rate else 1.0
    if job.state == Job.State.RUNNING:
        if rate is None or run is None:
            return Estimate()
        left = rate.seconds_per_unit * max(0, max(1, job.total_units) - job.done_units)
        began = job.started_at or now
        p95 = max(0.0, run * factor - (now - began).total_seconds())
        return Estimate(eta_seconds=left, p95_seconds=max(left, p95))
    if place is None:
        return Estimate()
    reason = WAITING_HIGHER_PRIORITY if place.overtaken else None
    if run is None or place.wait_seconds is None:
        return Estimate(queue_position=place.position, reason=reason)
    pause = (job.not_before - now).total_seconds() if job.not_before else 0.0
    wait = max(place.wait_seconds, pause)
    return Estimate(
        eta_seconds=wait + run,
        p95_seconds=(wait + run) * factor,
        queue_position=place.position,
        reason=reason,
    )


def _places(rates: Rates, now: datetime) -> dict[UUID, Place]:
    """The order in which fair share will take the queue, replayed over the queued rows."""
    queued = list(
        Job.objects.filter(~states.GROUP, state=Job.State.QUEUED)
        .only("owner_id", "kind", "lane", "priority", "created_at", "total_units")
        .order_by("created_at", "id")[:LONGEST_QUEUE_LOOKED_AT]
    )
    running = list(Job.objects.filter(state=Job.State.RUNNING))
    used = dict(
        Job.objects.filter(finished_at__gte=now - FAIR_SHARE_WINDOW)
        .values_list("owner_id")
        .annotate(seconds=Sum("device_seconds"))
    )
    devices = max(1, Worker.objects.filter(last_seen__gte=now - WORKER_SEEN_WITHIN).count())
    places: dict[UUID, Place] = {}
    ahead: float | None = 0.0
    newest = None
    for job in running:
        used[job.owner_id] = used.get(job.owner_id, 0.0) + job.device_seconds + 1
    for lane in LANES:
        for job in running:
            if job.lane == lane:
                left = max(1, job.total_units) - job.done_units
                ahead = _plus(ahead, rates.expected_seconds(job.kind, left) if left > 0 else 0.0)
        for job in _fair_order([j for j in queued if j.lane == lane], used, rates):
            places[job.pk] = Place(
                position=len(places) + 1,
                wait_seconds=None if ahead is None else ahead / devices,
                overtaken=newest is not None and newest > job.created_at,
            )
            newest = max(newest, job.created_at) if newest else job.created_at
            ahead = _plus(ahead, rates.expected_seconds(job.kind, job.total_units))
    return places


def _fair_order(queued: list[Job], used: dict[int, float], rates: Rates) -> Iterable[Job]:
    """Priority first, then the owner who has used least so far, then age."""
    lines: dict[tuple[int, int], list[Job]] = {}
    for job in queued:
        lines.setdefault((-job.priority, job.owner_id), []).append(job)
    heap: list[tuple[int, float, datetime, UUID, int]] = []

    def offer(rank: int, owner: int, index: int) -> None:
        line = lines[rank, owner]
        if index < len(line):
            job = line[index]
            heapq.heappush(heap, (rank, used.get(owner, 0.0), job.created_at, job.pk, index))

    for rank, owner in lines:
        offer(rank, owner, 0)
    owners = {job.pk: job.owner_id for job in queued}
    while heap:
        rank, seconds, _created, pk, index = heapq.heappop(heap)
        owner = owners[pk]
        if seconds < used.get(owner, 0.0):  # charged meanwhile through another priority
            offer(rank, owner, index)
            continue
        job = lines[rank, owner][index]
        yield job
        cost = rates.expected_seconds(job.kind, job.total_units)
        used[owner] = seconds + (UNKNOWN_COST_SECONDS if cost is None else cost)
        offer(rank, owner, index + 1)


def _plus(total: float | None, more: float | None) -> float | None:
    return None if total is None or more is None else total + more


def _keep_promises(
    jobs: Iterable[Job], fresh: Mapping[UUID, Estimate], now: datetime
) -> dict[UUID, Estimate]:
    """Hold each shown end to the one shown before, unless a reason explains the growth.

    The memory is the cache; without it (Redis is away) the fresh estimates are shown.
    """
    keys = {job.pk: f"eta:{job.pk}:{job.attempt}" for job in jobs}
    timestamp = now.timestamp()
    kept: dict[UUID, Estimate] = {}
    promised: dict[str, float] = {}
    try:
        earlier = cache.get_many(keys.values())
        for pk, estimate in fresh.items():
            kept[pk] = estimate
            if estimate.eta_seconds is None:
                continue
            end = timestamp + estimate.eta_seconds
            before = earlier.get(keys[pk], end)
            if end > before and estimate.reason is None:
                end = before
                kept[pk] = replace(estimate, eta_seconds=max(0.0, end - timestamp))
            promised[keys[pk]] = end
        if promised:
            cache.set_many(promised, timeout=REMEMBERED_SECONDS)
    except RedisError as error:
        logger.warning("estimates are shown without memory: %s", error)
        return dict(fresh)
    return kept
