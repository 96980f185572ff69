"""An answer read as it comes: guarded like any call, bounded in every direction, stoppable."""

from __future__ import annotations

import socket
import threading

import pytest

from project.outbound.allow_list import AllowList
from project.outbound.errors import Failed, Refused
from project.outbound.policy import OutboundPolicy
from project.outbound.stream import StreamLimits, stream
from tests.outbound.receiver import receiving

QUICK = StreamLimits(
    connect_seconds=1, first_seconds=0.2, seconds=0.4, answer_bytes=1000, tick_seconds=0.01
)


def policy_for(port, *hosts, **more):
    entries = [f"{host}:{port}" for host in (*hosts, "127.0.0.1")]
    schemes = frozenset({"http", "https"})
    return OutboundPolicy(schemes=schemes, allowed=AllowList.parse(entries), **more)


def chunked(handler, *chunks):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for chunk in chunks:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))


def ended(*chunks):
    def answer(handler):
        chunked(handler, *chunks, b"")

    return answer


class Held:
    """Sends a first piece, then keeps the line open until the test ends, or the client leaves."""

    def __init__(self, *chunks):
        self.chunks = chunks
        self.let_go = threading.Event()
        self.saw_the_client_leave = threading.Event()

    def __call__(self, handler):
        if self.chunks:
            chunked(handler, *self.chunks)
        handler.connection.settimeout(0.02)
        while not self.let_go.is_set():
            try:
                if not handler.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.saw_the_client_leave.set()


def ask(server, *, limits=QUICK, **more):
    url = f"http://127.0.0.1:{server.port}/chat"
    return stream("POST", url, policy=policy_for(server.port), limits=limits, body=b"{}", **more)


def test_pieces_come_in_order_and_the_request_is_sent_as_given():
    with receiving(ended(b"one", b"two")) as server:
        with ask(server, headers={"X-Probe": "1"}) as answer:
            assert (answer.status, b"".join(answer.pieces())) == (200, b"onetwo")
        [(path, headers, body)] = server.requests
    assert (path, headers["X-Probe"], body) == ("/chat", "1", b"{}")


def test_a_piece_is_handed_on_before_the_answer_ends():
    held = Held(b"first")
    with receiving(held) as server:
        with ask(server) as answer:
            assert next(answer.pieces()) == b"first"
        assert held.saw_the_client_leave.wait(5)


def test_nothing_useful_in_time_is_a_timeout_though_bytes_come():
    held = Held(b"\n")
    with receiving(held) as server:
        with pytest.raises(Failed, match="timeout"), ask(server) as answer:
            list(answer.pieces())
        assert held.saw_the_client_leave.wait(5)


class Clock:
    """Stands still until `step` is set; then each look moves it."""

    now = 0.0
    step = 0.0

    def __call__(self):
        self.now += self.step
        return self.now


def test_after_something_useful_only_the_limit_of_the_whole_holds():
    clock = Clock()
    limits = StreamLimits(first_seconds=20, seconds=90, tick_seconds=0.001)
    with (
        receiving(Held(b"first")) as server,
        pytest.raises(Failed, match="timeout"),
        ask(server, limits=limits, clock=clock) as answer,
    ):
        pieces = answer.pieces()
        assert next(pieces) == b"first"
        answer.arrived()
        clock.now, clock.step = 30.0, 1.0
        next(pieces)
    assert clock.now == 90.0


def test_a_silent_server_is_a_timeout():
    held = Held()
    with receiving(held) as server:
        with pytest.raises(Failed, match="timeout"), ask(server):
            pytest.fail("an answer came")
        assert held.saw_the_client_leave.wait(5)


def test_a_name_server_that_hangs_holds_nobody():
    let_go = threading.Event()
    try:
        with (
            pytest.raises(Failed, match="timeout"),
            stream(
                "GET",
                "http://models.invalid:8080/",
                policy=policy_for(8080, "models.invalid"),
                limits=QUICK,
                resolver=lambda host, port: ["127.0.0.1"] if let_go.wait(10) else [],
            ),
        ):
            pytest.fail("an answer came")
    finally:
        let_go.set()


def test_the_check_ends_the_exchange_while_nothing_comes():
    class Stopped(Exception):
        pass

    asked = []

    def check():
        asked.append(1)
        if len(asked) > 3:
            raise Stopped

    held = Held()
    limits = StreamLimits(first_seconds=60, seconds=60, tick_seconds=0.01)
    with receiving(held) as server:
        with pytest.raises(Stopped), ask(server, limits=limits, check=check):
            pytest.fail("an answer came")
        assert held.saw_the_client_leave.wait(5)


def test_an_answer_over_the_limit_is_a_failure_and_not_cut_short_silently():
    with (
        receiving(ended(b"x" * 600, b"x" * 600)) as server,
        pytest.raises(Failed, match="answer_too_large"),
        ask(server) as answer,
    ):
        list(answer.pieces())


def test_an_answer_at_the_limit_is_whole():
    with receiving(ended(b"x" * 1000)) as server, ask(server) as answer:
        assert len(b"".join(answer.pieces())) == 1000


def hang_up_midway(handler):
    chunked(handler, b"part")
    handler.wfile.write(b"ff\r\nhalf")
    handler.connection.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_ends_within_a_piece_is_a_failure():
    with (
        receiving(hang_up_midway) as server,
        pytest.raises(Failed, match="IncompleteRead"),
        ask(server) as answer,
    ):
        list(answer.pieces())


def test_a_redirect_is_an_answer_and_is_not_followed():
    with receiving() as inside, receiving() as server:
        server.answers = [(307, {"Location": f"http://127.0.0.1:{inside.port}/secret"}, b"")]
        with ask(server) as answer:
            assert answer.status == 307
    assert inside.requests == []


def test_a_closed_port_is_a_failed_connection():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        with (
            pytest.raises(Failed) as failure,
            stream("GET", url, policy=policy_for(port), limits=QUICK),
        ):
            pytest.fail("an answer came")
    assert failure.value.code == "connection_failed"


@pytest.mark.parametrize("found", [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["169.254.169.254"]])
def test_a_refused_address_is_never_connected_to(monkeypatch, found):
    monkeypatch.setattr(socket, "create_connection", lambda *args: pytest.fail("connected"))
    with (
        pytest.raises(Refused, match="address_refused"),
        stream(
            "GET",
            "http://models.example.org:8080/",
            policy=policy_for(8080),
            limits=QUICK,
            resolver=lambda host, port: found,
        ),
    ):
        pytest.fail("an answer came")


class TestOnlyListed:
    """The policy of language models: the public internet is closed too."""

    def policy(self, *entries):
        allowed = AllowList.parse(entries)
        return OutboundPolicy(schemes=frozenset({"http"}), allowed=allowed, only_listed=True)

    @pytest.mark.parametrize("url", ["http://93.184.215.14/", "http://api.example.org/"])
    def test_a_public_host_is_refused_unless_it_is_listed(self, url):
        for allowed in ([], ["10.0.0.0/8"], ["other.example.org"]):
            policy = self.policy(*allowed)
            with pytest.raises(Refused, match="address_refused"):
                policy.vetted_addresses(policy.check(url), lambda host, port: ["93.184.215.14"])

    @pytest.mark.parametrize(
        ("entry", "url", "found"),
        [
            ("api.example.org", "http://api.example.org/", "93.184.215.14"),
            ("93.184.215.14", "http://93.184.215.14/", "93.184.215.14"),
            ("ollama:11434", "http://ollama:11434/", "172.18.0.2"),
            ("10.0.0.0/8", "http://models.internal/", "10.1.2.3"),
        ],
    )
    def test_what_is_listed_may_be_called(self, entry, url, found):
        policy = self.policy(entry)
        addresses = policy.vetted_addresses(policy.check(url), lambda host, port: [found])
        assert [str(address) for address in addresses] == [found]

    def test_a_listed_name_on_another_port_is_refused(self):
        with pytest.raises(Refused, match="port_refused"):
            self.policy("ollama:11434").check("http://ollama:6379/")

    def test_a_listed_name_that_leads_to_metadata_is_refused(self):
        policy = self.policy("ollama:11434")
        target = policy.check("http://ollama:11434/")
        with pytest.raises(Refused, match="address_refused"):
            policy.vetted_addresses(target, lambda host, port: ["169.254.169.254"])
