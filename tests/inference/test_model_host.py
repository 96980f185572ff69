"""The model host: one load, pins that hold, a budget that is kept."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import Cancelled, ModelInUse, ModelUnavailable, OutOfMemory
from project.inference.memory_budget import MemoryBudget, device_budget
from project.inference.model_host import ModelHost
from tests.inference.fakes import (
    PATIENCE_SECONDS,
    Clock,
    FakeLoads,
    place_on_cpu,
    spec_of,
    until,
)

NAMES = ("a", "b", "c", "d")


def host_with(loads, *, total=100, estimates=None, **options):
    specs = {name: spec_of(name, vram_estimate=(estimates or {}).get(name, 40)) for name in NAMES}
    return ModelHost(
        store=None,
        place=place_on_cpu,
        budget=MemoryBudget(total),
        load=loads,
        specs=specs.__getitem__,
        poll_seconds=0.001,
        **options,
    )


def use(host, name, **options):
    with host.use(name, **options) as model:
        return model


def test_two_requests_cause_one_load(threads):
    loads, waiting = FakeLoads(), threading.Event()
    loads.gate = threading.Event()
    host, seen = host_with(loads), []
    threads.start(lambda: seen.append(use(host, "a")))
    assert loads.entered.wait(PATIENCE_SECONDS)
    for _ in range(7):
        threads.start(lambda: seen.append(use(host, "a", waiting=waiting.set)))
    assert waiting.wait(PATIENCE_SECONDS)
    assert seen == []
    loads.gate.set()
    threads.join()
    assert loads.calls == ["a"]
    assert len(seen) == 8
    assert len({id(model.network) for model in seen}) == 1


def test_a_model_tells_what_it_is():
    model = use(host_with(FakeLoads()), "a")
    shown = (model.name, model.version, model.sha256, model.dtype, model.device)
    assert shown == ("a", "1", "0" * 64, "float32", "cpu")
    assert model.channels_last is False


def test_a_warm_model_is_not_loaded_again():
    loads = FakeLoads()
    host = host_with(loads)
    host.warm("a")
    assert host.is_loaded("a")
    use(host, "a")
    assert loads.calls == ["a"]


def test_a_warm_model_runs_its_warm_up_again_alone_on_the_device():
    log = []

    @contextmanager
    def exclusive():
        log.append("enter")
        yield
        log.append("leave")

    loads = FakeLoads()
    host = host_with(loads, warm_up=lambda network, spec, placement: log.append(spec.name))
    host.warm("a", exclusive=exclusive)
    assert log == ["enter", "leave"], "the load warms up by itself"
    host.warm("a", exclusive=exclusive)
    assert log[2:] == ["enter", "a", "leave"]
    assert loads.calls == ["a"]


def test_a_model_in_use_is_not_unloaded():
    host = host_with(FakeLoads())
    with host.use("a"), pytest.raises(ModelInUse, match="a is in use by 1 run"):
        host.unload("a")
    assert host.is_loaded("a")
    assert host.unload("a") == 40
    assert host.loaded() == {}
    assert host.unload("a") == 0, "what is not loaded is as it was asked to be"


def test_a_model_that_is_loading_is_not_unloaded(threads):
    loads = FakeLoads()
    loads.gate = threading.Event()
    host = host_with(loads)
    threads.start(lambda: use(host, "a"))
    assert loads.entered.wait(PATIENCE_SECONDS)
    with pytest.raises(ModelInUse):
        host.unload("a")
    loads.gate.set()
    threads.join()
    assert host.is_loaded("a")


def test_residents_say_who_holds_memory_and_since_when():
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    host = host_with(FakeLoads({"b": 30}), calendar=lambda: noon)
    host.warm("b")
    use(host, "a")
    with host.use("a"):
        first, second = host.residents()
    assert (first.name, first.version, first.dtype) == ("a", "1", "float32")
    assert (first.bytes, first.pins, first.last_used) == (40, 1, noon)
    assert (second.name, second.bytes, second.pins, second.last_used) == ("b", 30, 0, None)


def test_constructions_exclude_each_other(threads):
    running, overlaps = [], []
    loads = FakeLoads()

    def load(spec, store, placement):
        running.append(spec.name)
        if len(running) > 1:
            overlaps.append(tuple(running))
        threading.Event().wait(0.001)
        running.remove(spec.name)
        return loads(spec, store, placement)

    host = host_with(load, total=1000)
    for name in NAMES:
        threads.start(lambda n=name: use(host, n))
    threads.join()
    assert sorted(loads.calls) == list(NAMES)
    assert overlaps == []


def test_a_construction_runs_inside_the_exclusive_section():
    log = []

    @contextmanager
    def exclusive():
        log.append("enter")
        yield
        log.append("leave")

    loads = FakeLoads()
    host = host_with(lambda *arguments: (log.append("load"), loads(*arguments))[1])
    use(host, "a", exclusive=exclusive)
    use(host, "a", exclusive=exclusive)
    assert log == ["enter", "load", "leave"]


def test_the_least_recently_used_model_makes_room():
    clock = Clock()
    loads = FakeLoads()
    host = host_with(loads, clock=clock)
    for name in ("a", "b", "a"):
        clock.now += 1
        use(host, name)
    use(host, "c")
    assert set(host.loaded()) == {"a", "c"}
    assert loads.calls == ["a", "b", "c"]


def test_a_pinned_model_is_never_evicted():
    host = host_with(FakeLoads())
    with host.use("a") as model:
        use(host, "b")
        use(host, "c")
        use(host, "d")
        assert host.evict_unpinned() == 1
        assert set(host.loaded()) == {"a"}
        assert use(host, "a").network is model.network
        with host.use("b"), pytest.raises(OutOfMemory, match="models in use leave 20"):
            use(host, "c")
    assert set(host.loaded()) == {"a", "b"}


def test_a_run_waits_for_room_until_another_lets_go(threads):
    loads, waited = FakeLoads(), threading.Event()
    host = host_with(loads, total=50)
    with host.use("a"):
        threads.start(lambda: use(host, "b", waiting=waited.set))
        assert waited.wait(PATIENCE_SECONDS)
        assert loads.calls == ["a"]
    threads.join()
    assert set(host.loaded()) == {"b"}


def test_waiting_for_room_can_be_cancelled():
    host = host_with(FakeLoads(), total=50)

    def cancelled():
        raise Cancelled

    with host.use("a"):
        with pytest.raises(Cancelled):
            use(host, "b", waiting=cancelled)
        assert set(host.loaded()) == {"a"}
    use(host, "b")


def test_a_model_larger_than_the_device_is_refused_at_once():
    loads = FakeLoads()
    with pytest.raises(OutOfMemory, match="the budget is 30"):
        use(host_with(loads, total=30), "a", waiting=lambda: None)
    assert loads.calls == []


def test_the_measured_size_replaces_the_estimate():
    loads = FakeLoads({"a": 70, "b": 40})
    host = host_with(loads, estimates={"a": 10, "b": 40})
    use(host, "b")
    use(host, "a")
    assert host.loaded() == {"a": 70}


def test_a_model_that_outgrew_its_estimate_waits_for_its_real_size():
    loads = FakeLoads({"a": 70})
    host = host_with(loads, estimates={"a": 10})
    with host.use("b"):
        with pytest.raises(OutOfMemory, match="a needs 70 bytes"):
            use(host, "a")
        assert host.loaded() == {"b": 40}
    use(host, "a")
    assert host.loaded() == {"a": 70}


def test_a_failed_load_is_remembered_for_thirty_seconds():
    loads, clock = FakeLoads(), Clock()
    loads.failures = [ModelUnavailable("broken file")]
    host = host_with(loads, clock=clock)
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="broken file"):
            use(host, "a")
    assert loads.calls == ["a"]
    clock.now += 29.9
    with pytest.raises(ModelUnavailable):
        use(host, "a")
    clock.now += 0.1
    use(host, "a")
    assert loads.calls == ["a", "a"]


def test_a_failed_load_gives_its_room_back():
    loads = FakeLoads()
    loads.failures = [ModelUnavailable("broken file")]
    host = host_with(loads, total=50)
    with pytest.raises(ModelUnavailable):
        use(host, "a")
    assert host.loaded() == {}
    use(host, "b")


def test_all_who_wait_for_a_load_learn_that_it_failed(threads):
    loads, waiting, told = FakeLoads(), threading.Event(), []
    loads.gate, loads.failures = threading.Event(), [ModelUnavailable("broken file")]
    host = host_with(loads)

    def ask(**options):
        with pytest.raises(ModelUnavailable, match="broken file"):
            use(host, "a", **options)
        told.append(True)

    threads.start(ask)
    assert loads.entered.wait(PATIENCE_SECONDS)
    threads.start(lambda: ask(waiting=waiting.set))
    assert waiting.wait(PATIENCE_SECONDS)
    loads.gate.set()
    threads.join()
    assert (told, loads.calls) == ([True, True], ["a"])


def test_a_cancelled_loader_leaves_the_load_to_those_who_wait(threads):
    loads, waiting = FakeLoads(), threading.Event()
    loads.gate, loads.failures = threading.Event(), [Cancelled()]
    host = host_with(loads)

    def cancelled_owner():
        with pytest.raises(Cancelled):
            use(host, "a")

    threads.start(cancelled_owner)
    assert loads.entered.wait(PATIENCE_SECONDS)
    threads.start(lambda: use(host, "a", waiting=waiting.set))
    assert waiting.wait(PATIENCE_SECONDS)
    loads.gate.set()
    threads.join()
    assert loads.calls == ["a", "a"]
    assert host.is_loaded("a")


def test_whoever_waits_for_a_load_can_be_cancelled(threads):
    loads = FakeLoads()
    loads.gate = threading.Event()
    host = host_with(loads)
    threads.start(lambda: use(host, "a"))
    assert loads.entered.wait(PATIENCE_SECONDS)

    def cancelled():
        raise Cancelled

    with pytest.raises(Cancelled):
        use(host, "a", waiting=cancelled)
    loads.gate.set()
    threads.join()
    assert host.evict_unpinned() == 1


def test_a_load_that_runs_out_of_memory_is_tried_once_more_without_idle_models():
    loads = FakeLoads()
    host = host_with(loads)
    use(host, "b")
    loads.failures = [OutOfMemory("cuda")]
    use(host, "a")
    assert loads.calls == ["b", "a", "a"]
    assert set(host.loaded()) == {"a"}
    loads.failures = [OutOfMemory("cuda"), OutOfMemory("cuda again")]
    with pytest.raises(OutOfMemory, match="cuda again"):
        use(host, "c")
    use(host, "c")
    assert host.is_loaded("c")


def test_a_load_waits_for_the_device_and_keeps_kernels_out(threads):
    loads, lease, log = FakeLoads(), DeviceLease(), []
    host = host_with(lambda *arguments: (log.append("load"), loads(*arguments))[1])
    with lease.hold(Rank()):
        threads.start(lambda: use(host, "a", exclusive=lambda: lease.hold(Rank())))
        until(lambda: lease.waiters == 1)
        log.append("kernel")
    threads.join()
    assert log == ["kernel", "load"]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    sizes=st.fixed_dictionaries({name: st.integers(1, 120) for name in NAMES}),
    estimates=st.fixed_dictionaries({name: st.integers(1, 120) for name in NAMES}),
    actions=st.lists(st.tuples(st.sampled_from(("pin", "unpin", "use")), st.sampled_from(NAMES)), max_size=25),
)  # fmt: skip
def test_loaded_bytes_stay_within_budget(sizes, estimates, actions):
    loads = FakeLoads(sizes)
    host = host_with(loads, estimates=estimates, clock=Clock())
    pinned: dict[str, ExitStack] = {}
    for action, name in actions:
        if action == "unpin":
            if name in pinned:
                pinned.pop(name).close()
            continue
        with ExitStack() as stack:
            try:
                stack.enter_context(host.use(name))
            except OutOfMemory:
                assert name not in pinned
                continue
            if action == "pin" and name not in pinned:
                pinned[name] = stack.pop_all()
        booked = host.loaded()
        assert sum(booked.values()) <= 100
        assert all(booked[loaded] == sizes[loaded] for loaded in booked)
        assert set(pinned) <= set(booked)


def test_the_budget_is_a_share_of_what_is_free_or_less(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    assert device_budget("cpu", 0) == 900
    assert device_budget("cpu", 500) == 500
    assert device_budget("cpu", 5000) == 900


def test_a_cuda_budget_asks_the_device(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2000, 4000))
    assert device_budget("cuda:0", 0) == 1800


def test_a_budget_of_nothing_is_a_mistake():
    with pytest.raises(ValueError, match="positive"):
        MemoryBudget(0)
