"""Previews are offered freely and made rarely."""

from __future__ import annotations

import pytest

from project.inference.device_lease import DeviceLease, Rank
from project.inference.micro_batcher import MicroBatcher
from project.inference.previews import MAX_SHARE, Previews
from project.inference.run import LocalRun, Run


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Sink:
    """Counts versions from 1; `full` refuses."""

    def __init__(self):
        self.kept = []
        self.full = False

    def __call__(self, content):
        if self.full:
            return None
        self.kept.append(content)
        return len(self.kept)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def steps():
    return []


@pytest.fixture
def run(clock, sink, steps, tmp_path):
    lease = DeviceLease()
    return Run(
        host=None,
        lease=lease,
        batcher=MicroBatcher(lease=lease),
        checkpoint=lambda stage, done, total, partial=None: steps.append((stage, done, partial)),
        rank=Rank(),
        scratch_dir=tmp_path,
        previews=sink,
        clock=clock,
    )


def test_however_often_it_is_offered_a_preview_is_made_twice_a_second(clock, sink):
    previews = Previews(sink, clock=clock)
    for number in range(100):
        previews.offer(lambda number=number: b"%d" % number)
        clock.now += 1 / 32
    assert sink.kept == [b"0", b"16", b"32", b"48", b"64", b"80", b"96"]


def test_previews_cost_at_most_two_percent_of_a_run(clock, sink):
    previews = Previews(sink, clock=clock)

    def slowly():
        clock.now += 0.1
        return b""

    began = clock.now
    for _ in range(5_000):
        previews.offer(slowly)
        clock.now += 0.01
    assert len(sink.kept) > 3
    assert 0.1 * len(sink.kept) <= MAX_SHARE * (clock.now - began)


def test_an_offer_that_came_too_early_is_made_inside_the_next_unit(run, clock, sink, steps):
    run.preview(lambda: b"first")
    run.step("stage", 1, 9, partial={"box": [1]})
    run.preview(lambda: b"second")
    run.step("stage", 2, 9, partial={"box": [2]})
    assert sink.kept == [b"first"]
    clock.now += 0.6
    run.check()
    assert sink.kept == [b"first", b"second"]
    assert steps == [
        ("stage", 1, {"box": [1], "preview": 1}),
        ("stage", 2, {"box": [2], "preview": 1}),
        ("stage", 2, {"box": [2], "preview": 2}),
    ]


def test_only_the_newest_offer_waits(run, clock, sink):
    for content in (b"1", b"2", b"3"):
        run.preview(lambda content=content: content)
    clock.now += 1
    run.check()
    run.check()
    assert sink.kept == [b"1", b"3"]


def test_what_was_offered_in_a_stage_is_shown_when_the_next_begins(run, clock, sink, steps):
    run.step("tiles", 8, 9)
    clock.now += 60
    run.preview(lambda: b"8")
    run.preview(lambda: b"9")
    clock.now += 0.1
    run.step("tiles", 9, 9, partial={"box": [9]})
    assert sink.kept == [b"8"]
    run.step("encode", 9, 9)
    assert sink.kept == [b"8", b"9"]
    assert steps[-1] == ("encode", 9, {"box": [9], "preview": 2})


def test_a_version_that_was_not_kept_is_not_announced(run, clock, sink, steps):
    sink.full = True
    run.preview(lambda: b"lost")
    run.step("stage", 1, 9, partial={"box": [1]})
    run.step("stage", 2, 9)
    assert [partial for *_, partial in steps] == [{"box": [1]}, None]


def test_a_run_that_nobody_watches_makes_no_preview(steps):
    made = []
    lease = DeviceLease()
    with LocalRun(
        host=object(), lease=lease, batcher=MicroBatcher(lease=lease),
        checkpoint=lambda *step: steps.append(step),
    ) as run:  # fmt: skip
        run.preview(lambda: made.append(1) or b"")
        run.step("stage", 1, 2, partial={"box": [1]})
    assert made == []
    assert steps == [("stage", 1, 2, {"box": [1]})]
