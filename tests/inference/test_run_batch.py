"""Batches through the run context, with a real torch network."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import Cancelled
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded
from project.inference.registry import Batching
from project.inference.run import AT_ONCE, Run
from tests.inference.batches import Gate
from tests.inference.fakes import (
    PATIENCE_SECONDS,
    Threads,
    place_on_cpu,
    spec_of,
    tiny_network,
    until,
    until_waiting,
)

BATCHING = Batching(
    run="tests.inference.batches:run_torch",
    shape_bucket="tests.inference.batches:shape_of",
    max_batch=4,
    tolerance=1e-5,
)


class Shared:
    """What the runs of one process share, around one real network; `calls` counts its batches."""

    def __init__(self, batching=BATCHING):
        self.network, self.calls = tiny_network(), []
        self.network.register_forward_hook(lambda _, given, __: self.calls.append(len(given[0])))
        self.lease = DeviceLease(poll_seconds=0.001)
        self.host = ModelHost(
            store=None, place=place_on_cpu, budget=MemoryBudget(1000),
            load=lambda *_: Loaded(network=self.network, sha256="0" * 64, bytes=500),
            specs=lambda name: spec_of(name, batching=batching),
        )  # fmt: skip
        self.batcher = MicroBatcher.beside(self.lease, self.host)
        self.host.warm("tiny")

    def run(self, folder, *, checkpoint=lambda *step: None, **rank):
        return Run(
            host=self.host, lease=self.lease, batcher=self.batcher, checkpoint=checkpoint,
            rank=Rank(**rank), scratch_dir=folder,
        )  # fmt: skip


@pytest.fixture
def shared():
    return Shared()


def pictures(count, *, side=16, seed=7):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(3, side, side, generator=generator) for _ in range(count)]


def ask_together(shared, folder, payloads):
    """Each payload by a run of its own; all wait behind one holder of the device."""
    threads, results = Threads(), {}

    def ask(index):
        run = shared.run(folder, user=str(index))
        results[index] = run.batch("tiny", payloads[index])

    with shared.lease.hold(Rank()):
        for index in range(len(payloads)):
            threads.start(lambda index=index: ask(index))
        until(lambda: shared.batcher.waiting("interactive") == len(payloads))
    threads.join()
    return [results[index] for index in range(len(payloads))]


def test_batched_equals_unbatched_also_next_to_strangers(shared, tmp_path):
    mine, strangers = pictures(1)[0], pictures(3, seed=8)
    with torch.inference_mode():
        alone = shared.network(mine[None])[0]
    shared.calls.clear()
    together = ask_together(shared, tmp_path, [strangers[0], mine, *strangers[1:]])[1]
    assert shared.calls == [4]
    assert float((together - alone).abs().max()) <= BATCHING.tolerance


def test_a_network_that_gains_nothing_on_a_processor_takes_one_at_a_time_there(tmp_path):
    alone = replace(BATCHING, max_batch_cpu=1)
    assert (alone.largest_on("cpu"), alone.largest_on("cuda:0")) == (1, 4)
    shared = Shared(alone)
    assert len(ask_together(shared, tmp_path, pictures(3))) == 3
    assert shared.calls == [1, 1, 1]


def test_pictures_of_two_sizes_do_not_share_a_batch(shared, tmp_path):
    results = ask_together(shared, tmp_path, [*pictures(2), *pictures(2, side=8)])
    assert [result.shape[-1] for result in results] == [16, 16, 8, 8]
    assert shared.calls == [2, 2]


def test_a_run_is_charged_its_part_of_the_batch(shared, tmp_path):
    run = shared.run(tmp_path, user="7")
    run.batch("tiny", pictures(1)[0])
    assert run.device_seconds > 0
    assert shared.lease.device_seconds("7") == pytest.approx(run.device_seconds)


def test_a_run_that_waits_for_its_batch_can_be_cancelled(shared, tmp_path):
    def cancel(*step):
        raise Cancelled

    run = shared.run(tmp_path, checkpoint=cancel)
    with shared.lease.hold(Rank()), pytest.raises(Cancelled):
        run.batch("tiny", pictures(1)[0])
    assert shared.batcher.waiting("interactive") == 0
    assert shared.host.evict_unpinned() == 1


def test_a_model_in_a_running_batch_is_not_evicted_by_a_cancel(shared, tmp_path, threads):
    gate, asked_to_stop = Gate(), threading.Event()
    shared.network.register_forward_pre_hook(lambda *_: gate())

    def cancel(*step):
        assert gate.entered.wait(PATIENCE_SECONDS)
        asked_to_stop.set()
        raise Cancelled

    def ask():
        with pytest.raises(Cancelled):
            shared.run(tmp_path, checkpoint=cancel).batch("tiny", pictures(1)[0])

    threads.start(ask)
    assert asked_to_stop.wait(PATIENCE_SECONDS)
    assert shared.host.evict_unpinned() == 0
    gate.may_go_on.set()
    threads.join()
    assert shared.host.evict_unpinned() == 1


def test_a_batch_is_asked_for_without_holding_the_device(shared, tmp_path):
    run = shared.run(tmp_path)
    with run.device(), pytest.raises(RuntimeError, match="before the device"):
        run.batch("tiny", pictures(1)[0])


def test_a_long_run_of_another_lets_a_batch_through_at_its_next_step(shared, tmp_path, threads):
    order = []
    long_run = shared.run(tmp_path, lane="batch", user="long")
    shared.network.register_forward_hook(lambda *_: order.append("batch of two"))

    def ask(number):
        shared.run(tmp_path, user=str(number)).batch("tiny", pictures(1)[0])

    with long_run.device():
        order.append("tile")
        for number in range(2):
            threads.start(lambda number=number: ask(number))
        until(lambda: shared.batcher.waiting("interactive") == 2)
        until_waiting(shared.lease, 1)
        long_run.step("tiles", 1, 2)
        order.append("tile")
    threads.join()
    assert order == ["tile", "batch of two", "tile"]
    assert shared.calls == [2]


def test_the_payloads_of_one_run_share_batches_and_keep_their_order(shared, tmp_path):
    mine = pictures(6)
    with torch.inference_mode():
        alone = [shared.network(picture[None])[0] for picture in mine]
    shared.calls.clear()
    told = []
    run = shared.run(tmp_path, user="7")
    together = run.batch_all("tiny", mine, finished=told.append)
    assert shared.calls == [4, 2]
    assert told == [1, 2, 3, 4, 5, 6]
    for one, other in zip(together, alone, strict=True):
        assert float((one - other).abs().max()) <= BATCHING.tolerance
    assert shared.lease.device_seconds("7") == pytest.approx(run.device_seconds)


def test_a_run_that_gives_up_one_payload_gives_up_all_and_leaves_the_model(shared, tmp_path):
    def stop(count):
        raise Cancelled

    with pytest.raises(Cancelled):
        shared.run(tmp_path).batch_all("tiny", pictures(9), finished=stop)
    assert shared.batcher.waiting("interactive") == 0
    assert shared.host.evict_unpinned() == 1


def test_a_long_list_does_not_fill_the_queue(shared, tmp_path):
    most = []
    run = shared.run(tmp_path)
    shared.network.register_forward_pre_hook(
        lambda *_: most.append(shared.batcher.waiting("interactive"))
    )
    assert len(run.batch_all("tiny", pictures(AT_ONCE + 8))) == AT_ONCE + 8
    assert max(most) < AT_ONCE
