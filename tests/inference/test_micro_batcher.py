"""Batches over runs: who is in one, who pays, and whom an error reaches."""

from __future__ import annotations

import threading

import pytest

from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import (
    Cancelled,
    DeadlineExceeded,
    InferenceError,
    OutOfMemory,
    QueueFull,
    Superseded,
)
from project.inference.micro_batcher import MicroBatcher
from project.inference.oom import SizeMemory
from project.inference.registry import Batching
from tests.inference.batches import SMALL, Gate, Network, hosted
from tests.inference.fakes import PATIENCE_SECONDS, Clock, until, until_waiting

ALICE, BOB = Rank(user="alice"), Rank(user="bob")
BATCH, STREAM = Rank(lane="batch", user="carol"), Rank(lane="stream", user="camera owner")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lease(clock):
    return DeviceLease(clock=clock)


@pytest.fixture
def batcher(lease, clock):
    return MicroBatcher(lease=lease, clock=clock, free=lambda: None)


def results(requests):
    return [request.result() for request in requests]


def submit_behind(lease, batcher, model, entries):
    """Queue (payload, rank) while the device is busy, so that all of them wait together."""
    with lease.hold(Rank(user="somebody")):
        requests = [batcher.submit(model=model, payload=p, rank=rank) for p, rank in entries]
        until_waiting(lease, len({rank.lane for _, rank in entries}))
    return requests


def test_requests_that_wait_together_run_as_one_batch(lease, batcher):
    network = Network()
    requests = submit_behind(lease, batcher, hosted(network), [(n, ALICE) for n in range(5)])
    assert results(requests) == [0, 2, 4, 6, 8]
    assert network.calls == [[0, 1, 2, 3, 4]]


def test_a_batch_is_never_larger_than_the_model_allows(lease, batcher):
    network = Network()
    model = hosted(network, max_batch=4)
    requests = submit_behind(lease, batcher, model, [(n, ALICE) for n in range(10)])
    assert results(requests) == [n * 2 for n in range(10)]
    assert [len(call) for call in network.calls] == [4, 4, 2]


def test_only_equal_models_shapes_and_lanes_share_a_batch(lease, batcher):
    network, other = Network(), Network()
    with lease.hold(Rank()):
        requests = [
            batcher.submit(model=model, payload=payload, rank=rank)
            for model in (hosted(network), hosted(other, name="other"))
            for payload in (1, "a")
            for rank in (ALICE, BATCH)
            for _ in range(2)
        ]
    assert results(requests) == [2, 2, 2, 2, "aa", "aa", "aa", "aa"] * 2
    for calls in (network.calls, other.calls):
        assert sorted(map(str, calls)) == ["['a', 'a']"] * 2 + ["[1, 1]"] * 2


def test_an_interactive_request_runs_before_an_older_batch_request(lease, batcher):
    network = Network()
    requests = submit_behind(lease, batcher, hosted(network), [(1, BATCH), (2, ALICE)])
    results(requests)
    assert network.calls == [[2], [1]]


def test_the_batch_lane_of_the_batcher_never_starves(lease, batcher):
    """Interactive requests without end: each brings the next. The old one still has its turn."""
    order = []
    model = hosted(lambda payloads: [order.append(payload) for payload in payloads], max_batch=1)
    with lease.hold(Rank()):
        requests = [batcher.submit(model=model, payload="batch", rank=BATCH)]
        requests += [batcher.submit(model=model, payload=n, rank=ALICE) for n in range(40)]
        until_waiting(lease, 2)
    results(requests)
    assert order.index("batch") <= 8


def test_a_user_with_many_requests_does_not_delay_anothers_one(lease, batcher):
    network = Network()
    entries = [(n, ALICE) for n in range(200)] + [(1000, BOB)]
    requests = submit_behind(lease, batcher, hosted(network, max_batch=4), entries)
    results(requests)
    assert 1000 in network.calls[0]


def test_who_used_the_device_less_is_in_the_next_batch(lease, batcher, clock):
    network = Network()
    with lease.hold(ALICE):
        clock.now += 60
    entries = [(n, ALICE) for n in range(4)] + [(n, BOB) for n in range(10, 14)]
    results(submit_behind(lease, batcher, hosted(network, max_batch=4), entries))
    assert network.calls == [[10, 11, 12, 13], [0, 1, 2, 3]]


def test_each_user_is_charged_for_his_part_of_a_batch(lease, batcher, clock):
    def take_eight_seconds():
        clock.now += 8

    network = Network(during=take_eight_seconds)
    entries = [(1, ALICE), (2, ALICE), (3, ALICE), (4, BOB)]
    requests = submit_behind(lease, batcher, hosted(network), entries)
    results(requests)
    assert [request.device_seconds for request in requests] == [2, 2, 2, 2]
    assert (lease.device_seconds("alice"), lease.device_seconds("bob")) == (6, 2)


def test_a_waiting_batch_ranks_by_the_lightest_of_its_users(lease, batcher, clock, threads):
    """The heavy user's request came first, but the batch also serves one who had nothing yet."""
    order = []

    def run_of(rank):
        with lease.hold(rank):
            order.append(rank.user)

    for name, seconds in (("alice", 90), ("dora", 30)):
        with lease.hold(Rank(user=name)):
            clock.now += seconds
    model = hosted(Network(during=lambda: order.append("batch")))
    with lease.hold(Rank()):
        requests = [batcher.submit(model=model, payload=1, rank=ALICE)]
        until_waiting(lease, 1)
        threads.start(lambda: run_of(Rank(user="dora")))
        until_waiting(lease, 2)
        requests.append(batcher.submit(model=model, payload=2, rank=BOB))
    results(requests)
    threads.join()
    assert order == ["batch", "dora"]


def test_a_cancelled_request_leaves_the_queue(lease, batcher):
    network = Network()
    with lease.hold(Rank()):
        kept, gone = (batcher.submit(model=hosted(network), payload=n, rank=ALICE) for n in (1, 2))
        assert gone.cancel()
        assert batcher.waiting("interactive") == 1
    assert kept.result() == 2
    with pytest.raises(Cancelled):
        gone.result()
    assert network.calls == [[1]]
    assert not kept.cancel()


def test_a_run_that_gives_up_while_it_waits_leaves_the_queue(lease, batcher):
    network = Network()

    def give_up():
        raise DeadlineExceeded

    with lease.hold(Rank()):
        request = batcher.submit(model=hosted(network), payload=1, rank=ALICE)
        with pytest.raises(DeadlineExceeded):
            request.result(waiting=give_up)
        assert batcher.waiting("interactive") == 0
    assert network.calls == []


def test_a_run_that_gives_up_within_its_batch_waits_for_the_end_of_it(lease, batcher, threads):
    """Its model is pinned by it: to leave earlier would let the model go while it works."""
    gate, left = Gate(), threading.Event()

    def give_up():
        assert gate.entered.wait(PATIENCE_SECONDS)
        raise Cancelled

    def ask():
        with pytest.raises(Cancelled):
            request.result(waiting=give_up)
        left.set()

    request = batcher.submit(model=hosted(Network(during=gate)), payload=1, rank=ALICE)
    threads.start(ask)
    until(lambda: request.is_abandoned)
    assert not left.is_set()
    gate.may_go_on.set()
    threads.join()
    assert left.is_set()


def test_an_expired_request_is_not_run(lease, batcher, clock):
    network = Network()
    with lease.hold(Rank()):
        late = batcher.submit(model=hosted(network), payload=1, rank=ALICE, expires_in=5)
        kept = batcher.submit(model=hosted(network), payload=2, rank=ALICE, expires_in=50)
        clock.now += 5
    with pytest.raises(DeadlineExceeded):
        late.result()
    assert kept.result() == 4
    assert network.calls == [[2]]


def test_whoever_waits_hears_of_the_expiry_at_once(lease):
    batcher = MicroBatcher(lease=lease)
    with lease.hold(Rank()):
        request = batcher.submit(model=hosted(Network()), payload=1, rank=ALICE, expires_in=0.01)
        with pytest.raises(DeadlineExceeded, match="tiny"):
            request.result()
        assert batcher.waiting("interactive") == 0


def test_whoever_asks_after_the_expiry_hears_of_it_too(lease, batcher, clock):
    with lease.hold(Rank()):
        request = batcher.submit(model=hosted(Network()), payload=1, rank=ALICE, expires_in=5)
        clock.now += 6
        with pytest.raises(DeadlineExceeded, match="tiny"):
            request.result()
        assert batcher.waiting("interactive") == 0


def test_a_full_queue_refuses(lease, batcher):
    model, other = hosted(Network(), queue_limit=3), hosted(Network(), name="other")
    with lease.hold(Rank()):
        requests = [
            batcher.submit(model=model, payload=n, rank=rank)
            for n, rank in enumerate((ALICE, BATCH, BOB))
        ]
        with pytest.raises(QueueFull, match="3 requests wait for tiny"):
            batcher.submit(model=model, payload=9, rank=ALICE)
        requests[0].cancel()
        requests.append(batcher.submit(model=model, payload=3, rank=ALICE))
        requests.append(batcher.submit(model=other, payload=4, rank=ALICE))
    assert results(requests[1:]) == [2, 4, 6, 8]


def test_requests_that_come_together_find_room_together_or_not_at_all(lease, batcher):
    model = hosted(Network(), queue_limit=3)
    with lease.hold(Rank()):
        first = batcher.submit_all(model=model, payloads=[1, 2], rank=ALICE)
        with pytest.raises(QueueFull):
            batcher.submit_all(model=model, payloads=[3, 4], rank=BOB)
        assert batcher.waiting("interactive") == 2
    assert results(first) == [2, 4]


def test_one_bad_request_does_not_fail_its_batch(lease, batcher):
    network = Network(bad=[2])
    good, bad, fine = submit_behind(
        lease, batcher, hosted(network), [(1, ALICE), (2, BOB), (3, ALICE)]
    )
    assert (good.result(), fine.result()) == (2, 6)
    with pytest.raises(ValueError, match="cannot be doubled"):
        bad.result()
    assert sorted(network.calls) == [[1], [1, 2, 3], [2], [3]]


def test_a_failed_device_is_not_asked_again_for_each_request(lease, batcher):
    calls = []

    def network(payloads):
        calls.append(payloads)
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    requests = submit_behind(lease, batcher, hosted(network), [(n, ALICE) for n in range(4)])
    for request in requests:
        with pytest.raises(RuntimeError, match="illegal"):
            request.result()
    assert len(calls) == 1


def test_a_network_that_loses_a_result_is_told(lease, batcher):
    model = hosted(lambda payloads: payloads[1:])
    (request,) = submit_behind(lease, batcher, model, [(1, ALICE)])
    with pytest.raises(RuntimeError, match="0 results for 1 payloads"):
        request.result()


def test_out_of_memory_shrinks_the_batch_then_recovers(lease, clock):
    network, sizes = Network(fits=2), SizeMemory(recover_after=2)
    batcher = MicroBatcher(lease=lease, clock=clock, sizes=sizes, free=lambda: None)
    model, eight = hosted(network), [(n, ALICE) for n in range(8)]
    doubled = [n * 2 for n in range(8)]

    def sizes_of_calls():
        network.calls.clear()
        assert results(submit_behind(lease, batcher, model, eight)) == doubled
        return [len(call) for call in network.calls]

    assert sizes_of_calls() == [8, 8, 4, 2, 2, 2, 2]
    network.fits = 8
    assert sizes_of_calls() == [2, 2, 4]
    assert sizes_of_calls() == [4, 4]
    assert sizes_of_calls() == [8]


def test_what_fits_nowhere_fails_alone(lease, batcher):
    """Alone it runs out, too; its neighbours have their results."""

    def network(payloads):
        if "huge" in payloads:
            raise MemoryError
        return payloads

    entries = [("small", ALICE), ("huge", ALICE), ("tiny", ALICE)]
    small, huge, tiny = submit_behind(lease, batcher, hosted(network), entries)
    assert (small.result(), tiny.result()) == ("small", "tiny")
    with pytest.raises(OutOfMemory, match="batch 1"):
        huge.result()


def test_an_interactive_run_waits_for_one_call_of_a_batch_that_was_split(lease, batcher, threads):
    gate, order = Gate(), []

    def network(payloads):
        if len(payloads) > 1:
            raise MemoryError
        order.append(payloads[0])
        if len(order) == 1:
            gate()
        return payloads

    def urgent():
        with lease.hold(ALICE):
            order.append("urgent")

    requests = submit_behind(lease, batcher, hosted(network), [(n, BATCH) for n in range(3)])
    assert gate.entered.wait(PATIENCE_SECONDS)
    threads.start(urgent)
    until_waiting(lease, 1)
    gate.may_go_on.set()
    results(requests)
    threads.join()
    assert order == [0, "urgent", 1, 2]


def test_a_camera_never_queues_old_frames(lease, batcher):
    network = Network()
    with lease.hold(Rank()):
        frames = {
            (camera, number): batcher.submit(
                model=hosted(network), payload=number, rank=STREAM, source=camera
            )
            for number in range(5)
            for camera in ("door", "yard")
        }
        assert batcher.waiting("stream") == 2
    for (camera, number), frame in frames.items():
        if number == 4:
            assert frame.result() == 8
        else:
            with pytest.raises(Superseded, match=camera) as caught:
                frame.result()
            assert caught.value.code == "superseded"
    assert network.calls == [[4, 4]]


def test_a_new_frame_finds_room_in_a_full_queue(lease, batcher):
    model = hosted(Network(), queue_limit=1)
    with lease.hold(Rank()):
        batcher.submit(model=model, payload=1, rank=STREAM, source="door")
        newest = batcher.submit(model=model, payload=2, rank=STREAM, source="door")
    assert newest.result() == 4


def test_only_the_stream_lane_drops_frames(batcher):
    with pytest.raises(ValueError, match="stream"):
        batcher.submit(model=hosted(Network()), payload=1, rank=BATCH, source="door")


def test_a_device_that_fails_leaves_nobody_waiting():
    def synchronize():
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    batcher = MicroBatcher(lease=DeviceLease(synchronize=synchronize), free=lambda: None)
    requests = [batcher.submit(model=hosted(Network()), payload=n, rank=ALICE) for n in (1, 2)]
    for request in requests:
        with pytest.raises(RuntimeError, match="illegal"):
            request.result()


def test_a_lease_that_cannot_be_had_leaves_nobody_waiting(lease, batcher, monkeypatch):
    def hold(*args, **kwargs):
        raise RuntimeError("no device")

    monkeypatch.setattr(lease, "hold", hold)
    with pytest.raises(RuntimeError, match="no device"):
        batcher.submit(model=hosted(Network()), payload=1, rank=ALICE).result()


def test_a_quiet_lane_has_no_thread_and_starts_again(lease):
    batcher = MicroBatcher(lease=lease, idle_seconds=0.01)
    for number in (1, 2):
        request = batcher.submit(model=hosted(Network()), payload=number, rank=ALICE)
        assert request.result() == number * 2
        until(lambda: batcher._lanes["interactive"].thread is None)


def test_a_lane_whose_thread_cannot_start_refuses_and_serves_later(batcher, monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as exhausted:
        exhausted.setattr(threading.Thread, "start", start)
        with pytest.raises(InferenceError, match="can't start new thread") as refused:
            batcher.submit(model=hosted(Network()), payload=1, rank=ALICE)
    assert refused.value.code == "internal_error"
    assert batcher.waiting("interactive") == 0
    assert batcher.submit(model=hosted(Network()), payload=2, rank=ALICE).result() == 4


@pytest.mark.parametrize("step", ["ready_at", "take"])
def test_a_lane_that_breaks_down_fails_who_waits_and_serves_who_comes(
    lease, batcher, monkeypatch, step
):
    def broken():
        raise ValueError("a fault of ours")

    with monkeypatch.context() as fault:
        with lease.hold(Rank()):
            fault.setattr(batcher._lanes["interactive"].queues, step, broken)
            lost = batcher.submit(model=hosted(Network()), payload=1, rank=ALICE)
        with pytest.raises(InferenceError, match="interactive lane broke down") as failed:
            lost.result()
    assert failed.value.code == "internal_error"
    assert batcher.waiting("interactive") == 0
    assert batcher.submit(model=hosted(Network()), payload=2, rank=ALICE).result() == 4


def test_who_expired_is_told_also_when_the_lane_breaks_down(lease, batcher, clock, monkeypatch):
    def broken():
        raise ValueError("a fault of ours")

    with lease.hold(Rank()):
        late = batcher.submit(model=hosted(Network()), payload=1, rank=ALICE, expires_in=5)
        until_waiting(lease, 1)
        monkeypatch.setattr(batcher._lanes["interactive"].queues, "take", broken)
        clock.now += 5
    until(lambda: late.has_outcome)  # by the lane, before anybody asks
    with pytest.raises(DeadlineExceeded):
        late.result()


def test_every_request_of_many_threads_gets_its_own_result(threads):
    lease = DeviceLease()
    batcher = MicroBatcher(lease=lease)
    network, wrong = Network(bad=[-1]), []
    model = hosted(network, max_wait_seconds=0.001)
    lanes = ("interactive", "stream", "batch")

    def ask(number):
        rank = Rank(lane=lanes[number % 3], user=str(number % 4))
        for count in range(20):
            payload = number * 100 + count
            if batcher.submit(model=model, payload=payload, rank=rank).result() != payload * 2:
                wrong.append(payload)

    for number in range(16):
        threads.start(lambda n=number: ask(n))
    threads.join()
    assert wrong == []
    assert sum(len(call) for call in network.calls) == 16 * 20
    assert lease.waiters == 0


@pytest.mark.parametrize(
    "wrong", [{"max_batch": 0}, {"max_batch_cpu": 0}, {"queue_limit": 0}, {"max_wait_seconds": -1}]
)
def test_impossible_limits_are_refused(wrong):
    with pytest.raises(ValueError, match="at least one"):
        Batching(**SMALL, **wrong)


def test_a_model_without_batching_cannot_be_asked_for_a_batch(batcher):
    model = hosted(Network())
    model.batching = None
    with pytest.raises(ValueError, match="without `batching`"):
        batcher.submit(model=model, payload=1, rank=ALICE)
