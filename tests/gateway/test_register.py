"""Registration with the gateway: the exact body, retries, nothing secret left behind."""

from __future__ import annotations

import json
import logging
import random
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from project.gateway.checks import check_gateway
from project.gateway.models import GatewayAttempt
from project.gateway.prune import prune_attempts
from project.gateway.register import Gateway, Means, register_with_gateway, wait_until_ready
from project.supervisor import stack
from tests.factories import UserFactory
from tests.outbound.receiver import receiving

pytestmark = pytest.mark.django_db

SECRET = "canary-of-the-gateway"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Middle(random.Random):
    """No jitter."""

    def uniform(self, low, high):
        return (low + high) / 2


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def means(pauses):
    return Means(sleep=pauses.append, now=lambda: NOON, rng=Middle())


def gateway(server, **changes):
    facts = {"port": 8000, "secret": SECRET, "ip": "203.0.113.7", **changes}
    return Gateway(url=f"http://127.0.0.1:{server.port}/register", **facts)


def test_the_body_is_exactly_address_port_and_secret(means, pauses):
    with receiving(201) as server:
        attempt = register_with_gateway(gateway(server), attempts=3, means=means)
    [(path, headers, body)] = server.requests
    assert (path, headers["Content-Type"]) == ("/register", "application/json")
    assert json.loads(body) == {"ip": "203.0.113.7", "port": 8000, "secret": SECRET}
    assert (attempt.is_success, attempt.status_code, pauses) == (True, 201, [])


def test_a_gateway_that_refuses_is_asked_again_with_doubling_pauses(means, pauses):
    with receiving(503, 401, 200) as server:
        attempt = register_with_gateway(gateway(server), attempts=10, means=means)
    assert (attempt.is_success, attempt.number, pauses) == (True, 3, [2.0, 4.0])
    assert len({body for _path, _headers, body in server.requests}) == 1
    rows = GatewayAttempt.objects.order_by("number")
    assert list(rows.values_list("number", "status_code", "error_code")) == [
        (1, 503, "status_refused"),
        (2, 401, "status_refused"),
        (3, 200, ""),
    ]


def test_it_gives_up_after_its_attempts_and_never_waits_longer_than_five_minutes(means, pauses):
    with receiving(500) as server:
        attempt = register_with_gateway(gateway(server), attempts=10, means=means)
    assert (attempt.is_success, len(server.requests)) == (False, 10)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_the_address_is_found_by_the_first_service_that_tells_it(means):
    with (
        receiving((500, {}, b"198.51.100.1")) as broken,
        receiving((200, {}, b"<html>not an address</html>")) as page,
        receiving((200, {}, b'{"ip": "198.51.100.9"}\n')) as good,
        receiving((200, {}, b"198.51.100.66")) as spare,
        receiving() as server,
    ):
        services = [f"http://127.0.0.1:{s.port}/" for s in (broken, page, good, spare)]
        attempt = register_with_gateway(
            gateway(server, ip="", ip_services=services), attempts=1, means=means
        )
    assert (attempt.ip, json.loads(server.requests[0][2])["ip"]) == ("198.51.100.9",) * 2
    assert (len(broken.requests), len(good.requests), spare.requests) == (1, 1, [])
    assert broken.requests[0][2] == good.requests[0][2] == b""  # they learn no secret


def test_an_address_that_nobody_tells_is_asked_for_again(means, pauses):
    with (
        receiving((200, {}, b"?"), (200, {}, b" 2001:db8::7 \n")) as service,
        receiving() as server,
    ):
        attempt = register_with_gateway(
            gateway(server, ip="", ip_services=[f"http://127.0.0.1:{service.port}/"]),
            attempts=2,
            means=means,
        )
    assert (attempt.ip, attempt.number, pauses) == ("2001:db8::7", 2, [2.0])
    assert GatewayAttempt.objects.get(number=1).error_code == "ip_unknown"


def test_every_attempt_is_logged_and_the_secret_nowhere(means, caplog, client):
    """Also when the gateway sends it back."""
    caplog.set_level(logging.DEBUG)
    with receiving((403, {}, f"bad secret {SECRET}!".encode()), (200, {}, b"hi")) as server:
        told = gateway(server)
        register_with_gateway(told, attempts=2, means=means)
    lines = [r.getMessage() for r in caplog.records if r.name == "project.gateway.register"]
    assert len(lines) == 2 and "status_refused" in lines[0] and "203.0.113.7" in lines[1]
    operator = UserFactory(role="operator")
    operator.is_staff = True
    operator.save()
    client.force_login(operator)
    page = client.get("/admin/gateway/gatewayattempt/").content.decode()
    assert page.count("203.0.113.7") == 2
    first = GatewayAttempt.objects.get(number=1)
    detail = client.get(f"/admin/gateway/gatewayattempt/{first.pk}/change/").content.decode()
    assert "***" in detail
    rows = str(list(GatewayAttempt.objects.values()))
    assert [SECRET in text for text in (caplog.text, page, detail, rows, repr(told))] == [False] * 5


def test_nothing_is_told_before_the_site_is_ready(pauses):
    answers = iter(["/readyz answers 503", "no answer yet", ""])
    assert wait_until_ready(lambda: next(answers), seconds=10, sleep=pauses.append) == ""
    assert pauses == [1.0, 1.0]
    assert wait_until_ready(lambda: "no worker", seconds=3, sleep=pauses.append) == "no worker"


def test_it_is_off_by_default(settings):
    assert settings.GATEWAY_URL == ""
    with pytest.raises(CommandError, match="Registration is off"):
        call_command("register_gateway")
    assert GatewayAttempt.objects.count() == 0


def test_the_command_takes_port_and_secret_from_the_settings(settings, capsys):
    with receiving((200, {}, b"{}")) as site, receiving(200) as server:
        settings.GATEWAY_URL = f"http://127.0.0.1:{server.port}/register"
        settings.GATEWAY_SECRET = SECRET
        settings.GATEWAY_IP = "203.0.113.7"
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        for port in (0, 443):
            settings.GATEWAY_PORT = port
            call_command("register_gateway", url=f"http://127.0.0.1:{site.port}")
    assert {path for path, _headers, _body in site.requests} == {"/readyz"}
    assert [json.loads(body)["port"] for _path, _headers, body in server.requests] == [
        site.port,
        443,
    ]
    assert SECRET not in capsys.readouterr().out


def test_a_gateway_that_stays_silent_ends_the_command_with_an_error(settings):
    with receiving((200, {}, b"{}")) as site, receiving(500) as server:
        settings.GATEWAY_URL = f"http://127.0.0.1:{server.port}/"
        settings.GATEWAY_SECRET, settings.GATEWAY_IP = SECRET, "203.0.113.7"
        settings.GATEWAY_ATTEMPTS = 1
        with pytest.raises(CommandError, match="in vain: status_refused") as failure:
            call_command("register_gateway", url=f"http://127.0.0.1:{site.port}")
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize("url", ["", "https://gateway.example.org/register"])
def test_up_registers_once_it_is_ready_and_only_when_set_up(settings, tmp_path, url):
    settings.GATEWAY_URL = url
    settings.VAR_DIR = tmp_path
    started = []
    hooks = stack.StackHooks(
        after_migrate=lambda: None, when_ready=lambda address: None, before_stop=lambda: None
    )
    running = stack.Stack(stack.StackOptions(), hooks, SimpleNamespace(write=lambda *a: None))
    running._url = "http://127.0.0.1:8000"
    running._supervisor = SimpleNamespace(start=started.append, children=list)
    running._become_ready()
    assert [spec.name for spec in started] == (["gateway"] if url else [])
    for spec in started:
        assert spec.once and spec.argv[2:] == ("register_gateway", "--url", "http://127.0.0.1:8000")
        assert SECRET not in " ".join(spec.argv)  # other users see the arguments of a process


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"GATEWAY_URL": ""}, []),
        ({}, []),
        ({"GATEWAY_SECRET": ""}, ["omnilens.E012"]),
        ({"GATEWAY_IP": ""}, ["omnilens.E013"]),
        ({"GATEWAY_IP": "", "GATEWAY_IP_SERVICES": ["https://ip.example.org/"]}, []),
        ({"GATEWAY_URL": "http://gateway.example.org/"}, ["omnilens.W014"]),
    ],
)
def test_a_gateway_that_is_half_set_up_is_said_so_before_the_start(settings, changes, found):
    whole = {
        "GATEWAY_URL": "https://gateway.example.org/register",
        "GATEWAY_SECRET": SECRET,
        "GATEWAY_IP": "203.0.113.7",
    }
    for name, value in {**whole, **changes}.items():
        setattr(settings, name, value)
    assert [message.id for message in check_gateway(None)] == found


def test_attempts_are_kept_for_ninety_days(means):
    with receiving() as server:
        register_with_gateway(gateway(server), attempts=1, means=means)
    assert prune_attempts(now=NOON.replace(year=2027, month=1)) == 0
    assert prune_attempts(now=NOON.replace(year=2027, month=3)) == 1
