"""When a queue has waited enough, and what a batch is known to cost."""

from __future__ import annotations

import pytest

from project.inference.batch_cost import ENOUGH, REMEMBERED, BatchCost
from project.inference.batch_queue import MAX_IDLE_QUEUES, BatchQueue, LaneQueues
from project.inference.batch_request import BatchRequest
from project.inference.device_lease import Rank
from tests.inference.batches import hosted

MODEL = hosted(None)
WAIT = 4.0


def request_at(now, *, payload=0, bucket=""):
    return BatchRequest(
        model=MODEL, payload=payload, bucket=bucket, rank=Rank(), arrival=int(now),
        arrived_at=now, clock=lambda: now, leave=lambda request: False,
    )  # fmt: skip


def queue_with(*arrivals, cost=None):
    queue = BatchQueue(MODEL.batching, cost or BatchCost(), WAIT)
    for now in arrivals:
        queue.put(request_at(now))
    return queue


def learned(*, fixed, per_item):
    cost = BatchCost()
    for items in range(1, ENOUGH + 1):
        cost.add(items, fixed + per_item * items)
    return cost


def test_a_lone_request_waits_for_nobody():
    assert queue_with(100).ready_at(8) == 100


def test_the_oldest_waits_for_company_when_another_came_lately():
    assert queue_with(100, 101).ready_at(8) == 104


def test_a_full_batch_waits_for_nobody():
    assert queue_with(100, 101).ready_at(2) == 100


def test_a_request_long_after_the_last_one_waits_for_nobody():
    queue = queue_with(100)
    queue.requests.clear()
    queue.put(request_at(100 + 4 * WAIT + 1))
    assert queue.ready_at(8) == 117
    queue.requests.clear()
    queue.put(request_at(118))
    assert queue.ready_at(8) == 122


def test_waiting_ends_when_it_costs_more_than_a_batch_of_ones_own():
    """Two that wait lose twice the gap; what they can save is the fixed cost of one batch."""
    assert queue_with(100, 101, cost=learned(fixed=1, per_item=3)).ready_at(8) == 101.5
    assert queue_with(100, 101, cost=learned(fixed=0, per_item=3)).ready_at(8) == 101
    assert queue_with(100, 101, cost=learned(fixed=50, per_item=3)).ready_at(8) == 104


def test_the_cost_of_a_batch_is_fitted():
    cost = learned(fixed=0.010, per_item=0.0015)
    assert cost.fit == pytest.approx((0.010, 0.0015))
    assert cost.seconds_per_item == pytest.approx((8 * 0.010 + 36 * 0.0015) / 36)


def test_the_cost_is_unknown_before_enough_batches_of_different_sizes():
    cost = BatchCost()
    for _ in range(ENOUGH):
        cost.add(4, 1.0)
    assert cost.fit is None
    cost.add(8, 1.5)
    assert cost.fit == pytest.approx((0.5, 0.125))


def test_only_the_last_fifty_batches_count():
    cost = learned(fixed=100, per_item=0)
    for number in range(REMEMBERED):
        cost.add(1 + number % 2, 1.0 + number % 2)
    assert cost.fit == pytest.approx((0, 1))


def test_the_fit_is_never_negative():
    cost = BatchCost()
    for items in range(1, ENOUGH + 1):
        cost.add(items, 10.0 - items)
    fixed, per_item = cost.fit
    assert (fixed, per_item) == (pytest.approx(5.5), 0)


def test_payloads_of_ever_new_shapes_do_not_fill_the_memory():
    lane = LaneQueues(
        lane="interactive", used=lambda user: 0, size_of=lambda queue, key: 8,
        cost_of=lambda key: BatchCost(),
    )  # fmt: skip
    kept = request_at(1, bucket="kept")
    lane.put(kept, MODEL.batching)
    for number in range(3 * MAX_IDLE_QUEUES):
        request = request_at(2, bucket=number)
        lane.put(request, MODEL.batching)
        assert lane.remove(request)
    assert len(lane._queues) <= MAX_IDLE_QUEUES
    assert lane.take() == [kept]
