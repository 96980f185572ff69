"""LlmServer rows for tests: loopback allowed, limits of a fraction of a second."""

from __future__ import annotations

from project.outbound.allow_list import AllowList
from project.outbound.policy import OutboundPolicy
from tests.xray.llm.fake_server import MODEL
from xray.reports.llm.breaker import Breaker, MemoryBreakerStore
from xray.reports.llm.server import LlmLimits, LlmServer

QUICK = LlmLimits(connect_seconds=1, first_seconds=0.3, seconds=0.6, look_seconds=0.3)
PATIENT = LlmLimits(connect_seconds=5, first_seconds=30, seconds=60, look_seconds=30)


def policy_for(*entries):
    return OutboundPolicy(
        schemes=frozenset({"http", "https"}), allowed=AllowList.parse(entries), only_listed=True
    )


def server_for(fake, *, kind="ollama", limits=PATIENT, store=None, clock=lambda: 0.0, **more):
    """What the writer would be given for the fake server."""
    given = {
        "base_url": fake.url,
        "model": MODEL,
        "policy": policy_for(f"127.0.0.1:{fake.port}"),
        "breaker": Breaker(store or MemoryBreakerStore(), clock=clock),
        **more,
    }
    return LlmServer(kind=kind, limits=limits, **given)
