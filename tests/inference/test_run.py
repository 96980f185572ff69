"""The run context: checkpoints, device time, models taken in the right order."""

from __future__ import annotations

import io
import threading

import pytest

from project.inference import run as run_module
from project.inference import runtime
from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import Cancelled, DeadlineExceeded, ModelUnavailable, OutOfMemory
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.oom import Size
from project.inference.run import LocalRun, Run, print_steps
from tests.inference.fakes import (
    PATIENCE_SECONDS,
    Clock,
    FakeLoads,
    place_on_cpu,
    spec_of,
    until_waiting,
)


class Steps:
    """A checkpoint that notes its calls and may raise at the nth."""

    def __init__(self, *, error=None, at=0):
        self.calls = []
        self.error, self.at = error, at

    def __call__(self, stage, done, total, partial=None):
        self.calls.append((stage, done, total, partial))
        if self.error and len(self.calls) >= self.at:
            raise self.error


@pytest.fixture
def loads():
    return FakeLoads()


def host_of(load):
    return ModelHost(
        store=None, place=place_on_cpu, budget=MemoryBudget(100), load=load,
        specs=lambda name: spec_of(name, vram_estimate=60), poll_seconds=0.001,
    )  # fmt: skip


@pytest.fixture
def host(loads):
    return host_of(loads)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lease(clock):
    return DeviceLease(clock=clock, poll_seconds=0.001)


def run_with(host, lease, tmp_path, checkpoint, **rank):
    return Run(
        host=host, lease=lease, batcher=MicroBatcher.beside(lease, host), checkpoint=checkpoint,
        rank=Rank(**rank), scratch_dir=tmp_path,
    )  # fmt: skip


def test_a_step_reports_units_and_partial_results(host, lease, tmp_path):
    steps = Steps()
    run = run_with(host, lease, tmp_path, steps)
    run.step("decode", 0, 9)
    with run.device():
        run.step("background", 1, 9, partial={"box": [0, 0, 8, 8]})
    assert steps.calls == [
        ("decode", 0, 9, None),
        ("background", 1, 9, {"box": [0, 0, 8, 8]}),
    ]


def test_loading_is_a_stage_that_moves_no_progress(host, lease, tmp_path):
    steps = Steps()
    run = run_with(host, lease, tmp_path, steps)
    run.step("background", 3, 9)
    for _ in range(2):
        with run.model("x4") as model:
            assert model.name == "x4"
    assert [call[:3] for call in steps.calls] == [
        ("background", 3, 9),
        ("loading_model", 3, 9),
        ("background", 3, 9),
    ]


def test_device_seconds_count_only_what_the_run_held(host, lease, clock, tmp_path):
    run = run_with(host, lease, tmp_path, Steps(), user="7")
    clock.now += 100
    with run.device():
        clock.now += 2
        run.step("background", 1, 2)
        assert run.device_seconds == 2
        clock.now += 3
    clock.now += 100
    with pytest.raises(ZeroDivisionError), run.device():
        clock.now += 4
        raise ZeroDivisionError
    assert (run.device_seconds, lease.device_seconds("7")) == (9, 9)


@pytest.mark.parametrize("error", [Cancelled(), DeadlineExceeded("late")])
def test_cancel_and_deadline_act_at_the_next_checkpoint(host, lease, tmp_path, error):
    run = run_with(host, lease, tmp_path, Steps(error=error, at=3))
    done = []
    with pytest.raises(type(error)), run.model("x4"), run.device():
        for tile in range(10):
            run.step("background", tile, 10)
            done.append(tile)
    assert done == []
    assert host.evict_unpinned() == 1
    with lease.hold(Rank()):
        pass


def test_a_run_gives_way_at_its_steps(host, lease, tmp_path, threads):
    log = []
    batch = run_with(host, lease, tmp_path, Steps(), lane="batch")
    interactive = run_with(host, lease, tmp_path, Steps(), lane="interactive")

    def urgent():
        with interactive.device():
            log.append("interactive")

    with batch.device():
        log.append("batch")
        threads.start(urgent)
        until_waiting(lease, 1)
        batch.step("background", 1, 2)
        log.append("batch")
    threads.join()
    assert log == ["batch", "interactive", "batch"]


def test_a_run_that_waits_for_the_device_still_reports_and_can_be_cancelled(host, lease, tmp_path):
    steps = Steps(error=Cancelled(), at=4)
    run = run_with(host, lease, tmp_path, steps)
    run.step("decode", 1, 5)
    with lease.hold(Rank()), pytest.raises(Cancelled), run.device():
        pass
    assert [call[:3] for call in steps.calls] == [("decode", 1, 5)] * 4
    assert run.device_seconds == 0


def test_a_load_takes_the_device_for_itself(host, lease, loads, tmp_path, threads):
    loads.gate = threading.Event()
    run = run_with(host, lease, tmp_path, Steps())
    entered = threading.Event()

    def load():
        with run.model("x4"):
            entered.set()

    threads.start(load)
    assert loads.entered.wait(PATIENCE_SECONDS)
    other = run_with(host, lease, tmp_path, Steps())
    log = []

    def kernel():
        with other.device():
            log.append(entered.is_set() or loads.gate.is_set())

    threads.start(kernel)
    until_waiting(lease, 1)
    assert log == []
    loads.gate.set()
    threads.join()
    assert log == [True]


def test_models_are_taken_before_the_device(host, lease, tmp_path):
    run = run_with(host, lease, tmp_path, Steps())
    with run.device():
        with pytest.raises(RuntimeError, match="before the device"), run.model("x4"):
            pass
        with pytest.raises(RuntimeError, match="already"), run.device():
            pass


def test_a_second_model_without_room_fails_instead_of_waiting_for_itself(host, lease, tmp_path):
    run = run_with(host, lease, tmp_path, Steps())
    with run.model("a"), pytest.raises(OutOfMemory), run.model("b"):
        pass
    with run.model("b"):
        pass


def test_a_run_climbs_the_ladder_of_its_host(host, lease, tmp_path):
    run = run_with(host, lease, tmp_path, Steps())
    with run.model("a"):
        pass
    sizes = []
    for attempt in run.ladder("k", Size(tile=128)):
        with attempt:
            sizes.append(str(attempt.rung))
            if host.is_loaded("a"):
                raise MemoryError
    assert sizes == ["first", "retry", "halve_tile", "evict"]
    assert host.sizes.start("k", Size(tile=128)) == Size(tile=64)


def test_a_local_run_prints_its_steps_and_removes_its_folder(host, lease, capsys):
    with LocalRun(host=host, lease=lease) as run:
        folder = run.scratch_dir
        assert folder.is_dir()
        with run.model("x4"), run.device():
            run.step("background", 1, 4)
    assert not folder.exists()
    assert capsys.readouterr().err.splitlines()[-1] == "background 1/4"


def test_a_local_run_calls_back_and_stops(host, lease):
    steps = Steps(error=Cancelled(), at=1)
    with pytest.raises(Cancelled), LocalRun(host=host, lease=lease, checkpoint=steps) as run:
        run.step("background", 1, 4)
    assert len(steps.calls) == 1


def test_a_local_run_uses_the_runtime_of_its_process(host, lease, monkeypatch):
    class Shared:
        pass

    shared = Shared()
    shared.host, shared.lease, shared.batcher = host, lease, MicroBatcher.beside(lease, host)
    monkeypatch.setattr(runtime, "worker_runtime", lambda: shared)
    with LocalRun(checkpoint=Steps()) as run:
        assert (run._host, run._lease, run._batcher) == (host, lease, shared.batcher)


def test_steps_are_printed_to_the_stream_that_was_given():
    stream = io.StringIO()
    print_steps(stream)("encode", 2, 3, None)
    assert stream.getvalue() == "encode 2/3\n"


def test_an_unknown_model_is_unavailable(lease, tmp_path, empty_registries, loads):
    host = ModelHost(store=None, place=place_on_cpu, budget=MemoryBudget(100), load=loads)
    run = run_with(host, lease, tmp_path, Steps())
    with pytest.raises(ModelUnavailable, match="'nothing'"), run.model("nothing"):
        pass
    assert run_module.LOADING_STAGE == "loading_model"
