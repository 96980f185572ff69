"""Models that a worker loads before its first job: each once, and never in vain for ever."""

from __future__ import annotations

import pytest

from project.inference.errors import ModelUnavailable, OutOfMemory
from project.jobs.preload import Preload


class Host:
    """Knows which weights are missing and what is loaded."""

    def __init__(self):
        self.missing = {}
        self.loaded = set()

    def missing_weights(self, name):
        if name == "nonsense":
            raise ModelUnavailable("no model is registered as 'nonsense'")
        return self.missing.get(name, [])

    def is_loaded(self, name):
        return name in self.loaded


class Warm:
    """Notes the names and fails as told."""

    def __init__(self, host):
        self.host, self.calls, self.errors = host, [], {}

    def __call__(self, name):
        self.calls.append(name)
        if name in self.errors:
            raise self.errors[name]
        self.host.loaded.add(name)


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def warm(host):
    return Warm(host)


def preload_of(host, warm, *names):
    return Preload(names, host=host, warm=warm)


def test_every_named_model_is_warmed_up_once(host, warm):
    preload = preload_of(host, warm, "a", "b", "a")
    assert not preload.has_run
    preload.run()
    preload.run()
    assert (warm.calls, preload.has_run, preload.trouble) == (["a", "b"], True, "")


def test_a_failed_preload_is_told_and_not_tried_again(host, warm, caplog):
    warm.errors = {"a": OutOfMemory("a needs 9 bytes")}
    preload = preload_of(host, warm, "a", "b")
    for _ in range(3):
        preload.run()
    assert warm.calls == ["a", "b"]
    assert preload.trouble == "a: out_of_memory: a needs 9 bytes"
    assert [record.message for record in caplog.records] == [
        "a is not preloaded: out_of_memory: a needs 9 bytes"
    ]


def test_a_model_without_weights_waits_for_them_and_is_told_once(host, warm, caplog):
    host.missing = {"a": ["a.bin"]}
    preload = preload_of(host, warm, "a")
    for _ in range(3):
        preload.run()
    assert (warm.calls, preload.has_run) == ([], True)
    assert preload.trouble == "a: weights a.bin are not on disk"
    assert len(caplog.records) == 1
    host.missing = {}
    preload.run()
    preload.run()
    assert (warm.calls, preload.trouble) == (["a"], "")


def test_a_model_that_a_job_loaded_meanwhile_is_no_trouble_any_more(host, warm):
    warm.errors = {"a": OutOfMemory("no room")}
    preload = preload_of(host, warm, "a")
    preload.run()
    host.loaded.add("a")
    assert preload.trouble == ""
    host.loaded.clear()
    assert preload.trouble == "", "it was evicted since: that is how a budget works"


def test_an_unknown_name_is_told(host, warm):
    warm.errors = {"nonsense": ModelUnavailable("no model is registered as 'nonsense'")}
    preload = preload_of(host, warm, "nonsense")
    preload.run()
    assert "no model is registered" in preload.trouble


def test_a_failed_device_is_not_mistaken_for_a_failed_model(host, warm):
    failure = ModelUnavailable("loading a")
    failure.__cause__ = RuntimeError("CUDA error: an illegal memory access was encountered")
    warm.errors = {"a": failure}
    with pytest.raises(ModelUnavailable):
        preload_of(host, warm, "a").run()
