"""The device lease: one holder, explicit hand-over, fair ranks, never lost."""

from __future__ import annotations

import sys
import threading

import pytest

from project.inference.device_lease import DeviceLease, Rank, UsageWindow
from project.inference.errors import Cancelled
from tests.inference.fakes import PATIENCE_SECONDS, Clock, until_waiting

BATCH, STREAM = Rank(lane="batch", user="b"), Rank(lane="stream", user="s")
INTERACTIVE = Rank(lane="interactive", user="i")


def hold_for(lease, rank, steps, log, name, *, first=None):
    """Hold the device for some steps; `first` runs inside the first one."""
    with lease.hold(rank) as ticket:
        for index in range(steps):
            log.append(name)
            if index == 0 and first:
                first()
            if index < steps - 1:
                lease.give_way(ticket)


def queue_up(lease, threads, *contenders):
    """Start (rank, steps, name) one after another behind whoever holds the device."""
    log = []
    for count, (rank, steps, name) in enumerate(contenders, start=1):
        threads.start(lambda r=rank, s=steps, n=name: hold_for(lease, r, s, log, n))
        until_waiting(lease, count)
    return log


def test_only_the_lease_holder_runs_kernels(threads):
    lease, lanes = DeviceLease(), ("interactive", "stream", "batch")
    inside, overlaps, steps = [], [], []

    def work(number):
        rank = Rank(lane=lanes[number % 3], user=str(number % 5))
        for _ in range(16):
            with lease.hold(rank) as ticket:
                for _ in range(10):
                    inside.append(number)
                    if len(inside) != 1:
                        overlaps.append(number)
                    steps.append(number)
                    inside.pop()
                    lease.give_way(ticket)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for number in range(64):
            threads.start(lambda n=number: work(n))
        threads.join()
    finally:
        sys.setswitchinterval(interval)
    assert (len(steps), overlaps, lease.waiters) == (64 * 160, [], 0)


def test_an_interactive_run_waits_at_most_one_step(threads):
    lease, log = DeviceLease(), []
    began, may_go_on = threading.Event(), threading.Event()

    def in_first_step():
        began.set()
        assert may_go_on.wait(PATIENCE_SECONDS)

    threads.start(lambda: hold_for(lease, BATCH, 5, log, "batch", first=in_first_step))
    assert began.wait(PATIENCE_SECONDS)
    threads.start(lambda: hold_for(lease, INTERACTIVE, 2, log, "interactive"))
    until_waiting(lease, 1)
    may_go_on.set()
    threads.join()
    assert log == ["batch", "interactive", "interactive", "batch", "batch", "batch", "batch"]


def test_the_batch_lane_never_starves(threads):
    lease, log = DeviceLease(clock=Clock()), []

    def batch_arrives():
        threads.start(lambda: hold_for(lease, BATCH, 3, log, "b"))
        until_waiting(lease, 1)

    threads.start(lambda: hold_for(lease, INTERACTIVE, 40, log, "i", first=batch_arrives))
    threads.join()
    assert "".join(log) == "i" + "iiiiiiib" * 3 + "i" * 18


def test_the_stream_lane_outranks_batch_and_is_outranked_by_interactive(threads):
    lease = DeviceLease(clock=Clock())
    with lease.hold(INTERACTIVE):
        log = queue_up(lease, threads, (BATCH, 1, "b"), (STREAM, 1, "s"), (INTERACTIVE, 1, "i"))
    threads.join()
    assert log == ["i", "s", "b"]


def test_a_heavy_user_cannot_delay_a_light_one(threads):
    clock = Clock()
    lease = DeviceLease(clock=clock)
    heavy, light = Rank(user="heavy"), Rank(user="light")
    with lease.hold(heavy):
        clock.now += 90
        log = queue_up(
            lease, threads, (heavy, 1, "heavy"), (heavy, 1, "heavy"), (light, 1, "light")
        )
    threads.join()
    assert log == ["light", "heavy", "heavy"]
    assert (lease.device_seconds("heavy"), lease.device_seconds("light")) == (90, 0)


def test_equal_ranks_go_by_arrival(threads):
    lease = DeviceLease(clock=Clock())
    with lease.hold(INTERACTIVE):
        log = queue_up(lease, threads, *((INTERACTIVE, 1, name) for name in "abcd"))
    threads.join()
    assert log == ["a", "b", "c", "d"]


def test_use_is_forgotten_after_ten_minutes():
    clock = Clock()
    lease = DeviceLease(clock=clock)
    with lease.hold(INTERACTIVE) as ticket:
        clock.now += 30
        lease.give_way(ticket)
        assert lease.device_seconds("i") == 30
    clock.now += 599
    assert lease.device_seconds("i") == 30
    clock.now += 1
    assert lease.device_seconds("i") == 0


def test_the_usage_window_stays_small_whatever_runs():
    usage = UsageWindow(window_seconds=100, bucket_seconds=5)
    for step in range(10_000):
        usage.add("steady", 0.1, now=step / 10)
    assert usage.of("steady", now=999.9) == pytest.approx(100, rel=0.06)
    for number in range(50):
        usage.add(f"once {number}", 1, now=1000)
    assert len(usage) == 51
    usage.add("later", 1, now=2000)
    assert len(usage) == 1


def test_a_ticket_counts_the_device_seconds_of_its_own_steps(threads):
    clock = Clock()
    lease = DeviceLease(clock=clock)

    def spend_five():
        clock.now += 5

    with lease.hold(BATCH) as mine:
        clock.now += 2
        threads.start(lambda: hold_for(lease, INTERACTIVE, 1, [], "i", first=spend_five))
        until_waiting(lease, 1)
        lease.give_way(mine)
        assert (mine.seconds, lease.device_seconds("i")) == (2, 5)
        clock.now += 3
    assert (mine.seconds, lease.device_seconds("b")) == (5, 5)


def test_the_lease_is_released_when_a_step_raises():
    lease = DeviceLease()
    with pytest.raises(ZeroDivisionError), lease.hold(INTERACTIVE):
        raise ZeroDivisionError
    with lease.hold(BATCH) as ticket:
        lease.give_way(ticket)


def test_the_lease_is_released_when_the_device_itself_fails():
    broken = [RuntimeError("CUDA error: an illegal memory access was encountered")]

    def synchronize():
        if broken:
            raise broken.pop()

    lease = DeviceLease(synchronize=synchronize)
    with pytest.raises(RuntimeError, match="illegal"), lease.hold(INTERACTIVE):
        pass
    with lease.hold(BATCH):
        pass


def test_queued_kernels_go_on_at_a_checkpoint_and_end_before_another_run_begins(threads):
    log = []
    lease = DeviceLease(poll_seconds=0.001, synchronize=lambda: log.append("finished"))
    with lease.hold(BATCH) as ticket:
        lease.give_way(ticket)
        assert log == []  # the host may prepare the next step meanwhile
        threads.start(lambda: hold_for(lease, INTERACTIVE, 1, log, "other"))
        until_waiting(lease, 1)
        lease.give_way(ticket)
    threads.join()
    assert log[:2] == ["finished", "other"]


def test_a_run_that_comes_back_goes_before_those_that_came_after_it(threads):
    lease, log = DeviceLease(poll_seconds=0.001), []
    first = lease.arrive()

    def again():
        with lease.hold(INTERACTIVE, arrival=first):
            log.append("first")

    with lease.hold(INTERACTIVE):
        threads.start(lambda: hold_for(lease, INTERACTIVE, 1, log, "second"))
        until_waiting(lease, 1)
        threads.start(again)
        until_waiting(lease, 2)
    threads.join()
    assert log == ["first", "second"]


def test_a_waiting_run_can_be_cancelled_and_leaves_the_queue(threads):
    lease, log = DeviceLease(poll_seconds=0.001), []

    def cancelled():
        raise Cancelled

    with lease.hold(INTERACTIVE):
        with pytest.raises(Cancelled), lease.hold(BATCH, waiting=cancelled):
            log.append("never")
        assert lease.waiters == 0
        threads.start(lambda: hold_for(lease, BATCH, 1, log, "next"))
        until_waiting(lease, 1)
    threads.join()
    assert log == ["next"]


def test_a_run_cancelled_while_it_gave_way_does_not_take_the_device_along(threads):
    lease, log = DeviceLease(poll_seconds=0.001), []
    cancelled = threading.Event()

    def cancel():
        cancelled.set()
        raise Cancelled

    def until_cancelled():
        assert cancelled.wait(PATIENCE_SECONDS)

    with pytest.raises(Cancelled), lease.hold(BATCH) as ticket:
        threads.start(
            lambda: hold_for(lease, INTERACTIVE, 2, log, "interactive", first=until_cancelled)
        )
        until_waiting(lease, 1)
        lease.give_way(ticket, waiting=cancel)
    threads.join()
    assert log == ["interactive", "interactive"]
    with lease.hold(BATCH):
        log.append("free")


def test_only_the_holder_may_give_way():
    lease = DeviceLease()
    with lease.hold(BATCH) as ticket:
        pass
    with pytest.raises(RuntimeError, match="only the holder"):
        lease.give_way(ticket)


def test_an_unknown_lane_is_refused():
    with pytest.raises(ValueError, match="express"):
        Rank(lane="express")
