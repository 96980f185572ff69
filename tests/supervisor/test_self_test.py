"""`doctor --self-test`: what does not work is found, named and ends with 1."""

import json
import socket
import struct
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from project.doctor import feed, self_test
from project.doctor.findings import Level, error, ok
from project.images import storage
from project.web.health.checks import Check

HERE = SimpleNamespace(VAR_DIR=None, EMBEDDED_REDIS=True, ALLOWED_HOSTS=["*"])


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    monkeypatch.setattr(self_test, "_rooms", [])
    monkeypatch.setattr(self_test.state, "read", lambda var: None)


def topics(findings):
    return [(finding.topic, finding.level) for finding in findings]


def test_a_storage_that_loses_what_it_was_given_is_an_error(monkeypatch, settings, tmp_path):
    assert self_test.examine_storage().level is Level.OK
    monkeypatch.setattr(storage, "read", lambda key: b"other")
    assert self_test.examine_storage().level is Level.ERROR
    monkeypatch.setattr(storage, "put", lambda key, content: (_ for _ in ()).throw(PermissionError))
    assert "PermissionError" in self_test.examine_storage().text


def test_what_was_not_asked_is_told_as_a_warning():
    assert topics(self_test.examine(HERE)) == [("storage", Level.OK), ("stack", Level.WARNING)]


def test_every_service_that_is_not_ready_is_an_error_with_its_reason(monkeypatch):
    checks = [Check(name="database", ok=True), Check(name="worker", ok=False, reason="no_worker")]
    monkeypatch.setattr(self_test, "readiness", lambda *, now: checks)
    found = list(self_test.examine_services(now=timezone.now()))
    assert topics(found) == [("database", Level.OK), ("worker", Level.ERROR)]
    assert "no_worker" in found[1].text
    assert found[1].repair


def room():
    """A room's own test that fails."""
    yield ok("network", "a works")
    yield error("network", "b gives another picture", "repair it")


def test_the_tests_of_the_rooms_are_run_and_an_error_ends_with_1(monkeypatch, capsys):
    self_test.register(f"{__name__}.room")
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", self_test=True, json=True)
    assert ended.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert [(f["topic"], f["level"]) for f in found] == [
        ("storage", "ok"), ("network", "ok"), ("network", "error"), ("stack", "warning"),
    ]  # fmt: skip


UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


@pytest.fixture
def server(monkeypatch):
    """A server that has said all that it will say; what it was asked."""
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(feed.socket, "create_connection", lambda address, timeout: ours)

    def saying(content):
        theirs.sendall(content)
        theirs.shutdown(socket.SHUT_WR)
        return theirs

    yield saying
    ours.close()
    theirs.close()


def look():
    return feed.first_message("http://127.0.0.1:1", ticket="once", host="site.example")


@pytest.mark.parametrize("letters", [3, 300, 70_000])
def test_a_first_message_of_any_length_is_read_whole(server, letters):
    text = json.dumps({"type": "snapshot", "jobs": "x" * letters}).encode()
    size = len(text)
    length = (
        bytes([size]) if size < 126
        else b"\x7e" + struct.pack(">H", size) if size < 65536
        else b"\x7f" + struct.pack(">Q", size)
    )  # fmt: skip
    peer = server(UPGRADED + b"\x81" + length + text)
    assert look()["jobs"] == "x" * letters
    asked = peer.recv(10_000).decode()
    assert "Host: site.example\r\n" in asked
    assert "Sec-WebSocket-Protocol: jobs.v1, ticket.once\r\n" in asked
    assert "once" not in asked.partition("\r\n")[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"),
        (b"", "no answer"),
        (UPGRADED, "the connection ended"),
        (UPGRADED + b"\x88\x02\x11\x31", "kind 8"),
        (UPGRADED + b"\x81\x7f" + struct.pack(">Q", 2**40), "a message of"),
    ],
)
def test_a_feed_that_does_not_open_says_what_it_answered(server, answer, reason):
    server(answer)
    with pytest.raises(feed.FeedRefused, match=reason):
        look()
