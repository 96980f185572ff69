"""How busy the device is, how long it may stand still, and that slow is not dead."""

from __future__ import annotations

import pytest

from project.inference.device_lease import DeviceLease, Rank
from project.inference.lease_watch import LOAD_SECONDS, PACES_KEPT, LeaseWatch
from tests.inference.fakes import Clock, FakeLoads, Threads, until_waiting
from tests.inference.test_run import Steps, host_of, run_with


class Holder:
    """Somebody who holds the device."""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    return LeaseWatch(clock)


def step(watch, clock, holder, seconds):
    watch.began(holder)
    clock.now += seconds
    watch.ended()


def test_a_free_device_stands_for_nothing(watch, clock):
    clock.now += 1000
    report = watch.report()
    assert (report.is_held, report.busy_share, report.step_seconds) == (False, 0.0, 0.0)
    assert not report.is_stuck


def test_a_device_that_does_not_move_for_a_minute_is_stuck(watch, clock):
    watch.began(Holder())
    clock.now += 60
    assert not watch.report().is_stuck
    clock.now += 0.5
    report = watch.report()
    assert (report.is_stuck, report.still_seconds, report.step_seconds) == (True, 60.5, 60.5)


def test_a_check_inside_a_step_is_a_movement_and_begins_no_new_step(watch, clock):
    holder = Holder()
    watch.began(holder)
    for _ in range(5):
        clock.now += 50
        watch.moved(holder)
    report = watch.report()
    assert (report.step_seconds, report.still_seconds) == (250, 0)


def test_somebody_else_cannot_keep_the_holder_alive(watch, clock):
    watch.began(Holder())
    clock.now += 59
    another = Holder()
    watch.moved(another)
    clock.now += 2
    assert watch.report().is_stuck


def test_a_slow_holder_may_stand_ten_times_its_p95(watch, clock):
    holder = Holder()
    for _ in range(19):
        step(watch, clock, holder, 1)
    step(watch, clock, holder, 30)
    watch.began(holder)
    assert watch.report().allowed_seconds == 60, "one outlier in twenty is not its pace"
    watch.ended()
    for _ in range(2):
        step(watch, clock, holder, 30)
    watch.began(holder)
    clock.now += 300
    assert not watch.report().is_stuck
    clock.now += 1
    assert watch.report().is_stuck


def test_the_pace_of_one_holder_excuses_no_other(watch, clock):
    for _ in range(3):
        step(watch, clock, Holder(), 30)
    watch.began(Holder())
    clock.now += 61
    assert watch.report().is_stuck


def test_paces_are_bounded_and_forgotten_with_their_holder(watch, clock):
    holder = Holder()
    for _ in range(PACES_KEPT + 50):
        step(watch, clock, holder, 1)
    assert [len(paces) for paces in watch._paces.values()] == [PACES_KEPT]
    del holder
    assert len(watch._paces) == 0


def test_the_busy_share_is_that_of_the_last_minute(watch, clock):
    holder = Holder()
    step(watch, clock, holder, 15)
    clock.now += 15
    assert watch.report().busy_share == pytest.approx(0.25)
    watch.began(holder)
    clock.now += 15
    assert watch.report().busy_share == pytest.approx(0.5), "the step that runs counts"
    watch.ended()
    clock.now += 45
    assert watch.report().busy_share == pytest.approx(0.25, abs=0.02)
    clock.now += 20
    assert watch.report().busy_share == 0.0


def test_one_long_step_makes_the_device_busy_for_a_minute_not_for_ever(watch, clock):
    step(watch, clock, Holder(), 600)
    assert watch.report().busy_share == 1.0
    clock.now += 30
    assert watch.report().busy_share == pytest.approx(0.5, abs=0.02)
    assert len(watch._busy._buckets) <= 62


def test_the_lease_tells_its_watch_about_every_holding(clock):
    lease, threads = DeviceLease(clock=clock), Threads()
    with lease.hold(Rank(lane="batch", job="7")) as ticket:
        clock.now += 3
        assert lease.watch.report().job == "7"
        assert (lease.watch.report().job, lease.watch.report().step_seconds) == ("7", 3)
        lease.give_way(ticket)
        assert lease.watch.report().step_seconds == 0

        def interrupt():
            with lease.hold(Rank(job="8")):
                assert lease.watch.report().job == "8"

        threads.start(interrupt)
        until_waiting(lease, 1)
        lease.give_way(ticket)
        assert lease.watch.report().job == "7"
    threads.join()
    report = lease.watch.report()
    assert (report.is_held, report.busy_share) == (False, pytest.approx(0.05))


def test_a_check_of_a_run_moves_the_device(clock, tmp_path):
    lease = DeviceLease(clock=clock)
    run = run_with(host_of(FakeLoads()), lease, tmp_path, Steps())
    with run.device():
        clock.now += 50
        run.check()
        clock.now += 50
        assert not lease.watch.report().is_stuck
        assert lease.watch.report().step_seconds == 100


def test_a_load_may_take_longer_than_a_step(clock, tmp_path):
    lease, loads, seen = DeviceLease(clock=clock), FakeLoads(), []

    def slow_load(spec, store, placement):
        clock.now += LOAD_SECONDS - 1
        seen.append(lease.watch.report())
        return loads(spec, store, placement)

    run = run_with(host_of(slow_load), lease, tmp_path, Steps())
    with run.model("a"), run.device():
        clock.now += 61
        seen.append(lease.watch.report())
    assert [report.is_stuck for report in seen] == [False, True]
