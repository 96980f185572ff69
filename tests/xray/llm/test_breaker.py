"""Three failures leave a server alone for a minute, in every process; one call finds it back."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from xray.reports.llm.breaker import Breaker, MemoryBreakerStore
from xray.reports.llm.errors import LlmError
from xray.services.llm_breaker import CacheBreakerStore


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture(params=["memory", "cache"])
def store(request):
    if request.param == "memory":
        return MemoryBreakerStore()
    cache.clear()
    return CacheBreakerStore("test")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(store, clock):
    return Breaker(store, clock=clock)


def call(breaker, code=""):
    """One call that ends with `code`; what the caller sees."""
    try:
        with breaker.guard():
            if code:
                raise LlmError(code)
    except LlmError as error:
        return error.code
    return "well"


def test_breaker_opens_and_closes(breaker, clock):
    assert [call(breaker, "llm_timeout") for _ in range(3)] == ["llm_timeout"] * 3
    assert (call(breaker), breaker.is_open) == ("llm_busy", True)
    clock.now += 59
    assert call(breaker) == "llm_busy"
    clock.now += 1
    assert (call(breaker), call(breaker), breaker.is_open) == ("well", "well", False)


def test_a_failure_after_the_pause_opens_again_at_once(breaker, clock):
    for _ in range(3):
        call(breaker, "llm_unavailable")
    clock.now += 60
    assert call(breaker, "llm_unavailable") == "llm_unavailable"
    assert call(breaker) == "llm_busy"


def test_only_one_call_tries_whether_the_server_is_back(breaker, clock):
    for _ in range(3):
        call(breaker, "llm_timeout")
    clock.now += 60
    with breaker.guard():
        assert call(breaker) == "llm_busy"
    assert call(breaker) == "well"


def test_a_cancelled_trial_lets_the_next_one_try(breaker, clock):
    for _ in range(3):
        call(breaker, "llm_timeout")
    clock.now += 60
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    assert call(breaker) == "well"


def test_a_success_in_between_starts_the_count_afresh(breaker):
    for code in ("llm_timeout", "llm_timeout", "", "llm_timeout", "llm_timeout"):
        call(breaker, code)
    assert not breaker.is_open


def test_what_is_not_the_servers_fault_does_not_count(breaker):
    for code in ("llm_model_missing", "llm_host_refused", "llm_rejected") * 3:
        call(breaker, code)
    assert not breaker.is_open


def test_processes_share_what_they_saw(clock):
    """Two breakers over one cache stand for two processes."""
    cache.clear()
    here, there = (Breaker(CacheBreakerStore("shared"), clock=clock) for _ in range(2))
    call(here, "llm_timeout")
    call(there, "llm_timeout")
    call(here, "llm_timeout")
    assert call(there) == "llm_busy"
    assert not Breaker(CacheBreakerStore("other"), clock=clock).is_open
