"""Request rates hold across threads, and an outage of their store does the right thing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisGone
from rest_framework.test import APIRequestFactory, force_authenticate

from project.api.throttling import WindowThrottle, _increment, parse_rate
from tests.api.probes import Echo
from tests.factories import UserFactory

RATES = {"anon": "3/min", "user": "5/min", "submit": "2/min", "login": "2/min", "tickets": "2/min"}


@pytest.fixture
def rates(settings, monkeypatch):
    """Small rates and a clock that stands 15 seconds into a minute."""
    cache.clear()
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": RATES}
    clock = {"now": 1_800_000_015.0}
    monkeypatch.setattr(WindowThrottle, "timer", staticmethod(lambda: clock["now"]))
    return clock


def test_the_fourth_anonymous_request_waits_for_the_next_minute(api, rates):
    answers = [api.get("/api/probe/echo/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "throttled"
    assert answers[3]["Retry-After"] == "45"
    rates["now"] += 45
    assert api.get("/api/probe/echo/").status_code == 200


def test_the_headers_tell_what_is_left_of_the_tightest_rate(api, rates):
    answer = api.post("/api/probe/echo/", {"name": "a"})
    told = {name: answer[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")}
    assert told == {"Limit": "2", "Remaining": "1", "Reset": "45"}


def test_a_scope_counts_changes_and_not_reads(api, rates):
    assert [api.get("/api/probe/echo/").status_code for _ in range(3)] == [200] * 3
    rates["now"] += 60
    posted = [api.post("/api/probe/echo/", {"name": "a"}).status_code for _ in range(3)]
    assert posted == [200, 200, 429]


def test_users_do_not_share_a_counter(db, rates):
    view, factory = Echo.as_view(), APIRequestFactory()

    def ask(user):
        request = factory.get("/")
        force_authenticate(request, user)
        return view(request).status_code

    first, second = UserFactory(), UserFactory()
    assert [ask(first) for _ in range(6)] == [200] * 5 + [429]
    assert ask(second) == 200


def test_a_forged_forwarding_header_buys_no_new_counter(api, rates):
    answers = [
        api.get("/api/probe/echo/", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code
        for n in range(4)
    ]
    assert answers == [200, 200, 200, 429]


def test_behind_a_trusted_proxy_each_client_has_its_counter(api, rates, settings):
    settings.TRUSTED_PROXIES = 1
    answers = [
        api.get(
            "/api/probe/echo/", headers={"x-forwarded-for": f"6.6.6.6, 203.0.113.{n}"}
        ).status_code
        for n in range(4)
    ]
    assert answers == [200] * 4


def test_parallel_requests_are_all_counted():
    cache.clear()
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: _increment("throttle:test", 60), range(64)))
    assert sorted(counts) == list(range(1, 65))


def test_without_redis_reads_pass_and_sign_ins_are_refused(api, rates, monkeypatch):
    def gone(*args, **kwargs):
        raise RedisGone("down")

    monkeypatch.setattr("project.api.throttling._increment", gone)
    assert api.get("/api/probe/echo/").status_code == 200
    assert api.post("/api/probe/echo/", {"name": "a"}).status_code == 200
    refused = api.post("/api/probe/login/")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused["Retry-After"]


def test_the_rates_are_those_of_the_contract():
    from project.settings.http import REST_FRAMEWORK

    assert REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] == {
        "anon": "100/min", "user": "600/min", "submit": "30/min", "login": "5/min", "tickets": "30/min",
        "export": "60/min",
    }  # fmt: skip
    assert [parse_rate(rate) for rate in ("30/min", "5/s", "2/day")] == [
        (30, 60),
        (5, 1),
        (2, 86400),
    ]
